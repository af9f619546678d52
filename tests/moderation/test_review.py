"""moderation/review.py: moderators walk through what was drawn, one message after another, on the playground."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.playground.world import What
from moderation.agreement import were_wrong
from moderation.cards import QUESTION_BUTTONS, REVIEW_BUTTONS
from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.messages import ContextLine, Message
from moderation.notices import Answer, DrawnShown, PassedShown, Reply
from moderation.ports import Button, Press
from moderation.review import PUT_OFF, NextQuestion, next_question
from moderation.rulings import rule
from tests.moderation.stage import MODERATORS, WORK, Stage

FLAGGED, NOT_FLAGGED = Occasion.FLAGGED, Occasion.NOT_FLAGGED


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.platform.add_member("max", moderator=True)
    return stage


async def drawn(
    stage: Stage, text: str, occasion: Occasion = NOT_FLAGGED, label: Label = Label.ON_TOPIC
) -> tuple[Message, Draw]:
    """Somebody posts, and it is drawn."""
    message = await stage.platform.post("ben", WORK, text)
    draw = Draw(
        *(message.key, 0, occasion, label, 0.9, 0.5, 0.1, stage.clock(), "test-model", "charter"), stratum="a"
    )
    async with stage.store.work() as work:
        await work.draws.add([draw])
        await work.commit()
    return message, draw


async def asked(stage: Stage, occasion: Occasion = NOT_FLAGGED, member: str = "mona") -> NextQuestion | None:
    async with stage.store.work() as work:
        return await next_question(work, stage.community, occasion, member, stage.clock())


async def texts(stage: Stage, occasion: Occasion = NOT_FLAGGED, member: str = "mona") -> list[str]:
    """The texts of the messages that a moderator is asked about, who rules on each."""
    found: list[str] = []
    while (question := await asked(stage, occasion, member)) is not None:
        found.append(question.shown.text)
        await answer(stage, question, Button.CHATTER, member)
    return found


async def answer(stage: Stage, question: NextQuestion, button: Button, member: str = "mona") -> Answer:
    """Show a question to a moderator alone, who presses a button."""
    note = await stage.platform.tell(
        *(stage.community, MODERATORS, member, question.shown),
        buttons=question.buttons,
        marker=question.subject,
    )
    press = await stage.platform.press(note, button, member)
    return await rule(stage.store, press)


async def rulings(stage: Stage, draw: Draw) -> list[Ruling]:
    async with stage.store.work() as work:
        return await work.rulings.of(stage.community, draw.subject)


async def test_one_is_shown_after_the_other_with_what_stood_before(stage: Stage) -> None:
    await stage.platform.post("ann", WORK, "which glue?")
    first, draw = await drawn(stage, "look at my cat")
    await drawn(stage, "and at my dog")
    question = await asked(stage)
    assert question == NextQuestion(
        draw.subject,
        PassedShown(WORK, first.text, (ContextLine("Ann", "which glue?"),)),
        REVIEW_BUTTONS,
        left=2,
    )
    assert await asked(stage) == question  # nothing is kept about having been shown
    assert await answer(stage, question, Button.CHATTER) == Answer(Reply.RULED)
    second = await asked(stage)
    assert second is not None
    assert (second.shown.text, second.left) == ("and at my dog", 1)
    await answer(stage, second, Button.BELONGS)
    assert await asked(stage) is None
    assert await asked(stage, FLAGGED) is None


@pytest.mark.parametrize("label", [Label.ON_TOPIC, Label.CHATTER, Label.PITCH])
@pytest.mark.parametrize(
    "button, what, wrong",
    [
        (Button.BELONGS, Ruled.FINE, False),
        (Button.CHATTER, Ruled.CHATTER, True),
        (Button.PITCH, Ruled.PITCH, True),
        (Button.NOT_NOW, Ruled.NOT_NOW, None),
    ],
)
async def test_what_is_said_of_it_does_not_hang_on_what_it_was_taken_for(
    stage: Stage, label: Label, button: Button, what: Ruled, wrong: bool | None
) -> None:
    _, draw = await drawn(stage, "my cat", label=label)
    question = await asked(stage)
    assert question is not None
    await answer(stage, question, button)
    (kept,) = await rulings(stage, draw)
    assert (kept.what, kept.by, kept.drawn, kept.model) == (what, "mona", True, "test-model")
    assert were_wrong([draw], [kept]) == [wrong]


@pytest.mark.parametrize("button", [Button.RIGHT, Button.WRONG, Button.OTHER_KIND, Button.REMOVE])
async def test_right_or_wrong_says_nothing_of_what_was_not_flagged(stage: Stage, button: Button) -> None:
    _, draw = await drawn(stage, "my cat", label=Label.CHATTER)
    press = Press(stage.community, button, draw.subject, "mona", stage.clock(), MODERATORS, moderator=True)
    assert await rule(stage.store, press) == Answer(Reply.TOO_LATE)
    assert await rulings(stage, draw) == []


async def test_moderators_are_left_in_peace_until_they_ask(stage: Stage) -> None:
    await drawn(stage, "my cat")
    await stage.settle()
    assert await texts(stage) == ["my cat"]
    await stage.settle()
    assert stage.count(What.CARD_SHOWN) == 0


async def test_what_was_skipped_comes_again_later_and_to_others_at_once(stage: Stage) -> None:
    await drawn(stage, "my cat")
    await drawn(stage, "my dog")
    question = await asked(stage)
    assert question is not None
    await answer(stage, question, Button.NOT_NOW)
    again = await asked(stage)
    assert again is not None
    assert (again.shown.text, again.left) == ("my dog", 1)
    other = await asked(stage, member="max")
    assert other is not None
    assert (other.shown.text, other.left) == ("my cat", 2)
    stage.clock.at += PUT_OFF
    assert await texts(stage) == ["my cat", "my dog"]


async def test_what_cannot_be_shown_as_it_was_is_passed_over(stage: Stage) -> None:
    edited, _ = await drawn(stage, "my cat")
    deleted, _ = await drawn(stage, "my dog")
    await drawn(stage, " ")
    await stage.platform.edit(WORK, edited.key.message, "which glue?")
    await stage.platform.delete(WORK, deleted.key.message)
    await drawn(stage, "my bird")
    assert await texts(stage) == ["my bird"]
    await drawn(stage, "my fish")
    async with stage.store.work() as work:
        await work.messages.forget_texts(stage.clock.at + timedelta(days=8))
        await work.commit()
    assert await asked(stage) is None


async def test_flagged_ones_are_shown_with_what_they_were_taken_for(stage: Stage) -> None:
    _, draw = await drawn(stage, "ten leads a day", FLAGGED, Label.PITCH)
    question = await asked(stage, FLAGGED)
    assert question == NextQuestion(
        draw.subject, DrawnShown(WORK, "ten leads a day", Label.PITCH, 0.9), QUESTION_BUTTONS, left=1
    )
    await answer(stage, question, Button.OTHER_KIND)
    assert [one.what for one in await rulings(stage, draw)] == [Ruled.CHATTER]
    await stage.settle()
    assert stage.count(What.CARD_SHOWN) == 0  # it never had a card of its own


async def test_only_moderators_rule(stage: Stage) -> None:
    _, draw = await drawn(stage, "my cat")
    for button in REVIEW_BUTTONS:
        press = Press(stage.community, button, draw.subject, "ann", stage.clock(), WORK)
        assert await rule(stage.store, press) == Answer(Reply.MODERATORS_ONLY)
    assert await rulings(stage, draw) == []
