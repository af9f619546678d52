"""Rulings in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, tuple_

from moderation.decisions import Ruled, Ruling
from moderation.ports import Community
from moderation.storage import tables
from moderation.storage.places import of_community
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import insert_into

rulings = tables.rulings
COLUMNS = tuple(
    rulings.c[name]
    for name in ("subject", "what", "by", "at", "moderator", "drawn", "model", "charter_version")
)
ORDER = tuple(rulings.c[name] for name in ("at", "by", "subject", "what"))
PAGE = 500


class SqlRulings:
    """moderation.ports.Rulings."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, community: Community, ruling: Ruling) -> None:
        row = {
            "platform": community.platform.value,
            "community": community.id,
            "subject": ruling.subject,
            "what": ruling.what.value,
            "by": ruling.by,
            "at": ruling.at,
            "moderator": ruling.moderator,
            "drawn": ruling.drawn,
            "model": ruling.model,
            "charter_version": ruling.charter_version,
        }
        await self._transaction.write(
            insert_into(rulings, self._transaction.dialect).on_conflict_do_nothing(), row
        )

    async def of(self, community: Community, subject: str) -> list[Ruling]:
        statement = (
            select(*COLUMNS)
            .where(of_community(rulings, community), rulings.c.subject == subject)
            .order_by(*ORDER)
        )
        return [_ruling(row) for row in await self._transaction.read(statement)]

    async def all(self, community: Community, since: datetime | None = None) -> AsyncIterator[Ruling]:
        statement = select(*COLUMNS).where(of_community(rulings, community)).order_by(*ORDER).limit(PAGE)
        if since is not None:
            statement = statement.where(rulings.c.at >= since)
        page = await self._transaction.read(statement)
        while page:
            for row in page:
                ruling = _ruling(row)
                yield ruling
            last = (ruling.at, ruling.by, ruling.subject, ruling.what.value)
            after = tuple_(*(literal(value, column.type) for value, column in zip(last, ORDER, strict=True)))
            page = await self._transaction.read(statement.where(tuple_(*ORDER) > after))


def _ruling(row: Sequence[Any]) -> Ruling:
    subject, what, by, at, moderator, drawn, model, charter_version = row
    return Ruling(subject, Ruled(what), by, at, moderator, drawn, model, charter_version)
