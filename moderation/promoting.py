"""Moving a pitch to where offers are welcome, as a moderator ruled: one copy there, confirmed, and only then its posts are taken away.

How far it has come is kept like a move, under the marker of the action; several posts with the same text become one there. An author's
edit or deletion wins: where nothing is left of what was ruled on, the copy is taken away again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from moderation.actions import RenewCard
from moderation.cards import named
from moderation.ends import End, Next, done, refused
from moderation.errors import Gone, NotAllowed, Unavailable
from moderation.holding import stands_at
from moderation.messages import Message, MessageKey
from moderation.pitch_actions import News, PromotePitch, TellNews
from moderation.ports import (
    ChatPlatform,
    Community,
    Delivery,
    DeliveryState,
    MovedPost,
    MoveState,
    Store,
)

EQUAL_ACCESS = "Equal access to both channels"


async def promote(store: Store, platform: ChatPlatform, delivery: Delivery, action: PromotePitch) -> End:
    """Carry it out, or on from where it stopped; its author is to be told. Raises PlatformError."""
    steps = _Steps(store, platform, delivery.community, action)
    try:
        moved = await steps.carry_out()
    except NotAllowed as error:
        await steps.take_copy_away()
        end = refused(delivery, error)
        again = Next(RenewCard(action.pitch, f"refused:{delivery.marker}:{delivery.tries}"))
        return End(end.state, end.result, (*end.follow, again))
    if not moved:
        return End(DeliveryState.GONE, "nothing is left of what was ruled on")
    news = TellNews(action.pitch, action.member, News.PROMOTED, action.to_channel)
    return done(f"{moved} moved", Next(news))


async def give_up_promotion(
    store: Store, platform: ChatPlatform, delivery: Delivery, action: PromotePitch
) -> None:
    """Take the copy away, unless a post is gone already: then the copy is what is left. Raises PlatformError."""
    await _Steps(store, platform, delivery.community, action).take_copy_away()


@dataclass(frozen=True, slots=True)
class _Steps:
    """The steps; each may be taken twice."""

    store: Store
    platform: ChatPlatform
    community: Community
    action: PromotePitch

    @property
    def marker(self) -> str:
        """What the copy goes by."""
        return f"{self.action.marker}:copy"

    async def carry_out(self) -> int:
        """How many posts were taken away. Raises PlatformError."""
        posts = await self.posts() or await self.plan()
        if any(post.state is MoveState.COPYING for post in posts):
            await self.copy(posts)
        for post in await self.posts():
            await self.take_away(post)
        states = [post.state for post in await self.posts()]
        if MoveState.MOVED not in states:
            await self.take_copy_away()
        return states.count(MoveState.MOVED)

    async def posts(self) -> list[MovedPost]:
        """Those that were not left out."""
        async with self.store.work() as work:
            every = await work.moves.of(self.community, self.action.marker)
        return [post for post in every if post.state is not MoveState.UNDONE]

    async def plan(self) -> list[MovedPost]:
        """Keep which posts still are what was ruled on. Raises NotAllowed where others could read them in the new place."""
        keys = [named(self.community, name) for name in self.action.messages]
        async with self.store.work() as work:
            found = [message for message in await work.messages.get(keys) if message is not None]
        ruled_on = dict(zip(self.action.messages, self.action.revisions, strict=False))
        same = [message for message in found if message.revision == ruled_on.get(message.key.name)]
        planned = [message for message in same if await self._may_go(message)]
        for channel in {message.key.channel for message in planned}:
            if not await self.platform.same_readers(self.community, channel, self.action.to_channel):
                raise NotAllowed(
                    "Fewer or other people can read the new place, so nothing is moved there.", EQUAL_ACCESS
                )
        posts = [
            MovedPost(
                self.action.marker,
                message.key,
                message.author.id,
                self.action.to_channel,
                MoveState.COPYING,
                revision=message.revision,
            )
            for message in planned
        ]
        await self._put(*posts)
        return posts

    async def copy(self, posts: Sequence[MovedPost]) -> None:
        """Copy the text of the first, look whether it is there, and note it on all."""
        async with self.store.work() as work:
            found = await work.messages.get([post.original for post in posts])
        message = next((each for each in found if each is not None and (each.text or each.attachments)), None)
        if message is None:
            await self._put(*(replace(post, state=MoveState.UNDONE) for post in posts))
            return
        await self.platform.copy(message, self.action.to_channel, marker=self.marker)
        copy = await self._copy()
        if copy is None:
            raise Unavailable(f"The copy {self.marker} is not to be seen yet.")
        first, *others = posts
        await self._put(
            replace(first, state=MoveState.COPIED, copy=copy),
            *(replace(post, state=MoveState.COPIED) for post in others),
        )

    async def take_away(self, post: MovedPost) -> None:
        """Take one of the posts away, wherever it stands by now, unless its author changed it."""
        if post.state not in (MoveState.COPIED, MoveState.DELETING):
            return
        async with self.store.work() as work:
            place = await stands_at(work, post.original)
        if place == post.original and await self._has_changed(post):
            await self._put(replace(post, state=MoveState.UNDONE))
            return
        await self._put(replace(post, state=MoveState.DELETING))
        if place is not None:
            with suppress(Gone):
                await self.platform.remove(
                    place, reason=f"moved to another channel, as {self.action.by} ruled"
                )
        await self._put(replace(post, state=MoveState.MOVED))

    async def take_copy_away(self) -> None:
        """Delete the copy while the posts stand; once one is gone it stays."""
        posts = [await self._made_sure(post) for post in await self.posts()]
        if any(post.state is MoveState.MOVED for post in posts):
            return
        copy = await self._copy()
        if copy is not None:
            key = MessageKey(self.community.platform, self.community.id, self.action.to_channel, copy)
            with suppress(Gone):
                await self.platform.remove(key, reason=f"not moved after all: {self.action.marker}")
        await self._put(*(replace(post, state=MoveState.UNDONE) for post in posts))

    async def _made_sure(self, post: MovedPost) -> MovedPost:
        """Settle whether a deletion that was begun was done."""
        if post.state is not MoveState.DELETING:
            return post
        try:
            await self.platform.look(post.original)
        except Gone:
            post = replace(post, state=MoveState.MOVED)
            await self._put(post)
        return post

    async def _copy(self) -> str | None:
        with suppress(Gone):
            return await self.platform.find(self.community, self.action.to_channel, self.marker)
        return None

    async def _may_go(self, message: Message) -> bool:
        """Whether a post has something to be moved and is as it was; what is or was held is so in any case."""
        if not message.text and not message.attachments:
            return False
        async with self.store.work() as work:
            held = await stands_at(work, message.key) != message.key
        if held:
            return True
        with suppress(Gone):
            return (await self.platform.look(message.key)).revision <= message.revision
        return False

    async def _has_changed(self, post: MovedPost) -> bool:
        """Whether its author edited it, or deleted it before we did."""
        try:
            return (await self.platform.look(post.original)).revision > post.revision
        except Gone:
            return post.state is MoveState.COPIED

    async def _put(self, *posts: MovedPost) -> None:
        async with self.store.work() as work:
            await work.moves.put(self.community, posts)
            await work.commit()
