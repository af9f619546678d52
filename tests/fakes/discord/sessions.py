"""What one gateway session was told, and what it may be told.

Sources: developers/events/gateway (Gateway Intents, Message Content Intent, Resuming, Sharding),
developers/events/gateway-events.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from tests.fakes.discord import payloads
from tests.fakes.discord.entities import Guild, Message
from tests.fakes.discord.errors import Json
from tests.fakes.discord.intents import CONTENT, PRESENCES, reads_anyway, without_content
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.world import Event, World

LARGE = 250  # members, discord.py's large_threshold


class Session:
    """One IDENTIFY and all that follows, over as many connections as it takes."""

    def __init__(self, world: World, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.send: Callable[[str], None] | None = None  # of the open connection
        self._world = world
        self._sent: list[str] = []  # index + 1 is the sequence number

    def dispatch(self, name: str, data: Json) -> None:
        """Numbers an event and keeps it for RESUME, connected or not."""
        self.sequence += 1
        text = json.dumps({"op": 0, "t": name, "s": self.sequence, "d": data})
        self._sent.append(text)
        if self.send:
            self.send(text)

    def tell(self, event: Event) -> None:
        """Dispatches what this session asked for and may see."""
        if event.intent and not self.intents & event.intent:
            return
        if not self._is_for_shard(event) or not self._is_visible(event):
            return
        data = event.data
        if event.name == "GUILD_CREATE" and event.guild:
            data = self.with_members(data, event.guild)
        if event.message and not self._reads(event.message):
            data = without_content(data)
        self.dispatch(event.name, data)

    def with_members(self, data: Json, guild: Guild) -> Json:
        """All members of a server that is not large, for a session that asked for presences; the bot alone else."""
        if self.intents & PRESENCES and len(guild.members) <= LARGE:
            return data | {"members": [payloads.member(each) for each in guild.members.values()]}
        return data

    def missed_since(self, sequence: int) -> list[str]:
        return self._sent[sequence:]

    def _is_for_shard(self, event: Event) -> bool:
        number, count = self.shard
        if event.guild is None:
            return number == 0
        return (int(event.guild.id) >> 22) % count == number

    def _is_visible(self, event: Event) -> bool:
        if event.guild and self._world.bot.id not in event.guild.members:
            return False
        if event.channel is None:
            return True
        return bool(self._world.may(event.channel) & Permission.VIEW_CHANNEL)

    def _reads(self, message: Message) -> bool:
        return bool(self.intents & CONTENT) or reads_anyway(self._world, message)
