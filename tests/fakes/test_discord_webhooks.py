"""Webhooks and files of the loopback Discord, and clients in another process."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Coroutine
from typing import Any

import discord
import pytest

from tests.fakes.discord.clients import Client, connected
from tests.fakes.discord.entities import Channel, Member
from tests.fakes.discord.server import DiscordServer


def place(server: DiscordServer) -> tuple[Channel, Member]:
    guild = server.people.create_guild()
    return server.people.create_channel(guild, "general"), server.people.join(guild, "ada")


def text_channel(client: discord.Client, channel: Channel) -> discord.TextChannel:
    found = client.get_channel(int(channel.id))
    assert isinstance(found, discord.TextChannel)
    return found


async def refused(call: Coroutine[Any, Any, object], code: int) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await call
    assert caught.value.code == code


class Undo(discord.ui.View):
    @discord.ui.button(label="Undo", custom_id="undo")
    async def undo(self, interaction: discord.Interaction, button: discord.ui.Button[Undo]) -> None:
        del button
        await interaction.response.send_message("Undone", ephemeral=True)


async def test_a_webhook_posts_as_somebody_with_files_and_a_button(server: DiscordServer) -> None:
    channel, ada = place(server)
    async with connected(server, Client()) as client:
        webhook = await text_channel(client, channel).create_webhook(name="Steward", reason="to move")
        sent = await webhook.send(
            "moved",
            username="Ada (moved)",
            avatar_url="https://cdn.example/ada.png",
            files=[discord.File(io.BytesIO(b"meow"), "cat.png", description="a cat")],
            view=Undo(timeout=None),
            allowed_mentions=discord.AllowedMentions.none(),
            wait=True,
        )
        await server.until(lambda: client.heard)
        assert (client.heard[0].author.name, client.heard[0].webhook_id) == ("Ada (moved)", webhook.id)
        shown = server.people.seen(channel, ada)[0]
        assert (shown.author.name, shown.avatar_url) == ("Ada (moved)", "https://cdn.example/ada.png")
        assert [(each.name, each.content, each.description) for each in shown.attachments] == [
            ("cat.png", b"meow", "a cat")
        ]
        assert (await server.people.press(ada, shown, "undo")).text == "Undone"
        assert (await webhook.fetch_message(sent.id)).content == "moved"
        edited = await sent.edit(content="moved and edited")
        assert edited.attachments[0].filename == "cat.png"
        await edited.edit(attachments=[])
        assert (shown.content, shown.attachments) == ("moved and edited", [])
        await sent.delete()
        assert channel.messages == {}
        await refused(webhook.fetch_message(sent.id), 10008)
        await webhook.send("nobody waits")
        assert [each.id for each in await text_channel(client, channel).webhooks()] == [webhook.id]
        await webhook.delete()
        await refused(webhook.send("gone"), 10015)


async def test_a_webhook_posts_into_threads_and_forums(server: DiscordServer) -> None:
    channel, ada = place(server)
    forum = server.people.create_forum(ada.guild, "help")
    thread = server.people.start_thread(ada, channel, "aside")
    server.people.archive(thread)
    async with connected(server, Client()) as client:
        webhook = await text_channel(client, channel).create_webhook(name="Steward")
        aside = discord.Object(int(thread.id))
        sent = await webhook.send("here", thread=aside, wait=True)
        assert [each.content for each in server.people.seen(thread, ada)] == ["here"]
        assert thread.thread is not None
        assert not thread.thread.archived
        await refused(webhook.fetch_message(sent.id), 10008)
        assert (await webhook.fetch_message(sent.id, thread=aside)).id == sent.id
        await refused(webhook.send("x", thread_name="no forum"), 220003)
        there = client.get_channel(int(forum.id))
        assert isinstance(there, discord.ForumChannel)
        webhook = await there.create_webhook(name="Steward")
        await refused(webhook.send("x"), 220001)
        await refused(webhook.send("x", thread=aside), 10003)
        sent = await webhook.send("a question", thread_name="Help!", wait=True)
        assert server.world.channels[str(sent.id)].name == "Help!"


async def test_webhooks_have_names_and_a_number(server: DiscordServer) -> None:
    channel, ada = place(server)
    async with connected(server, Client()) as client:
        there = text_channel(client, channel)
        await refused(there.create_webhook(name="Discord helper"), 50035)
        webhook = await there.create_webhook(name="1")
        await refused(webhook.send("x", username="Clyde"), 50035)
        for number in range(2, 16):
            await there.create_webhook(name=str(number))
        await refused(there.create_webhook(name="16"), 30007)
    proxy = server.people.join(ada.guild, "PluralKit", bot=True)
    other = server.people.create_channel(ada.guild, "other")
    server.people.create_webhook(other, "PluralKit Proxy Webhook", by=proxy)
    async with connected(server, Client()) as client:
        assert [each.token for each in await text_channel(client, other).webhooks()] == [None]


async def test_a_webhooks_drop_after_the_work_leaves_one_copy_to_be_found(server: DiscordServer) -> None:
    channel, ada = place(server)
    async with connected(server, Client()) as client:
        webhook = await text_channel(client, channel).create_webhook(name="Steward")
        server.troubles.fail_next("POST /webhooks/*", 500, after=True)
        await webhook.send("copy", wait=True)  # discord.py sends again by itself
        assert [each.content for each in server.people.seen(channel, ada)] == ["copy", "copy"]


async def test_a_file_that_is_too_large_is_refused(server: DiscordServer) -> None:
    channel, _ = place(server)
    async with connected(server, Client()) as client:
        large = discord.File(io.BytesIO(b"x" * (10 * 1024 * 1024 + 1)), "large.bin")
        await refused(text_channel(client, channel).send(file=large), 40005)


IN_ANOTHER_PROCESS = """
import sys, discord, yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = sys.argv[1], yarl.URL(sys.argv[2])
class Echo(discord.Client):
    async def on_message(self, message):
        if message.author != self.user:
            await message.channel.send(message.content)
Echo(intents=discord.Intents.all()).run(sys.argv[3], log_handler=None)
"""


async def test_a_client_of_another_process(server: DiscordServer) -> None:
    channel, ada = place(server)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-c",
        IN_ANOTHER_PROCESS,
        server.api_url,
        server.gateway_url,
        server.token,
    )
    try:
        await server.until(lambda: server.gateway.connected, seconds=20)
        server.people.post(ada, channel, "hello over there")
        await server.until(lambda: len(server.people.seen(channel, ada)) == 2)
    finally:
        process.kill()
        await process.wait()
    await server.until(lambda: not server.gateway.connected)
