"""moderation/copied.py: a moved post stays its author's, who changes, deletes and takes it back, and hears of answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.office.setup import Wishes
from bot.playground.world import What
from moderation.copied import TOLD_A_DAY, change, note_reply, original_of, text_to_change
from moderation.errors import Unavailable
from moderation.messages import Message
from moderation.move_actions import TellOfReply
from moderation.notices import Answer, Reply
from moderation.policy import Mode, Policy, QuietHours
from moderation.ports import Abilities, Button, DeliveryState, Press
from tests.bot.office.house import House
from tests.moderation.stage import SOCIAL, WORK, Crash, Stage, a_move, a_nudge

UTC = ZoneInfo("UTC")
"""Held, so that it is read before anything runs."""
LINES = (("ann", "my cat ate the sandpaper"), ("ben", "ha, mine eats glue"), ("ann", "what a pair"))
TEXTS = [text for _, text in LINES]


@pytest.fixture
async def stage() -> Stage:
    return await a_stage()


async def a_stage(abilities: Abilities | None = None) -> Stage:
    stage = Stage(abilities=abilities or Abilities())
    await stage.govern(Policy(mode=Mode.OFFER))
    return stage


async def moved(stage: Stage) -> list[Message]:
    """A talk of two that moved, as both wished."""
    talk = await stage.talk(*LINES)
    await stage.queue(a_nudge(talk))
    await stage.deliver()
    for who in ("ann", "ben"):
        await stage.platform.press(stage.found(a_nudge(talk).marker), Button.MOVE_MINE, who)
    await stage.settle()
    return talk


def copy_of(stage: Stage, message: Message, channel: str = SOCIAL, mark: str = "copy") -> str:
    """The id of a copy."""
    found = [
        post.id
        for post in stage.platform.world.standing(channel)
        if post.marker.endswith(f":{mark}:{message.key.message}")
    ]
    assert len(found) == 1
    return found[0]


def pressed(stage: Stage, copy: str, member: str = "ann", button: Button = Button.CHANGE) -> Press:
    marker = stage.platform.world.posts[copy].marker
    return Press(stage.community, button, marker, member, stage.clock(), SOCIAL)


async def chosen(stage: Stage, copy: str, button: Button, member: str = "ann") -> str:
    """Press the copy's button, then one of those under the private answer; returns what is told last."""
    await stage.platform.press(copy, Button.MINE, member)
    await stage.platform.press(stage.platform.world.notes[-1].id, button, member)
    await stage.settle()
    return stage.platform.world.notes[-1].text


async def undone(stage: Stage, member: str = "ann") -> None:
    pointer = next(post for post in stage.platform.world.standing(WORK) if post.marker.endswith(":pointer"))
    await stage.platform.press(pointer.id, Button.UNDO, member)
    await stage.settle()


# --- whose it is -----------------------------------------------------------------------------------------------


async def test_its_author_alone_is_shown_what_can_be_done(stage: Stage) -> None:
    talk = await moved(stage)
    copy = copy_of(stage, talk[0])
    await stage.platform.press(copy, Button.MINE, "ann")
    note = stage.platform.world.notes[-1]
    assert note.member == "ann"
    assert "This post is yours" in note.text
    assert note.buttons == (Button.CHANGE, Button.DELETE, Button.TAKE_BACK)
    for other in ("ben", "mona"):
        await stage.platform.press(copy, Button.MINE, other)
        assert "no post of yours" in stage.platform.world.notes[-1].text
        assert not stage.platform.world.notes[-1].buttons


@pytest.mark.parametrize("button", [Button.DELETE, Button.TAKE_BACK, Button.CHANGE])
async def test_others_cannot_do_it_by_a_press_of_their_own_making(stage: Stage, button: Button) -> None:
    talk = await moved(stage)
    press = pressed(stage, copy_of(stage, talk[0]), "ben", button)
    await stage.ruled(press)
    assert await change(stage.store, press, "nonsense") == Answer(Reply.NOTHING_OF_YOURS)
    await stage.settle()
    assert TEXTS[0] in stage.texts(SOCIAL)


async def test_after_a_week_it_is_too_late(stage: Stage) -> None:
    talk = await moved(stage)
    copy = copy_of(stage, talk[0])
    stage.clock.pass_by(days=7)
    await stage.platform.press(copy, Button.MINE, "ann")
    assert "too long ago" in stage.platform.world.notes[-1].text


