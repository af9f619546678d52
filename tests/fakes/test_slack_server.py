"""The loopback Slack's Web API, seen through the real slack_sdk: what Steward's tests stand on."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.fakes.slack.clients import Place, a_place, web_client
from tests.fakes.slack.people_posts import NotPossible
from tests.fakes.slack.server import SlackServer

Json = dict[str, Any]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with a_place() as found:
        yield found


async def refused(call: Coroutine[Any, Any, object], error: str) -> Json:
    """Awaits something that Slack is to refuse, and gives its answer."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer: Json = caught.value.response.data
    assert answer["error"] == error
    return answer


def section(text: str, **more: object) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


async def test_it_starts_at_once() -> None:
    began = time.perf_counter()
    async with SlackServer():
        assert time.perf_counter() - began < 0.2


async def test_a_token_says_who_it_is(place: Place) -> None:
    about = await place.client.auth_test()
    bot = place.workspace.bot
    assert bot is not None
    assert (about["team_id"], about["user_id"], about["bot_id"]) == (
        place.workspace.id,
        bot.id,
        bot.bot_id,
    )
    assert "chat:write" in about.headers["X-OAuth-Scopes"]
    await refused(web_client(place.server).auth_test(), "not_authed")
    await refused(web_client(place.server, "xoxb-made-up").auth_test(), "invalid_auth")
    await refused(web_client(place.server, place.server.app.token).team_info(), "not_allowed_token_type")
    await refused(place.client.api_call("made.up"), "unknown_method")
    assert [each.known for each in place.server.requests.to("made.up")] == [False]


async def test_a_token_can_be_given_back(place: Place) -> None:
    team = await place.client.team_info()
    assert team["team"]["domain"] == "cosy"
    assert (await place.client.auth_revoke())["revoked"]
    await refused(place.client.auth_test(), "account_inactive")
    kinds = [each.payload["event"]["type"] for each in place.server.deliveries.all]
    assert kinds == ["app_uninstalled", "tokens_revoked"]


async def test_the_app_is_as_its_manifest_says(place: Place) -> None:
    place.server.app.configure(
        {
            "display_information": {"name": "Gardener"},
            "features": {"app_home": {"home_tab_enabled": True}},
            "oauth_config": {"scopes": {"bot": ["users:read"]}},
            "settings": {"event_subscriptions": {"bot_events": ["message.channels"]}},
        }
    )
    garden = place.server.people.create_workspace("Garden")
    client = web_client(place.server, garden.bot_token)
    assert (await client.auth_test())["user"] == "gardener"
    await refused(client.team_info(), "missing_scope")
    assert (place.server.app.home_tab, place.server.app.messages_tab) == (True, False)


async def test_a_missing_scope_is_named(place: Place) -> None:
    few = place.server.people.install(place.workspace, ["channels:read"])
    client = web_client(place.server, few.value)
    answer = await refused(client.chat_postMessage(channel=place.channel.id, text="hi"), "missing_scope")
    assert (answer["needed"], answer["provided"]) == ("chat:write", "channels:read")
    answer = await refused(client.conversations_history(channel=place.channel.id), "missing_scope")
    assert answer["needed"] == "channels:history"


async def test_a_post_is_seen_read_changed_and_deleted(place: Place) -> None:
    channel = place.channel.id
    metadata = {"event_type": "moved", "event_payload": {"id": "1"}}
    said = await place.client.chat_postMessage(channel=channel, text="hello", metadata=metadata)
    shown = place.server.people.seen(place.channel, place.ada)[-1]
    assert place.server.people.read(shown) == "hello"
    history = await place.client.conversations_history(channel=channel, include_all_metadata=True)
    assert history["messages"][0]["metadata"] == metadata
    history = await place.client.conversations_history(channel=channel)
    assert history["messages"][0]["metadata"] == {"event_type": "moved"}
    await place.client.chat_update(channel=channel, ts=said["ts"], text="goodbye")
    assert place.server.people.seen(place.channel, place.ada)[-1].text == "goodbye"
    await place.client.chat_delete(channel=channel, ts=said["ts"])
    await refused(place.client.chat_delete(channel=channel, ts=said["ts"]), "message_not_found")
    assert place.server.people.seen(place.channel, place.ada) == []
    assert [each.what for each in place.server.world.journal][-3:] == [
        "message created",
        "message edited",
        "message deleted",
    ]


