"""`steward run` on Slack as a process of its own: it works, outlives being killed in the middle of a move, and stops when told to."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.letters import LETTERS
from moderation.messages import Platform
from moderation.policy import Mode, Policy
from moderation.ports import Button, Community
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from tests.bot.slack.workshop import PEOPLE, TALK, a_workshop_charter, said
from tests.fakes.slack.entities import Channel, User, Workspace
from tests.fakes.slack.server import SlackServer

SECRET = "a secret key for the workshop, long enough"
PATIENCE = 25.0


class Process:
    """`steward run` in a hurry, which can be killed and started again. Time goes on by `later`."""

    def __init__(self, server: SlackServer, workspace: Workspace, admin: str, folder: Path) -> None:
        self.server, self.folder, self.ahead = server, folder, 0.0
        self.settings = {
            "STEWARD_SLACK_BOT_TOKEN": workspace.bot_token,
            "STEWARD_SLACK_APP_TOKEN": server.app.token,
            "STEWARD_SLACK_ADMIN_TOKEN": admin,
            "STEWARD_SLACK_API_URL": server.api_url,
            "STEWARD_DATABASE_URL": self.database,
            "STEWARD_SECRET_KEY": SECRET,
            "TOWN_CLOCK": str(folder / "clock"),
        }
        self.later(0)

    @property
    def database(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'steward.db'}"

    def later(self, seconds: float) -> None:
        self.ahead += seconds
        (self.folder / "clock").write_text(str(self.ahead))
        self.server.world.advance(timedelta(seconds=seconds))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Until the context is left; then it is killed, unless it ended."""
        before = self.server.socket_mode.opened
        with (self.folder / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.bot.discord.steward_in_town"),
                env={**os.environ, **self.settings},
                stdout=log,
                stderr=log,
            )
        try:
            await self.server.until(lambda: self.server.socket_mode.opened > before, PATIENCE)
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def set_up(process: Process, workspace: Workspace, channels: dict[str, Channel]) -> None:
    await schema.upgrade(process.database)
    store = await open_store(process.database, Vault(SECRET))
    rules = Policy(mode=Mode.OFFER, moderators_channel=channels["moderators"].id)
    community = Community(Platform.SLACK, workspace.id)
    async with store.work() as work:
        now = process.server.world.now()
        await work.communities.publish(community, a_workshop_charter(channels), rules, now)
        await work.commit()
    await store.close()


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_day_with_a_kill_in_mid_move(tmp_path: Path) -> None:
    async with SlackServer() as server:
        people = server.people
        workspace = people.create_workspace("Bench & Plane")
        members: dict[str, User] = {name: people.join(workspace, name) for name in PEOPLE}
        mona = members["mona"] = people.join(workspace, "mona", admin=True)
        names = ("workshop", "business", "teabreak")
        channels = {name: people.create_channel(workspace, name, *members.values()) for name in names}
        channels["moderators"] = people.create_channel(workspace, "moderators", mona, private=True)
        process = Process(server, workspace, people.user_token(mona), tmp_path)
        await set_up(process, workspace, channels)
        workshop, tea = channels["workshop"], channels["teabreak"]

        async with process.running():
            for who, text in TALK:
                people.post(members[who], workshop, text)
            await server.until(lambda: len(server.deliveries.events("message")) >= len(TALK), PATIENCE)
            await server.deliveries.quiet()
            process.later(180)
            await server.until(
                lambda: any(post.user is workspace.bot for post in workshop.in_order()), PATIENCE
            )
            nudge = next(post for post in workshop.in_order() if post.user is workspace.bot)
            # The first copy is there, and its answer never comes: so it is when the power goes.
            held = server.troubles.hold_next("chat.postMessage", after=True, skip=1)
            await people.press(members["ann"], nudge, LETTERS[Button.MOVE_MINE])
            await asyncio.wait_for(held.reached(), PATIENCE)
        server.troubles.clear()
        people.post(members["cara"], workshop, "is the bot asleep?")

        process.later(700)
        async with process.running() as again:
            await server.until(
                lambda: any("goes on in" in post.text for post in workshop.in_order()), PATIENCE
            )
            copies = [post for post in tea.in_order() if post.is_customised]
            assert [post.name for post in copies] == ["ann", "ann"]
            assert "sandpaper" in said(copies[0])
            assert [post.plain for post in workshop.in_order() if post.user is members["ann"]] == []
            again.terminate()
            assert await asyncio.wait_for(again.wait(), 10) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()
