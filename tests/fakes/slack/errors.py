"""How Slack says no: almost always HTTP 200 with `ok` false and a word.

Source: docs.slack.dev/apis/web-api (Evaluating responses), docs.slack.dev/apis/web-api/rate-limits.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class SlackError(Exception):
    """A refusal that the client gets as JSON; `more` stands beside `ok` and `error`, e.g. `needed`."""

    def __init__(
        self, error: str, *, status: int = 200, retry_after: int | None = None, **more: object
    ) -> None:
        self.error = error
        self.status = status
        self.retry_after = retry_after  # seconds, of a 429
        self.more = more
        super().__init__(error)

    def json(self) -> Json:
        return {"ok": False, "error": self.error, **self.more}


def invalid(error: str, *messages: str) -> SlackError:
    """A refusal with sentences in `response_metadata.messages`, as for blocks, views and arguments."""
    found = [f"[ERROR] {each}" for each in messages]
    return SlackError(error, errors=found, response_metadata={"messages": found})


def limited(retry_after: int) -> SlackError:
    return SlackError("ratelimited", status=429, retry_after=retry_after)
