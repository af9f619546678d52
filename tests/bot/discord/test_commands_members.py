"""What members ask: help, why, their data, peace; reports; and the menu of a message."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot.discord.commands.phrases import PHRASES
from bot.wording import LANGUAGES
from tests.bot.discord.asking import ask, menu, press, submit
from tests.bot.discord.town import PITCH, Town, a_town

PRIVATE = "Dear friend, I offer you ten leads a day, write me for a special price"


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


async def test_help_is_for_everyone_and_moderators_see_theirs(town: Town) -> None:
    assert "/relevance" not in (await ask(town, "ann", "steward help")).text
    assert "/relevance" in (await ask(town, "mona", "steward help")).text


async def test_before_set_up_everybody_is_answered() -> None:
    async with a_town(set_up=False) as town:
        for command in ("help", "my-data", "forget-me", "nudges off"):
            assert (await ask(town, "ann", f"steward {command}")).text


async def test_why_is_answered_about_ones_own_posts(town: Town) -> None:
    post = town.post("pete", "business", PITCH)
    await town.settle()
    link = f"https://discord.com/channels/{town.guild.id}/{post.channel.id}/{post.id}"
    own = await ask(town, "pete", "steward why", {"message": link})
    assert "offers something" in own.text
    other = await ask(town, "ann", "steward why", {"message": link})
    assert "offers something" not in other.text
    here = await ask(town, "mona", "steward why", {"message": post.id}, channel="business")
    assert "Taken for" in here.text


async def test_a_link_into_a_thread_is_understood(town: Town) -> None:
    people = town.server.people
    root = town.post("ann", "workshop", "a saw for timber")
    thread = people.start_thread(town.people["ann"], root.channel, "saws", on=root)
    post = people.post(town.people["pete"], thread, PITCH)
    await town.settle()
    link = f"https://discord.com/channels/{town.guild.id}/{thread.id}/{post.id}"
    assert "offers something" in (await ask(town, "pete", "steward why", {"message": link})).text
    assert "Taken for" in (await menu(town, "mona", "Why this verdict?", post)).text


async def test_everything_about_somebody_is_a_file_and_goes_on_their_word(town: Town) -> None:
    town.post("ann", "workshop", "my cat again")
    await town.settle()
    known = json.loads((await ask(town, "ann", "steward my-data")).files["my-data.json"])
    assert known["posts_with_text"][0]["text"] == "my cat again"
    asked = await ask(town, "ann", "steward forget-me")
    await press(town, "ann", asked, asked.labels[0])
    known = json.loads((await ask(town, "ann", "steward my-data")).files["my-data.json"])
    assert known["posts_with_text"] == []


async def test_nudges_are_off_on_or_private(town: Town) -> None:
    async def wish() -> tuple[bool, bool]:
        known = json.loads((await ask(town, "ann", "steward my-data")).files["my-data.json"])
        return known["no_more_nudges"], known["direct_messages"]

    await ask(town, "ann", "steward nudges off")
    assert await wish() == (True, False)
    await ask(town, "ann", "steward nudges on", {"privately": True})
    assert await wish() == (False, True)
    await ask(town, "ann", "steward nudges on")
    assert await wish() == (False, False)


async def test_two_reports_of_the_same_become_one_card(town: Town) -> None:
    for who in ("ann", "ben"):
        asked = await ask(town, who, "steward report", {"sender": town.people["pete"]})
        answer = await submit(town, asked, {"text": PRIVATE})
        assert answer.text
        await town.settle()
        cards = [post for post in town.ours("moderators") if "Dear friend" in post.content]
        assert len(cards) == (who == "ben")


async def test_a_report_needs_no_sender(town: Town) -> None:
    asked = await ask(town, "ann", "steward report")
    assert (await submit(town, asked, {"text": PRIVATE})).text


# --- the menu of a message ----------------------------------------------------------------------------------------


async def test_why_in_the_menu(town: Town) -> None:
    post = town.post("pete", "business", PITCH)
    await town.settle()
    assert "offers something" in (await menu(town, "pete", "Why this verdict?", post)).text


async def test_an_author_moves_their_own_post_from_the_menu(town: Town) -> None:
    post = town.post("ann", "workshop", "my cat again")
    await town.settle()
    asked = await menu(town, "ann", "Move to social channel", post)
    await press(town, "ann", asked, asked.labels[0])
    await town.settle()
    assert any("my cat again" in text for text in town.texts("teabreak"))
    assert "my cat again" not in town.texts("workshop")


async def test_nobody_moves_the_posts_of_others(town: Town) -> None:
    post = town.post("ann", "workshop", "my cat again")
    await town.settle()
    asked = await menu(town, "ben", "Move to social channel", post)
    assert asked.labels == []
    await town.settle()
    assert "my cat again" in town.texts("workshop")


async def test_a_moderators_word_makes_a_card_of_a_post(town: Town) -> None:
    post = town.post("pete", "workshop", "my timber is the finest, ask me")
    await town.settle()
    answer = await menu(town, "mona", "It's a pitch", post)
    assert "Its card is on the way" in answer.text
    await town.settle()
    assert any("finest" in each.content for each in town.ours("moderators"))


async def test_two_members_words_about_a_post_make_a_card(town: Town) -> None:
    post = town.post("pete", "workshop", "my timber is the finest, ask me")
    await town.settle()
    for who in ("ann", "ben"):
        assert (await menu(town, who, "It's a pitch", post)).text
        await town.settle()
    assert len([each for each in town.ours("moderators") if "finest" in each.content]) == 1


async def test_a_moderator_says_that_a_post_belongs(town: Town) -> None:
    post = town.post("pete", "business", PITCH)
    await town.settle()
    answer = await menu(town, "mona", "It belongs here", post)
    assert answer.labels == ["Keep it as an example"]
    assert "Publish" in (await press(town, "mona", answer, "Keep it as an example")).labels


def test_every_language_says_the_same_things() -> None:
    assert set(PHRASES) == set(LANGUAGES)
    for phrases in PHRASES.values():
        assert set(phrases) == set(PHRASES["en"])
        assert len(phrases["report_title"]) <= 45
        assert len(phrases["report_text"]) <= 45
        assert len(phrases["report_why"]) <= 100
