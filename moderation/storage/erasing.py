"""One person taken out of what others' actions say. Pure; the in-memory store of the tests uses it too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from moderation.actions import (
    Action,
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    PitchCard,
    RemovePitch,
    RenewCard,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    TakeBack,
    TellAppealAnswer,
    Welcome,
)
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


@dataclass(frozen=True, slots=True)
class Erasing:
    """Who is erased. `posts` are their messages as `channel/message`; `moves` gives a move's marker from then on."""

    member: str
    posts: Collection[str] = frozenset()
    moves: Mapping[str, str] = field(default_factory=dict)

    def without(self, action: Action) -> Action | None:
        """The action without this person, or None where nothing is left of it."""
        match action:
            case (
                NudgeAuthor()
                | Welcome()
                | FloodHint()
                | OfferNote()
                | PitchCard()
                | ReturnText()
                | ShowObjection()
                | ShowAppeal()
                | TellAppealAnswer()
                | TellOfReply()
                | EditCopy()
                | DeleteCopy()
                | HoldPitch()
                | ReleasePitch()
                | TellNews()
            ):
                return None if action.member == self.member else action
            case TakeBack():
                return self._nameless(action) if action.member == self.member else action
            case RemovePitch() | RestorePitch() | PromotePitch():
                return None if action.member == self.member else replace(action, by=self._by(action.by))
            case NudgeStretch() | MoveStretch():
                return self._stretch(action)
            case UndoMove():
                members = self._others(action.members)
                move = self.moves.get(action.move, action.move)
                return (
                    replace(action, move=move, members=members, by=self._by(action.by)) if members else None
                )
            case RenewCard() | ClaimPitch():
                is_theirs = action.pitch in self.posts or f":{self.member}:" in action.marker
                return None if is_theirs else action
            case AskAboutDrawn():
                return None if action.message in self.posts else action
            case RenewQuestion():
                is_theirs = action.message in self.posts or f":{self.member}:" in action.ruling
                return None if is_theirs else action
            case (
                ReportPermission()
                | ReportStanding()
                | ShowReport()
                | PostDigest()
                | LogDeed()
                | ShowBacklog()
            ):
                return action

    def new_markers(self, actions: Iterable[Action]) -> dict[str, str]:
        """Old and new marker of each of these moves that has another one without this person."""
        changed = [(action, self._stretch(action)) for action in actions if isinstance(action, MoveStretch)]
        return {
            old.marker: new.marker for old, new in changed if new is not None and new.marker != old.marker
        }

    def concerns(self, subject: str) -> bool:
        """Whether a ruling on `subject` is about a post of this person."""
        kind, _, name = subject.partition(":")
        if kind in ("card", "message"):
            return name in self.posts
        if kind == "drawn":
            _, _, name = name.partition(":")
            return name in self.posts
        return kind == "lone" and any(post.endswith(f"/{name}") for post in self.posts)

    def _stretch(self, action: NudgeStretch | MoveStretch) -> NudgeStretch | MoveStretch | None:
        channel, _, _ = action.stretch.rpartition("/")
        members = self._others(action.members)
        messages = tuple(name for name in action.messages if f"{channel}/{name}" not in self.posts)
        if not members or not messages:
            return None
        if isinstance(action, MoveStretch):
            return replace(action, members=members, messages=messages, by=self._by(action.by))
        return replace(action, members=members, messages=messages)

    def _nameless(self, action: TakeBack) -> TakeBack | None:
        """The line mentions them: it must still go, and for that its own id is enough."""
        return TakeBack("", action.post) if action.post else None

    def _others(self, members: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(member for member in members if member != self.member)

    def _by(self, by: str) -> str:
        return "" if by == self.member else by
