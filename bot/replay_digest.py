"""The digest of what a replay keeps: which days and which channel are meant, and then the figures."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digest_source import Asked, channel_names, first_posted, read_digest
from bot.figures import hashed
from bot.replay_folder import ReplayFolder, begun
from moderation.digest import Digest
from moderation.errors import BadInput
from moderation.periods import Period, period_of, week_of
from moderation.ports import Store

LONG_AGO = datetime(2000, 1, 3, 12, tzinfo=UTC)
"""Where a replay without any message is told about."""


async def replayed_digest(
    store: Store, folder: ReplayFolder, first: date | None, last: date | None, channel: str, now: datetime
) -> Digest:
    """The digest of a replay, `first` to `last` local day, both included; of its latest week without them.

    `channel` is a name or an id, or empty for all. Raises BadInput for one that the replay does not know, for days in the wrong
    order, and where it never began.
    """
    summary = await asyncio.to_thread(folder.channel_names)
    async with store.work() as work:
        community, charter, policy = await begun(work, folder)
        posted = await work.messages.last_posted(community)
        names = await channel_names(work, community, charter, summary, posted)
        since = None if first or last else await first_posted(work, community)
    asked = Asked(
        community=community,
        charter=charter,
        policy=policy,
        period=_period(policy.time_zone, first, last, since, max(posted.values(), default=None)),
        now=now,
        channel=_channel(channel, {each: names.get(each) or each for each in (*posted, *names)}),
        names=names,
        rehearsed=True,
    )
    return await read_digest(store, asked)


def _period(
    time_zone: str, first: date | None, last: date | None, since: datetime | None, latest: datetime | None
) -> Period:
    """The days asked for; else the latest week that is whole and has messages, or the running one."""
    zone = ZoneInfo(time_zone)
    latest = latest or LONG_AGO
    if first is None and last is None:
        running = week_of(latest, time_zone)
        whole = running.before()
        return whole if since is not None and since < whole.end else running
    end = last or latest.astimezone(zone).date()
    start = first or end - timedelta(days=6)
    if start > end:
        raise BadInput(f"{start} is after {end}: a digest needs at least one day")
    return period_of(start, end + timedelta(days=1), time_zone)


def _channel(wanted: str, names: Mapping[str, str]) -> str:
    """The id of a channel by its name or id, empty for none. Raises BadInput."""
    if not wanted:
        return ""
    name = wanted.lstrip("#").casefold()
    for channel, called in names.items():
        if name in (channel.casefold(), called.lstrip("#").casefold()):
            return channel
    known = ", ".join(sorted({hashed(called) for called in names.values()})) or "none at all"
    raise BadInput(f"no channel {wanted!r} was replayed; there are {known}")
