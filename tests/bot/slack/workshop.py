"""A workspace with people in it on the loopback Slack, and Steward living there through the real slack_bolt and slack_sdk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.living import Living
from bot.office.office import Office
from bot.slack.commands.surface import surfaces
from bot.slack.rendering import pressed
from bot.slack.running import Keys, SlackSteward
from bot.workers import Workers
from moderation.charter import ChannelCharter, Charter
from moderation.messages import Message, Platform
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Button, Community, DeliveryState, Store
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore
from tests.fakes.slack.entities import Channel, User, Workspace, elements
from tests.fakes.slack.entities import Message as Post
from tests.fakes.slack.messages import words
from tests.fakes.slack.moments import Interaction
from tests.fakes.slack.server import SlackServer

OPEN = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)
TALK = (
    ("ann", "my cat ate the sandpaper"),
    ("ben", "mine prefers pizza"),
    ("cara", "haha what a cat"),
    ("ann", "lunch then?"),
    ("ben", "and a movie after"),
)
PITCH = "ten leads a day, dm me for a discount"
PEOPLE = ("ann", "ben", "cara", "nora", "pete")


@dataclass
class WorkshopClock:
    """moderation.ports.Clock by the time of the server."""

    now: Callable[[], datetime]

    def time_of(self, message: Message) -> datetime:
        del message
        return self.now()


@dataclass
class Workshop:
    """`people` are members by name; `mona` is an admin. Nothing is judged or done by itself: see `settle`."""

    server: SlackServer
    workspace: Workspace
    people: dict[str, User]
    channels: dict[str, Channel]
    store: Store
    pipeline: Pipeline
    client: SlackSteward

    @property
    def community(self) -> Community:
        return Community(Platform.SLACK, self.workspace.id)

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
        while (await self.pipeline.deliver(self.client.platform)).claimed:
            pass
        await self.heard()

    async def press(self, who: str, post: Post, button: Button) -> Interaction:
        """Somebody presses one of our buttons and reads the private answer; what follows is done."""
        action = next(
            element["action_id"]
            for _, element in elements(post.blocks)
            if (found := pressed(element)) and found.button is button
        )
        before = len(self.server.people.ephemerals(self.people[who]))
        asked = await self.server.people.press(self.people[who], post, action)
        assert asked.acknowledged
        await self.server.until(
            lambda: asked.answers or len(self.server.people.ephemerals(self.people[who])) > before
        )
        await self.settle()
        return asked

    def ours(self, channel: str) -> list[Post]:
        """What Steward posted in a channel and its threads, copies too."""
        return [post for post in self.channels[channel].in_order() if post.user is self.workspace.bot]

    def copies(self, channel: str) -> list[Post]:
        """What Steward posted under the names of others."""
        return [post for post in self.ours(channel) if post.is_customised]

    def texts(self, channel: str) -> list[str]:
        """What people posted themselves."""
        bot = self.workspace.bot
        return [
            post.plain
            for post in self.channels[channel].in_order()
            if post.user is not bot and not post.subtype
        ]

    async def stored(self) -> list[Message]:
        """What is stored and not judged."""
        async with self.store.work() as work:
            return await work.messages.unjudged(10_000)

    async def open_deliveries(self) -> list[str]:
        """What should be done by now and is not."""
        async with self.store.work() as work:
            found = await work.outbox.all(self.community)
        return [
            each.marker for each in found if each.state in OPEN and each.due_at <= self.server.world.now()
        ]

    async def heard(self) -> None:
        """Until every event was acknowledged, or given up."""
        await self.server.deliveries.quiet()


def said(post: Post) -> str:
    """What a post says, buttons included."""
    return words(post)


def a_workshop_charter(channels: dict[str, Channel]) -> Charter:
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
async def a_workshop(
    store: Store | None = None,
    policy: Policy | None = None,
    *,
    set_up: bool = True,
    admin: bool = False,
    http: int = 0,
) -> AsyncIterator[Workshop]:
    """A workspace with Steward connected and, unless told otherwise, set up; with `admin` it has an admin's token.

    With a port for `http` it waits for requests there and opens no socket.
    """
    async with SlackServer() as server:
        people = server.people
        workspace = people.create_workspace("Bench & Plane")
        names = ("workshop", "business", "teabreak")
        members = {name: people.join(workspace, name) for name in PEOPLE}
        members["mona"] = people.join(workspace, "mona", admin=True)
        everybody = list(members.values())
        channels = {name: people.create_channel(workspace, name, *everybody) for name in names}
        channels["moderators"] = people.create_channel(workspace, "moderators", members["mona"], private=True)
        keys = keys_of(server, workspace, admin=people.user_token(members["mona"]) if admin else "")
        if http:
            keys = replace(keys, app_token="", signing_secret=server.app.signing_secret, port=http)
        kept = store or MemoryStore()
        async with connected(server, keys, kept) as (client, pipeline):
            workshop = Workshop(server, workspace, members, channels, kept, pipeline, client)
            if set_up:
                rules = policy or Policy(mode=Mode.OFFER, moderators_channel=channels["moderators"].id)
                charter = a_workshop_charter(channels)
                await pipeline.publish(workshop.community, charter, rules, server.world.now())
            yield workshop


def keys_of(server: SlackServer, workspace: Workspace, *, admin: str = "") -> Keys:
    """What Steward connects with: by its socket."""
    return Keys(workspace.bot_token, server.app.token, admin_token=admin, api_url=server.api_url)


@asynccontextmanager
async def connected(
    server: SlackServer, keys: Keys, store: Store
) -> AsyncIterator[tuple[SlackSteward, Pipeline]]:
    """One process of ours, from the connection on."""
    clock = WorkshopClock(server.world.now)
    classifier = KeywordClassifier()
    pipeline = Pipeline(store, classifier, clock, lots="lots of the workshop")
    client = SlackSteward(keys, store, clock.now)
    workers = Workers(pipeline, store, client.platform, clock.now)
    client.line = Living(pipeline, store, workers)
    surface = surfaces(client.workspaces, client.platform.places)
    client.open_office(Office(store, pipeline, classifier, surface, workers.deliver_soon))
    running = asyncio.create_task(client.run_until_stopped())
    caught_up = asyncio.create_task(client.caught_up.wait())
    try:
        await asyncio.wait({running, caught_up}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield client, pipeline
    finally:
        for task in (running, caught_up):
            task.cancel()
        await asyncio.gather(running, caught_up, return_exceptions=True)
