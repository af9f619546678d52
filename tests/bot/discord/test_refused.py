"""`steward run` where Discord refuses it at the door: exit code 2 and a sentence that says what to do."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.discord.running import NO_CONTENT, UNKNOWN_BOT
from moderation.storage import schema
from tests.bot.discord.life import SECRET
from tests.fakes.discord.server import DiscordServer


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        server.people.create_guild("Bench & Plane")
        yield server


async def ended(server: DiscordServer, folder: Path, token: str | None = None) -> tuple[int, str]:
    """Run it until it ends; its exit code, and what it said. It may know another token than the server does."""
    database = f"sqlite+aiosqlite:///{folder / 'steward.db'}"
    await schema.upgrade(database)
    (folder / "clock").write_text("0")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.discord.steward_in_town",
        env=os.environ
        | {
            "STEWARD_DISCORD_TOKEN": token or server.token,
            "STEWARD_DISCORD_API_URL": server.api_url,
            "STEWARD_DISCORD_GATEWAY_URL": server.gateway_url,
            "STEWARD_DATABASE_URL": database,
            "STEWARD_SECRET_KEY": SECRET,
            "TOWN_CLOCK": str(folder / "clock"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, said.decode()


def assert_says(end: tuple[int, str], sentence: str) -> None:
    code, said = end
    assert sentence in " ".join(said.split())
    assert "Traceback" not in said
    assert code == 2


async def test_a_token_that_discord_does_not_know(server: DiscordServer, tmp_path: Path) -> None:
    assert_says(await ended(server, tmp_path, "another.token.than-that"), UNKNOWN_BOT)
    assert len(server.requests.all) == 1


async def test_a_token_that_the_gateway_does_not_take(server: DiscordServer, tmp_path: Path) -> None:
    server.gateway.token = "a token that was changed a moment ago"
    assert_says(await ended(server, tmp_path), UNKNOWN_BOT)


async def test_the_intent_is_switched_off(server: DiscordServer, tmp_path: Path) -> None:
    server.world.privileged_intents = 0
    assert_says(await ended(server, tmp_path), NO_CONTENT)
    assert server.gateway.identified == 0


async def test_discord_is_not_there(server: DiscordServer, tmp_path: Path) -> None:
    server.troubles.drop_next("GET /users/@me", times=99)
    code, said = await ended(server, tmp_path)
    assert "Discord cannot be reached" in said
    assert "Traceback" not in said
    assert code
