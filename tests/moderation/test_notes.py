"""moderation/notes.py: what must reach one person does, also where they take no direct messages, and nobody else reads it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from bot.playground.world import What
from moderation.actions import RemovePitch
from moderation.delivery import Delivered
from moderation.errors import PlatformError
from moderation.messages import Message
from moderation.notices import Answer, Reply
from moderation.ports import Abilities, Button, DeliveryState, Press
from moderation.rulings import rule
from tests.factories import PITCH
from tests.moderation.stage import MODERATORS, WORK, Crash, Stage, a_card, name_of

TEXT = "ten leads a day, dm me"
OFFER = "@Ben, there is a note for you."


@pytest.fixture
def stage() -> Stage:
    stage = Stage(abilities=Abilities(private_notes=False))
    stage.platform.add_member("ben", closed=True)
    return stage


async def removed(stage: Stage) -> Message:
    """Ben's pitch was removed."""
    post = await stage.platform.post("ben", WORK, TEXT)
    await stage.judged(post, PITCH)
    await stage.queue(a_card([post]))
    await stage.queue(RemovePitch(name_of(post), (name_of(post),), "ben", "mona"))
    await stage.settle()
    return post


def offer(post: Message) -> str:
    return f"note:returned:{name_of(post)}"


def told(stage: Stage, member: str = "ben") -> list[str]:
    return [note.text for note in stage.platform.world.notes if note.member == member]


async def test_who_is_open_is_told_and_nothing_is_said(stage: Stage) -> None:
    stage.platform.add_member("ben")
    await removed(stage)
    assert TEXT in told(stage)[0]
    assert stage.texts(WORK, "cara") == []


async def test_who_is_closed_is_offered_it_in_a_line_that_says_nothing_of_it(stage: Stage) -> None:
    post = await removed(stage)
    (line,) = stage.platform.view(WORK, "cara")
    assert (line.text, line.labels) == (OFFER, ("Show me",))
    assert told(stage) == []
    returned = await stage.delivery(f"returned:{name_of(post)}")
    assert (returned.state, returned.result) == (
        DeliveryState.DONE,
        "offered in the channel: Ben takes no direct messages.",
    )


async def test_the_note_is_shown_to_them_alone_and_the_line_goes(stage: Stage) -> None:
    post = await removed(stage)
    await stage.platform.press(stage.found(offer(post)), Button.SHOW, "ben")
    (note,) = stage.platform.world.notes
    assert (note.member, note.buttons, note.marker) == ("ben", (Button.APPEAL,), f"returned:{name_of(post)}")
    assert TEXT in note.text
    await stage.deliver()
    assert stage.texts(WORK, "cara") == []
    stage.clock.pass_by(days=8)
    assert await stage.deliver() == Delivered()
    assert stage.count(What.REMOVED) == 2  # the pitch and the line


async def test_an_appeal_goes_on_from_there_and_its_answer_comes_the_same_way(stage: Stage) -> None:
    post = await removed(stage)
    await stage.platform.press(stage.found(offer(post)), Button.SHOW, "ben")
    await stage.platform.press(stage.platform.world.notes[0].id, Button.APPEAL, "ben")
    await stage.settle()
    await stage.platform.press(stage.found(f"appeal:{name_of(post)}", MODERATORS), Button.STAND_BY, "mona")
    await stage.settle()
    (line,) = stage.platform.view(WORK, "cara")
    assert line.text == OFFER
    await stage.platform.press(line.id, Button.SHOW, "ben")
    assert "stays down" in told(stage)[-1]
    assert stage.platform.world.notes[-1].buttons == ()
    await stage.settle()
    assert stage.texts(WORK, "cara") == []


async def test_nobody_else_is_shown_it(stage: Stage) -> None:
    post = await removed(stage)
    for who in ("ann", "mona"):
        await stage.platform.press(stage.found(offer(post)), Button.SHOW, who)
        assert told(stage, who) == ["There is no post of yours for this button, so nothing changes."]
    await stage.settle()
    assert stage.texts(WORK, "cara") == [OFFER]


