"""Before the first session, between two and beside another process: nothing is lost, overtaken, taken for gone or erased in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.discord.client import Client
from moderation.actions import TakeBack
from moderation.delivery import deliver
from moderation.errors import Gone, StoreError, Unavailable
from moderation.messages import Message, Platform
from moderation.policy import Policy
from moderation.ports import Community, DeliveryState
from moderation.report_actions import ReportPermission
from tests.bot.discord.test_connection import stored, texts
from tests.bot.discord.town import Town, a_town, a_town_charter, connected, heard_by, told_by
from tests.fakes.memory_store import MemoryStore, MemoryWork

READ = "GET /channels/{channel_id}/messages"
REPORT = ReportPermission("1", "Manage Messages", "workshop", "Discord says no.")


@pytest.fixture(autouse=True)
def without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Client.before_identify_hook

    async def hook(self: Client, shard_id: int | None, *, initial: bool = False) -> None:
        del initial
        await before(self, shard_id, initial=True)

    monkeypatch.setattr(Client, "before_identify_hook", hook)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


async def events_are_here(town: Town) -> None:
    """Until the client has every event; it may still wait with some."""
    await town.server.until(lambda: heard_by(town.client) >= told_by(town.server))
    await asyncio.sleep(0.05)


async def new_session(town: Town) -> None:
    town.client.caught_up.clear()
    town.server.gateway.invalidate()
    await asyncio.wait_for(town.client.caught_up.wait(), 5)
    await town.heard()


async def ends(town: Town) -> list[DeliveryState]:
    async with town.store.work() as work:
        return [each.state for each in await work.outbox.all(town.community)]


async def put(town: Town, channel: str, action: TakeBack | ReportPermission) -> None:
    async with town.store.work() as work:
        await work.outbox.add(town.community, town.channels[channel].id, action, town.server.world.now())
        await work.commit()


# --- servers that we were not told of yet -----------------------------------------------------------------------


async def test_before_the_first_session_nothing_is_gone(town: Town) -> None:
    await put(town, "workshop", TakeBack("lone:1", town.post("ann", "workshop", "a cat").id))
    early = Client(town.store, town.server.world.now)
    await deliver(town.store, early.platform, town.server.world.now)
    assert await ends(town) == [DeliveryState.WAITING]


async def test_a_server_that_we_are_not_in_is_gone(town: Town) -> None:
    with pytest.raises(Gone):
        town.client.platform.places.guild(Community(Platform.DISCORD, "77"))


@pytest.mark.parametrize("begins_anew", [False, True], ids=["one session", "a new session meanwhile"])
async def test_what_is_due_during_an_outage_is_done_afterwards(town: Town, begins_anew: bool) -> None:
    await put(town, "workshop", REPORT)
    town.server.people.go_down(town.guild)
    await town.heard()
    if begins_anew:
        await new_session(town)
    with pytest.raises(Unavailable):
        await town.client.platform.same_readers(town.community, "workshop", "business")
    await town.settle()
    assert await ends(town) == [DeliveryState.WAITING]
    town.server.people.come_back(town.guild)
    await town.settle(minutes=1)
    assert await ends(town) == [DeliveryState.DONE]
    assert len(town.ours("moderators")) == 1


async def test_a_channel_that_we_were_not_told_of_is_asked_for(town: Town) -> None:
    guild = town.client.platform.places.guild(town.community)
    channel = town.channels["moderators"].id
    guild._channels.pop(int(channel))
    assert (await town.client.platform.places.room(town.community, channel)).name == "moderators"
    await put(town, "workshop", REPORT)
    await town.settle()
    assert len(town.ours("moderators")) == 1


# --- order ------------------------------------------------------------------------------------------------------


class Dawdling(MemoryStore):
    """Every other work begins late: a pool whose connections are busy."""

    def __init__(self) -> None:
        super().__init__()
        self.works = 0

    @asynccontextmanager
    async def work(self) -> AsyncIterator[MemoryWork]:
        self.works += 1
        await asyncio.sleep(0.03 if self.works % 2 else 0)
        async with super().work() as work:
            yield work


@pytest.mark.parametrize("shift", [0, 1])
async def test_no_deletion_overtakes_its_message(shift: int) -> None:
    async with a_town(Dawdling()) as town:
        await town.heard()
        if shift:
            async with town.store.work():
                pass
        posts = [town.post("ann", "workshop", f"number {number}") for number in range(6)]
        for post in posts:
            town.server.people.delete(post)
        await town.heard()
        assert await stored(town, posts) == [None] * 6


async def test_a_thread_that_we_were_not_told_of_is_asked_for_once_and_keeps_its_order(town: Town) -> None:
    people = town.server.people
    thread = people.start_thread(town.people["ann"], town.channels["workshop"], "oak")
    await town.heard()
    guild = town.client.platform.places.guild(town.community)
    guild._threads.pop(int(thread.id))
    hold = town.server.troubles.hold_next("GET /channels/{channel_id}")
    post = people.post(town.people["ben"], thread, "said in anger")
    await hold.reached()
    people.delete(post)
    other = people.post(town.people["ben"], thread, "I have a plank")
    await events_are_here(town)
    hold.release()
    await town.heard()
    workshop = town.channels["workshop"].id
    assert [each and each.text for each in await stored(town, [post, other], workshop)] == [
        None,
        "I have a plank",
    ]
    assert len(town.server.requests.to("GET", "/channels/{channel_id}")) == 1


# --- what was missed --------------------------------------------------------------------------------------------


async def test_a_kill_while_the_gap_is_read_loses_nothing(town: Town) -> None:
    posts = [town.post("ann", "workshop", "before")]
    await town.settle()
    town.client.caught_up.clear()
    hold = town.server.troubles.hold_next(f"GET /channels/{town.channels['workshop'].id}/messages")
    town.server.gateway.invalidate()
    posts.append(town.post("ben", "workshop", "missed"))
    await town.server.until(lambda: town.server.gateway.sessions)
    posts.append(town.post("cara", "workshop", "told at once"))
    await hold.reached()
    await events_are_here(town)
    kept = MemoryStore()  # the database as the kill leaves it
    assert isinstance(town.store, MemoryStore)
    kept.memory.state = town.store.memory.state.copy()
    hold.release()
    await town.heard()
    await town.client.close()
    async with connected(town.server, kept) as (client, pipeline, store):
        town.client, town.pipeline, town.store = client, pipeline, store
        await town.heard()
        assert await texts(town, posts) == ["before", "missed", "told at once"]


async def test_what_could_not_be_stored_is_read_again_in_the_next_session(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = [town.post("ann", "workshop", "before")]
    await town.settle()
    receive = town.client.line.receive

    async def broken(message: Message) -> None:
        if message.text == "missed":
            raise StoreError("no space left")
        await receive(message)

    monkeypatch.setattr(town.client.line, "receive", broken)
    town.client.caught_up.clear()
    town.server.gateway.invalidate()
    posts.append(town.post("ben", "workshop", "missed"))
    await asyncio.wait_for(town.client.caught_up.wait(), 5)
    posts.append(town.post("cara", "workshop", "told at once"))
    await town.heard()
    assert await texts(town, posts) == ["before", None, "told at once"]
    monkeypatch.setattr(town.client.line, "receive", receive)
    await new_session(town)
    assert await texts(town, posts) == ["before", "missed", "told at once"]


async def test_a_channel_with_nothing_new_is_not_read(town: Town) -> None:
    town.post("ann", "workshop", "before")
    await town.heard()
    before = len(town.server.requests.to(*READ.split()))
    await new_session(town)
    assert len(town.server.requests.to(*READ.split())) == before


async def test_few_servers_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_town() as town:
        gaps, at_once = town.client.gaps, [0, 0]

        async def reading(*_: object) -> None:
            at_once[0] += 1
            at_once[1] = max(at_once)
            await asyncio.sleep(0.01)
            at_once[0] -= 1

        monkeypatch.setattr(gaps, "_fill", reading)
        many = (Community(Platform.DISCORD, str(number)) for number in range(20))
        await asyncio.gather(*(gaps.fill(each, town.client.line.receive) for each in many))
        assert at_once == [0, 3]


# --- being sent away --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("restarts", [False, True], ids=["same process", "another process"])
async def test_whoever_sends_it_away_while_nobody_listens_is_forgotten(town: Town, restarts: bool) -> None:
    stays = town.server.people.create_guild("Another")
    other = Community(Platform.DISCORD, stays.id)
    rules = a_town_charter(town.channels), Policy()
    await town.pipeline.publish(other, *rules, town.server.world.now())
    town.post("ann", "workshop", "before")
    await town.settle()
    if restarts:
        await town.client.close()
        town.server.people.throw_bot_out(town.guild)
        async with connected(town.server, town.store) as (client, _, _):
            town.client = client
            await town.heard()
    else:
        town.client.caught_up.clear()
        town.server.gateway.invalidate()
        town.server.people.throw_bot_out(town.guild)
        await asyncio.wait_for(town.client.caught_up.wait(), 5)
        await town.heard()
    async with town.store.work() as work:
        assert await work.communities.all() == [other]


async def test_whether_the_only_server_sent_it_away_or_the_token_is_another_s_nobody_knows(
    town: Town,
) -> None:
    await town.client.close()
    town.server.people.throw_bot_out(town.guild)
    async with connected(town.server, town.store) as (client, _, _):
        town.client = client
        await town.heard()
    async with town.store.work() as work:
        assert await work.communities.all() == [town.community]


async def test_another_bot_at_the_same_database_erases_nobody(town: Town) -> None:
    other = Community(Platform.DISCORD, "77")
    rules = a_town_charter(town.channels), Policy()
    await town.pipeline.publish(other, *rules, town.server.world.now())
    await town.client.close()
    town.server.people.throw_bot_out(town.guild)
    async with connected(town.server, town.store) as (client, _, _):
        town.client = client
        await town.heard()
    async with town.store.work() as work:
        assert set(await work.communities.all()) == {other, town.community}


async def test_a_server_that_is_only_down_is_not_erased(town: Town) -> None:
    town.server.people.go_down(town.guild)
    await new_session(town)
    async with town.store.work() as work:
        assert await work.communities.all() == [town.community]


# --- beside another process -------------------------------------------------------------------------------------


async def test_what_another_process_posted_is_known(town: Town) -> None:
    async with connected(town.server, town.store) as (other, _, _):
        channel = town.channels["moderators"].id
        assert await other.platform.find(town.community, channel, REPORT.marker) is None
        shown = await town.client.platform.show_card(town.community, REPORT, buttons=(), marker=REPORT.marker)
        await town.server.until(lambda: heard_by(other) >= told_by(town.server))
        await town.heard()
        assert await other.platform.find(town.community, channel, REPORT.marker) == shown


# --- edits that are none ----------------------------------------------------------------------------------------


async def test_an_old_post_that_is_pinned_is_not_taken_for_a_new_one() -> None:
    async with a_town(set_up=False) as town:
        post = town.post("ann", "workshop", "hello everyone!")
        edited = town.post("ann", "workshop", "good mornin")
        await town.heard()
        rules = a_town_charter(town.channels), Policy()
        await town.pipeline.publish(town.community, *rules, town.server.world.now())
        town.server.people.pin(town.people["mona"], post)
        await town.heard()
        town.server.world.advance(timedelta(days=8))
        town.server.people.edit(edited, "good morning")
        await town.heard()
        assert await stored(town, [post, edited]) == [None, None]
