"""bot/office/figures.py, verdicts.py and logbook.py: what moderators look at."""

from __future__ import annotations

import json

import pytest

from bot.office.figures import digest, stats
from bot.office.logbook import log
from bot.office.setup import Wishes
from bot.office.verdicts import first_cards
from tests.bot.office.house import ANN, MONA, House

PITCH = "buy ten leads a day from me @everyone, a real discount"


async def test_the_digest_is_text_with_a_chart_and_figures(house: House) -> None:
    await house.talk()
    said = await digest(house.office, house.by(MONA), "1")
    assert "Bench & Plane" in said.text
    assert said.image is not None
    assert said.image.content.startswith(b"\x89PNG")
    assert said.image.alt_text
    assert json.loads(said.files[0].content)


async def test_the_latest_week_unless_told(house: House) -> None:
    await house.talk()
    house.clock.pass_by(days=8)
    assert "2–8 March 2026" in (await digest(house.office, house.by(MONA))).text


@pytest.mark.parametrize("days", ["0", "93", "many", "-1"])
async def test_wrong_days_are_said(house: House, days: str) -> None:
    assert "write 1 to 92, or week" in (await stats(house.office, house.by(MONA), days)).text


async def test_stats_are_a_few_lines(house: House) -> None:
    await house.talk()
    await house.post("pete", PITCH)
    await house.settle()
    said = await stats(house.office, house.by(MONA))
    assert "Read: 5 messages of 4 people: 0 on topic, 4 casual, 1 pitch, 0 unsure." in said.text
    assert "Drifted talks: 1" in said.text
    assert "Pitch cards: 1, of which 0 were taken down." in said.text


async def test_the_first_look_shows_what_it_would_flag_first(house: House) -> None:
    await house.post("ben", "which saw for oak timber?")
    await house.talk()
    await house.post("pete", PITCH)
    await house.post("ann", "coffee later?")
    said = await first_cards(house.office, house.by(MONA), 6)
    assert said.text.startswith("6 verdicts of the last days; 6 of them I would flag")
    first, second = said.text.index("1. #workshop"), said.text.index("2. #workshop")
    assert "a pitch (96" in said.text[first:second]
    assert "link:C1/" in said.text
    assert "@everyone" not in said.text
    assert "/relevance promise is the way to be sure" in said.text
    assert "which saw" not in said.text


async def test_it_is_honest_about_how_little_there_is(house: House) -> None:
    assert "I have no message of the last days" in (await first_cards(house.office, house.by(MONA))).text
    await house.post("ben", "which saw for oak timber?")
    said = await first_cards(house.office, house.by(MONA))
    assert said.text.startswith(
        "1 verdict of the last days. All of them belong, as far as I can tell. There are no more"
    )


async def test_the_log_says_what_was_done_and_how_it_ended(house: House) -> None:
    assert "I have not done anything here yet." in (await log(house.office, house.by(MONA))).text
    await house.set_up(Wishes(mode="offer"))
    await house.talk()
    house.clock.pass_by(minutes=3)
    await house.settle()
    await house.post("pete", PITCH)
    said = await log(house.office, house.by(MONA))
    newest, older = said.text.splitlines()
    assert "The card of a pitch by @pete." in newest
    assert newest.endswith("— waits")
    assert "A nudge to a talk of 4 posts with the offer to move." in older
    assert older.endswith("— done")
    assert "1 to 50" in (await log(house.office, house.by(MONA), 0)).text


async def test_they_are_for_moderators(house: House) -> None:
    for command in (digest, stats, first_cards, log):
        assert "for the moderators" in (await command(house.office, house.by(ANN))).text
