"""Messages drawn at random, in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, exists, literal, select, tuple_

from moderation.decisions import Ruled
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.messages import MessageKey, Platform
from moderation.ports import Community
from moderation.storage import tables
from moderation.storage.cleaning import clean_id
from moderation.storage.places import has_one_of, of_community
from moderation.storage.rows import KEY, Values, key_values
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import insert_into

draws, rulings, messages = tables.draws, tables.rulings, tables.messages
VERDICT = ("label", "score", "probability", "least", "drawn_at", "model", "charter_version", "stratum")
COLUMNS = tuple(draws.c[name] for name in (*KEY, "revision", "occasion", *VERDICT))
ORDER = tuple(draws.c[name] for name in ("drawn_at", "channel", "message", "occasion"))
PAGE = 500


class SqlDraws:
    """moderation.ports.Draws."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, draws: Sequence[Draw]) -> None:
        if draws:
            await self._transaction.write(
                _insert_new(self._transaction.dialect), [_values(draw) for draw in draws]
            )

    async def of(self, community: Community, subject: str) -> Draw | None:
        found = await self._select(of_community(draws, community), draws.c.subject == subject, limit=1)
        return found[0] if found else None

    async def get(self, keys: Sequence[MessageKey], occasion: Occasion) -> list[Draw | None]:
        found: dict[MessageKey, Draw] = {}
        for start in range(0, len(keys), PAGE):
            wanted = has_one_of(draws, keys[start : start + PAGE])
            for draw in await self._select(wanted, draws.c.occasion == occasion.value):
                found[draw.key] = draw
        return [found.get(_cleaned(key)) for key in keys]

    async def all(
        self, community: Community, since: datetime | None = None, occasion: Occasion | None = None
    ) -> AsyncIterator[Draw]:
        conditions = _conditions(community, since, occasion)
        page = await self._select(*conditions, limit=PAGE)
        while page:
            for draw in page:
                yield draw
            last = (draw.drawn_at, draw.key.channel, draw.key.message, draw.occasion.value)
            after = tuple_(*(literal(value, column.type) for value, column in zip(last, ORDER, strict=True)))
            page = await self._select(*conditions, tuple_(*ORDER) > after, limit=PAGE)

    async def first(
        self, community: Community, since: datetime | None = None, occasion: Occasion | None = None
    ) -> Draw | None:
        found = await self._select(*_conditions(community, since, occasion), limit=1)
        return found[0] if found else None

    async def waiting(
        self, community: Community, occasion: Occasion, limit: int, since: datetime | None = None
    ) -> list[Draw]:
        return await self._select(
            *_conditions(community, since, occasion), ~_is_ruled(), ~_is_deleted(), limit=limit
        )

    async def _select(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Draw]:
        statement: Select[*tuple[Any, ...]] = select(*COLUMNS).where(*conditions).order_by(*ORDER)
        return [_draw(row) for row in await self._transaction.read(statement.limit(limit))]


@cache
def _insert_new(dialect: str) -> Executable:
    """Insert what was not drawn before."""
    return insert_into(draws, dialect).on_conflict_do_nothing(index_elements=(*KEY, "occasion"))


def _conditions(
    community: Community, since: datetime | None, occasion: Occasion | None
) -> list[ColumnElement[bool]]:
    conditions = [of_community(draws, community)]
    if since is not None:
        conditions.append(draws.c.drawn_at >= since)
    if occasion is not None:
        conditions.append(draws.c.occasion == occasion.value)
    return conditions


def _is_ruled() -> ColumnElement[bool]:
    """Whether a moderator has said something about it since it was drawn."""
    same = [rulings.c[name] == draws.c[name] for name in ("platform", "community", "subject")]
    says_something = rulings.c.what != Ruled.NOT_NOW.value
    return exists().where(*same, rulings.c.moderator, says_something, rulings.c.at >= draws.c.drawn_at)


def _is_deleted() -> ColumnElement[bool]:
    same = [messages.c[name] == draws.c[name] for name in KEY]
    return exists().where(*same, messages.c.deleted)


def _cleaned(key: MessageKey) -> MessageKey:
    """The key as the database gives it back."""
    return MessageKey(key.platform, clean_id(key.community), clean_id(key.channel), clean_id(key.message))


def _values(draw: Draw) -> Values:
    return {
        **key_values(draw.key),
        "occasion": draw.occasion.value,
        "revision": draw.revision,
        "subject": draw.subject,
        "label": draw.label.value,
        "score": draw.score,
        "probability": draw.probability,
        "least": draw.least,
        "drawn_at": draw.drawn_at,
        "model": draw.model,
        "charter_version": draw.charter_version,
        "stratum": draw.stratum,
    }


def _draw(row: Sequence[Any]) -> Draw:
    platform, community, channel, message, revision, occasion, label, *rest = row
    key = MessageKey(Platform(platform), community, channel, message)
    return Draw(key, revision, Occasion(occasion), Label(label), *rest)
