"""The store over a database: open it, work in it, close it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from moderation.storage import schema
from moderation.storage.communities import SqlCommunities
from moderation.storage.crypto import Vault
from moderation.storage.decisions import SqlDecisions
from moderation.storage.draws import SqlDraws
from moderation.storage.engine import make_engine, parse_url, plain_failures
from moderation.storage.messages import SqlMessages
from moderation.storage.moves import SqlMoves
from moderation.storage.outbox import SqlOutbox
from moderation.storage.reports import SqlReports
from moderation.storage.rulings import SqlRulings
from moderation.storage.tables import canary
from moderation.storage.transaction import Transaction, Turn
from moderation.storage.undisturbed import undisturbed
from moderation.storage.upsert import insert_into

CANARY = b"this vault opens what is stored here"


async def open_store(url: str, vault: Vault) -> SqlStore:
    """Open a database that `moderation.storage.schema.upgrade` has brought up to date.

    Raises DatabaseTooOld or DatabaseTooNew for another schema, WrongKey where `vault` does not open what is stored,
    SettingsError for an address that cannot be used, and StoreError where the database cannot be opened.
    """
    await schema.check(url)
    store = SqlStore(await make_engine(parse_url(url)), vault)
    try:
        await store.check_key()
    except BaseException:
        await store.close()
        raise
    return store


class SqlWork:
    """moderation.ports.Work."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self.messages = SqlMessages(transaction)
        self.decisions = SqlDecisions(transaction)
        self.outbox = SqlOutbox(transaction)
        self.moves = SqlMoves(transaction)
        self.rulings = SqlRulings(transaction)
        self.draws = SqlDraws(transaction)
        self.reports = SqlReports(transaction)
        self.communities = SqlCommunities(transaction)

    async def commit(self) -> None:
        await self._transaction.commit()


class SqlStore:
    """moderation.ports.Store. A database's failure inside a work becomes a StoreError where the work ends."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._turn = Turn()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[SqlWork]:
        async with self._transaction() as transaction:
            yield SqlWork(transaction)

    async def check_key(self) -> None:
        """Leave a sealed word in a new database, and open it in one that has it. Raises WrongKey."""
        async with self._transaction() as transaction:
            found = await transaction.read(select(canary.c.sealed))
            if found:
                self._vault.open(found[0][0], canary.name)
                return
            row = {"id": 1, "sealed": self._vault.seal(CANARY, canary.name)}
            await transaction.write(insert_into(canary, transaction.dialect).on_conflict_do_nothing(), row)
            await transaction.commit()

    async def close(self) -> None:
        """Close every connection; SQLite then folds its log of changes into the file."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        with plain_failures(self._engine.url):
            connection = self._engine.connect()
            try:
                await undisturbed(connection.start())
                transaction = Transaction(connection, self._vault, self._turn)
                try:
                    yield transaction
                finally:
                    await transaction.end()
            finally:
                if connection.sync_connection is not None:
                    await undisturbed(connection.close())
