"""moderation/rulings.py and delivery.py: drawn messages that moderators are asked about, and removed pitches that are appealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.playground.world import What
from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.errors import Unavailable
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.notices import Answer, Reply
from moderation.ports import Button, DeliveryState, Press
from moderation.report_actions import AskAboutDrawn
from moderation.rulings import rule
from tests.factories import PITCH
from tests.fakes.memory_draws import MemoryDraws
from tests.moderation.stage import BUSINESS, MODERATORS, WORK, Stage, a_card, name_of

TEXT = "ten leads a day, dm me"


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.platform.add_member("max", moderator=True)
    return stage


async def draw(stage: Stage, message: Message, label: Label) -> Draw:
    drawn = Draw(
        *(message.key, message.revision, Occasion.FLAGGED, label, 0.9, 1.0, 1.0),
        *(stage.clock(), "test-model", "charter"),
    )
    async with stage.store.work() as work:
        await work.draws.add([drawn])
        await work.commit()
    return drawn


async def ask(stage: Stage, drawn: Draw) -> str:
    """Show the card of a drawn message; returns its id."""
    await stage.queue(AskAboutDrawn(drawn.subject, drawn.key.name, drawn.revision, drawn.label, drawn.score))
    await stage.deliver()
    return stage.found(drawn.subject, MODERATORS)


async def rulings(stage: Stage, subject: str) -> list[Ruling]:
    async with stage.store.work() as work:
        return await work.rulings.of(stage.community, subject)


def notes(stage: Stage, member: str = "ben") -> list[str]:
    return [note.text for note in stage.platform.world.notes if note.member == member]


def card(stage: Stage, marker: str) -> str:
    post = stage.platform.world.marked(MODERATORS, marker)
    assert post is not None
    return post.text


# --- drawn messages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label, button, what",
    [
        (Label.CHATTER, Button.RIGHT, Ruled.CHATTER),
        (Label.CHATTER, Button.WRONG, Ruled.FINE),
        (Label.CHATTER, Button.OTHER_KIND, Ruled.PITCH),
        (Label.PITCH, Button.RIGHT, Ruled.PITCH),
        (Label.PITCH, Button.WRONG, Ruled.FINE),
        (Label.PITCH, Button.OTHER_KIND, Ruled.CHATTER),
        (Label.PITCH, Button.NOT_NOW, Ruled.NOT_NOW),
    ],
)
async def test_an_answer_is_kept_with_whose_verdict_it_was(
    stage: Stage, label: Label, button: Button, what: Ruled
) -> None:
    drawn = await draw(stage, await stage.platform.post("ben", WORK, "my cat"), label)
    await stage.platform.press(await ask(stage, drawn), button, "mona")
    kept = await rulings(stage, drawn.subject)
    assert [(one.what, one.by, one.drawn, one.moderator, one.model, one.charter_version) for one in kept] == [
        (what, "mona", True, True, "test-model", "charter")
    ]


async def test_the_card_shows_who_said_what_and_that_they_disagree(stage: Stage) -> None:
    drawn = await draw(stage, await stage.platform.post("ben", WORK, "my cat"), Label.CHATTER)
    shown = await ask(stage, drawn)
    assert "my cat" in card(stage, drawn.subject)
    assert "Ben" not in card(stage, drawn.subject)
    await stage.platform.press(shown, Button.RIGHT, "mona")
    await stage.platform.press(shown, Button.WRONG, "max")
    await stage.settle()
    assert "You see this differently" in card(stage, drawn.subject)
    await stage.platform.press(shown, Button.RIGHT, "max")
    await stage.settle()
    assert "You see this differently" not in card(stage, drawn.subject)
    assert stage.count(What.CARD_SHOWN) == 1


async def test_only_moderators_answer(stage: Stage) -> None:
    drawn = await draw(stage, await stage.platform.post("ben", WORK, "my cat"), Label.CHATTER)
    for button in (Button.RIGHT, Button.WRONG, Button.OTHER_KIND, Button.NOT_NOW):
        press = Press(stage.community, button, drawn.subject, "ben", stage.clock(), WORK)
        assert await rule(stage.store, press) == Answer(Reply.MODERATORS_ONLY)
    assert await rulings(stage, drawn.subject) == []
    lost = Press(stage.community, Button.RIGHT, "drawn:flagged:C1/9", "mona", stage.clock(), WORK, True)
    assert await rule(stage.store, lost) == Answer(Reply.TOO_LATE)


async def test_what_its_author_changed_since_is_not_shown_in_its_place(stage: Stage) -> None:
    post = await stage.platform.post("ben", WORK, "my cat")
    drawn = await draw(stage, post, Label.CHATTER)
    await stage.platform.edit(WORK, post.key.message, "which glue?")
    await ask(stage, drawn)
    assert "which glue?" not in card(stage, drawn.subject)
    assert "no longer as it was" in card(stage, drawn.subject)


async def test_a_ruling_on_a_card_is_one_on_the_drawn_ones_among_its_copies(stage: Stage) -> None:
    posts = [await stage.platform.post("ben", channel, TEXT) for channel in (WORK, BUSINESS)]
    drawn = await draw(stage, posts[1], Label.PITCH)
    for post in posts:
        await stage.judged(post, PITCH)
    await stage.queue(a_card(posts))
    await stage.settle()
    shown = stage.found(f"card:{name_of(posts[0])}", MODERATORS)
    await stage.platform.press(shown, Button.FINE, "mona")
    await stage.settle()
    kept = await rulings(stage, drawn.subject)
    assert [(one.what, one.drawn, one.model) for one in kept] == [(Ruled.FINE, True, "test-model")]
    assert [one.drawn for one in await rulings(stage, f"card:{name_of(posts[0])}")] == [False]
    assert stage.platform.view(MODERATORS, "mona")[0].labels == ("Remove and explain",)


async def test_however_many_copies_a_card_has_its_draws_are_looked_up_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts: list[Message] = []
    for channel in (WORK, BUSINESS, WORK):
        posts.append(await stage.platform.post("ben", channel, TEXT))
        await stage.judged(posts[-1], PITCH)
        await stage.queue(a_card(posts))
    drawn = [await draw(stage, post, Label.PITCH) for post in posts]
    asked: list[int] = []
    get = MemoryDraws.get

    async def counted(self: MemoryDraws, keys: Sequence[MessageKey], occasion: Occasion) -> list[Draw | None]:
        asked.append(len(keys))
        return await get(self, keys, occasion)

    monkeypatch.setattr(MemoryDraws, "get", counted)
    subject = f"card:{name_of(posts[0])}"
    await rule(stage.store, Press(stage.community, Button.FINE, subject, "mona", stage.clock(), WORK, True))
    assert asked == [3]
    assert [len(await rulings(stage, each.subject)) for each in drawn] == [1, 1, 1]


async def test_a_copy_that_is_drawn_after_a_ruling_can_be_ruled_on(stage: Stage) -> None:
    posts = [await stage.platform.post("ben", WORK, TEXT)]
    await stage.judged(posts[0], PITCH)
    await stage.queue(a_card(posts))
    await stage.settle()
    shown = stage.found(f"card:{name_of(posts[0])}", MODERATORS)
    await stage.platform.press(shown, Button.FINE, "mona")
    posts.append(await stage.platform.post("ben", BUSINESS, TEXT))
    drawn = await draw(stage, posts[1], Label.PITCH)
    await stage.queue(a_card(posts))
    await stage.settle()
    assert len(stage.platform.view(MODERATORS, "mona")[0].labels) == 4
    await stage.platform.press(shown, Button.FINE, "mona")
    assert [one.what for one in await rulings(stage, drawn.subject)] == [Ruled.FINE]


# --- appeals ---------------------------------------------------------------------------------------------------


async def removed(stage: Stage) -> tuple[str, str]:
    """A pitch was removed and given back; returns its name and the id of the note to its author."""
    post = await stage.platform.post("ben", WORK, TEXT)
    await stage.judged(post, PITCH)
    await stage.queue(a_card([post]))
    await stage.settle()
    await stage.platform.press(stage.found(f"card:{name_of(post)}", MODERATORS), Button.REMOVE, "mona")
    await stage.settle()
    (note,) = [note for note in stage.platform.world.notes if note.member == "ben"]
    assert note.buttons == (Button.APPEAL,)
    return name_of(post), note.id


async def appealed(stage: Stage) -> tuple[str, str]:
    """A removed pitch whose author asked again; returns its name and the id of the card."""
    name, note = await removed(stage)
    await stage.platform.press(note, Button.APPEAL, "ben")
    await stage.settle()
    return name, stage.found(f"appeal:{name}", MODERATORS)


async def test_an_appeal_is_shown_once(stage: Stage) -> None:
    name, note = await removed(stage)
    for _ in range(3):
        await stage.platform.press(note, Button.APPEAL, "ben")
        await stage.settle()
    assert stage.count(What.CARD_SHOWN, f"appeal:{name}") == 1
    assert stage.count(What.CARD_RENEWED, f"appeal:{name}") == 0
    assert TEXT in card(stage, f"appeal:{name}")
    assert "@Mona: to be removed" in card(stage, f"appeal:{name}")
    assert await rulings(stage, f"appeal:{name}") == []


async def test_only_the_author_appeals_and_only_for_seven_days(stage: Stage) -> None:
    name, _ = await removed(stage)

    async def said(member: str, subject: str) -> Answer:
        return await rule(
            stage.store, Press(stage.community, Button.APPEAL, subject, member, stage.clock(), WORK)
        )

    assert await said("ann", f"returned:{name}") == Answer(Reply.NOTHING_OF_YOURS)
    assert await said("ben", "returned:C1/9") == Answer(Reply.TOO_LATE)
    stage.clock.pass_by(days=7)
    assert await said("ben", f"returned:{name}") == Answer(Reply.TOO_LATE)


async def test_a_restored_post_is_back_under_its_authors_name_and_they_hear_of_it(stage: Stage) -> None:
    name, shown = await appealed(stage)
    for _ in range(2):
        press = Press(
            stage.community, Button.RESTORE, f"appeal:{name}", "mona", stage.clock(), MODERATORS, True
        )
        assert await rule(stage.store, press) == Answer(Reply.RULED)
        await stage.settle()
    (back,) = stage.platform.view(WORK, "cara")
    assert (back.author, back.text) == ("Ben", TEXT)
    assert notes(stage)[-1] == "The moderators have looked again, and the post in #workshop is back."
    assert stage.count(What.COPIED) == 1
    assert "Answered: it is back." in card(stage, f"appeal:{name}")
    with pytest.raises(LookupError):
        await stage.platform.press(shown, Button.STAND_BY, "max")
    late = Press(stage.community, Button.STAND_BY, f"appeal:{name}", "max", stage.clock(), MODERATORS, True)
    assert await rule(stage.store, late) == Answer(Reply.RESTORED, WORK)
    await stage.settle()
    assert len(notes(stage)) == 3


async def test_a_restored_post_counts_as_taken_wrongly(stage: Stage) -> None:
    name, shown = await appealed(stage)
    await stage.platform.press(shown, Button.RESTORE, "mona")
    await stage.settle()
    assert [one.what for one in await rulings(stage, f"card:{name}")] == [Ruled.REMOVE, Ruled.FINE]
    assert stage.platform.view(MODERATORS, "mona")[0].labels == ()


async def test_a_removal_that_stands_is_told_kindly_and_may_still_be_taken_back(stage: Stage) -> None:
    name, shown = await appealed(stage)
    await stage.platform.press(shown, Button.STAND_BY, "mona")
    await stage.platform.press(shown, Button.STAND_BY, "max")
    await stage.settle()
    assert stage.texts(WORK) == []
    assert notes(stage)[2:] == [
        (
            "The moderators have looked again, carefully, and the post in #workshop stays down. "
            "You are as welcome as before."
        )
    ]
    assert "Answered: it stays down." in card(stage, f"appeal:{name}")
    await stage.platform.press(shown, Button.RESTORE, "max")
    await stage.settle()
    assert stage.texts(WORK) == [TEXT]
    assert "Answered: it is back." in card(stage, f"appeal:{name}")


async def test_where_the_text_is_forgotten_its_author_may_post_it_again(stage: Stage) -> None:
    name, shown = await appealed(stage)
    async with stage.store.work() as work:
        await work.messages.forget_texts(stage.clock.at + timedelta(days=8))
        await work.commit()
    await stage.platform.press(shown, Button.RESTORE, "mona")
    await stage.settle()
    assert stage.texts(WORK) == []
    assert "feel free to post it once more" in notes(stage)[-1]
    assert "may post it again" in card(stage, f"appeal:{name}")


async def test_only_moderators_answer_an_appeal(stage: Stage) -> None:
    name, _ = await appealed(stage)
    for button in (Button.RESTORE, Button.STAND_BY):
        press = Press(stage.community, button, f"appeal:{name}", "ben", stage.clock(), WORK)
        assert await rule(stage.store, press) == Answer(Reply.MODERATORS_ONLY)
        lost = Press(stage.community, button, "appeal:C1/9", "mona", stage.clock(), WORK, moderator=True)
        assert await rule(stage.store, lost) == Answer(Reply.TOO_LATE)


async def test_a_post_comes_back_once_although_the_platform_was_busy(stage: Stage) -> None:
    name, shown = await appealed(stage)
    stage.platform.troubles.fail_next("copy", Unavailable("busy"), after=True)
    await stage.platform.press(shown, Button.RESTORE, "mona")
    await stage.settle()
    assert stage.texts(WORK) == [TEXT]
    assert (await stage.delivery(f"restore:{name}")).state is DeliveryState.DONE
    assert len(notes(stage)) == 3
