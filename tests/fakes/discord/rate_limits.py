"""Windows per route and resource, told in the headers of every answer.

Source: developers/topics/rate-limits. The documents give no numbers but the global 50 a second ("do not hard
code"), so the windows here are wide unless a test narrows them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, time

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")


@dataclass(slots=True)
class Window:
    ends: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after` is None where the request may pass; `headers` go with the answer in either case."""

    headers: dict[str, str]
    retry_after: float | None = None
    is_global: bool = False


class RateLimits:
    """Counts requests. `limit` of them in `seconds` for one route and resource; `each_second` for all together."""

    def __init__(
        self,
        limit: int = 500,
        seconds: float = 1.0,
        each_second: int | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.limit = limit
        self.seconds = seconds
        self.each_second = each_second
        self._clock = clock
        self._own: dict[str, tuple[int, float]] = {}
        self._windows: dict[str, Window] = {}

    def narrow(self, route: str, limit: int, seconds: float) -> None:
        """For one route, as "POST /channels/{channel_id}/messages"."""
        self._own[route] = (limit, seconds)

    def count(self, route: str, arguments: dict[str, str], *, is_interaction: bool) -> Verdict:
        """Counts a request. Answers to interactions stand outside the global limit."""
        if self.each_second is not None and not is_interaction:
            window = self._window("global", 1.0)
            window.used += 1
            if window.used > self.each_second:
                wait = self._left(window)
                return Verdict({"X-RateLimit-Global": "true"}, wait, is_global=True)
        limit, seconds = self._own.get(route, (self.limit, self.seconds))
        bucket = f"{zlib.crc32(route.encode()):08x}"
        window = self._window("+".join([bucket, *(arguments.get(key, "") for key in MAJOR)]), seconds)
        window.used += 1
        left = self._left(window)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - window.used)),
            "X-RateLimit-Reset": f"{time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": bucket,
        }
        return Verdict(headers, left if window.used > limit else None)

    def _window(self, key: str, seconds: float) -> Window:
        now = self._clock()
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            window = self._windows[key] = Window(now + seconds)
        return window

    def _left(self, window: Window) -> float:
        return max(0.001, window.ends - self._clock())
