"""Moved posts in a server's shape: their authors' button, answers to them, moves of whole talks, threads and forums."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from bot.discord.rendering import pressed
from bot.office.moves import carry_out, move
from bot.office.said import Actor, Request
from moderation.charter import ChannelCharter
from moderation.policy import Mode, Policy
from moderation.ports import Button
from tests.bot.discord.town import TALK, Town, a_town, a_town_charter, connected, custom_ids
from tests.fakes.discord.entities import Channel, Interaction
from tests.fakes.discord.entities import Message as Post

CAT, LUNCH = (text for who, text in TALK if who == "ann")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


async def moved(town: Town, *people: str) -> None:
    """A talk of three, of whom some let their posts be moved."""
    town.talk()
    await town.settle(minutes=3)
    for who in people or ("ann",):
        (nudge,) = [post for post in town.ours("workshop") if has(post, Button.MOVE_MINE)]
        await town.press(who, nudge, Button.MOVE_MINE)
        await town.settle()


def has(post: Post, button: Button) -> bool:
    return any((found := pressed(each)) and found.button is button for each in custom_ids(post))


def copies(posts: Sequence[Post]) -> list[Post]:
    return [post for post in posts if post.webhook_id]


def copy_of(town: Town, text: str, channel: str = "teabreak") -> Post:
    return next(post for post in copies(town.ours(channel)) if text in post.content)


async def told(town: Town, who: str, post: Post, button: Button) -> Post:
    """Press, and wait for the answer to this very press."""
    before = len(town.server.people.ephemerals(town.people[who]))
    custom_id = next(each for each in custom_ids(post) if (hit := pressed(each)) and hit.button is button)
    await town.server.people.press(town.people[who], post, custom_id)
    await town.server.until(lambda: len(town.server.people.ephemerals(town.people[who])) > before)
    await town.server.until(lambda: bool(town.server.people.ephemerals(town.people[who])[-1].content))
    await town.settle()
    return town.server.people.ephemerals(town.people[who])[-1]


# --- the copy's own button -------------------------------------------------------------------------------------


async def test_the_button_answers_the_author_alone(town: Town) -> None:
    await moved(town)
    copy = copy_of(town, CAT)
    assert [item["label"] for row in copy.components for item in row["components"]] == ["Mine?"]
    answer = await told(town, "ann", copy, Button.MINE)
    assert all(has(answer, each) for each in (Button.CHANGE, Button.DELETE, Button.TAKE_BACK))
    other = await told(town, "ben", copy, Button.MINE)
    assert "no post of yours" in other.content
    assert not custom_ids(other)


async def test_its_author_changes_it_in_a_form(town: Town) -> None:
    await moved(town)
    answer = await told(town, "ann", copy_of(town, CAT), Button.MINE)
    asked = await ask_for_form(town, "ann", answer)
    assert asked.modal is not None
    assert CAT in str(asked.modal)
    await town.server.people.submit(asked, {"text": "my cat is *fine*, @everyone"})
    await town.settle()
    copy = copy_of(town, "my cat is *fine*")
    assert copy.content.startswith("-# ann · moved from")
    assert not copy.mentions
    assert has(copy, Button.MINE)
    assert not any(CAT in text for text in town.texts("teabreak"))
    pointer = next(post for post in town.ours("workshop") if has(post, Button.UNDO))
    await town.press("ann", pointer, Button.UNDO)
    await town.settle()
    assert any("my cat is *fine*" in text for text in town.texts("workshop"))


async def ask_for_form(town: Town, who: str, answer: Post) -> Interaction:
    custom_id = next(
        each for each in custom_ids(answer) if (hit := pressed(each)) and hit.button is Button.CHANGE
    )
    return await town.server.people.press(town.people[who], answer, custom_id)


async def test_what_it_answers_and_its_files_stay_when_it_is_changed(town: Town) -> None:
    root = town.post("cara", "workshop", "who has a pet? a dog?")
    for number, (who, text) in enumerate(TALK):
        files = {"cat.png": b"a cat"} if number == 0 else None
        town.post(who, "workshop", text, files=files, reply_to=root if number == 0 else None)
    await town.settle(minutes=3)
    nudge = next(post for post in town.ours("workshop") if has(post, Button.MOVE_MINE))
    await town.press("ann", nudge, Button.MOVE_MINE)
    await town.settle()
    before = copy_of(town, CAT).content.splitlines()
    asked = await ask_for_form(town, "ann", await told(town, "ann", copy_of(town, CAT), Button.MINE))
    await town.server.people.submit(asked, {"text": "my cat is fine"})
    await town.settle()
    copy = copy_of(town, "my cat is fine")
    assert copy.content.splitlines()[:2] == before[:2]
    assert "who has a pet" in copy.content
    assert [file.name for file in copy.attachments] == ["cat.png"]


async def test_its_author_deletes_it_for_good(town: Town) -> None:
    await moved(town)
    answer = await told(town, "ann", copy_of(town, CAT), Button.MINE)
    assert "nothing brings it back" in (await told(town, "ann", answer, Button.DELETE)).content
    await town.settle()
    assert [LUNCH in post.content for post in copies(town.ours("teabreak"))] == [True]


async def test_its_author_takes_one_back(town: Town) -> None:
    await moved(town)
    answer = await told(town, "ann", copy_of(town, CAT), Button.MINE)
    await told(town, "ann", answer, Button.TAKE_BACK)
    await town.settle()
    assert CAT in copy_of(town, CAT, "workshop").content
    assert [LUNCH in post.content for post in copies(town.ours("teabreak"))] == [True]


async def test_the_button_works_after_a_restart(town: Town) -> None:
    await moved(town)
    copy = copy_of(town, CAT)
    await town.client.close()
    async with connected(town.server, town.store) as (client, pipeline, _):
        later = replace(town, client=client, pipeline=pipeline)
        answer = await told(later, "ann", copy, Button.MINE)
        asked = await ask_for_form(later, "ann", answer)
        await later.server.people.submit(asked, {"text": "my cat is fine"})
        await later.settle()
        assert copy_of(later, "my cat is fine").id == copy.id


async def test_a_form_of_somebody_elses_making_changes_nothing(town: Town) -> None:
    await moved(town)
    answer = await told(town, "ann", copy_of(town, CAT), Button.MINE)
    asked = await ask_for_form(town, "ann", answer)
    asked.user, asked.member = town.people["ben"].user, town.people["ben"]
    await town.server.people.submit(asked, {"text": "nonsense"})
    await town.settle()
    assert CAT in copy_of(town, CAT).content


# --- answers to it ---------------------------------------------------------------------------------------------


async def test_the_author_is_told_of_an_answer_by_one_line_that_pings_them_alone(town: Town) -> None:
    await moved(town)
    copy = copy_of(town, CAT)
    for text in ("poor cat", "really"):
        town.post("ben", "teabreak", text, reply_to=copy)
    await town.settle()
    await town.settle()
    lines = [post for post in town.ours("teabreak") if "somebody answered" in post.content]
    assert len(lines) == 1
    assert [each.id for each in lines[0].mentions] == [town.people["ann"].id]
    await town.settle(hours=25)
    assert not [post for post in town.ours("teabreak") if "somebody answered" in post.content]


async def test_whoever_chose_direct_messages_is_told_by_one(town: Town) -> None:
    await moved(town)
    async with town.store.work() as work:
        await work.communities.choose_direct(town.community, town.people["ann"].id, direct=True)
        await work.commit()
    town.post("ben", "teabreak", "poor cat", reply_to=copy_of(town, CAT))
    await town.settle()
    await town.settle()
    (note,) = town.server.people.direct_messages(town.people["ann"])
    assert "somebody answered" in note.content
    assert has(note, Button.NO_MORE)
    assert not [post for post in town.ours("teabreak") if "somebody answered" in post.content]


# --- several who agree, and whole talks ------------------------------------------------------------------------


async def test_several_who_agree_share_header_and_pointer(town: Town) -> None:
    await moved(town, "ann", "ben", "cara")
    headers = [post for post in town.ours("teabreak") if not post.webhook_id]
    assert len(headers) == 1
    assert len(copies(town.ours("teabreak"))) == len(TALK)
    (pointer,) = [post for post in town.ours("workshop") if has(post, Button.UNDO)]
    for number, who in enumerate(("ann", "ben", "cara"), 1):
        await told(town, who, pointer, Button.UNDO)
        await town.settle()
        assert bool(town.ours("teabreak")) is (number < 3)
    assert not [post for post in town.ours("workshop") if has(post, Button.UNDO)]


async def test_when_a_moderator_moves_a_talk_its_authors_are_told_in_one_line(town: Town) -> None:
    async with town.store.work() as work:
        await work.communities.opt_out(town.community, town.people["cara"].id, silent=True)
        await work.commit()
    posts = town.talk()
    await town.settle(seconds=1)
    office = town.client.desk.office  # type: ignore[union-attr]
    mona = Actor(town.people["mona"].id, moderator=True)
    asked = Request(town.community, mona, town.server.world.now())
    shown = await move(office, asked, town.channels["workshop"].id, [post.id for post in posts])
    await carry_out(office, asked, shown.choices[0].token.partition(":")[2])
    await town.settle()
    (pointer,) = [post for post in town.ours("workshop") if has(post, Button.UNDO)]
    assert all(f"<@{town.people[who].id}>" in pointer.content for who in ("ann", "ben", "cara"))
    assert {each.id for each in pointer.mentions} == {town.people[who].id for who in ("ann", "ben")}
    await told(town, "ben", pointer, Button.UNDO)
    await town.settle()
    assert [post.author.name for post in copies(town.ours("workshop"))] == ["ben", "ben"]
    assert {post.author.name for post in copies(town.ours("teabreak"))} == {"ann", "cara"}


# --- to a thread, to a forum -----------------------------------------------------------------------------------


async def at_home_in(town: Town, home: str) -> None:
    charter = a_town_charter(town.channels)
    social = ChannelCharter("sofa", "anything you like", id=home, social=True)
    rules = Policy(mode=Mode.OFFER, moderators_channel=town.channels["moderators"].id)
    others = tuple(replace(each, social=False) for each in charter.channels)
    charter = replace(charter, channels=(*others, social))
    await town.pipeline.publish(town.community, charter, rules, town.server.world.now())


def ours_in(town: Town, thread: Channel) -> list[Post]:
    me = town.server.world.application_id
    return [post for post in thread.in_order() if me in (post.author.id, post.application_id)]


@pytest.mark.parametrize("in_forum", [False, True])
async def test_to_a_thread_or_a_forums_post_and_back(town: Town, in_forum: bool) -> None:
    people = town.server.people
    if in_forum:
        forum = people.create_forum(town.guild, "showroom")
        thread = people.open_post(town.people["cara"], forum, "The sofa", "sit down")
    else:
        thread = people.start_thread(town.people["cara"], town.channels["teabreak"], "The sofa")
    await at_home_in(town, thread.id)
    await moved(town)
    assert [CAT in post.content or LUNCH in post.content for post in copies(ours_in(town, thread))] == [
        True
    ] * 2
    answer = await told(town, "ann", copies(ours_in(town, thread))[0], Button.MINE)
    asked = await ask_for_form(town, "ann", answer)
    await people.submit(asked, {"text": "my cat is fine"})
    await town.settle()
    copy = next(post for post in copies(ours_in(town, thread)) if "my cat is fine" in post.content)
    people.post(town.people["ben"], thread, "poor cat", reply_to=copy)
    await town.settle()
    await town.settle()
    if not in_forum:  # the forum is none of the channels that are read
        assert any("somebody answered" in post.content for post in ours_in(town, thread))
    pointer = next(post for post in town.ours("workshop") if has(post, Button.UNDO))
    await town.press("ann", pointer, Button.UNDO)
    await town.settle()
    assert not copies(ours_in(town, thread))
    assert len(copies(town.ours("workshop"))) == 2


async def test_in_a_forum_each_talk_gets_a_post_of_its_own(town: Town) -> None:
    forum = town.server.people.create_forum(town.guild, "sofas")
    await at_home_in(town, forum.id)
    await moved(town, "ann", "ben")
    (thread,) = threads(town, forum)
    day = town.server.world.now().date().isoformat()
    assert thread.name.startswith("workshop · ")
    assert thread.name[-10:-2] == day[:-2]
    header, *rest = thread.in_order()
    assert "goes on here" in header.content
    assert len(copies(rest)) == len(rest) == 4
    pointer = next(post for post in town.ours("workshop") if has(post, Button.UNDO))
    for who in ("ann", "ben"):
        await told(town, who, pointer, Button.UNDO)
        await town.settle()
    assert thread.in_order() == []
    assert thread.thread is not None
    assert thread.thread.archived
    assert len(copies(town.ours("workshop"))) == 4


async def test_a_forums_post_that_fell_asleep_is_found_again_after_a_restart(town: Town) -> None:
    forum = town.server.people.create_forum(town.guild, "sofas")
    await at_home_in(town, forum.id)
    await moved(town)
    (thread,) = threads(town, forum)
    town.server.people.archive(thread)
    pointer = next(post for post in town.ours("workshop") if has(post, Button.UNDO))
    await town.client.close()
    async with connected(town.server, town.store) as (client, pipeline, _):
        later = replace(town, client=client, pipeline=pipeline)
        await told(later, "ann", pointer, Button.UNDO)
        await later.settle()
        assert thread.in_order() == []
        assert len(copies(later.ours("workshop"))) == 2


async def test_where_somebody_talks_on_the_forums_post_stays_open(town: Town) -> None:
    forum = town.server.people.create_forum(town.guild, "sofas")
    await at_home_in(town, forum.id)
    await moved(town)
    (thread,) = threads(town, forum)
    town.server.people.post(town.people["ben"], thread, "nice here")
    pointer = next(post for post in town.ours("workshop") if has(post, Button.UNDO))
    await told(town, "ann", pointer, Button.UNDO)
    await town.settle()
    assert [post.content for post in thread.in_order()] == ["nice here"]
    assert thread.thread is not None
    assert not thread.thread.archived


async def test_nothing_moves_to_a_private_thread(town: Town) -> None:
    thread = town.server.people.start_thread(
        town.people["cara"], town.channels["teabreak"], "the backroom", private=True
    )
    town.server.people.add_to_thread(thread, town.server.people.bot(town.guild))
    await at_home_in(town, thread.id)
    await moved(town)
    assert {text for _, text in TALK} <= set(town.texts("workshop"))
    assert not copies(ours_in(town, thread))


def threads(town: Town, forum: Channel) -> list[Channel]:
    return [each for each in town.guild.threads() if each.parent_id == forum.id]
