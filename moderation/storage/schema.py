"""Which revision a database has, and bringing it up to date. The revisions are in migrations/.

Alembic reads files and waits without await, so all of it happens in a thread. It is imported only where there is something to migrate: that
takes longer than to open a database.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Column, Connection, MetaData, String, Table, inspect, select

from moderation.errors import DatabaseTooNew, DatabaseTooOld, StoreError
from moderation.storage.engine import make_engine, parse_url, plain_failures

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
"""Beside this package, in the repository as in an installed wheel."""

_LOCATION = str(MIGRATIONS).replace("%", "%%")  # Alembic reads % as the beginning of a variable

VERSION = Table("alembic_version", MetaData(), Column("version_num", String))


async def upgrade(url: str) -> None:
    """Bring a database to the newest revision; a SQLite file that is not there yet is made.

    Raises DatabaseTooNew for a revision that this program does not know, and StoreError for a database that is
    another program's or cannot be used.
    """
    parsed = parse_url(url)
    if await _revision(parsed) == (await asyncio.to_thread(_revisions))[0]:
        return
    with plain_failures(parsed):
        await asyncio.to_thread(_upgrade, parsed)


def _upgrade(url: URL) -> None:
    from alembic import command

    command.upgrade(alembic_config(url), "head")


async def check(url: str) -> None:
    """Raises DatabaseTooOld, DatabaseTooNew or StoreError where a database cannot be used as it is."""
    parsed = parse_url(url)
    if await _revision(parsed) != (await asyncio.to_thread(_revisions))[0]:
        raise DatabaseTooOld(f"The database {parsed.database} needs a migration first: run steward migrate.")


def alembic_config(url: URL) -> Config:
    """Alembic's settings without a file. The address may hold a password, so it is handed over in memory."""
    from alembic.config import Config

    config = Config(attributes={"url": url})
    config.set_main_option("script_location", _LOCATION)
    return config


def _revisions() -> list[str]:
    """Every revision that this program knows, the newest first. Raises StoreError for a damaged installation.

    They are numbered, and the names of their files begin with their numbers (see pyproject.toml).
    """
    known = [path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py")]
    if not known:
        raise StoreError(f"No migrations are found in {MIGRATIONS}: the installation is not complete.")
    return sorted(known, reverse=True)


async def _revision(url: URL) -> str | None:
    """The revision of a database, None for an empty one. Raises as `upgrade` does."""
    if url.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(str(url.database)).exists):
        return None  # connecting would leave an empty file behind
    engine = await make_engine(url)
    try:
        with plain_failures(url):
            async with engine.connect() as connection:
                revision = await connection.run_sync(_read_revision)
    finally:
        await engine.dispose()
    if revision == "":
        raise StoreError(
            f"The database {url.database} belongs to another program: it has tables, but not Steward's."
        )
    if revision is not None and revision not in await asyncio.to_thread(_revisions):
        raise DatabaseTooNew(
            f"The database {url.database} was written by a newer Steward (revision {revision}): update the program."
        )
    return revision


def _read_revision(connection: Connection) -> str | None:
    """The revision; None for a database without tables, empty for one with the tables of somebody else."""
    names = inspect(connection).get_table_names()
    if VERSION.name not in names:
        return "" if names else None
    return connection.execute(select(VERSION.c.version_num)).scalar()