@pytest.mark.parametrize(
    "marker", ["", "restore:C1/1", "move:C1/1:ann:copy:", "move:C1/1:ann:pointer", ":copy:"]
)
async def test_what_is_no_copy_is_nobodys(stage: Stage, marker: str) -> None:
    await moved(stage)
    press = Press(stage.community, Button.MINE, marker, "ann", stage.clock(), SOCIAL)
    assert await text_to_change(stage.store, press) == Answer(Reply.NOTHING_OF_YOURS)


def test_a_copys_marker_names_its_original() -> None:
    key = original_of(Stage().community, "move:C1/1~2:ann:copy:7")
    assert key is not None
    assert key.name == "C1/7"


# --- changing --------------------------------------------------------------------------------------------------


async def test_the_copy_says_what_its_author_made_of_it_and_comes_back_so(stage: Stage) -> None:
    talk = await moved(stage)
    stage.platform.guarded.clear()
    press = pressed(stage, copy_of(stage, talk[0]))
    assert await text_to_change(stage.store, press) == Answer(Reply.CHANGED, text=TEXTS[0])
    assert await change(stage.store, press, "my cat is fine") == Answer(Reply.CHANGED)
    await stage.settle()
    assert "my cat is fine" in stage.texts(SOCIAL)
    assert TEXTS[0] not in stage.texts(SOCIAL)
    await undone(stage)
    assert "my cat is fine" in stage.texts(WORK)
    assert TEXTS[0] not in stage.texts(WORK)


async def test_it_is_not_judged_again_in_the_old_place(stage: Stage) -> None:
    talk = await moved(stage)
    await change(stage.store, pressed(stage, copy_of(stage, talk[0])), "my cat is fine")
    async with stage.store.work() as work:
        assert await work.messages.unjudged(9) == []
        decision = await work.decisions.get(talk[0].key)
    assert decision is not None
    assert decision.revision == 1
    assert not decision.actions
    assert not decision.reasons


async def test_two_changes_in_a_row_leave_the_last(stage: Stage) -> None:
    talk = await moved(stage)
    for text in ("one", "two", "two"):
        await change(stage.store, pressed(stage, copy_of(stage, talk[0])), text)
    await stage.settle()
    assert "two" in stage.texts(SOCIAL)
    assert stage.count(What.COPY_EDITED) == 2


async def test_an_empty_text_changes_nothing(stage: Stage) -> None:
    talk = await moved(stage)
    await change(stage.store, pressed(stage, copy_of(stage, talk[0])), "")
    await stage.settle()
    assert TEXTS[0] in stage.texts(SOCIAL)


async def test_a_change_on_its_way_when_the_post_comes_back_is_not_lost(stage: Stage) -> None:
    talk = await moved(stage)
    stage.platform.guarded.clear()
    copy = copy_of(stage, talk[0])
    await undone_meanwhile(stage, copy, lambda: change(stage.store, pressed(stage, copy), "my cat is fine"))
    assert "my cat is fine" in stage.texts(WORK)


async def undone_meanwhile(stage: Stage, copy: str, deed: Callable[[], Awaitable[object]]) -> None:
    """An undo waits for the platform when `deed` is done; then both go on, the undo first."""
    pointer = next(post for post in stage.platform.world.standing(WORK) if post.marker.endswith(":pointer"))
    await stage.platform.press(pointer.id, Button.UNDO, "ann")
    await deed()
    await stage.settle()
    assert copy not in stage.platform.world.posts


async def test_what_was_brought_back_can_still_be_changed_and_deleted(stage: Stage) -> None:
    talk = await moved(stage)
    await undone(stage)
    stage.platform.guarded.clear()
    back = copy_of(stage, talk[0], WORK, "back")
    await stage.platform.press(back, Button.MINE, "ann")
    assert stage.platform.world.notes[-1].buttons == (Button.CHANGE, Button.DELETE)
    await change(stage.store, pressed(stage, back), "my cat is fine")
    await stage.settle()
    assert "my cat is fine" in stage.texts(WORK)
    await chosen(stage, back, Button.DELETE)
    assert "my cat is fine" not in stage.texts(WORK)
    assert TEXTS[2] in stage.texts(WORK)


# --- deleting and taking back ----------------------------------------------------------------------------------


async def test_what_its_author_deletes_is_gone_and_nothing_brings_it_back(stage: Stage) -> None:
    talk = await moved(stage)
    stage.platform.guarded.discard(TEXTS[0])
    assert "nothing brings it back" in await chosen(stage, copy_of(stage, talk[0]), Button.DELETE)
    assert TEXTS[0] not in stage.texts(SOCIAL)
    async with stage.store.work() as work:
        assert await work.messages.get([talk[0].key]) == [None]
    await undone(stage)
    assert TEXTS[0] not in stage.texts(WORK)
    assert TEXTS[2] in stage.texts(WORK)


