"""/steward: what every member may ask."""

from __future__ import annotations

import json

import pytest

from bot.slack.commands.phrases import PHRASES
from bot.wording import LANGUAGES
from tests.bot.slack.asking import PITCH, a_shop, ask, press, submit


async def test_help_tells_moderators_more() -> None:
    async with a_shop() as shop:
        assert "For moderators" in (await ask(shop, "mona", "/steward help")).text
        assert "For moderators" not in (await ask(shop, "ann", "/steward")).text


async def test_my_data_comes_as_a_file_by_direct_message() -> None:
    async with a_shop() as shop:
        shop.post("ann", "workshop", "which glue for oak?")
        await shop.settle()
        answer = await ask(shop, "ann", "/steward my-data")
        known = json.loads(answer.files["my-data.json"])
        assert known["member"] == shop.people["ann"].id
        assert known["posts_with_text"][0]["text"] == "which glue for oak?"


async def test_everything_about_somebody_is_erased_on_their_word() -> None:
    async with a_shop() as shop:
        shop.post("ann", "workshop", "which glue for oak?")
        await shop.settle()
        asked = await ask(shop, "ann", "/steward forget-me")
        assert "Done." in (await press(shop, "ann", asked, "Erase it")).text
        known = json.loads((await ask(shop, "ann", "/steward my-data")).files["my-data.json"])
        assert known["posts_with_text"] == []


@pytest.mark.parametrize("wish", ["on", "off", "direct"])
async def test_how_somebody_is_spoken_to(wish: str) -> None:
    async with a_shop() as shop:
        assert (await ask(shop, "ann", f"/steward nudges {wish}")).text
        async with shop.store.work() as work:
            ann = (shop.people["ann"].id,)
            assert bool(await work.communities.opted_out(shop.community, ann)) is (wish == "off")
            assert bool(await work.communities.chose_direct(shop.community, ann)) is (wish == "direct")


async def test_why_by_a_link() -> None:
    async with a_shop() as shop:
        post = shop.post("pete", "business", PITCH)
        await shop.settle()
        assert "an offer" in (await ask(shop, "pete", f"/steward why <{shop.link(post)}>")).text
        assert "an offer" in (await ask(shop, "pete", f"/steward why {post.ts}", "business")).text


async def test_a_private_pitch_is_told_in_a_form() -> None:
    async with a_shop() as shop:
        sender = shop.people["pete"].id
        asked = await ask(shop, "ann", f"/steward report <@{sender}|pete>")
        assert list(asked.fields) == ["text"]
        answer = await submit(shop, "ann", {"text": PITCH})
        assert "second person" in answer.text
        assert answer.posts
        await ask(shop, "ben", "/steward report")
        assert "moderators see it now" in (await submit(shop, "ben", {"text": PITCH})).text
        async with shop.store.work() as work:
            assert {each.sender for each in await work.reports.all(shop.community)} == {sender, ""}


def test_every_language_has_every_phrase_within_slacks_limits() -> None:
    assert set(PHRASES) == set(LANGUAGES)
    for phrases in PHRASES.values():
        assert phrases.keys() == PHRASES["en"].keys()
        assert len(phrases["report_title"]) <= 24
        assert all(len(phrases[key]) <= 24 for key in ("close", "send", "cancel"))
        assert all(len(text) <= 75 for key, text in phrases.items() if key.startswith(("button_", "set_")))
        assert "{permission}" in phrases["permission"]
