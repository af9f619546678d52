"""moderation/moving.py: nothing is lost, nothing is doubled, and authors have the last word."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.world import What
from moderation.errors import Unavailable
from moderation.messages import Attachment, Message, MessageKey
from moderation.move_actions import MoveStretch, UndoMove
from moderation.moving_steps import MANY_REACTIONS
from moderation.notices import MovePointer, Notice
from moderation.ports import Abilities, Button, Community, DeliveryState, MovedPost, MoveState, Press
from moderation.rulings import rule
from tests.factories import ON_TOPIC
from tests.moderation.stage import MODERATORS, SOCIAL, WORK, Crash, Stage, a_move, a_nudge

LINES = (("ann", "my cat ate the sandpaper"), ("ben", "ha, mine eats glue"), ("ann", "what a pair"))
TEXTS = [text for _, text in LINES]
POINTER = "This talk goes on in #teabreak. Old links to it no longer open; for 7 days it can come back."
POINTER_STAYS = "This talk goes on in #teabreak. What was written here stays, with a copy over there."
TOLD = " @Ben: your own posts are yours to bring back."
"""To ben, for it is ann's wish alone."""
HEADER = "A talk from #workshop goes on here."


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def moved_posts(stage: Stage, move: MoveStretch) -> list[MovedPost]:
    async with stage.store.work() as work:
        return await work.moves.of(stage.community, move.marker)


async def states(stage: Stage, move: MoveStretch) -> list[MoveState]:
    return [post.state for post in await moved_posts(stage, move)]


async def carry_out(stage: Stage, *members: str) -> tuple[list[Message], MoveStretch]:
    talk = await stage.talk(*LINES)
    move = a_move(talk, *members)
    await stage.queue(move)
    await stage.settle()
    return talk, move


# --- there -----------------------------------------------------------------------------------------------------


async def test_a_whole_talk_moves_with_header_and_pointer(stage: Stage) -> None:
    _, move = await carry_out(stage, "ann", "ben")
    assert stage.texts(WORK) == [POINTER + TOLD]
    assert stage.texts(SOCIAL) == [HEADER, *TEXTS]
    assert await states(stage, move) == [MoveState.MOVED] * 3
    assert (await stage.delivery(move.marker)).result == "3 moved, 0 copied, 0 left"


async def test_a_copy_says_whose_it_is_where_from_and_when(stage: Stage) -> None:
    await carry_out(stage, "ann", "ben")
    copy = stage.platform.view(SOCIAL, "ann")[1]
    assert copy.author == "Ann"
    assert copy.line == "Ann · moved from #workshop · 2026-03-02 09:00 UTC"


async def test_posts_of_those_who_did_not_agree_are_never_touched(stage: Stage) -> None:
    talk, _ = await carry_out(stage, "ann")
    assert stage.texts(WORK) == ["ha, mine eats glue", POINTER]
    assert stage.texts(SOCIAL) == [HEADER, TEXTS[0], TEXTS[2]]
    assert stage.count(What.REMOVED, post=talk[1].key.message) == 0


async def test_originals_are_deleted_only_when_every_copy_is_there(stage: Stage) -> None:
    await carry_out(stage, "ann", "ben")
    whats = [event.what for event in stage.platform.world.journal]
    last_copy = max(i for i, what in enumerate(whats) if what is What.COPIED)
    assert whats.index(What.REMOVED) > last_copy


async def test_where_nothing_can_be_deleted_copies_and_pointer_say_so() -> None:
    stage = Stage(abilities=Abilities(delete_others=False))
    _, move = await carry_out(stage, "ann", "ben")
    assert stage.texts(WORK) == [*TEXTS, POINTER_STAYS + TOLD]
    assert stage.texts(SOCIAL) == [HEADER, *TEXTS]
    assert await states(stage, move) == [MoveState.STAYED] * 3


