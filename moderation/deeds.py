"""What Steward did in a period, counted from what was really carried out; in a replay from what would have been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from moderation.actions import Action, FloodHint, NudgeAuthor, NudgeStretch, PitchCard, RemovePitch, Welcome
from moderation.conversation import SILENCE
from moderation.move_actions import MoveStretch, UndoMove
from moderation.stats import Closing, SpokenTo


class Wish(StrEnum):
    """By whose wish posts were moved."""

    AUTHOR = "author"
    MODERATOR = "moderator"
    POLICY = "policy"


class Followed(StrEnum):
    """What came after a nudge to a stretch. WENT_ON: casual talk more than half an hour later."""

    MOVED = "moved"
    RETURNED = "returned"
    QUIET = "quiet"
    WENT_ON = "went_on"
    OPEN = "open"


_CLOSED = {
    Closing.RETURNED: Followed.RETURNED,
    Closing.SILENT: Followed.QUIET,
    Closing.OPEN: Followed.OPEN,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was carried out (in a replay: that would have been), where and when."""

    action: Action
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deeds:
    """What was carried out, counted.

    `followed` has the `stretch_nudges` by what came after them. `moved` counts stretches by wish, `moved_posts` their posts,
    `brought_back` undone moves. `cards` counts pitches shown to moderators, `removed` those taken down.
    """

    stretch_nudges: int = 0
    author_nudges: int = 0
    welcomes: int = 0
    followed: Mapping[Followed, int] = field(default_factory=dict)
    moved: Mapping[Wish, int] = field(default_factory=dict)
    moved_posts: int = 0
    brought_back: int = 0
    cards: int = 0
    removed: int = 0


def count_deeds(deeds: Sequence[Deed], spoken_to: Iterable[SpokenTo]) -> Deeds:
    """The deeds of a period, counted; `spoken_to` says how the talks went on to which something was said."""
    counts = Counter(type(deed.action) for deed in deeds)
    nudges = {a.stretch: deed.at for deed in deeds if isinstance(a := deed.action, NudgeStretch)}
    moves = [deed.action for deed in deeds if isinstance(deed.action, MoveStretch)]
    moved = {move.stretch for move in moves}
    ends = {stretch.id: stretch for stretch in spoken_to}
    wishes = {(move.stretch, _wish(move)) for move in moves}
    return Deeds(
        stretch_nudges=len(nudges),
        author_nudges=counts[NudgeAuthor] + counts[FloodHint],
        welcomes=counts[Welcome],
        followed=Counter(
            Followed.MOVED if name in moved else _followed(ends.get(name), at) for name, at in nudges.items()
        ),
        moved=Counter(wish for _, wish in wishes),
        moved_posts=len({(move.stretch, name) for move in moves for name in move.messages}),
        brought_back=counts[UndoMove],
        cards=len({deed.action.pitch for deed in deeds if isinstance(deed.action, PitchCard)}),
        removed=len({deed.action.pitch for deed in deeds if isinstance(deed.action, RemovePitch)}),
    )


def _wish(move: MoveStretch) -> Wish:
    if move.by == "policy":
        return Wish.POLICY
    return Wish.AUTHOR if move.by in move.members else Wish.MODERATOR


def _followed(stretch: SpokenTo | None, nudged_at: datetime) -> Followed:
    if stretch is None:
        return Followed.OPEN
    return Followed.WENT_ON if stretch.ended_at - nudged_at > SILENCE else _CLOSED[stretch.closing]
