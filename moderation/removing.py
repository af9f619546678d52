"""Taking a pitch down that moderators ruled out, and bringing it back when they grant an appeal."""

from __future__ import annotations

from datetime import timedelta

from moderation.actions import (
    Answered,
    RemovePitch,
    RenewCard,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    TellAppealAnswer,
)
from moderation.cards import named, stored
from moderation.ends import End, Next, done, refused
from moderation.errors import Gone, NotAllowed
from moderation.holding import stands_at
from moderation.messages import MessageKey
from moderation.ports import ChatPlatform, Community, Delivery, Store, Work

CLOCKS_DIFFER = timedelta(minutes=10)


async def remove(store: Store, platform: ChatPlatform, delivery: Delivery, action: RemovePitch) -> End:
    """Delete every copy that can be deleted; if any was, the author is to get the text back. Raises PlatformError."""
    refusal: NotAllowed | None = None
    removed = False
    for name in action.messages:
        async with store.work() as work:
            place = await stands_at(work, named(delivery.community, name))
        try:
            if place is not None:
                await platform.remove(place, reason=f"ruled by {action.by}")
            removed = True
        except Gone:
            removed = True
        except NotAllowed as error:
            refusal = error
    follow = (Next(ReturnText(action.pitch, action.messages[-1], action.member)),) if removed else ()
    if refusal is None:
        return done(f"{len(action.messages)} removed", *follow)
    end = refused(delivery, refusal)
    again = Next(RenewCard(action.pitch, f"refused:{delivery.marker}:{delivery.tries}"))
    return End(end.state, end.result, (*follow, *end.follow, again))


async def restore(store: Store, platform: ChatPlatform, delivery: Delivery, action: RestorePitch) -> End:
    """Post the text again, and tell its author; where it is no longer stored, that they are welcome to post it again.

    Raises PlatformError.
    """
    async with store.work() as work:
        message = await stored(work, delivery.community, action.message)
    answered = Answered.POST_AGAIN
    copied = "its text is no longer stored"
    if message is not None and (message.text or message.attachments):
        copied = await platform.copy(message, message.key.channel, marker=delivery.marker)
        answered = Answered.RESTORED
    return done(
        copied,
        Next(TellAppealAnswer(action.message, action.member, answered)),
        Next(ShowAppeal(action.pitch, action.message, action.member, answered)),
    )


async def deleted_by_ruling(work: Work, key: MessageKey) -> bool:
    """Whether a deletion that the platform reports is that of a pitch that was ruled out: its text is kept for its author."""
    (message,) = await work.messages.get([key])
    if message is None:
        return False
    name = f"{key.channel}/{key.message}"
    # Nobody rules on a post before it is there; the platform's clock may be somewhat behind ours, or before it.
    since = message.posted_at - CLOCKS_DIFFER
    removals = await work.outbox.beginning(Community(key.platform, key.community), "remove:", since)
    return any(isinstance(each.action, RemovePitch) and name in each.action.messages for each in removals)
