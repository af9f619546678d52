"""Turns: what concerns the same thing is done one after the other, in the order in which it came."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Hashable
from weakref import WeakValueDictionary


class Turns:
    """A lock for each thing that somebody works on. Where nobody does, a turn is taken without a pause (see asyncio.Lock)."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()

    def of(self, thing: Hashable) -> Lock:
        """For `async with`."""
        return self._locks.setdefault(thing, Lock())
