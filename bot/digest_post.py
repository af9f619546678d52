"""The weekly digest in the moderators' channel: put into the outbox when it is due, and made when it is posted.

The outbox keeps each digest under the first day of its week, so it comes once, however often Steward starts.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.digest_chart import alt_text, chart
from bot.digest_source import Asked, read_digest
from bot.digest_text import text_of
from bot.schedule import MONDAY, MORNING, due_period, latest_week
from moderation.errors import Gone
from moderation.notices import DigestShown
from moderation.periods import Period, period_of
from moderation.policy import Policy
from moderation.ports import Community, DeliveryState, Store, Work
from moderation.report_actions import PostDigest


async def put_due(store: Store, now: datetime) -> int:
    """Put the digests that are due at `now` into the outbox; how many."""
    async with store.work() as work:
        communities = await work.communities.all()
    return sum([await _put(store, community, now) for community in communities])


async def digest_shown(
    store: Store, community: Community, action: PostDigest, model: str, now: datetime
) -> DigestShown:
    """The digest that is to be posted; `model` is the classifier's version. Raises Gone for a community without a charter."""
    async with store.work() as work:
        rules = await work.communities.current(community)
    if rules is None:
        raise Gone(f"{community} has no charter any more.")
    await _read_zone(action.time_zone)
    asked = Asked(community, *rules, _period(action), now, model=model)
    made = await read_digest(store, asked)
    return DigestShown(text_of(made), await asyncio.to_thread(chart, made), alt_text(made))


async def _put(store: Store, community: Community, now: datetime) -> bool:
    async with store.work() as work:
        rules = await work.communities.current(community)
        if rules is None or not rules[1].moderators_channel:
            return False
        await _read_zone(rules[1].time_zone)
        last = await _last(work, community)
        if last is None:
            await _begin(work, community, rules[1], now)
            await work.commit()
            return False
        due = due_period(rules[1].time_zone, MONDAY, MORNING, last, now)
        if due is None:
            return False
        await work.outbox.add(community, "", _action(due), now)
        await work.commit()
    return True


async def _last(work: Work, community: Community) -> Period | None:
    found = await work.outbox.beginning(community, "digest:")
    posted = [each.action for each in found if isinstance(each.action, PostDigest)]
    return _period(max(posted, key=lambda action: action.first)) if posted else None


async def _begin(work: Work, community: Community, policy: Policy, now: datetime) -> None:
    """Keep the week before as posted: what was before Steward came is no digest."""
    action = _action(latest_week(policy.time_zone, now))
    await work.outbox.add(community, "", action, now)
    kept = await work.outbox.find(community, action.marker)
    if kept is not None:
        await work.outbox.mark(kept.id, DeliveryState.CANCELLED, "before Steward came")


async def _read_zone(name: str) -> None:
    """A time zone stands in a file: it is read off the event loop, and found in memory from then on."""
    await asyncio.to_thread(ZoneInfo, name)


def _action(week: Period) -> PostDigest:
    end = date.fromordinal(week.last_day.toordinal() + 1)
    return PostDigest(week.first_day.isoformat(), end.isoformat(), week.time_zone)


def _period(action: PostDigest) -> Period:
    return period_of(date.fromisoformat(action.first), date.fromisoformat(action.end), action.time_zone)
