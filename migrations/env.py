"""How Alembic reaches the database.

`moderation.storage.schema` hands the address over; by hand it is given as
`alembic -x url=sqlite+aiosqlite:///steward.db ...`.
"""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from moderation.storage.tables import metadata


def address() -> URL:
    given = context.config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url")
    if given is None:
        raise SystemExit("Say which database: alembic -x url=sqlite+aiosqlite:///steward.db ...")
    return make_url(given)


def run(connection: Connection) -> None:
    # SQLite can change few things of a table in place: "batch" makes a new one and copies.
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=is_sqlite, compare_type=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_async(url: URL) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def run_online(url: URL) -> None:
    if url.get_backend_name() != "sqlite":
        context.get_head_revisions()  # reads the revisions now: no file is to be read on an event loop
        asyncio.run(run_async(url))
        return
    # Python's own driver needs no event loop, so that reading the revisions blocks none.
    engine = create_engine(url.set(drivername="sqlite"), poolclass=NullPool)
    with engine.begin() as connection:
        run(connection)


if context.is_offline_mode():
    context.configure(url=address(), target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    run_online(address())
