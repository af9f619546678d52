"""Where a digest's figures come from: one pass over stored decisions, then the few texts that its words need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from moderation.charter import Charter
from moderation.digest import (
    SETTLED_HISTORY,
    Deed,
    Digest,
    DigestReader,
    Period,
    RulingCounts,
    count_rulings,
    period_of,
    week_of,
)
from moderation.errors import BadInput
from moderation.messages import MessageKey
from moderation.policy import Policy
from moderation.ports import Community, DeliveryState, Store, Work
from moderation.promise import promise_of

LONG_AGO = datetime(2000, 1, 3, 12, tzinfo=UTC)
"""Where a replay without any message is told about."""


async def read_digest(
    store: Store,
    community: Community,
    rules: tuple[Charter, Policy],
    period: Period,
    *,
    channel: str = "",
    names: Mapping[str, str] | None = None,
    rehearsed: bool = False,
) -> Digest:
    """The digest of a period; `channel` is an id, or empty for all. `names` are those of channels by id.

    A rehearsed one counts what waits in the outbox as done: in a replay nothing is ever delivered.
    """
    charter, policy = rules
    async with store.work() as work:
        known = await _known(work, community, period)
        named = await _named(work, community, charter, names or {})
        reader = DigestReader(charter, policy, period, channel=channel, names=named, known=known)
        async for each in work.decisions.bare(community, period.before().start, period.end):
            reader.add(each.message, each.decision)
        return reader.digest(
            found=await work.messages.get(reader.keys_to_read()),
            deeds=await _deeds(work, community, rehearsed=rehearsed),
            rulings=await _rulings(work, community, period, channel),
            promise=promise_of(policy.promise),
            rehearsed=rehearsed,
        )


async def replayed_digest(
    store: Store, folder: Path, first: date | None, last: date | None, channel: str
) -> Digest:
    """The digest of what a replay keeps, `first` to `last` local day, both included; of its latest week without them.

    Raises BadInput for a channel that it does not know, and for days in the wrong order.
    """
    async with store.work() as work:
        communities = await work.communities.all()
        rules = await work.communities.current(communities[0]) if communities else None
        if rules is None:
            raise BadInput(f"the replay in {folder} never began: run steward replay again")
        latest = await work.messages.last_posted(communities[0])
        begun = await _first_posted(work, communities[0])
    names = _channel_names(folder, rules[0])
    period = _period(rules[1].time_zone, first, last, begun, max(latest.values(), default=None))
    wanted = _channel(channel, {each: names.get(each, each) for each in (*latest, *names)}) if channel else ""
    return await read_digest(
        store, communities[0], rules, period, channel=wanted, names=names, rehearsed=True
    )


async def _known(work: Work, community: Community, period: Period) -> set[str] | None:
    """Who wrote before the period; None where Steward has not read along for long enough to tell."""
    begun = await _first_posted(work, community)
    if begun is None or period.start - begun < SETTLED_HISTORY:
        return None
    return set((await work.decisions.past(community, period.start)).posts)


async def _named(
    work: Work, community: Community, charter: Charter, names: Mapping[str, str]
) -> dict[str, str]:
    """Names of channels by id; those that neither `names` nor the charter tells are read from their latest message."""
    named = {channel.id: channel.name for channel in charter.channels if channel.id} | dict(names)
    latest: list[MessageKey] = []
    for channel, at in (await work.messages.last_posted(community)).items():
        if channel not in named:
            there = work.decisions.bare(community, at, at + timedelta(microseconds=1))
            latest += [each.message.key async for each in there if each.message.key.channel == channel]
    found = await work.messages.get(latest)
    return named | {message.key.channel: message.channel_name for message in found if message}


async def _first_posted(work: Work, community: Community) -> datetime | None:
    async for each in work.decisions.bare(community):
        return each.decision.posted_at
    return None


async def _deeds(work: Work, community: Community, *, rehearsed: bool) -> list[Deed]:
    return [
        Deed(each.action, each.channel, each.due_at)
        for each in await work.outbox.all(community)
        if rehearsed or each.state is DeliveryState.DONE
    ]


async def _rulings(work: Work, community: Community, period: Period, channel: str) -> RulingCounts:
    """What was said in the period; of one channel what names a message of it (a hint for a lone post does not)."""
    said = [each async for each in work.rulings.all(community, period.start) if each.at < period.end]
    return count_rulings(each for each in said if not channel or f":{channel}/" in each.subject)


def _period(
    time_zone: str, first: date | None, last: date | None, begun: datetime | None, latest: datetime | None
) -> Period:
    """The days asked for; else the latest week that is whole and has messages, or the running one."""
    zone = ZoneInfo(time_zone)
    latest = latest or LONG_AGO
    if first is None and last is None:
        running = week_of(latest, time_zone)
        whole = running.before()
        return whole if begun is not None and begun < whole.end else running
    end = last or latest.astimezone(zone).date()
    start = first or end - timedelta(days=6)
    if start > end:
        raise BadInput(f"{start} is after {end}: a digest needs at least one day")
    return period_of(start, end + timedelta(days=1), time_zone)


def _channel(wanted: str, names: Mapping[str, str]) -> str:
    """The id of a channel by its name or id. Raises BadInput."""
    name = wanted.lstrip("#").casefold()
    for channel, called in names.items():
        if name in (channel.casefold(), called.lstrip("#").casefold()):
            return channel
    known = ", ".join(sorted({f"#{called.lstrip('#')}" for called in names.values()})) or "none at all"
    raise BadInput(f"no channel {wanted!r} was replayed; there are {known}")


def _channel_names(folder: Path, charter: Charter) -> dict[str, str]:
    """Names by id, from the charter and from the replay's summary: after a week messages no longer know theirs."""
    names = {channel.id: channel.name for channel in charter.channels if channel.id}
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        names |= {str(channel["id"]): str(channel["name"]) for channel in summary["channels"]}
    except (OSError, ValueError, KeyError, TypeError):
        return names  # an interrupted replay has none
    return names
