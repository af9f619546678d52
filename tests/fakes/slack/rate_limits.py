"""How many calls a minute: per method, app and workspace, and one post a second in each channel.

Source: docs.slack.dev/apis/web-api/rate-limits. Bursts are allowed to an extent that the documents do not tell, so
everything is let through until a test says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.fakes.slack.calls import TIERS, Endpoint
from tests.fakes.slack.world import World


@dataclass(slots=True)
class Window:
    ends: datetime
    used: int = 0


class RateLimits:
    """`strict` holds calls to the numbers of the documents, without any burst."""

    def __init__(self, world: World) -> None:
        self.strict = False
        self._world = world
        self._own: dict[str, tuple[int, float]] = {}
        self._windows: dict[tuple[str, str, str], Window] = {}

    def narrow(self, method: str, limit: int, seconds: float) -> None:
        """For one method, in each workspace; for chat.postMessage in each channel."""
        self._own[method] = (limit, seconds)

    def count(self, endpoint: Endpoint, workspace_id: str, channel_id: str) -> int | None:
        """Counts a call. The seconds to wait where it is one too many."""
        bounds = self._bounds(endpoint)
        if bounds is None:
            return None
        limit, seconds = bounds
        place = channel_id if endpoint.method == "chat.postMessage" else ""
        key, now = (endpoint.method, workspace_id, place), self._world.now()
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            window = self._windows[key] = Window(now + timedelta(seconds=seconds))
        window.used += 1
        if window.used <= limit:
            return None
        return max(1, math.ceil((window.ends - now).total_seconds()))

    def _bounds(self, endpoint: Endpoint) -> tuple[int, float] | None:
        if endpoint.method in self._own:
            return self._own[endpoint.method]
        if self._world.app.history_is_limited and endpoint.method in (
            "conversations.history",
            "conversations.replies",
        ):
            return 1, 60.0
        if not self.strict:
            return None
        if endpoint.method == "chat.postMessage":
            return 1, 1.0
        return (TIERS[endpoint.tier], 60.0) if endpoint.tier else None
