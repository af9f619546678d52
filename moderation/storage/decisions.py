"""Decisions and exchanges in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
    update,
)

from moderation.actions import FloodHint, Welcome
from moderation.decisions import Decision
from moderation.exchanges import Exchange
from moderation.ledger import Past
from moderation.messages import Message, MessageKey
from moderation.ports import Community, Stored
from moderation.storage import tables
from moderation.storage.bare import BareRows, select_bare
from moderation.storage.encoding import unpack_actions
from moderation.storage.places import has_key, of_community
from moderation.storage.rows import (
    DECISION,
    KEY,
    MESSAGE,
    Values,
    bare_message,
    decision_of,
    decision_values,
    key_values,
    message_of,
)
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import replacing

decisions, messages, exchanges = tables.decisions, tables.messages, tables.exchanges

PAGE = 100
"""Decisions read at a time when all are streamed: opening more in one go would hold the event loop."""

BARE_PAGE = 1_000
"""The same where nothing is opened."""

ORDER = tuple(decisions.c[name] for name in ("posted_at", "message", "channel", "revision"))


class SqlDecisions:
    """moderation.ports.Decisions."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, decisions: Sequence[Decision], exchanges: Sequence[Exchange]) -> None:
        seen = [_exchange_values(exchange, decisions) for exchange in exchanges]
        if not decisions:
            return
        newest = {(decision.key, decision.revision): decision for decision in decisions}
        dialect, vault = self._transaction.dialect, self._transaction.vault
        await self._transaction.write(
            _replace(dialect), [decision_values(one, vault) for one in newest.values()]
        )
        await self._transaction.write(_judged(), [_judged_values(key, revision) for key, revision in newest])
        if seen:
            await self._transaction.write(_replace_exchange(dialect), seen)

    async def get(self, key: MessageKey) -> Decision | None:
        statement = (
            select(*DECISION).where(has_key(decisions, key)).order_by(decisions.c.revision.desc()).limit(1)
        )
        rows = await self._transaction.read(statement)
        return decision_of(rows[0], self._transaction.vault) if rows else None

    async def all(self, community: Community, since: datetime | None = None) -> AsyncIterator[Stored]:
        statement = _in_order(community)
        page = await self._transaction.read(statement.where(*_from(since)))
        while page:
            for row in page:
                decision = decision_of(row[: len(DECISION)], self._transaction.vault)
                yield Stored(self._message_of(row[len(DECISION) :], decision), decision)
            page = await self._transaction.read(statement.where(_after(decision)))

    async def bare(
        self, community: Community, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[Stored]:
        statement = select_bare(community, until).order_by(*ORDER).limit(BARE_PAGE)
        rows = BareRows(community)
        page = await self._transaction.read(statement.where(*_from(since)))
        while page:
            for stored in rows.read(page):
                yield stored
            if len(page) < BARE_PAGE:
                return
            page = await self._transaction.read(statement.where(_after(stored.decision)))

    async def count(self, community: Community) -> int:
        statement = select(func.count()).select_from(decisions).where(of_community(decisions, community))
        return int((await self._transaction.read(statement))[0][0])

    async def past(self, community: Community, before: datetime) -> Past:
        welcomed: set[str] = set()
        flood_told: set[str] = set()
        statement = select(decisions.c.actions).where(
            of_community(decisions, community), decisions.c.actions.is_not(None)
        )
        for (packed,) in await self._transaction.read(statement):
            for action in unpack_actions(packed):
                if isinstance(action, Welcome):
                    welcomed.add(action.member)
                elif isinstance(action, FloodHint):
                    flood_told.add(action.member)
        silent = select(tables.opt_outs.c.member).where(of_community(tables.opt_outs, community))
        return Past(
            posts=await self._counts(_posts(community, before)),
            given=await self._counts(_exchanged("giver", community, before)),
            received=await self._counts(_exchanged("receiver", community, before)),
            welcomed=welcomed,
            flood_told=flood_told,
            opted_out={member for (member,) in await self._transaction.read(silent)},
        )

    async def _counts(self, statement: Executable) -> dict[str, int]:
        return dict(tuple(row) for row in await self._transaction.read(statement))

    def _message_of(self, row: Sequence[object], decision: Decision) -> Message:
        return bare_message(decision) if row[0] is None else message_of(row, self._transaction.vault)


@cache
def _replace(dialect: str) -> Executable:
    return replacing(decisions, dialect, (*KEY, "revision"))


@cache
def _replace_exchange(dialect: str) -> Executable:
    return replacing(exchanges, dialect, (*KEY, "giver", "receiver"))


@cache
def _judged() -> Executable:
    """Messages whose stored revision is decided no longer wait."""
    named = [messages.c[name] == bindparam(f"the_{name}") for name in KEY]
    decided = messages.c.revision <= bindparam("the_revision")
    return update(messages).where(*named, decided, messages.c.waiting).values(waiting=False)


def _judged_values(key: MessageKey, revision: int) -> Values:
    return {"the_revision": revision, **{f"the_{name}": value for name, value in key_values(key).items()}}


def _exchange_values(exchange: Exchange, decisions: Iterable[Decision]) -> Values:
    """An exchange belongs to the decision on its message. Raises ValueError where that is not among `decisions`."""
    pair = (exchange.giver, exchange.receiver)
    for decision in decisions:
        if decision.key.message == exchange.message and decision.author in pair:
            who = {"giver": exchange.giver, "receiver": exchange.receiver, "at": exchange.at}
            return {**key_values(decision.key), **who}
    raise ValueError(f"No decision is given for the message of {exchange}.")


def _in_order(community: Community) -> Select[*tuple[Any, ...]]:
    """A page of decisions with what is left of their messages."""
    same = [messages.c[name] == decisions.c[name] for name in KEY]
    both = decisions.outerjoin(messages, and_(*same))
    statement = select(*DECISION, *MESSAGE).select_from(both).where(of_community(decisions, community))
    return statement.order_by(*ORDER).limit(PAGE)


def _from(since: datetime | None) -> list[ColumnElement[bool]]:
    """Where the first page begins. Later ones begin after the one before alone: SQLite would take the earlier bound."""
    return [] if since is None else [decisions.c.posted_at >= since]


def _after(last: Decision) -> ColumnElement[bool]:
    """What comes after a decision in order."""
    values = (last.posted_at, last.key.message, last.key.channel, last.revision)
    place = tuple_(*(literal(value, column.type) for value, column in zip(values, ORDER, strict=True)))
    return tuple_(*ORDER) > place


def _posts(community: Community, before: datetime) -> Executable:
    """Judged messages of each member, an edited one once."""
    columns = decisions.c
    judged = (
        select(columns.author, columns.channel, columns.message)
        .where(of_community(decisions, community), columns.posted_at < before, columns.model.is_not(None))
        .distinct()
        .subquery()
    )
    return select(judged.c.author, func.count()).group_by(judged.c.author)


def _exchanged(side: str, community: Community, before: datetime) -> Executable:
    member = exchanges.c[side]
    earlier = (of_community(exchanges, community), exchanges.c.at < before)
    return select(member, func.count()).where(*earlier).group_by(member)