async def test_when_the_last_is_deleted_header_and_pointer_go(stage: Stage) -> None:
    talk = await moved(stage)
    stage.platform.guarded.clear()
    for message, who in ((talk[0], "ann"), (talk[2], "ann"), (talk[1], "ben")):
        await chosen(stage, copy_of(stage, message), Button.DELETE, who)
    assert list(stage.platform.world.standing(SOCIAL)) == []
    assert [post.marker.partition(":")[0] for post in stage.platform.world.standing(WORK)] == ["nudge"]


async def test_one_post_alone_comes_back(stage: Stage) -> None:
    talk = await moved(stage)
    assert "On the way back" in await chosen(stage, copy_of(stage, talk[0]), Button.TAKE_BACK)
    assert TEXTS[0] in stage.texts(WORK)
    assert TEXTS[2] in stage.texts(SOCIAL)
    await undone(stage)
    assert TEXTS[2] in stage.texts(WORK)
    assert stage.texts(WORK).count(TEXTS[0]) == 1


async def test_where_the_original_stands_too_the_copy_can_be_taken_away() -> None:
    stage = await a_stage(Abilities(delete_others=False))
    talk = await moved(stage)
    copy = copy_of(stage, talk[0])
    await stage.platform.press(copy, Button.MINE, "ann")
    assert stage.platform.world.notes[-1].buttons == (Button.TAKE_BACK,)
    await stage.ruled(pressed(stage, copy, button=Button.DELETE))
    await chosen(stage, copy, Button.TAKE_BACK)
    assert stage.texts(WORK)[:3] == TEXTS
    assert TEXTS[0] not in stage.texts(SOCIAL)


@pytest.mark.parametrize("kind", ["call", "commit"])
@pytest.mark.parametrize("button", [Button.DELETE, Button.CHANGE])
async def test_it_may_die_anywhere(kind: str, button: Button) -> None:
    async def ended(left: int | None) -> dict[str, list[tuple[object, ...]]]:
        stage = await a_stage()
        talk = await moved(stage)
        stage.platform.guarded -= {TEXTS[0]}
        press = pressed(stage, copy_of(stage, talk[0]), button=button)
        if button is Button.DELETE:
            await stage.ruled(press)
        else:
            await change(stage.store, press, "my cat is fine")
        if kind == "call" and left is not None:
            stage.platform.troubles.fail_next("", Crash(), after=True, skip=left)
        stage.store.plan.left = left if kind == "commit" else None
        try:
            await stage.settle()
        except Crash:
            stage.clock.pass_by(minutes=11)
        stage.platform.troubles.clear()
        stage.store.plan.left = None
        await stage.settle()
        assert stage.platform.lost == []
        return stage.look_of_it()

    expected = await ended(None)
    for left in range(9):
        assert await ended(left) == expected, left


# --- answers ---------------------------------------------------------------------------------------------------


async def answered(
    stage: Stage, copy: str, who: str = "ben", policy: Policy | None = None, text: str = "poor cat"
) -> Message:
    reply = await stage.platform.post(who, SOCIAL, text, reply_to=copy)
    async with stage.store.work() as work:
        await note_reply(work, reply, policy or Policy(), stage.clock())
        await work.commit()
    await stage.deliver()
    return reply


def told_of_replies(stage: Stage, member: str = "ann") -> list[str]:
    """Private notes and lines about answers."""
    world = stage.platform.world
    notes = [(note.marker, note.text) for note in world.notes if note.member == member]
    lines = [
        (post.marker, post.text) for post in world.standing(SOCIAL) if f"@{member.capitalize()}" in post.text
    ]
    return [text for marker, text in [*notes, *lines] if marker.startswith("replied:")]


async def test_an_author_is_told_privately_of_an_answer(stage: Stage) -> None:
    talk = await moved(stage)
    await answered(stage, copy_of(stage, talk[0]))
    assert told_of_replies(stage) == ["@Ann, somebody answered a post of yours in #teabreak."]
    assert stage.texts(SOCIAL, "cara")[-1] == "poor cat"


async def test_it_is_told_once_an_hour_for_each_copy_and_few_times_a_day(stage: Stage) -> None:
    talk = await moved(stage)
    first, other = (copy_of(stage, talk[number]) for number in (0, 2))
    await answered(stage, first)
    await answered(stage, first, "cara")
    assert len(told_of_replies(stage)) == 1
    await answered(stage, other)
    assert len(told_of_replies(stage)) == 2
    for _ in range(4):
        stage.clock.pass_by(minutes=61)
        await answered(stage, first)
    assert len(told_of_replies(stage)) == TOLD_A_DAY
    stage.clock.pass_by(hours=24)
    await answered(stage, first)
    assert len(told_of_replies(stage)) == TOLD_A_DAY + 1


