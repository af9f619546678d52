"""Messages and decisions of the in-memory store."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from moderation.actions import FloodHint, Welcome
from moderation.decisions import Decision
from moderation.exchanges import Exchange
from moderation.ledger import Past
from moderation.messages import Author, Message, MessageKey
from moderation.ports import Community, DeliveryState, Stored, community_of
from tests.fakes.memory_state import Kept, Queued, cleaned
from tests.fakes.memory_transaction import MemoryTransaction


class MemoryMessages:
    """moderation.ports.Messages."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def add(self, messages: Sequence[Message], keep_text_until: datetime) -> int:
        state, new = await self._transaction.write(), 0
        newest: dict[MessageKey, Message] = {}
        for message in map(cleaned, messages):
            if message.key not in newest or newest[message.key].revision < message.revision:
                newest[message.key] = message
        for key, message in newest.items():
            known = state.messages.get(key)
            if known is None or (known.message.revision < message.revision and not known.deleted):
                state.messages[key] = Kept(message, keep_text_until)
                new += 1
        return new

    async def get(self, keys: Sequence[MessageKey]) -> list[Message | None]:
        found = [self._transaction.state.messages.get(cleaned(key)) for key in keys]
        return [None if kept is None or kept.deleted else kept.message for kept in found]

    async def unjudged(self, limit: int, community: Community | None = None) -> list[Message]:
        waiting = [kept.message for kept in self._transaction.state.messages.values() if kept.waiting]
        chosen = [message for message in waiting if community in (None, community_of(message.key))]
        return sorted(chosen, key=lambda one: (*_when(one), one.key.channel))[:limit]

    async def before(self, message: Message, limit: int) -> list[Message]:
        if limit <= 0:
            return []
        message = cleaned(message)
        here = [kept.message for kept in self._transaction.state.messages.values() if not kept.deleted]
        here = [one for one in here if one.key == replace(message.key, message=one.key.message)]
        earlier = sorted((one for one in here if _when(one) < _when(message)), key=_when)
        place = [one for one in earlier if one.thread == message.thread]
        if message.thread is not None:
            place = [one for one in earlier if message.thread in (one.thread, one.key.message)]
        lines = place[-limit:]
        answered = [one for one in earlier if one.key.message == message.reply_to and one not in lines]
        return [*answered, *(lines[max(0, len(lines) + 1 - limit) :] if answered else lines)]

    async def before_many(self, messages: Sequence[Message], limit: int) -> list[list[Message]]:
        return [await self.before(message, limit) for message in messages]

    async def mark_deleted(self, key: MessageKey) -> None:
        state, key = await self._transaction.write(), cleaned(key)
        if key in state.messages:
            state.messages[key] = replace(state.messages[key].without_text(), deleted=True, waiting=False)
        state.forget_notes([key])
        for queued in state.queued_of(community_of(key)):
            delivery = queued.delivery
            here = queued.about == key.message and delivery.channel == key.channel
            waits = delivery.state in (DeliveryState.WAITING, DeliveryState.CLAIMED)
            if waits and (here or queued.about == f"{key.channel}/{key.message}"):
                cancelled = replace(delivery, state=DeliveryState.CANCELLED)
                state.outbox[delivery.id] = Queued(cancelled, queued.about)

    async def last_posted(self, community: Community) -> Mapping[str, datetime]:
        latest: dict[str, datetime] = {}
        for kept in self._transaction.state.messages_of(community):
            channel, at = kept.message.key.channel, kept.message.posted_at
            latest[channel] = max(at, latest.get(channel, at))
        return latest

    async def forget_texts(self, now: datetime) -> int:
        state = await self._transaction.write()
        over = [key for key, kept in state.messages.items() if kept.has_text and kept.keep_text_until <= now]
        for key in over:
            state.messages[key] = state.messages[key].without_text()
        state.forget_notes()
        return len(over)


class MemoryDecisions:
    """moderation.ports.Decisions."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def add(self, decisions: Sequence[Decision], exchanges: Sequence[Exchange]) -> None:
        placed = {(_place(one, decisions), one.giver, one.receiver): one for one in exchanges}
        state = await self._transaction.write()
        for decision in map(cleaned, decisions):
            state.decisions[decision.key, decision.revision] = decision
            kept = state.messages.get(decision.key)
            if kept is not None and kept.message.revision <= decision.revision:
                state.messages[decision.key] = replace(kept, waiting=False)
        state.exchanges |= placed

    async def get(self, key: MessageKey) -> Decision | None:
        found = [
            one for (known, _), one in self._transaction.state.decisions.items() if known == cleaned(key)
        ]
        return max(found, key=lambda decision: decision.revision, default=None)

    async def all(self, community: Community, since: datetime | None = None) -> AsyncIterator[Stored]:
        found = [
            one
            for one in self._transaction.state.decisions_of(community)
            if since is None or one.posted_at >= since
        ]
        for one in sorted(
            found, key=lambda one: (one.posted_at, one.key.message, one.key.channel, one.revision)
        ):
            kept = self._transaction.state.messages.get(one.key)
            bare = Message(
                one.key, Author(one.author, ""), "", one.posted_at, revision=one.revision, thread=one.thread
            )
            yield Stored(kept.message if kept else bare, one)

    async def bare(
        self, community: Community, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[Stored]:
        async for stored in self.all(community, since):
            if until is None or stored.decision.posted_at < until:
                message = Kept(stored.message, stored.message.posted_at).without_text().message
                verdict = stored.decision.verdict and replace(stored.decision.verdict, why="")
                yield Stored(message, replace(stored.decision, verdict=verdict, reasons=()))

    async def count(self, community: Community) -> int:
        return len(self._transaction.state.decisions_of(community))

    async def past(self, community: Community, before: datetime) -> Past:
        state = self._transaction.state
        decisions = state.decisions_of(community)
        judged = {(one.author, one.key) for one in decisions if one.verdict and one.posted_at < before}
        seen = [
            one
            for (key, _, _), one in state.exchanges.items()
            if community_of(key) == community and one.at < before
        ]
        actions = [action for decision in decisions for action in decision.actions]
        return Past(
            posts=Counter(author for author, _ in judged),
            given=Counter(one.giver for one in seen),
            received=Counter(one.receiver for one in seen),
            welcomed={action.member for action in actions if isinstance(action, Welcome)},
            flood_told={action.member for action in actions if isinstance(action, FloodHint)},
            opted_out={member for known, member in state.opt_outs if known == community},
        )


def _when(message: Message) -> tuple[datetime, str]:
    return message.posted_at, message.key.message


def _place(exchange: Exchange, decisions: Sequence[Decision]) -> MessageKey:
    for decision in decisions:
        if decision.key.message == exchange.message and decision.author in (
            exchange.giver,
            exchange.receiver,
        ):
            return decision.key
    raise ValueError(f"No decision is given for the message of {exchange}.")
