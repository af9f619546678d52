"""`steward run` as its own process: a day undisturbed, and the same day with the process killed at a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.bot.discord.life import Life
from tests.fakes.discord.server import DiscordServer

REQUESTS = 40
"""About so many requests a day has from the connection on."""
FEW = (9, 18, 27)
MANY = tuple(number for number in range(2, REQUESTS, 2) if number not in FEW)

Ending = tuple[dict[str, list[str]], Counter[tuple[str, str]]]
undisturbed: dict[str, Ending] = {}


@asynccontextmanager
async def a_life(folder: Path) -> AsyncIterator[Life]:
    async with DiscordServer() as server:
        life = Life(server, folder)
        await life.prepare()
        await life.start()
        try:
            yield life
        finally:
            await life.stop()


async def lived(folder: Path) -> Ending:
    """How an undisturbed day ends; it is lived once."""
    if not undisturbed:
        folder.mkdir()  # noqa: ASYNC240
        async with a_life(folder) as life:
            await life.play()
            undisturbed["day"] = life.ending(), life.done()
    return undisturbed["day"]


async def test_a_day(tmp_path: Path) -> None:
    ending, done = await lived(tmp_path / "day")
    assert len(ending["teabreak"]) == 3  # the header and two copies
    assert sum("cat" in line for line in ending["workshop"]) == 2
    assert done["message created", "moderators"] == 1


async def test_it_stops_when_it_is_asked_to(tmp_path: Path) -> None:
    async with a_life(tmp_path) as life:
        assert await life.stop() == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


async def _killed(folder: Path, number: int, *, after: bool) -> None:
    expected = await lived(folder / "day")
    async with a_life(folder) as life:
        life.kill_at(number, after=after)
        await life.play()
        assert life.kills == 1, "the process was never killed"
        assert life.ending() == expected[0]
        assert life.done() == expected[1]


@pytest.mark.parametrize("number", FEW)
async def test_killed_at_a_request_it_ends_the_same(tmp_path: Path, number: int) -> None:
    await _killed(tmp_path, number, after=number % 2 == 1)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", MANY)
async def test_killed_at_any_request_it_ends_the_same(tmp_path: Path, number: int, after: bool) -> None:
    await _killed(tmp_path, number, after=after)
