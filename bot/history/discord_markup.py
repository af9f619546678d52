"""Discord's markup as people see it: `<@1>` is a name, `<:wave:2>` an emoji, `<t:3>` a time.

DiscordChatExporter resolves it or leaves it, as it was told (`--markdown`); resolved text comes back as is.
https://discord.com/developers/docs/reference#message-formatting
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_TOKEN = re.compile(
    r"<(?:@!?(?P<person>[0-9]+)|@&(?P<role>[0-9]+)|\#(?P<channel>[0-9]+)|a?:(?P<emoji>\w+):[0-9]+"
    r"|t:(?P<time>-?[0-9]{1,12})(?::[a-zA-Z])?|/(?P<command>[^<>:]{1,100}):[0-9]+|(?P<link>https?://[^\s<>]+))>",
    re.ASCII,
)
_PERSON = re.compile(r"<@!?([0-9]+)>", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Names:
    """Display names by id."""

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)


def decode(text: str, names: Names) -> str:
    """`text` as people see it; an id without a known name is shown itself. Never raises."""
    return _TOKEN.sub(lambda match: _shown(match, names), text) if "<" in text else text


def mentioned(text: str) -> list[str]:
    """Ids of the people that the raw `text` mentions."""
    return _PERSON.findall(text) if "<@" in text else []


def _shown(match: re.Match[str], names: Names) -> str:
    kind, value = match.lastgroup, match[match.lastgroup or 0]
    if kind == "person":
        return "@" + names.people.get(value, value)
    if kind == "role":
        return "@" + names.roles.get(value, value)
    if kind == "channel":
        return "#" + names.channels.get(value, value)
    if kind == "emoji":
        return f":{value}:"
    if kind == "command":
        return f"/{value}"
    return _moment(value, match[0]) if kind == "time" else value


def _moment(seconds: str, otherwise: str) -> str:
    """A time as text that reads the same everywhere; Discord shows it in each reader's own zone."""
    try:
        return f"{_EPOCH + timedelta(seconds=int(seconds)):%Y-%m-%d %H:%M} UTC"
    except OverflowError:
        return otherwise
