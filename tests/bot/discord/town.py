"""A server with people in it on the loopback Discord, and Steward living there through the real discord.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord
import yarl

from bot.discord.client import Client
from bot.discord.commands.surface import surfaces
from bot.discord.rendering import pressed
from bot.living import Living
from bot.office.office import Office
from bot.workers import Workers
from moderation.charter import ChannelCharter, Charter
from moderation.messages import Message, Platform
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Button, Community, DeliveryState, Store
from tests.fakes.discord.entities import Channel, Guild, Member, Role
from tests.fakes.discord.entities import Message as Post
from tests.fakes.discord.server import DiscordServer
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore

OPEN = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)
TALK = (
    ("ann", "my cat ate the sandpaper"),
    ("ben", "mine prefers pizza"),
    ("cara", "haha what a cat"),
    ("ann", "lunch then?"),
    ("ben", "and a movie after"),
)
PITCH = "ten leads a day, dm me for a discount"


@dataclass
class TownClock:
    """moderation.ports.Clock by the time of the server."""

    now: Callable[[], datetime]

    def time_of(self, message: Message) -> datetime:
        del message
        return self.now()


@dataclass
class Town:
    """`people` are members by name; `mona` may manage the server. Nothing is judged or done by itself: see `settle`."""

    server: DiscordServer
    guild: Guild
    people: dict[str, Member]
    channels: dict[str, Channel]
    store: Store
    pipeline: Pipeline
    client: Client

    @property
    def community(self) -> Community:
        return Community(Platform.DISCORD, self.guild.id)

    def post(self, who: str, channel: str, text: str = "", **more: object) -> Post:
        return self.server.people.post(self.people[who], self.channels[channel], text, **more)  # type: ignore[arg-type]

    def talk(self, channel: str = "workshop") -> list[Post]:
        """A casual talk among three."""
        return [self.post(who, channel, text) for who, text in TALK]

    async def settle(self, **later: float) -> None:
        """Wait until what was told is stored, let time pass, judge it, and do all that follows."""
        await self.heard()
        while await self.pipeline.sweep():
            pass
        self.server.world.advance(timedelta(**later))
        await self.pipeline.reconsider(self.community, self.server.world.now())
        await self.pipeline.deliver(self.client.platform)

    async def press(self, who: str, post: Post, button: Button) -> Post:
        """Somebody presses one of our buttons and reads the private answer; what follows is done."""
        custom_id = next(
            each for each in custom_ids(post) if (found := pressed(each)) and found.button is button
        )
        await self.server.people.press(self.people[who], post, custom_id)
        await self.server.until(lambda: bool(self.server.people.ephemerals(self.people[who])))
        await self.settle()
        return self.server.people.ephemerals(self.people[who])[-1]

    def ours(self, channel: str) -> list[Post]:
        """What Steward posted in a channel, copies too."""
        me = self.server.world.application_id
        return [
            post for post in self.channels[channel].in_order() if me in (post.author.id, post.application_id)
        ]

    def texts(self, channel: str) -> list[str]:
        return [post.content for post in self.channels[channel].in_order()]

    async def open_deliveries(self) -> list[str]:
        """What should be done by now and is not."""
        async with self.store.work() as work:
            found = await work.outbox.all(self.community)
        return [
            each.marker for each in found if each.state in OPEN and each.due_at <= self.server.world.now()
        ]

    async def heard(self) -> None:
        """Until the client has every event, and has dealt with it."""
        await self.server.until(lambda: heard_by(self.client) >= told_by(self.server))
        await self.server.until(lambda: not handlers())


def told_by(server: DiscordServer) -> int:
    """The number of the last event that the server has for the client."""
    return max((session.sequence for session in server.gateway.sessions.values()), default=0)


def heard_by(client: Client) -> int:
    """The number of the last event that a client has received."""
    return max((shard._parent.ws.sequence or 0 for shard in client.shards.values()), default=0)


def handlers() -> list[str]:
    """Events that are being dealt with: discord.py names their tasks."""
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("discord.py: on_")]


def custom_ids(post: Post) -> list[str]:
    return [item["custom_id"] for row in post.components for item in row["components"]]


def a_town_charter(channels: dict[str, Channel]) -> Charter:
    return Charter(
        name="Bench & Plane",
        purpose="Owners of small joinery workshops talk about jobs, timber, machines, pricing and staff.",
        channels=(
            ChannelCharter("workshop", "jobs, timber and machines", id=channels["workshop"].id),
            ChannelCharter("business", "pricing, clients and staff", id=channels["business"].id),
            ChannelCharter("teabreak", "anything you like", id=channels["teabreak"].id, social=True),
        ),
    )


@asynccontextmanager
async def a_town(
    store: Store | None = None, policy: Policy | None = None, *, set_up: bool = True
) -> AsyncIterator[Town]:
    """A town with Steward connected and, unless told otherwise, set up."""
    async with DiscordServer() as server:
        people = server.people
        guild = people.create_guild("Bench & Plane")
        members = {name: people.join(guild, name) for name in ("ann", "ben", "cara", "nora", "pete")}
        members["mona"] = people.join(guild, "mona", roles=[people.moderators(guild)])
        names = ("workshop", "business", "teabreak")
        channels = {name: people.create_channel(guild, name) for name in names}
        only_for: list[Role | Member] = [people.moderators(guild), people.bot(guild)]
        channels["moderators"] = people.create_channel(guild, "moderators", only_for=only_for)
        async with connected(server, store or MemoryStore()) as (client, pipeline, kept):
            town = Town(server, guild, members, channels, kept, pipeline, client)
            rules = policy or Policy(mode=Mode.OFFER, moderators_channel=channels["moderators"].id)
            if set_up:
                await pipeline.publish(town.community, a_town_charter(channels), rules, server.world.now())
            yield town


@asynccontextmanager
async def connected(server: DiscordServer, store: Store) -> AsyncIterator[tuple[Client, Pipeline, Store]]:
    """One process of ours, from the connection on."""
    discord.http.Route.BASE = server.api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    clock = TownClock(server.world.now)
    classifier = KeywordClassifier()
    pipeline = Pipeline(store, classifier, clock, lots="lots of the town")
    client = Client(store, clock.now, patience=0.05)
    workers = Workers(pipeline, store, client.platform, clock.now)
    client.line = Living(pipeline, store, workers)
    surface = surfaces(client.platform.places)
    client.open_office(Office(store, pipeline, classifier, surface, workers.deliver_soon))
    running = asyncio.create_task(client.start(server.token))
    try:
        await asyncio.wait_for(client.caught_up.wait(), 10)
        yield client, pipeline, store
    finally:
        await client.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