async def test_a_channel_can_be_given_by_name(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    move = a_move(talk, "ann", "ben", to_channel="teabreak")
    await stage.queue(move)
    await stage.settle()
    assert stage.texts(SOCIAL) == [HEADER, *TEXTS]
    await stage.queue(UndoMove(move.marker, ("ann", "ben"), "ann"))
    await stage.settle()
    assert stage.texts(SOCIAL) == []


async def test_attachments_go_along(stage: Stage) -> None:
    photo = Attachment("bench.jpg", "image")
    message = await stage.platform.post("ann", WORK, "", attachments=[photo])
    await stage.queue(a_move([message], "ann"))
    await stage.settle()
    copies = [post for post in stage.platform.world.standing(SOCIAL) if post.copied]
    assert [post.attachments for post in copies] == [(photo,)]


async def test_nothing_is_deleted_for_a_copy_that_is_not_to_be_seen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unseen(*_: object) -> None:
        return None

    monkeypatch.setattr(stage.platform, "find", unseen)
    talk = await stage.talk(*LINES)
    await stage.queue(a_move(talk, "ann", "ben"))
    assert (await stage.deliver()).postponed == 1
    assert stage.texts(WORK) == TEXTS


# --- what is not moved -----------------------------------------------------------------------------------------


async def test_a_post_with_a_thread_stays(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    await stage.platform.post("cara", WORK, "tell me more", thread=talk[0].key.message)
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert TEXTS[0] in stage.texts(WORK)
    assert TEXTS[0] not in stage.texts(SOCIAL)


async def test_a_talk_in_a_thread_moves_and_leaves_its_pointer_in_the_thread(stage: Stage) -> None:
    root = await stage.platform.post("cara", WORK, "which glue?")
    talk = await stage.talk(*LINES, thread=root.key.message)
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    seen = stage.platform.view(WORK, "ann")
    assert [(each.text, each.thread) for each in seen] == [
        ("which glue?", None),
        (POINTER + TOLD, root.key.message),
    ]


async def test_the_root_moves_along_with_its_own_thread(stage: Stage) -> None:
    root = (await stage.talk(LINES[0]))[0]
    rest = await stage.talk(*LINES[1:], thread=root.key.message)
    await stage.queue(a_move([root, *rest], "ann", "ben"))
    await stage.settle()
    assert stage.texts(SOCIAL) == [HEADER, *TEXTS]


async def test_a_pinned_or_much_liked_post_stays(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    stage.platform.pin(WORK, talk[0].key.message)
    stage.platform.react(WORK, talk[1].key.message, MANY_REACTIONS)
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert stage.texts(SOCIAL) == [HEADER, TEXTS[2]]


@pytest.mark.parametrize("private_to", [("ann", "ben"), ("cara",)])
async def test_nothing_moves_to_a_place_that_others_can_read(
    stage: Stage, private_to: tuple[str, ...]
) -> None:
    stage.platform.add_channel("C7", name="back-room", private_to=private_to)
    talk = await stage.talk(*LINES)
    await stage.queue(a_move(talk, "ann", "ben", to_channel="C7"))
    await stage.settle()
    assert [text for text in stage.texts(WORK) if text in TEXTS] == TEXTS
    assert not list(stage.platform.world.standing("C7"))
    assert any("Equal access" in text for text in stage.texts(MODERATORS, "mona"))


async def test_an_edit_that_changed_the_subject_keeps_a_post_here(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    edited = await stage.platform.edit(WORK, talk[0].key.message, "which sandpaper for oak?")
    await stage.judged(edited, ON_TOPIC)
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert stage.texts(WORK)[0] == "which sandpaper for oak?"


async def test_a_mended_typo_moves_with_its_newest_words(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    edited = await stage.platform.edit(WORK, talk[0].key.message, "my cat ate all the sandpaper")
    await stage.judged(edited)
    stage.platform.guarded.discard(TEXTS[0])
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert "my cat ate all the sandpaper" in stage.texts(SOCIAL)


async def test_an_edit_not_yet_judged_keeps_a_post_here(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    await stage.platform.edit(WORK, talk[0].key.message, "which sandpaper for oak?")
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert stage.texts(WORK)[0] == "which sandpaper for oak?"


@pytest.mark.parametrize("can_delete", [True, False])
async def test_what_was_moved_by_one_move_is_not_moved_by_another(can_delete: bool) -> None:
    stage = Stage(abilities=Abilities(delete_others=can_delete))
    talk, _ = await carry_out(stage, "ann")
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert sorted(text for text in stage.texts(SOCIAL) if text in TEXTS) == sorted(TEXTS)


async def test_a_talk_of_which_nothing_is_left_leaves_no_trace(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    for message in talk:
        await stage.platform.delete(WORK, message.key.message)
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert stage.texts(WORK) == stage.texts(SOCIAL) == []


# --- authors in mid-move ---------------------------------------------------------------------------------------


async def interrupted(stage: Stage, method: str, skip: int) -> tuple[list[Message], MoveStretch]:
    """A move that stopped at a call and waits to be taken up again."""
    talk = await stage.talk(*LINES)
    move = a_move(talk, "ann", "ben")
    await stage.queue(move)
    stage.platform.troubles.fail_next(method, Unavailable("busy"), skip=skip)
    assert (await stage.deliver()).postponed == 1
    return talk, move


@pytest.mark.parametrize("method, skip", [("copy", 1), ("remove", 0)])
async def test_a_deletion_in_mid_move_wins(stage: Stage, method: str, skip: int) -> None:
    talk, _ = await interrupted(stage, method, skip)
    gone = talk[2] if method == "remove" else talk[0]
    stage.platform.guarded.discard(gone.text)
    await stage.platform.delete(WORK, gone.key.message)
    await stage.settle()
    assert gone.text not in stage.texts(WORK) + stage.texts(SOCIAL)
    assert [text for text in stage.texts(SOCIAL) if text in TEXTS] == [t.text for t in talk if t != gone]


@pytest.mark.parametrize("method, skip", [("copy", 1), ("remove", 0)])
async def test_an_edit_in_mid_move_wins(stage: Stage, method: str, skip: int) -> None:
    talk, _ = await interrupted(stage, method, skip)
    stage.platform.guarded.discard(TEXTS[0])
    await stage.platform.edit(WORK, talk[0].key.message, "my cat is fine")
    await stage.settle()
    assert "my cat is fine" in stage.texts(WORK)
    assert TEXTS[0] not in stage.texts(SOCIAL)


async def test_a_deletion_that_was_not_yet_heard_of_wins_too(stage: Stage) -> None:
    talk, _ = await interrupted(stage, "copy", 2)
    del stage.platform.world.posts[talk[0].key.message]
    stage.platform.guarded.discard(TEXTS[0])
    await stage.settle()
    assert TEXTS[0] not in stage.texts(WORK) + stage.texts(SOCIAL)


async def test_a_copy_that_somebody_took_away_is_made_again_before_the_original_goes(stage: Stage) -> None:
    await interrupted(stage, "copy", 2)
    copy = next(post for post in stage.platform.world.standing(SOCIAL) if post.copied)
    await stage.platform.delete(SOCIAL, copy.id)
    await stage.settle()
    assert sorted(stage.texts(SOCIAL)) == sorted([HEADER, *TEXTS])
    assert stage.platform.lost == []


# --- giving up -------------------------------------------------------------------------------------------------


async def test_a_move_that_is_refused_half_way_leaves_everything_and_says_so(stage: Stage) -> None:
    stage.platform.troubles.forbid(WORK, "Manage Messages", "remove")
    _, move = await carry_out(stage, "ann", "ben")
    said = "The move to #teabreak did not work out. Everything is where it was."
    assert stage.texts(WORK) == [*TEXTS, said]
    assert stage.texts(SOCIAL) == []
    assert (await stage.delivery(move.marker)).state is DeliveryState.REFUSED
    assert await states(stage, move) == [MoveState.UNDONE] * 3


async def test_a_move_that_fails_for_too_long_is_given_up_and_counted(stage: Stage) -> None:
    stage.platform.troubles.fail_next("copy", Unavailable("down"), skip=2, times=9)
    _, move = await carry_out(stage, "ann", "ben")
    assert (await stage.delivery(move.marker)).state is DeliveryState.LOST
    assert stage.texts(WORK)[:3] == TEXTS
    assert stage.texts(SOCIAL) == []


async def test_when_an_original_is_gone_already_the_rest_stays_in_both_places(stage: Stage) -> None:
    stage.platform.troubles.fail_next("remove", Unavailable("down"), skip=1, times=9)
    _, move = await carry_out(stage, "ann", "ben")
    assert await states(stage, move) == [MoveState.MOVED, MoveState.STAYED, MoveState.STAYED]
    assert stage.texts(SOCIAL) == [HEADER, *TEXTS]
    assert stage.texts(WORK) == [*TEXTS[1:], POINTER + TOLD]


async def test_giving_up_waits_when_even_that_cannot_be_done(stage: Stage) -> None:
    stage.platform.troubles.fail_next("copy", Unavailable("down"), skip=2, times=9)
    stage.platform.troubles.fail_next("remove", Unavailable("down"), times=2)
    _, move = await carry_out(stage, "ann", "ben")
    assert stage.texts(SOCIAL) == []
    assert (await stage.delivery(move.marker)).state is DeliveryState.LOST


async def test_a_move_that_cannot_even_be_tidied_up_says_so(stage: Stage) -> None:
    stage.platform.troubles.forbid(WORK, "Manage Messages", "remove")
    stage.platform.troubles.forbid(SOCIAL, "Manage Messages", "remove")
    _, move = await carry_out(stage, "ann", "ben")
    refused = await stage.delivery(move.marker)
    assert refused.state is DeliveryState.REFUSED
    assert "not tidied up" in refused.result
    assert stage.texts(WORK) == TEXTS


async def test_a_post_edited_while_others_are_deleted_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await stage.talk(*LINES)
    remove = stage.platform.remove

    async def remove_while_ann_edits(key: MessageKey, *, reason: str) -> None:
        await remove(key, reason=reason)
        if key == talk[0].key:
            stage.platform.guarded.discard(TEXTS[2])
            await stage.platform.edit(WORK, talk[2].key.message, "not so fast")

    monkeypatch.setattr(stage.platform, "remove", remove_while_ann_edits)
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert stage.texts(WORK) == ["not so fast", POINTER + TOLD]
    assert stage.texts(SOCIAL) == [HEADER, *TEXTS[:2]]


async def test_a_move_to_a_place_that_is_gone_leaves_everything(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    move = a_move(talk, "ann", "ben", to_channel="nowhere")
    await stage.queue(move)
    await stage.settle()
    assert stage.texts(WORK)[:3] == TEXTS
    assert (await stage.delivery(move.marker)).state is DeliveryState.GONE


# --- back ------------------------------------------------------------------------------------------------------


async def undo(stage: Stage, move: MoveStretch, *members: str) -> str:
    action = UndoMove(move.marker, members, members[0])
    await stage.queue(action)
    await stage.settle()
    return (await stage.delivery(action.marker)).result


async def test_an_undone_move_is_back_with_author_and_time(stage: Stage) -> None:
    _, move = await carry_out(stage, "ann", "ben")
    assert await undo(stage, move, "ann", "ben") == "3 brought back"
    assert stage.texts(WORK) == TEXTS
    assert stage.texts(SOCIAL) == []
    assert stage.platform.view(WORK, "ann")[0].line == "Ann · brought back · 2026-03-02 09:00 UTC"
    assert stage.platform.lost == []


async def test_one_author_takes_back_only_their_own(stage: Stage) -> None:
    _, move = await carry_out(stage, "ann", "ben")
    await undo(stage, move, "ben")
    assert stage.texts(WORK) == [POINTER + TOLD, TEXTS[1]]
    assert stage.texts(SOCIAL) == [HEADER, TEXTS[0], TEXTS[2]]


async def test_an_undo_that_stopped_is_known_as_such(stage: Stage) -> None:
    _, move = await carry_out(stage, "ann", "ben")
    await stage.queue(UndoMove(move.marker, ("ann",), "ann"))
    stage.platform.troubles.fail_next("copy", Unavailable("busy"))
    await stage.deliver()
    assert await states(stage, move) == [MoveState.UNDOING, MoveState.MOVED, MoveState.MOVED]
    await stage.settle()
    assert await states(stage, move) == [MoveState.UNDONE, MoveState.MOVED, MoveState.UNDONE]


async def test_where_originals_stayed_an_undo_takes_the_copies_away() -> None:
    stage = Stage(abilities=Abilities(delete_others=False))
    _, move = await carry_out(stage, "ann", "ben")
    await undo(stage, move, "ann", "ben")
    assert stage.texts(WORK) == TEXTS
    assert stage.texts(SOCIAL) == []


async def test_a_post_comes_back_into_its_thread(stage: Stage) -> None:
    root = await stage.platform.post("cara", WORK, "which glue?")
    talk = await stage.talk(*LINES, thread=root.key.message)
    move = a_move(talk, "ann", "ben")
    await stage.queue(move)
    await stage.settle()
    await undo(stage, move, "ann", "ben")
    assert [seen.thread for seen in stage.platform.view(WORK, "ann")] == [None, *[root.key.message] * 3]


async def test_without_its_text_a_post_stays_where_it_is(stage: Stage) -> None:
    _, move = await carry_out(stage, "ann", "ben")
    stage.clock.pass_by(days=8)
    async with stage.store.work() as work:
        await work.messages.forget_texts(stage.clock())
        await work.commit()
    assert await undo(stage, move, "ann", "ben") == "0 brought back, too late for 3"
    assert stage.texts(SOCIAL) == [HEADER, *TEXTS]


async def test_an_undo_of_nothing_does_nothing(stage: Stage) -> None:
    assert (
        await undo(stage, MoveStretch("C1/1", SOCIAL, ("1",), ("ann",), "ann"), "ann") == "nothing was moved"
    )


# --- deaths ----------------------------------------------------------------------------------------------------

DEATHS = st.lists(
    st.tuples(st.sampled_from(["call", "commit"]), st.integers(0, 45), st.booleans()), min_size=1, max_size=6
)


async def die_and_go_on(stage: Stage, deaths: list[tuple[str, int, bool]]) -> None:
    """Deliver with a death at each point in turn; whoever comes next waits until the lease is over."""
    for kind, left, after in deaths:
        if kind == "call":
            stage.platform.troubles.fail_next("", Crash(), after=after, skip=left)
        else:
            stage.store.plan.left, stage.store.plan.after = left, after
        try:
            await stage.settle()
        except Crash:
            stage.clock.pass_by(minutes=11)
    stage.platform.troubles.clear()
    stage.store.plan.left = None
    await stage.settle()


async def undisturbed(*, back: bool, abilities: Abilities) -> dict[str, list[tuple[object, ...]]]:
    stage = Stage(abilities=abilities)
    _, move = await carry_out(stage, "ann", "ben")
    if back:
        await undo(stage, move, "ann", "ben")
    return stage.look_of_it()


async def disturbed(deaths: list[tuple[str, int, bool]], *, back: bool, abilities: Abilities) -> Stage:
    stage = Stage(abilities=abilities)
    talk = await stage.talk(*LINES)
    move = a_move(talk, "ann", "ben")
    await stage.queue(move)
    if not back:
        await die_and_go_on(stage, deaths)
        return stage
    await stage.settle()
    await stage.queue(UndoMove(move.marker, ("ann", "ben"), "ann"))
    await die_and_go_on(stage, deaths)
    return stage


@pytest.mark.parametrize("kind", ["call", "commit"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("back", [False, True])
async def test_it_may_die_once_at_every_single_point(kind: str, after: bool, back: bool) -> None:
    expected = await undisturbed(back=back, abilities=Abilities())
    for left in range(30):
        stage = await disturbed([(kind, left, after)], back=back, abilities=Abilities())
        assert stage.look_of_it() == expected, left
        assert stage.platform.lost == []


@given(deaths=DEATHS, can_delete=st.booleans(), back=st.booleans())
def test_wherever_it_dies_it_ends_the_same_and_no_text_is_lost(
    deaths: list[tuple[str, int, bool]], can_delete: bool, back: bool
) -> None:
    abilities = Abilities(delete_others=can_delete)
    stage = asyncio.run(disturbed(deaths, back=back, abilities=abilities))
    assert stage.look_of_it() == asyncio.run(undisturbed(back=back, abilities=abilities))
    assert stage.platform.lost == []
    made = [e.marker for e in stage.platform.world.journal if e.what in (What.COPIED, What.SAID)]
    assert len(made) == len(set(made)) == (5 + 3 * (back and can_delete))
    removed = [e.id for e in stage.platform.world.journal if e.what is What.REMOVED]
    assert len(removed) == len(set(removed))


@given(faults=st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=3))
def test_lost_answers_and_outages_end_the_same(faults: list[tuple[int, bool]]) -> None:
    async def story() -> Stage:
        stage = Stage()
        for skip, after in faults:
            stage.platform.troubles.fail_next("", Unavailable("busy", 2), after=after, skip=skip)
        await carry_out(stage, "ann", "ben")
        return stage

    stage = asyncio.run(story())
    assert stage.look_of_it() == asyncio.run(undisturbed(back=False, abilities=Abilities()))
    assert stage.platform.lost == []


# --- together --------------------------------------------------------------------------------------------------


async def agree(stage: Stage, talk: list[Message], who: str) -> None:
    """Somebody lets their posts be moved, from the line that offers it, which may be gone by now."""
    press = Press(stage.community, Button.MOVE_MINE, a_nudge(talk).marker, who, stage.clock(), WORK)
    await rule(stage.store, press)
    await stage.settle()


async def nudged(stage: Stage) -> list[Message]:
    talk = await stage.talk(*LINES)
    await stage.queue(a_nudge(talk))
    await stage.settle()
    return talk


def standing(stage: Stage, channel: str, end: str) -> list[str]:
    return [post.marker for post in stage.platform.world.standing(channel) if post.marker.endswith(end)]


async def test_who_agrees_later_joins_header_and_pointer(stage: Stage) -> None:
    talk = await nudged(stage)
    for who in ("ann", "ben"):
        await agree(stage, talk, who)
        stage.clock.pass_by(minutes=7)
    (header,), (pointer,) = standing(stage, SOCIAL, ":header"), standing(stage, WORK, ":pointer")
    assert "ann" not in header + pointer
    assert stage.texts(SOCIAL, "cara") == [HEADER, TEXTS[0], TEXTS[2], TEXTS[1]]
    for who in ("ann", "ben"):
        await stage.platform.press(stage.found(pointer), Button.UNDO, who)
        await stage.settle()
        assert bool(standing(stage, WORK, ":pointer")) is (who == "ann")
    assert stage.texts(SOCIAL, "cara") == []


async def test_a_moderator_brings_all_of_them_back_at_once(stage: Stage) -> None:
    talk = await nudged(stage)
    for who in ("ann", "ben"):
        await agree(stage, talk, who)
    await stage.platform.press(stage.found(standing(stage, WORK, ":pointer")[0]), Button.UNDO, "mona")
    await stage.settle()
    assert stage.texts(SOCIAL, "cara") == []
    assert set(TEXTS) <= set(stage.texts(WORK, "cara"))


async def test_who_agrees_much_later_gets_a_header_of_their_own(stage: Stage) -> None:
    talk = await nudged(stage)
    await agree(stage, talk, "ann")
    stage.clock.pass_by(minutes=31)
    await agree(stage, talk, "ben")
    assert len(standing(stage, SOCIAL, ":header")) == len(standing(stage, WORK, ":pointer")) == 2


async def test_who_agrees_after_all_came_back_begins_anew(stage: Stage) -> None:
    talk = await nudged(stage)
    await agree(stage, talk, "ann")
    (first,) = standing(stage, WORK, ":pointer")
    await stage.platform.press(stage.found(first), Button.UNDO, "ann")
    await stage.settle()
    await agree(stage, talk, "ben")
    (second,) = standing(stage, WORK, ":pointer")
    assert second != first


async def test_a_joining_move_that_comes_to_nothing_leaves_the_others_header(stage: Stage) -> None:
    talk = await nudged(stage)
    await agree(stage, talk, "ann")
    stage.platform.guarded.discard(TEXTS[1])
    stage.platform.troubles.fail_next("copy", Unavailable("busy"))
    press = Press(stage.community, Button.MOVE_MINE, a_nudge(talk).marker, "ben", stage.clock(), WORK)
    await rule(stage.store, press)
    await stage.deliver()
    await stage.platform.delete(WORK, talk[1].key.message)
    await stage.settle()
    assert stage.texts(SOCIAL, "cara") == [HEADER, TEXTS[0], TEXTS[2]]


# --- whom nobody asked -----------------------------------------------------------------------------------------


async def test_authors_of_whom_nobody_asked_are_told_in_one_line(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    await stage.queue(replace(a_move(talk, "ann", "ben"), by="policy"))
    await stage.settle()
    assert stage.texts(WORK, "cara") == [f"{POINTER} @Ann, @Ben: your own posts are yours to bring back."]
    pointer = stage.found(standing(stage, WORK, ":pointer")[0])
    await stage.platform.press(pointer, Button.UNDO, "ben")
    await stage.settle()
    assert TEXTS[1] in stage.texts(WORK, "cara")
    assert stage.texts(SOCIAL, "cara") == [HEADER, TEXTS[0], TEXTS[2]]


async def test_the_line_names_but_never_pings_who_wants_no_nudges(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[MovePointer] = []
    say = stage.platform.say

    async def listen(community: Community, channel: str, notice: Notice, **more: Any) -> str:
        said.extend([notice] if isinstance(notice, MovePointer) else [])
        return await say(community, channel, notice, **more)

    monkeypatch.setattr(stage.platform, "say", listen)
    async with stage.store.work() as work:
        await work.communities.opt_out(stage.community, "ben", silent=True)
        await work.commit()
    talk = await stage.talk(*LINES)
    await stage.queue(replace(a_move(talk, "ann", "ben"), by="mona"))
    await stage.settle()
    assert [(each.told, each.pinged) for each in said] == [(("ann", "ben"), ("ann",))]
