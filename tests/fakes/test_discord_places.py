"""Servers, channels, threads and direct messages of the loopback Discord, under the real discord.py."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import discord
import pytest

from tests.fakes.discord.clients import Client, connected
from tests.fakes.discord.entities import Channel, Guild, Kind, Member
from tests.fakes.discord.people_posts import NotPossible
from tests.fakes.discord.permissions import BOT, Permission
from tests.fakes.discord.server import DiscordServer


def place(server: DiscordServer) -> tuple[Guild, Channel, Member]:
    """A server with one channel and one member."""
    guild = server.people.create_guild()
    return guild, server.people.create_channel(guild, "general"), server.people.join(guild, "ada")


def text_channel(client: discord.Client, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(int(channel.id))
    assert isinstance(found, discord.TextChannel)
    return found


async def refused(call: Coroutine[Any, Any, object], code: int, status: int) -> None:
    """Awaits something that Discord is to refuse."""
    with pytest.raises(discord.HTTPException) as caught:
        await call
    assert (caught.value.code, caught.value.status) == (code, status)


async def test_threads_and_forum_posts(server: DiscordServer) -> None:
    guild, channel, ada = place(server)
    forum = server.people.create_forum(guild, "help", tags=["done"])
    async with connected(server, Client()) as client:
        post = server.people.open_post(ada, forum, "It is broken", "How do I fix it?")
        await server.until(lambda: client.heard)
        assert isinstance(client.heard[0].channel, discord.Thread)
        assert client.heard[0].id == int(post.id) == client.heard[0].channel.id
        said = server.people.post(ada, channel, "a long story")
        message = await text_channel(client, channel).fetch_message(int(said.id))
        thread = await message.create_thread(name="the story")
        await thread.send("here")
        assert [each.content for each in server.people.seen(server.world.channels[said.id], ada)][
            -1
        ] == "here"
        await refused(message.create_thread(name="again"), 160004, 400)
        there = client.get_channel(int(forum.id))
        assert isinstance(there, discord.ForumChannel)
        made = await there.create_thread(name="ours", content="first")
        assert made.message.id == made.thread.id
        await made.thread.edit(archived=True)
        await refused(made.message.edit(content="second"), 50083, 400)
        await made.thread.send("wakes it")
        kept = server.world.channels[str(made.thread.id)].thread
        assert kept is not None
        assert not kept.archived
        active = {each.name for each in await client.guilds[0].active_threads()}
        assert active == {"It is broken", "the story", "ours"}
        into_the_forum = discord.http.Route(
            "POST", "/channels/{channel_id}/messages", channel_id=int(forum.id)
        )
        await refused(client.http.request(into_the_forum, json={"content": "no"}), 50008, 400)


async def test_a_private_thread_is_only_for_those_in_it(server: DiscordServer) -> None:
    guild, channel, ada = place(server)
    server.people.set_bot_permissions(guild, BOT & ~Permission.MANAGE_THREADS)
    bob = server.people.join(guild, "bob")
    thread = server.people.start_thread(ada, channel, "between us", private=True)
    server.people.post(ada, thread, "psst")
    assert server.people.seen(thread, bob) == []
    with pytest.raises(NotPossible):
        server.people.post(bob, thread, "hello?")
    async with connected(server, Client()) as client:
        await refused(client.fetch_channel(int(thread.id)), 50001, 403)
        server.people.add_to_thread(thread, server.people.bot(guild))
        await server.until(lambda: client.guilds[0].get_thread(int(thread.id)))


async def test_direct_messages_and_their_three_refusals(server: DiscordServer) -> None:
    guild, _, ada = place(server)
    bob = server.people.join(guild, "bob")
    async with connected(server, Client()) as client:
        user = await client.fetch_user(int(ada.id))
        await user.send("hello")
        server.people.write_to_bot(ada, "hello yourself")
        await server.until(lambda: len(client.heard) == 2)
        assert [each.content for each in server.people.direct_messages(ada)] == ["hello", "hello yourself"]
        server.people.close_direct_messages(ada)
        await refused(user.send("still there?"), 50007, 403)
        server.people.leave(ada)
        await refused(user.send("still there?"), 50278, 403)
        server.troubles.fail_next("POST /users/@me/channels", 403, 40003)
        await refused((await client.fetch_user(int(bob.id))).send("you?"), 40003, 403)


async def test_channels_are_made_changed_and_deleted(server: DiscordServer) -> None:
    guild, _, ada = place(server)
    server.people.set_bot_permissions(guild, BOT | Permission.MANAGE_CHANNELS)
    async with connected(server, Client()) as client:
        made = await client.guilds[0].create_text_channel("pitches", reason="setup")
        await made.edit(topic="for offers")
        kept = server.world.channels[str(made.id)]
        assert (kept.kind, kept.topic) == (Kind.TEXT, "for offers")
        await made.delete()
        await refused(made.send("gone"), 10003, 404)
        assert ada.guild.channels.keys() == {each.id for each in guild.channels.values()}


async def test_leaving_a_server(server: DiscordServer) -> None:
    guild, channel, _ = place(server)
    async with connected(server, Client()) as client:
        there = text_channel(client, channel)
        await client.guilds[0].leave()
        await server.until(lambda: not client.guilds)
        await refused(there.send("anyone?"), 50001, 403)
        assert server.world.bot.id not in guild.members
        server.people.invite_bot(guild)
        await server.until(lambda: client.guilds)
