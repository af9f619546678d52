"""What is said to members in a channel: to a talk, to one person, to a newcomer; and how it is taken away again.

A line that asks something of people stands for a while only: it goes when its time is over, or as soon as the one whom it
speaks to has answered it. What is to be taken away stands in the outbox, so that it happens once, also after a restart.

Right before anything is said it is asked whether it still is in place: what was decided in another mode, or before a moderator asked
for silence, is CANCELLED, and so is what comes late or is about a message that is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from moderation.actions import (
    Action,
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    PrivateNote,
    TakeBack,
    Welcome,
)
from moderation.cards import named
from moderation.conversation import CASUAL_MESSAGES, PEOPLE
from moderation.ends import End, Next, done
from moderation.errors import NotReachable
from moderation.messages import Message, MessageKey
from moderation.move_actions import MoveStretch, TellOfReply
from moderation.policy import Mode, Policy
from moderation.ports import Button, ChatPlatform, Community, Delivery, DeliveryState, Press, Store, Work

NUDGE_BUTTONS = (Button.BELONGS_HERE, Button.WHY, Button.NO_MORE)
BUTTONS: Mapping[type[Action], tuple[Button, ...]] = {
    NudgeAuthor: NUDGE_BUTTONS,
    FloodHint: (Button.NO_MORE,),
    TellOfReply: (Button.NO_MORE,),
    Welcome: (),
    OfferNote: (Button.SHOW,),
}
NOTE_STANDS = timedelta(days=7)
STANDS: Mapping[type[Action], timedelta] = {
    NudgeStretch: timedelta(minutes=30),
    NudgeAuthor: timedelta(minutes=30),
    FloodHint: timedelta(minutes=30),
    TellOfReply: timedelta(days=1),
    OfferNote: NOTE_STANDS,
}
"""How long each line stands. A welcome stays: it asks nothing, and a greeting that is taken back would be none."""

UNDER_WAY = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)
OFFERS = (Mode.OFFER, Mode.MOVE)
BY_POLICY = "policy"
TOO_LATE = "it comes too late"
CLOSED = "closed to direct messages"
"""The result of an attempt after which the line is said in the channel instead."""


# --- saying ----------------------------------------------------------------------------------------------------


async def is_private(store: Store, platform: ChatPlatform, delivery: Delivery) -> bool:
    """Whether it is shown to one person alone, so that it cannot be found again. Raises PlatformError where the platform is not there.

    A line for one member is where the platform can do that at any time, and where they chose direct messages, or the community did for all.
    """
    action, abilities = delivery.action, platform.abilities(delivery.community)
    if not isinstance(action, NudgeAuthor | FloodHint | TellOfReply):
        return isinstance(action, PrivateNote)
    if abilities.private_notes:
        return True
    if delivery.result == CLOSED:
        return False
    async with store.work() as work:
        rules = await work.communities.current(delivery.community)
        if rules is not None and rules[1].direct_messages:
            return True
        return bool(await work.communities.chose_direct(delivery.community, (action.member,)))


async def speak_to_talk(
    store: Store,
    platform: ChatPlatform,
    delivery: Delivery,
    action: NudgeStretch,
    now: datetime,
    stale: timedelta,
) -> End:
    """One line where the talk is; in silence when the talk is over by now, or its people took it back.

    It is heard by all, so it needs a talk that is one without those who opted out, too. Raises PlatformError.
    """
    async with store.work() as work:
        present = await _present(work, delivery, action)
        silent = await work.communities.opted_out(delivery.community, action.members)
        policy = await _policy(work, delivery.community)
    why = _over(present, now, stale) or await _why_silent(policy, now)
    if why:
        return End(DeliveryState.CANCELLED, why)
    if not _is_talk([message for message in present if message.author.id not in silent]):
        return End(DeliveryState.CANCELLED, "too few are left who did not opt out")
    if policy is not None and policy.mode not in OFFERS:
        action = replace(action, offer=False)
    offer = (Button.MOVE_MINE,) if action.offer else ()
    return await _say(platform, delivery, action, (*offer, *NUDGE_BUTTONS), present[0].thread)


async def called_off(
    store: Store, delivery: Delivery, action: MoveStretch, now: datetime, stale: timedelta
) -> End | None:
    """How a move ends that nobody asked for and that is out of place by now; None for all others, and for one that has begun."""
    if action.by != BY_POLICY:
        return None
    async with store.work() as work:
        if await work.moves.of(delivery.community, action.marker):
            return None
        present = await _present(work, delivery, action)
        policy = await _policy(work, delivery.community)
    why = _over(present, now, stale) or await _why_silent(policy, now)
    if policy is not None and policy.mode is not Mode.MOVE:
        why = why or "nothing is moved unasked by now"
    return End(DeliveryState.CANCELLED, why) if why else None


async def speak_to(
    store: Store,
    platform: ChatPlatform,
    delivery: Delivery,
    action: NudgeAuthor | FloodHint | Welcome | TellOfReply,
    now: datetime,
    stale: timedelta,
    *,
    private: bool,
) -> End:
    """Privately, or one line in the channel that mentions only them; raises PlatformError.

    Who is closed to direct messages after all is spoken to in the channel at the next attempt.
    """
    async with store.work() as work:
        silent = await work.communities.opted_out(delivery.community, (action.member,))
        answered = await work.outbox.find(delivery.community, _back(action).marker)
        (about,) = await work.messages.get([_about(delivery, action)])
        policy = await _policy(work, delivery.community)
    if answered is not None:
        return done("answered before it was known to be said")
    if silent or about is None:
        return End(DeliveryState.CANCELLED, "the member opted out" if silent else "the message is gone")
    # Of an answer somebody is told once quiet hours are over.
    late = not isinstance(action, TellOfReply) and now - about.posted_at > stale
    why = TOO_LATE if late else await _why_silent(policy, now)
    if why:
        return End(DeliveryState.CANCELLED, why)
    buttons = BUTTONS[type(action)]
    if not private:
        return await _say(platform, delivery, action, buttons, about.thread)
    try:
        told = await platform.tell(
            delivery.community,
            delivery.channel,
            action.member,
            action,
            buttons=buttons,
            marker=delivery.marker,
        )
    except NotReachable:
        if platform.abilities(delivery.community).private_notes:
            raise
        return End(DeliveryState.WAITING, CLOSED)
    return done(told)


async def offer_note(store: Store, platform: ChatPlatform, delivery: Delivery, action: OfferNote) -> End:
    """One neutral line, in the thread of the post that it is about, that mentions only the one whom a note waits for.

    Raises PlatformError.
    """
    async with store.work() as work:
        thread = await _thread_of(work, delivery, action)
    return await _say(platform, delivery, action, BUTTONS[OfferNote], thread)


async def _thread_of(work: Work, delivery: Delivery, action: OfferNote) -> str | None:
    note = await work.outbox.find(delivery.community, action.note)
    if note is None or not isinstance(note.action, PrivateNote):
        return None
    (message,) = await work.messages.get([named(delivery.community, note.action.message)])
    here = message is not None and message.key.channel == delivery.channel
    return message.thread if message is not None and here else None


async def _say(
    platform: ChatPlatform,
    delivery: Delivery,
    action: NudgeStretch | NudgeAuthor | FloodHint | Welcome | OfferNote | TellOfReply,
    buttons: Sequence[Button],
    thread: str | None = None,
) -> End:
    said = await platform.say(
        delivery.community,
        delivery.channel,
        action,
        buttons=buttons,
        marker=delivery.marker,
        thread=thread,
    )
    stands = STANDS.get(type(action))
    return done(said, *(() if stands is None else (Next(_back(action, said), stands),)))


async def _present(work: Work, delivery: Delivery, action: NudgeStretch | MoveStretch) -> list[Message]:
    """The posts of a talk that still are there."""
    community = delivery.community
    keys = [MessageKey(community.platform, community.id, delivery.channel, name) for name in action.messages]
    return [message for message in await work.messages.get(keys) if message is not None]


async def _policy(work: Work, community: Community) -> Policy | None:
    rules = await work.communities.current(community)
    return rules[1] if rules is not None else None


async def _why_silent(policy: Policy | None, now: datetime) -> str:
    """Why nothing is said to members at present, or an empty text; moderators may have changed their mind since it was decided."""
    if policy is None:
        return ""
    if policy.mode is Mode.OBSERVE:
        return "nothing is said to members by now"
    if policy.is_paused(now):
        return "paused by a moderator"
    # The time zone stands in a file: it is read off the event loop.
    quiet = policy.quiet_hours is not None and await asyncio.to_thread(policy.is_quiet, now)
    return "quiet hours" if quiet else ""


def _over(present: Sequence[Message], now: datetime, stale: timedelta) -> str:
    """Why nothing is to be said to a talk, or an empty text."""
    return "" if _is_talk(present) and now - present[-1].posted_at <= stale else "the talk is over"


def _about(delivery: Delivery, action: NudgeAuthor | FloodHint | Welcome | TellOfReply) -> MessageKey:
    """The message that a line is about."""
    name = action.reply if isinstance(action, TellOfReply) else action.message
    return MessageKey(delivery.community.platform, delivery.community.id, delivery.channel, name)


def _is_talk(messages: Sequence[Message]) -> bool:
    people = {message.author.id for message in messages}
    return len(messages) >= CASUAL_MESSAGES and len(people) >= PEOPLE


# --- taking away -----------------------------------------------------------------------------------------------


async def take_back(platform: ChatPlatform, delivery: Delivery, action: TakeBack) -> str:
    """Delete a line of ours; raises PlatformError, Gone where somebody else deleted it."""
    community, channel = delivery.community, delivery.channel
    post = action.post or await platform.find(community, channel, action.line)
    if post is None:
        return "nothing stands there"
    key = MessageKey(community.platform, community.id, channel, post)
    await platform.remove(key, reason=f"said for a while only: {action.line or action.post}")
    return "taken away"


def left_behind(delivery: Delivery) -> tuple[Next, ...]:
    """What is to be done about a line that is given up, and that an earlier attempt may have said."""
    is_line = type(delivery.action) in STANDS and delivery.tries > 0
    return (Next(_back(delivery.action)),) if is_line else ()


def without_names(follow: Sequence[Next]) -> tuple[Next, ...]:
    """What is left to be done about a line that was said just when the one whom it speaks to was erased: it goes, and names nobody."""
    lines = [(each, each.action) for each in follow]
    return tuple(
        Next(TakeBack("", one.post), each.after)
        for each, one in lines
        if isinstance(one, TakeBack) and one.post
    )


async def answered(work: Work, press: Press) -> None:
    """Whoever is spoken to alone answers with any button but the question why: then the line has done its work."""
    if press.button is Button.WHY:
        return
    line = await work.outbox.find(press.community, press.subject)
    action = line.action if line is not None else None
    if (
        isinstance(action, NudgeAuthor | FloodHint | TellOfReply)
        and line is not None
        and action.member == press.member
    ):
        await take_back_now(work, line, press.at)


async def take_back_now(work: Work, line: Delivery, now: datetime) -> None:
    """Let a line go at once, also one of which is not yet known that it was said."""
    back = _back(line.action)
    waiting = await work.outbox.find(line.community, back.marker)
    if waiting is not None and waiting.state is DeliveryState.WAITING:
        await work.outbox.postpone(waiting.id, now, "answered")
    elif waiting is None and line.state in UNDER_WAY:
        await work.outbox.add(line.community, line.channel, back, now)


def _back(line: Action, post: str = "") -> TakeBack:
    to_one = NudgeAuthor | FloodHint | OfferNote | Welcome | TellOfReply
    member = line.member if isinstance(line, to_one) else ""
    return TakeBack(line.marker, post, member)
