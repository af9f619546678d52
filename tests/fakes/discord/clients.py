"""The real discord.py, pointed at the server; README.md says which three constants that takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import discord
import pytest
import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord.server import DiscordServer

AnyClient = TypeVar("AnyClient", bound=discord.Client)


def point_at(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the test ends, discord.py of this process talks to `server`."""
    monkeypatch.setattr(Route, "BASE", server.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url))
    monkeypatch.setattr(Asset, "BASE", server.cdn_url)


class Client(discord.Client):
    """One that keeps what it was told, in order."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(intents=intents or discord.Intents.all(), guild_ready_timeout=0.05)
        self.heard: list[discord.Message] = []
        self.events: list[str] = []  # names of dispatches
        self.resumes = 0

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the pause between two IDENTIFYs: the server does not mind."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_socket_event_type(self, name: str) -> None:
        self.events.append(name)

    async def on_resumed(self) -> None:
        self.resumes += 1


@asynccontextmanager
async def connected(server: DiscordServer, client: AnyClient) -> AsyncIterator[AnyClient]:
    """Logs in, waits until it is ready, and closes it in the end."""
    running = asyncio.create_task(client.start(server.token))
    try:
        await server.until(lambda: client.is_ready() or running.done())
        yield client
    finally:
        await client.close()
        await running
