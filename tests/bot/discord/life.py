"""A day in the town with `steward run` as a process of its own, which may be killed at any request that it makes.

What people do stays done. Whoever presses a button and gets no answer presses again. A process that was killed is started again, eleven
minutes later: so long it may take until what it had in hand is taken up.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.discord.rendering import pressed
from moderation.messages import Platform
from moderation.policy import Mode, Policy
from moderation.ports import Button, Community
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from tests.bot.discord.town import OPEN, PITCH, TALK, a_town_charter, custom_ids
from tests.fakes.discord.entities import Member, Role
from tests.fakes.discord.entities import Message as Post
from tests.fakes.discord.people_posts import NotPossible
from tests.fakes.discord.server import DiscordServer

SECRET = "a secret key for the town, long enough"
PATIENCE = 20.0
ONCE = ("message created", "message deleted")
_ID = re.compile(r"\d{15,20}")
_MOMENT = re.compile(r"<t:\d+:\w>")


@dataclass
class Life:
    """The server, its people, and the process."""

    server: DiscordServer
    folder: Path
    process: asyncio.subprocess.Process | None = None
    kills: int = 0
    ahead: float = 0.0
    _watching: list[asyncio.Task[None]] = field(default_factory=list)

    async def prepare(self) -> None:
        """A set-up server with six people."""
        people = self.server.people
        self.guild = people.create_guild("Bench & Plane")
        self.people = {name: people.join(self.guild, name) for name in ("ann", "ben", "cara", "pete")}
        self.people["mona"] = people.join(self.guild, "mona", roles=[people.moderators(self.guild)])
        self.channels = {
            name: people.create_channel(self.guild, name) for name in ("workshop", "business", "teabreak")
        }
        only_for: list[Role | Member] = [people.moderators(self.guild), people.bot(self.guild)]
        self.channels["moderators"] = people.create_channel(self.guild, "moderators", only_for=only_for)
        self._clock(0)
        await schema.upgrade(self.database)
        store = await open_store(self.database, Vault(SECRET))
        rules = Policy(mode=Mode.OFFER, moderators_channel=self.channels["moderators"].id)
        async with store.work() as work:
            await work.communities.publish(
                self.community, a_town_charter(self.channels), rules, self.server.world.now()
            )
            await work.commit()
        await store.close()

    @property
    def database(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'steward.db'}"

    @property
    def community(self) -> Community:
        return Community(Platform.DISCORD, self.guild.id)

    # --- the process ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        environment = os.environ | {
            "STEWARD_DISCORD_TOKEN": self.server.token,
            "STEWARD_DISCORD_API_URL": self.server.api_url,
            "STEWARD_DISCORD_GATEWAY_URL": self.server.gateway_url,
            "STEWARD_DATABASE_URL": self.database,
            "STEWARD_SECRET_KEY": SECRET,
            "TOWN_CLOCK": str(self.folder / "clock"),
        }
        before = self.server.gateway.identified
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.bot.discord.steward_in_town",
                env=environment,
                stderr=log,
                stdout=log,
            )
        await self.until(lambda: self.server.gateway.identified > before)

    async def stop(self) -> int:
        """Ask it to stop, as a service manager does. Its exit code."""
        for task in self._watching:
            task.cancel()
        if self.process is None:
            return 0
        with suppress(ProcessLookupError):
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 10)

    def kill_at(self, number: int, *, after: bool) -> None:
        """Kill it at the request of that number from now on, before or after the server has done what it asks."""
        hold = self.server.troubles.hold_next("* *", after=after, skip=number)

        async def watch() -> None:
            await hold.reached()
            assert self.process is not None
            self.process.kill()
            await self.process.wait()
            self.kills += 1
            hold.release()
            self._clock(11 * 60)
            await self.start()

        self._watching.append(asyncio.create_task(watch()))

    def _clock(self, seconds: float) -> None:
        self.ahead += seconds
        (self.folder / "clock").write_text(str(self.ahead))
        self.server.world.advance(timedelta(seconds=seconds))

    # --- the people -------------------------------------------------------------------------------------------------

    def post(self, who: str, channel: str, text: str) -> Post:
        return self.server.people.post(self.people[who], self.channels[channel], text)

    def ours(self, channel: str) -> list[Post]:
        me = self.server.world.application_id
        return [
            post for post in self.channels[channel].in_order() if me in (post.author.id, post.application_id)
        ]

    async def press(
        self, who: str, find: Callable[[], Post | None], button: Button, seen: Callable[[], object]
    ) -> None:
        """Press, and press again, until it has shown its effect."""
        async with asyncio.timeout(2 * PATIENCE):
            while not seen():
                post = find()
                if post is not None:
                    ids = [
                        each
                        for each in custom_ids(post)
                        if (found := pressed(each)) and found.button is button
                    ]
                    with suppress(NotPossible, TimeoutError, StopIteration):
                        await self.server.people.press(self.people[who], post, ids[0])
                with suppress(TimeoutError):
                    await self.server.until(lambda: bool(seen()), 3)

    async def until(self, seen: Callable[[], object]) -> None:
        try:
            await self.server.until(seen, PATIENCE)
        except TimeoutError:
            said = (self.folder / "log").read_text()[-3000:]
            raise AssertionError(f"nothing more happens; the process says:\n{said}") from None

    def texts(self, channel: str) -> list[str]:
        return [post.content for post in self.channels[channel].in_order()]

    async def play(self) -> None:
        """A talk drifts, two let their posts be moved, one takes hers back; an offer is pasted, and taken down."""
        for who, text in TALK:
            self.post(who, "workshop", text)
        await asyncio.sleep(0.3)
        self._clock(180)
        await self.until(lambda: self.with_button("workshop", Button.MOVE_MINE))
        await self.let_move("ann", copies=2)
        await self.let_move("ben", copies=4)
        first = [post for post in self.ours("workshop") if self._has(post, Button.UNDO)]
        await self.press(
            "ann",
            lambda: first[0],
            Button.UNDO,
            lambda: len([post for post in self.ours("workshop") if post.webhook_id]) >= 2,
        )
        await self.until(lambda: len([post for post in self.ours("teabreak") if post.webhook_id]) == 2)
        self.post("pete", "business", PITCH)
        await self.until(lambda: self.with_button("moderators", Button.REMOVE))
        await self.press(
            "mona",
            lambda: self.with_button("moderators", Button.REMOVE),
            Button.REMOVE,
            lambda: PITCH not in self.texts("business"),
        )
        await self.until(self._told)
        await self.until_done()

    async def let_move(self, who: str, copies: int) -> None:
        """Somebody lets their posts be moved; by then there are so many copies."""
        await self.press(
            who,
            lambda: self.with_button("workshop", Button.MOVE_MINE),
            Button.MOVE_MINE,
            lambda: len([post for post in self.ours("teabreak") if post.webhook_id]) >= copies,
        )
        theirs = {text for author, text in TALK if author == who}
        await self.until(lambda: not theirs & set(self.texts("workshop")))
        await self.until(lambda: self.with_button("workshop", Button.UNDO))

    def with_button(self, channel: str, button: Button) -> Post | None:
        """The latest of our posts that has such a button."""
        return next((post for post in reversed(self.ours(channel)) if self._has(post, button)), None)

    def _has(self, post: Post, button: Button) -> bool:
        return any((found := pressed(each)) and found.button is button for each in custom_ids(post))

    def _told(self) -> bool:
        return bool(
            self.server.people.direct_messages(self.people["pete"])
            or self.with_button("business", Button.SHOW)
        )

    async def until_done(self) -> None:
        """Until nothing that is due is left to do, and the half hour of every line is over."""
        self._clock(31 * 60)
        async with asyncio.timeout(PATIENCE):
            while await self.open_deliveries():  # noqa: ASYNC110
                await asyncio.sleep(0.2)

    async def open_deliveries(self) -> list[str]:
        store = await open_store(self.database, Vault(SECRET))
        try:
            async with store.work() as work:
                found = await work.outbox.all(self.community)
        finally:
            await store.close()
        return [
            each.marker for each in found if each.state in OPEN and each.due_at <= self.server.world.now()
        ]

    # --- the end ------------------------------------------------------------------------------------------------------

    def ending(self) -> dict[str, list[str]]:
        """What stands in each channel, without ids and times; the offer of a note is private and may come instead of one."""
        return {
            name: sorted(self._bare(post) for post in channel.in_order() if not self._has(post, Button.SHOW))
            for name, channel in self.channels.items()
        }

    def done(self) -> Counter[tuple[str, str]]:
        """What Steward did to what stands in the channels, counted."""
        names = {channel.id: name for name, channel in self.channels.items()}
        people = {member.id for member in self.people.values()}
        return Counter(
            (change.what, names[change.channel_id])
            for change in self.server.world.journal
            if change.by not in people and change.channel_id in names and change.what in ONCE
        )

    def _bare(self, post: Post) -> str:
        text = _MOMENT.sub("(then)", _ID.sub("(id)", post.content))
        return f"{post.author.name}: {text} {len(custom_ids(post))}"
