"""The bot on Discord: `steward run` as its own process with the shipped model, against a server that speaks Discord's protocol.

The server runs in this process, on the same two cores, so the figures hold its work, too.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from benchmarks.load import SCRIPT
from benchmarks.measures import Row
from bot.charters import read_charter
from moderation.messages import Platform
from moderation.ports import Community
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from tests.fakes.discord.entities import Channel, Guild, Member
from tests.fakes.discord.server import DiscordServer
from training.scripts import read

KEY = "a key for benchmarks that is long enough"
CHARTER = SCRIPT.parent.parent.parent / "bot" / "samples" / "tidewater-books" / "charter.toml"
A_SECOND, SECONDS = 20, 30
BURST = 2_000
GUILDS, CHANNELS = 100, 20
HEARTBEAT = 5.0
"""Seconds between heartbeats, far less than Discord's 41: a loop that pauses for long misses one."""
LOOK = 0.004
"""Seconds between two looks for new decisions."""


def discord_pace(folder: Path) -> list[Row]:
    """Time from an event to its stored decision, a burst, memory, and the time to be ready."""
    return asyncio.run(_measure(folder))


async def _measure(folder: Path) -> list[Row]:
    rows: list[Row] = []
    async with _bench(folder / "steady.db", 1, 5) as bench:
        rows.append(("from start to ready", f"{bench.ready_after:.1f} s", "5 s"))
        await bench.steady()
        took = 1000 * np.array(bench.seconds())
        rows.append(
            ("event to stored decision, p50 at 20 a second", f"{np.percentile(took, 50):.0f} ms", "60 ms")
        )
        rows.append(("the same, p99", f"{np.percentile(took, 99):.0f} ms", "250 ms"))
        begun = time.perf_counter()
        await bench.burst()
        drained = time.perf_counter() - begun
        rows.append(
            (f"a burst of {BURST:,}, drained in", f"{drained:.1f} s ({BURST / drained:.0f} a second)", "-")
        )
        rows.append(("decisions missing after it", str(bench.posted - len(bench.decided)), "0"))
        rows.append(("missed heartbeats", str(len(bench.server.gateway.missed_heartbeats)), "0"))
        rows.append(("peak resident memory", f"{bench.peak_megabytes():.0f} MB", "-"))
    async with _bench(folder / "many.db", GUILDS, CHANNELS) as bench:
        rows.append(
            (f"{GUILDS} servers with {CHANNELS} channels: ready after", f"{bench.ready_after:.1f} s", "-")
        )
        await bench.everywhere()
        rows.append(("the same: peak resident memory", f"{bench.peak_megabytes():.0f} MB", "500 MB"))
    return rows


@dataclass
class Bench:
    """Servers with people and channels, and the process that lives in them."""

    server: DiscordServer
    database: Path
    places: list[tuple[Guild, list[Member], list[Channel]]]
    process: asyncio.subprocess.Process
    ready_after: float
    posted: int = 0
    sent: dict[str, float] = field(default_factory=dict)
    decided: dict[str, float] = field(default_factory=dict)

    def post(self, number: int, text: str) -> None:
        _, people, channels = self.places[number % len(self.places)]
        post = self.server.people.post(
            people[number % len(people)], channels[number // 7 % len(channels)], text
        )
        self.sent[post.id] = time.time()
        self.posted += 1

    async def steady(self) -> None:
        for number, text in enumerate(islice(_texts(), A_SECOND * SECONDS)):
            self.post(number, text)
            await self._look_until(time.time() + 1 / A_SECOND)
        await self._drain()

    async def burst(self) -> None:
        for number, text in enumerate(islice(_texts(), BURST)):
            self.post(number, text)
        await self._drain()

    async def everywhere(self) -> None:
        for number, text in enumerate(islice(_texts(), 5 * len(self.places))):
            self.post(number, text)
            await asyncio.sleep(0.01)
        await self._drain()

    def seconds(self) -> list[float]:
        """From event to stored decision, one for each message."""
        return [self.decided[name] - self.sent[name] for name in self.decided]

    def peak_megabytes(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else float("nan")

    async def _look_until(self, moment: float) -> None:
        while time.time() < moment:
            self._look()
            await asyncio.sleep(LOOK)

    async def _drain(self) -> None:
        async with asyncio.timeout(180):
            while len(self.decided) < self.posted:
                self._look()
                await asyncio.sleep(LOOK)

    def _look(self) -> None:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute("select count(*) from decisions").fetchone()
            if count > len(self.decided):
                for (name,) in connection.execute("select message from decisions"):
                    self.decided.setdefault(name, time.time())


def _texts() -> cycle[str]:
    return cycle([line.text for line in read(SCRIPT).lines])


@asynccontextmanager
async def _bench(database: Path, guilds: int, channels: int) -> AsyncIterator[Bench]:
    url = f"sqlite+aiosqlite:///{database}"
    async with DiscordServer() as server:
        server.gateway.heartbeat_seconds = HEARTBEAT
        places = [_place(server, channels) for _ in range(guilds)]
        await schema.upgrade(url)
        store = await open_store(url, Vault(KEY))
        written, policy = read_charter(CHARTER)
        charter = replace(written, channels=())  # every channel is watched
        async with store.work() as work:
            for guild, _, _ in places:
                community = Community(Platform.DISCORD, guild.id)
                await work.communities.publish(community, charter, policy, server.world.now())
            await work.commit()
        await store.close()
        environment = os.environ | {
            "STEWARD_DISCORD_TOKEN": server.token,
            "STEWARD_DISCORD_API_URL": server.api_url,
            "STEWARD_DISCORD_GATEWAY_URL": server.gateway_url,
            "STEWARD_DATABASE_URL": url,
            "STEWARD_SECRET_KEY": KEY,
        }
        begun = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, stderr=asyncio.subprocess.PIPE
        )
        stderr = process.stderr or asyncio.StreamReader()
        while b"ready" not in (line := await asyncio.wait_for(stderr.readline(), 60)):
            if not line:
                raise RuntimeError("steward run ended before it was ready")
        reading = asyncio.create_task(stderr.read())
        try:
            yield Bench(server, database, places, process, time.perf_counter() - begun)
        finally:
            process.terminate()
            await process.wait()
            reading.cancel()


def _place(server: DiscordServer, channels: int) -> tuple[Guild, list[Member], list[Channel]]:
    guild = server.people.create_guild("Tidewater")
    people = [server.people.join(guild, f"member{number}") for number in range(20)]
    return (
        guild,
        people,
        [server.people.create_channel(guild, f"room-{number}") for number in range(channels)],
    )
