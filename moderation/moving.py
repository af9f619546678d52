"""Moving posts to where they are at home, with their authors' consent, and bringing them back.

In order: a header, the copies, each confirmed, and only when all are there the originals are deleted; last the quiet
pointer in the old place. What was reached is stored between any two calls to the platform, and every call names its
thing by a marker, so a move that was interrupted anywhere is taken up again and ends the same. At every moment each
text stands in the chat at least once. An author's edit or deletion in mid-move wins: that post is left out.

::

    COPYING ─copy, confirm─> COPIED ─all are there─> DELETING ─delete─> MOVED ──────┐
       │                       ├─ where nobody's posts can be deleted ─> STAYED ────┴─undo─> UNDOING ─> UNDONE
       └── edited, deleted, given up: the copy is taken away ──> UNDONE
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from moderation.actions import MoveStretch, UndoMove
from moderation.errors import Gone, NotAllowed, Unavailable
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.notices import MoveGivenUp, MoveHeader, MovePointer, Notice
from moderation.ports import (
    Button,
    ChatPlatform,
    Community,
    Delivery,
    Look,
    MovedPost,
    MoveState,
    Store,
    Work,
)

UNDO_WITHIN = timedelta(days=7)
"""As long as this a move can be undone, if the community keeps texts that long."""

MANY_REACTIONS = 5
"""A post with so many reactions is part of the place: it is not moved."""

POINTER = ":pointer"
EQUAL_ACCESS = "Equal access to both channels"
OURS_TO_DELETE = (MoveState.DELETING, MoveState.MOVED, MoveState.UNDOING)


async def move(store: Store, platform: ChatPlatform, delivery: Delivery, action: MoveStretch) -> str:
    """Carry a move out, or on from where it stopped. Returns what came of it in words.

    Raises PlatformError where the platform refuses or fails; then `move` again, or `give_up`.
    """
    steps = _Steps(store, platform, delivery.community, delivery.channel, action.marker, action.to_channel)
    posts = await steps.posts() or await steps.plan(action)
    if any(post.state is MoveState.COPYING for post in posts):
        await steps.say_header()
    await steps.copy_all()
    await steps.delete_all()
    return await steps.close()


async def give_up(store: Store, platform: ChatPlatform, delivery: Delivery, action: MoveStretch) -> str:
    """Leave the originals where they are, take the copies away and say so; raises PlatformError.

    Once an original is gone, going back would tear the talk apart: then the rest stands in both places.
    """
    steps = _Steps(store, platform, delivery.community, delivery.channel, action.marker, action.to_channel)
    posts = [await steps.make_sure(post) for post in await steps.posts()]
    halfway = any(post.state is MoveState.MOVED for post in posts)
    for post in posts:
        if halfway and post.state is MoveState.COPIED:
            await steps.put(replace(post, state=MoveState.STAYED))
        elif post.state in (MoveState.COPYING, MoveState.COPIED):
            await steps.leave_out(post)
    if posts and not halfway:
        await steps.say_in_old_place(MoveGivenUp(action.to_channel), f"{action.marker}:given_up")
    return await steps.close()


async def undo(store: Store, platform: ChatPlatform, delivery: Delivery, action: UndoMove) -> str:
    """Bring back the posts of the named members, then take their copies away; raises PlatformError.

    A post whose text is no longer stored stays where it is.
    """
    async with store.work() as work:
        posts = await work.moves.of(delivery.community, action.move)
    if not posts:
        return "nothing was moved"
    steps = _Steps(store, platform, delivery.community, delivery.channel, action.move, posts[0].to_channel)
    back = [await steps.take_back(post) for post in posts if post.author in action.members]
    if all(post.state is MoveState.UNDONE for post in await steps.posts()):
        await steps.clear(steps.channel, f"{action.move}{POINTER}")
        await steps.clear(steps.to_channel, f"{action.move}:header")
    late = len(back) - sum(back)
    return f"{sum(back)} brought back" + (f", too late for {late}" if late else "")


async def deleted_by_move(work: Work, key: MessageKey) -> bool:
    """Whether a deletion that the platform reports is a move's own: then the text is kept for an undo."""
    return any(post.state in OURS_TO_DELETE for post in await work.moves.with_original(key))


def move_of(pointer: str) -> str:
    """The move that a pointer's marker belongs to."""
    return pointer.removesuffix(POINTER)


@dataclass(frozen=True, slots=True)
class _Steps:
    """One move and the steps it is made of; every step may be taken twice."""

    store: Store
    platform: ChatPlatform
    community: Community
    channel: str
    marker: str
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
        header = MoveHeader(self.channel)
        await self.platform.say(
            self.community, self.to_channel, header, buttons=(), marker=f"{self.marker}:header"
        )

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
        found = await self._copy_confirmed(message, self.to_channel, self._copy_marker(post))
        if post.state is MoveState.COPYING or post.copy != found:
            await self.put(replace(post, state=MoveState.COPIED, copy=found))

    async def _copy_confirmed(self, message: Message, channel: str, marker: str) -> str:
        await self.platform.copy(message, channel, marker=marker)
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

    async def close(self) -> str:
        """Leave the pointer, or take the header away where nothing was moved. Returns counts in words."""
        states = [post.state for post in await self.posts()]
        moved, stayed = states.count(MoveState.MOVED), states.count(MoveState.STAYED)
        if moved or stayed:
            pointer = MovePointer(self.to_channel, stayed=not moved)
            await self.say_in_old_place(pointer, f"{self.marker}{POINTER}", Button.UNDO)
        elif states:
            await self.clear(self.to_channel, f"{self.marker}:header")
        return f"{moved} moved, {stayed} copied, {len(states) - moved - stayed} left"

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
            await self.clear(self.to_channel, self._copy_marker(post))
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
            marker = f"{self.marker}:back:{post.original.message}"
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

    def _copy_marker(self, post: MovedPost) -> str:
        return f"{self.marker}:copy:{post.original.message}"

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
