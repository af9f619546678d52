"""A workspace on the loopback Slack, Steward living there through the real Bolt, and people who ask it things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.living import Living
from bot.office.office import Office
from bot.slack.commands.desk import Desk
from bot.slack.commands.surface import surfaces
from bot.slack.manifest import manifest
from bot.slack.running import Keys, SlackSteward
from bot.workers import Workers
from moderation.charter import ChannelCharter, Charter
from moderation.messages import Message as Told
from moderation.messages import Platform
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Community, Store
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore
from tests.fakes.slack.entities import Channel, Message, User, View, Workspace, elements
from tests.fakes.slack.errors import Json
from tests.fakes.slack.forms import Value
from tests.fakes.slack.server import SlackServer

PITCH = "ten leads a day, dm me for a discount"
TALK = (
    ("ann", "my cat ate the sandpaper"),
    ("ben", "mine prefers pizza"),
    ("cara", "haha what a cat"),
    ("ann", "lunch then?"),
)
AT_WORK = "slack: answer"
"""Tasks in which somebody is answered."""


@dataclass(frozen=True)
class Clock:
    """moderation.ports.Clock by the time of the server."""

    server: SlackServer

    def now(self) -> datetime:
        return self.server.world.now()

    def time_of(self, message: Told) -> datetime:
        del message
        return self.now()


@dataclass
class Shop:
    """`people` are members by name: `mona` is an admin, `hela` is in the moderators' private channel, `ann` and the others are members."""

    server: SlackServer
    workspace: Workspace
    people: dict[str, User]
    channels: dict[str, Channel]
    store: Store
    office: Office
    client: SlackSteward

    @property
    def pipeline(self) -> Pipeline:
        return self.office.pipeline

    @property
    def desk(self) -> Desk:
        """Another desk of the same office."""
        return Desk(self.office, self.client.platform, self.client.line.receive, self.server.world.now)

    @property
    def community(self) -> Community:
        return Community(Platform.SLACK, self.workspace.id)

    def post(self, who: str, channel: str, text: str, **more: Any) -> Message:
        return self.server.people.post(self.people[who], self.channels[channel], text, **more)

    def talk(self, channel: str = "workshop") -> list[Message]:
        """A casual talk among three."""
        return [self.post(who, channel, text) for who, text in TALK]

    def link(self, message: Message) -> str:
        return f"https://x.slack.com/archives/{message.channel.id}/p{message.ts.replace('.', '')}"

    async def settle(self, **later: float) -> None:
        """Wait until what was told is stored, let time pass, judge it, and do all that follows."""
        await self.server.deliveries.quiet()
        while await self.pipeline.sweep():
            pass
        self.server.world.advance(timedelta(**later))
        await self.pipeline.reconsider(self.community, self.server.world.now())
        await self.pipeline.deliver(self.client.platform)

    async def rules(self) -> tuple[Charter, Policy]:
        async with self.store.work() as work:
            rules = await work.communities.current(self.community)
        assert rules is not None
        return rules


def a_shop_charter(channels: Mapping[str, Channel]) -> Charter:
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
async def a_shop(*, set_up: bool = True, inside: bool = True, admin: bool = False) -> AsyncIterator[Shop]:
    """A workspace with the app made from our manifest; `inside` says that the bot is in all channels, `admin` that it has such a token."""
    async with SlackServer() as server:
        server.app.configure(manifest(admin=admin))
        people = server.people
        workspace = people.create_workspace("Bench and Plane")
        members = {name: people.join(workspace, name) for name in ("ann", "ben", "cara", "pete", "hela")}
        members["mona"] = people.join(workspace, "mona", admin=True)
        everyone = tuple(members.values())
        channels = {
            name: people.create_channel(workspace, name, *everyone, with_bot=inside)
            for name in ("workshop", "business", "teabreak")
        }
        channels["moderators"] = people.create_channel(
            workspace, "moderators", members["mona"], members["hela"], private=True
        )
        store = MemoryStore()
        async with living(server, workspace, store, members["mona"] if admin else None) as (client, office):
            shop = Shop(server, workspace, members, channels, store, office, client)
            policy = Policy(mode=Mode.OFFER, moderators_channel=channels["moderators"].id)
            if set_up:
                charter = a_shop_charter(channels)
                await shop.pipeline.publish(shop.community, charter, policy, server.world.now())
            yield shop
        assert not [each for each in server.requests.all if each.unknown_arguments or not each.known]
        assert not [each for each in server.requests.refused() if each.error == "missing_scope"]


