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

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from moderation.messages import MessageKey
from moderation.move_actions import MoveStretch, UndoMove
from moderation.moving_steps import OPEN, POINTER, Steps
from moderation.notices import MoveGivenUp
from moderation.ports import (
    ChatPlatform,
    Community,
    Delivery,
    MovedPost,
    MoveState,
    Store,
    Work,
    community_of,
)

UNDO_WITHIN = timedelta(days=7)
"""As long as this a move can be undone, if the community keeps texts that long."""

GATHERS = timedelta(minutes=30)
"""Whoever lets their posts be moved within this time of the first of a talk joins that one's header and pointer.

So long the line stands that offers it. Ten minutes are meant to be enough, but a restart in between may take as long by itself.
"""

OURS_TO_DELETE = (MoveState.DELETING, MoveState.MOVED, MoveState.UNDOING)


async def move(store: Store, platform: ChatPlatform, delivery: Delivery, action: MoveStretch) -> str:
    """Carry a move out, or on from where it stopped. Returns what came of it in words.

    Raises PlatformError where the platform refuses or fails; then `move` again, or `give_up`.
    """
    steps = _steps(store, platform, delivery, action)
    posts = await steps.posts() or await steps.plan(action)
    if any(post.state in (MoveState.COPYING, MoveState.COPIED) for post in posts):
        await steps.say_header()
    await steps.copy_all()
    await steps.delete_all()
    return await steps.close(action.by)


async def give_up(store: Store, platform: ChatPlatform, delivery: Delivery, action: MoveStretch) -> str:
    """Leave the originals where they are, take the copies away and say so; raises PlatformError.

    Once an original is gone, going back would tear the talk apart: then the rest stands in both places.
    """
    steps = _steps(store, platform, delivery, action)
    posts = [await steps.make_sure(post) for post in await steps.posts()]
    halfway = any(post.state is MoveState.MOVED for post in posts)
    for post in posts:
        if halfway and post.state is MoveState.COPIED:
            await steps.put(replace(post, state=MoveState.STAYED))
        elif post.state in (MoveState.COPYING, MoveState.COPIED):
            await steps.leave_out(post)
    if posts and not halfway:
        await steps.say_in_old_place(MoveGivenUp(action.to_channel), f"{action.marker}:given_up")
    return await steps.close(action.by)


async def undo(store: Store, platform: ChatPlatform, delivery: Delivery, action: UndoMove) -> str:
    """Bring back the posts of the named members, then take their copies away; raises PlatformError.

    A post whose text is no longer stored stays where it is.
    """
    async with store.work() as work:
        posts = await work.moves.of(delivery.community, action.move)
        steps = await steps_of(work, store, platform, posts) if posts else None
    if steps is None:
        return "nothing was moved"
    wanted = [
        post
        for post in posts
        if post.author in action.members and action.message in ("", post.original.message)
    ]
    back = [await steps.take_back(post) for post in wanted]
    await steps.tidy()
    late = len(back) - sum(back)
    return f"{sum(back)} brought back" + (f", too late for {late}" if late else "")


async def deleted_by_move(work: Work, key: MessageKey) -> bool:
    """Whether a deletion that the platform reports is a move's own: then the text is kept for an undo."""
    return any(post.state in OURS_TO_DELETE for post in await work.moves.with_original(key))


def move_of(pointer: str) -> str:
    """The move that a pointer's marker belongs to."""
    return pointer.removesuffix(POINTER)


async def next_gathering(work: Work, community: Community, stretch: str, now: datetime) -> int:
    """The number of the gathering that whoever agrees now joins: the latest one, or a new one.

    The latest is joined within GATHERS of its first move, while anything of it stands in the new place or is on its way.
    """
    moves = await work.outbox.beginning(community, f"move:{stretch}:")
    numbers = [each.action.gathering for each in moves if isinstance(each.action, MoveStretch)]
    latest = max(numbers, default=0)
    those = [each for each, number in zip(moves, numbers, strict=True) if number == latest]
    if not latest or now - min(each.due_at for each in those) > GATHERS:
        return latest + 1
    return latest if any([await _stands(work, each) for each in those]) else latest + 1


async def _stands(work: Work, delivery: Delivery) -> bool:
    posts = await work.moves.of(delivery.community, delivery.marker)
    return delivery.state in OPEN or any(post.state is not MoveState.UNDONE for post in posts)


async def steps_of(work: Work, store: Store, platform: ChatPlatform, posts: Sequence[MovedPost]) -> Steps:
    """The steps of the move that these posts, at least one, belong to."""
    first = posts[0]
    community = community_of(first.original)
    delivery = await work.outbox.find(community, first.move)
    action = delivery.action if delivery is not None else None
    together = action.together if isinstance(action, MoveStretch) else first.move
    return Steps(store, platform, community, first.original.channel, first.move, together, first.to_channel)


def _steps(store: Store, platform: ChatPlatform, delivery: Delivery, action: MoveStretch) -> Steps:
    return Steps(
        store,
        platform,
        delivery.community,
        delivery.channel,
        action.marker,
        action.together,
        action.to_channel,
    )
