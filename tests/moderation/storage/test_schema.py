"""Migrations: a database is brought up to date, refused, or left alone, and never damaged."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine
from sqlalchemy.pool import NullPool

from moderation.decisions import Ruled, Ruling
from moderation.errors import DatabaseTooNew, DatabaseTooOld, StoreError
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from moderation.storage.engine import parse_url
from moderation.storage.tables import metadata
from tests.factories import MONDAY, a_message
from tests.moderation.storage.conftest import SECRET
from tests.moderation.storage.contract import LATER, TEAM, a_decision, a_key, a_nudge, decide, keep, keeping


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def an_engine(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}", poolclass=NullPool)


def migrate(path: Path, revision: str) -> None:
    """To a revision, up or down."""
    config = schema.alembic_config(parse_url(url_of(path)))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    assert revision in known
    with an_engine(path).connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision() or ""
    (command.upgrade if current < revision else command.downgrade)(config, revision)


def shape(path: Path) -> set[tuple[object, ...]]:
    """Everything that SQLite knows of the schema, but for how it was spelled."""
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found: set[tuple[object, ...]] = set()
        for (table,) in tables:
            found |= {
                (table, "column", *row[1:]) for row in connection.execute(f"PRAGMA table_info('{table}')")
            }
            indices = connection.execute(f"PRAGMA index_list('{table}')").fetchall()
            for _, index, *kind in indices:
                columns = connection.execute(f"PRAGMA index_info('{index}')").fetchall()
                found.add((table, "index", index, *kind, tuple(columns)))
        connection.commit()
    connection.close()
    return found


def test_migrations_and_tables_say_the_same(empty_database: Path, tmp_path: Path) -> None:
    with an_engine(empty_database).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    direct = tmp_path / "direct.db"
    metadata.create_all(an_engine(direct))
    migrated = {row for row in shape(empty_database) if row[0] != "alembic_version"}
    assert migrated == shape(direct)


def test_the_comparison_would_notice(empty_database: Path) -> None:
    with an_engine(empty_database).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), MetaData())


async def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new and 100% odd.db"
    await schema.upgrade(url_of(path))
    await schema.upgrade(url_of(path))
    await schema.check(url_of(path))
    store = await open_store(url_of(path), Vault(SECRET))
    await store.close()


async def test_looking_at_a_file_that_is_not_there_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "steward.db"
    with pytest.raises(DatabaseTooOld) as caught:
        await open_store(url_of(path), Vault(SECRET))
    assert str(caught.value) == f"The database {path} needs a migration first: run steward migrate."
    assert not await asyncio.to_thread(path.exists)


async def test_an_old_database_is_refused_and_upgraded_without_loss(database: Path) -> None:
    message = a_message(1)
    store = await open_store(url_of(database), Vault(SECRET))
    await keep(store, message, a_message(2, minutes=1))
    await decide(store, a_decision(message, a_nudge()))
    async with keeping(store) as work:
        await work.outbox.add(TEAM, "C1", a_nudge(), MONDAY)
    await store.close()
    await asyncio.to_thread(migrate, database, "0001")

    with pytest.raises(DatabaseTooOld, match="steward migrate"):
        await open_store(url_of(database), Vault(SECRET))
    await schema.upgrade(url_of(database))

    store = await open_store(url_of(database), Vault(SECRET))
    async with keeping(store) as work:
        assert await work.messages.get([a_key(1), a_key(2)]) == [message, a_message(2, minutes=1)]
        assert await work.decisions.get(message.key) == a_decision(message, a_nudge())
        assert [delivery.action for delivery in await work.outbox.all(TEAM)] == [a_nudge()]
        await work.communities.opt_out(TEAM, "ann", silent=True)
        assert set((await work.decisions.past(TEAM, LATER)).opted_out) == {"ann"}
    await store.close()


async def test_rulings_from_before_verdicts_were_named_are_kept(database: Path) -> None:
    first, second = (Ruling("card:C1/00001", Ruled.FINE, "mo", MONDAY + timedelta(hours=n)) for n in (0, 1))
    store = await open_store(url_of(database), Vault(SECRET))
    async with keeping(store) as work:
        await work.rulings.add(TEAM, replace(first, model="lost", charter_version="lost"))
    await store.close()
    await asyncio.to_thread(migrate, database, "0002")
    await schema.upgrade(url_of(database))

    store = await open_store(url_of(database), Vault(SECRET))
    async with keeping(store) as work:
        await work.rulings.add(TEAM, replace(second, model="test-model", charter_version="abc"))
        found = await work.rulings.of(TEAM, first.subject)
    await store.close()
    assert found == [first, replace(second, model="test-model", charter_version="abc")]


async def test_decisions_from_before_nudges_were_held_back_are_kept(database: Path) -> None:
    before, after = (replace(a_decision(a_message(n)), held_back=True) for n in (1, 2))
    store = await open_store(url_of(database), Vault(SECRET))
    await decide(store, before)
    await store.close()
    await asyncio.to_thread(migrate, database, "0003")
    await schema.upgrade(url_of(database))

    store = await open_store(url_of(database), Vault(SECRET))
    await decide(store, after)
    async with keeping(store) as work:
        found = [await work.decisions.get(each.key) for each in (before, after)]
    await store.close()
    assert found == [replace(before, held_back=False), after]


def stamp(path: Path, revision: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
    connection.close()


@pytest.mark.parametrize("attempt", [schema.check, schema.upgrade])
async def test_a_newer_database_is_refused_in_a_sentence(database: Path, attempt: object) -> None:
    await asyncio.to_thread(stamp, database, "9999")
    with pytest.raises(DatabaseTooNew) as caught:
        await (schema.check if attempt is schema.check else schema.upgrade)(url_of(database))
    assert str(caught.value) == (
        f"The database {database} was written by a newer Steward (revision 9999): update the program."
    )


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"

    def make() -> bytes:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE songs (title TEXT)")
        connection.close()
        return path.read_bytes()

    before = await asyncio.to_thread(make)
    for attempt in (schema.check, schema.upgrade):
        with pytest.raises(StoreError, match="belongs to another program"):
            await attempt(url_of(path))
    tables = await asyncio.to_thread(shape, path)
    assert {row[0] for row in tables} == {"songs"}
    assert before.startswith(b"SQLite")


async def test_down_to_nothing_and_up_again(database: Path, empty_database: Path) -> None:
    config = schema.alembic_config(parse_url(url_of(database)))
    await asyncio.to_thread(command.downgrade, config, "base")
    await schema.upgrade(url_of(database))
    assert await asyncio.to_thread(shape, database) == await asyncio.to_thread(shape, empty_database)


def test_files_are_named_by_their_revisions_in_order() -> None:
    known = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    assert schema._revisions() == [script.revision for script in known]


def test_a_database_that_is_up_to_date_is_opened_without_alembic(empty_database: Path) -> None:
    """To import it would take longer than all the rest."""
    program = (
        "import asyncio, sys; from moderation.storage import schema; "
        f"asyncio.run(schema.upgrade({url_of(empty_database)!r})); print('alembic' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert found.stdout == "False\n"


async def test_a_copy_of_the_package_finds_its_migrations(tmp_path: Path) -> None:
    """As an installed wheel has them: both packages side by side, and neither pyproject.toml nor alembic.ini."""
    root = Path(schema.__file__).parents[2]
    skip = shutil.ignore_patterns("__pycache__", "model")
    for package in ("moderation", "migrations"):
        await asyncio.to_thread(shutil.copytree, root / package, tmp_path / package, ignore=skip)
    program = (
        "import asyncio; from moderation.storage import schema; url = 'sqlite:///made.db'; "
        "asyncio.run(schema.upgrade(url)); asyncio.run(schema.check(url)); print(schema.MIGRATIONS)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", program, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    assert printed.decode().strip() == str(tmp_path / "migrations")
