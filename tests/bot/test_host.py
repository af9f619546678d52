"""bot.host: what lives as long as the process does is stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from bot.host import _until_stopped


@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl-C raises KeyboardInterrupt")
async def test_the_platform_stays_until_the_work_is_finished() -> None:
    told: list[str] = []

    async def works() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            told.append("finished")

    async def connected() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        finally:
            told.append("closed")

    await _until_stopped(works(), connected())
    assert told == ["finished", "closed"]


async def test_what_one_of_them_raised_is_raised() -> None:
    async def works() -> None:
        await asyncio.sleep(60)

    async def fails() -> None:
        raise ValueError("refused at the door")

    with pytest.raises(ValueError, match="refused at the door"):
        await _until_stopped(works(), fails())