async def test_a_text_alone_takes_the_blocks_away(place: Place) -> None:
    """docs.slack.dev/reference/methods/chat.update."""
    said = await place.client.chat_postMessage(
        channel=place.channel.id, text="a card", blocks=[section("A card")]
    )
    message = place.channel.messages[said["ts"]]
    await place.client.chat_update(channel=place.channel.id, ts=said["ts"], text="b", blocks=[section("B")])
    assert (message.blocks[0]["text"]["text"], message.edited) == ("B", None)
    await place.client.chat_update(channel=place.channel.id, ts=said["ts"], text="c")
    assert message.blocks == []
    assert message.edited is not None


async def test_where_the_app_may_not_post(place: Place) -> None:
    people, client = place.server.people, place.client
    hidden = people.create_channel(place.workspace, "hidden", place.ada, private=True, with_bot=False)
    await refused(client.chat_postMessage(channel=hidden.id, text="hi"), "channel_not_found")
    await refused(client.chat_postMessage(channel="C0NOWHERE", text="hi"), "channel_not_found")
    few = web_client(place.server, people.install(place.workspace, ["chat:write", "channels:join"]).value)
    away = people.create_channel(place.workspace, "away", place.ada, with_bot=False)
    await refused(few.chat_postMessage(channel=away.id, text="hi"), "not_in_channel")
    await few.conversations_join(channel=away.id)
    await few.chat_postMessage(channel=away.id, text="hi")
    people.archive(away, by=place.ada)
    await refused(few.chat_postMessage(channel=away.id, text="hi"), "is_archived")
    place.channel.posting_restricted = True
    await refused(client.chat_postMessage(channel=place.channel.id, text="hi"), "restricted_action")


