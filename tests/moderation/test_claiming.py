"""moderation/claiming.py: moderators who look at a card see each other."""

from __future__ import annotations

import pytest

from bot.playground.world import What
from moderation.notices import Answer, Reply
from moderation.ports import Button, Press
from moderation.rulings import rule
from tests.factories import PITCH
from tests.moderation.stage import MODERATORS, WORK, Stage, a_card


@pytest.fixture
async def stage() -> Stage:
    stage = Stage()
    stage.platform.add_member("max", moderator=True)
    post = await stage.platform.post("ben", WORK, "ten leads a day, dm me")
    await stage.judged(post, PITCH)
    await stage.queue(a_card([post]))
    await stage.settle_now()
    return stage


def card(stage: Stage) -> str:
    return stage.platform.view(MODERATORS, "mona")[0].id


def first_line(stage: Stage) -> str:
    return stage.texts(MODERATORS, "mona")[0].splitlines()[0]


async def test_two_moderators_who_look_at_once_see_each_other(stage: Stage) -> None:
    assert first_line(stage) == "Open."
    await stage.platform.press(card(stage), Button.CLAIM, "mona")
    await stage.settle_now()
    assert first_line(stage).startswith("Being looked at by @Mona (until ")
    await stage.platform.press(card(stage), Button.CLAIM, "max")
    await stage.settle_now()
    assert first_line(stage).startswith("Being looked at by @Mona and @Max (until ")
    assert stage.count(What.CARD_SHOWN) == 1


async def test_a_second_press_is_no_second_claim(stage: Stage) -> None:
    for _ in range(2):
        await stage.platform.press(card(stage), Button.CLAIM, "mona")
    async with stage.store.work() as work:
        assert len(await work.outbox.beginning(stage.community, "claim:")) == 1


async def test_a_claim_ends_by_itself_and_can_be_made_again(stage: Stage) -> None:
    await stage.platform.press(card(stage), Button.CLAIM, "mona")
    await stage.settle_now()
    stage.clock.pass_by(minutes=31)
    await stage.settle_now()
    assert first_line(stage) == "Open."
    await stage.platform.press(card(stage), Button.CLAIM, "mona")
    await stage.settle_now()
    assert first_line(stage).startswith("Being looked at by @Mona")


async def test_a_ruling_against_a_claim_stands_and_is_shown(stage: Stage) -> None:
    await stage.platform.press(card(stage), Button.CLAIM, "mona")
    await stage.platform.press(card(stage), Button.FINE, "max")
    await stage.settle_now()
    text = stage.texts(MODERATORS, "mona")[0]
    assert first_line(stage).startswith("Ruled by @Max (")
    assert text.splitlines()[-1].endswith(", while @Mona looked at it")


async def test_only_moderators_claim_and_only_what_is_there(stage: Stage) -> None:
    async with stage.store.work() as work:
        (delivery,) = await work.outbox.beginning(stage.community, "card:")
    subject = delivery.marker.rpartition(":")[0]
    for member, what, moderator, said in (
        ("ann", subject, False, Reply.MODERATORS_ONLY),
        ("mona", "card:C1/9", True, Reply.TOO_LATE),
        ("mona", subject, True, Reply.CLAIMED),
    ):
        press = Press(stage.community, Button.CLAIM, what, member, stage.clock(), WORK, moderator)
        assert await rule(stage.store, press) == Answer(said)


async def test_a_claim_is_no_ruling(stage: Stage) -> None:
    await stage.platform.press(card(stage), Button.CLAIM, "mona")
    async with stage.store.work() as work:
        assert [each async for each in work.rulings.all(stage.community)] == []
