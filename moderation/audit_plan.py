"""Which messages that were not flagged are drawn for a ruling: the design of the weekly sample of what was missed.

Before a week begins, each stratum (how likely the model took a message to be out of place) gets its own probability of being drawn:
more where misses are likelier (Neyman, 1934), never zero anywhere, so that a miss of which the model was sure is found as well.

The ratios between strata are always the same, so the lowest probability tells a whole plan. It is stored with each draw: whoever has to go on
with a plan makes it again from a message that was drawn by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from moderation.charter import Charter
from moderation.decisions import Decision, Outcome
from moderation.draws import Draw, Occasion, is_flagged, lot
from moderation.labels import Label
from moderation.messages import Message
from moderation.policy import Policy

RULINGS, MOST_RULINGS = 20, 100
"""Rulings a week on what was not flagged that moderators have the time for: more of them in a livelier community."""
A_RULING_FOR = 50
"""Messages a week for which a livelier community is asked one more."""


class Stratum(StrEnum):
    """Messages that were not flagged, by the probability that they do not belong; unsure ones, and those at home where they stand."""

    BELOW_2 = "below 2 %"
    BELOW_10 = "2 to 10 %"
    BELOW_30 = "10 to 30 %"
    ABOVE_30 = "30 % or more"
    ABSTAINED = "unsure"
    AT_HOME = "at home in its channel"


BANDS = ((0.02, Stratum.BELOW_2), (0.10, Stratum.BELOW_10), (0.30, Stratum.BELOW_30))
ASSUMED = {
    Stratum.BELOW_2: 0.04,
    Stratum.BELOW_10: 0.10,
    Stratum.BELOW_30: 0.28,
    Stratum.ABOVE_30: 0.50,
    Stratum.ABSTAINED: 0.50,
    Stratum.AT_HOME: 0.04,
}
"""Share of misses for which the draw is laid out. It is higher than the scores say: a stratum that is drawn too rarely widens everything."""
SPREAD = {stratum: math.sqrt(share * (1 - share)) for stratum, share in ASSUMED.items()}
FIRST_WEEK = {
    Stratum.BELOW_2: 600,
    Stratum.BELOW_10: 150,
    Stratum.BELOW_30: 80,
    Stratum.ABOVE_30: 60,
    Stratum.ABSTAINED: 60,
    Stratum.AT_HOME: 50,
}
"""Messages of a week that nothing is known about yet."""


@dataclass(frozen=True, slots=True)
class Plan:
    """With which probability a message of each stratum is drawn; fixed before the week begins."""

    probabilities: Mapping[Stratum, float]

    @property
    def least(self) -> float:
        """The lowest probability of any stratum; above zero."""
        return min(self.probabilities.values())


def plan(last_week: Mapping[str, int] | None = None, rulings: int | None = None) -> Plan:
    """The probabilities for a week like the last, whose messages by stratum are given, such that `rulings` are drawn on average.

    Unless a number is given, it follows from how many messages there were. Without a week before, a community of a thousand messages is
    assumed. Raises ValueError for no rulings or a stratum that is not known.
    """
    sizes = last_week if last_week and sum(last_week.values()) else FIRST_WEEK
    if rulings is None:
        rulings = min(MOST_RULINGS, max(RULINGS, sum(sizes.values()) // A_RULING_FOR))
    if rulings < 1:
        raise ValueError(f"{rulings} rulings a week: to learn what was missed, at least one is needed")
    strange = [name for name in sizes if name not in set(Stratum)]
    if strange or min(sizes.values()) < 0:
        raise ValueError(f"{dict(sizes)!r}: counts of messages by stratum are wanted ({', '.join(Stratum)})")
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        chances = plan_of(middle).probabilities
        few = sum(size * chances[Stratum(name)] for name, size in sizes.items()) <= rulings
        low, high = (middle, high) if few else (low, middle)
    return plan_of(high)


def plan_of(least: float) -> Plan:
    """The plan whose lowest probability is `least` (above 0, at most 1)."""
    lowest = min(SPREAD.values())
    return Plan({stratum: min(1.0, least * (spread / lowest)) for stratum, spread in SPREAD.items()})


def part_of(message: Message, decision: Decision, charter: Charter, policy: Policy) -> Label | Stratum | None:
    """What a judged message counts as: its label where it was flagged, else its stratum; None where it was not judged or its author is exempt."""
    verdict, stratum = decision.verdict, stratum_of(decision)
    if verdict is None or policy.exempts(message.author):
        return None
    # By what was decided, too: without its channel's name, which is forgotten with the text, it may look flagged.
    at_home = stratum is Stratum.AT_HOME
    return stratum if at_home or not is_flagged(message, verdict, charter, policy) else verdict.label


def stratum_of(decision: Decision) -> Stratum | None:
    """The stratum of a message that was not flagged; None where it was not judged."""
    verdict = decision.verdict
    if verdict is None:
        return None
    if verdict.abstained:
        return Stratum.ABSTAINED
    if decision.outcome is Outcome.LEFT_ALONE and verdict.label is not Label.ON_TOPIC:
        return Stratum.AT_HOME
    score = 1 - verdict.probabilities.on_topic
    return next((stratum for below, stratum in BANDS if score < below), Stratum.ABOVE_30)


def draw(decision: Decision, drawn_by: Plan, seed: str, model: str) -> Draw | None:
    """The draw of a message that was not flagged (`draws.is_flagged`); None where the lot did not fall on it, or it was not judged.

    `model` is the version of the whole classifier: a verdict may name but a part of it (see classifier.last_tier).
    """
    stratum, verdict = stratum_of(decision), decision.verdict
    if stratum is None or verdict is None:
        return None
    probability = drawn_by.probabilities[stratum]
    if lot(seed, decision.key, Occasion.NOT_FLAGGED) >= probability:
        return None
    return Draw(
        key=decision.key,
        revision=decision.revision,
        occasion=Occasion.NOT_FLAGGED,
        label=verdict.label,
        score=1 - verdict.probabilities.on_topic,
        probability=probability,
        least=drawn_by.least,
        drawn_at=decision.decided_at,
        model=model,
        charter_version=decision.charter_version,
        stratum=stratum.value,
    )
