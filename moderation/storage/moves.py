"""Moved posts in the database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, select

from moderation.messages import MessageKey, Platform
from moderation.ports import Community, MovedPost, MoveState
from moderation.storage import tables
from moderation.storage.places import has_key, of_community
from moderation.storage.rows import KEY, key_values
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import replacing

moves = tables.moves
COLUMNS = tuple(moves.c[name] for name in (*KEY, "move", "author", "to_channel", "state", "copy", "revision"))


class SqlMoves:
    """moderation.ports.Moves."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(self, community: Community, posts: Sequence[MovedPost]) -> None:
        if any(
            (post.original.platform, post.original.community) != (community.platform, community.id)
            for post in posts
        ):
            raise ValueError(f"A post that is moved in {community} must come from there.")
        if posts:
            rows = [_values(post) for post in posts]
            await self._transaction.write(_replace(self._transaction.dialect), rows)

    async def of(self, community: Community, move: str) -> list[MovedPost]:
        return await self._select(of_community(moves, community), moves.c.move == move)

    async def with_original(self, original: MessageKey) -> list[MovedPost]:
        return await self._select(has_key(moves, original))

    async def with_copy(self, community: Community, copy: str) -> list[MovedPost]:
        return await self._select(of_community(moves, community), moves.c.copy == copy)

    async def _select(self, *conditions: ColumnElement[bool]) -> list[MovedPost]:
        statement = select(*COLUMNS).where(*conditions).order_by(moves.c.id)
        return [_post(row) for row in await self._transaction.read(statement)]


@cache
def _replace(dialect: str) -> Executable:
    return replacing(moves, dialect, ("platform", "community", "move", "channel", "message"))


def _values(post: MovedPost) -> dict[str, object]:
    return {
        **key_values(post.original),
        "move": post.move,
        "author": post.author,
        "to_channel": post.to_channel,
        "state": post.state.value,
        "copy": post.copy,
        "revision": post.revision,
    }


def _post(row: Sequence[Any]) -> MovedPost:
    platform, community, channel, message, move, author, to_channel, state, copy, revision = row
    original = MessageKey(Platform(platform), community, channel, message)
    return MovedPost(move, original, author, to_channel, MoveState(state), copy, revision)
