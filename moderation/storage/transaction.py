"""One transaction and its statements.

A transaction begins with the first thing written; what is read before that sees what is committed, statement by
statement, as PostgreSQL does by itself. On SQLite, where one connection writes at a time, writers take turns: in
this process by a lock, so that nobody waits in vain; across processes by BEGIN IMMEDIATE, which waits its turn
instead of failing half-way ("database is locked").
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from moderation.storage.crypto import Vault
from moderation.storage.undisturbed import undisturbed

AnyRow = Row[*tuple[Any, ...]]
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]]


class Turn:
    """Whose turn it is to write."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None

    async def take(self) -> None:
        """Wait for the turn. Raises RuntimeError where this very task has it already: it would wait for ever."""
        if self._owner is not None and self._owner is asyncio.current_task():
            raise RuntimeError("A work that writes is open in this task already; commit or leave it first.")
        await self._lock.acquire()
        self._owner = asyncio.current_task()

    def leave(self) -> None:
        """Let the next one write."""
        self._owner = None
        self._lock.release()


class Transaction:
    """What the repositories of one work share."""

    def __init__(self, connection: AsyncConnection, vault: Vault, turn: Turn) -> None:
        self.vault = vault
        self.dialect = connection.dialect.name
        self._connection = connection
        self._turn = turn
        self._has_turn = False
        self._shall_scrub = False

    async def read(
        self, statement: Executable, parameters: Mapping[str, object] | None = None
    ) -> Sequence[AnyRow]:
        """All rows of a query."""
        return (await undisturbed(self._connection.execute(statement, parameters))).all()

    async def write(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Do one statement, for each set of parameters; what it returns is fetched already."""
        if self.dialect == "sqlite" and not self._has_turn:
            await self._begin()
        return await undisturbed(self._connection.execute(statement, parameters))

    def scrub(self) -> None:
        """Something was erased: after the commit, leave no trace of it in SQLite's log of changes."""
        self._shall_scrub = True

    async def commit(self) -> None:
        """Keep what was written; the next write begins anew."""
        await undisturbed(self._connection.commit())
        if self._has_turn and self._shall_scrub:
            await undisturbed(self._connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)"))
            await undisturbed(self._connection.commit())
        self._shall_scrub = False
        self._leave()

    async def end(self) -> None:
        """Drop what was not committed."""
        try:
            await undisturbed(self._connection.rollback())
        finally:
            self._leave()

    async def _begin(self) -> None:
        await self._turn.take()
        self._has_turn = True
        await undisturbed(self._connection.exec_driver_sql("BEGIN IMMEDIATE"))

    def _leave(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turn.leave()
