"""Every test that asks for `store` runs on the in-memory fake and on SQLite."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import SqlStore, open_store
from tests.fakes.memory_store import MemoryStore
from tests.moderation.storage.contract import ClosableStore

SECRET = "a secret of more than thirty-two characters"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, made once: each test gets a copy."""
    path = tmp_path_factory.mktemp("migrated") / "steward.db"
    asyncio.run(schema.upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    """The file of this test's own database."""
    return Path(shutil.copy(empty_database, tmp_path / "steward.db"))


@pytest.fixture
async def sql_store(database: Path) -> AsyncIterator[SqlStore]:
    """A store on this test's own database."""
    store = await open_store(f"sqlite+aiosqlite:///{database}", Vault(SECRET))
    yield store
    await store.close()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, database: Path) -> AsyncIterator[ClosableStore]:
    """An empty store of each kind."""
    opened: ClosableStore
    if request.param == "memory":
        opened = MemoryStore()
    else:
        opened = await open_store(f"sqlite+aiosqlite:///{database}", Vault(SECRET))
    yield opened
    await opened.close()
