"""What shall be done with moved posts, as data. See moderation.actions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass


def _who(members: Sequence[str]) -> str:
    """A name for a set of members that stays short, since a marker must fit into a button (Discord: 100 characters)."""
    if len(members) == 1:
        return members[0]
    return hashlib.sha256("+".join(sorted(members)).encode()).hexdigest()[:12]


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
