"""What shall be done, as data.

Nothing here acts. An action carries what the outbound side needs to act, and a marker that names it for ever, so
that doing it twice can be noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from moderation.move_actions import DeleteCopy, EditCopy, MoveStretch, TellOfReply, UndoMove
from moderation.pitch_actions import (
    ClaimPitch,
    HoldPitch,
    PromotePitch,
    ReleasePitch,
    ShowBacklog,
    TellNews,
)
from moderation.report_actions import (
    AskAboutDrawn,
    LogDeed,
    PostDigest,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    ShowObjection,
    ShowReport,
)

NOTE = "note:"
"""Begins the marker of a line that offers a note; the note's own marker follows."""


@dataclass(frozen=True, slots=True)
class NudgeStretch:
    """One kind line for a drifted stretch; with `offer` it has the buttons that move one's own posts."""

    stretch: str
    to_channel: str
    members: tuple[str, ...]
    messages: tuple[str, ...]
    offer: bool

    @property
    def marker(self) -> str:
        return f"nudge:{self.stretch}"


@dataclass(frozen=True, slots=True)
class NudgeAuthor:
    """One neutral line to the author of repeated lone casual posts."""

    member: str
    message: str
    to_channel: str

    @property
    def marker(self) -> str:
        return f"lone:{self.message}"


@dataclass(frozen=True, slots=True)
class Welcome:
    """A warm line to a newcomer who said hello: where things belong here. Never a reproach."""

    member: str
    message: str
    to_channel: str

    @property
    def marker(self) -> str:
        return f"welcome:{self.member}"


@dataclass(frozen=True, slots=True)
class FloodHint:
    """Told once, kindly: many posts in an hour that nobody answers."""

    member: str
    message: str

    @property
    def marker(self) -> str:
        return f"flood:{self.member}"


@dataclass(frozen=True, slots=True)
class PitchCard:
    """Show a pitch to the moderators, who rule.

    `pitch`, `message` and `copies` are `channel/message` names, since one text may be posted in several channels;
    copies of one text within a day share the card that `pitch` (the first of them) names. One that `waits` is not shown: in a
    flood of pitches it stays in the backlog.
    """

    pitch: str
    message: str
    member: str
    drive_by: bool
    exchanges: int
    copies: tuple[str, ...] = ()
    waits: bool = False

    @property
    def marker(self) -> str:
        return f"card:{self.pitch}:{self.message}"


@dataclass(frozen=True, slots=True)
class RemovePitch:
    """A moderator ruled: remove the post and its copies (`channel/message` names), give the author the text back.

    One more copy after a removal makes a new marker; two moderators at once make the same.
    """

    pitch: str
    messages: tuple[str, ...]
    member: str
    by: str

    @property
    def marker(self) -> str:
        return f"remove:{self.pitch}:{len(self.messages)}"


@dataclass(frozen=True, slots=True)
class ReturnText:
    """Give the author of a removed post its text back, privately; the text is read when it is told, never kept here.

    `message` is a `channel/message` name.
    """

    pitch: str
    message: str
    member: str

    @property
    def marker(self) -> str:
        return f"returned:{self.message}"


@dataclass(frozen=True, slots=True)
class RenewCard:
    """Show a pitch's card again with what was ruled. `ruling` names the ruling that is the occasion."""

    pitch: str
    ruling: str

    @property
    def marker(self) -> str:
        return f"renew:{self.pitch}:{self.ruling}"


class Answered(StrEnum):
    """How moderators answered an appeal; POST_AGAIN: it may stand, but its text is no longer stored."""

    RESTORED = "restored"
    POST_AGAIN = "post_again"
    STANDS = "stands"


@dataclass(frozen=True, slots=True)
class ShowAppeal:
    """Show moderators that the author of a removed post (`channel/message`) asks them to look again, or how that was answered."""

    pitch: str
    message: str
    member: str
    answered: Answered | None = None

    @property
    def marker(self) -> str:
        return (
            f"appeal:{self.message}"
            if self.answered is None
            else f"renew:appeal:{self.message}:{self.answered}"
        )


@dataclass(frozen=True, slots=True)
class RestorePitch:
    """A moderator granted an appeal: post the text (of `channel/message`) again in its own channel under its author's name."""

    pitch: str
    message: str
    member: str
    by: str

    @property
    def marker(self) -> str:
        return f"restore:{self.message}"


@dataclass(frozen=True, slots=True)
class TellAppealAnswer:
    """Tell an author, privately, how their appeal was answered."""

    message: str
    member: str
    answered: Answered

    @property
    def marker(self) -> str:
        return f"answered:{self.message}:{self.answered}"


@dataclass(frozen=True, slots=True)
class OfferNote:
    """Say in the channel that there is a note for one member, who cannot be told privately; a button shows it to them alone.

    `note` is the marker of the action that was to tell it.
    """

    note: str
    member: str

    @property
    def marker(self) -> str:
        return f"{NOTE}{self.note}"


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Delete a line of ours that was said for a while only.

    `line` is its marker, `post` its id, empty where that is not known: then it is looked for. `member` is whom it speaks to,
    empty where that is a whole talk. Once that person is erased, `post` is all that is left.
    """

    line: str
    post: str = ""
    member: str = ""

    @property
    def marker(self) -> str:
        return f"take_back:{self.line or self.post}"


Action = (
    NudgeStretch
    | NudgeAuthor
    | Welcome
    | FloodHint
    | MoveStretch
    | UndoMove
    | EditCopy
    | DeleteCopy
    | TellOfReply
    | PitchCard
    | RemovePitch
    | ReturnText
    | RenewCard
    | ShowObjection
    | ReportPermission
    | AskAboutDrawn
    | RenewQuestion
    | ReportStanding
    | ShowAppeal
    | RestorePitch
    | TellAppealAnswer
    | OfferNote
    | TakeBack
    | ShowReport
    | PostDigest
    | LogDeed
    | ClaimPitch
    | PromotePitch
    | HoldPitch
    | ReleasePitch
    | TellNews
    | ShowBacklog
)

PrivateNote = ReturnText | TellAppealAnswer | TellNews
"""What must reach one person alone."""
