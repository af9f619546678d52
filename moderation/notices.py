"""What people read, as data: more than an action, for it may hold text, and so it is never stored.

An action says what shall happen; a notice is what is shown when it happens. A platform words both (`bot.wording`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from moderation.actions import Action, Answered, PitchCard
from moderation.decisions import Probabilities, Ruling
from moderation.labels import Label
from moderation.messages import ContextLine
from moderation.pitch_states import Claim, PitchState


@dataclass(frozen=True, slots=True)
class MoveHeader:
    """Stands above the copies in the new place."""

    from_channel: str


@dataclass(frozen=True, slots=True)
class MovePointer:
    """The quiet line in the old place. `stayed` says that the posts are still here and the new place has copies.

    `told` are authors who were not asked before: the line mentions them, and it pings those who are in `pinged` too.
    """

    to_channel: str
    stayed: bool
    told: tuple[str, ...] = ()
    pinged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveGivenUp:
    """Says in the old place that nothing was moved after all."""

    to_channel: str


@dataclass(frozen=True, slots=True)
class PitchShown:
    """A pitch as moderators see it. `text` is empty once it was forgotten or its author deleted it.

    `reasons` are the classifier's and the policy's sentences; `rulings` and `claims` are oldest first. The card has all copies.
    """

    card: PitchCard
    author_name: str
    text: str
    reasons: tuple[str, ...]
    probabilities: Probabilities | None
    rulings: tuple[Ruling, ...] = ()
    claims: tuple[Claim, ...] = ()
    state: PitchState = field(default=PitchState())


@dataclass(frozen=True, slots=True)
class DrawnShown:
    """A drawn message as moderators see it: what it was flagged as, with which probability, and what was ruled, oldest first.

    `text` is empty once it was forgotten or edited, or its author deleted it. It does not say whose it is: the question is about
    the message. `before` are up to three lines that stood before it, where they are shown at all.
    """

    channel: str
    text: str
    label: Label
    score: float
    rulings: tuple[Ruling, ...] = ()
    before: tuple[ContextLine, ...] = ()


@dataclass(frozen=True, slots=True)
class PassedShown:
    """A drawn message that was not flagged, as moderators see it: without what Steward made of it, so that nobody is led."""

    channel: str
    text: str
    before: tuple[ContextLine, ...] = ()


@dataclass(frozen=True, slots=True)
class AppealShown:
    """An appeal as moderators see it; `text` is what was removed, empty once it was forgotten."""

    channel: str
    member: str
    author_name: str
    text: str
    rulings: tuple[Ruling, ...] = ()
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A pitch that `people` members told of, as moderators see it; by whom is not said.

    `text` and `sender` (an id, a name, or empty) are as the first of them told; `message` is a public post's `channel/message` name.
    """

    text: str
    sender: str
    people: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class DeedShown:
    """How something ended that was to be done, for the log channel; `state` is a DeliveryState, `why` the platform's words where it failed."""

    action: Action
    channel: str
    state: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class BacklogShown:
    """How many pitches of a flood wait for a ruling without a card of their own."""

    waiting: int


@dataclass(frozen=True, slots=True)
class DigestShown:
    """The digest of a period: its text, its chart as a PNG image, and what the chart shows in words."""

    text: str
    chart: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class TextReturned:
    """Tells an author that their post was taken down and gives its text back."""

    channel: str
    text: str


class Reply(StrEnum):
    """What somebody who pressed a button is told; of a removed post, and how an appeal was answered, also unasked."""

    MOVING = "moving"
    NOTHING_OF_YOURS = "nothing_of_yours"
    NOTED = "noted"
    REASONS = "reasons"
    NO_MORE = "no_more"
    COMING_BACK = "coming_back"
    TOO_LATE = "too_late"
    MODERATORS_ONLY = "moderators_only"
    RULED = "ruled"
    APPEALED = "appealed"
    RESTORED = "restored"
    POST_AGAIN = "post_again"
    STANDS = "stands"
    RETURNED = "returned"
    CLAIMED = "claimed"
    HELD = "held"
    RELEASED = "released"
    PROMOTED = "promoted"
    YOURS = "yours"
    YOURS_HERE = "yours_here"
    YOURS_TWICE = "yours_twice"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Answer:
    """The private answer to a press. `channel` is where posts go to or come back to; `reasons` answer "Why?".

    RETURNED has the `text` of a removed post, empty once it was forgotten; it is shown as TextReturned. Of a copy of one's own: YOURS
    stands in the new place, YOURS_HERE was brought back, YOURS_TWICE stands beside its original.
    """

    reply: Reply
    channel: str = ""
    reasons: tuple[str, ...] = ()
    text: str = ""


Notice = (
    Action
    | MoveHeader
    | MovePointer
    | MoveGivenUp
    | PitchShown
    | DrawnShown
    | PassedShown
    | AppealShown
    | ReportShown
    | DeedShown
    | BacklogShown
    | DigestShown
    | TextReturned
    | Answer
)
