"""moderation/holding.py: a pitch that is held comes back by a press, or by itself, and never twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.errors import Unavailable
from moderation.messages import Message
from moderation.pitch_actions import HoldPitch
from moderation.policy import Policy
from moderation.ports import Button, DeliveryState
from tests.factories import PITCH
from tests.moderation.stage import MODERATORS, WORK, Crash, Stage, a_card, name_of

TEXT = "ten leads a day, dm me"


@pytest.fixture
async def stage() -> Stage:
    stage = Stage()
    stage.platform.add_channel("C4", name="for-sale")
    await stage.govern(Policy())
    return stage


async def pitched(stage: Stage, text: str = TEXT) -> tuple[Message, HoldPitch]:
    """A pitch that is to be held, with its card."""
    post = await stage.platform.post("ben", WORK, text)
    await stage.judged(post, PITCH)
    await stage.queue(a_card([post]))
    hold = HoldPitch(name_of(post), name_of(post), 0, "ben")
    await stage.queue(hold)
    return post, hold


async def held(stage: Stage) -> HoldPitch:
    _, hold = await pitched(stage)
    await stage.settle_now()
    return hold


def card(stage: Stage) -> str:
    return stage.platform.view(MODERATORS, "mona")[0].id


def first_line(stage: Stage) -> str:
    return stage.texts(MODERATORS, "mona")[0].splitlines()[0]


def told(stage: Stage) -> list[str]:
    return [note.text.partition(".")[0] for note in stage.platform.world.notes if note.member == "ben"]


def others(stage: Stage) -> list[str]:
    """What everybody but its author sees in the channel."""
    return stage.texts(WORK, "ann")


async def test_it_is_away_its_author_knows_and_the_card_says_so(stage: Stage) -> None:
    await held(stage)
    assert others(stage) == []
    assert len(told(stage)) == 1
    assert told(stage)[0].endswith("so the moderators take a look first")
    assert first_line(stage).startswith("Open. Its post is held until ")
    assert TEXT in stage.texts(MODERATORS, "mona")[0]


async def test_one_press_brings_it_back_under_its_authors_name(stage: Stage) -> None:
    await held(stage)
    await stage.platform.press(card(stage), Button.FINE, "mona")
    await stage.settle_now()
    assert others(stage) == [TEXT]
    assert stage.platform.view(WORK, "ann")[0].author == "Ben"
    assert told(stage)[1:] == ["Your post in #workshop is back"]
    assert first_line(stage).startswith("Brought back (")
    assert "fine as it is" in first_line(stage)


async def test_it_comes_back_by_itself_after_a_day(stage: Stage) -> None:
    await held(stage)
    stage.clock.pass_by(hours=23, minutes=50)
    await stage.settle_now()
    assert others(stage) == []
    stage.clock.pass_by(minutes=11)
    await stage.settle_now()
    assert others(stage) == [TEXT]
    assert first_line(stage).startswith("Open. Brought back (")
    assert "Remove and explain" in stage.platform.view(MODERATORS, "mona")[0].labels


async def test_what_is_ruled_out_stays_away_and_its_author_gets_the_text(stage: Stage) -> None:
    await held(stage)
    await stage.platform.press(card(stage), Button.REMOVE, "mona")
    await stage.settle_now()
    stage.clock.pass_by(hours=25)
    await stage.settle_now()
    assert others(stage) == []
    assert any(TEXT in note.text for note in stage.platform.world.notes if note.member == "ben")
    assert first_line(stage).startswith("Ruled by @Mona (")


async def test_what_came_back_by_itself_can_still_be_removed(stage: Stage) -> None:
    await held(stage)
    stage.clock.pass_by(hours=25)
    await stage.settle_now()
    await stage.platform.press(card(stage), Button.REMOVE, "mona")
    await stage.settle_now()
    assert others(stage) == []


@pytest.mark.parametrize("hours", [0, 25])
async def test_it_can_be_moved_to_the_offers_while_held_and_after(stage: Stage, hours: int) -> None:
    await held(stage)
    stage.clock.pass_by(hours=hours)
    await stage.settle_now()
    await stage.platform.press(card(stage), Button.PROMOTE, "mona")
    await stage.settle_now()
    stage.clock.pass_by(hours=25)
    await stage.settle_now()
    assert stage.texts("C4", "ann") == [TEXT]
    assert others(stage) == []


async def test_a_ruling_before_it_is_held_wins(stage: Stage) -> None:
    post, hold = await pitched(stage)
    await stage.deliver()
    await stage.platform.press(stage.found(f"card:{name_of(post)}", MODERATORS), Button.FINE, "mona")
    await stage.settle_now()
    assert others(stage) == [TEXT]
    assert (await stage.delivery(hold.marker)).state is DeliveryState.CANCELLED


async def test_an_edit_before_it_is_held_wins(stage: Stage) -> None:
    post, hold = await pitched(stage)
    await stage.platform.edit(WORK, post.key.message, "which glue?")
    await stage.settle_now()
    assert others(stage) == ["which glue?"]
    assert (await stage.delivery(hold.marker)).state is DeliveryState.CANCELLED


async def test_an_author_who_deleted_it_gets_nothing_back(stage: Stage) -> None:
    post, hold = await pitched(stage)
    await stage.platform.delete(WORK, post.key.message)
    await stage.settle()
    stage.clock.pass_by(hours=25)
    await stage.settle_now()
    assert others(stage) == []
    assert told(stage) == []
    assert (await stage.delivery(hold.marker)).state is DeliveryState.GONE


async def test_without_the_permission_it_stays_visible(stage: Stage) -> None:
    stage.platform.troubles.forbid(WORK, "Manage Messages", "remove")
    await held(stage)
    assert others(stage) == [TEXT]
    assert told(stage) == []
    assert first_line(stage) == "Open."
    assert any("Manage Messages is missing" in text for text in stage.texts(MODERATORS, "mona"))


async def test_a_hold_that_was_given_up_half_way_lets_the_post_stand(stage: Stage) -> None:
    for _ in range(4):
        stage.platform.troubles.fail_next("remove", Unavailable("busy"))
    await pitched(stage)
    await stage.settle()
    assert others(stage) == [TEXT]
    stage.clock.pass_by(hours=25)
    await stage.settle()
    assert others(stage) == [TEXT]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commits", range(26))
async def test_dying_at_any_commit_loses_nothing_and_doubles_nothing(
    stage: Stage, commits: int, after: bool
) -> None:
    await pitched(stage)
    stage.store.plan.left, stage.store.plan.after = commits, after
    for hours in (0.0, 0.2, 0.2, 24.5, 0.2, 0.2):
        stage.clock.at += timedelta(hours=hours)
        try:
            await stage.settle_now()
        except Crash:
            continue
    assert others(stage) == [TEXT]
    assert len(list(stage.platform.world.standing(WORK))) == 1
    assert len(told(stage)) == len(set(told(stage)))
