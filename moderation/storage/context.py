"""The messages that stood before others: on the way of every message, so one query serves a whole batch.

Each wanted message becomes one arm of a UNION ALL, and each arm one walk of a few steps down an index. Only ids come
back at first, for neighbours share most of their context; then every message is read and opened once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy import CompoundSelect, Integer, Select, bindparam, literal_column, select, tuple_, union_all

from moderation.messages import Message, MessageKey
from moderation.storage.cleaning import clean_id
from moderation.storage.places import has_one_of
from moderation.storage.rows import MESSAGE, message_of
from moderation.storage.tables import Id, Moment, messages
from moderation.storage.transaction import Transaction

ARMS = 16
"""Wanted messages in one statement. More would save little, and building the first one would hold the event loop."""

AT_A_TIME = 500
"""Ids or names in one statement; SQLite takes 32,766 parameters, PostgreSQL as many."""


async def before_many(transaction: Transaction, wanted: Sequence[Message], limit: int) -> list[list[Message]]:
    """For each of `wanted` what moderation.ports.Messages.before says."""
    if limit <= 0:
        return [[] for _ in wanted]
    windows: list[list[int]] = []
    for start in range(0, len(wanted), ARMS):
        windows += await _windows(transaction, wanted[start : start + ARMS], limit)
    known = await _by_id(transaction, {number for ids in windows for number in ids})
    named = await _by_name(transaction, wanted)
    return [
        _lines(message, [known[number] for number in ids], named, limit)
        for message, ids in zip(wanted, windows, strict=True)
    ]


def _lines(
    message: Message, window: Iterable[Message], named: dict[MessageKey, Message], limit: int
) -> list[Message]:
    """The window with the thread's root at its place in time, and what is answered in front."""
    found = {line.key: line for line in window}
    root = named.get(_neighbour(message, message.thread)) if message.thread else None
    if root is not None and _when(root) < _when(message):
        found.setdefault(root.key, root)
    lines = sorted(found.values(), key=_when)[-limit:]
    answered = named.get(_neighbour(message, message.reply_to)) if message.reply_to else None
    if answered is None or answered.key in {line.key for line in lines} or _when(answered) >= _when(message):
        return lines
    return [answered, *lines[max(0, len(lines) + 1 - limit) :]]


def _neighbour(message: Message, name: str) -> MessageKey:
    key = message.key
    return MessageKey(key.platform, clean_id(key.community), clean_id(key.channel), clean_id(name))


def _when(message: Message) -> tuple[object, str]:
    return message.posted_at, message.key.message


async def _windows(transaction: Transaction, wanted: Sequence[Message], limit: int) -> list[list[int]]:
    """For each of `wanted` the row ids of the messages before it, without a thread's root."""
    # Sizes are powers of two, so that few statements are ever compiled; the last message fills the gap.
    size = 1 << (len(wanted) - 1).bit_length()
    parameters: dict[str, object] = {"limit": limit}
    for arm in range(size):
        message = wanted[min(arm, len(wanted) - 1)]
        values = (
            message.key.platform.value,
            message.key.community,
            message.key.channel,
            message.thread or "",
        )
        names = ("platform", "community", "channel", "thread")
        parameters |= {f"{name}_{arm}": value for name, value in zip(names, values, strict=True)}
        parameters |= {f"posted_at_{arm}": message.posted_at, f"message_{arm}": message.key.message}
    windows: list[list[int]] = [[] for _ in range(size)]
    for arm, number in await transaction.read(_union(size), parameters):
        windows[arm].append(number)
    return windows[: len(wanted)]


@cache
def _union(size: int) -> CompoundSelect[int, int]:
    return union_all(*(_arm(number) for number in range(size)))


def _arm(number: int) -> Select[int, int]:
    columns = messages.c
    place = [
        columns[name] == bindparam(f"{name}_{number}")
        for name in ("platform", "community", "channel", "thread")
    ]
    moment = tuple_(bindparam(f"posted_at_{number}", type_=Moment), bindparam(f"message_{number}", type_=Id))
    window = (
        select(columns.id)
        .where(*place, ~columns.deleted, tuple_(columns.posted_at, columns.message) < moment)
        .order_by(columns.posted_at.desc(), columns.message.desc())
        .limit(bindparam("limit", type_=Integer))
        .subquery()
    )
    return select(literal_column(str(number), Integer).label("arm"), window.c.id)


async def _by_id(transaction: Transaction, numbers: set[int]) -> dict[int, Message]:
    known: dict[int, Message] = {}
    ordered = sorted(numbers)
    for start in range(0, len(ordered), AT_A_TIME):
        statement = select(messages.c.id, *MESSAGE).where(
            messages.c.id.in_(ordered[start : start + AT_A_TIME])
        )
        for row in await transaction.read(statement):
            known[row[0]] = message_of(row[1:], transaction.vault)
    return known


async def _by_name(transaction: Transaction, wanted: Sequence[Message]) -> dict[MessageKey, Message]:
    """The roots and the answered messages that are stored and not deleted."""
    keys = {
        _neighbour(message, name) for message in wanted for name in (message.thread, message.reply_to) if name
    }
    ordered = sorted(keys)
    known: dict[MessageKey, Message] = {}
    for start in range(0, len(ordered), AT_A_TIME):
        some = has_one_of(messages, ordered[start : start + AT_A_TIME])
        for row in await transaction.read(select(*MESSAGE).where(some, ~messages.c.deleted)):
            message = message_of(row, transaction.vault)
            known[message.key] = message
    return known
