"""Taking a pitch away until moderators rule, where a community wants that under a kept promise; and bringing it back.

How far a hold has come is kept like that of a moved post, under the marker of the hold::

    DELETING ─the post is taken away─> MOVED ─its time is over, or it is fine─> UNDOING ─copy, confirm─> UNDONE
       └── edited, or it could not be taken away ──> UNDONE

It ends by itself: unless moderators ruled it out, the text stands again after a day, under its author's name.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from moderation.actions import RenewCard
from moderation.cards import named, stored
from moderation.decisions import Ruled
from moderation.ends import End, Next, done, refused
from moderation.errors import Gone, NotAllowed, Unavailable
from moderation.messages import MessageKey
from moderation.pitch_actions import HoldPitch, News, ReleasePitch, TellNews
from moderation.ports import (
    ChatPlatform,
    Community,
    Delivery,
    DeliveryState,
    MovedPost,
    MoveState,
    Store,
    Work,
)

HELD_FOR = timedelta(hours=24)
SAYS_NOTHING = (Ruled.NOT_NOW,)
STAYS_AWAY = (Ruled.REMOVE, Ruled.PROMOTE)


async def hold(store: Store, platform: ChatPlatform, delivery: Delivery, action: HoldPitch) -> End:
    """Take the post away, tell its author, and let the time of the hold begin; raises PlatformError.

    An author's edit or deletion wins, and so does a ruling. What a thread hangs on, or what is pinned, stays.
    """
    post = await _known(store, delivery.community, action.marker)
    if post is None:
        post = await _planned(store, platform, delivery, action)
    elif post.state is MoveState.DELETING:
        post = await _still_ours(store, platform, delivery.community, post)
    if post is None or post.state is MoveState.UNDONE:
        return End(DeliveryState.CANCELLED, "not held: it was ruled on, changed, or is part of a thread")
    if post.state is MoveState.DELETING:
        try:
            with suppress(Gone):
                await platform.remove(post.original, reason="held until moderators rule")
        except NotAllowed as error:
            await _put(store, delivery.community, replace(post, state=MoveState.UNDONE))
            return refused(delivery, error)
        await _put(store, delivery.community, replace(post, state=MoveState.MOVED))
    return await _held(store, delivery, action)


async def _planned(
    store: Store, platform: ChatPlatform, delivery: Delivery, action: HoldPitch
) -> MovedPost | None:
    """Keep that it is going to be taken away; None where it is better left alone. Raises PlatformError."""
    key = named(delivery.community, action.message)
    look = await platform.look(key)
    async with store.work() as work:
        message = await stored(work, delivery.community, action.message)
        ruled = await latest_word(work, delivery.community, action.pitch)
    if message is None or not message.text or ruled not in (None, *STAYS_AWAY):
        return None
    changed = message.revision != action.revision or look.revision > action.revision
    if changed or look.has_thread or look.pinned:
        return None
    post = MovedPost(
        action.marker, key, action.member, key.channel, MoveState.DELETING, revision=action.revision
    )
    await _put(store, delivery.community, post)
    return post


async def _still_ours(
    store: Store, platform: ChatPlatform, community: Community, post: MovedPost
) -> MovedPost:
    """After an interruption: an author who edited meanwhile is left alone."""
    with suppress(Gone):
        if (await platform.look(post.original)).revision > post.revision:
            post = replace(post, state=MoveState.UNDONE)
            await _put(store, community, post)
    return post


async def _held(store: Store, delivery: Delivery, action: HoldPitch) -> End:
    async with store.work() as work:
        ruled = await latest_word(work, delivery.community, action.pitch)
    release = ReleasePitch(action.pitch, action.message, action.revision, action.member)
    channel = action.message.partition("/")[0]
    return done(
        "held",
        Next(TellNews(action.message, action.member, News.HELD, channel)),
        Next(release, timedelta(0) if ruled is Ruled.FINE else HELD_FOR),
        Next(RenewCard(action.pitch, f"held:{action.message}")),
    )


def let_go(action: HoldPitch) -> tuple[Next, ...]:
    """What is to be done about a hold that was given up half-way: if the post was taken away after all, it comes back."""
    return (Next(ReleasePitch(action.pitch, action.message, action.revision, action.member), HELD_FOR),)


async def release(store: Store, platform: ChatPlatform, delivery: Delivery, action: ReleasePitch) -> End:
    """Let the text stand again and tell its author, unless moderators ruled it out; raises PlatformError."""
    community = delivery.community
    post = await _known(store, community, action.hold)
    async with store.work() as work:
        ruled = await latest_word(work, community, action.pitch)
        message = await stored(work, community, action.message)
    if post is None or post.state is MoveState.UNDONE:
        return done("it is there")
    if ruled in STAYS_AWAY:
        return End(DeliveryState.CANCELLED, "it was ruled out")
    if message is None or not message.text:
        return done("its text is no longer stored")
    if post.state is MoveState.DELETING and await _is_there(platform, post.original):
        await _put(store, community, replace(post, state=MoveState.UNDONE))
        return done("it is there")
    await _put(store, community, replace(post, state=MoveState.UNDOING))
    marker = f"back:{action.message}:{action.revision}"
    await platform.copy(message, message.key.channel, marker=marker)
    found = await platform.find(community, message.key.channel, marker)
    if found is None:
        raise Unavailable(f"The copy {marker} is not to be seen yet.")
    await _put(store, community, replace(post, state=MoveState.UNDONE, copy=found))
    return done(
        found,
        Next(TellNews(action.message, action.member, News.RELEASED, message.key.channel)),
        Next(RenewCard(action.pitch, f"released:{action.message}")),
    )


async def bring_back(work: Work, community: Community, pitch: str, now: datetime) -> None:
    """Let everything held of a pitch come back now, since it was ruled to be fine (uncommitted)."""
    for each in await work.outbox.beginning(community, f"release:{pitch}:"):
        if each.state is DeliveryState.WAITING:
            await work.outbox.postpone(each.id, now, "ruled to be fine")


async def latest_word(work: Work, community: Community, pitch: str) -> Ruled | None:
    """The latest ruling on a pitch that says something."""
    said = [each.what for each in await work.rulings.of(community, f"card:{pitch}")]
    return next((what for what in reversed(said) if what not in SAYS_NOTHING), None)


async def stands_at(work: Work, key: MessageKey) -> MessageKey | None:
    """Where a post stands that may have been held: itself, what came back of it, or nowhere while it is held."""
    for post in await work.moves.with_original(key):
        if post.move.startswith("hold:"):
            if post.state is not MoveState.UNDONE:
                return None
            if post.copy:
                return replace(key, message=post.copy)
    return key


async def _known(store: Store, community: Community, marker: str) -> MovedPost | None:
    async with store.work() as work:
        return next(iter(await work.moves.of(community, marker)), None)


async def _put(store: Store, community: Community, post: MovedPost) -> None:
    async with store.work() as work:
        await work.moves.put(community, [post])
        await work.commit()


async def _is_there(platform: ChatPlatform, key: MessageKey) -> bool:
    with suppress(Gone):
        await platform.look(key)
        return True
    return False
