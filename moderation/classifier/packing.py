"""Texts of several lengths in one computation: one after the other, with numbers that say where each token stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
Item = TypeVar("Item")
TOGETHER = 256
"""Tokens that are read at once at most, unless a single text has more: beyond it nothing is gained."""
HIDDEN = -30_000.0
"""Added to the weight of what must not be looked at."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text left.

    States (tokens, width) to judge it from, keys and values (layers, tokens, 2 * width) to look at, and a unit vector (width) of
    the whole, around the centre of all texts.
    """

    states: Vector
    kept: Vector
    vector: Vector

    @property
    def size(self) -> int:
        """In bytes."""
        return self.states.nbytes + self.kept.nbytes + self.vector.nbytes

    def closeness(self, vector: Vector) -> float:
        """How alike this text is to another by themselves: the cosine of their vectors, 1 for the same text."""
        return float(self.vector @ vector)


Beside = Sequence[tuple[int, Reading]]
"""What stands beside a message, each text in its slot."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Texts of several lengths, one after the other: where each token stands in rows of equal length, and what fills them up."""

    spans: list[tuple[int, int]]
    feed: dict[str, Indices | Vector]

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Packed:
        ends = np.cumsum(lengths)
        spans = [(int(end) - length, int(end)) for length, end in zip(lengths, ends, strict=True)]
        longest = max(lengths)
        there = np.arange(longest) < np.array(lengths)[:, None]
        places = np.where(there, np.arange(longest) + (ends - lengths)[:, None], 0)
        hidden = np.where(there, np.float32(0), np.float32(HIDDEN))
        return cls(spans, {"places": places, "hidden": hidden, "at": np.flatnonzero(there)})


def looked_at(rows: Sequence[Beside], some: Vector) -> dict[str, Indices | Vector]:
    """What stands beside some messages: the first text once, if all of them have it, and of the rest what each of them looks at.

    Only the first, which is the charter, is ever shared: so a message adds up what it looks at in the same order in any company.
    Of either there is one token more, which nobody sees, so that there is something to compute with.
    """
    first = rows[0][:1]
    common = first if all(row[:1] and _same(row[0], one) for one in first for row in rows) else []
    shared = _Table(some)
    shared.add(common)
    table = _Table(some)
    seen = [table.add(row[len(common) :]) for row in rows]
    longest = max(1, *map(len, seen))
    look = np.zeros((len(rows), longest), dtype=np.int64)
    unseen = np.full((len(rows), longest), HIDDEN, dtype=np.float32)
    for row, found in enumerate(seen):
        look[row, : len(found)], unseen[row, : len(found)] = found, 0
    away = np.zeros(shared.count, dtype=np.float32)
    away[0] = HIDDEN
    return {
        "shared": np.concatenate(shared.kept, axis=1),
        "shared_slots": np.concatenate(shared.slots),
        "shared_hidden": away,
        "kept": np.concatenate(table.kept, axis=1),
        "slots": np.concatenate(table.slots),
        "look": look,
        "unseen": unseen,
    }


def _same(one: tuple[int, Reading], other: tuple[int, Reading]) -> bool:
    return one[0] == other[0] and one[1] is other[1]


class _Table:
    """Tokens of texts one after the other, each text in each of its slots once; the first token is nobody's."""

    def __init__(self, some: Vector) -> None:
        self.kept: list[Vector] = [some[:, :1]]
        self.slots: list[Indices] = [np.zeros(1, dtype=np.int64)]
        self.count = 1
        self._starts: dict[tuple[int, int], int] = {}

    def add(self, beside: Beside) -> list[int]:
        """Where the tokens of these texts stand."""
        found: list[int] = []
        for slot, reading in beside:
            length = reading.kept.shape[1]
            if (slot, id(reading)) not in self._starts:
                self._starts[slot, id(reading)] = self.count
                self.kept.append(reading.kept)
                self.slots.append(np.full(length, slot, dtype=np.int64))
                self.count += length
            start = self._starts[slot, id(reading)]
            found += range(start, start + length)
        return found


def parts(order: Sequence[Item], lengths: Sequence[int]) -> Iterator[list[Item]]:
    """Runs of at most `TOGETHER` tokens, counted as filled up to the longest; lengths grow."""
    part: list[Item] = []
    for one, length in zip(order, lengths, strict=True):
        if part and length * (len(part) + 1) > TOGETHER:
            yield part
            part = []
        part.append(one)
    if part:
        yield part
