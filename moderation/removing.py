"""Taking a pitch down that moderators ruled out, and bringing it back when they grant an appeal."""

from __future__ import annotations

from moderation.actions import (
    Answered,
    RemovePitch,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    TellAppealAnswer,
)
from moderation.cards import named, stored
from moderation.ends import End, Next, done, refused
from moderation.errors import Gone, NotAllowed
from moderation.messages import MessageKey
from moderation.ports import ChatPlatform, Community, Delivery, Store, Work


async def remove(platform: ChatPlatform, delivery: Delivery, action: RemovePitch) -> End:
    """Delete every copy that can be deleted; if any was, the author is to get the text back. Raises PlatformError."""
    refusal: NotAllowed | None = None
    removed = False
    for name in action.messages:
        try:
            await platform.remove(named(delivery.community, name), reason=f"ruled by {action.by}")
            removed = True
        except Gone:
            removed = True
        except NotAllowed as error:
            refusal = error
    follow = (Next(ReturnText(action.pitch, action.messages[-1], action.member)),) if removed else ()
    if refusal is None:
        return done(f"{len(action.messages)} removed", *follow)
    end = refused(delivery, refusal)
    return End(end.state, end.result, (*follow, *end.follow))


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
    name = f"{key.channel}/{key.message}"
    removals = await work.outbox.beginning(Community(key.platform, key.community), "remove:")
    return any(isinstance(each.action, RemovePitch) and name in each.action.messages for each in removals)
