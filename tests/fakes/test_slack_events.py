"""How events reach an app: by Socket Mode and by signed requests, with their repetitions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.fakes.slack.clients import QUIET, Place, a_place, bolt_app, by_http, by_socket, web_client
from tests.fakes.slack.http_events import Signed

Json = dict[str, Any]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with a_place() as found:
        yield found


@dataclass(slots=True)
class Listener:
    """slack_sdk's own client, which acknowledges only if it is told to."""

    acknowledges: bool = True
    heard: list[SocketModeRequest] = field(default_factory=list)

    async def hear(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        if self.acknowledges:
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))


@asynccontextmanager
async def listening(place: Place, listener: Listener) -> AsyncIterator[SocketModeClient]:
    server, before = place.server, place.server.socket_mode.opened
    client = SocketModeClient(
        server.app.token, logger=QUIET, web_client=web_client(server), ping_interval=0.2
    )

    async def hear(asking: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await listener.hear(asking, request)

    client.socket_mode_request_listeners.append(hear)
    await client.connect()  # type: ignore[no-untyped-call]  # slack_sdk annotates nothing there
    try:
        await server.until(lambda: server.socket_mode.opened > before)
        yield client
    finally:
        await client.close()  # type: ignore[no-untyped-call]  # as above


def remembering(place: Place) -> tuple[AsyncApp, list[Json]]:
    """A Bolt app that keeps every event it hears."""
    app, heard = bolt_app(place.server, place.workspace), list[Json]()

    async def keep(event: Json) -> None:
        heard.append(event)

    for kind in (
        "message member_joined_channel channel_rename channel_archive app_home_opened app_uninstalled "
        "tokens_revoked pin_added reaction_added"
    ).split():
        app.event(kind)(keep)
    return app, heard


async def more_than(place: Place, listener: Listener, number: int) -> None:
    await place.server.until(lambda: len(listener.heard) > number)


def kinds(heard: list[Json]) -> list[str]:
    return [".".join(each for each in (found["type"], found.get("subtype")) if each) for found in heard]


async def test_what_people_do_is_told(place: Place) -> None:
    people, channel = place.server.people, place.channel
    app, heard = remembering(place)
    async with by_socket(place.server, app):
        said = people.post(place.ada, channel, "one", files={"a.txt": b"a"})
        people.edit(said, "two")
        people.reply(place.bob, said, "three", broadcast=True)
        other = people.post(place.bob, channel, "four")
        people.delete(other)
        people.delete(said)
        people.join(place.workspace, "eve", channel)
        people.rename(channel, "chat", by=place.ada)
        people.archive(channel, by=place.ada)
        people.open_home(place.ada)
        await place.server.until(lambda: len(heard) == 13)
    told = kinds(heard)
    assert told[:5] == [
        "message.file_share",
        "message.message_changed",
        "message.thread_broadcast",
        "message",
        "message.message_deleted",
    ]
    assert heard[5]["message"]["subtype"] == "tombstone"
    assert sorted(told[6:]) == [
        "app_home_opened",
        "channel_archive",
        "channel_rename",
        "member_joined_channel",
        "message.channel_archive",
        "message.channel_join",
        "message.channel_name",
    ]
    assert heard[1]["previous_message"]["text"] == "one"
    assert heard[2]["root"]["ts"] == said.ts
    assert (heard[0]["channel_type"], heard[0]["files"][0]["name"]) == ("channel", "a.txt")


async def test_the_app_hears_nothing_of_where_it_is_not_or_did_not_ask(place: Place) -> None:
    people = place.server.people
    away = people.create_channel(place.workspace, "away", place.ada, with_bot=False)
    people.post(place.ada, away, "nobody listens")
    place.server.app.bot_events = frozenset({"message.groups"})
    people.post(place.ada, place.channel, "not subscribed")
    place.server.app.bot_events = None
    people.install(place.workspace, ["chat:write"])
    people.post(place.ada, place.channel, "no scope")
    assert place.server.deliveries.all == []


async def test_own_posts_come_back_as_those_of_a_bot(place: Place) -> None:
    listener = Listener()
    async with listening(place, listener):
        await place.client.chat_postMessage(channel=place.channel.id, text="hello")
        await place.client.chat_postMessage(channel=place.channel.id, text="hello", username="Ada")
        await place.server.until(lambda: len(listener.heard) == 2)
    plain, customised = (each.payload["event"] for each in listener.heard)
    bot = place.workspace.bot
    assert bot is not None
    assert (plain["user"], plain["bot_id"], "subtype" in plain) == (bot.id, bot.bot_id, False)
    assert (customised["subtype"], customised["username"], "user" in customised) == (
        "bot_message",
        "Ada",
        False,
    )


async def test_acknowledgements_are_kept_with_their_time(place: Place) -> None:
    listener = Listener()
    async with listening(place, listener):
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.until(lambda: not place.server.deliveries.unacknowledged())
    delivery = place.server.deliveries.events("message")[0]
    assert delivery.seconds is not None
    assert 0 < delivery.seconds < 1
    assert listener.heard[0].payload["event_id"] == delivery.id
    assert listener.heard[0].payload["authorizations"][0]["team_id"] == place.workspace.id


async def test_what_is_not_acknowledged_comes_again_three_times(place: Place) -> None:
    place.server.deliveries.patience = 0.05
    listener = Listener(acknowledges=False)
    async with listening(place, listener):
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.until(lambda: len(listener.heard) == 2)
        await place.server.deliveries.quiet()
        for pause in (timedelta(minutes=1), timedelta(minutes=5)):
            before = len(listener.heard)
            await asyncio.sleep(0.01)
            assert len(listener.heard) == before
            place.server.world.advance(pause)
            await more_than(place, listener, before)
            await place.server.deliveries.quiet()
        place.server.world.advance(timedelta(hours=1))
        await asyncio.sleep(0.05)
    assert [(each.retry_attempt, each.retry_reason) for each in listener.heard] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({each.payload["event_id"] for each in listener.heard}) == 1


async def test_what_came_while_no_socket_was_open_comes_later(place: Place) -> None:
    place.server.people.post(place.ada, place.channel, "anybody?")
    await place.server.deliveries.quiet()
    listener = Listener()
    async with listening(place, listener):
        assert listener.heard == []
        place.server.world.advance(timedelta(minutes=1))
        await place.server.until(lambda: listener.heard)
    assert listener.heard[0].retry_attempt == 2


async def test_the_same_event_comes_as_often_as_a_test_wants(place: Place) -> None:
    listener = Listener()
    async with listening(place, listener):
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.until(lambda: not place.server.deliveries.unacknowledged())
        await place.server.deliveries.repeat(place.server.deliveries.all[0], 10)
    assert len(listener.heard) == 11
    assert len({each.payload["event_id"] for each in listener.heard}) == 1


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_client_that_is_asked_to_reconnect_does(place: Place, reason: str) -> None:
    listener, sockets = Listener(), place.server.socket_mode
    async with listening(place, listener):
        await sockets.ask_to_reconnect(reason)
        await place.server.until(lambda: sockets.opened == 2 and sockets.connected == 1)
        place.server.people.post(place.ada, place.channel, "still there?")
        await place.server.until(lambda: listener.heard)


async def test_a_lost_connection_is_replaced_and_what_was_under_way_comes_again(place: Place) -> None:
    listener, sockets = Listener(acknowledges=False), place.server.socket_mode
    async with listening(place, listener):
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.until(lambda: listener.heard)
        listener.acknowledges = True
        sockets.drop()
        await place.server.until(lambda: sockets.connected == 1 and sockets.opened == 2)
        place.server.world.advance(timedelta(minutes=1))
        await place.server.until(lambda: len(listener.heard) == 2)
    assert place.server.deliveries.all[0].acknowledged


async def test_several_sockets_share_the_events(place: Place) -> None:
    one, two = Listener(), Listener()
    async with listening(place, one), listening(place, two):
        for number in range(10):
            place.server.people.post(place.ada, place.channel, str(number))
        await place.server.until(lambda: len(one.heard) + len(two.heard) == 10)
    assert len(one.heard) == len(two.heard) == 5


async def test_signed_requests_reach_bolt(place: Place) -> None:
    app, heard = remembering(place)
    async with by_http(place.server, app):
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.until(lambda: heard)
        assert heard[0]["text"] == "hi"
        await place.server.until(lambda: place.server.deliveries.all[0].acknowledged)
    assert place.server.deliveries.all[0].attempts[0].status == 200


async def test_wrong_and_stale_signatures_do_not_pass_bolt(place: Place) -> None:
    app, heard = remembering(place)
    async with by_http(place.server, app):
        http = place.server.http_events
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.until(lambda: place.server.deliveries.all[0].acknowledged)
        right = http.sent[-1]
        assert (await http.post(right))[0] == 200
        stale = http.sign(right.body, timestamp=int(time.time()) - 301)
        wrong = http.sign(right.body, secret="guessed")
        changed = Signed(right.body + b" ", right.headers)
        assert [(await http.post(each))[0] for each in (stale, wrong, changed)] == [401, 401, 401]
    assert len(heard) == 2


@asynccontextmanager
async def answering(*answers: web.Response) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A Request URL that verifies itself and then gives these answers in turn."""
    asked: list[web.Request] = []
    left = list(answers)

    async def events(request: web.Request) -> web.Response:
        body = await request.json()
        if body["type"] == "url_verification":
            return web.Response(text=body["challenge"])
        asked.append(request)
        return left.pop(0)

    app = web.Application()
    app.router.add_post("/", events)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", asked
    finally:
        await runner.cleanup()


async def test_requests_that_fail_are_repeated_with_number_and_reason(place: Place) -> None:
    async with answering(web.Response(status=500), web.Response()) as (url, asked):
        assert await place.server.use_http(url)
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.until(lambda: len(asked) == 2)
        await place.server.deliveries.quiet()
    assert "X-Slack-Retry-Num" not in asked[0].headers
    retry = asked[1].headers
    assert (retry["X-Slack-Retry-Num"], retry["X-Slack-Retry-Reason"]) == ("1", "http_error")


async def test_an_answer_may_forbid_repetitions(place: Place) -> None:
    never = web.Response(status=503, headers={"X-Slack-No-Retry": "1"})
    async with answering(never) as (url, asked):
        assert await place.server.use_http(url)
        place.server.people.post(place.ada, place.channel, "hi")
        await place.server.deliveries.quiet()
        place.server.world.advance(timedelta(hours=1))
        await asyncio.sleep(0.02)
    assert len(asked) == 1


async def test_too_many_events_are_told_and_then_lost(place: Place) -> None:
    listener, deliveries = Listener(), place.server.deliveries
    deliveries.most_an_hour = 2
    async with listening(place, listener):
        for number in range(4):
            place.server.people.post(place.ada, place.channel, str(number))
        await place.server.until(lambda: len(listener.heard) == 3)
        await deliveries.quiet()
    assert listener.heard[-1].payload["type"] == "app_rate_limited"
    assert [each["event"]["text"] for each in deliveries.lost] == ["2", "3"]
    deliveries.most_an_hour = 30_000
    deliveries.resume(place.workspace)
    deliveries.lose_next()
    place.server.people.post(place.ada, place.channel, "lost")
    assert len(deliveries.lost) == 3


async def test_an_uninstalled_app_is_told_and_its_token_ends(place: Place) -> None:
    people = place.server.people
    boss = people.join(place.workspace, "boss", admin=True)
    people.user_token(boss)
    app, heard = remembering(place)
    async with by_socket(place.server, app):
        people.uninstall(place.workspace)
        await place.server.deliveries.quiet()
    told = place.server.deliveries.all
    assert [each.payload["event"]["type"] for each in told] == ["app_uninstalled", "tokens_revoked"]
    assert set(told[1].payload["event"]["tokens"]) == {"bot", "oauth"}
    with pytest.raises(SlackApiError, match="account_inactive"):
        await place.client.auth_test()
    assert sorted(kinds(heard)) == ["app_uninstalled", "tokens_revoked"]


# slack_sdk 3.47 still uses aiohttp's BasicAuth there.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_an_app_is_installed_by_oauth(place: Place) -> None:
    server = place.server
    other = server.people.create_workspace("Other", installed=False)
    boss = server.people.join(other, "boss", admin=True)
    link = (
        f"https://slack.com/oauth/v2/authorize?client_id={server.app.client_id}&scope=chat:write,im:write"
        "&user_scope=chat:write&state=abc&redirect_uri=https://steward.example/oauth"
    )
    sent_to = server.people.allow(boss, link)
    assert sent_to.startswith("https://steward.example/oauth?code=")
    assert sent_to.endswith("&state=abc")
    code = sent_to.partition("code=")[2].partition("&")[0]
    client, secret = web_client(server), server.app.client_secret
    found = await client.oauth_v2_access(client_id=server.app.client_id, client_secret=secret, code=code)
    assert (found["team"]["id"], found["scope"]) == (other.id, "chat:write,im:write")
    assert found["authed_user"]["access_token"].startswith("xoxp-")
    assert (await web_client(server, found["access_token"]).auth_test())["team_id"] == other.id
    with pytest.raises(SlackApiError, match="code_already_used"):
        await client.oauth_v2_access(client_id=server.app.client_id, client_secret=secret, code=code)
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await client.oauth_v2_access(client_id=server.app.client_id, client_secret="x", code=code)


async def test_a_shared_channel_tells_whose_post_it_is(place: Place) -> None:
    people = place.server.people
    partner = people.create_workspace("Partner", installed=False, enterprise_id="E0PARTNER")
    shared = people.create_channel(place.workspace, "joint", shared_with=[partner])
    eve = people.join(partner, "eve", shared)
    people.post(eve, shared, "hello", files={"a.txt": b"a"})
    payload = place.server.deliveries.events("message.file_share")[0].payload
    assert (payload["team_id"], payload["is_ext_shared_channel"]) == (place.workspace.id, True)
    assert (payload["event"]["user_team"], payload["event"]["team"]) == (partner.id, partner.id)
    assert payload["event"]["files"][0]["file_access"] == "check_file_info"
