"""What can be done about a pitch besides removing it, as data: claim its card, move the post, hold it, bring it back, leave it to the backlog.

All of these are actions as `moderation.actions` has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ClaimPitch:
    """Show on a pitch's card that a moderator is looking at it since `at` (ISO 8601, aware UTC)."""

    pitch: str
    by: str
    at: str

    @property
    def marker(self) -> str:
        return f"claim:{self.pitch}:{self.by}:{self.at}"


@dataclass(frozen=True, slots=True)
class PromotePitch:
    """A moderator ruled: move the post to where offers are welcome, once, and take all its copies (`channel/message` names) away.

    `revisions` are those that were ruled on, one for each of the messages.
    """

    pitch: str
    messages: tuple[str, ...]
    to_channel: str
    member: str
    by: str
    revisions: tuple[int, ...] = ()

    @property
    def marker(self) -> str:
        return f"promote:{self.pitch}:{len(self.messages)}"


@dataclass(frozen=True, slots=True)
class HoldPitch:
    """Take a pitch (`channel/message`, at that `revision`) away until moderators rule, or a day is over; its text is kept."""

    pitch: str
    message: str
    revision: int
    member: str

    @property
    def marker(self) -> str:
        return f"hold:{self.pitch}:{self.message}:{self.revision}"


@dataclass(frozen=True, slots=True)
class ReleasePitch:
    """Bring a held pitch back under its author's name, unless moderators ruled it out meanwhile."""

    pitch: str
    message: str
    revision: int
    member: str

    @property
    def marker(self) -> str:
        return f"release:{self.pitch}:{self.message}:{self.revision}"

    @property
    def hold(self) -> str:
        """The marker of the hold that this ends."""
        return HoldPitch(self.pitch, self.message, self.revision, self.member).marker


class News(StrEnum):
    """What an author is told about a pitch of theirs."""

    HELD = "held"
    RELEASED = "released"
    PROMOTED = "promoted"


@dataclass(frozen=True, slots=True)
class TellNews:
    """Tell an author, privately, what became of their post (`channel/message`); `channel` is the one that it is about."""

    message: str
    member: str
    news: News
    channel: str

    @property
    def marker(self) -> str:
        return f"{self.news}:{self.message}"


@dataclass(frozen=True, slots=True)
class ShowBacklog:
    """Say how many pitches of one `hour` (`2026-03-02T09`, UTC) wait without a card. `minute` names the occasion: one is enough in each."""

    hour: str
    minute: str

    @property
    def marker(self) -> str:
        return f"backlog:{self.hour}:{self.minute}"