async def test_nobody_is_told_of_their_own_words_or_of_other_posts(stage: Stage) -> None:
    talk = await moved(stage)
    await answered(stage, copy_of(stage, talk[0]), "ann")
    await answered(stage, talk[0].key.message, "ben")
    await answered(stage, stage.platform.world.notes[0].id, "ben")
    assert told_of_replies(stage) == []


async def test_whoever_wants_no_nudges_is_told_nothing(stage: Stage) -> None:
    talk = await moved(stage)
    async with stage.store.work() as work:
        await work.communities.opt_out(stage.community, "ann", silent=True)
        await work.commit()
    await answered(stage, copy_of(stage, talk[0]))
    assert told_of_replies(stage) == []


async def test_nothing_is_told_while_paused_and_at_night_only_in_the_morning(stage: Stage) -> None:
    talk = await moved(stage)
    copy = copy_of(stage, talk[0])
    await answered(stage, copy, policy=Policy(paused_until=stage.clock.at + timedelta(days=1)))
    assert told_of_replies(stage) == []
    now = stage.clock.at
    quiet = QuietHours(time(now.hour - 1), time((now + timedelta(hours=1)).hour))
    await answered(stage, copy, policy=Policy(quiet_hours=quiet))
    assert told_of_replies(stage) == []
    stage.clock.pass_by(hours=1)
    await stage.settle()
    assert len(told_of_replies(stage)) == 1


async def test_an_answer_that_is_taken_back_is_not_told_of(stage: Stage) -> None:
    talk = await moved(stage)
    stage.platform.troubles.fail_next("tell", Unavailable("busy"))
    reply = await answered(stage, copy_of(stage, talk[0]))
    await stage.platform.delete(SOCIAL, reply.key.message)
    stage.clock.pass_by(hours=1)
    await stage.deliver()
    assert told_of_replies(stage) == []


async def test_where_no_note_is_private_one_line_tells_it_for_a_day() -> None:
    stage = await a_stage(Abilities(private_notes=False))
    talk = await moved(stage)
    await answered(stage, copy_of(stage, talk[0]))
    assert len(told_of_replies(stage)) == 1
    assert stage.texts(SOCIAL, "cara")[-1] == "@Ann, somebody answered a post of yours in #teabreak."
    stage.clock.pass_by(hours=25)
    await stage.settle()
    assert told_of_replies(stage) == []


async def test_its_button_ends_it_and_takes_the_line_away() -> None:
    stage = await a_stage(Abilities(private_notes=False))
    talk = await moved(stage)
    copy = copy_of(stage, talk[0])
    await answered(stage, copy)
    line = next(post for post in stage.platform.world.standing(SOCIAL) if post.marker.startswith("replied:"))
    await stage.platform.press(line.id, Button.NO_MORE, "ann")
    await stage.settle()
    stage.clock.pass_by(hours=2)
    await answered(stage, copy)
    assert told_of_replies(stage) == []


async def test_whoever_chose_direct_messages_gets_one() -> None:
    stage = await a_stage(Abilities(private_notes=False))
    talk = await moved(stage)
    async with stage.store.work() as work:
        await work.communities.choose_direct(stage.community, "ann", direct=True)
        await work.commit()
    await answered(stage, copy_of(stage, talk[0]))
    assert [note.member for note in stage.platform.world.notes][-1] == "ann"
    assert stage.texts(SOCIAL, "cara")[-1] == "poor cat"


async def test_the_line_hears_answers_by_itself() -> None:
    house = House()
    await house.set_up(Wishes(social="teabreak", moderators="office", mode="offer"))
    post = (await house.talk())[0]
    async with house.store.work() as work:
        await work.outbox.add(house.community, WORK, a_move([post], "ann"), house.clock())
        await work.commit()
    await house.settle()
    copy = next(seen.id for seen in house.platform.view(SOCIAL, "mona") if seen.text == post.text)
    await house.platform.post("ben", SOCIAL, "poor cat", reply_to=copy)
    await house.settle()
    (told,) = [each for each in await house.outbox() if isinstance(each.action, TellOfReply)]
    assert (told.action.member, told.state) == ("ann", DeliveryState.DONE)  # type: ignore[union-attr]
