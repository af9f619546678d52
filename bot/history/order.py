"""Messages of many files in one order of time, with few files open and few messages in memory."""

from __future__ import annotations

import heapq
import pickle
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.history.archive import changed
from moderation.messages import Message

_BLOCK_MESSAGES = 2_000
_BLOCK_LETTERS = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Run:
    """Messages in order of time, none before `first`, that are read only when their time has come."""

    first: datetime
    start: Callable[[], Iterator[Message]]


def in_time_order(runs: Iterable[Run]) -> Iterator[Message]:
    """All messages of all runs, oldest first; at the same moment, in the order of the runs.

    Raises ExportError where a run breaks its promise, which happens when a file is changed while it is read.
    """
    waiting = deque(enumerate(sorted(runs, key=lambda run: run.first)))
    active: list[tuple[datetime, int, Message, Iterator[Message]]] = []
    while waiting or active:
        while waiting and (not active or waiting[0][1].first <= active[0][0]):
            place, run = waiting.popleft()
            _push(active, run.first, place, run.start())
        if active:
            now, place, message, rest = heapq.heappop(active)
            yield message
            _push(active, now, place, rest)


def _push(
    active: list[tuple[datetime, int, Message, Iterator[Message]]],
    earliest: datetime,
    place: int,
    rest: Iterator[Message],
) -> None:
    message = next(rest, None)
    if message is None:
        return
    if message.posted_at < earliest:
        raise changed()
    heapq.heappush(active, (message.posted_at, place, message, rest))


def sorted_runs(messages: Iterable[Message]) -> list[Run]:
    """Runs of messages that come in any order, newest first say, kept sorted and compressed in memory."""
    return [Run(block[0].posted_at, partial(_unpacked, _packed(block))) for block in _blocks(messages)]


def _blocks(messages: Iterable[Message]) -> Iterator[list[Message]]:
    block: list[Message] = []
    letters = 0
    for message in messages:
        block.append(message)
        letters += len(message.text)
        if len(block) >= _BLOCK_MESSAGES or letters >= _BLOCK_LETTERS:
            yield sorted(block, key=lambda each: each.posted_at)
            block, letters = [], 0
    if block:
        yield sorted(block, key=lambda each: each.posted_at)


def _packed(block: list[Message]) -> bytes:
    return zlib.compress(pickle.dumps(block), level=1)


def _unpacked(packed: bytes) -> Iterator[Message]:
    block: list[Message] = pickle.loads(zlib.decompress(packed))  # noqa: S301  made by _packed, never left memory
    yield from block
