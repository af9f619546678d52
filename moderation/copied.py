"""What becomes of a member's own words once they stand under our name: a moved post, or one that was brought back.

Whoever wrote it can change it, delete it or take it back, for as long as a move can be undone. What they change is stored as a higher
revision, so that it comes back as it is by now; what they delete is forgotten, and nothing brings it back.

They are told when somebody answers the copy, since the platform only tells us. It is told privately where that can be done at any
time, and as a direct message to those who chose these. Elsewhere (Discord) nobody can be shown anything unasked: then it is one
line beside the answer, which mentions only the author. That is no more than a reply does there by itself, and no less public:
the answer and whose post it is stand just above. It comes once per copy and hour and three times a day at most, not before quiet
hours are over, goes after a day, and never comes to whoever wants no nudges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from moderation.actions import Action
from moderation.cards import named
from moderation.errors import Gone
from moderation.messages import Kind, Message, MessageKey
from moderation.move_actions import DeleteCopy, EditCopy, TellOfReply, UndoMove
from moderation.moving import UNDO_WITHIN, steps_of
from moderation.moving_steps import BACK, COPY, THERE
from moderation.notices import Answer, Reply
from moderation.policy import Policy
from moderation.ports import (
    Button,
    ChatPlatform,
    Community,
    Delivery,
    MovedPost,
    MoveState,
    Press,
    Store,
    Work,
    community_of,
)

CHOICES: Mapping[Reply, tuple[Button, ...]] = {
    Reply.YOURS: (Button.CHANGE, Button.DELETE, Button.TAKE_BACK),
    Reply.YOURS_HERE: (Button.CHANGE, Button.DELETE),
    Reply.YOURS_TWICE: (Button.TAKE_BACK,),
}
"""What an author can do with a copy."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOLD_A_DAY = 3
"""How often an author is told of answers within a day."""


@dataclass(frozen=True, slots=True)
class _Own:
    """A post of the one who asks; `reply` says how it stands, and `message` what it says by now."""

    reply: Reply
    post: MovedPost
    message: Message


# --- what its author does with it ------------------------------------------------------------------------------


async def choose(work: Work, press: Press) -> tuple[Answer, str, Action | None]:
    """What follows from a press on a copy's button: the answer, and what is to be done in which channel, if anything."""
    own = await _own(work, press)
    if isinstance(own, Answer):
        return own, "", None
    post, key = own.post, own.post.original
    if press.button is Button.DELETE and press.button in CHOICES[own.reply]:
        await work.messages.mark_deleted(key)
        return Answer(Reply.DELETED), key.channel, DeleteCopy(press.subject, key.name, post.author)
    if press.button is Button.TAKE_BACK and press.button in CHOICES[own.reply]:
        undo = UndoMove(post.move, (post.author,), post.author, key.message)
        return Answer(Reply.COMING_BACK, key.channel), key.channel, undo
    return Answer(own.reply, key.channel), "", None


async def text_to_change(store: Store, press: Press) -> Answer:
    """The answer to whoever wants to change a copy: CHANGED with its present `text` where they may, else what to tell them."""
    async with store.work() as work:
        own = await _own(work, press)
    if isinstance(own, Answer):
        return own
    if Button.CHANGE not in CHOICES[own.reply]:
        return Answer(own.reply, own.post.original.channel)
    return Answer(Reply.CHANGED, text=own.message.text)


async def change(store: Store, press: Press, text: str) -> Answer:
    """Keep what an author made of a copy, which then is changed too, and return what they are told."""
    async with store.work() as work:
        own = await _own(work, press)
        if isinstance(own, Answer):
            return own
        if Button.CHANGE not in CHOICES[own.reply]:
            return Answer(own.reply, own.post.original.channel)
        if text != own.message.text and (text or own.message.attachments):
            await _keep(work, press, own, text)
            await work.commit()
    return Answer(Reply.CHANGED)


async def _keep(work: Work, press: Press, own: _Own, text: str) -> None:
    """Store the text as a higher revision, under the verdict that the post has: it is no new post in its old place."""
    rules = await work.communities.current(press.community)
    days = rules[1].retention_days if rules is not None else 0
    revision = max(own.message.revision, own.post.revision) + 1
    decision = await work.decisions.get(own.message.key)
    await work.messages.add(
        [replace(own.message, text=text, revision=revision)], press.at + timedelta(days=days)
    )
    if decision is not None and decision.revision == own.message.revision:
        verdict = replace(decision.verdict, why="") if decision.verdict is not None else None
        same = replace(decision, revision=revision, verdict=verdict, reasons=(), actions=())
        await work.decisions.add([same], ())
    key = own.message.key
    action = EditCopy(press.subject, key.name, own.post.author, revision)
    await work.outbox.add(press.community, key.channel, action, press.at)


