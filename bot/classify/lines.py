"""Bytes from a file, a pipe or a terminal, as numbered lines, as soon as they are there."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST = 4 * 1024 * 1024
CHUNK = 64 * 1024
CHUNKS_AHEAD = 8
"""How far the reader may run ahead of the judge."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end, counted from 1. `content` is None for a line longer than allowed."""

    number: int
    content: bytes | None


class LineSplitter:
    r"""Cuts chunks into lines at \n, holding no more than one line of the longest length."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._begun = bytearray()
        self._too_long = False
        self._number = 0

    def feed(self, chunk: bytes) -> list[Line]:
        """The lines that `chunk` completes."""
        *ended, begun = chunk.split(b"\n")
        lines = []
        for part in ended:
            self._extend(part)
            lines.append(self._cut())
        self._extend(begun)
        return lines

    def finish(self) -> list[Line]:
        """The last line, where it has no end."""
        return [self._cut()] if self._begun or self._too_long else []

    def _extend(self, part: bytes) -> None:
        if self._too_long or len(self._begun) + len(part) > self._longest:
            self._too_long = True
            self._begun.clear()
        else:
            self._begun += part

    def _cut(self) -> Line:
        self._number += 1
        line = Line(self._number, None if self._too_long else bytes(self._begun))
        self._begun.clear()
        self._too_long = False
        return line


class LineFeed:
    """Lines that a thread reads ahead, to be taken as many as are there.

    `read(n)` gives up to n bytes as soon as there are any, and nothing at the end. The thread is a daemon, because
    nothing can wake it from a terminal at which nobody types.
    """

    def __init__(self, read: Callable[[int], bytes | None]) -> None:
        self._read = read
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[Sequence[Line] | Exception | None] = asyncio.Queue()
        self._room = threading.Semaphore(CHUNKS_AHEAD)
        self._waiting: deque[Line] = deque()
        self._ended = self._closed = False
        threading.Thread(target=self._run, name="steward-lines", daemon=True).start()

    async def take(self, most: int) -> list[Line]:
        """From one to `most` lines, waiting only for the first; none at the end. Raises what reading raised."""
        while not self._ended and (
            not self._waiting or (len(self._waiting) < most and self._arrived.qsize())
        ):
            self._accept(await self._arrived.get())
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def close(self) -> None:
        """Let the thread end after what it reads now."""
        self._closed = True
        self._room.release()

    def _accept(self, arrived: Sequence[Line] | Exception | None) -> None:
        if isinstance(arrived, Exception):
            self._ended = True
            raise arrived
        self._ended = arrived is None
        self._waiting.extend(arrived or ())
        self._room.release()

    def _run(self) -> None:
        splitter = LineSplitter()
        try:
            while (chunk := self._read(CHUNK)) != b"":
                if chunk is None:  # a pipe that does not block, with nothing in it
                    time.sleep(0.02)
                elif lines := splitter.feed(chunk):
                    self._hand_over(lines)
                if self._closed:
                    return
            self._hand_over(splitter.finish())
            self._hand_over(None)
        except Exception as error:  # noqa: BLE001 - it is raised again by take()
            self._hand_over(error)

    def _hand_over(self, arrived: Sequence[Line] | Exception | None) -> None:
        if not isinstance(arrived, Exception):
            self._room.acquire()
        if not (self._closed or self._loop.is_closed()):
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, arrived)
