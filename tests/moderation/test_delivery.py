"""moderation/delivery.py: exactly once where it can be found again, at most once where it cannot, and never a storm."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.world import What
from moderation.actions import Action, FloodHint, NudgeAuthor, RemovePitch, RenewCard, Welcome
from moderation.decisions import Ruled, Ruling
from moderation.delivery import Delivered, Patience, deleted_by_us
from moderation.errors import PlatformError, StoreError, Unavailable
from moderation.messages import Message
from moderation.ports import Abilities, Delivery, DeliveryState
from moderation.report_actions import ReportPermission, ShowObjection
from tests.factories import PITCH
from tests.fakes.memory_outbox import MemoryOutbox
from tests.moderation.stage import (
    BUSINESS,
    MODERATORS,
    SOCIAL,
    WORK,
    Crash,
    Stage,
    a_card,
    a_nudge,
    name_of,
)

LINES = (("ann", "my cat ate the sandpaper"), ("ben", "ha, mine eats glue"), ("ann", "what a pair"))
LONE = NudgeAuthor("ann", "000001", SOCIAL)
OFFER = "This talk has a cosy home in #teabreak. Shall I carry your posts over, so that it can go on there?"


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def pitched(stage: Stage, *channels: str) -> list[Message]:
    """Ben offers the same thing in some channels."""
    posts = [await stage.platform.post("ben", channel, "ten leads a day, dm me") for channel in channels]
    for post in posts:
        await stage.judged(post, PITCH, reasons=["no exchange with anyone here"])
    return posts


def removal(posts: list[Message]) -> RemovePitch:
    return RemovePitch(name_of(posts[0]), tuple(name_of(post) for post in posts), "ben", "mona")


# --- each action -----------------------------------------------------------------------------------------------


async def test_a_nudge_with_an_offer_has_four_buttons(stage: Stage) -> None:
    await stage.queue(a_nudge(await stage.talk(*LINES)))
    assert await stage.deliver() == Delivered(done=1)
    said = stage.platform.view(WORK, "cara")[-1]
    assert said.text == OFFER
    assert said.labels == ("Move it for me", "It belongs here", "Why?", "No more nudges")


async def test_a_nudge_without_an_offer_moves_nothing(stage: Stage) -> None:
    await stage.queue(a_nudge(await stage.talk(*LINES), offer=False))
    await stage.deliver()
    assert stage.platform.view(WORK, "ann")[-1].labels == ("It belongs here", "Why?", "No more nudges")


async def test_a_nudge_stands_in_the_thread_where_the_talk_is(stage: Stage) -> None:
    root = await stage.platform.post("cara", WORK, "which glue?")
    await stage.queue(a_nudge(await stage.talk(*LINES, thread=root.key.message)))
    await stage.deliver()
    assert stage.platform.view(WORK, "ann")[-1].thread == root.key.message


async def test_nobody_speaks_to_a_talk_that_is_over(stage: Stage) -> None:
    await stage.queue(a_nudge(await stage.talk(*LINES)))
    stage.clock.pass_by(minutes=31)
    assert await stage.deliver() == Delivered(cancelled=1)
    assert stage.count(What.SAID) == 0


async def test_nobody_speaks_to_a_talk_that_was_deleted(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    for message in talk:
        await stage.platform.delete(WORK, message.key.message)
    await stage.queue(a_nudge(talk))
    assert await stage.deliver() == Delivered(cancelled=1)


@pytest.mark.parametrize("action", [LONE, FloodHint("ann", "000001")])
async def test_a_line_for_one_member_is_private(stage: Stage, action: Action) -> None:
    await stage.queue(action)
    await stage.deliver()
    assert [seen.private for seen in stage.platform.view(WORK, "ann")] == [True]
    assert stage.texts(WORK, "ben") == []


@pytest.mark.parametrize("action", [LONE, FloodHint("ann", "000001")])
async def test_where_notes_are_impossible_it_is_said_and_mentions_only_them(action: Action) -> None:
    stage = Stage(abilities=Abilities(private_notes=False))
    await stage.queue(action)
    await stage.deliver()
    assert "@Ann" in stage.texts(WORK, "ben")[0]


async def test_a_newcomer_is_welcomed_for_all_to_see(stage: Stage) -> None:
    await stage.queue(Welcome("ann", "000001", SOCIAL))
    await stage.deliver()
    assert stage.texts(WORK, "ben")[0].startswith("Welcome, @Ann!")


async def test_a_pitch_is_shown_to_moderators_alone(stage: Stage) -> None:
    await stage.queue(a_card(await pitched(stage, WORK)))
    await stage.deliver()
    card = stage.platform.view(MODERATORS, "mona")[0]
    for part in (
        "@Ben (Ben)",
        "#workshop",
        "ten leads a day",
        "pitch 95%",
        "looks like pitch",
        "no exchange",
    ):
        assert part in card.text
    assert card.labels == ("Remove and explain", "Fine as it is", "Not now", "I'm on it")
    assert stage.platform.view(MODERATORS, "ann") == []


async def test_copies_of_one_text_are_one_card(stage: Stage) -> None:
    posts = await pitched(stage, WORK, BUSINESS)
    await stage.queue(a_card(posts[:1]))
    await stage.queue(a_card(posts), BUSINESS)
    await stage.settle()
    assert stage.count(What.CARD_SHOWN) == 1
    assert "The same text 1 more time: #business" in stage.texts(MODERATORS, "mona")[0]


async def test_removing_takes_every_copy_and_gives_the_text_back_once(stage: Stage) -> None:
    posts = await pitched(stage, WORK, BUSINESS)
    await stage.queue(removal(posts))
    await stage.settle()
    assert stage.texts(WORK, "ann") == stage.texts(BUSINESS, "ann") == []
    told = [note.text for note in stage.platform.world.notes]
    assert len(told) == 1
    assert "ten leads a day, dm me" in told[0]
    assert stage.platform.world.notes[0].member == "ben"


async def test_a_pitch_that_its_author_deleted_needs_no_explanation(stage: Stage) -> None:
    posts = await pitched(stage, WORK)
    await stage.platform.delete(WORK, posts[0].key.message)
    await stage.queue(removal(posts))
    await stage.settle()
    assert stage.platform.world.notes == []


async def test_a_copy_that_cannot_be_removed_is_reported_and_the_others_go(stage: Stage) -> None:
    posts = await pitched(stage, WORK, BUSINESS)
    stage.platform.troubles.forbid(WORK, "Manage Messages", "remove")
    await stage.queue(removal(posts))
    await stage.settle()
    assert stage.texts(BUSINESS, "ann") == []
    assert len(stage.platform.world.notes) == 1
    assert "Manage Messages is missing" in stage.texts(MODERATORS, "mona")[0]


async def test_a_card_shows_what_was_ruled(stage: Stage) -> None:
    posts = await pitched(stage, WORK)
    await stage.queue(a_card(posts))
    async with stage.store.work() as work:
        await work.rulings.add(
            stage.community, Ruling(f"card:{name_of(posts[0])}", Ruled.FINE, "mona", stage.clock())
        )
        await work.commit()
    await stage.settle()
    card = stage.platform.view(MODERATORS, "mona")[0]
    assert "@Mona: fine as it is" in card.text
    assert card.labels == ("Remove and explain",)


async def test_an_objection_is_a_card(stage: Stage) -> None:
    await stage.queue(ShowObjection("nudge:C1/1", WORK, "ann"))
    await stage.deliver()
    assert stage.texts(MODERATORS, "mona") == ["@Ann says that the talk in #workshop belongs there."]


async def test_a_card_of_a_pitch_that_nobody_knows_is_as_good_as_done(stage: Stage) -> None:
    await stage.queue(RenewCard("C1/9", "fine"))
    assert await stage.deliver() == Delivered(gone=1)


# --- failures --------------------------------------------------------------------------------------------------


async def test_what_is_gone_is_as_good_as_done(stage: Stage) -> None:
    stage.platform.leave("ann")
    await stage.queue(LONE)
    assert await stage.deliver() == Delivered(gone=1)
    assert await stage.deliver() == Delivered()


async def test_a_missing_permission_is_reported_once_and_not_retried(stage: Stage) -> None:
    stage.platform.troubles.forbid(WORK, "Send Messages", "say")
    await stage.queue(Welcome("ann", "1", SOCIAL))
    await stage.queue(Welcome("ben", "2", SOCIAL))
    assert await stage.deliver() == Delivered(refused=1)
    await stage.settle()
    assert stage.texts(MODERATORS, "mona") == [
        "I could not act in #workshop: Send Messages is missing. The permission to Send Messages is missing."
    ]
    assert stage.count(What.CARD_SHOWN) == 1
    report = await stage.delivery("permission:playground:playground:Send Messages:C1")
    assert report.state is DeliveryState.DONE


async def test_a_report_that_cannot_be_shown_is_not_reported(stage: Stage) -> None:
    stage.platform.troubles.forbid(MODERATORS, "Send Messages", "show_card")
    await stage.queue(ReportPermission("c", "p", WORK, "w"))
    assert await stage.deliver() == Delivered(refused=1)
    await stage.settle()
    async with stage.store.work() as work:
        assert len(await work.outbox.all(stage.community)) == 1


async def test_an_outage_is_waited_out(stage: Stage) -> None:
    stage.platform.troubles.fail_next("say", Unavailable("busy", retry_after=40))
    await stage.queue(Welcome("ann", "1", SOCIAL))
    assert await stage.deliver() == Delivered(postponed=1)
    stage.clock.pass_by(seconds=30)
    assert await stage.deliver() == Delivered()
    stage.clock.pass_by(seconds=15)
    assert await stage.deliver() == Delivered(done=1)


async def test_what_fails_for_too_long_is_lost_and_counted() -> None:
    stage = Stage(patience=Patience(tries=4, stale=timedelta(days=1)))
    stage.platform.troubles.fail_next("say", Unavailable("down"), times=9)
    await stage.queue(Welcome("ann", "1", SOCIAL))
    ends = []
    for _ in range(6):
        ends.append(await stage.deliver())
        stage.clock.pass_by(minutes=16)
    assert ends == [Delivered(postponed=1)] * 3 + [Delivered(lost=1)] + [Delivered()] * 2


@pytest.mark.parametrize(
    "tries, retry_after, expected",
    [(0, 1, 5), (1, 1, 10), (4, 1, 80), (30, 1, 900), (0, 3600, 3600), (500, 0, 900)],
)
def test_waits_double_up_to_a_quarter_of_an_hour(tries: int, retry_after: float, expected: int) -> None:
    assert Patience().wait(tries, retry_after) == timedelta(seconds=expected)


async def test_one_broken_action_does_not_stop_the_others(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.platform.troubles.fail_next("say", ValueError("a bug"))
    await stage.queue(Welcome("ann", "1", SOCIAL))
    await stage.queue(Welcome("ben", "2", SOCIAL), BUSINESS)
    with caplog.at_level(logging.ERROR):
        assert await stage.deliver() == Delivered(done=1, postponed=1)
    assert [vars(record)["marker"] for record in caplog.records] == ["welcome:ann"]
    assert [record.getMessage() for record in caplog.records] == ["an action failed"]


async def test_a_broken_store_is_heard_of(stage: Stage) -> None:
    stage.platform.troubles.fail_next("say", StoreError("the disk is full"))
    await stage.queue(Welcome("ann", "1", SOCIAL))
    with pytest.raises(StoreError):
        await stage.deliver()


async def test_one_channel_is_served_in_order(stage: Stage) -> None:
    for who in ("ann", "ben", "cara"):
        await stage.queue(Welcome(who, who, ""))
    await stage.settle()
    assert [text.split("!")[0] for text in stage.texts(WORK)] == [
        "Welcome, @Ann",
        "Welcome, @Ben",
        "Welcome, @Cara",
    ]


# --- at most once ----------------------------------------------------------------------------------------------


async def test_a_note_interrupted_while_it_was_sent_is_lost_and_never_sent_again(stage: Stage) -> None:
    stage.platform.troubles.fail_next("tell", Crash(), after=True)
    await stage.queue(LONE)
    with pytest.raises(Crash):
        await stage.deliver()
    stage.clock.pass_by(minutes=11)
    assert await stage.deliver() == Delivered(lost=1)
    assert stage.count(What.TOLD) == 1


async def test_a_note_of_which_nobody_knows_whether_it_was_seen_is_lost(stage: Stage) -> None:
    stage.platform.troubles.fail_next("tell", PlatformError("timed out"), after=True)
    await stage.queue(LONE)
    assert await stage.deliver() == Delivered(lost=1)


async def test_a_note_that_surely_was_not_shown_is_sent_again(stage: Stage) -> None:
    stage.platform.troubles.fail_next("tell", Unavailable("rate limited"))
    await stage.queue(LONE)
    assert await stage.deliver() == Delivered(postponed=1)
    await stage.settle()
    assert stage.count(What.TOLD) == 1


async def test_what_can_be_found_again_is_said_once_after_a_lost_answer(stage: Stage) -> None:
    stage.platform.troubles.fail_next("say", Unavailable("timed out"), after=True)
    await stage.queue(Welcome("ann", "1", SOCIAL))
    await stage.settle()
    assert stage.count(What.SAID, "welcome:ann") == 1


@given(deaths=st.lists(st.tuples(st.booleans(), st.integers(0, 25), st.booleans()), min_size=1, max_size=5))
def test_wherever_it_dies_cards_and_removals_happen_once_and_notes_at_most_once(
    deaths: list[tuple[bool, int, bool]],
) -> None:
    asyncio.run(dying_removal(deaths))


async def dying_removal(deaths: list[tuple[bool, int, bool]]) -> None:
    stage = Stage(patience=Patience(stale=timedelta(days=1)))
    posts = await pitched(stage, WORK, BUSINESS)
    for action in (a_card(posts), removal(posts), LONE, Welcome("cara", "1", SOCIAL)):
        await stage.queue(action)
    for in_store, left, after in deaths:
        if in_store:
            stage.store.plan.left, stage.store.plan.after = left, after
        else:
            stage.platform.troubles.fail_next("", Crash(), after=after, skip=left)
        try:
            await stage.settle()
        except Crash:
            stage.clock.pass_by(minutes=11)
    stage.platform.troubles.clear()
    stage.store.plan.left = None
    await stage.settle()
    assert stage.count(What.CARD_SHOWN) == stage.count(What.SAID, "welcome:cara") == 1
    assert [stage.count(What.REMOVED, post=post.key.message) for post in posts] == [1, 1]
    for marker in (LONE.marker, f"returned:{name_of(posts[-1])}"):
        told, state = stage.count(What.TOLD, marker), (await stage.delivery(marker)).state
        assert told == 1 or (told == 0 and state is DeliveryState.LOST)


# --- whose deletion it was -------------------------------------------------------------------------------------


async def test_our_own_deletions_are_known_as_such(stage: Stage) -> None:
    posts = await pitched(stage, WORK, BUSINESS)
    async with stage.store.work() as work:
        assert not await deleted_by_us(work, posts[0].key)
    await stage.queue(removal(posts))
    await stage.settle()
    async with stage.store.work() as work:
        assert await deleted_by_us(work, posts[0].key)
        assert (await work.messages.get([posts[0].key]))[0] is not None


async def test_whose_deletion_it_was_is_not_looked_for_among_all_that_was_ever_removed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = await pitched(stage, WORK)
    await stage.queue(removal(posts))
    await stage.settle()
    stage.clock.pass_by(days=1)
    post = await stage.platform.post("ann", WORK, "which glue?")
    read: list[Delivery] = []
    beginning = MemoryOutbox.beginning

    async def watched(outbox: MemoryOutbox, *what: Any, **how: Any) -> list[Delivery]:
        found = await beginning(outbox, *what, **how)
        read.extend(found)
        return found

    monkeypatch.setattr(MemoryOutbox, "beginning", watched)
    async with stage.store.work() as work:
        assert not await deleted_by_us(work, post.key)
    assert read == []
