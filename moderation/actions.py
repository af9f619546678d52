"""What shall be done, as data.

Nothing here acts. An action carries what the outbound side needs to act, and a marker that names it for ever, so
that doing it twice can be noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from moderation.labels import Label
from moderation.pitch_actions import (
    ClaimPitch,
    HoldPitch,
    PromotePitch,
    ReleasePitch,
    ShowBacklog,
    TellNews,
)

LONGEST_ID = 20
"""Characters of a channel's id."""
LONGEST_PERMISSION = 30
"""Characters of what is missing, so that a marker has room for it."""
NOTE = "note:"
"""Begins the marker of a line that offers a note; the note's own marker follows."""


def _who(members: Sequence[str]) -> str:
    """A name for a set of members that stays short, since a marker must fit into a button (Discord: 100 characters)."""
    if len(members) == 1:
        return members[0]
    return hashlib.sha256("+".join(sorted(members)).encode()).hexdigest()[:12]


def _short(text: str, longest: int) -> str:
    """`text`, or a hash of one that is longer."""
    return text if len(text) <= longest else hashlib.sha256(text.encode()).hexdigest()[:12]


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
class MoveStretch:
    """Move posts to the social channel. `members` are those whose posts may be moved; `by` is whose wish it is.

    Moves of one stretch with the same number of a `gathering`, which is from 1 on, stand under one header; 0 stands alone.
    """

    stretch: str
    to_channel: str
    messages: tuple[str, ...]
    members: tuple[str, ...]
    by: str
    gathering: int = 0

    @property
    def marker(self) -> str:
        return f"move:{self.stretch}:{_who(self.members)}"

    @property
    def together(self) -> str:
        """What the header and the pointer go by that it shares with the other moves of its gathering. It names nobody then."""
        return f"move:{self.stretch}:+{self.gathering}" if self.gathering else self.marker


@dataclass(frozen=True, slots=True)
class UndoMove:
    """Bring moved posts back. `move` is the marker of the move; `members` whose posts come back: all, or `message` alone."""

    move: str
    members: tuple[str, ...]
    by: str
    message: str = ""

    @property
    def marker(self) -> str:
        alone = f":{self.message}" if self.message else ""
        return f"undo:{self.move}:{_who(self.members)}{alone}"


@dataclass(frozen=True, slots=True)
class EditCopy:
    """Let the copy of a post (`channel/message`) say what its author made of it; the text is read when it is done, never kept here.

    `copy` is the copy's marker, `revision` the text's.
    """

    copy: str
    message: str
    member: str
    revision: int

    @property
    def marker(self) -> str:
        return f"edit:{self.message}:{self.revision}"


@dataclass(frozen=True, slots=True)
class DeleteCopy:
    """Take the copy of a post (`channel/message`) away, as its author wishes. `copy` is the copy's marker."""

    copy: str
    message: str
    member: str

    @property
    def marker(self) -> str:
        return f"delete:{self.copy}"


@dataclass(frozen=True, slots=True)
class TellOfReply:
    """Tell an author that somebody answered the copy of a post of theirs (`channel/message`).

    `reply` is the answer's id; it stands in `channel`, or in a `thread` of it.
    """

    member: str
    message: str
    reply: str
    channel: str
    thread: str = ""

    @property
    def marker(self) -> str:
        return f"replied:{self.member}:{self.reply}"


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


@dataclass(frozen=True, slots=True)
class ShowObjection:
    """Show moderators, once a nudge, that an author says it belongs there. `nudge` is the nudge's marker."""

    nudge: str
    channel: str
    member: str

    @property
    def marker(self) -> str:
        return f"objection:{self.nudge}"


@dataclass(frozen=True, slots=True)
class ReportPermission:
    """Tell moderators once that a permission is missing; `community` is its text form, `why` the platform's words."""

    community: str
    permission: str
    channel: str
    why: str

    @property
    def marker(self) -> str:
        # A channel may be given by its name, and a name can be as long as all of a marker may be; so can what is missing.
        what, place = _short(self.permission, LONGEST_PERMISSION), _short(self.channel, LONGEST_ID)
        return f"permission:{self.community}:{what}:{place}"


@dataclass(frozen=True, slots=True)
class AskAboutDrawn:
    """Ask moderators whether a drawn message (`channel/message`) was flagged rightly, as `label` with probability `score`.

    `subject` is the draw's, `revision` the one that was drawn: an edit is never asked about again.
    """

    subject: str
    message: str
    revision: int
    label: Label
    score: float

    @property
    def marker(self) -> str:
        return f"ask:{self.subject}:{self.revision}"


@dataclass(frozen=True, slots=True)
class RenewQuestion:
    """Show the card of a drawn message again with what was ruled. `ruling` names the ruling that is the occasion."""

    subject: str
    message: str
    ruling: str

    @property
    def marker(self) -> str:
        return f"renew:{self.subject}:{self.ruling}"


@dataclass(frozen=True, slots=True)
class ReportStanding:
    """Tell moderators once that Steward begins or ceases to act on flags of `label`, by what the rulings show of `promise`.

    `acts_from` is the probability from which on it acts, None where it does not; `broken` says that it fell silent by itself.
    `number` counts the reports about this label.
    """

    label: Label
    number: int
    promise: str
    acts_from: float | None
    ruled: int
    wrong: int
    broken: bool = False

    @property
    def marker(self) -> str:
        return f"standing:{self.label}:{self.number}"


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


@dataclass(frozen=True, slots=True)
class ShowReport:
    """Show moderators a pitch that members told of, or show it again when one more did. `case` names it, `people` counts them."""

    case: str
    people: int

    @property
    def marker(self) -> str:
        return f"report:{self.case}:{self.people}"


@dataclass(frozen=True, slots=True)
class PostDigest:
    """Show moderators the digest of a period, from the local day `first` until the day before `end` (ISO 8601)."""

    first: str
    end: str
    time_zone: str

    @property
    def marker(self) -> str:
        return f"digest:{self.first}"


@dataclass(frozen=True, slots=True)
class LogDeed:
    """Say in the log channel how something ended that was to be done; `deed` is its marker."""

    deed: str

    @property
    def marker(self) -> str:
        return f"log:{hashlib.sha256(self.deed.encode()).hexdigest()[:16]}"


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
