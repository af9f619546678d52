"""What the classifier says, what is decided about it, and what people say about that: all of it data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from moderation.actions import Action
from moderation.labels import Label
from moderation.messages import MessageKey


@dataclass(frozen=True, slots=True)
class Probabilities:
    """How likely each label is; the three add up to one."""

    on_topic: float
    chatter: float
    pitch: float

    @property
    def label(self) -> Label:
        """The likeliest label; on a tie the one that leaves people alone."""
        best = max(self.on_topic, self.chatter, self.pitch)
        if self.on_topic == best:
            return Label.ON_TOPIC
        return Label.CHATTER if self.chatter == best else Label.PITCH

    def of(self, label: Label) -> float:
        """The probability of `label`."""
        return float(getattr(self, label.value))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The classifier's reading of one message.

    `why` is a sentence for moderators. An abstained verdict never leads to an action.
    """

    probabilities: Probabilities
    why: str
    model: str
    abstained: bool = False

    @property
    def label(self) -> Label:
        """The likeliest label, also where the classifier abstains."""
        return self.probabilities.label


class Outcome(StrEnum):
    """What was decided about a message, whether or not somebody is told."""

    LEFT_ALONE = "left_alone"
    COUNTED = "counted"
    STRETCH = "stretch"
    LONE_CHATTER = "lone_chatter"
    NEWCOMER_GREETING = "newcomer_greeting"
    MONOLOGUE = "monologue"
    PITCH = "pitch"
    UNSURE = "unsure"
    SKIPPED = "skipped"


class Ruled(StrEnum):
    """What a person said about something that Steward did or showed.

    CHATTER, PITCH and FINE say what a drawn message is; NOT_NOW says nothing about it. PROMOTE: an offer that is welcome elsewhere.
    """

    REMOVE = "remove"
    PROMOTE = "promote"
    FINE = "fine"
    NOT_NOW = "not_now"
    BELONGS_HERE = "belongs_here"
    CHATTER = "chatter"
    PITCH = "pitch"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Somebody's word on a nudge or a card. `subject` is its marker (`nudge:...`, `lone:...`, `card:<pitch>`).

    `drawn` marks one that was asked for on a randomly drawn case; a volunteered one says nothing about a rate. `model` and
    `charter_version` say whose verdict it was about; they are empty where that is not known.
    """

    subject: str
    what: Ruled
    by: str
    at: datetime
    moderator: bool = False
    drawn: bool = False
    model: str = ""
    charter_version: str = ""

    @property
    def name(self) -> str:
        """What tells it from every other ruling on the same subject."""
        return f"{self.what}:{self.by}:{self.at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one message at one revision, and by which model and charter.

    `skipped` says why a message was not judged at all (then there is no verdict). `held_back` marks one that would have nudged a
    stretch, or moved it, had an experiment not drawn a day without nudges; unlike the reasons it is kept for long.
    """

    key: MessageKey
    revision: int
    author: str
    posted_at: datetime
    thread: str | None
    outcome: Outcome
    verdict: Verdict | None
    reasons: tuple[str, ...]
    actions: tuple[Action, ...]
    charter_version: str
    decided_at: datetime
    stretch: str | None = None
    skipped: str | None = None
    held_back: bool = False
