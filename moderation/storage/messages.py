"""Messages in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Executable, and_, exists, func, or_, select, update

from moderation.messages import Message, MessageKey
from moderation.ports import Community, DeliveryState
from moderation.storage import tables
from moderation.storage.cleaning import clean_id
from moderation.storage.context import before_many
from moderation.storage.places import has_key, has_one_of, of_community
from moderation.storage.rows import KEY, MESSAGE, message_of, message_values
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import insert_into

KEYS_AT_A_TIME = 500
"""SQLite takes at most 32,766 parameters in a statement, and a key has four."""

messages, decisions, outbox = tables.messages, tables.decisions, tables.outbox


class SqlMessages:
    """moderation.ports.Messages."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, messages: Sequence[Message], keep_text_until: datetime) -> int:
        newest: dict[MessageKey, Message] = {}
        for message in messages:
            known = newest.get(message.key)
            if known is None or known.revision < message.revision:
                newest[message.key] = message
        if not newest:
            return 0
        vault = self._transaction.vault
        rows = [message_values(message, keep_text_until, vault) for message in newest.values()]
        return len((await self._transaction.write(_add(self._transaction.dialect), rows)).all())

    async def get(self, keys: Sequence[MessageKey]) -> list[Message | None]:
        found: dict[tuple[str, ...], Message] = {}
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            wanted = has_one_of(messages, keys[start : start + KEYS_AT_A_TIME])
            statement = select(*MESSAGE).where(wanted, ~messages.c.deleted)
            for row in await self._transaction.read(statement):
                found[tuple(row[:4])] = message_of(row, self._transaction.vault)
        return [found.get(_cleaned(key)) for key in keys]

    async def unjudged(self, limit: int, community: Community | None = None) -> list[Message]:
        columns = messages.c
        statement = select(*MESSAGE).where(columns.waiting)
        if community is not None:
            statement = statement.where(of_community(messages, community))
        statement = statement.order_by(columns.posted_at, columns.message, columns.channel).limit(limit)
        return [message_of(row, self._transaction.vault) for row in await self._transaction.read(statement)]

    async def before(self, message: Message, limit: int) -> list[Message]:
        return (await self.before_many([message], limit))[0]

    async def before_many(self, messages: Sequence[Message], limit: int) -> list[list[Message]]:
        return await before_many(self._transaction, messages, limit)

    async def mark_deleted(self, key: MessageKey) -> None:
        write = self._transaction.write
        gone = {"deleted": True, "waiting": False, "payload": None}
        await write(update(messages).where(has_key(messages, key)).values(gone))
        await write(update(decisions).where(has_key(decisions, key)).values(notes=None))
        waits = outbox.c.state.in_([DeliveryState.WAITING.value, DeliveryState.CLAIMED.value])
        cancelled = {"state": DeliveryState.CANCELLED.value, "lease_until": None}
        await write(update(outbox).where(_is_about(key), waits).values(cancelled))

    async def last_posted(self, community: Community) -> Mapping[str, datetime]:
        statement = (
            select(messages.c.channel, func.max(messages.c.posted_at))
            .where(of_community(messages, community))
            .group_by(messages.c.channel)
        )
        return dict(tuple(row) for row in await self._transaction.read(statement))

    async def forget_texts(self, now: datetime) -> int:
        over = and_(messages.c.payload.is_not(None), messages.c.keep_text_until <= now)
        forgotten = await self._transaction.write(update(messages).where(over).values(payload=None))
        # Notes go with the text they may quote, whatever became of the message's row meanwhile.
        same = [messages.c[name] == decisions.c[name] for name in KEY]
        text_is_kept = exists().where(*same, messages.c.payload.is_not(None))
        orphaned = and_(decisions.c.notes.is_not(None), ~text_is_kept)
        await self._transaction.write(update(decisions).where(orphaned).values(notes=None))
        self._transaction.scrub()
        return forgotten.rowcount


@cache
def _add(dialect: str) -> Executable:
    """Insert, or replace where the revision is higher; returns a row for each that was taken."""
    insert = insert_into(messages, dialect)
    replaced = {
        column.name: insert.excluded[column.name] for column in messages.c if column.name not in (*KEY, "id")
    }
    is_newer = and_(messages.c.revision < insert.excluded.revision, ~messages.c.deleted)
    upsert = insert.on_conflict_do_update(index_elements=KEY, set_=replaced, where=is_newer)
    return upsert.returning(messages.c.id)


def _cleaned(key: MessageKey) -> tuple[str, ...]:
    return key.platform.value, clean_id(key.community), clean_id(key.channel), clean_id(key.message)


def _is_about(key: MessageKey) -> ColumnElement[bool]:
    """`about` names the message alone, where the action is for the same channel, or as `channel/message`."""
    name = f"{key.channel}/{key.message}"
    here = outbox.c.channel == key.channel
    # The names by IN first: SQLite uses no index for an OR of conditions on two columns.
    return and_(
        of_community(outbox, Community(key.platform, key.community)),
        outbox.c.about.in_([key.message, name]),
        or_(here, outbox.c.about == name),
    )
