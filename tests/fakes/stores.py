"""Opening a store of either kind for a test."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from moderation.ports import Store
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from tests.fakes.memory_store import MemoryStore

SECRET = "a secret of more than thirty-two characters"
KINDS = ("memory", "sqlite")


def migrated(path: Path) -> Path:
    """A migrated database without rows, to be copied: migrating takes longer than most tests."""
    asyncio.run(schema.upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@asynccontextmanager
async def a_store(kind: str, empty: Path, path: Path) -> AsyncIterator[Store]:
    """An empty store: in memory, or a copy of the database `empty` at `path`."""
    if kind == "memory":
        yield MemoryStore()
        return
    await asyncio.to_thread(shutil.copy, empty, path)
    store = await open_store(f"sqlite+aiosqlite:///{path}", Vault(SECRET))
    try:
        yield store
    finally:
        await store.close()
