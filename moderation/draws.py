"""Messages drawn at random for a ruling: the only rulings that say something about a rate.

Whether a message is drawn depends on a secret seed and its key alone, so drawing again gives the same draw, and nobody can tell
beforehand. The probability with which it was drawn is kept: it is what makes an estimate unbiased.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from moderation.charter import Charter
from moderation.decisions import Ruled, Verdict
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.policy import Policy
from moderation.promise import THRESHOLDS, Drawn

DRAWN = "drawn:"
"""Begins what a ruling on a drawn message names; the occasion follows, then the message."""


class Occasion(StrEnum):
    """What a message was drawn for: it was flagged (the promise), or it was not (what was missed)."""

    FLAGGED = "flagged"
    NOT_FLAGGED = "not_flagged"


@dataclass(frozen=True, slots=True)
class Draw:
    """A message that was drawn.

    `label` and `score` are the verdict's: the likeliest label, and the probability that the message does not belong (of that label, where
    it was flagged). `probability` is that of being drawn, `least` the lowest that any message of its occasion had at that moment. Flagged
    messages of a day all have the same, so there the two are equal; of those that were not flagged, `least` is what a week's plan can be
    made of again (see moderation.audit_plan). `stratum` names the part of the messages that it was drawn from (empty where there is only
    one). `model` and `charter_version` say whose verdict it was: evidence about another one does not count.
    """

    key: MessageKey
    revision: int
    occasion: Occasion
    label: Label
    score: float
    probability: float
    least: float
    drawn_at: datetime
    model: str
    charter_version: str
    stratum: str = ""

    @property
    def subject(self) -> str:
        """What a ruling on it names."""
        return f"{DRAWN}{self.occasion}:{self.key.name}"


TRUTHS = {
    Ruled.FINE: Label.ON_TOPIC,
    Ruled.BELONGS_HERE: Label.ON_TOPIC,
    Ruled.CHATTER: Label.CHATTER,
    Ruled.PITCH: Label.PITCH,
    Ruled.REMOVE: Label.PITCH,
    Ruled.PROMOTE: Label.PITCH,
}
"""What a moderator's ruling says that a message is; NOT_NOW says nothing."""


def is_flagged(message: Message, verdict: Verdict, charter: Charter, policy: Policy) -> bool:
    """Whether a message is flagged by the laxest threshold, where it is not at home and by somebody who is not exempt.

    Of these the promise speaks: neither strictness nor what is known of the author changes who is among them.
    """
    label = verdict.label
    if verdict.abstained or label is Label.ON_TOPIC or policy.exempts(message.author):
        return False
    channel = charter.channel(message.key.channel, message.channel_name)
    if channel is not None and (channel.social if label is Label.CHATTER else channel.promotion_welcome):
        return False
    return verdict.probabilities.of(label) >= THRESHOLDS[-1]


def lot(seed: str, key: MessageKey, occasion: Occasion) -> float:
    """The number from 0 to 1 that decides: a message is drawn where it is below the probability of being drawn."""
    name = f"{seed}\n{occasion}\n{key.platform}\n{key.community}\n{key.channel}\n{key.message}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64


def drawn_of(draw: Draw, wrong: bool | None) -> Drawn:
    """A flagged draw as the promise reads it; `wrong` is None while no moderator has ruled."""
    return Drawn(draw.score, draw.drawn_at, wrong, draw.probability, draw.least)
