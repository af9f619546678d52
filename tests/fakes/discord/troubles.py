"""Faults on demand: what a test orders goes wrong at the next request that fits, once or as often as it says.

A route is written as in Discord's documents, "POST /channels/{channel_id}/messages", with * for anything; or with
the real ids in it.
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
    route: str
    times: int
    skip: int = 0  # so many that fit are let through first
    after: bool = False  # the work is done, only the answer suffers
    status: int = 0
    code: int = 0
    message: str = ""
    drop: bool = False
    retry_after: float | None = None
    is_global: bool = False
    seconds: float = 0
    hold: Hold | None = None


class Troubles:
    """What is ordered and has not happened yet."""

    def __init__(self) -> None:
        self._ordered: list[Trouble] = []

    def fail_next(
        self,
        route: str,
        status: int,
        code: int = 0,
        *,
        message: str = "",
        after: bool = False,
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Answers `status` with Discord's error `code`; with `after` although the work was done."""
        self._order(Trouble(route, times, skip, after, status, code, message))

    def drop_next(self, route: str, *, after: bool = False, times: int = 1, skip: int = 0) -> None:
        """Cuts the connection without an answer."""
        self._order(Trouble(route, times, skip, after, drop=True))

    def limit_next(
        self, route: str, retry_after: float, *, is_global: bool = False, times: int = 1, skip: int = 0
    ) -> None:
        """Answers 429 with `retry_after` seconds."""
        self._order(Trouble(route, times, skip, retry_after=retry_after, is_global=is_global))

    def slow_next(
        self, route: str, seconds: float, *, after: bool = False, times: int = 1, skip: int = 0
    ) -> None:
        """Waits before the work, or between the work and the answer."""
        self._order(Trouble(route, times, skip, after, seconds=seconds))

    def hold_next(self, route: str, *, after: bool = False, skip: int = 0) -> Hold:
        """Stops a request until the test releases it: the moment at which to kill the client."""
        hold = Hold()
        self._order(Trouble(route, 1, skip, after, hold=hold))
        return hold

    def clear(self) -> None:
        """Nothing more goes wrong; held requests go on."""
        for trouble in self._ordered:
            if trouble.hold:
                trouble.hold.release()
        self._ordered.clear()

    def take(self, method: str, template: str, path: str) -> Trouble | None:
        """The trouble for a request, counted down."""
        for trouble in self._ordered:
            if not any(fnmatchcase(f"{method} {each}", trouble.route) for each in (template, path)):
                continue
            if trouble.skip:
                trouble.skip -= 1
                continue
            trouble.times -= 1
            if not trouble.times:
                self._ordered.remove(trouble)
            return trouble
        return None

    def _order(self, trouble: Trouble) -> None:
        self._ordered.append(trouble)
