"""What happens to the connection, and to single requests: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from time import monotonic

import pytest

from bot.discord.client import Client
from moderation.charter import ChannelCharter
from moderation.messages import Message, MessageKey, Platform
from moderation.policy import Policy
from moderation.ports import Button
from tests.bot.discord.town import PITCH, TALK, Town, a_town, a_town_charter
from tests.fakes.discord.entities import Message as Post

SEND = "POST /channels/{channel_id}/messages"
COPY = "POST /webhooks/{webhook_id}/{webhook_token}"
PLAIN = "the new bandsaw is here"


@pytest.fixture
async def town(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    before = Client.before_identify_hook

    async def without_pause(self: Client, shard_id: int | None, *, initial: bool = False) -> None:
        del initial
        await before(self, shard_id, initial=True)

    monkeypatch.setattr(Client, "before_identify_hook", without_pause)
    async with a_town() as town:
        yield town


def key_of(town: Town, post: Post, channel: str = "") -> MessageKey:
    """`channel` is the parent of a thread."""
    return MessageKey(Platform.DISCORD, town.guild.id, channel or post.channel.id, post.id)


async def stored(town: Town, posts: Sequence[Post], channel: str = "") -> list[Message | None]:
    async with town.store.work() as work:
        return await work.messages.get([key_of(town, post, channel) for post in posts])


async def decided(town: Town) -> int:
    async with town.store.work() as work:
        return await work.decisions.count(town.community)


async def texts(town: Town, posts: Sequence[Post]) -> list[str | None]:
    return [each.text if each else None for each in await stored(town, posts)]


async def new_session(town: Town) -> None:
    """Until a new session has begun and what was missed is read."""
    await asyncio.wait_for(town.client.caught_up.wait(), 5)
    await town.settle()


# --- the connection ---------------------------------------------------------------------------------------------


async def test_a_dropped_socket_is_resumed(town: Town) -> None:
    posts = [town.post("ann", "workshop", "before")]
    await town.settle()
    town.server.gateway.drop()
    posts += [town.post("ben", "workshop", f"meanwhile {number}") for number in range(3)]
    await town.server.until(lambda: town.server.gateway.resumed == 1)
    posts.append(town.post("ann", "workshop", "after"))
    await town.settle()
    assert await texts(town, posts) == [post.content for post in posts]
    assert await decided(town) == 5
    assert town.server.gateway.identified == 1


async def test_discord_may_ask_to_reconnect(town: Town) -> None:
    town.server.gateway.ask_to_reconnect()
    posts = [town.post("ben", "workshop", f"meanwhile {number}") for number in range(3)]
    await town.server.until(lambda: town.server.gateway.resumed == 1)
    await town.settle()
    assert await texts(town, posts) == [post.content for post in posts]
    assert await decided(town) == 3


async def test_a_new_session_reads_what_was_missed(town: Town) -> None:
    posts = [town.post("ann", "workshop", "before")]
    await town.settle()
    town.client.caught_up.clear()
    town.server.gateway.invalidate()
    posts += [town.post("ben", "workshop", f"meanwhile {number}") for number in range(3)]
    posts.append(town.post("ben", "business", "the first one here"))
    await new_session(town)
    assert await texts(town, posts) == [post.content for post in posts]
    assert await decided(town) == 5


async def test_what_is_posted_before_the_gap_is_read_hides_nothing(town: Town) -> None:
    await town.settle()
    posts = [town.post("ann", "workshop", "before")]
    await town.settle()
    town.client.caught_up.clear()
    town.server.gateway.invalidate()
    posts.append(town.post("ben", "workshop", "missed"))
    await town.server.until(lambda: town.server.gateway.sessions)
    posts.append(town.post("cara", "workshop", "heard at once"))
    await new_session(town)
    assert await texts(town, posts) == ["before", "missed", "heard at once"]


async def test_a_server_that_was_unavailable_is_not_erased(town: Town) -> None:
    post = town.post("ann", "workshop", "before")
    await town.settle()
    town.server.people.go_down(town.guild)
    await town.settle()
    town.server.people.come_back(town.guild)
    after = town.post("ben", "workshop", "after")
    await town.settle()
    assert await texts(town, [post, after]) == ["before", "after"]


async def test_a_server_that_comes_late_is_read_from_where_it_was_left(town: Town) -> None:
    posts = [town.post("ann", "workshop", "before")]
    await town.settle()
    town.client.caught_up.clear()
    town.server.people.go_down(town.guild)
    town.server.gateway.invalidate()
    posts.append(town.post("ben", "workshop", "missed"))
    await new_session(town)
    town.server.people.come_back(town.guild)
    posts.append(town.post("cara", "workshop", "heard at once"))
    await town.settle()
    assert await texts(town, posts) == ["before", "missed", "heard at once"]


async def test_whoever_sends_it_away_is_forgotten(town: Town) -> None:
    post = town.post("ann", "workshop", "before")
    await town.settle()
    town.server.people.throw_bot_out(town.guild)
    await town.heard()
    assert await stored(town, [post]) == [None]
    async with town.store.work() as work:
        assert await work.communities.all() == []
        assert await work.decisions.count(town.community) == 0


# --- what is posted ---------------------------------------------------------------------------------------------


async def test_threads_and_forum_posts_belong_to_their_channel(town: Town) -> None:
    people, ann = town.server.people, town.people["ann"]
    root = town.post("ann", "workshop", "who has an oak plank?")
    thread = people.start_thread(ann, root.channel, "oak", on=root)
    answer = people.post(town.people["ben"], thread, "I have one")
    forum = people.create_forum(town.guild, "projects")
    charter = a_town_charter(town.channels)
    watched = replace(
        charter, channels=(*charter.channels, ChannelCharter("projects", "what we made", id=forum.id))
    )
    await town.pipeline.publish(town.community, watched, Policy(), town.server.world.now())
    shown = people.open_post(ann, forum, "my first table", "it stands")
    reply = people.post(town.people["ben"], shown, "so it does")
    await town.settle()
    (in_thread,) = await stored(town, [answer], root.channel.id)
    assert in_thread is not None
    assert in_thread.thread == thread.id == root.id
    first, second = await stored(town, [shown.in_order()[0], reply], forum.id)
    assert first is not None
    assert first.thread is None
    assert second is not None
    assert second.thread == shown.id


async def test_an_edit_is_a_higher_revision_and_nobody_is_nudged_twice(town: Town) -> None:
    posts = town.talk()
    await town.settle(minutes=3)
    town.server.people.edit(posts[0], "my cat ate the good sandpaper")
    await town.settle(minutes=3)
    (message,) = await stored(town, posts[:1])
    assert message is not None
    assert message.revision > 0
    assert message.text == "my cat ate the good sandpaper"
    assert len(town.ours("workshop")) == 1


async def test_a_link_s_preview_is_no_edit(town: Town) -> None:
    post = town.post("ann", "workshop", "look: https://example.org")
    town.server.people.embed_arrives(post, {"type": "link", "url": "https://example.org", "title": "Example"})
    await town.settle()
    (message,) = await stored(town, [post])
    assert message is not None
    assert message.revision == 0


async def test_what_is_deleted_is_forgotten(town: Town) -> None:
    posts = [town.post("ann", "workshop", f"number {number}") for number in range(4)]
    await town.settle()
    town.server.people.delete(posts[0])
    town.server.people.bulk_delete(posts[1:3], by=town.people["mona"])
    await town.settle()
    assert await texts(town, posts) == [None, None, None, "number 3"]


# --- requests -----------------------------------------------------------------------------------------------------


async def test_a_limit_is_waited_for(town: Town) -> None:
    town.server.troubles.limit_next(SEND, 0.3)
    town.post("pete", "business", PITCH)
    before = monotonic()
    await town.settle()
    assert monotonic() - before >= 0.3
    assert len(town.ours("moderators")) == 1
    assert [each.status for each in town.server.requests.to(*SEND.split())] == [429, 200]
    assert not await town.open_deliveries()


async def test_a_global_limit_holds_everything_back(town: Town) -> None:
    town.server.troubles.limit_next(SEND, 0.3, is_global=True)
    town.post("pete", "business", PITCH)
    await town.settle()
    assert len(town.ours("moderators")) == 1
    assert len(town.server.requests.refused()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["not done", "done"])
async def test_a_failure_of_discord_s_is_tried_again(town: Town, after: bool) -> None:
    town.server.troubles.fail_next(SEND, 502, after=after)
    town.post("pete", "business", PITCH)
    await town.settle()
    assert len(town.ours("moderators")) == 1
    assert not await town.open_deliveries()


@pytest.mark.parametrize("after", [False, True], ids=["not done", "done"])
async def test_a_connection_dropped_at_a_card_shows_exactly_one(town: Town, after: bool) -> None:
    town.server.troubles.drop_next(SEND, after=after)
    town.post("pete", "business", PITCH)
    for _ in range(3):
        await town.settle(minutes=5)
    assert len(town.ours("moderators")) == 1
    assert not await town.open_deliveries()


async def test_a_slow_answer_is_awaited(town: Town) -> None:
    town.server.troubles.slow_next(SEND, 0.5)
    town.post("pete", "business", PITCH)
    await town.settle()
    assert len(town.ours("moderators")) == 1
    assert len(town.server.requests.to(*SEND.split())) == 1


async def ann_moves_hers(town: Town) -> None:
    """However long it takes."""
    town.talk()
    await town.settle(minutes=3)
    await town.press("ann", town.ours("workshop")[0], Button.MOVE_MINE)
    for _ in range(5):
        await town.settle(minutes=5)


def hers(town: Town) -> tuple[list[str], list[str]]:
    """Ann's posts that are left, and how often each of them stands in the other place."""
    mine = [text for who, text in TALK if who == "ann"]
    left = [text for text in town.texts("workshop") if text in mine]
    copied = [post.content for post in town.ours("teabreak") if post.webhook_id]
    return left, [text for text in mine for content in copied if text in content]


@pytest.mark.parametrize("after", [False, True], ids=["not copied", "copied"])
async def test_a_connection_dropped_at_a_copy_makes_exactly_one(town: Town, after: bool) -> None:
    town.server.troubles.drop_next(COPY, after=after)
    await ann_moves_hers(town)
    assert hers(town) == ([], ["my cat ate the sandpaper", "lunch then?"])


@pytest.mark.parametrize("after", [False, True], ids=["not copied", "copied"])
async def test_a_failure_at_a_copy_makes_exactly_one(town: Town, after: bool) -> None:
    town.server.troubles.fail_next(COPY, 502, after=after)
    await ann_moves_hers(town)
    assert hers(town) == ([], ["my cat ate the sandpaper", "lunch then?"])


async def test_a_limit_at_a_copy_is_waited_for(town: Town) -> None:
    town.server.troubles.limit_next(COPY, 0.2)
    await ann_moves_hers(town)
    assert hers(town) == ([], ["my cat ate the sandpaper", "lunch then?"])
    assert len(town.server.requests.to(*COPY.split())) == 3
