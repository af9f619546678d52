"""Payloads as Discord's gateway sends them (after its documentation; nobody's data), read by discord.py itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import discord
from discord.user import ClientUser

PAYLOADS = Path(__file__).parent / "payloads"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json") if path.stem != "guild")
US = "1200000000000000099"

Payload = dict[str, Any]  # JSON, as discord.py's own types take it


def payload(name: str) -> Payload:
    """One payload, fresh."""
    found: Payload = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return found


class Listener(discord.Client):
    """discord.py without a network: it is handed events, and keeps what it would have told us."""

    def __init__(self) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, message_content=True)
        super().__init__(
            intents=intents, max_messages=None, member_cache_flags=discord.MemberCacheFlags.none()
        )
        self.told: list[Any] = []
        us = next(each["user"] for each in payload("guild")["members"] if each["user"]["id"] == US)
        self._connection.user = ClientUser(state=self._connection, data=us)
        self.here = self._connection._add_guild_from_data(payload("guild"))  # type: ignore[arg-type] # plain JSON

    def dispatch(self, event: str, /, *args: Any, **_: Any) -> None:
        """Keep what an event is about."""
        del event
        self.told += args

    def hear(self, event: str, data: Mapping[str, object]) -> Any:
        """What discord.py makes of an event."""
        self.told.clear()
        self._connection.parsers[event](data)
        return self.told[0]


def heard(name: str, **changed: object) -> discord.Message:
    """The message that discord.py makes of a payload."""
    message = Listener().hear("MESSAGE_CREATE", payload(name) | changed)
    assert isinstance(message, discord.Message)
    return message
