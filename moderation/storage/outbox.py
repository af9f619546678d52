"""The outbox in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update

from moderation.actions import Action
from moderation.messages import Platform
from moderation.ports import Community, Delivery, DeliveryState
from moderation.storage import tables
from moderation.storage.encoding import pack_action, unpack_action
from moderation.storage.places import of_community
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import insert_into

outbox = tables.outbox
COLUMNS = tuple(
    outbox.c[name]
    for name in ("id", "platform", "community", "channel", "action", "due_at", "state", "tries", "result")
)
LAST = "\U0010ffff"
"""Sorts behind every other character."""
LOOKS = 3
"""How often it is looked for what is ready where others were faster."""
LEASED = (DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)


class SqlOutbox:
    """moderation.ports.Outbox."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(
        self, community: Community, channel: str, action: Action, due_at: datetime, about: str = ""
    ) -> bool:
        row = {
            "platform": community.platform.value,
            "community": community.id,
            "marker": action.marker,
            "channel": channel,
            "about": about,
            "action": pack_action(action),
            "due_at": due_at,
            "state": DeliveryState.WAITING.value,
            "tries": 0,
            "result": "",
        }
        insert = insert_into(outbox, self._transaction.dialect)
        once = insert.on_conflict_do_nothing(index_elements=("platform", "community", "marker"))
        return bool((await self._transaction.write(once.returning(outbox.c.id), row)).all())

    async def claim(self, now: datetime, limit: int, lease_until: datetime) -> list[Delivery]:
        columns = outbox.c
        for _ in range(LOOKS):
            first = await self._transaction.read(_first_of_each_channel(now, limit))
            if not first:
                return []
            # Asked again in the UPDATE: another hand, or another process, may have claimed one of them meanwhile.
            claimed = (
                update(outbox)
                .where(columns.id.in_([number for (number,) in first]), _is_ready(now))
                .values(lease_until=lease_until, state=_claimed_state())
                .returning(*COLUMNS)
            )
            deliveries = [_delivery(row) for row in (await self._transaction.write(claimed)).all()]
            if deliveries:
                return sorted(deliveries, key=lambda delivery: (delivery.due_at, delivery.id))
        return []

    async def begin(self, delivery: int, lease: datetime, until: datetime) -> Delivery | None:
        begun = {"state": DeliveryState.SENDING.value, "tries": outbox.c.tries + 1, "lease_until": until}
        ours = update(outbox).where(*_held(delivery, lease)).values(begun).returning(*COLUMNS)
        rows = (await self._transaction.write(ours)).all()
        return _delivery(rows[0]) if rows else None

    async def mark(
        self, delivery: int, state: DeliveryState, result: str = "", lease: datetime | None = None
    ) -> bool:
        values: dict[str, object] = {"state": state.value, "result": result}
        if state is DeliveryState.SENDING:
            values["tries"] = outbox.c.tries + 1
        return await self._update(delivery, lease, values)

    async def postpone(
        self, delivery: int, due_at: datetime, why: str, lease: datetime | None = None
    ) -> bool:
        waiting = {
            "state": DeliveryState.WAITING.value,
            "due_at": due_at,
            "lease_until": None,
            "result": why,
        }
        return await self._update(delivery, lease, waiting)

    async def _update(self, delivery: int, lease: datetime | None, values: dict[str, object]) -> bool:
        changed = update(outbox).where(*_held(delivery, lease)).values(values).returning(outbox.c.id)
        return bool((await self._transaction.write(changed)).all())

    async def find(self, community: Community, marker: str) -> Delivery | None:
        found = await self._select(community, outbox.c.marker == marker)
        return found[0] if found else None

    async def beginning(
        self, community: Community, prefix: str, since: datetime | None = None
    ) -> list[Delivery]:
        # No LIKE: on SQLite it takes capitals for small letters, and it uses no index.
        begins = (outbox.c.marker >= prefix, outbox.c.marker < prefix + LAST)
        late = () if since is None else (outbox.c.due_at >= since,)
        return await self._select(community, *begins, *late)

    async def all(self, community: Community) -> list[Delivery]:
        return await self._select(community)

    async def _select(self, community: Community, *conditions: ColumnElement[bool]) -> list[Delivery]:
        statement = select(*COLUMNS).where(of_community(outbox, community), *conditions).order_by(outbox.c.id)
        return [_delivery(row) for row in await self._transaction.read(statement)]


def _is_ready(now: datetime) -> ColumnElement[bool]:
    """Due, and in nobody's hands: waiting, or taken by somebody whose lease is over."""
    columns = outbox.c
    waiting = columns.state == DeliveryState.WAITING.value
    lapsed = and_(columns.state.in_(LEASED), columns.lease_until <= now)
    return and_(columns.due_at <= now, or_(waiting, lapsed))


def _held(delivery: int, lease: datetime | None) -> list[ColumnElement[bool]]:
    """This delivery; with a lease only while it is held until then. No two claims of one delivery have the same lease."""
    columns = outbox.c
    if lease is None:
        return [columns.id == delivery]
    return [columns.id == delivery, columns.state.in_(LEASED), columns.lease_until == lease]


def _first_of_each_channel(now: datetime, limit: int) -> Select[int]:
    """Ids of the oldest ready delivery of each channel that nobody works on, oldest first."""
    columns = outbox.c
    other = outbox.alias("other")
    same_channel = [other.c[name] == columns[name] for name in ("platform", "community", "channel")]
    busy = exists().where(*same_channel, other.c.state.in_(LEASED), other.c.lease_until > now)
    place = func.row_number().over(
        partition_by=(columns.platform, columns.community, columns.channel),
        order_by=(columns.due_at, columns.id),
    )
    ready = select(columns.id, columns.due_at, place.label("place")).where(_is_ready(now), ~busy).subquery()
    return select(ready.c.id).where(ready.c.place == 1).order_by(ready.c.due_at, ready.c.id).limit(limit)


def _claimed_state() -> ColumnElement[str]:
    """What was being sent when its claimer died stays SENDING: it may have been done."""
    sending = outbox.c.state == DeliveryState.SENDING.value
    return case((sending, DeliveryState.SENDING.value), else_=DeliveryState.CLAIMED.value)


def _delivery(row: Sequence[Any]) -> Delivery:
    number, platform, community, channel, action, due_at, state, tries, result = row
    return Delivery(
        id=number,
        community=Community(Platform(platform), community),
        channel=channel,
        action=unpack_action(action),
        due_at=due_at,
        state=DeliveryState(state),
        tries=tries,
        result=result,
    )
