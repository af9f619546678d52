"""Discord's markup as people see it: `<@1>` is a name, `<:wave:2>` an emoji, `<t:3>` a time.

It reads as in exported history (bot/history/discord_markup.py), so that a replay and the living bot judge the same text. Markdown
and its backslashes stay as they were typed.
https://discord.com/developers/docs/reference#message-formatting
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_TOKEN = re.compile(
    r"<(?:@!?(?P<member>[0-9]+)|@&(?P<role>[0-9]+)|\#(?P<channel>[0-9]+)|a?:(?P<emoji>\w+):[0-9]+"
    r"|t:(?P<time>-?[0-9]{1,12})(?::[a-zA-Z])?|/(?P<command>[^<>:]{1,100}):[0-9]+|(?P<link>https?://[^\s<>]+))>",
    re.ASCII,
)
_MEMBER = re.compile(r"<@!?([0-9]+)>", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Named(StrEnum):
    """What a mention can be of."""

    MEMBER = "member"
    ROLE = "role"
    CHANNEL = "channel"


NameOf = Callable[[Named, str], str | None]
"""The name of a member, role or channel by id; None where it is not known."""


def decode(text: str, name_of: NameOf) -> str:
    """`text` as people see it; an id without a known name is shown itself. Raises nothing but what `name_of` raises."""
    return _TOKEN.sub(lambda match: _shown(match, name_of), text) if "<" in text else text


def mentioned(text: str) -> list[str]:
    """Ids of the members that the raw `text` mentions."""
    return _MEMBER.findall(text) if "<@" in text else []


def _shown(match: re.Match[str], name_of: NameOf) -> str:
    kind, value = match.lastgroup or "", match[match.lastgroup or 0]
    if kind in {"member", "role", "channel"}:
        named = Named(kind)
        sign = "#" if named is Named.CHANNEL else "@"
        return sign + (name_of(named, value) or value)
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
