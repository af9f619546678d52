"""One call of a method as the handlers see it, and how a table of them becomes the Web API."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.fakes.slack.entities import Channel, Kind, Token, User, Workspace
from tests.fakes.slack.errors import Json, SlackError, invalid
from tests.fakes.slack.world import World

Item = TypeVar("Item")
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute, docs.slack.dev/apis/web-api/rate-limits."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is read and authenticated. Arguments are as they came: text from forms, anything from JSON."""

    world: World
    token: Token
    arguments: Mapping[str, object]
    authorization: tuple[str, str] | None = None  # client id and secret, of HTTP Basic

    @property
    def user(self) -> User:
        """Whose token it is: a person, or the bot."""
        if self.token.user is None:
            raise SlackError("not_allowed_token_type")
        return self.token.user

    @property
    def workspace(self) -> Workspace:
        return self.user.workspace

    @property
    def is_bot(self) -> bool:
        return self.token.kind == "bot"

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Raises SlackError invalid_arguments where it is missing."""
        if not (value := self.text(name)):
            raise invalid("invalid_arguments", f"missing required field: {name}")
        return value

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("1", "true")

    def given(self, name: str) -> bool:
        return self.arguments.get(name) is not None

    def structure(self, name: str, error: str) -> object:
        """JSON, or text that is JSON; None where it is not given. Raises SlackError `error`."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(error) from None

    def needs(self, *scopes: str) -> None:
        """Raises SlackError missing_scope where none of them is there."""
        if not self.token.scopes.intersection(scopes):
            provided = ",".join(sorted(self.token.scopes))
            raise SlackError("missing_scope", needed=",".join(scopes), provided=provided)

    def has(self, scope: str) -> bool:
        return scope in self.token.scopes

    def channel(self, name: str = "channel", right: str = "") -> Channel:
        """One that the token's user may know of; `right` is the second half of the scope it takes.

        Raises SlackError channel_not_found, missing_scope.
        """
        channel = self.world.channels.get(self.required(name))
        if channel is None or self.workspace not in channel.workspaces:
            raise SlackError("channel_not_found")
        if channel.kind is not Kind.PUBLIC and self.user.id not in channel.members:
            raise SlackError("channel_not_found")
        if right:
            self.needs(f"{channel.kind.scope}:{right}")
        return channel

    def page(self, items: Sequence[Item], default: int, most: int) -> tuple[list[Item], Json]:
        """So many of them from the cursor on, and the `response_metadata`. Raises SlackError invalid_*."""
        limit = self.number("limit", default)
        if not 1 <= limit <= most:
            raise SlackError("invalid_limit")
        start = _position(self.text("cursor"))
        end = start + limit
        cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return list(items[start:end]), {"response_metadata": {"next_cursor": cursor}}

    def number(self, name: str, default: int) -> int:
        """Raises SlackError invalid_arguments."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise invalid("invalid_arguments", f"must be a number: {name}") from None


def _position(cursor: str) -> int:
    """Raises SlackError invalid_cursor."""
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None


Handler = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method. `kinds` are those of tokens that may call it; `arguments` all that Slack's page of it names."""

    method: str
    handler: Handler
    arguments: str = ""
    scopes: tuple[str, ...] = ()  # one of them is needed
    tier: int = 3  # 0 for limits of its own
    kinds: tuple[str, ...] = ("bot", "user")
    header_only: bool = False  # the token may not stand among the arguments

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.arguments.split()) | {"token"}
