"""The chat platform, as seen from the pipeline: what members and moderators can see and press."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from moderation.messages import Channel, Message, MessageKey
from moderation.notices import Notice
from moderation.ports.communities import Community


class Button(StrEnum):
    """What people can press."""

    MOVE_MINE = "move_mine"
    BELONGS_HERE = "belongs_here"
    WHY = "why"
    NO_MORE = "no_more"
    UNDO = "undo"
    REMOVE = "remove"
    PROMOTE = "promote"
    CLAIM = "claim"
    FINE = "fine"
    NOT_NOW = "not_now"
    RIGHT = "right"
    WRONG = "wrong"
    OTHER_KIND = "other_kind"
    BELONGS = "belongs"
    CHATTER = "chatter"
    PITCH = "pitch"
    APPEAL = "appeal"
    RESTORE = "restore"
    STAND_BY = "stand_by"
    SHOW = "show"
    MINE = "mine"
    CHANGE = "change"
    DELETE = "delete"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed a button. `subject` is the marker of the post or card that has the button.

    `channel` is where it was pressed; `moderator` is what the platform says (roles, permissions) at that moment.
    """

    community: Community
    button: Button
    subject: str
    member: str
    at: datetime
    channel: str = ""
    moderator: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a platform lets the bot do here.

    With `private_notes` one member can be shown something in a channel at any time. Without, only whoever pressed a button can
    be answered so; else `tell` is a direct message, and a line for one member is said in the channel and mentions only them.
    """

    delete_others: bool = True
    private_notes: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """A post as the platform has it now. `revision` counts as in Message; `has_thread`: a thread hangs on it.

    One that is not `whole` has files that cannot be brought along.
    """

    revision: int = 0
    has_thread: bool = False
    pinned: bool = False
    reactions: int = 0
    whole: bool = True


Show = Callable[[Notice, Sequence[Button], str], Awaitable[object]]
"""Shows whoever pressed a button a notice with buttons under a marker; raises PlatformError."""


class ChatPlatform(Protocol):
    """A chat platform as seen from the pipeline: each method is one thing that members or moderators can see.

    Every method may raise Gone, NotAllowed or Unavailable, and PlatformError itself where the platform refuses what it was
    asked and will do so again. `marker` names the thing for ever: where the platform can
    find it again (`find`), doing it a second time returns the first one's id instead of doing it twice. A channel is
    given by its id, or by its name where the charter knows no id; the platform wants either.
    """

    def abilities(self, community: Community) -> Abilities:
        """What is possible in this community; known without asking the network."""
        ...

    async def find(self, community: Community, channel: str, marker: str) -> str | None:
        """Id of our own post that carries `marker`, or None."""
        ...

    async def look(self, key: MessageKey) -> Look:
        """A post as it is now; raises Gone where it no longer exists."""
        ...

    async def say(
        self,
        community: Community,
        channel: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
        thread: str | None = None,
    ) -> str:
        """Post a notice in a channel; the platform words it. Returns its id."""
        ...

    async def tell(
        self,
        community: Community,
        channel: str,
        member: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
    ) -> str:
        """Show a notice to one member only. It cannot be found again. Returns an id or an empty text.

        Raises Unavailable only where surely nothing was shown; where that is not known, PlatformError itself. Raises
        NotReachable where this member takes no direct messages; whoever pressed a button just now can always be answered.
        """
        ...

    async def copy(
        self,
        message: Message,
        to_channel: str,
        *,
        marker: str,
        buttons: Sequence[Button] = (),
        under: str = "",
    ) -> str:
        """Post a copy under the author's name, marked as moved, with its time; idempotent by marker. Returns its id.

        A copy into the message's own channel brings it back (to its thread, where it had one), and is marked so. Where every talk
        has a place of its own (a forum), the copy goes to that of our post with the marker `under`; Unavailable while that is not there.
        """
        ...

    async def edit_copy(self, copy: MessageKey, message: Message) -> None:
        """Let a copy of ours say what `message` says by now; its files stay. Raises Gone for one that stands no more."""
        ...

    async def remove(self, key: MessageKey, *, reason: str) -> None:
        """Delete a message, ours or (where allowed) another's."""
        ...

    async def show_card(
        self, community: Community, card: Notice, *, buttons: Sequence[Button], marker: str, known: str = ""
    ) -> str:
        """Show or renew a card in the moderators' channel, one per marker. Returns its id.

        `known` is the id that an earlier call returned, for a platform that does not find old posts by their marker.
        """
        ...

    async def same_readers(self, community: Community, channel: str, other: str) -> bool:
        """Whether two channels can be read by the same people. Raises Gone for one that is not there."""
        ...

    async def channels(self, community: Community) -> list[Channel]:
        """The channels that the bot can see."""
        ...

    def history(self, community: Community, channel: str, after: datetime | None) -> AsyncIterator[Message]:
        """What people posted in a channel after a moment, oldest first."""
        ...
