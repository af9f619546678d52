"""The connection: how each database is set up, and what its failures are called.

SQLite runs in WAL mode, so that readers never wait. Deleted content is overwritten at once (secure_delete), for what
was promised to be forgotten must not be found in the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, event, exc, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from moderation.errors import SettingsError, StoreError

PATIENCE = 30
"""Seconds to wait for another process that writes, and for a free connection."""

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}

# Each word stands in a message of SQLite (sqlite.org/rescode.html); `{}` is the database.
FAILURES = (
    (
        "unable to open",
        "The database {} cannot be opened: its folder must exist and Steward must be allowed to write there.",
    ),
    ("readonly", "The database {} may only be read: Steward must be allowed to write it and its folder."),
    ("full", "The disk is full: the database {} cannot be written."),
    ("not a database", "{} is not a database, or it is damaged."),
    ("malformed", "The database {} is damaged: put back a copy of it."),
    ("locked", f"Another program has kept the database {{}} to itself for {PATIENCE} seconds."),
    ("disk i/o", "The disk failed when the database {} was used."),
)


def parse_url(url: str) -> URL:
    """The address with the driver that Steward uses. Raises SettingsError for one that it cannot use."""
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise SettingsError("The database's address must look like sqlite+aiosqlite:///steward.db.") from None
    family = parsed.get_backend_name()
    if family not in DRIVERS:
        raise SettingsError(f"Steward keeps its state in SQLite or PostgreSQL, not in {family}.")
    if family == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise SettingsError(
            "Steward needs a database in a file: sqlite+aiosqlite:///steward.db, for example."
        )
    return parsed.set(drivername=DRIVERS[family])


async def make_engine(url: URL) -> AsyncEngine:
    """An engine for `url`; nothing is opened yet. Raises SettingsError where the driver is not installed."""
    is_sqlite = url.get_backend_name() == "sqlite"
    # Errors end in logs: they must not show who was to be stored.
    options: dict[str, Any] = {
        "pool_size": 8,
        "max_overflow": 8,
        "pool_timeout": PATIENCE,
        "hide_parameters": True,
    }
    if is_sqlite:
        options["connect_args"] = {"timeout": PATIENCE}
    try:
        # In a thread: the driver is imported here, and asks for the working directory.
        engine = await asyncio.to_thread(create_async_engine, url, **options)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"The library {error.name} is not installed, which this database needs."
        ) from None
    if is_sqlite:
        event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # Without this, Python's driver opens transactions by itself, too late and of the wrong kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


@contextmanager
def plain_failures(url: URL) -> Iterator[None]:
    """Turn what a database driver raises into a StoreError of one sentence; mistakes of ours pass unchanged."""
    name = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    try:
        yield
    except exc.DBAPIError as error:
        if isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError):
            raise
        raise StoreError(_sentence(str(error.orig), str(name))) from error
    except exc.TimeoutError as error:
        raise StoreError(f"The database {name} is too busy: no connection in {PATIENCE} seconds.") from error
    except ConnectionError as error:
        raise StoreError(f"The database {name} does not answer.") from error


def _sentence(words: str, name: str) -> str:
    for word, sentence in FAILURES:
        if word in words.lower():
            return sentence.format(name)
    return f"The database {name} failed: {words.splitlines()[0] if words else 'it said nothing'}."
