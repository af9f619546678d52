"""moderation/lines.py: what is said to members in a channel goes when its time is over or it was answered, once and for sure."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.world import What
from moderation.actions import FloodHint, NudgeAuthor, NudgeStretch, TakeBack, Welcome
from moderation.delivery import Delivered, Patience
from moderation.errors import NotReachable, Unavailable
from moderation.policy import Mode, Policy
from moderation.ports import Abilities, Button, DeliveryState, Press
from moderation.rulings import rule
from tests.moderation.stage import SOCIAL, WORK, Crash, Stage, a_nudge

OPEN_ONLY = Abilities(private_notes=False)
LINES = (("ann", "my cat ate the sandpaper"), ("ben", "ha, mine eats glue"), ("ann", "what a pair"))
LONE, FLOOD = NudgeAuthor("ann", "000001", SOCIAL), FloodHint("ann", "000001")
TO_ANN = pytest.mark.parametrize("line", [LONE, FLOOD], ids=["lone", "flood"])
LATE = Patience(limit=10, tries=4, stale=timedelta(days=1))
Line = NudgeAuthor | FloodHint


@pytest.fixture
def stage() -> Stage:
    return Stage(abilities=OPEN_ONLY)


async def said(stage: Stage, line: Line | NudgeStretch) -> str:
    """The line stands in the channel; returns its id."""
    await stage.queue(line)
    await stage.deliver()
    return stage.found(line.marker)


async def talked(stage: Stage) -> tuple[NudgeStretch, str]:
    nudge = a_nudge(await stage.talk(*LINES))
    return nudge, await said(stage, nudge)


def stands(stage: Stage, line: Line | NudgeStretch) -> bool:
    return stage.platform.world.marked(WORK, line.marker) is not None


async def chose_direct(stage: Stage, member: str = "ann") -> None:
    async with stage.store.work() as work:
        await work.communities.choose_direct(stage.community, member, direct=True)
        await work.commit()


# --- its time --------------------------------------------------------------------------------------------------


@TO_ANN
async def test_a_line_for_one_member_stands_for_half_an_hour(stage: Stage, line: Line) -> None:
    post = await said(stage, line)
    stage.clock.pass_by(minutes=29)
    assert await stage.deliver() == Delivered()
    assert stands(stage, line)
    stage.clock.pass_by(minutes=1)
    assert await stage.deliver() == Delivered(done=1)
    assert not stands(stage, line)
    stage.clock.pass_by(days=1)
    assert await stage.deliver() == Delivered()
    assert stage.count(What.REMOVED, post=post) == 1


@pytest.mark.parametrize("abilities", [Abilities(), OPEN_ONLY], ids=["notes", "open"])
async def test_a_line_for_a_talk_stands_for_half_an_hour_whoever_answers(abilities: Abilities) -> None:
    stage = Stage(abilities=abilities)
    nudge, post = await talked(stage)
    for button, who in ((Button.MOVE_MINE, "ann"), (Button.BELONGS_HERE, "ben")):
        await stage.platform.press(post, button, who)
        await stage.settle()
    assert stands(stage, nudge)
    stage.clock.pass_by(minutes=30)
    await stage.settle()
    assert not stands(stage, nudge)


async def test_moved_posts_can_come_back_when_the_line_is_gone(stage: Stage) -> None:
    nudge, post = await talked(stage)
    stage.clock.pass_by(minutes=25)
    await stage.platform.press(post, Button.MOVE_MINE, "ben")
    await stage.settle()
    stage.clock.pass_by(minutes=30)
    await stage.settle()
    assert not stands(stage, nudge)
    pointer = stage.found(f"move:{nudge.stretch}:+1:pointer")
    await stage.platform.press(pointer, Button.UNDO, "ben")
    await stage.settle()
    assert LINES[1][1] in stage.texts(WORK)


async def test_consent_that_was_on_its_way_when_the_line_went_counts(stage: Stage) -> None:
    nudge, _ = await talked(stage)
    stage.clock.pass_by(minutes=31)
    await stage.settle()
    press = Press(stage.community, Button.MOVE_MINE, nudge.marker, "ben", stage.clock(), WORK)
    await rule(stage.store, press)
    await stage.settle()
    assert LINES[1][1] in stage.texts(SOCIAL)


async def test_a_welcome_stays(stage: Stage) -> None:
    await stage.queue(Welcome("ann", "000001", SOCIAL))
    await stage.settle()
    stage.clock.pass_by(days=30)
    assert await stage.deliver() == Delivered()
    assert len(stage.texts(WORK)) == 1


@TO_ANN
async def test_of_a_private_note_nothing_is_taken_away(line: Line) -> None:
    stage = Stage()
    await stage.queue(line)
    await stage.deliver()
    await stage.platform.press(stage.platform.world.notes[0].id, Button.NO_MORE, "ann")
    stage.clock.pass_by(days=1)
    assert await stage.deliver() == Delivered()


async def test_what_somebody_deleted_by_hand_is_gone(stage: Stage) -> None:
    await stage.platform.delete(WORK, await said(stage, LONE))
    stage.clock.pass_by(minutes=30)
    assert await stage.deliver() == Delivered(gone=1)


async def test_taking_away_waits_for_a_busy_platform(stage: Stage) -> None:
    await said(stage, LONE)
    stage.clock.pass_by(minutes=30)
    stage.platform.troubles.fail_next("remove", Unavailable("busy", retry_after=40))
    assert await stage.deliver() == Delivered(postponed=1)
    stage.clock.pass_by(seconds=40)
    assert await stage.deliver() == Delivered(done=1)
    assert not stands(stage, LONE)


# --- answered --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line, button",
    [(LONE, Button.BELONGS_HERE), (LONE, Button.NO_MORE), (FLOOD, Button.NO_MORE)],
)
async def test_a_line_goes_as_soon_as_it_is_answered(stage: Stage, line: Line, button: Button) -> None:
    post = await said(stage, line)
    await stage.platform.press(post, button, "ann")
    await stage.deliver()
    assert not stands(stage, line)
    stage.clock.pass_by(hours=1)
    await stage.settle()
    assert stage.count(What.REMOVED, post=post) == 1


async def test_who_asks_why_may_answer_still(stage: Stage) -> None:
    post = await said(stage, LONE)
    await stage.platform.press(post, Button.WHY, "ann")
    await stage.settle()
    assert stands(stage, LONE)


@pytest.mark.parametrize("who, button", [("ben", Button.NO_MORE), ("mona", Button.BELONGS_HERE)])
async def test_nobody_else_answers_for_them(stage: Stage, who: str, button: Button) -> None:
    post = await said(stage, LONE)
    await stage.platform.press(post, button, who)
    await stage.settle()
    assert stands(stage, LONE)


@TO_ANN
@pytest.mark.parametrize("error", [Crash(), Unavailable("timed out")], ids=["crash", "unknown"])
async def test_a_line_that_is_answered_before_it_is_known_to_be_said_goes_and_is_not_said_again(
    stage: Stage, line: Line, error: BaseException
) -> None:
    stage.platform.troubles.fail_next("say", error, after=True)
    await stage.queue(line)
    with suppress(Crash):
        await stage.deliver()
    post = stage.found(line.marker)
    await stage.platform.press(post, Button.NO_MORE, "ann")
    await stage.deliver()
    await stage.settle()
    stage.clock.pass_by(hours=1)
    await stage.settle()
    assert not stands(stage, line)
    assert (stage.count(What.SAID), stage.count(What.REMOVED)) == (1, 1)
    assert (await stage.delivery(line.marker)).state is DeliveryState.DONE


# --- given up --------------------------------------------------------------------------------------------------


async def test_a_line_to_a_talk_that_ended_while_we_were_away_does_not_stay(stage: Stage) -> None:
    nudge = a_nudge(await stage.talk(*LINES))
    stage.platform.troubles.fail_next("say", Crash(), after=True)
    await stage.queue(nudge)
    with pytest.raises(Crash):
        await stage.deliver()
    assert stands(stage, nudge)
    stage.clock.pass_by(hours=2)
    assert await stage.deliver() == Delivered(cancelled=1)
    assert await stage.deliver() == Delivered(done=1)
    assert not stands(stage, nudge)


async def test_of_what_was_never_said_nothing_is_taken_away() -> None:
    stage = Stage(abilities=OPEN_ONLY, patience=LATE)
    stage.platform.troubles.fail_next("say", Unavailable("down"), times=9)
    await stage.queue(LONE)
    await stage.settle()
    assert (await stage.delivery(LONE.marker)).state is DeliveryState.LOST
    assert (await stage.delivery(TakeBack(LONE.marker).marker)).result == "nothing stands there"
    assert stage.count(What.REMOVED) == 0


# --- direct messages -------------------------------------------------------------------------------------------


@TO_ANN
async def test_who_chose_direct_messages_is_told_so(stage: Stage, line: Line) -> None:
    await chose_direct(stage)
    await stage.queue(line)
    assert await stage.deliver() == Delivered(done=1)
    assert [note.member for note in stage.platform.world.notes] == ["ann"]
    assert stage.texts(WORK, "cara") == []
    stage.clock.pass_by(hours=1)
    assert await stage.deliver() == Delivered()


async def test_owners_can_choose_direct_messages_for_all(stage: Stage) -> None:
    await stage.govern(Policy(mode=Mode.OFFER, direct_messages=True))
    await stage.queue(LONE)
    await stage.deliver()
    assert [note.member for note in stage.platform.world.notes] == ["ann"]
    assert stage.texts(WORK, "cara") == []


async def test_that_others_chose_them_is_nothing_to_her(stage: Stage) -> None:
    await chose_direct(stage, "ben")
    await said(stage, LONE)
    assert stage.platform.world.notes == []


async def test_no_more_goes_before_direct(stage: Stage) -> None:
    await chose_direct(stage)
    async with stage.store.work() as work:
        await work.communities.opt_out(stage.community, "ann", silent=True)
        await work.commit()
    await stage.queue(LONE)
    assert await stage.deliver() == Delivered(cancelled=1)


def close(stage: Stage, member: str = "ann") -> None:
    stage.platform.add_member(member, closed=True)


async def test_who_is_closed_to_direct_messages_is_spoken_to_in_the_channel(stage: Stage) -> None:
    await chose_direct(stage)
    close(stage)
    await stage.queue(LONE)
    assert await stage.deliver() == Delivered(postponed=1)
    assert await stage.deliver() == Delivered(done=1)
    assert "@Ann" in stage.texts(WORK, "cara")[0]
    assert stage.platform.world.notes == []
    stage.clock.pass_by(minutes=30)
    await stage.settle()
    assert not stands(stage, LONE)


async def test_a_direct_message_that_is_interrupted_is_lost_and_not_said_aloud(stage: Stage) -> None:
    await chose_direct(stage)
    stage.platform.troubles.fail_next("tell", Crash(), after=True)
    await stage.queue(LONE)
    with pytest.raises(Crash):
        await stage.deliver()
    stage.clock.pass_by(minutes=11)
    assert await stage.deliver() == Delivered(lost=1)
    await stage.settle()
    assert stage.texts(WORK, "cara") == []


async def test_where_notes_are_private_nobody_is_spoken_to_aloud_instead(stage: Stage) -> None:
    stage = Stage()
    stage.platform.troubles.fail_next("tell", NotReachable("not in this channel"))
    await stage.queue(LONE)
    assert await stage.deliver() == Delivered(refused=1)
    await stage.settle()
    assert stage.texts(WORK, "cara") == []
    assert (await stage.delivery(LONE.marker)).result == "not in this channel"


# --- erased and dead -------------------------------------------------------------------------------------------


async def test_a_line_to_somebody_who_is_erased_still_goes(stage: Stage) -> None:
    post = await said(stage, LONE)
    async with stage.store.work() as work:
        await work.communities.erase_member(stage.community, "ann")
        await work.commit()
    async with stage.store.work() as work:
        assert [each.action for each in await work.outbox.all(stage.community)] == [TakeBack("", post)]
    stage.clock.pass_by(minutes=30)
    assert await stage.deliver() == Delivered(done=1)
    assert stage.texts(WORK, "cara") == []


@given(
    deaths=st.lists(st.tuples(st.booleans(), st.integers(0, 20), st.booleans()), min_size=1, max_size=4),
    closed=st.booleans(),
    answer=st.sampled_from([None, Button.BELONGS_HERE, Button.NO_MORE]),
)
def test_wherever_it_dies_a_line_is_said_once_and_taken_away_once(
    deaths: list[tuple[bool, int, bool]], closed: bool, answer: Button | None
) -> None:
    asyncio.run(dying_lines(deaths, answer, closed=closed))


async def dying_lines(deaths: list[tuple[bool, int, bool]], answer: Button | None, *, closed: bool) -> None:
    stage = Stage(abilities=OPEN_ONLY, patience=Patience(stale=timedelta(days=1)))
    if closed:
        await chose_direct(stage)
        close(stage)
    nudge = a_nudge(await stage.talk(*LINES))
    await stage.queue(nudge)
    await stage.queue(LONE)
    for in_store, left, after in deaths:
        if in_store:
            stage.store.plan.left, stage.store.plan.after = left, after
        else:
            stage.platform.troubles.fail_next("", Crash(), after=after, skip=left)
        try:
            await stage.settle()
            line = stage.platform.world.marked(WORK, LONE.marker)
            if line is not None and answer is not None:
                await stage.platform.press(line.id, answer, "ann")
        except Crash:
            stage.clock.pass_by(minutes=11)
    stage.platform.troubles.clear()
    stage.store.plan.left = None
    for _ in range(3):
        await stage.settle()
        stage.clock.pass_by(minutes=31)
    was_told = stage.count(What.TOLD, LONE.marker)
    is_lost = (await stage.delivery(LONE.marker)).state is DeliveryState.LOST
    assert was_told == 0
    assert stage.count(What.SAID, LONE.marker) + is_lost == 1
    assert stage.count(What.SAID, nudge.marker) <= 1  # none, where the talk was over by then
    for each in (LONE, nudge):
        assert not stands(stage, each)
        taken = stage.count(What.REMOVED, f"said for a while only: {each.marker}")
        assert taken == stage.count(What.SAID, each.marker)
