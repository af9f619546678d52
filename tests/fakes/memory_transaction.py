"""One transaction of the in-memory store: it reads what is committed until it writes, then a copy of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.fakes.memory_state import State


class Memory:
    """What is committed, and whose turn it is to change it."""

    def __init__(self) -> None:
        self.state = State()
        self.turn = asyncio.Lock()
        self.writer: asyncio.Task[Any] | None = None


class MemoryTransaction:
    """What the repositories of one work share."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._own: State | None = None

    @property
    def state(self) -> State:
        """What this transaction sees."""
        return self._memory.state if self._own is None else self._own

    async def write(self) -> State:
        """The state to change, once it is this transaction's turn."""
        if self._own is None:
            if self._memory.writer is not None and self._memory.writer is asyncio.current_task():
                raise RuntimeError(
                    "A work that writes is open in this task already; commit or leave it first."
                )
            await self._memory.turn.acquire()
            self._memory.writer = asyncio.current_task()
            self._own = self._memory.state.copy()
        return self._own

    def commit(self) -> None:
        """Put the copy in place."""
        if self._own is not None:
            self._memory.state = self._own
        self.end()

    def end(self) -> None:
        """Drop what was not committed."""
        if self._own is not None:
            self._own = None
            self._memory.writer = None
            self._memory.turn.release()
