"""The outbox of the in-memory store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from moderation.actions import Action
from moderation.ports import Community, Delivery, DeliveryState
from tests.fakes.memory_state import Queued, cleaned
from tests.fakes.memory_transaction import MemoryTransaction


class MemoryOutbox:
    """moderation.ports.Outbox."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def add(
        self, community: Community, channel: str, action: Action, due_at: datetime, about: str = ""
    ) -> bool:
        if await self.find(community, action.marker) is not None:
            return False
        state = await self._transaction.write()
        state.last_delivery += 1
        number = state.last_delivery
        state.outbox[number] = Queued(Delivery(number, community, channel, action, due_at), about)
        return True

    async def claim(self, now: datetime, limit: int, lease_until: datetime) -> list[Delivery]:
        state = await self._transaction.write()
        taken = {queued.channel for queued in state.outbox.values() if queued.is_busy(now)}
        claimed: list[Delivery] = []
        ready = [queued for queued in state.outbox.values() if queued.is_ready(now)]
        for queued in sorted(ready, key=lambda queued: (queued.delivery.due_at, queued.delivery.id)):
            if queued.channel in taken or len(claimed) == limit:
                continue
            taken.add(queued.channel)
            sending = queued.delivery.state is DeliveryState.SENDING
            delivery = replace(
                queued.delivery, state=DeliveryState.SENDING if sending else DeliveryState.CLAIMED
            )
            state.outbox[delivery.id] = Queued(delivery, queued.about, lease_until)
            claimed.append(delivery)
        return claimed

    async def begin(self, delivery: int, lease: datetime, until: datetime) -> Delivery | None:
        outbox = (await self._transaction.write()).outbox
        queued = _held(outbox.get(delivery), lease)
        if queued is None:
            return None
        begun = replace(queued.delivery, state=DeliveryState.SENDING, tries=queued.delivery.tries + 1)
        outbox[delivery] = Queued(begun, queued.about, until)
        return begun

    async def mark(
        self, delivery: int, state: DeliveryState, result: str = "", lease: datetime | None = None
    ) -> bool:
        outbox = (await self._transaction.write()).outbox
        queued = _held(outbox.get(delivery), lease)
        if queued is None:
            return False
        tries = queued.delivery.tries + (state is DeliveryState.SENDING)
        marked = replace(queued.delivery, state=state, result=cleaned(result), tries=tries)
        outbox[delivery] = replace(queued, delivery=marked)
        return True

    async def postpone(
        self, delivery: int, due_at: datetime, why: str, lease: datetime | None = None
    ) -> bool:
        outbox = (await self._transaction.write()).outbox
        queued = _held(outbox.get(delivery), lease)
        if queued is None:
            return False
        waiting = replace(queued.delivery, state=DeliveryState.WAITING, due_at=due_at, result=cleaned(why))
        outbox[delivery] = Queued(waiting, queued.about)
        return True

    async def find(self, community: Community, marker: str) -> Delivery | None:
        return next((one for one in await self.all(community) if one.marker == marker), None)

    async def beginning(
        self, community: Community, prefix: str, since: datetime | None = None
    ) -> list[Delivery]:
        found = [one for one in await self.all(community) if one.marker.startswith(prefix)]
        return [one for one in found if since is None or one.due_at >= since]

    async def all(self, community: Community) -> list[Delivery]:
        return [queued.delivery for queued in self._transaction.state.queued_of(community)]


def _held(queued: Queued | None, lease: datetime | None) -> Queued | None:
    """What is queued; with a lease only while it is held until then."""
    if queued is None or lease is None:
        return queued
    return queued if queued.is_leased and queued.lease_until == lease else None
