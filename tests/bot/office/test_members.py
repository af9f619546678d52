"""bot/office/members.py: what members may ask; each about their own things only."""

from __future__ import annotations

import json

import pytest

from bot.office.charters import Edit, charter_edit
from bot.office.members import forget_me, help_, my_data, nudges, why
from bot.office.setup import Wishes
from bot.office.telling import report
from bot.wording import LANGUAGES
from moderation.policy import Mode
from tests.bot.office.house import ANN, BEN, MONA, House, choice


async def test_help_knows_whom_it_speaks_to(house: House) -> None:
    member = await help_(house.office, house.by(ANN))
    moderator = await help_(house.office, house.by(MONA))
    assert "/steward my-data" in member.text
    assert "/relevance" not in member.text
    assert "/steward my-data" in moderator.text
    assert "/relevance" in moderator.text


async def test_why_in_plain_words_about_one_s_own_post(house: House) -> None:
    post = await house.post("ann", "my cat likes @everyone")
    said = await why(house.office, house.by(ANN), post.key.channel, post.key.message)
    assert said.text.startswith("I took this post for casual talk (96\u00a0%)")
    assert "a casual word" in said.text
    assert "Nothing follows from it" in said.text
    other = await why(house.office, house.by(BEN), post.key.channel, post.key.message)
    assert other.text.startswith("I can tell you about your own posts")


async def test_moderators_hear_about_all_in_full(house: House) -> None:
    post = await house.post("ann", "my cat likes the sofa")
    said = await why(house.office, house.by(MONA), post.key.channel, post.key.message)
    assert "Taken for: casual talk (96" in said.text
    assert "by keyword-1, charter" in said.text


@pytest.mark.parametrize(
    "channel, hint", [("C1", "I have no verdict on this message"), ("C9", "This channel is not read")]
)
async def test_a_message_without_a_verdict(house: House, channel: str, hint: str) -> None:
    assert hint in (await why(house.office, house.by(MONA), channel, "4711")).text
    assert "I have no verdict on this post" in (await why(house.office, house.by(ANN), channel, "4711")).text


async def test_an_unsure_verdict_is_called_one(house: House) -> None:
    post = await house.post("ann", "hm")
    said = await why(house.office, house.by(ANN), post.key.channel, post.key.message)
    assert "I was not sure" in said.text


async def test_my_data_is_one_s_own_and_whole(house: House) -> None:
    await house.post("ann", "which glue for timber?")
    await house.post("ben", "epoxy, and clamp it @Ann")
    await nudges(house.office, house.by(ANN), "off")
    await report(house.office, house.by(ANN), "earn thousands a week from home, ask me how", "pete")
    said = await my_data(house.office, house.by(ANN))
    assert "Judged posts: 1. Replies to others: 0; from others: 1." in said.text
    assert "Nudges are off." in said.text
    (file,) = said.files
    known = json.loads(file.content)
    assert [post["text"] for post in known["posts_with_text"]] == ["which glue for timber?"]
    assert known["no_more_nudges"]
    assert known["reports"][0]["sender"] == "pete"
    assert "epoxy" not in file.content.decode()


async def test_forgetting_asks_first_and_erases_then(house: House) -> None:
    post = await house.post("ann", "which glue for timber?")
    asked = await forget_me(house.office, house.by(ANN))
    assert (await house.choose(ANN, asked, "Keep it")).text == "Nothing was erased."
    said = await house.choose(ANN, asked, "Erase it")
    assert "Nothing about you is stored" in said.text
    async with house.store.work() as work:
        assert await work.messages.get([post.key]) == [None]
        assert await work.decisions.get(post.key) is None


async def test_whoever_presses_erases_themselves(house: House) -> None:
    post = await house.post("ann", "which glue for timber?")
    asked = await forget_me(house.office, house.by(ANN))
    await house.choose(BEN, asked, "Erase it")
    async with house.store.work() as work:
        assert await work.messages.get([post.key]) != [None]


async def test_nudges_go_off_and_on(house: House) -> None:
    async def chosen() -> tuple[set[str], set[str]]:
        async with house.store.work() as work:
            communities = work.communities
            return (
                await communities.opted_out(house.community, ("ann",)),
                await communities.chose_direct(house.community, ("ann",)),
            )

    await nudges(house.office, house.by(ANN), "off")
    assert await chosen() == ({"ann"}, set())
    await nudges(house.office, house.by(ANN), " Direct")
    assert await chosen() == (set(), {"ann"})
    await nudges(house.office, house.by(ANN), "on")
    assert await chosen() == (set(), set())
    assert "on, off or direct" in (await nudges(house.office, house.by(ANN), "maybe")).text


async def test_nudges_that_are_off_are_off_at_once(house: House) -> None:
    await house.set_up(Wishes(mode="nudge"))
    assert (await house.rules())[1].mode is Mode.NUDGE
    await nudges(house.office, house.by(ANN), "off")
    for text in ("my cat", "pizza!", "a joke", "coffee?"):
        await house.post("ann", text)
        house.clock.pass_by(hours=2)
    assert await house.outbox() == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_members_are_answered_in_the_community_s_language(house: House, language: str) -> None:
    proposed = await charter_edit(house.office, house.by(MONA), Edit(language=language))
    if proposed.choices:
        await house.choose(MONA, proposed, "Publish")
    post = await house.post("ann", "my cat")
    for said in (
        await help_(house.office, house.by(ANN)),
        await why(house.office, house.by(ANN), post.key.channel, post.key.message),
        await my_data(house.office, house.by(ANN)),
        await forget_me(house.office, house.by(ANN)),
        await nudges(house.office, house.by(ANN), "on"),
    ):
        assert "{" not in said.text
    asked = await forget_me(house.office, house.by(ANN))
    assert len({each.label for each in asked.choices}) == 2
    assert choice(asked, asked.choices[0].label).token == "forget:yes"
