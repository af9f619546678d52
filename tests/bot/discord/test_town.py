"""Steward in a server's shape: what members and moderators see, through the real discord.py and the loopback Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from moderation.ports import Button
from tests.bot.discord.town import PITCH, TALK, Town, a_town


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


async def test_a_casual_talk_gets_one_line_that_names_nobody(town: Town) -> None:
    town.talk()
    await town.settle(minutes=3)
    (nudge,) = town.ours("workshop")
    assert f"<#{town.channels['teabreak'].id}>" in nudge.content
    assert not nudge.mentions
    assert not any(member.id in nudge.content for member in town.people.values())


async def test_a_click_moves_the_clickers_posts_and_nobody_elses(town: Town) -> None:
    town.talk()
    await town.settle(minutes=3)
    (nudge,) = town.ours("workshop")
    answer = await town.press("ann", nudge, Button.MOVE_MINE)
    assert "On the way" in answer.content
    await town.settle()
    left = [text for who, text in TALK if who != "ann"]
    assert [text for text in town.texts("workshop") if text in {text for _, text in TALK}] == left
    copies = [post for post in town.ours("teabreak") if post.webhook_id]
    assert [post.author.name for post in copies] == ["ann", "ann"]
    assert all(
        text in copy.content
        for copy, text in zip(copies, [text for who, text in TALK if who == "ann"], strict=True)
    )
    assert not await town.open_deliveries()


async def test_an_undo_brings_them_back(town: Town) -> None:
    town.talk()
    await town.settle(minutes=3)
    await town.press("ann", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()
    pointer = town.ours("workshop")[-1]
    await town.press("ann", pointer, Button.UNDO)
    await town.settle()
    assert not town.ours("teabreak")
    back = [post for post in town.ours("workshop") if post.webhook_id]
    assert len(back) == 2
    assert all(
        text in post.content
        for post, text in zip(back, ["my cat ate the sandpaper", "lunch then?"], strict=True)
    )


async def test_a_pitch_is_shown_to_moderators_and_removed_by_their_word(town: Town) -> None:
    town.post("pete", "business", PITCH)
    await town.settle()
    (card,) = town.ours("moderators")
    assert "discount" in card.content
    await town.press("mona", card, Button.REMOVE)
    assert PITCH not in town.texts("business")
    (note,) = town.server.people.direct_messages(town.people["pete"])
    assert "discount" in note.content


async def test_a_card_that_is_too_old_to_be_looked_for_is_not_shown_twice(town: Town) -> None:
    town.post("pete", "business", PITCH)
    await town.settle()
    (card,) = town.ours("moderators")
    town.client.platform.markers.drop(int(town.channels["moderators"].id), [int(card.id)])
    await town.press("mona", card, Button.FINE)
    assert len(town.ours("moderators")) == 1
    assert "fine as it is" in town.ours("moderators")[0].content


async def test_members_cannot_rule(town: Town) -> None:
    town.post("pete", "business", PITCH)
    await town.settle()
    (card,) = town.ours("moderators")
    with pytest.raises(Exception, match="see"):
        await town.press("pete", card, Button.FINE)


async def test_nothing_moves_to_a_channel_that_others_can_read(town: Town) -> None:
    everyone = town.server.people.everyone(town.guild)
    town.server.people.set_permissions(town.channels["teabreak"], everyone, deny=1 << 10)
    moderators = town.server.people.moderators(town.guild)
    for who in (moderators, town.server.people.bot(town.guild)):
        town.server.people.set_permissions(town.channels["teabreak"], who, allow=1 << 10)
    town.talk()
    await town.settle(minutes=3)
    await town.press("ann", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()
    assert {text for _, text in TALK} <= set(town.texts("workshop"))
    assert any("Equal access" in post.content for post in town.ours("moderators"))


async def test_a_file_comes_along(town: Town) -> None:
    for number, (who, text) in enumerate(TALK):
        files = {"cat.png": b"a picture of a cat"} if number == 0 else None
        town.post(who, "workshop", text, files=files)
    await town.settle(minutes=3)
    await town.press("ann", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()
    brought = [file for post in town.ours("teabreak") for file in post.attachments]
    assert [(file.name, file.content) for file in brought] == [("cat.png", b"a picture of a cat")]


async def test_a_post_whose_file_is_too_large_stays_where_it_is(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.fakes.discord.messages.MOST_IN_A_FILE", 50 * 1024 * 1024
    )  # who pays may send more
    for number, (who, text) in enumerate(TALK):
        files = {"film.mp4": bytes(11 * 1024 * 1024)} if number == 0 else None
        town.post(who, "workshop", text, files=files)
    await town.settle(minutes=3)
    await town.press("ann", town.ours("workshop")[0], Button.MOVE_MINE)
    await town.settle()
    assert TALK[0][1] in town.texts("workshop")
    assert TALK[3][1] not in town.texts("workshop")


async def test_posts_of_a_forum_are_read_back(town: Town) -> None:
    forum = town.server.people.create_forum(town.guild, "showroom")
    thread = town.server.people.open_post(town.people["ann"], forum, "A chest", "which hinges for oak?")
    town.server.people.post(town.people["ben"], thread, "brass, always")
    await town.settle()
    found = [message async for message in town.client.platform.history(town.community, forum.id, None)]
    assert [message.text for message in found] == ["which hinges for oak?", "brass, always"]
    assert {message.key.channel for message in found} == {forum.id}
    assert [message.thread for message in found] == [None, thread.id]
