"""Forums, private threads, lost webhooks, refusals: what is posted where, once, and what is said where it cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import aiohttp
import discord
import pytest
from discord.utils import time_snowflake

from bot.discord.failures import CONSENT, TURNED_AWAY, Unanswered, plain_failures
from bot.discord.markers import REMEMBERED, Markers, Place
from moderation.actions import NudgeAuthor, OfferNote
from moderation.charter import ChannelCharter
from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, Unavailable
from moderation.messages import Message
from moderation.policy import Mode, Policy
from moderation.ports import Button, DeliveryState, Press, Show
from moderation.report_actions import ReportPermission
from tests.bot.discord.test_connection import stored
from tests.bot.discord.town import PITCH, TALK, Town, a_town, a_town_charter, custom_ids
from tests.fakes.discord.entities import Channel, Kind

SEND = "POST /channels/{channel_id}/messages"
COPY = "POST /webhooks/{webhook_id}/{webhook_token}"
READ = "GET /channels/{channel_id}/messages"
READ_HISTORY = 1 << 16
REPORT = ReportPermission("1", "Manage Messages", "workshop", "Discord says no.")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


async def a_forum(town: Town) -> Channel:
    """That is watched."""
    forum = town.server.people.create_forum(town.guild, "projects")
    charter = a_town_charter(town.channels)
    watched = replace(
        charter, channels=(*charter.channels, ChannelCharter("projects", "what we made", id=forum.id))
    )
    rules = Policy(mode=Mode.OFFER, moderators_channel=town.channels["moderators"].id)
    await town.pipeline.publish(town.community, watched, rules, town.server.world.now())
    return forum


async def one(town: Town, post: object, channel: str = "") -> Message:
    (found,) = await stored(town, [post], channel)  # type: ignore[list-item]
    assert found is not None
    return found


# --- forums and private threads -----------------------------------------------------------------------------------


async def test_the_first_post_of_a_forum_comes_back_to_its_thread(town: Town) -> None:
    forum = await a_forum(town)
    thread = town.server.people.open_post(town.people["ann"], forum, "a chest", "which hinges?")
    await town.heard()
    first = thread.in_order()[0]
    message = await one(town, first, forum.id)
    town.server.people.delete(first)
    await town.client.platform.copy(message, forum.id, marker="restore:1")
    assert ["which hinges?" in post.content for post in thread.in_order()] == [True]


@pytest.mark.parametrize("which", ["nudge", "note"])
async def test_what_is_about_a_forum_s_first_post_is_said_in_its_thread(town: Town, which: str) -> None:
    forum = await a_forum(town)
    thread = town.server.people.open_post(town.people["ann"], forum, "a chest", "which hinges?")
    ann = town.people["ann"].id
    notice: NudgeAuthor | OfferNote = NudgeAuthor(ann, thread.id, town.channels["teabreak"].id)
    if which == "note":
        notice = OfferNote(f"returned:{forum.id}/{thread.id}", ann)
    await town.heard()
    await town.client.platform.say(town.community, forum.id, notice, buttons=(), marker=notice.marker)
    assert len(thread.in_order()) == 2


async def test_what_is_said_in_a_private_thread_is_not_read(town: Town) -> None:
    people = town.server.people
    thread = people.start_thread(town.people["ann"], town.channels["workshop"], "us two", private=True)
    people.add_to_thread(thread, people.bot(town.guild))
    post = people.post(town.people["ann"], thread, "between you and me")
    await town.heard()
    assert await stored(town, [post], town.channels["workshop"].id) == [None]
    readers = town.client.platform.same_readers
    assert not await readers(town.community, town.channels["teabreak"].id, thread.id)


async def test_a_category_of_the_same_name_is_no_channel(town: Town) -> None:
    town.server.people.create_channel(town.guild, "lounge", Kind.CATEGORY)
    lounge = town.server.people.create_channel(town.guild, "lounge")
    await town.heard()
    spot = await town.client.platform.places.spot(town.community, "#lounge")
    assert str(spot.room.id) == lounge.id
    assert spot.names.channel("lounge") == f"<#{lounge.id}>"


# --- webhooks -----------------------------------------------------------------------------------------------------


async def after_ann_moved_hers(town: Town) -> None:
    town.talk()
    await town.settle(minutes=3)
    await town.press("ann", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()


def copied(town: Town, channel: str) -> list[str]:
    texts = [text for _, text in TALK]
    posts = [post.content for post in town.ours(channel) if post.webhook_id]
    return [text for text in texts if any(text in post for post in posts)]


async def test_a_deleted_webhook_is_made_again(town: Town) -> None:
    await after_ann_moved_hers(town)
    town.server.world.webhooks.clear()  # and nobody tells
    await town.press("ben", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()
    assert copied(town, "teabreak") == [text for who, text in TALK if who != "cara"]


async def test_a_webhook_that_was_taken_to_another_channel_posts_nothing_there(town: Town) -> None:
    await after_ann_moved_hers(town)
    for webhook in town.server.world.webhooks.values():
        webhook.channel = town.channels["business"]
    await town.press("ben", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()
    assert copied(town, "teabreak") == [text for who, text in TALK if who != "cara"]
    assert not copied(town, "business")


async def test_it_hears_that_a_webhook_was_deleted(town: Town) -> None:
    await after_ann_moved_hers(town)
    (webhook,) = town.server.world.webhooks.values()
    found = next(iter(town.client.platform.copier._webhooks.values()))
    await found.delete()
    await town.heard()
    assert webhook.id not in town.server.world.webhooks
    assert not town.client.platform.copier._webhooks


# --- looking for our own posts ------------------------------------------------------------------------------------


async def test_where_history_may_not_be_read_nothing_is_asked(town: Town) -> None:
    bot, channel = town.server.people.bot(town.guild), town.channels["teabreak"]
    town.server.people.set_permissions(channel, bot, deny=READ_HISTORY)
    await town.heard()
    with pytest.raises(NotAllowed, match="Read Message History"):
        await town.client.platform.find(town.community, channel.id, "log:1")
    assert not town.server.requests.to(*READ.split())


@pytest.mark.parametrize("status, code", [(404, 10003), (403, 50001)])
async def test_a_thread_that_is_gone_hides_nothing_else(town: Town, status: int, code: int) -> None:
    channel = town.channels["workshop"]
    thread = town.server.people.start_thread(town.people["ann"], channel, "oak")
    await town.heard()
    town.server.troubles.fail_next(f"GET /channels/{thread.id}/messages", status, code)
    assert await town.client.platform.find(town.community, channel.id, "nudge:1") is None


async def test_old_posts_of_ours_are_forgotten() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    old = Place(time_snowflake(now), 5)

    async def nothing(channel: int) -> list[tuple[str, Place]]:
        del channel
        return []

    clock = [now]
    markers = Markers(nothing, lambda: clock[0])
    assert await markers.find(5, "a") is None
    markers.put(5, "a", old)
    assert await markers.find(5, "a") == await markers.place_of(5, old.message) == old
    clock[0] += REMEMBERED + timedelta(seconds=1)
    new = Place(time_snowflake(clock[0]), 5)
    markers.put(5, "b", new)
    assert await markers.find(5, "a") is await markers.place_of(5, old.message) is None
    markers.drop(5, [new.message])
    assert await markers.find(5, "b") is None


# --- once -----------------------------------------------------------------------------------------------------------


async def test_two_hands_make_one_copy(town: Town) -> None:
    post = town.post("ann", "workshop", "my cat ate the sandpaper")
    await town.heard()
    message, platform = await one(town, post), town.client.platform
    teabreak = town.channels["teabreak"].id
    both = await asyncio.gather(*(platform.copy(message, teabreak, marker="move:1:copy:1") for _ in "12"))
    assert both[0] == both[1]
    assert len(town.ours("teabreak")) == 1


async def test_two_hands_show_one_card(town: Town) -> None:
    platform = town.client.platform
    await platform.find(town.community, town.channels["moderators"].id, REPORT.marker)
    both = await asyncio.gather(
        *(platform.show_card(town.community, REPORT, buttons=(), marker=REPORT.marker) for _ in "12")
    )
    assert both[0] == both[1]
    assert len(town.server.requests.to(*SEND.split())) == 1


async def test_a_note_whose_arrival_nobody_knows_is_not_sent_again(town: Town) -> None:
    town.server.troubles.drop_next(SEND, after=True)
    notice = NudgeAuthor(town.people["ann"].id, "1", town.channels["teabreak"].id)
    with pytest.raises(PlatformError) as raised:
        await town.client.platform.tell(
            town.community,
            town.channels["workshop"].id,
            notice.member,
            notice,
            buttons=(),
            marker=notice.marker,
        )
    assert not isinstance(raised.value, Unavailable)
    assert len(town.server.people.direct_messages(town.people["ann"])) == 1


# --- refusals -------------------------------------------------------------------------------------------------------


async def test_a_card_waits_for_a_moderators_channel(town: Town) -> None:
    town.server.people.delete_channel(town.channels["moderators"])
    town.post("pete", "business", PITCH)
    await town.settle()
    async with town.store.work() as work:
        assert {each.state for each in await work.outbox.all(town.community)} == {DeliveryState.WAITING}
    town.channels["moderators"] = town.server.people.create_channel(town.guild, "moderators")
    rules = Policy(mode=Mode.OFFER, moderators_channel=town.channels["moderators"].id)
    charter = a_town_charter(town.channels)
    await town.pipeline.publish(town.community, charter, rules, town.server.world.now())
    await town.settle(hours=2)
    await town.settle()
    assert len(town.ours("moderators")) == 1


@pytest.mark.parametrize("route", [SEND, COPY], ids=["a post", "a copy"])
async def test_a_long_limit_is_not_slept_out(town: Town, route: str) -> None:
    message = await one(town, await posted(town))
    town.server.troubles.limit_next(route, 300)
    platform = town.client.platform
    asked = (
        platform.copy(message, town.channels["teabreak"].id, marker="move:1:copy:1")
        if route == COPY
        else platform.show_card(town.community, REPORT, buttons=(), marker=REPORT.marker)
    )
    with pytest.raises(Unavailable) as raised:
        await asyncio.wait_for(asked, 2)
    assert raised.value.retry_after == 300


async def posted(town: Town) -> object:
    post = town.post("ann", "workshop", "my cat ate the sandpaper")
    await town.heard()
    return post


async def test_a_ban_by_the_network_is_respected_for_long(town: Town) -> None:
    town.server.troubles.fail_next(SEND, 429)
    with pytest.raises(Unavailable) as raised:
        await town.client.platform.show_card(town.community, REPORT, buttons=(), marker=REPORT.marker)
    assert raised.value.retry_after >= TURNED_AWAY


@pytest.mark.parametrize(
    "status, code, kind, missing",
    [
        (404, 10008, Gone, ""),
        (404, 10003, Gone, ""),
        (404, 0, Unavailable, ""),
        (404, 10015, Unavailable, ""),
        (403, 50013, NotAllowed, "Send Messages"),
        (403, 50007, NotReachable, ""),
        (400, 50035, NotAllowed, CONSENT),
        (400, 30007, NotAllowed, "room for one more webhook (Discord allows 15 in a channel)"),
        (400, 160005, NotAllowed, "a thread that is not locked"),
        (502, 0, Unanswered, ""),
    ],
)
def test_each_refusal_says_what_can_be_done(
    status: int, code: int, kind: type[PlatformError], missing: str
) -> None:
    answer = cast("aiohttp.ClientResponse", SimpleNamespace(status=status, reason="no", headers={}))
    with pytest.raises(kind) as raised, plain_failures("Send Messages"):
        raise discord.HTTPException(answer, {"code": code, "message": "no"})
    assert getattr(raised.value, "permission", "") == missing


async def test_a_press_that_fails_is_answered(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.talk()
    await town.settle(minutes=3)

    async def pressed(press: Press, show: Show) -> None:
        raise LookupError(f"a bug: {press} {show}")

    monkeypatch.setattr(town.client.line, "pressed", pressed)
    (nudge,) = town.ours("workshop")
    ann = town.people["ann"]
    await town.server.people.press(ann, nudge, custom_ids(nudge)[0])
    await town.heard()
    assert town.server.people.ephemerals(ann)[-1].content.startswith("That did not work just now.")
