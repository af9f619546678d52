"""Faults on demand: what a test orders goes wrong at the next request that fits, once or as often as it says.

A method is written as in Slack's documents, chat.postMessage, with * for anything; response_url, upload and download
are the requests that are no methods.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(slots=True)
class Hold:
    """A request that was stopped on its way, before or after it did its work."""

    _reached: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached(self) -> None:
        """Returns once such a request has come."""
        await self._reached.wait()

    def release(self) -> None:
        self._released.set()

    async def stop_here(self) -> None:
        self._reached.set()
        await self._released.wait()


@dataclass(slots=True)
class Trouble:
    method: str
    times: int
    skip: int = 0  # so many that fit are let through first
    after: bool = False  # the work is done, only the answer suffers
    error: str = ""
    status: int = 200
    drop: bool = False
    retry_after: int | None = None
    seconds: float = 0
    hold: Hold | None = None


class Troubles:
    """What is ordered and has not happened yet."""

    def __init__(self) -> None:
        self._ordered: list[Trouble] = []
        self._holds: list[Hold] = []

    def fail_next(
        self,
        method: str,
        error: str = "internal_error",
        *,
        status: int = 200,
        after: bool = False,
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Answers with `error`; with `after` although the work was done. A status of 500 and more has no JSON."""
        self._ordered.append(Trouble(method, times, skip, after, error, status))

    def drop_next(self, method: str, *, after: bool = False, times: int = 1, skip: int = 0) -> None:
        """Cuts the connection without an answer."""
        self._ordered.append(Trouble(method, times, skip, after, drop=True))

    def limit_next(self, method: str, retry_after: int, *, times: int = 1, skip: int = 0) -> None:
        """Answers 429 with `Retry-After`, in whole seconds."""
        self._ordered.append(Trouble(method, times, skip, retry_after=retry_after))

    def slow_next(
        self, method: str, seconds: float, *, after: bool = False, times: int = 1, skip: int = 0
    ) -> None:
        """Waits before the work, or between the work and the answer."""
        self._ordered.append(Trouble(method, times, skip, after, seconds=seconds))

    def hold_next(self, method: str, *, after: bool = False, skip: int = 0) -> Hold:
        """Stops a request until the test releases it: the moment at which to kill the app."""
        hold = Hold()
        self._holds.append(hold)
        self._ordered.append(Trouble(method, 1, skip, after, hold=hold))
        return hold

    def clear(self) -> None:
        """Nothing more goes wrong; held requests go on."""
        for hold in self._holds:
            hold.release()
        self._ordered.clear()

    def take(self, method: str) -> Trouble | None:
        """The trouble for a request, counted down."""
        for trouble in self._ordered:
            if not fnmatchcase(method, trouble.method):
                continue
            if trouble.skip:
                trouble.skip -= 1
                continue
            trouble.times -= 1
            if not trouble.times:
                self._ordered.remove(trouble)
            return trouble
        return None
