"""moderation/lines.py: nothing is said that is out of place by the time when it would be said, and it is said where the message stands."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bot.playground.world import What
from moderation.actions import Action, FloodHint, NudgeAuthor, OfferNote, ReturnText, Welcome
from moderation.delivery import Delivered
from moderation.messages import Message
from moderation.move_actions import MoveStretch
from moderation.policy import Mode, Policy, QuietHours
from moderation.ports import Abilities
from tests.factories import MONDAY
from tests.moderation.stage import SOCIAL, WORK, Crash, Stage, a_move, a_nudge, name_of, stretch_of

LINES = (("ann", "my cat ate the sandpaper"), ("ben", "ha, mine eats glue"), ("ann", "what a pair"))
SILENT = [
    Policy(Mode.OBSERVE),
    Policy(Mode.MOVE, paused_until=MONDAY + timedelta(days=1)),
    Policy(Mode.MOVE, quiet_hours=QuietHours(time(0), time(23, 59)), time_zone="Europe/Berlin"),
]
WORDS = [NudgeAuthor, FloodHint, Welcome]
by_policy = pytest.mark.parametrize("policy", SILENT, ids=["observe", "paused", "quiet"])
by_word = pytest.mark.parametrize("word", WORDS, ids=lambda word: word.__name__)


@pytest.fixture
async def stage() -> Stage:
    stage = Stage(abilities=Abilities(private_notes=False))
    await stage.govern(Policy(Mode.MOVE))
    return stage


def a_word(word: type[Action], message: Message) -> Action:
    member, name = message.author.id, message.key.message
    if word is FloodHint:
        return FloodHint(member, name)
    return Welcome(member, name, SOCIAL) if word is Welcome else NudgeAuthor(member, name, SOCIAL)


def unasked(talk: list[Message]) -> MoveStretch:
    names = tuple(message.key.message for message in talk)
    return MoveStretch(stretch_of(talk), SOCIAL, names, ("ann", "ben"), by="policy")


@by_word
@by_policy
async def test_nobody_is_spoken_to_once_moderators_wish_silence(
    stage: Stage, word: type[Action], policy: Policy
) -> None:
    await stage.queue(a_word(word, await stage.platform.post("ann", WORK, "hello")))
    await stage.govern(policy)
    assert await stage.deliver() == Delivered(cancelled=1)
    assert stage.count(What.SAID) == 0


@by_policy
async def test_no_talk_is_spoken_to_once_moderators_wish_silence(stage: Stage, policy: Policy) -> None:
    await stage.queue(a_nudge(await stage.talk(*LINES)))
    await stage.govern(policy)
    assert await stage.deliver() == Delivered(cancelled=1)
    assert stage.count(What.SAID) == 0


@by_word
async def test_nobody_is_spoken_to_about_what_they_wrote_long_ago(stage: Stage, word: type[Action]) -> None:
    await stage.queue(a_word(word, await stage.platform.post("ann", WORK, "hello")))
    stage.clock.pass_by(minutes=31)
    assert await stage.deliver() == Delivered(cancelled=1)


@by_word
async def test_nobody_is_spoken_to_about_what_is_not_there(stage: Stage, word: type[Action]) -> None:
    post = await stage.platform.post("ann", WORK, "hello")
    await stage.platform.delete(WORK, post.key.message)
    await stage.queue(a_word(word, post))
    assert await stage.deliver() == Delivered(cancelled=1)


async def test_no_offer_is_made_where_nothing_is_offered_any_more(stage: Stage) -> None:
    await stage.queue(a_nudge(await stage.talk(*LINES)))
    await stage.govern(Policy(Mode.NUDGE))
    await stage.deliver()
    assert stage.platform.view(WORK, "ann")[-1].labels == ("It belongs here", "Why?", "No more nudges")


@pytest.mark.parametrize("policy", [*SILENT, Policy(Mode.OFFER)], ids=["observe", "paused", "quiet", "offer"])
async def test_nothing_is_moved_unasked_once_moderators_wish_otherwise(stage: Stage, policy: Policy) -> None:
    await stage.queue(unasked(await stage.talk(*LINES)))
    await stage.govern(policy)
    assert await stage.deliver() == Delivered(cancelled=1)
    assert stage.texts(SOCIAL) == []


async def test_a_talk_that_is_over_is_not_moved_unasked(stage: Stage) -> None:
    await stage.queue(unasked(await stage.talk(*LINES)))
    stage.clock.pass_by(minutes=31)
    assert await stage.deliver() == Delivered(cancelled=1)


async def test_what_an_author_asked_for_is_moved_all_the_same(stage: Stage) -> None:
    await stage.queue(a_move(await stage.talk(*LINES), "ann"))
    await stage.govern(Policy(Mode.OBSERVE, paused_until=MONDAY + timedelta(days=1)))
    stage.clock.pass_by(minutes=31)
    assert await stage.deliver() == Delivered(done=1)
    assert LINES[0][1] in stage.texts(SOCIAL)


async def test_a_move_that_has_begun_is_brought_to_its_end(stage: Stage) -> None:
    await stage.queue(unasked(await stage.talk(*LINES)))
    stage.platform.troubles.fail_next("copy", Crash(), skip=1)
    with pytest.raises(Crash):
        await stage.deliver()
    await stage.govern(Policy(Mode.OBSERVE))
    stage.clock.pass_by(minutes=31)
    assert await stage.deliver() == Delivered(done=1)
    assert LINES[2][1] in stage.texts(SOCIAL)


async def test_a_line_that_was_said_before_moderators_wished_silence_goes(stage: Stage) -> None:
    await stage.queue(a_word(NudgeAuthor, await stage.platform.post("ann", WORK, "hello")))
    stage.platform.troubles.fail_next("say", Crash(), after=True)
    with pytest.raises(Crash):
        await stage.deliver()
    await stage.govern(Policy(Mode.OBSERVE))
    stage.clock.pass_by(minutes=11)
    assert await stage.deliver() == Delivered(cancelled=1)
    await stage.settle()
    assert stage.texts(WORK, "cara") == ["hello"]


# --- where it stands -------------------------------------------------------------------------------------------


@by_word
async def test_a_line_stands_in_the_thread_of_the_message(stage: Stage, word: type[Action]) -> None:
    root = await stage.platform.post("cara", WORK, "which glue?")
    post = await stage.platform.post("ann", WORK, "hello", thread=root.key.message)
    await stage.queue(a_word(word, post))
    await stage.deliver()
    assert stage.platform.view(WORK, "cara")[-1].thread == root.key.message


async def test_a_note_is_offered_in_the_thread_of_the_post_that_it_is_about(stage: Stage) -> None:
    root = await stage.platform.post("cara", WORK, "which glue?")
    post = await stage.platform.post("ann", WORK, "buy mine", thread=root.key.message)
    stage.platform.add_member("ann", closed=True)
    note = ReturnText(name_of(post), name_of(post), "ann")
    await stage.queue(note)
    await stage.settle()
    offer = stage.platform.world.marked(WORK, OfferNote(note.marker, "ann").marker)
    assert offer is not None
    assert offer.thread == root.key.message
