"""What clients asked: every request, for tests and for a check against Discord's OpenAPI file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.fakes.discord.errors import Json

FILE = "DISCORD_REQUESTS_FILE"
"""The environment variable that names where all requests are kept; tests/conformance reads them."""


@dataclass(slots=True)
class Request:
    """One request and how it was answered; `status` is 0 while it runs or when the connection was cut."""

    number: int
    method: str
    route: str  # the template of the OpenAPI file, e.g. /channels/{channel_id}/messages; empty where unknown
    path: str
    query: dict[str, str]
    body: Json | list[Json] | None  # of a multipart body its payload_json
    files: list[str] = field(default_factory=list)  # names of what was uploaded
    reason: str | None = None  # X-Audit-Log-Reason
    status: int = 0
    code: int | None = None  # Discord's own, of a refusal


class Requests:
    """All requests, oldest first."""

    def __init__(self) -> None:
        self.all: list[Request] = []

    def add(self, request: Request) -> None:
        self.all.append(request)

    def to(self, method: str, route: str) -> list[Request]:
        """Those to one route."""
        return [each for each in self.all if (each.method, each.route) == (method, route)]

    def refused(self) -> list[Request]:
        """Those that count towards Discord's limit of invalid requests: 401, 403 and 429."""
        return [each for each in self.all if each.status in (401, 403, 429)]

    def keep(self) -> None:
        """Append all of them, one a line as JSON, to the file that the environment names, if it does."""
        if path := os.environ.get(FILE):
            with Path(path).open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(each)) + "\n" for each in self.all)
