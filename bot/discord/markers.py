"""Which of our own posts carries which marker, by channel.

A marker is in the custom id of a post's own button, where a scan finds it again after a restart. What this process posted or saw
itself is remembered for a while, so that a channel is scanned once, and again only when a request ended without an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from discord.utils import time_snowflake

REMEMBERED = timedelta(days=30)
"""Longer than anybody waits for what a post of ours is about; a scan goes back less far (see `bot.discord.platform`)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post of ours stands: `within` is the channel or thread that holds it."""

    message: int
    within: int


Scan = Callable[[int], Awaitable[Iterable[tuple[str, Place]]]]
"""Reads a channel's latest posts of ours, newest last, from the platform."""


@dataclass(slots=True)
class Known:
    """Our posts of one channel, by marker and by id."""

    places: dict[str, Place] = field(default_factory=dict)
    markers: dict[int, str] = field(default_factory=dict)

    def put(self, marker: str, place: Place) -> None:
        """The latest post with a marker counts."""
        before = self.places.pop(marker, None)
        if before is not None:
            del self.markers[before.message]
        self.places[marker] = place
        self.markers[place.message] = marker

    def drop(self, message: int) -> None:
        """It is gone; nothing happens where it is none of ours."""
        marker = self.markers.pop(message, None)
        if marker is not None:
            del self.places[marker]

    def drop_before(self, message: int) -> None:
        """Forget what is older than this id; they were put in about the order of their ids."""
        while self.markers and (oldest := next(iter(self.markers))) < message:
            self.drop(oldest)


@dataclass(slots=True)
class Markers:
    """Keyed by the parent channel, threads included. `now` gives the present, aware."""

    scan: Scan
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _known: dict[int, Known] = field(default_factory=dict)
    _doubts: dict[int, int] = field(default_factory=dict)

    async def find(self, channel: int, marker: str) -> Place | None:
        """Our post with this marker."""
        return (await self._scanned(channel)).places.get(marker)

    async def place_of(self, channel: int, message: int) -> Place | None:
        """Where a post of ours stands; None for what is none of ours."""
        known = await self._scanned(channel)
        marker = known.markers.get(message)
        return None if marker is None else known.places[marker]

    async def _scanned(self, channel: int) -> Known:
        while channel not in self._known:
            doubts = self._doubts.get(channel, 0)
            found = Known()
            for marker, place in await self.scan(channel):
                found.put(marker, place)
            # Another task may have scanned and posted meanwhile: what it knows is newer. After a doubt it is looked again.
            if doubts == self._doubts.get(channel, 0):
                self._known.setdefault(channel, found)
        return self._known[channel]

    def put(self, channel: int, marker: str, place: Place) -> None:
        """We posted it, or saw it. What was not scanned yet is still scanned when it is asked for."""
        known = self._known.get(channel)
        if known is not None:
            known.drop_before(time_snowflake(self.now() - REMEMBERED))
            known.put(marker, place)

    def drop(self, channel: int, messages: Iterable[int]) -> None:
        """These are gone."""
        known = self._known.get(channel)
        if known is not None:
            for message in messages:
                known.drop(message)

    def forget(self, channel: int) -> None:
        """The channel is not ours to post in any more."""
        self._known.pop(channel, None)

    def doubt(self, channel: int) -> None:
        """Something was sent there, and nobody knows whether it arrived: look again before the next."""
        self._known.pop(channel, None)
        self._doubts[channel] = self._doubts.get(channel, 0) + 1