@pytest.mark.parametrize(
    "blocks,pointer",
    [
        ([section("x" * 3001)], "/blocks/0/text/text"),
        ([{"type": "divider"}] * 51, "/blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "/blocks/0/text/text"),
        ([{"type": "actions", "elements": []}], "/blocks/0/elements"),
        ([{"type": "made_up"}], "/blocks/0/type"),
        ([section("x", block_id="same"), section("y", block_id="same")], "/blocks"),
    ],
)
async def test_blocks_over_their_limits_are_refused_with_a_pointer(
    place: Place, blocks: list[Json], pointer: str
) -> None:
    post = place.client.chat_postMessage(channel=place.channel.id, text="x", blocks=blocks)
    answer = await refused(post, "invalid_blocks")
    assert f"[json-pointer:{pointer}]" in answer["response_metadata"]["messages"][0]


async def test_too_long_messages_are_refused(place: Place) -> None:
    client, channel = place.client, place.channel.id
    await refused(client.chat_postMessage(channel=channel, text="x" * 40_001), "msg_too_long")
    blocks = [section("x" * 3000) for _ in range(5)]
    await refused(client.chat_postMessage(channel=channel, text="x", blocks=blocks), "msg_blocks_too_long")
    said = await client.chat_postMessage(channel=channel, text="x")
    await refused(client.chat_update(channel=channel, ts=said["ts"], text="x" * 4001), "msg_too_long")
    await refused(client.api_call("chat.postMessage", json={"channel": channel, "text": ""}), "no_text")


async def test_a_bot_deletes_its_own_and_an_admin_those_of_the_others(place: Place) -> None:
    people, channel = place.server.people, place.channel
    boss = people.join(place.workspace, "boss", channel, admin=True)
    said = [people.post(place.ada, channel, str(number)) for number in range(2)]
    await refused(place.client.chat_delete(channel=channel.id, ts=said[0].ts), "cant_delete_message")
    member = web_client(place.server, people.user_token(place.bob))
    await refused(member.chat_delete(channel=channel.id, ts=said[0].ts), "cant_delete_message")
    admin = web_client(place.server, people.user_token(boss))
    await admin.chat_delete(channel=channel.id, ts=said[0].ts)
    assert not people.sees(place.ada, said[0])
    await refused(
        place.client.chat_update(channel=channel.id, ts=said[1].ts, text="x"), "cant_update_message"
    )


async def test_customised_posts_show_another_name_and_may_stay_for_ever(place: Place) -> None:
    said = await place.client.chat_postMessage(
        channel=place.channel.id, text="moved", username="Ada", icon_url="https://example.org/ada.png"
    )
    shown = place.server.people.seen(place.channel, place.bob)[-1]
    assert (shown.name, shown.is_customised) == ("Ada", True)
    assert said["message"]["subtype"] == "bot_message"
    place.server.world.customised_posts_stay = True
    await refused(place.client.chat_delete(channel=place.channel.id, ts=said["ts"]), "cant_delete_message")
    place.server.world.customised_posts_stay = False
    await place.client.chat_delete(channel=place.channel.id, ts=said["ts"])
    few = web_client(place.server, place.server.people.install(place.workspace, ["chat:write"]).value)
    post = few.chat_postMessage(channel=place.channel.id, text="x", username="Ada")
    assert (await refused(post, "missing_scope"))["needed"] == "chat:write.customize"


async def test_a_thread_outlives_its_parent(place: Place) -> None:
    people, channel = place.server.people, place.channel
    parent = people.post(place.ada, channel, "Who is in?")
    people.reply(place.bob, parent, "I am.")
    shout = people.reply(place.ada, parent, "We are full.", broadcast=True)
    assert [each.text for each in people.seen(channel, place.bob)] == ["Who is in?", "We are full."]
    found = await place.client.conversations_replies(channel=channel.id, ts=shout.ts)
    assert [each["text"] for each in found["messages"]] == ["Who is in?", "I am.", "We are full."]
    assert found["messages"][0]["reply_count"] == 2
    people.delete(parent)
    found = await place.client.conversations_replies(channel=channel.id, ts=parent.ts)
    assert [each.get("subtype") for each in found["messages"]] == ["tombstone", None, "thread_broadcast"]
    await refused(place.client.conversations_replies(channel=channel.id, ts="1.000001"), "thread_not_found")


async def test_history_is_read_by_pages_and_between_times(place: Place) -> None:
    said = [place.server.people.post(place.ada, place.channel, str(number)) for number in range(25)]
    found: list[str] = []
    async for page in await place.client.conversations_history(channel=place.channel.id, limit=10):
        found += [each["text"] for each in page["messages"]]
        place.server.people.post(place.ada, place.channel, "meanwhile")
    assert found == [str(number) for number in reversed(range(25))]
    between = await place.client.conversations_history(
        channel=place.channel.id, oldest=said[3].ts, latest=said[6].ts
    )
    assert [each["text"] for each in between["messages"]] == ["5", "4"]
    both = await place.client.conversations_history(
        channel=place.channel.id, oldest=said[3].ts, latest=said[6].ts, inclusive=True
    )
    assert len(both["messages"]) == 4
    await refused(place.client.conversations_history(channel=place.channel.id, cursor="!"), "invalid_cursor")


async def test_timestamps_are_unique_and_rise(place: Place) -> None:
    past = place.server.world.now() - timedelta(days=2)
    old = [place.server.people.post(place.ada, place.channel, "old", at=past) for _ in range(3)]
    new = [place.server.people.post(place.ada, place.channel, "new") for _ in range(200)]
    stamps = [each.ts for each in [*old, *new]]
    assert stamps == sorted(set(stamps))


async def test_channels_are_listed_told_and_joined(place: Place) -> None:
    people, client = place.server.people, place.client
    people.create_channel(place.workspace, "hidden", place.ada, private=True, with_bot=False)
    club = people.create_channel(place.workspace, "club", place.ada, private=True)
    away = people.create_channel(place.workspace, "away", place.ada, with_bot=False)
    listed = await client.conversations_list(types="public_channel,private_channel")
    assert [each["name"] for each in listed["channels"]] == ["general", "club", "away"]
    assert [each["is_member"] for each in listed["channels"]] == [True, True, False]
    await refused(client.conversations_history(channel=away.id), "not_in_channel")
    await client.conversations_join(channel=away.id)
    members = await client.conversations_members(channel=away.id)
    bot = place.workspace.bot
    assert bot is not None
    assert members["members"] == [place.ada.id, bot.id]
    await refused(client.conversations_join(channel=club.id), "method_not_supported_for_channel_type")
    about = await client.conversations_info(channel=club.id, include_num_members=True)
    assert (about["channel"]["is_private"], about["channel"]["num_members"]) == (True, 2)


async def test_an_ephemeral_message_is_for_one_who_is_there(place: Place) -> None:
    people, channel = place.server.people, place.channel
    await place.client.chat_postEphemeral(channel=channel.id, user=place.ada.id, text="psst")
    assert [each.text for each in people.seen(channel, place.ada)] == ["psst"]
    assert people.seen(channel, place.bob) == []
    people.reload(place.ada)
    assert people.seen(channel, place.ada) == []
    people.set_presence(place.bob, active=False)
    assert (await place.client.users_getPresence(user=place.bob.id))["presence"] == "away"
    answer = await place.client.chat_postEphemeral(channel=channel.id, user=place.bob.id, text="psst")
    assert answer["message_ts"]
    assert people.ephemerals(place.bob) == []
    eve = people.join(place.workspace, "eve")
    nudge = place.client.chat_postEphemeral(channel=channel.id, user=eve.id, text="psst")
    await refused(nudge, "user_not_in_channel")
    history = await place.client.conversations_history(channel=channel.id)
    assert history["messages"] == []


async def test_an_ephemeral_message_in_a_thread_shows_once_the_thread_lives(place: Place) -> None:
    people = place.server.people
    said = people.post(place.ada, place.channel, "Buy my book")
    nudge = partial(
        place.client.chat_postEphemeral,
        channel=place.channel.id,
        user=place.ada.id,
        text="psst",
        thread_ts=said.ts,
    )
    await nudge()
    assert people.ephemerals(place.ada) == []
    people.reply(place.bob, said, "Which book?")
    await nudge()
    assert [each.text for each in people.thread(said, place.ada)] == ["Buy my book", "Which book?", "psst"]


async def test_direct_messages_go_to_whoever_takes_them(place: Place) -> None:
    people, client = place.server.people, place.client
    opened = await client.conversations_open(users=place.ada.id)
    await client.chat_postMessage(channel=opened["channel"]["id"], text="one")
    await client.chat_postMessage(channel=place.ada.id, text="two")
    assert [each.text for each in people.direct_messages(place.ada)] == ["one", "two"]
    people.deactivate(place.bob)
    await refused(client.conversations_open(users=place.bob.id), "user_disabled")
    place.server.app.messages_tab = False
    await refused(client.chat_postMessage(channel=place.ada.id, text="three"), "messages_tab_disabled")


async def test_pins_reactions_and_permalinks(place: Place) -> None:
    people, client, channel = place.server.people, place.client, place.channel.id
    said = people.post(place.ada, place.channel, "rules")
    await client.pins_add(channel=channel, timestamp=said.ts)
    await refused(client.pins_add(channel=channel, timestamp=said.ts), "already_pinned")
    pinned = await client.pins_list(channel=channel)
    assert [each["message"]["ts"] for each in pinned["items"]] == [said.ts]
    people.react(place.bob, said, "tada")
    found = await client.reactions_get(channel=channel, timestamp=said.ts)
    assert found["message"]["reactions"] == [{"name": "tada", "users": [place.bob.id], "count": 1}]
    link = await client.chat_getPermalink(channel=channel, message_ts=said.ts)
    assert link["permalink"] == f"https://cosy.slack.com/archives/{channel}/p{said.ts.replace('.', '')}"


async def test_files_are_taken_in_and_given_out(place: Place) -> None:
    people, client = place.server.people, place.client
    said = people.post(place.ada, place.channel, "look", files={"cat.png": b"miaow"})
    history = await client.conversations_history(channel=place.channel.id)
    address = history["messages"][0]["files"][0]["url_private_download"]
    async with aiohttp.ClientSession() as session:
        bearer = {"Authorization": f"Bearer {place.workspace.bot_token}"}
        async with session.get(address, headers=bearer) as answer:
            assert await answer.read() == b"miaow"
        async with session.get(address) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
    await client.files_upload_v2(
        channel=place.channel.id, content=b"miaow", filename="cat.png", initial_comment="moved"
    )
    shown = people.seen(place.channel, place.bob)[-1]
    assert (shown.text, [each.content for each in shown.files]) == ("moved", [b"miaow"])
    assert shown.files[0] is not said.files[0]


async def test_people_and_usergroups(place: Place) -> None:
    people, client = place.server.people, place.client
    group = people.create_usergroup(place.workspace, "mods", [place.ada])
    found = await client.usergroups_users_list(usergroup=group.id)
    assert found["users"] == [place.ada.id]
    await refused(client.usergroups_users_list(usergroup="S0NONE"), "no_such_subteam")
    names = [each["name"] async for page in await client.users_list(limit=1) for each in page["members"]]
    assert names == ["steward", "ada", "bob"]
    await refused(client.users_info(user="U0NONE"), "user_not_found")


async def test_a_shared_channel_has_guests_whose_posts_no_admin_deletes(place: Place) -> None:
    people = place.server.people
    partner = people.create_workspace("Partner", installed=False)
    shared = people.create_channel(place.workspace, "joint", place.ada, shared_with=[partner])
    eve = people.join(partner, "eve", shared)
    about = (await place.client.users_info(user=eve.id))["user"]
    assert (about["is_stranger"], about["team_id"], "is_admin" in about) == (True, partner.id, False)
    boss = people.join(place.workspace, "boss", shared, owner=True)
    said = people.post(eve, shared, "hello from next door", files={"plan.txt": b"secret"})
    admin = web_client(place.server, people.user_token(boss))
    await refused(admin.chat_delete(channel=shared.id, ts=said.ts), "cant_delete_message")
    await refused(place.client.chat_postMessage(channel=eve.id, text="hi"), "user_not_visible")


async def test_limits_follow_the_documents_when_a_test_wants_them(place: Place) -> None:
    client, channel = place.client, place.channel.id
    place.server.rate_limits.strict = True
    await client.chat_postMessage(channel=channel, text="one")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="two")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    place.server.world.advance(timedelta(seconds=1))
    await client.chat_postMessage(channel=channel, text="two")
    place.server.app.history_is_limited = True
    for number in range(20):
        place.server.people.post(place.ada, place.channel, str(number))
    assert len((await client.conversations_history(channel=channel, limit=100))["messages"]) == 15
    await refused(client.conversations_history(channel=channel), "ratelimited")


