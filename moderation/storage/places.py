"""Conditions that many statements share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import ColumnElement, Table, and_, or_

from moderation.messages import MessageKey
from moderation.ports import Community
from moderation.storage.rows import key_values


def of_community(table: Table, community: Community) -> ColumnElement[bool]:
    """Rows of one community."""
    return and_(table.c.platform == community.platform.value, table.c.community == community.id)


def has_key(table: Table, key: MessageKey) -> ColumnElement[bool]:
    """Rows that belong to one message."""
    return and_(*(table.c[name] == value for name, value in key_values(key).items()))


def has_one_of(table: Table, keys: Iterable[MessageKey]) -> ColumnElement[bool]:
    """Rows that belong to one of some messages, at least one.

    Channel by channel: SQLite uses an index for `message IN (...)`, but reads the whole table for a list of tuples.
    """
    by_channel: dict[MessageKey, list[str]] = {}
    for key in keys:
        by_channel.setdefault(replace(key, message=""), []).append(key.message)
    columns = table.c
    return or_(
        *(
            and_(
                of_community(table, Community(channel.platform, channel.community)),
                columns.channel == channel.channel,
                columns.message.in_(names),
            )
            for channel, names in by_channel.items()
        )
    )