async def test_the_line_stands_for_a_week(stage: Stage) -> None:
    post = await removed(stage)
    stage.clock.pass_by(days=6, hours=23)
    assert await stage.deliver() == Delivered()
    stage.clock.pass_by(hours=1)
    assert await stage.deliver() == Delivered(done=1)
    assert stage.texts(WORK, "cara") == []
    late = Press(stage.community, Button.SHOW, offer(post), "ben", stage.clock(), WORK)
    assert await rule(stage.store, late) == Answer(Reply.TOO_LATE)


async def test_a_line_that_nobody_knows_shows_nothing(stage: Stage) -> None:
    for subject in ("note:returned:C1/9", "returned:C1/9", ""):
        press = Press(stage.community, Button.SHOW, subject, "ben", stage.clock(), WORK)
        assert await rule(stage.store, press) == Answer(Reply.TOO_LATE)


async def test_where_the_text_is_forgotten_the_note_says_so(stage: Stage) -> None:
    post = await removed(stage)
    async with stage.store.work() as work:
        await work.messages.forget_texts(stage.clock.at.replace(day=28))
        await work.commit()
    await stage.platform.press(stage.found(offer(post)), Button.SHOW, "ben")
    assert "I no longer have its text." in told(stage)[0]


async def test_what_was_deleted_meanwhile_is_not_shown(stage: Stage) -> None:
    post = await removed(stage)
    async with stage.store.work() as work:
        await work.messages.mark_deleted(post.key)
        await work.commit()
    await stage.platform.press(stage.found(offer(post)), Button.SHOW, "ben")
    assert told(stage) == ["That was too long ago: I no longer have what I would need."]


async def test_what_could_not_be_shown_is_still_offered(stage: Stage) -> None:
    post = await removed(stage)
    stage.platform.troubles.fail_next("tell", PlatformError("too late to answer"))
    with pytest.raises(PlatformError):
        await stage.platform.press(stage.found(offer(post)), Button.SHOW, "ben")
    await stage.settle()
    await stage.platform.press(stage.found(offer(post)), Button.SHOW, "ben")
    await stage.settle()
    assert TEXT in told(stage)[0]
    assert stage.texts(WORK, "cara") == []


@pytest.mark.parametrize("error", [Crash(), PlatformError("timed out")], ids=["crash", "unknown"])
@pytest.mark.parametrize("private", [False, True])
async def test_a_note_of_which_nobody_knows_whether_it_was_seen_is_offered(
    error: BaseException, private: bool
) -> None:
    stage = Stage(abilities=Abilities(private_notes=private))
    stage.platform.troubles.fail_next("tell", error, after=True)
    with suppress(Crash):
        await removed(stage)
    stage.clock.pass_by(minutes=11)
    await stage.settle()
    assert stage.count(What.TOLD) == 1
    assert stage.texts(WORK, "cara") == ([] if private else [OFFER])


async def test_a_line_is_said_once_although_it_died_saying_it(stage: Stage) -> None:
    stage.platform.troubles.fail_next("say", Crash(), after=True)
    with pytest.raises(Crash):
        await removed(stage)
    stage.clock.pass_by(minutes=11)
    await stage.settle()
    assert stage.texts(WORK, "cara") == [OFFER]
    assert stage.count(What.SAID) == 1


async def test_whoever_is_erased_takes_the_note_along_and_the_line_goes(stage: Stage) -> None:
    post = await removed(stage)
    async with stage.store.work() as work:
        await work.communities.erase_member(stage.community, "ben")
        await work.commit()
    press = Press(stage.community, Button.SHOW, offer(post), "ben", stage.clock(), WORK)
    assert await rule(stage.store, press) == Answer(Reply.TOO_LATE)
    stage.clock.pass_by(days=7)
    await stage.settle()
    assert stage.texts(WORK, "cara") == []