async def test_troubles_come_as_ordered(place: Place) -> None:
    client, channel, troubles = place.client, place.channel.id, place.server.troubles
    troubles.fail_next("chat.*", "fatal_error", after=True)
    await refused(client.chat_postMessage(channel=channel, text="done"), "fatal_error")
    troubles.limit_next("chat.postMessage", 30)
    await refused(client.chat_postMessage(channel=channel, text="not done"), "ratelimited")
    troubles.drop_next("chat.postMessage", times=2)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=channel, text="not done")
    troubles.clear()
    troubles.fail_next("chat.postMessage", status=503)
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=channel, text="not done")
    held = troubles.hold_next("chat.postMessage", after=True)
    running = asyncio.create_task(client.chat_postMessage(channel=channel, text="held"))
    await held.reached()
    shown = [each.text for each in place.server.people.seen(place.channel, place.ada)]
    assert (shown, running.done()) == (["done", "held"], False)
    held.release()
    await running


async def test_requests_are_kept_with_arguments_that_slack_does_not_name(place: Place) -> None:
    await place.client.chat_postMessage(channel=place.channel.id, text="hi", colour="red")
    kept = place.server.requests.to("chat.postMessage")[-1]
    assert (kept.arguments["text"], kept.token, kept.ok) == ("hi", "bot", True)
    assert kept.unknown_arguments == ["colour"]


