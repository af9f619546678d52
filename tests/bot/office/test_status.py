"""bot/office/status.py: the real mode, the promise, what waits; and a pause that the line honours."""

from __future__ import annotations

from datetime import timedelta

from bot.office.setup import Wishes
from bot.office.status import pause, resume, status
from moderation.actions import NudgeStretch
from moderation.promise import Promise
from tests.bot.office.house import ANN, MONA, WORK, House


async def test_it_says_mode_promise_and_what_waits(house: House) -> None:
    await house.post("pete", "buy ten leads a day from me, a real discount")
    await house.settle()
    said = await status(house.office, house.by(MONA))
    assert "Mode: observe" in said.text
    assert "Promise: none" in said.text
    assert "1 open pitch card" in said.text
    assert "0 flagged (/relevance calibrate), 0 not flagged" in said.text
    assert "no messages to judge" in said.text
    assert "no actions got lost, and the platform refused 0" in said.text
    assert said.private


async def test_with_a_promise_it_says_what_is_missing() -> None:
    house = House(lots="a secret")
    await house.set_up()
    await house.set_up(Wishes(mode="offer", promise=str(Promise())))
    said = await status(house.office, house.by(MONA))
    assert "observe. The charter asks for offer" in said.text
    assert said.text.count("It takes about") == 2


async def test_a_pause_keeps_the_mode_and_silences_the_line(house: House) -> None:
    await house.set_up(Wishes(mode="offer"))
    said = await pause(house.office, house.by(MONA), 2)
    assert "Nothing is said to members until 02 March 11:00" in said.text
    assert "Paused until" in (await status(house.office, house.by(MONA))).text
    await house.talk()
    house.clock.pass_by(minutes=3)
    await house.settle()
    assert not any(isinstance(each.action, NudgeStretch) for each in await house.outbox())
    house.clock.pass_by(hours=3)
    assert "Paused" not in (await status(house.office, house.by(MONA))).text
    await house.talk()
    house.clock.pass_by(minutes=3)
    await house.settle()
    assert any(isinstance(each.action, NudgeStretch) for each in await house.outbox())
    assert house.seen(WORK)[-1].startswith("This talk has a cosy home in #teabreak")


async def test_resume_ends_a_pause(house: House) -> None:
    assert "There is no pause" in (await resume(house.office, house.by(MONA))).text
    await pause(house.office, house.by(MONA), 24)
    assert "The pause is over" in (await resume(house.office, house.by(MONA))).text
    _, policy = await house.rules()
    assert not policy.is_paused(house.clock() + timedelta(minutes=1))


async def test_a_pause_has_its_bounds_and_is_for_moderators(house: House) -> None:
    for hours in (0, -1, 169):
        assert "up to 168 hours" in (await pause(house.office, house.by(MONA), hours)).text
    assert "for the moderators" in (await pause(house.office, house.by(ANN), 1)).text
    assert (await house.rules())[1].paused_until is None
