"""A store in memory that keeps the promises of moderation.ports, for tests that need no file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fakes.memory_draws import MemoryDraws
from tests.fakes.memory_messages import MemoryDecisions, MemoryMessages
from tests.fakes.memory_outbox import MemoryOutbox
from tests.fakes.memory_people import MemoryCommunities, MemoryMoves, MemoryRulings
from tests.fakes.memory_reports import MemoryReports
from tests.fakes.memory_transaction import Memory, MemoryTransaction


class MemoryStore:
    """moderation.ports.Store."""

    def __init__(self) -> None:
        self.memory = Memory()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[MemoryWork]:
        work = MemoryWork(self)
        try:
            yield work
        finally:
            work.end()

    async def close(self) -> None:
        """Nothing is open."""


class MemoryWork:
    """moderation.ports.Work."""

    def __init__(self, store: MemoryStore) -> None:
        self._transaction = transaction = MemoryTransaction(store.memory)
        self.messages = MemoryMessages(transaction)
        self.decisions = MemoryDecisions(transaction)
        self.outbox = MemoryOutbox(transaction)
        self.moves = MemoryMoves(transaction)
        self.rulings = MemoryRulings(transaction)
        self.draws = MemoryDraws(transaction)
        self.reports = MemoryReports(transaction)
        self.communities = MemoryCommunities(transaction)

    async def commit(self) -> None:
        self._transaction.commit()

    def end(self) -> None:
        """Drop what was not committed."""
        self._transaction.end()
