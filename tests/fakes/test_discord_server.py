"""The loopback Discord, seen through the real discord.py: what it promises is what Steward's tests stand on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.discord.clients import Client, connected
from tests.fakes.discord.entities import Channel, Guild, Member
from tests.fakes.discord.people_posts import NotPossible
from tests.fakes.discord.permissions import BOT, Permission
from tests.fakes.discord.server import DiscordServer

PUBLIC = discord.ChannelType.public_thread


class Cosy(discord.ui.View):
    @discord.ui.button(label="Why?", custom_id="why")
    async def why(self, interaction: discord.Interaction, button: discord.ui.Button[Cosy]) -> None:
        del button
        await interaction.response.send_message("Because.", ephemeral=True)


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


async def test_a_message_gets_a_reply_and_a_press_gets_a_private_answer(server: DiscordServer) -> None:
    guild, channel, ada = place(server)
    bob = server.people.join(guild, "bob")
    async with connected(server, Client()) as client:
        said = server.people.post(ada, channel, "Anyone for chess?")
        await server.until(lambda: client.heard)
        assert (client.heard[0].content, client.heard[0].author.name) == ("Anyone for chess?", "ada")
        await client.heard[0].reply("There is a cosy room for that.", view=Cosy(timeout=None))
        shown = server.people.seen(channel, bob)
        assert [each.content for each in shown] == ["Anyone for chess?", "There is a cosy room for that."]
        assert shown[1].reference is not None
        assert shown[1].reference["message_id"] == said.id
        answer = await server.people.press(ada, shown[1], "why")
        assert (answer.text, answer.is_private) == ("Because.", True)
        assert server.people.seen(channel, ada)[-1].content == "Because."
        assert server.people.seen(channel, bob)[-1].content != "Because."
        with pytest.raises(NotPossible):
            await server.people.press(ada, shown[1], "another")


async def test_it_starts_at_once() -> None:
    began = time.perf_counter()
    async with DiscordServer():
        assert time.perf_counter() - began < 0.2


async def test_history_is_read_in_both_directions_and_by_pages(server: DiscordServer) -> None:
    _, channel, ada = place(server)
    said = [server.people.post(ada, channel, str(number)) for number in range(120)]
    async with connected(server, Client()) as client:
        place_ = text_channel(client, channel)
        assert [each.content async for each in place_.history(limit=None)] == [
            each.content for each in reversed(said)
        ]
        after = discord.Object(int(said[100].id))
        assert [each.content async for each in place_.history(after=after)] == [
            str(number) for number in range(101, 120)
        ]
        around = place_.history(limit=5, around=discord.Object(int(said[50].id)))
        assert sorted([int(each.content) async for each in around]) == [48, 49, 50, 51, 52]


async def test_edits_deletions_and_bulk_deletions_are_told(server: DiscordServer) -> None:
    guild, channel, ada = place(server)
    moderator = server.people.join(guild, "mo", roles=[server.people.moderators(guild)])
    async with connected(server, Client()) as client:
        said = [server.people.post(ada, channel, f"line {number}") for number in range(4)]
        server.people.edit(said[0], "another line")
        server.people.delete(said[0])
        server.people.bulk_delete(said[1:3], by=moderator)
        await server.until(lambda: "MESSAGE_DELETE_BULK" in client.events)
        assert [each.content for each in server.people.seen(channel, ada)] == ["line 3"]
        names = [name for name in client.events if name.startswith("MESSAGE")]
        assert names == ["MESSAGE_CREATE"] * 4 + ["MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"]


async def test_the_bot_deletes_in_bulk_within_fourteen_days(server: DiscordServer) -> None:
    _, channel, ada = place(server)
    old = server.people.post(ada, channel, "old", at=server.world.now() - timedelta(days=15))
    new = [server.people.post(ada, channel, str(number)) for number in range(2)]
    async with connected(server, Client()) as client:
        http = client.http
        await refused(http.delete_messages(int(channel.id), [new[0].id]), 50016, 400)
        await refused(http.delete_messages(int(channel.id), [new[0].id, old.id]), 50034, 400)
        await http.delete_messages(int(channel.id), [each.id for each in new], reason="tidying up")
        assert [each.content for each in server.people.seen(channel, ada)] == ["old"]
        removed = [each for each in server.world.journal if each.what == "message deleted"]
        assert {each.reason for each in removed} == {"tidying up"}


@pytest.mark.parametrize(
    "lacking,act,code",
    [
        (Permission.VIEW_CHANNEL, lambda channel: channel.send("x"), 50001),
        (Permission.SEND_MESSAGES, lambda channel: channel.send("x"), 50013),
        (Permission.EMBED_LINKS, lambda channel: channel.send(embed=discord.Embed(title="x")), 50013),
        (Permission.MANAGE_WEBHOOKS, lambda channel: channel.create_webhook(name="x"), 50013),
        (Permission.MANAGE_WEBHOOKS, lambda channel: channel.webhooks(), 50013),
        (
            Permission.CREATE_PUBLIC_THREADS,
            lambda channel: channel.create_thread(name="x", type=PUBLIC),
            50013,
        ),
    ],
)
async def test_a_missing_permission_is_refused(
    server: DiscordServer,
    lacking: Permission,
    act: Callable[[discord.TextChannel], Coroutine[Any, Any, object]],
    code: int,
) -> None:
    guild, channel, _ = place(server)
    server.people.set_permissions(channel, server.people.bot(guild), deny=lacking)
    async with connected(server, Client()) as client:
        await refused(act(text_channel(client, channel)), code, 403)
    assert server.requests.refused()[-1].code == code


async def test_anothers_message_takes_manage_messages_and_a_pin_takes_pin_messages(
    server: DiscordServer,
) -> None:
    guild, channel, ada = place(server)
    server.people.set_bot_permissions(guild, BOT & ~Permission.MANAGE_MESSAGES & ~Permission.PIN_MESSAGES)
    async with connected(server, Client()) as client:
        server.people.post(ada, channel, "mine")
        await server.until(lambda: client.heard)
        message = client.heard[0]
        await refused(message.delete(), 50013, 403)
        await refused(message.pin(), 50013, 403)
        await refused(message.edit(content="yours"), 50005, 403)
        server.people.set_bot_permissions(guild, int(BOT))
        await message.pin(reason="the rules")
        assert [each.content async for each in message.channel.pins()] == ["mine"]
        assert server.people.seen(channel, ada)[0].pinned
        await message.delete()
        await refused(message.delete(), 10008, 404)


@pytest.mark.parametrize(
    "send,field",
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": "x", "nonce": "n" * 26}, "nonce"),
        ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
        (
            {"content": "x", "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"}]},
            "components.0.type",
        ),
        (
            {
                "content": "x",
                "components": [
                    {
                        "type": 1,
                        "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "c" * 101}],
                    }
                ],
            },
            "components.0.components.0.custom_id",
        ),
        (
            {
                "content": "x",
                "components": [
                    {
                        "type": 1,
                        "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "same"}] * 2,
                    }
                ],
            },
            "components.0.components.1.custom_id",
        ),
        (
            {
                "content": "x",
                "components": [
                    {
                        "type": 1,
                        "components": [
                            {"type": 2, "style": 1, "label": "x", "custom_id": str(number)}
                            for number in range(6)
                        ],
                    }
                ],
            },
            "components.0.components",
        ),
    ],
)
async def test_a_form_that_does_not_fit_is_refused_with_its_field(
    server: DiscordServer, send: dict[str, Any], field: str
) -> None:
    _, channel, _ = place(server)
    async with connected(server, Client()) as client:
        route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=channel.id)
        with pytest.raises(discord.HTTPException) as caught:
            await client.http.request(route, json=send)
        assert caught.value.code == 50035
        assert f"In {field}:" in caught.value.text
        await refused(client.http.request(route, json={"content": " "}), 50006, 400)


async def test_a_nonce_that_is_enforced_sends_once(server: DiscordServer) -> None:
    _, channel, ada = place(server)
    async with connected(server, Client()) as client:
        there = text_channel(client, channel)
        server.troubles.fail_next("POST /channels/{channel_id}/messages", 502, after=True)
        first = await there.send("once", nonce="7")
        assert first.id == (await there.send("once", nonce="7")).id
        assert first.id != (await there.send("once", nonce="8")).id
        assert len(server.people.seen(channel, ada)) == 2


async def test_mentions_ping_only_whom_they_may(server: DiscordServer) -> None:
    _, channel, ada = place(server)
    async with connected(server, Client()) as client:
        there = text_channel(client, channel)
        await there.send(f"<@{ada.id}> @everyone", allowed_mentions=discord.AllowedMentions.none())
        await there.send(f"<@{ada.id}> @everyone")
    quiet, loud = server.people.seen(channel, ada)
    assert (quiet.mentions, quiet.mention_everyone) == ([], False)
    assert (loud.mentions, loud.mention_everyone) == ([ada.user], True)


async def test_reactions_come_and_go(server: DiscordServer) -> None:
    _, channel, ada = place(server)
    async with connected(server, Client()) as client:
        said = server.people.post(ada, channel, "nice")
        server.people.react(ada, said, "👍")
        await server.until(lambda: "MESSAGE_REACTION_ADD" in client.events)
        message = await text_channel(client, channel).fetch_message(int(said.id))
        await message.add_reaction("👍")
        assert said.reactions == {"👍": [ada.id, server.world.bot.id]}
        assert client.user
        await message.remove_reaction("👍", client.user)
        assert said.reactions == {"👍": [ada.id]}
        server.people.react(ada, said, "👍", on=False)
        await server.until(lambda: "MESSAGE_REACTION_REMOVE" in client.events)
        await message.add_reaction("🎉")
        await message.clear_reactions()
        await server.until(lambda: "MESSAGE_REACTION_REMOVE_ALL" in client.events)
        assert said.reactions == {}


async def test_what_comes_of_forwards_polls_stickers_and_files(server: DiscordServer) -> None:
    guild, channel, ada = place(server)
    other = server.people.create_channel(guild, "other")
    async with connected(server, Client()) as client:
        said = server.people.post(ada, channel, "look", files={"cat.png": b"meow", "notes.txt": b"n"})
        server.people.forward(ada, said, other)
        server.people.post(ada, channel, poll=["Tea?", "yes", "no"])
        server.people.post(ada, channel, stickers=["749054660769218631"])
        await server.until(lambda: len(client.heard) == 4)
        files, forward, poll, sticker = client.heard
        assert [each.filename for each in files.attachments] == ["cat.png", "notes.txt"]
        assert await files.attachments[0].read() == b"meow"
        assert (forward.content, forward.message_snapshots[0].content) == ("", "look")
        assert poll.poll is not None
        assert [each.text for each in poll.poll.answers] == ["yes", "no"]
        assert len(sticker.stickers) == 1
        server.world.advance(timedelta(days=2))
        with pytest.raises(discord.NotFound):
            await files.attachments[0].read()


async def test_every_answer_tells_its_limits_and_a_narrow_one_is_kept_by_discord_py(
    server: DiscordServer,
) -> None:
    _, channel, ada = place(server)
    server.rate_limits.narrow("POST /channels/{channel_id}/messages", 2, 0.1)
    async with connected(server, Client()) as client:
        there = text_channel(client, channel)
        await asyncio.gather(*(there.send(str(number)) for number in range(6)))
    assert len(server.people.seen(channel, ada)) == 6
    assert all(each.status == 200 for each in server.requests.to("POST", "/channels/{channel_id}/messages"))


async def test_faults_on_demand(server: DiscordServer) -> None:
    _, channel, ada = place(server)
    send = "POST /channels/{channel_id}/messages"
    async with connected(server, Client()) as client:
        there = text_channel(client, channel)
        server.troubles.limit_next(send, 0.01)
        server.troubles.limit_next(send, 0.01, is_global=True)
        await there.send("after two refusals")
        server.troubles.fail_next(send, 403, 50013)
        await refused(there.send("no"), 50013, 403)
        server.troubles.drop_next(send, after=True)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await there.send("done, but who knows")
        server.troubles.fail_next(send, 503)
        with pytest.raises(discord.DiscordServerError):
            await there.send("not done")
        hold = server.troubles.hold_next(send, after=True)
        sending = asyncio.create_task(there.send("held"))
        await hold.reached()
        assert not sending.done()
        hold.release()
        await sending
        server.token = "another.token"
        await refused(there.send("who are you?"), 0, 401)
        server.token = server.gateway.token
    said = [each.content for each in server.people.seen(channel, ada)]
    assert said == ["after two refusals", "done, but who knows", "held"]
    statuses = [each.status for each in server.requests.to("POST", "/channels/{channel_id}/messages")]
    assert statuses == [429, 429, 200, 403, 0, 503, 200, 401]
