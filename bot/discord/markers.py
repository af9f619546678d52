"""Which of our own posts carries which marker, by channel.

A marker is in the custom id of a post's own button, where a scan finds it again after a restart. What this process posted or saw
itself is remembered, so that a channel is scanned once, and again only when a request ended without an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post of ours stands: `within` is the channel or thread that holds it."""

    message: int
    within: int


Scan = Callable[[int], Awaitable[Iterable[tuple[str, Place]]]]
"""Reads a channel's latest posts of ours, newest last, from the platform."""


@dataclass(slots=True)
class Markers:
    """Keyed by the parent channel, threads included."""

    scan: Scan
    _known: dict[int, dict[str, Place]] = field(default_factory=dict)
    _doubts: dict[int, int] = field(default_factory=dict)

    async def find(self, channel: int, marker: str) -> Place | None:
        """Our post with this marker."""
        return (await self._scanned(channel)).get(marker)

    async def place_of(self, channel: int, message: int) -> Place | None:
        """Where a post of ours stands; None for what is none of ours."""
        known = await self._scanned(channel)
        return next((place for place in known.values() if place.message == message), None)

    async def _scanned(self, channel: int) -> dict[str, Place]:
        while channel not in self._known:
            doubts = self._doubts.get(channel, 0)
            found = dict(await self.scan(channel))
            # Another task may have scanned and posted meanwhile: what it knows is newer. After a doubt it is looked again.
            if doubts == self._doubts.get(channel, 0):
                self._known.setdefault(channel, found)
        return self._known[channel]

    def put(self, channel: int, marker: str, place: Place) -> None:
        """We posted it, or saw it. What was not scanned yet is still scanned when it is asked for."""
        if channel in self._known:
            self._known[channel][marker] = place

    def drop(self, channel: int, messages: Iterable[int]) -> None:
        """These are gone."""
        gone = set(messages)
        known = self._known.get(channel)
        if known is not None:
            self._known[channel] = {
                marker: place for marker, place in known.items() if place.message not in gone
            }

    def doubt(self, channel: int) -> None:
        """Something was sent there, and nobody knows whether it arrived: look again before the next."""
        self._known.pop(channel, None)
        self._doubts[channel] = self._doubts.get(channel, 0) + 1
