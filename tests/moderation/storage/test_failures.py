"""What can go wrong with a database is said in one sentence that names it."""

from __future__ import annotations

import asyncio
import sqlite3
import traceback
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError

from moderation.errors import SettingsError, StoreError, WrongKey
from moderation.storage import engine, schema
from moderation.storage.crypto import NOT_OURS, Vault
from moderation.storage.database import SqlStore, open_store
from tests.factories import a_message
from tests.moderation.storage.conftest import SECRET
from tests.moderation.storage.contract import LATER, keep, keeping, numbers


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def test_another_key_is_noticed_at_once(sql_store: SqlStore, database: Path) -> None:
    await keep(sql_store, a_message(1))
    with pytest.raises(WrongKey) as caught:
        await open_store(url_of(database), Vault.make_throwaway())
    assert str(caught.value) == NOT_OURS
    again = await open_store(url_of(database), Vault(SECRET))
    await again.close()


async def test_a_swapped_text_is_noticed(sql_store: SqlStore, database: Path) -> None:
    await keep(sql_store, a_message(1), a_message(2, text="another"))
    await sql_store.close()

    def swap() -> None:
        with sqlite3.connect(database) as connection:
            connection.execute(
                "UPDATE messages SET payload = (SELECT payload FROM messages WHERE message = '00002')"
            )
        connection.close()

    await asyncio.to_thread(swap)
    with pytest.raises(WrongKey):
        async with sql_store.work() as work:
            await work.messages.unjudged(9)
    await sql_store.close()


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("not an address", "must look like"),
        ("sqlite+nonsense", "must look like"),
        ("mysql://localhost/steward", "not in mysql"),
        ("sqlite+aiosqlite://", "in a file"),
        ("sqlite+aiosqlite:///:memory:", "in a file"),
    ],
)
async def test_an_address_that_cannot_be_used_is_refused(url: str, sentence: str) -> None:
    for attempt in (schema.check, schema.upgrade):
        with pytest.raises(SettingsError, match=sentence):
            await attempt(url)


def test_a_plain_address_gets_the_right_driver() -> None:
    assert engine.parse_url("sqlite:///a.db").drivername == "sqlite+aiosqlite"
    assert engine.parse_url("postgresql://host/a").drivername == "postgresql+asyncpg"


async def test_no_folder(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "steward.db"
    with pytest.raises(StoreError) as caught:
        await schema.upgrade(url_of(path))
    assert str(caught.value).startswith(f"The database {path} cannot be opened: its folder must exist")


@pytest.mark.parametrize("content", [b"once upon a time, " * 100, b"SQLite format 3\0" + b"junk" * 1000])
async def test_not_a_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "steward.db"
    await asyncio.to_thread(path.write_bytes, content)
    for attempt in (schema.check, schema.upgrade):
        with pytest.raises(StoreError, match="is not a database, or it is damaged"):
            await attempt(url_of(path))
    assert await asyncio.to_thread(path.read_bytes) == content


async def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        await schema.check(url_of(tmp_path))


async def test_a_full_disk(sql_store: SqlStore) -> None:
    with pytest.raises(StoreError, match="The disk is full"):  # noqa: PT012 - as below
        async with sql_store.work() as work:
            # SQLite then says what it says when the disk is full.
            await work._transaction._connection.exec_driver_sql("PRAGMA max_page_count=80")
            await work.messages.add([a_message(number, text="x" * 9000) for number in range(99)], LATER)
    async with sql_store.work() as work:
        assert await work.messages.unjudged(9) == []


async def test_a_database_that_may_only_be_read(sql_store: SqlStore) -> None:
    with pytest.raises(StoreError, match="may only be read"):  # noqa: PT012 - the error comes where the work ends
        async with sql_store.work() as work:
            await work._transaction._connection.exec_driver_sql("PRAGMA query_only=ON")
            await work.messages.add([a_message(1)], LATER)


async def test_another_process_that_writes_is_waited_for(sql_store: SqlStore, database: Path) -> None:
    def hold(release: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        connection.execute("COMMIT")
        connection.close()

    release = asyncio.Event()
    holding = asyncio.create_task(asyncio.to_thread(hold, release, asyncio.get_running_loop()))
    await asyncio.sleep(0.05)
    keeping_one = asyncio.create_task(keep(sql_store, a_message(1)))
    await asyncio.sleep(0.05)
    assert not keeping_one.done()
    async with sql_store.work() as work:  # readers do not wait
        assert await work.messages.unjudged(9) == []
    release.set()
    assert await keeping_one == 1
    await holding


async def test_a_process_that_never_lets_go_is_named(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 0.05)
    store = await open_store(url_of(database), Vault(SECRET))
    other = await open_store(url_of(database), Vault(SECRET))
    async with keeping(other) as holding:
        await holding.messages.add([a_message(1)], LATER)
        with pytest.raises(StoreError, match="Another program has kept"):
            await keep(store, a_message(2))
    assert await keep(store, a_message(3)) == 1
    async with store.work() as work:
        assert numbers(await work.messages.unjudged(9)) == [1, 3]
    await store.close()
    await other.close()


async def test_many_works_at_once_wait_for_a_connection(sql_store: SqlStore) -> None:
    await asyncio.gather(*(keep(sql_store, a_message(number)) for number in range(300)))
    async with sql_store.work() as work:
        assert len(await work.messages.unjudged(999)) == 300


async def test_a_mistake_of_ours_is_not_called_a_failure_of_the_database(sql_store: SqlStore) -> None:
    with pytest.raises(StatementError, match="TypeError"):
        async with sql_store.work() as work:
            await work.messages.forget_texts("today")  # type: ignore[arg-type] # the mistake


async def test_no_failure_shows_what_was_to_be_stored(sql_store: SqlStore) -> None:
    who = "ann-of-all-" + "people"  # in two parts, since a traceback shows this line
    with pytest.raises(StoreError) as caught:  # noqa: PT012 - the error comes where the work ends
        async with sql_store.work() as work:
            await work._transaction._connection.exec_driver_sql("PRAGMA max_page_count=80")
            await work.messages.add([a_message(1, author=who, text="x" * 999_999)], LATER)
    shown = "".join(traceback.format_exception(caught.value))
    assert "INSERT INTO messages" in shown
    assert who not in shown
