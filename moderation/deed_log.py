"""The log channel: a line about everything that Steward does, where a community wants one."""

from __future__ import annotations

from datetime import datetime

from moderation.actions import RenewCard, TakeBack
from moderation.ends import End, done
from moderation.notices import DeedShown
from moderation.ports import ChatPlatform, Delivery, DeliveryState, Store, Work
from moderation.report_actions import LogDeed, RenewQuestion

QUIET = (LogDeed, RenewCard, RenewQuestion, TakeBack)
"""What only tidies up, and the log itself."""
FAILED = (DeliveryState.REFUSED, DeliveryState.LOST)


async def note_in_log(work: Work, delivery: Delivery, now: datetime) -> None:
    """Put a line about what has just ended into the outbox, where there is a log channel (uncommitted)."""
    if isinstance(delivery.action, QUIET):
        return
    rules = await work.communities.current(delivery.community)
    if rules is not None and rules[1].log_channel:
        await work.outbox.add(delivery.community, rules[1].log_channel, LogDeed(delivery.marker), now)


async def tell_log(store: Store, platform: ChatPlatform, delivery: Delivery, action: LogDeed) -> End:
    """Say how it ended; raises PlatformError. What was erased meanwhile is not told."""
    async with store.work() as work:
        deed = await work.outbox.find(delivery.community, action.deed)
    if deed is None:
        return End(DeliveryState.GONE, "what it was about is erased")
    why = deed.result if deed.state in FAILED else ""
    shown = DeedShown(deed.action, deed.channel, deed.state.value, deed.due_at, why)
    said = await platform.say(
        delivery.community, delivery.channel, shown, buttons=(), marker=delivery.marker, thread=None
    )
    return done(said)
