"""What moderators ask: rules and figures, rulings, moves, each through the real discord.py."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from moderation.charter import Charter
from moderation.policy import Mode, Policy
from tests.bot.discord.asking import a_file, ask, menu, offers, press, submit
from tests.bot.discord.town import PITCH, TALK, Town, a_town

PROMISE = "at most 5 wrong nudges in 100, 95 % sure"


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with a_town() as town:
        yield town


async def rules(town: Town) -> tuple[Charter, Policy]:
    async with town.store.work() as work:
        found = await work.communities.current(town.community)
    assert found is not None
    return found


# --- the rules ----------------------------------------------------------------------------------------------------


async def test_status_tells_how_things_stand(town: Town) -> None:
    town.post("pete", "business", PITCH)
    await town.settle()
    answer = await ask(town, "mona", "relevance status")
    assert "Mode: offer" in answer.text
    assert "1 open pitch card" in answer.text


async def test_a_mode_is_published_by_a_press(town: Town) -> None:
    asked = await ask(town, "mona", "relevance mode", {"mode": "nudge"})
    assert (await rules(town))[1].mode is Mode.OFFER
    assert "charter.toml" in asked.files
    answer = await press(town, "mona", asked, "Publish")
    assert "Published." in answer.text
    assert (await rules(town))[1].mode is Mode.NUDGE


async def test_whole_talks_are_moved_only_on_a_typed_word(town: Town) -> None:
    refused = await ask(town, "mona", "relevance mode", {"mode": "move"})
    assert "move whole talks" in refused.text
    asked = await ask(town, "mona", "relevance mode", {"mode": "move", "confirm": "move whole talks"})
    await press(town, "mona", asked, "Publish")
    assert (await rules(town))[1].mode is Mode.MOVE


async def test_a_promise_is_offered_in_words_that_are_understood(town: Town) -> None:
    assert PROMISE in await offers(town, "mona", "relevance promise", "promise")
    assert await offers(town, "mona", "relevance promise", "promise", "of") == ["off"]
    asked = await ask(town, "mona", "relevance promise", {"promise": PROMISE})
    await press(town, "mona", asked, "Publish")
    assert (await rules(town))[1].promise == PROMISE


async def test_the_charter_is_shown_with_its_file(town: Town) -> None:
    answer = await ask(town, "mona", "relevance charter show")
    assert "Bench & Plane" in answer.text
    assert b"joinery" in answer.files["charter.toml"]


async def test_the_charter_is_edited_by_a_form(town: Town) -> None:
    asked = await ask(town, "mona", "relevance charter edit")
    assert asked.fields["purpose"]["value"] == (await rules(town))[0].purpose
    shown = await submit(town, asked, {"purpose": "Bakers talk about flour.", "tone": "formal"})
    await press(town, "mona", shown, "Publish")
    charter, _ = await rules(town)
    assert charter.purpose == "Bakers talk about flour."
    assert charter.tone == "formal"
    assert charter.name == "Bench & Plane"
    assert charter.languages == ("en",)


async def test_a_form_that_was_left_as_it_is_changes_nothing(town: Town) -> None:
    asked = await ask(town, "mona", "relevance charter edit")
    assert "how it is already" in (await submit(town, asked, {})).text


async def test_a_charter_file_is_compared_or_published(town: Town) -> None:
    file = (await ask(town, "mona", "relevance charter show")).files["charter.toml"]
    other = file.replace(b"joinery", b"bakery")
    place = town.channels["workshop"]
    options = {"file": a_file(town, "charter.toml", other, place)}
    compared = await ask(town, "mona", "relevance diff", options)
    assert not compared.labels
    assert "charter.toml" in compared.files
    asked = await ask(town, "mona", "relevance charter edit", options)
    await press(town, "mona", asked, "Publish")
    assert "bakery" in (await rules(town))[0].purpose
    wrong = {"file": a_file(town, "charter.toml", b"purpose = 7", place)}
    assert "purpose" in (await ask(town, "mona", "relevance diff", wrong)).text


async def test_a_channel_gets_a_purpose(town: Town) -> None:
    options = {"channel": town.channels["business"], "purpose": "prices alone", "offers": True}
    await press(town, "mona", await ask(town, "mona", "relevance charter channel", options), "Publish")
    entry = (await rules(town))[0].channel(town.channels["business"].id)
    assert entry is not None
    assert entry.purpose == "prices alone"
    assert entry.promotion_welcome


async def test_an_example_is_for_a_channel_of_the_charter(town: Town) -> None:
    assert await offers(town, "mona", "relevance charter example", "channel", "wo") == ["#workshop"]
    options = {"label": "chatter", "text": "who wants coffee", "channel": town.channels["workshop"].id}
    await press(town, "mona", await ask(town, "mona", "relevance charter example", options), "Publish")
    (example,) = (await rules(town))[0].examples
    assert (example.text, example.channel) == ("who wants coffee", "workshop")


async def test_channels_are_watched_and_no_longer(town: Town) -> None:
    await press(
        town,
        "mona",
        await ask(town, "mona", "relevance channel unwatch", {"channel": town.channels["business"].id}),
        "Publish",
    )
    business = town.channels["business"]
    assert not (await rules(town))[0].is_watched(business.id)
    assert "#business" not in await offers(town, "mona", "relevance channel unwatch", "channel")
    asked = await ask(town, "mona", "relevance channel watch", {"channel": business})
    await press(town, "mona", asked, "Publish")
    assert (await rules(town))[0].is_watched(business.id)


async def test_a_forum_is_watched_too(town: Town) -> None:
    forum = town.server.people.create_forum(town.guild, "projects")
    await town.settle()
    asked = await ask(town, "mona", "relevance channel watch", {"channel": forum})
    await press(town, "mona", asked, "Publish")
    assert (await rules(town))[0].is_watched(forum.id)


async def test_a_channel_that_is_gone_can_still_be_unwatched(town: Town) -> None:
    business = town.channels.pop("business")
    town.server.people.delete_channel(business)
    await town.settle()
    asked = await ask(town, "mona", "relevance channel unwatch", {"channel": business.id})
    await press(town, "mona", asked, "Publish")
    assert not (await rules(town))[0].is_watched(business.id)


# --- figures and rulings ------------------------------------------------------------------------------------------


async def test_figures_come_with_a_chart_that_has_words(town: Town) -> None:
    town.talk()
    await town.settle(minutes=3)
    assert "Read: 5 messages" in (await ask(town, "mona", "relevance stats", {"days": 1})).text
    answer = await ask(town, "mona", "relevance digest", {"days": 7})
    assert set(answer.files) == {"digest.json", "digest.png"}
    assert any(each.description for post in answer.posts for each in post.attachments)


async def test_waiting_pitches_are_ruled_on_together(town: Town) -> None:
    town.post("pete", "business", PITCH)
    town.post("pete", "workshop", "another offer: earn with my coupon")
    await town.settle()
    asked = await ask(town, "mona", "relevance review")
    assert "2 pitches wait" in asked.text
    remove = next(label for label in asked.labels if label.startswith("Remove"))
    answer = await press(town, "mona", asked, remove)
    assert "Kept for 2 pitches" in answer.text
    await town.settle()
    assert PITCH not in town.texts("business")


async def test_drawn_messages_are_asked_about_one_after_another(town: Town) -> None:
    charter, policy = await rules(town)
    promised = Policy(mode=policy.mode, moderators_channel=policy.moderators_channel, promise=PROMISE)
    await town.pipeline.publish(town.community, charter, promised, town.server.world.now())
    for who in ("ann", "ben", "cara", "nora", "pete"):
        for word in ("paint", "glue", "tape", "lamp", "soap", "rope"):
            town.post(who, "business", f"a discount for {who}'s friends of {word}")
    await town.settle()
    first = await ask(town, "mona", "relevance calibrate")
    assert "Drawn at random" in first.text
    second = await press(town, "mona", first, first.labels[0])
    assert left(second.text) == left(first.text) - 1


def left(text: str) -> int:
    """How many questions wait, the one that is shown among them."""
    found = re.search(r"\((\d+) to go\)", text)
    return int(found[1]) if found else 0


async def test_what_was_done_is_told_and_a_pause_begins_and_ends(town: Town) -> None:
    town.talk()
    await town.settle(minutes=3)
    assert "A nudge to a talk of 5 posts" in (await ask(town, "mona", "relevance log")).text
    assert (
        "Nothing is said to members until"
        in (await ask(town, "mona", "relevance pause", {"hours": 2.0})).text
    )
    assert (await rules(town))[1].is_paused(town.server.world.now())
    assert "The pause is over." in (await ask(town, "mona", "relevance resume")).text
    assert "Nothing was drawn yet" in (await ask(town, "mona", "relevance audit")).text


# --- moves --------------------------------------------------------------------------------------------------------


async def test_a_talk_is_moved_by_its_link_and_brought_back(town: Town) -> None:
    posts = town.talk()
    await town.settle(minutes=3)
    link = f"https://discord.com/channels/{town.guild.id}/{posts[0].channel.id}/{posts[0].id}"
    asked = await ask(town, "mona", "relevance move", {"message": link, "talk": True}, channel="business")
    assert "5 posts by 3 people" in asked.text
    await press(town, "mona", asked, "Move them")
    await town.settle()
    words = {text for _, text in TALK}
    assert not words & set(town.texts("workshop"))
    undo = await ask(town, "mona", "relevance undo")
    await press(town, "mona", undo, "Bring back 1")
    await town.settle()
    assert all(any(text in post for post in town.texts("workshop")) for text in words)


async def test_a_move_is_undone_by_the_link_of_a_copy(town: Town) -> None:
    post = town.post("ann", "workshop", "my cat again")
    await town.settle()
    await press(town, "mona", await menu(town, "mona", "Move to social channel", post), "Move it")
    await town.settle()
    copy = next(each for each in town.ours("teabreak") if each.webhook_id)
    await ask(town, "mona", "relevance undo", {"message": copy.id}, channel="teabreak")
    await town.settle()
    assert any("my cat again" in text for text in town.texts("workshop"))


@pytest.mark.parametrize(
    "given, said",
    [
        ("that one", "Give the link of a message"),
        (
            "https://discord.com/channels/100000000000000000/100000000000000001/100000000000000002",
            "another server",
        ),
        ("100000000000000002", "I have none of these posts"),
    ],
)
async def test_what_is_no_message_is_said(town: Town, given: str, said: str) -> None:
    assert said in (await ask(town, "mona", "relevance move", {"message": given})).text