async def test_a_person_cannot_do_what_their_client_would_not_offer(place: Place) -> None:
    people = place.server.people
    eve = people.join(place.workspace, "eve")
    with pytest.raises(NotPossible):
        people.post(eve, place.channel, "hi")
    club = people.create_channel(place.workspace, "club", place.ada, private=True)
    said = people.post(place.ada, club, "secret")
    assert not people.sees(place.bob, said)
    with pytest.raises(NotPossible):
        people.delete(said, by=place.bob)


async def test_what_is_typed_is_kept_as_slack_keeps_it(place: Place) -> None:
    said = place.server.people.post(
        place.ada, place.channel, f"<@{place.bob.id}> 1 < 2 & https://example.org/?a=1&b=2"
    )
    assert said.text == f"<@{place.bob.id}> 1 &lt; 2 &amp; <https://example.org/?a=1&amp;b=2>"


async def test_another_process_can_use_it(place: Place) -> None:
    program = (
        "import sys; from slack_sdk import WebClient\n"
        "print(WebClient(sys.argv[2], base_url=sys.argv[1]).auth_test()['team'])"
    )
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        place.server.api_url,
        place.workspace.bot_token,
        stdout=asyncio.subprocess.PIPE,
    )
    assert (await running.communicate())[0].decode().strip() == "Cosy"
