"""A Discord of its own for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.discord.clients import point_at
from tests.fakes.discord.server import DiscordServer


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    """Running, with discord.py pointed at it."""
    async with DiscordServer() as running:
        point_at(running, monkeypatch)
        yield running
