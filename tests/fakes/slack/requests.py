"""What the app asked: every request, for tests and for a check against Slack's OpenAPI file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.fakes.slack.errors import Json

FILE = "SLACK_REQUESTS_FILE"
"""The environment variable that names where all requests are kept."""


@dataclass(slots=True)
class Request:
    """One request and how it was answered; `status` is 0 while it runs or when the connection was cut."""

    number: int
    http: str  # GET or POST
    method: str  # chat.postMessage ..., else response_url, upload, download or link
    arguments: Json = field(default_factory=dict)  # without the token
    token: str = ""  # its kind: bot, user, app, or empty
    workspace_id: str = ""
    content_type: str = ""
    known: bool = True  # whether this server has such a method
    unknown_arguments: list[str] = field(
        default_factory=list
    )  # that Slack's page of the method does not name
    status: int = 0
    error: str = ""  # Slack's own word

    @property
    def ok(self) -> bool:
        return self.status == 200 and not self.error


class Requests:
    """All requests, oldest first."""

    def __init__(self) -> None:
        self.all: list[Request] = []

    def add(self, request: Request) -> None:
        self.all.append(request)

    def to(self, method: str) -> list[Request]:
        return [each for each in self.all if each.method == method]

    def refused(self) -> list[Request]:
        """Those that got an error or a 429."""
        return [each for each in self.all if each.error]

    def keep(self) -> None:
        """Append all of them, one a line as JSON, to the file that the environment names, if it does."""
        if path := os.environ.get(FILE):
            with Path(path).open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(each)) + "\n" for each in self.all)