async def _own(work: Work, press: Press) -> _Own | Answer:
    """The post behind a copy's marker, where it is the presser's and still theirs to change; else what to tell them."""
    key = original_of(press.community, press.subject)
    posts = await work.moves.with_original(key) if key is not None else []
    if not any(post.author == press.member for post in posts):
        return Answer(Reply.NOTHING_OF_YOURS)
    post = posts[-1]
    if await work.outbox.find(press.community, f"delete:{press.subject}") is not None:
        return Answer(Reply.DELETED)
    if post.state is MoveState.UNDOING:
        return Answer(Reply.COMING_BACK, post.original.channel)
    reply = _standing(post, press.subject)
    (message,) = await work.messages.get([post.original])
    has_content = message is not None and bool(message.text or message.attachments)
    if reply is None or message is None or not has_content or not await _is_recent(work, post, press.at):
        return Answer(Reply.TOO_LATE)
    return _Own(reply, post, message)


def original_of(community: Community, marker: str) -> MessageKey | None:
    """The message that a copy with this marker is of; None for what is no copy of a moved post."""
    channel = marker.removeprefix("move:").partition("/")[0]
    for mark in (COPY, BACK):
        _, found, message = marker.rpartition(mark)
        if found:
            return MessageKey(community.platform, community.id, channel, message)
    return None


def _standing(post: MovedPost, marker: str) -> Reply | None:
    """How the copy with this marker stands; None where it no longer does."""
    if BACK in marker:
        return Reply.YOURS_HERE if post.state is MoveState.UNDONE else None
    return {MoveState.MOVED: Reply.YOURS, MoveState.STAYED: Reply.YOURS_TWICE}.get(post.state)


async def _is_recent(work: Work, post: MovedPost, now: datetime) -> bool:
    move = await work.outbox.find(community_of(post.original), post.move)
    return move is not None and now - move.due_at <= UNDO_WITHIN


# --- doing it --------------------------------------------------------------------------------------------------


async def edit_copy(store: Store, platform: ChatPlatform, delivery: Delivery, action: EditCopy) -> str:
    """Let the copy say what is stored, wherever it stands by now; raises PlatformError, Gone where it stands nowhere."""
    key = named(delivery.community, action.message)
    async with store.work() as work:
        posts = await work.moves.with_original(key)
        (message,) = await work.messages.get([key])
    if not posts or message is None:
        raise Gone("its author deleted it")
    channel, copy = posts[-1].to_channel, posts[-1].copy
    if posts[-1].state not in THERE:
        channel = key.channel
        copy = await platform.find(delivery.community, channel, _back(action.copy)) or ""
    if not copy:
        raise Gone("the copy stands no more")
    await platform.edit_copy(replace(key, channel=channel, message=copy), message)
    return copy


async def delete_copy(store: Store, platform: ChatPlatform, delivery: Delivery, action: DeleteCopy) -> str:
    """Take the copy away wherever it stands by now, and what stood around it alone; raises PlatformError."""
    key = named(delivery.community, action.message)
    async with store.work() as work:
        posts = await work.moves.with_original(key)
        if not posts:
            raise Gone("what it was about is erased")
        steps = await steps_of(work, store, platform, posts[-1:])
    if posts[-1].state is not MoveState.UNDONE:
        await steps.leave_out(posts[-1])
    await steps.clear(steps.channel, _back(action.copy))
    await steps.tidy()
    return "deleted by its author"


def _back(marker: str) -> str:
    """The marker of a copy once it is brought back."""
    return BACK.join(marker.rsplit(COPY, 1))


# --- answers to it ---------------------------------------------------------------------------------------------


async def note_reply(work: Work, message: Message, policy: Policy, now: datetime) -> None:
    """Let the author of a copy be told that `message` answers it (uncommitted)."""
    if message.reply_to is None or message.revision or message.kind is not Kind.POST:
        return
    community, places = community_of(message.key), (message.key.channel, message.channel_name, message.thread)
    copies = await work.moves.with_copy(community, message.reply_to)
    post = next((each for each in copies if each.state in THERE and each.to_channel in places), None)
    if post is None or post.author == message.author.id or policy.is_paused(now):
        return
    if not await _is_recent(work, post, now) or await _was_told(work, community, post, now):
        return
    key = message.key
    action = TellOfReply(post.author, post.original.name, key.message, key.channel, message.thread or "")
    await work.outbox.add(community, key.channel, action, _after_quiet(policy, now), key.message)


async def _was_told(work: Work, community: Community, post: MovedPost, now: datetime) -> bool:
    """Whether its author was told of this copy within an hour, or often enough within a day."""
    earlier = await work.outbox.beginning(community, f"replied:{post.author}:")
    recent = [each for each in earlier if now - each.due_at < DAY]
    return len(recent) >= TOLD_A_DAY or any(
        isinstance(each.action, TellOfReply)
        and each.action.message == post.original.name
        and now - each.due_at < HOUR
        for each in recent
    )


def _after_quiet(policy: Policy, now: datetime) -> datetime:
    """Now, or the end of the quiet hours."""
    if policy.quiet_hours is None or not policy.is_quiet(now):
        return now
    local, end = policy.local(now), policy.quiet_hours.end
    until = local.replace(hour=end.hour, minute=end.minute, second=end.second, microsecond=end.microsecond)
    # In local time: a night in which the clock changes is an hour shorter or longer.
    return (until if until > local else until + DAY).astimezone(now.tzinfo)
