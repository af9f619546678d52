"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps in two dialects."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: str) -> Insert:
    """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def replacing(table: Table, dialect: str, key: tuple[str, ...]) -> Insert:
    """An INSERT that replaces every column outside `key` of a row that is there already."""
    insert = insert_into(table, dialect)
    others = {
        column.name: insert.excluded[column.name]
        for column in table.columns
        if column.name not in key and not (column.primary_key and column.name == "id")
    }
    return insert.on_conflict_do_update(index_elements=key, set_=others)
