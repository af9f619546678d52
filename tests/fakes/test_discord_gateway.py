"""The loopback Discord's websocket, under the real discord.py."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from tests.fakes.discord.clients import Client, connected
from tests.fakes.discord.entities import Channel, Member
from tests.fakes.discord.intents import CONTENT, MEMBERS, PRESENCES
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.server import DiscordServer


def place(server: DiscordServer) -> tuple[Channel, Member]:
    guild = server.people.create_guild()
    return server.people.create_channel(guild, "general"), server.people.join(guild, "ada")


def contents(client: Client) -> list[str]:
    return [message.content for message in client.heard]


async def test_a_wrong_token_is_refused_at_the_door_and_at_the_gateway(server: DiscordServer) -> None:
    client = Client()
    with pytest.raises(discord.LoginFailure):
        await client.start("wrong")
    await client.close()
    client = Client()
    server.gateway.token = "changed.since"
    with pytest.raises(discord.ConnectionClosed) as caught:
        await client.start(server.token)
    assert caught.value.code == 4004
    await client.close()


async def test_an_intent_that_the_portal_does_not_allow_is_refused(server: DiscordServer) -> None:
    server.world.privileged_intents = MEMBERS | PRESENCES
    client = Client()
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await client.start(server.token)
    await client.close()


async def test_ready_brings_servers_channels_roles_threads_and_members(server: DiscordServer) -> None:
    channel, ada = place(server)
    server.people.start_thread(ada, channel, "talk")
    server.people.moderators(ada.guild)
    async with connected(server, Client()) as client:
        there = client.guilds[0]
        assert {each.name for each in there.text_channels} == {"general"}
        assert {each.name for each in there.threads} == {"talk"}
        assert {each.name for each in there.roles} == {"@everyone", "steward", "moderators"}
        assert {each.name for each in there.members} == {"owner", "ada", "steward"}
        assert there.owner is not None
        assert there.me.guild_permissions.manage_webhooks
        assert not there.me.guild_permissions.administrator
        assert client.application is not None
        assert client.application.flags.gateway_message_content_limited


async def test_without_the_content_intent_only_what_concerns_the_bot_is_readable(
    server: DiscordServer,
) -> None:
    channel, ada = place(server)
    intents = discord.Intents.all()
    intents.message_content = False
    async with connected(server, Client(intents)) as client:
        server.people.post(ada, channel, "secret", files={"a.txt": b"a"})
        server.people.post(ada, channel, f"<@{server.world.bot.id}> hello")
        server.people.write_to_bot(ada, "in private")
        await server.until(lambda: len(client.heard) == 3)
        assert contents(client) == ["", f"<@{server.world.bot.id}> hello", "in private"]
        assert client.heard[0].attachments == []
        server.world.privileged_intents &= ~CONTENT
        assert (await client.heard[0].channel.fetch_message(client.heard[0].id)).content == ""


async def test_events_of_channels_that_the_bot_does_not_see_are_not_told(server: DiscordServer) -> None:
    channel, ada = place(server)
    secret = server.people.create_channel(ada.guild, "secret", only_for=[ada])
    async with connected(server, Client()) as client:
        server.people.post(ada, secret, "not for bots")
        server.people.post(ada, channel, "for all")
        await server.until(lambda: client.heard)
        assert contents(client) == ["for all"]
        server.people.set_permissions(secret, server.people.bot(ada.guild), allow=Permission.VIEW_CHANNEL)
        server.people.post(ada, secret, "now for it too")
        await server.until(lambda: len(client.heard) == 2)


@pytest.mark.parametrize("way", ["drop", "ask_to_reconnect", "close", "invalidate"])
async def test_what_happens_during_a_gap_comes_after_resume_and_once(server: DiscordServer, way: str) -> None:
    channel, ada = place(server)
    async with connected(server, Client()) as client:
        server.people.post(ada, channel, "before")
        if way == "drop":
            server.gateway.drop()
        elif way == "ask_to_reconnect":
            server.gateway.ask_to_reconnect()
        elif way == "close":
            await server.gateway.close(4000)
        else:
            server.gateway.invalidate(resumable=True)
        server.people.post(ada, channel, "meanwhile")
        await server.until(lambda: client.resumes)
        server.people.post(ada, channel, "after")
        await server.until(lambda: len(client.heard) == 3)
        assert contents(client) == ["before", "meanwhile", "after"]
        assert (server.gateway.identified, server.gateway.resumed) == (1, 1)


async def test_a_session_that_is_gone_starts_anew_without_what_was_missed(server: DiscordServer) -> None:
    channel, ada = place(server)
    async with connected(server, Client()) as client:
        server.gateway.forget_sessions()
        server.gateway.drop()
        server.people.post(ada, channel, "lost to the gateway")
        await server.until(lambda: client.events.count("READY") == 2 and server.gateway.connected)
        await server.until(lambda: client.events.count("GUILD_CREATE") == 2)
        server.people.post(ada, channel, "after")
        await server.until(lambda: client.heard)
        assert contents(client) == ["after"]
        there = client.get_channel(int(channel.id))
        assert isinstance(there, discord.TextChannel)
        assert [each.content async for each in there.history()] == ["after", "lost to the gateway"]


async def test_heartbeats_are_acknowledged_and_missed_ones_noted(server: DiscordServer) -> None:
    server.gateway.heartbeat_seconds = 0.1
    async with connected(server, Client()) as client:
        await asyncio.sleep(0.35)
        assert server.gateway.missed_heartbeats == []
        assert sum(each.op == 1 for each in server.gateway.arrivals) >= 3
        assert client.latency < 0.1
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as silent:
        assert (await silent.receive_json())["op"] == 10
        assert (await silent.receive()).data == 4009
    assert len(server.gateway.missed_heartbeats) == 1


@pytest.mark.parametrize(
    "sent,code",
    [
        ("{}", 4002),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": {"token": "bot.token.of-tests", "intents": 4194304}}', 4013),
        ('{"op": 2, "d": {"token": "bot.token.of-tests", "intents": 1, "shard": [2, 2]}}', 4010),
        (" " * 5000, 4002),
    ],
)
async def test_what_the_gateway_does_not_take_ends_the_connection(
    server: DiscordServer, sent: str, code: int
) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        await socket.receive()
        await socket.send_str(sent)
        assert (await socket.receive()).data == code


async def test_an_outage_and_being_thrown_out_are_told_apart(server: DiscordServer) -> None:
    _, ada = place(server)
    told: list[str] = []

    class Watching(Client):
        async def on_guild_unavailable(self, guild: discord.Guild) -> None:
            told.append(f"{guild.name} is down")

        async def on_guild_available(self, guild: discord.Guild) -> None:
            told.append(f"{guild.name} is up")

        async def on_guild_remove(self, guild: discord.Guild) -> None:
            told.append(f"left {guild.name}")

    async with connected(server, Watching()) as client:
        server.people.go_down(ada.guild)
        server.people.come_back(ada.guild)
        await server.until(lambda: told[-1:] == ["Makers is up"] and len(told) == 3)
        server.people.throw_bot_out(ada.guild)
        await server.until(lambda: not client.guilds)
        assert told == ["Makers is up", "Makers is down", "Makers is up", "left Makers"]


async def test_members_roles_and_channels_change_before_the_clients_eyes(server: DiscordServer) -> None:
    channel, ada = place(server)
    async with connected(server, Client()) as client:
        there = client.guilds[0]
        bob = server.people.join(ada.guild, "bob")
        role = server.people.create_role(ada.guild, "friends")
        server.people.give_role(bob, role)
        server.people.rename(bob, "Bobby")
        server.people.rename_channel(channel, "lounge")
        server.people.leave(ada)
        await server.until(lambda: there.get_member(int(ada.id)) is None)
        member = there.get_member(int(bob.id))
        assert member is not None
        assert (member.nick, [each.name for each in member.roles]) == ("Bobby", ["@everyone", "friends"])
        assert [each.name for each in there.text_channels] == ["lounge"]
        server.people.delete_channel(channel)
        await server.until(lambda: not there.text_channels)


async def test_a_burst_of_two_thousand_arrives_in_order_and_whole(server: DiscordServer) -> None:
    channel, ada = place(server)
    async with connected(server, Client()) as client:
        for number in range(2000):
            server.people.post(ada, channel, str(number))
        await server.until(lambda: len(client.heard) == 2000, seconds=20)
        assert contents(client) == [str(number) for number in range(2000)]
        assert server.gateway.missed_heartbeats == []


async def test_shards_share_the_servers(server: DiscordServer) -> None:
    _, ada = place(server)
    owner = (int(ada.guild.id) >> 22) % 2
    for shard in range(2):
        client = Client()
        client.shard_id, client._connection.shard_count = shard, 2
        client.shard_count = 2
        async with connected(server, client):
            assert len(client.guilds) == (shard == owner)
