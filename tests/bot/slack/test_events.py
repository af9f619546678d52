"""What Slack tells: acknowledged when it is stored, taken once however often it comes, and looked for where it did not come."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from bot.slack.door import LARGEST
from moderation.errors import Gone, SettingsError
from moderation.messages import Kind
from moderation.ports import Button
from tests.bot.slack.workshop import PITCH, Workshop, a_workshop, connected, keys_of
from tests.fakes.memory_store import MemoryStore
from tests.fakes.mortal_store import CrashPlan, MortalStore
from tests.fakes.slack.deliveries import Deliveries
from tests.fakes.slack.server import SlackServer


class Broken(OSError):
    """The disk is full."""


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with a_workshop() as workshop:
        yield workshop


# --- acknowledged when it is stored ------------------------------------------------------------------------------


async def test_what_could_not_be_stored_is_not_acknowledged_and_comes_again() -> None:
    plan = CrashPlan(error=Broken)
    async with a_workshop(MortalStore(MemoryStore(), plan)) as workshop:
        workshop.server.deliveries.patience = 0.2
        plan.from_now()
        workshop.post("ann", "workshop", "which glue for oak?")
        await workshop.heard()
        (told,) = workshop.server.deliveries.events("message")
        assert [attempt.failure for attempt in told.attempts] == ["timeout", ""]
        assert [message.text for message in await workshop.stored()] == ["which glue for oak?"]


async def test_an_event_is_acknowledged_only_after_its_commit() -> None:
    store = MemoryStore()
    async with a_workshop(store) as workshop:
        workshop.post("ann", "workshop", "which glue for oak?")
        (told,) = workshop.server.deliveries.events("message")
        while not told.acknowledged:
            stored = await workshop.stored()
            await asyncio.sleep(0)
            assert stored or not told.acknowledged
        assert await workshop.stored()


async def test_what_comes_twice_is_taken_once(workshop: Workshop) -> None:
    for number in range(10):
        workshop.post("ann", "workshop", f"which glue for board {number}?")
    await workshop.heard()
    deliveries: Deliveries = workshop.server.deliveries
    await asyncio.gather(*(deliveries.repeat(each, 10) for each in deliveries.events("message")))
    await workshop.settle()
    await asyncio.gather(*(deliveries.repeat(each, 10) for each in deliveries.events("message")))
    await workshop.settle()
    async with workshop.store.work() as work:
        assert await work.decisions.count(workshop.community) == 10


async def test_a_burst_is_acknowledged_in_time(workshop: Workshop) -> None:
    for number in range(200):
        workshop.post(("ann", "ben", "cara")[number % 3], "workshop", f"board {number}")
    await workshop.heard()
    assert all((each.seconds or 9) < 3 for each in workshop.server.deliveries.events("message"))
    assert [message.text for message in await workshop.stored()] == [f"board {n}" for n in range(200)]


# --- what is told ------------------------------------------------------------------------------------------------


async def test_an_edit_is_a_higher_revision_and_a_preview_is_none(workshop: Workshop) -> None:
    post = workshop.post("ann", "workshop", "https://glue.example is fine")
    await workshop.heard()
    workshop.server.people.preview_arrives(post, {"title": "Glue", "from_url": "https://glue.example"})
    await workshop.heard()
    (before,) = await workshop.stored()
    assert before.revision == 0
    workshop.server.world.advance(timedelta(seconds=2))
    workshop.server.people.edit(post, "https://glue.example is best")
    await workshop.heard()
    (after,) = await workshop.stored()
    assert (after.text, after.revision > 0) == ("https://glue.example is best", True)


async def test_what_was_deleted_is_forgotten(workshop: Workshop) -> None:
    post = workshop.post("ann", "workshop", "never mind")
    workshop.server.people.delete(post)
    root = workshop.post("ben", "workshop", "a root")
    workshop.server.people.reply(workshop.people["ann"], root, "an answer")
    workshop.server.people.delete(root)
    await workshop.heard()
    assert [message.text for message in await workshop.stored()] == ["an answer"]


async def test_threads_broadcasts_files_names_and_apps(workshop: Workshop) -> None:
    people, ann, bot = workshop.server.people, workshop.people["ann"], workshop.people["nora"]
    root = workshop.post("ben", "workshop", f"ask <@{ann.id}> & co", files={"plan.png": b"a plan"})
    people.reply(ann, root, "here", broadcast=True)
    bot.bot_id, bot.app_id = "B0CLOCK", "A0CLOCK"
    people.post_as_app(bot, workshop.channels["workshop"], "it is noon", name="Clock")
    await workshop.heard()
    async with workshop.store.work() as work:
        latest = await work.messages.unjudged(10)
    first, second = latest[0], latest[1]
    assert (first.text, first.author.name) == ("ask @ann & co", "ben")
    assert first.mentions == (ann.id,)
    assert [file.name for file in first.attachments] == ["plan.png"]
    assert (second.thread, second.channel_name) == (root.ts, "workshop")
    assert [message.kind for message in latest] == [Kind.POST, Kind.POST]  # what an app posts is not judged


async def test_our_own_posts_start_no_loop(workshop: Workshop) -> None:
    workshop.talk()
    await workshop.settle(minutes=3)
    await workshop.settle(minutes=3)
    assert len(workshop.ours("workshop")) == 1
    assert workshop.server.deliveries.events("message")[-1].acknowledged


async def test_a_new_name_is_known_and_an_archived_channel_is_gone(workshop: Workshop) -> None:
    mona, tea = workshop.people["mona"], workshop.channels["teabreak"]
    workshop.server.people.rename(tea, "sofa", by=mona)
    await workshop.heard()
    names = [channel.name for channel in await workshop.client.platform.channels(workshop.community)]
    assert "sofa" in names
    workshop.server.people.archive(tea, by=mona)
    await workshop.heard()
    with pytest.raises(Gone):
        await workshop.client.platform.find(workshop.community, tea.id, "anything")


async def test_watched_public_channels_are_joined_and_others_named(workshop: Workshop) -> None:
    mona, bot = workshop.people["mona"], workshop.workspace.bot
    assert bot is not None
    workshop.server.people.leave(workshop.channels["business"], bot)
    await workshop.heard()
    assert await workshop.client.platform.join_watched(workshop.community) == []
    assert bot.id in workshop.channels["business"].members
    hidden = workshop.server.people.create_channel(
        workshop.workspace, "inner", mona, private=True, with_bot=False
    )
    async with workshop.store.work() as work:
        charter, policy = await work.communities.current(workshop.community) or (None, None)
    assert charter is not None
    assert policy is not None
    more = replace(charter.channels[0], name="inner", id=hidden.id)
    charter = replace(charter, channels=(*charter.channels, more))
    await workshop.pipeline.publish(workshop.community, charter, policy, workshop.server.world.now())
    assert await workshop.client.platform.join_watched(workshop.community) == [hidden.id]


# --- coming and going --------------------------------------------------------------------------------------------


async def test_what_was_posted_while_we_were_away_is_read() -> None:
    store = MemoryStore()
    async with a_workshop(store) as workshop:
        root = workshop.post("ann", "workshop", "before")
        await workshop.heard()
        workshop.server.deliveries.lose_next(3)
        workshop.post("ben", "workshop", "meanwhile")
        workshop.server.people.reply(workshop.people["cara"], root, "in the thread")
        workshop.post("ben", "business", "elsewhere")
        keys = keys_of(workshop.server, workshop.workspace)
        async with connected(workshop.server, keys, store):
            texts = {message.text for message in await workshop.stored()}
    assert texts == {"before", "meanwhile", "in the thread", "elsewhere"}


async def test_a_new_connection_looks_for_what_was_missed(workshop: Workshop) -> None:
    workshop.post("ann", "workshop", "before")
    await workshop.heard()
    workshop.server.deliveries.lose_next()
    workshop.post("ben", "workshop", "meanwhile")
    await workshop.server.socket_mode.ask_to_reconnect()
    async with asyncio.timeout(5):
        while len(await workshop.stored()) < 2:  # noqa: ASYNC110 - a store tells nobody
            await asyncio.sleep(0.01)
    workshop.post("cara", "workshop", "after")
    await workshop.heard()
    assert [message.text for message in await workshop.stored()] == ["before", "meanwhile", "after"]


async def test_a_gap_that_cannot_be_read_stays_known_and_is_filled_later(workshop: Workshop) -> None:
    workshop.post("ann", "workshop", "before")
    await workshop.heard()
    workshop.server.deliveries.lose_next()
    workshop.post("ben", "workshop", "meanwhile")
    gaps, receive = workshop.client.gaps, workshop.client.line.receive
    workshop.server.troubles.fail_next("conversations.history", "fatal_error", times=3)
    await gaps.note(workshop.community)
    await gaps.fill(workshop.community, receive)
    assert workshop.channels["workshop"].id in gaps.open(workshop.community)
    await gaps.fill(workshop.community, receive)
    assert not gaps.open(workshop.community)
    assert [message.text for message in await workshop.stored()] == ["before", "meanwhile"]


async def test_reading_waits_as_long_as_slack_asks(workshop: Workshop) -> None:
    workshop.post("ann", "workshop", "before")
    await workshop.heard()
    workshop.server.troubles.limit_next("conversations.history", 1)
    where = workshop.channels["workshop"].id
    found = [each async for each in workshop.client.platform.history(workshop.community, where, None)]
    assert [message.text for message in found] == ["before"]


async def test_who_sends_us_away_is_forgotten(workshop: Workshop) -> None:
    workshop.post("ann", "workshop", "remember me")
    await workshop.heard()
    workshop.server.people.uninstall(workshop.workspace)
    await workshop.heard()
    async with workshop.store.work() as work:
        assert await work.communities.current(workshop.community) is None
    assert not await workshop.stored()
    with pytest.raises(Gone):
        await workshop.client.platform.channels(workshop.community)


async def test_an_admin_s_token_that_is_revoked_ends_deleting_alone() -> None:
    async with a_workshop(admin=True) as workshop:
        assert workshop.client.platform.abilities(workshop.community).delete_others
        admin = workshop.client.workspaces.of(workshop.community).admin
        assert admin is not None
        workshop.server.people.revoke(admin.token or "")
        await workshop.heard()
        assert not workshop.client.platform.abilities(workshop.community).delete_others
        async with workshop.store.work() as work:
            assert await work.communities.current(workshop.community) is not None


@pytest.mark.parametrize("wrong", ["bot", "app", "admin"])
async def test_a_wrong_token_is_a_sentence(wrong: str) -> None:
    async with SlackServer() as server:
        workspace = server.people.create_workspace("Bench")
        keys = keys_of(server, workspace)
        keys = {
            "bot": replace(keys, bot_token="xoxb-wrong"),
            "app": replace(keys, app_token="xapp-wrong"),
            "admin": replace(keys, admin_token="xoxp-wrong"),
        }[wrong]
        with pytest.raises(SettingsError, match=f"STEWARD_SLACK_{wrong.upper()}_TOKEN"):
            async with connected(server, keys, MemoryStore()):
                pass


# --- over HTTP ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def over_http(port: int) -> AsyncIterator[Workshop]:
    """A workshop whose events come to our own address."""
    async with a_workshop(http=port) as workshop:
        assert await workshop.server.use_http(f"http://127.0.0.1:{port}/slack/events")
        yield workshop


async def test_events_and_presses_come_over_http(unused_tcp_port: int) -> None:
    async with over_http(unused_tcp_port) as workshop:
        workshop.talk()
        await workshop.settle(minutes=3)
        asked = await workshop.press("ann", workshop.ours("workshop")[0], Button.MOVE_MINE)
        assert "On the way" in asked.text
        await workshop.settle()
        assert len(workshop.copies("teabreak")) == 2


async def test_an_event_that_cannot_be_stored_is_refused_over_http(unused_tcp_port: int) -> None:
    plan = CrashPlan(error=Broken)
    async with a_workshop(MortalStore(MemoryStore(), plan), http=unused_tcp_port) as workshop:
        assert await workshop.server.use_http(f"http://127.0.0.1:{unused_tcp_port}/slack/events")
        plan.from_now()
        workshop.post("ann", "workshop", "which glue for oak?")
        await workshop.heard()
        (told,) = workshop.server.deliveries.events("message")
        assert [attempt.status for attempt in told.attempts] == [500, 200]


async def test_what_slack_did_not_sign_is_refused(unused_tcp_port: int) -> None:
    async with over_http(unused_tcp_port) as workshop:
        http = workshop.server.http_events
        workshop.post("pete", "business", PITCH)
        await workshop.heard()
        payload = workshop.server.deliveries.events("message")[-1].payload
        body = json.dumps(payload | {"event_id": "Ev0OTHER"}).encode()
        genuine = http.sign(body)
        assert (await http.post(http.sign(body, secret="wrong")))[0] == 401
        assert (await http.post(http.sign(body, timestamp=int(time.time()) - 600)))[0] == 401
        assert (await http.post(genuine))[0] == 200
        assert (await http.post(genuine))[0] == 401
        large = http.sign(b" " * (LARGEST + 1))
        async with aiohttp.ClientSession() as stranger:
            answer = await stranger.post(http.url, data=io.BytesIO(large.body), headers=large.headers)
            assert answer.status == 413
        assert len(await workshop.stored()) == 1
