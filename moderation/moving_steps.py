"""The steps of a move, there and back; each may be taken twice, so that a move can be taken up wherever it stopped."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from moderation.errors import Gone, NotAllowed, Unavailable
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.move_actions import MoveStretch
from moderation.notices import MoveHeader, MovePointer, Notice
from moderation.ports import (
    Button,
    ChatPlatform,
    Community,
    Delivery,
    DeliveryState,
    Look,
    MovedPost,
    MoveState,
    Store,
    Work,
)

MANY_REACTIONS = 5
"""A post with so many reactions is part of the place: it is not moved."""

MOST_TOLD = 50
"""Authors that a pointer mentions: so many fit into one message of every platform."""

COPY, BACK, POINTER = ":copy:", ":back:", ":pointer"
EQUAL_ACCESS = "Equal access to both channels"
THERE = (MoveState.MOVED, MoveState.STAYED)
"""The copy is where it was to go."""
OPEN = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)


def copy_marker(move: str, original: MessageKey) -> str:
    """What the copy of a post goes by."""
    return f"{move}{COPY}{original.message}"


async def gathered(work: Work, community: Community, name: str) -> list[Delivery]:
    """The moves of a gathering, or the one move that has this marker, in the order in which they were asked for."""
    same = await work.outbox.beginning(community, f"{name.rpartition(':')[0]}:")
    return [
        each
        for each in same
        if isinstance(each.action, MoveStretch) and name in (each.marker, each.action.together)
    ]


@dataclass(frozen=True, slots=True)
class Steps:
    """One move and the steps it is made of; every step may be taken twice. `together` names its gathering."""

    store: Store
    platform: ChatPlatform
    community: Community
    channel: str
    marker: str
    together: str
    to_channel: str

    async def posts(self) -> list[MovedPost]:
        async with self.store.work() as work:
            return await work.moves.of(self.community, self.marker)

    async def put(self, *posts: MovedPost) -> None:
        async with self.store.work() as work:
            await work.moves.put(self.community, posts)
            await work.commit()

    async def stored(self, key: MessageKey) -> Message | None:
        async with self.store.work() as work:
            return (await work.messages.get([key]))[0]

    # --- choosing ----------------------------------------------------------------------------------------------

    async def plan(self, action: MoveStretch) -> list[MovedPost]:
        """Choose what may be moved and keep the choice, before anything is seen.

        Raises NotAllowed where fewer or other people could read it in the new place.
        """
        if not await self.platform.same_readers(self.community, self.channel, self.to_channel):
            raise NotAllowed(
                "Fewer or other people can read the new place, so nothing is moved there.", EQUAL_ACCESS
            )
        candidates = await self._candidates(action)
        threads = {message.thread for message in candidates}
        posts = [
            MovedPost(
                self.marker,
                message.key,
                message.author.id,
                self.to_channel,
                MoveState.COPYING,
                revision=message.revision,
            )
            for message in candidates
            if _may_move(message, await self._look(message.key), threads)
        ]
        await self.put(*posts)
        return posts

    async def _candidates(self, action: MoveStretch) -> list[Message]:
        """The stored posts by members who agreed that still are what was decided about."""
        where = self.community
        keys = [MessageKey(where.platform, where.id, self.channel, name) for name in action.messages]
        async with self.store.work() as work:
            found = [message for message in await work.messages.get(keys) if message is not None]
            return [
                message
                for message in found
                if message.author.id in action.members
                and not await _edited_away(work, message)
                and not await _in_a_move(work, message.key)
            ]

    # --- there -------------------------------------------------------------------------------------------------

    async def say_header(self) -> None:
        """Once for the whole gathering."""
        header = MoveHeader(self.channel)
        await self.platform.say(self.community, self.to_channel, header, buttons=(), marker=self._header)

    async def copy_all(self) -> None:
        """Copy what is not copied yet and look again for what is, so that nothing is deleted on a mere hope."""
        for post in await self.posts():
            if post.state in (MoveState.COPYING, MoveState.COPIED):
                await self._copy(post)

    async def _copy(self, post: MovedPost) -> None:
        message = await self.stored(post.original)
        if message is None or await self._has_changed(post):
            await self.leave_out(post)
            return
        marker = copy_marker(self.marker, post.original)
        found = await self._copy_confirmed(message, self.to_channel, marker, self._header)
        if post.state is MoveState.COPYING or post.copy != found:
            await self.put(replace(post, state=MoveState.COPIED, copy=found))

    async def _copy_confirmed(self, message: Message, channel: str, marker: str, under: str = "") -> str:
        await self.platform.copy(message, channel, marker=marker, buttons=(Button.MINE,), under=under)
        found = await self.platform.find(self.community, channel, marker)
        if found is None:
            raise Unavailable(f"The copy {marker} is not to be seen yet.")
        return found

    async def delete_all(self) -> None:
        """Delete the originals; every copy was confirmed before."""
        for post in await self.posts():
            if post.state is MoveState.COPIED:
                await self._delete(post)
            elif post.state is MoveState.DELETING:
                await self._delete_again(post)

    async def _delete(self, post: MovedPost) -> None:
        message = await self.stored(post.original)
        if message is None or await self._has_changed(post):
            await self.leave_out(post)
        elif not self.platform.abilities(self.community).delete_others:
            await self.put(replace(post, state=MoveState.STAYED))
        else:
            await self.put(replace(post, state=MoveState.DELETING))
            await self._remove_original(post)

    async def _delete_again(self, post: MovedPost) -> None:
        """After an interruption between keeping DELETING and keeping MOVED."""
        now = await self._look(post.original)
        if now is not None and now.revision > post.revision:
            await self.leave_out(post)
        else:
            await self._remove_original(post)

    async def _remove_original(self, post: MovedPost) -> None:
        with suppress(Gone):
            await self.platform.remove(post.original, reason=f"moved: {self.marker}")
        await self.put(replace(post, state=MoveState.MOVED))

    async def make_sure(self, post: MovedPost) -> MovedPost:
        """Settle whether a deletion that was begun was done; other states are certain."""
        if post.state is not MoveState.DELETING:
            return post
        gone = await self._look(post.original) is None
        known = replace(post, state=MoveState.MOVED if gone else MoveState.COPIED)
        await self.put(known)
        return known

    async def close(self, by: str) -> str:
        """Leave the pointer, or tidy up where nothing was moved. `by` is whose wish it was. Returns counts in words."""
        posts = await self.posts()
        states = [post.state for post in posts]
        moved, stayed = states.count(MoveState.MOVED), states.count(MoveState.STAYED)
        if moved or stayed:
            pointer = await self._pointer_to([post for post in posts if post.state in THERE], by)
            await self.say_in_old_place(pointer, f"{self.together}{POINTER}", Button.UNDO)
        elif states or self.together != self.marker:
            await self.tidy()
        return f"{moved} moved, {stayed} copied, {len(states) - moved - stayed} left"

    async def _pointer_to(self, away: Sequence[MovedPost], by: str) -> MovePointer:
        """It mentions the authors who were not asked, and pings none of them who wants no nudges.

        That is one line for all, in the place where they wrote: nobody is accused, and it is there for those who come back later.
        """
        told = tuple(dict.fromkeys(post.author for post in away if post.author != by))[:MOST_TOLD]
        async with self.store.work() as work:
            silent = await work.communities.opted_out(self.community, told)
        stayed = all(post.state is MoveState.STAYED for post in away)
        return MovePointer(self.to_channel, stayed, told, tuple(each for each in told if each not in silent))

    async def tidy(self) -> None:
        """Take header and pointer away once no post of the gathering stands in the new place, and none is on its way."""
        async with self.store.work() as work:
            moves = await gathered(work, self.community, self.together)
            if any(each.state in OPEN and each.marker != self.marker for each in moves):
                return
            for name in {self.marker, *(each.marker for each in moves)}:
                posts = await work.moves.of(self.community, name)
                if any(post.state is not MoveState.UNDONE for post in posts):
                    return
        await self.clear(self.channel, f"{self.together}{POINTER}")
        await self.clear(self.to_channel, self._header)

    async def say_in_old_place(self, notice: Notice, marker: str, *buttons: Button) -> None:
        """Say something in the channel, or in the thread, where the posts were; in silence where that is gone."""
        found = [await self.stored(post.original) for post in await self.posts()]
        thread = next((message.thread for message in found if message is not None), None)
        with suppress(Gone):
            await self.platform.say(
                self.community, self.channel, notice, buttons=buttons, marker=marker, thread=thread
            )

    # --- and back ----------------------------------------------------------------------------------------------

    async def leave_out(self, post: MovedPost) -> None:
        """Take a copy away while the original stands, or was taken away by its author."""
        if post.copy:
            await self._remove_own(self.to_channel, post.copy)
        else:
            await self.clear(self.to_channel, copy_marker(self.marker, post.original))
        await self.put(replace(post, state=MoveState.UNDONE))

    async def take_back(self, post: MovedPost) -> bool:
        """Undo one post; False where its only text is the copy, since that must not be lost."""
        if post.state is MoveState.UNDONE:
            return True
        if await self._look(post.original) is None:
            message = await self.stored(post.original)
            if message is None or not _has_content(message):
                return False
            await self.put(replace(post, state=MoveState.UNDOING))
            marker = f"{self.marker}{BACK}{post.original.message}"
            await self._copy_confirmed(message, self.channel, marker)
        await self.leave_out(post)
        return True

    async def clear(self, channel: str, marker: str) -> None:
        """Delete our own post with this marker, if it is there."""
        with suppress(Gone):
            found = await self.platform.find(self.community, channel, marker)
            if found is not None:
                await self._remove_own(channel, found)

    async def _remove_own(self, channel: str, post: str) -> None:
        with suppress(Gone):
            key = MessageKey(self.community.platform, self.community.id, channel, post)
            await self.platform.remove(key, reason=f"undone: {self.marker}")

    # --- looking -----------------------------------------------------------------------------------------------

    @property
    def _header(self) -> str:
        return f"{self.together}:header"

    async def _look(self, key: MessageKey) -> Look | None:
        try:
            return await self.platform.look(key)
        except Gone:
            return None

    async def _has_changed(self, post: MovedPost) -> bool:
        """Whether its author edited or deleted the original since the move was planned."""
        now = await self._look(post.original)
        return now is None or now.revision > post.revision


def _may_move(message: Message, now: Look | None, threads: Collection[str | None]) -> bool:
    """Whether a post may leave its place as the platform has it now; `threads` are those that the posts stand in."""
    if now is None or now.revision > message.revision or not _has_content(message):
        return False
    if now.has_thread and message.key.message not in threads:
        return False
    return not now.pinned and now.whole and now.reactions < MANY_REACTIONS


def _has_content(message: Message) -> bool:
    return bool(message.text or message.attachments)


async def _edited_away(work: Work, message: Message) -> bool:
    """Whether an edit made it something else than casual talk, or waits to be judged."""
    if message.revision == 0:
        return False
    decision = await work.decisions.get(message.key)
    verdict = decision.verdict if decision is not None and decision.revision == message.revision else None
    return verdict is None or verdict.label is not Label.CHATTER


async def _in_a_move(work: Work, key: MessageKey) -> bool:
    return any(post.state is not MoveState.UNDONE for post in await work.moves.with_original(key))
