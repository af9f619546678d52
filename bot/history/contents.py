"""What both formats tell about themselves once they were looked through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.history.doubles import DoubleIds
from moderation.messages import Channel, Message, Platform


@dataclass(frozen=True, slots=True)
class MessageFile:
    """A file with messages: all of one channel, `count` of them from `first` to `last`.

    `tidy` says that they stand in order of time. `thread` is the id of a thread that has a file of its own.
    """

    name: str
    channel: Channel
    count: int
    first: datetime
    last: datetime
    tidy: bool
    thread: str = ""


class Contents(Protocol):
    """An export looked through: everything about it except its messages, which `read` gives file by file."""

    @property
    def platform(self) -> Platform:
        """Where the community lives."""

    @property
    def community(self) -> str:
        """The community's id, the same for every export of it."""

    @property
    def community_name(self) -> str:
        """The community's name for people."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel that is told about, also those without messages."""

    @property
    def members(self) -> Mapping[str, str]:
        """Display name by id of everyone that the export names."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was left out and why."""

    @property
    def files(self) -> tuple[MessageFile, ...]:
        """Files with at least one message."""

    @property
    def others(self) -> tuple[str, ...]:
        """Further files that were read, for the fingerprint."""

    @property
    def suspects(self) -> frozenset[int]:
        """What DoubleIds found."""

    def read(self, file: MessageFile) -> Iterator[Message]:
        """The messages of one file in its own order."""


class Tally:
    """Counts the messages of one file while it is looked through."""

    def __init__(self, doubles: DoubleIds) -> None:
        self._doubles = doubles
        self._count = 0
        self._first = self._last = self._latest = datetime.min.replace(tzinfo=UTC)
        self._tidy = True

    def note(self, channel: str, message: str, posted_at: datetime) -> None:
        """Count one message."""
        self._doubles.note(channel, message)
        if not self._count:
            self._first = self._last = self._latest = posted_at
        self._tidy = self._tidy and posted_at >= self._latest
        self._latest = posted_at
        self._first = min(self._first, posted_at)
        self._last = max(self._last, posted_at)
        self._count += 1

    def file(self, name: str, channel: Channel, thread: str = "") -> MessageFile | None:
        """What was counted; None for a file without messages."""
        if not self._count:
            return None
        return MessageFile(name, channel, self._count, self._first, self._last, self._tidy, thread)
