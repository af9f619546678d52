"""What is said to members in a channel: to a talk, to one person, to a newcomer; and how it is taken away again.

A line that asks something of people stands for a while only: it goes when its time is over, or as soon as the one whom it
speaks to has answered it. What is to be taken away stands in the outbox, so that it happens once, also after a restart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from moderation.actions import (
    Action,
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    ReturnText,
    TakeBack,
    TellAppealAnswer,
    Welcome,
)
from moderation.conversation import CASUAL_MESSAGES, PEOPLE
from moderation.ends import End, Next, done
from moderation.errors import NotReachable
from moderation.messages import Message, MessageKey
from moderation.ports import Button, ChatPlatform, Delivery, DeliveryState, Press, Store, Work

NUDGE_BUTTONS = (Button.BELONGS_HERE, Button.WHY, Button.NO_MORE)
BUTTONS: Mapping[type[Action], tuple[Button, ...]] = {
    NudgeAuthor: NUDGE_BUTTONS,
    FloodHint: (Button.NO_MORE,),
    Welcome: (),
    OfferNote: (Button.SHOW,),
}
NOTE_STANDS = timedelta(days=7)
STANDS: Mapping[type[Action], timedelta] = {
    NudgeStretch: timedelta(minutes=30),
    NudgeAuthor: timedelta(minutes=30),
    FloodHint: timedelta(minutes=30),
    OfferNote: NOTE_STANDS,
}
"""How long each line stands. A welcome stays: it asks nothing, and a greeting that is taken back would be none."""

UNDER_WAY = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)
CLOSED = "closed to direct messages"
"""The result of an attempt after which the line is said in the channel instead."""


# --- saying ----------------------------------------------------------------------------------------------------


async def is_private(store: Store, platform: ChatPlatform, delivery: Delivery) -> bool:
    """Whether it is shown to one person alone, so that it cannot be found again.

    A line for one member is where the platform can do that at any time, and where they chose direct messages.
    """
    action = delivery.action
    if not isinstance(action, NudgeAuthor | FloodHint):
        return isinstance(action, ReturnText | TellAppealAnswer)
    if platform.abilities(delivery.community).private_notes:
        return True
    if delivery.result == CLOSED:
        return False
    async with store.work() as work:
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
    community = delivery.community
    keys = [MessageKey(community.platform, community.id, delivery.channel, name) for name in action.messages]
    async with store.work() as work:
        present = [message for message in await work.messages.get(keys) if message is not None]
        silent = await work.communities.opted_out(community, action.members)
    if not _is_talk(present) or now - present[-1].posted_at > stale:
        return End(DeliveryState.CANCELLED, "the talk is over")
    if not _is_talk([message for message in present if message.author.id not in silent]):
        return End(DeliveryState.CANCELLED, "too few are left who did not opt out")
    offer = (Button.MOVE_MINE,) if action.offer else ()
    return await _say(platform, delivery, action, (*offer, *NUDGE_BUTTONS), present[0].thread)


async def speak_to(
    store: Store,
    platform: ChatPlatform,
    delivery: Delivery,
    action: NudgeAuthor | FloodHint | Welcome,
    *,
    private: bool,
) -> End:
    """Privately, or one line in the channel that mentions only them; raises PlatformError.

    Who is closed to direct messages after all is spoken to in the channel at the next attempt.
    """
    async with store.work() as work:
        silent = await work.communities.opted_out(delivery.community, (action.member,))
        answered = await work.outbox.find(delivery.community, _back(action).marker)
    if answered is not None:
        return done("answered before it was known to be said")
    if silent:
        return End(DeliveryState.CANCELLED, "the member opted out")
    buttons = BUTTONS[type(action)]
    if not private:
        return await _say(platform, delivery, action, buttons)
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


async def offer_note(platform: ChatPlatform, delivery: Delivery, action: OfferNote) -> End:
    """One neutral line that mentions only the one whom a note waits for; raises PlatformError."""
    return await _say(platform, delivery, action, BUTTONS[OfferNote])


async def _say(
    platform: ChatPlatform,
    delivery: Delivery,
    action: NudgeStretch | NudgeAuthor | FloodHint | Welcome | OfferNote,
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


async def answered(work: Work, press: Press) -> None:
    """Whoever is spoken to alone answers with any button but the question why: then the line has done its work."""
    if press.button is Button.WHY:
        return
    line = await work.outbox.find(press.community, press.subject)
    action = line.action if line is not None else None
    if isinstance(action, NudgeAuthor | FloodHint) and line is not None and action.member == press.member:
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
    member = line.member if isinstance(line, NudgeAuthor | FloodHint | OfferNote | Welcome) else ""
    return TakeBack(line.marker, post, member)
