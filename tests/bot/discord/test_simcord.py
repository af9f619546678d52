"""Steward on SimCord, which plays Discord inside discord.py: a second opinion on what our own server of the tests assumes.

What it cannot do for us is in tests/fakes/discord/README.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import discord
import simcord

from bot.discord.client import Client
from bot.discord.commands.surface import surfaces
from bot.discord.rendering import pressed
from bot.living import Living
from bot.office.office import Office
from bot.workers import Workers
from moderation.actions import PitchCard
from moderation.charter import ChannelCharter, Charter
from moderation.messages import MessageKey, Platform
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Button, Community, DeliveryState, Store
from tests.bot.discord.town import PITCH, TALK, TownClock
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore

NAMES = ("workshop", "business", "teabreak", "moderators")


@dataclass
class Village:
    """A server on SimCord. `mona` may manage it."""

    env: simcord.Env
    client: Client
    pipeline: Pipeline
    store: Store
    guild: simcord.GuildHandle = field(init=False)
    channels: dict[str, simcord.ChannelHandle] = field(init=False)
    people: dict[str, simcord.MemberActor] = field(init=False)

    async def set_up(self) -> None:
        self.guild = self.env.create_guild()
        self.channels = {name: self.guild.create_text_channel(name) for name in NAMES}
        managers = self.guild.create_role("managers", permissions=discord.Permissions(manage_guild=True))
        self.people = {
            name: self.guild.add_member(self.env.create_user(name)) for name in ("ann", "ben", "cara", "pete")
        }
        self.people["mona"] = self.guild.add_member(self.env.create_user("mona"), roles=[managers])
        ids = {name: str(channel.id) for name, channel in self.channels.items()}
        charter = Charter(
            name="Bench & Plane",
            purpose="Owners of small joinery workshops talk about jobs, timber, machines, pricing and staff.",
            channels=(
                ChannelCharter("workshop", "jobs, timber and machines", id=ids["workshop"]),
                ChannelCharter("business", "pricing, clients and staff", id=ids["business"]),
                ChannelCharter("teabreak", "anything you like", id=ids["teabreak"], social=True),
            ),
        )
        rules = Policy(mode=Mode.OFFER, moderators_channel=ids["moderators"])
        await self.pipeline.publish(self.community, charter, rules, self.env.now())

    @property
    def community(self) -> Community:
        return Community(Platform.DISCORD, str(self.guild.id))

    async def settle(self, seconds: float = 0) -> None:
        """Let time pass, judge what was said, and do what follows."""
        await self.env.settle()
        while await self.pipeline.sweep():
            pass
        if seconds:
            await self.env.advance_time(seconds)
        await self.pipeline.reconsider(self.community, self.env.now())
        await self.pipeline.deliver(self.client.platform)
        await self.env.settle()

    async def talk(self) -> discord.Message:
        """A casual talk, and the one line that it gets."""
        for who, text in TALK:
            await self.people[who].send(self.channels["workshop"], text)
        await self.settle(180)
        line = self.channels["workshop"].last_message
        assert line is not None
        return line

    async def press(self, who: str, post: discord.Message, button: Button) -> simcord.ResponseMessage:
        """The private answer."""
        custom_id = next(
            item.custom_id
            for row in post.components
            if isinstance(row, discord.ActionRow)
            for item in row.children
            if item.custom_id and (found := pressed(item.custom_id)) and found.button is button
        )
        result = await self.people[who].click(post, custom_id=custom_id)
        assert result.response is not None
        return result.response


@asynccontextmanager
async def a_village() -> AsyncIterator[Village]:
    store = MemoryStore()
    clock = TownClock(discord.utils.utcnow)  # until SimCord's is there

    def now() -> datetime:
        return clock.now()

    classifier = KeywordClassifier()
    pipeline = Pipeline(store, classifier, clock, lots="lots of the village")
    client = Client(store, now, patience=0.05)
    workers = Workers(pipeline, store, client.platform, now)
    client.line = Living(pipeline, store, workers)
    surface = surfaces(client.platform.places)
    client.open_office(Office(store, pipeline, classifier, surface, workers.deliver_soon))
    async with simcord.run(client, shard_count=1) as env:
        clock.now = env.now
        village = Village(env, client, pipeline, store)
        await village.set_up()
        yield village


# Not in a fixture: SimCord holds context variables, and pytest-asyncio gives a fixture's beginning and its end contexts of their own.


async def test_what_is_said_becomes_a_stored_decision() -> None:
    async with a_village() as village:
        said = await village.people["ann"].send(
            village.channels["business"], "what do you charge for a door?"
        )
        await village.settle()
        channel = str(village.channels["business"].id)
        key = MessageKey(Platform.DISCORD, village.community.id, channel, str(said.id))
        async with village.store.work() as work:
            decision = await work.decisions.get(key)
        assert decision is not None
        assert decision.author == str(village.people["ann"].id)


async def test_a_talk_gets_one_line_whose_button_answers_privately() -> None:
    async with a_village() as village:
        line = await village.talk()
        assert village.channels["teabreak"].mention in line.content
        answer = await village.press("ann", line, Button.WHY)
        assert answer.ephemeral
        assert answer.content


async def test_a_moderator_has_a_pitch_removed() -> None:
    async with a_village() as village:
        await village.people["pete"].send(village.channels["business"], PITCH)
        await village.settle()
        card = village.channels["moderators"].last_message
        assert card is not None
        answer = await village.press("mona", card, Button.REMOVE)
        assert answer.ephemeral
        await village.settle()
        assert PITCH not in [post.content for post in village.channels["business"].history()]


async def test_a_missing_permission_is_seen_before_anything_is_tried() -> None:
    async with a_village() as village:
        moderators = village.client.get_channel(village.channels["moderators"].id)
        assert isinstance(moderators, discord.TextChannel)
        await moderators.set_permissions(moderators.guild.me, send_messages=False)
        await village.people["pete"].send(village.channels["business"], PITCH)
        await village.settle()
        assert village.channels["moderators"].last_message is None
        path = f"/channels/{moderators.id}/messages"
        assert not [each for each in village.env.http_requests if (each.method, each.path) == ("POST", path)]
        async with village.store.work() as work:
            found = await work.outbox.all(village.community)
        card = next(each for each in found if isinstance(each.action, PitchCard))
        assert card.state is DeliveryState.REFUSED
        assert "Send Messages" in card.result


async def test_a_moderator_asks_how_things_stand() -> None:
    async with a_village() as village:
        result = await village.people["mona"].slash(village.channels["business"], "relevance status")
        assert result.ephemeral
        assert result.response is not None
        assert "Bench & Plane" in result.response.content


async def test_a_member_is_not_offered_the_moderators_commands() -> None:
    async with a_village() as village:
        offered = village.people["ann"].available_commands(village.channels["business"])
        assert "steward help" in offered
        assert not [each for each in offered if each.startswith("relevance")]
