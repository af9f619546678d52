"""Which of our own posts carries which marker, by channel.

A marker is in the metadata of a post, where a scan finds it again after a restart. What this process posted or saw itself is
remembered, so that a channel is scanned once, and again only when a request ended without an answer.
https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from bot.history.clean import Row, id_in, row_in, text_in

EVENT = "steward"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post of ours stands: `thread` is the ts of its root. `files` are those that we uploaded for it."""

    message: str
    thread: str = ""
    files: tuple[str, ...] = ()


Scan = Callable[[str], Awaitable[Iterable[tuple[str, Place]]]]
"""Reads a channel's latest posts of ours, oldest first, from the platform."""


def metadata(marker: str, files: Iterable[str] = ()) -> dict[str, object]:
    """What a post carries; Slack takes flat values."""
    return {"event_type": EVENT, "event_payload": {"marker": marker, "files": ",".join(files)}}


def marked(row: Row) -> tuple[str, Place] | None:
    """The marker of a post, and where it stands; None for one that carries none."""
    told = row_in(row, "metadata")
    payload = row_in(told, "event_payload")
    marker = text_in(payload, "marker")
    if text_in(told, "event_type") != EVENT or not marker:
        return None
    thread, files = id_in(row, "thread_ts"), text_in(payload, "files")
    return marker, Place(id_in(row, "ts"), thread, tuple(files.split(",")) if files else ())


@dataclass(slots=True)
class Markers:
    """Keyed by the channel, threads included. Ids of channels are unique in all of Slack."""

    scan: Scan
    _known: dict[str, dict[str, Place]] = field(default_factory=dict)
    _doubts: dict[str, int] = field(default_factory=dict)

    async def find(self, channel: str, marker: str) -> Place | None:
        """Our post with this marker."""
        return (await self._scanned(channel)).get(marker)

    async def place_of(self, channel: str, message: str) -> Place | None:
        """Where a post of ours stands; None for what is none of ours."""
        known = await self._scanned(channel)
        return next((place for place in known.values() if place.message == message), None)

    async def _scanned(self, channel: str) -> dict[str, Place]:
        while channel not in self._known:
            doubts = self._doubts.get(channel, 0)
            found = dict(await self.scan(channel))
            # Another task may have scanned and posted meanwhile: what it knows is newer. After a doubt it is looked again.
            if doubts == self._doubts.get(channel, 0):
                self._known.setdefault(channel, found)
        return self._known[channel]

    def put(self, channel: str, marker: str, place: Place) -> None:
        """We posted it, or saw it. What was not scanned yet is still scanned when it is asked for."""
        if channel in self._known:
            self._known[channel][marker] = place

    def drop(self, channel: str, messages: Iterable[str]) -> None:
        """These are gone."""
        gone = set(messages)
        known = self._known.get(channel)
        if known is not None:
            self._known[channel] = {
                marker: place for marker, place in known.items() if place.message not in gone
            }

    def doubt(self, channel: str) -> None:
        """Something was sent there, and nobody knows whether it arrived: look again before the next."""
        self._known.pop(channel, None)
        self._doubts[channel] = self._doubts.get(channel, 0) + 1