@asynccontextmanager
async def living(
    server: SlackServer, workspace: Workspace, store: Store, admin: User | None = None
) -> AsyncIterator[tuple[SlackSteward, Office]]:
    """One process of ours, from the connection on. Nothing is judged or done by itself."""
    clock, classifier = Clock(server), KeywordClassifier()
    keys = Keys(
        workspace.bot_token,
        server.app.token,
        admin_token=server.people.user_token(admin) if admin else "",
        api_url=server.api_url,
    )
    pipeline = Pipeline(store, classifier, clock, lots="lots of the shop")
    client = SlackSteward(keys, store, clock.now)
    workers = Workers(pipeline, store, client.platform, clock.now)
    client.line = Living(pipeline, store, workers)
    surface = surfaces(client.workspaces, client.platform.places)
    office = Office(store, pipeline, classifier, surface, workers.deliver_soon)
    client.open_office(office)
    running = asyncio.create_task(client.run_until_stopped())
    caught_up = asyncio.create_task(client.caught_up.wait())
    try:
        await asyncio.wait([running, caught_up], timeout=10, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield client, office
    finally:
        caught_up.cancel()
        running.cancel()
        await asyncio.gather(running, caught_up, return_exceptions=True)


# --- what people do and see ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What somebody was shown after they asked: ephemeral messages, direct messages with Steward, and the form that is open."""

    posts: tuple[Message, ...]
    direct: tuple[Message, ...]
    view: View | None

    @property
    def text(self) -> str:
        """All that was said in the channel, else in direct messages, else in the form."""
        if self.posts or self.direct:
            return "\n".join(said(each.blocks) or each.text for each in (*self.posts, *self.direct))
        return said(self.view.blocks) if self.view else ""

    @property
    def form(self) -> View:
        assert self.view is not None
        return self.view

    @property
    def fields(self) -> dict[str, Json]:
        """What can be filled in, by name."""
        return {element["action_id"]: element for _, element in elements(self.form.blocks)}

    @property
    def labels(self) -> list[str]:
        """What stands on the buttons."""
        where = [
            *(each.blocks for each in (*self.posts, *self.direct)),
            self.view.blocks if self.view else [],
        ]
        return [element["text"]["text"] for blocks in where for _, element in _buttons(blocks)]

    @property
    def files(self) -> dict[str, bytes]:
        return {file.name: file.content for each in self.direct for file in each.files}


def said(blocks: list[Json]) -> str:
    """The text of blocks."""
    return "\n".join(
        block["text"]["text"]
        for block in blocks
        if block["type"] in ("section", "header") and "text" in block
    )


def _buttons(blocks: list[Json]) -> list[tuple[Json, Json]]:
    return [pair for pair in elements(blocks) if pair[1]["type"] == "button"]


async def ask(shop: Shop, who: str, line: str, channel: str = "workshop") -> Shown:
    """A command, and all that is shown in answer to it."""
    user = shop.people[who]
    before = seen_by(shop, user)
    await shop.server.people.command(user, shop.channels[channel], line)
    return await shown(shop, user, before)


async def menu(shop: Shop, who: str, callback_id: str, message: Message) -> Shown:
    """A shortcut in the menu of a message."""
    user = shop.people[who]
    before = seen_by(shop, user)
    await shop.server.people.shortcut(user, callback_id, message)
    return await shown(shop, user, before)


async def press(shop: Shop, who: str, answer: Shown, label: str) -> Shown:
    """A press on a button by what stands on it or what that begins with."""
    user = shop.people[who]
    where: list[Message | View] = [*answer.posts, *answer.direct, *([answer.view] if answer.view else [])]
    for each in where:
        for _, element in _buttons(each.blocks):
            if element["text"]["text"].startswith(label):
                before = seen_by(shop, user)
                await shop.server.people.press(user, each, element["action_id"], value=element.get("value"))
                return await shown(shop, user, before, changed=each)
    raise AssertionError(f"no button {label!r} among {answer.labels}")


async def submit(shop: Shop, who: str, values: Mapping[str, Value]) -> Shown:
    """The open form, filled in."""
    user = shop.people[who]
    before = seen_by(shop, user)
    await shop.server.people.submit(user, values)
    return await shown(shop, user, before)


async def home(shop: Shop, who: str) -> Shown:
    """Opens Steward's own page."""
    people, user = shop.server.people, shop.people[who]
    published = len(shop.server.requests.to("views.publish"))
    people.open_home(user)
    await shop.server.until(lambda: len(shop.server.requests.to("views.publish")) > published)
    await quiet(shop)
    return Shown((), (), people.home(user))


async def shown(shop: Shop, user: User, before: set[int], changed: Message | View | None = None) -> Shown:
    """All that followed, once nothing more comes. A message that was pressed on and is another now counts as new."""
    await quiet(shop)
    people = shop.server.people
    posts = [each for each in people.ephemerals(user) if id(each) not in before or each is changed]
    direct = [
        each
        for each in people.direct_messages(user)
        if each.user is shop.workspace.bot and (id(each) not in before or each is changed)
    ]
    return Shown(tuple(posts), tuple(direct), people.modal(user))


async def quiet(shop: Shop) -> None:
    """Until nobody waits for an answer any more."""
    await shop.server.until(lambda: not any(task.get_name() == AT_WORK for task in asyncio.all_tasks()), 20)


def seen_by(shop: Shop, user: User) -> set[int]:
    people = shop.server.people
    return {id(each) for each in (*people.ephemerals(user), *people.direct_messages(user))}
