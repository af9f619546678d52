"""moderation/delivery.py: what is not ours any more is left alone, what is begun is finished, and nobody waits for another's failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.playground.world import What
from moderation.actions import NudgeAuthor, RenewCard, TakeBack, Welcome
from moderation.delivery import Delivered, Patience, deliver
from moderation.errors import NotReachable, PlatformError, Unavailable
from moderation.policy import Mode, Policy
from moderation.ports import Abilities, Community, DeliveryState
from moderation.report_actions import ReportPermission
from tests.factories import PITCH
from tests.moderation.stage import BUSINESS, MODERATORS, SOCIAL, WORK, Stage, a_card, a_move, name_of

OPEN_ONLY = Abilities(private_notes=False)
TO_ANN, TO_BEN = NudgeAuthor("ann", "000091", SOCIAL), NudgeAuthor("ben", "000092", SOCIAL)
LINES = (("ann", "my cat ate the sandpaper"), ("ben", "ha, mine eats glue"), ("ann", "what a pair"))


@pytest.fixture
async def stage() -> Stage:
    stage = Stage(abilities=OPEN_ONLY)
    await stage.govern(Policy(Mode.OFFER))
    return stage


@pytest.fixture
def meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], Awaitable[None]]], None]:
    """Lets something happen while the next line is being said, once it stands."""
    say = stage.platform.say

    def arrange(deed: Callable[[], Awaitable[None]]) -> None:
        async def said(*where: object, **how: object) -> str:
            monkeypatch.setattr(stage.platform, "say", say)
            post = await say(*where, **how)  # type: ignore[arg-type]
            await deed()
            return post

        monkeypatch.setattr(stage.platform, "say", said)

    return arrange


Meanwhile = Callable[[Callable[[], Awaitable[None]]], None]


async def erase(stage: Stage, member: str) -> None:
    async with stage.store.work() as work:
        await work.communities.erase_member(stage.community, member)
        await work.commit()


# --- not ours any more -----------------------------------------------------------------------------------------


async def test_what_was_cancelled_while_another_was_done_is_not_done(
    stage: Stage, meanwhile: Meanwhile
) -> None:
    await stage.queue(TO_ANN)
    post = await stage.platform.post("ben", BUSINESS, "hm")
    async with stage.store.work() as work:
        word = NudgeAuthor("ben", post.key.message, SOCIAL)
        await work.outbox.add(stage.community, BUSINESS, word, stage.clock(), post.key.message)
        await work.commit()
    meanwhile(lambda: stage.platform.delete(BUSINESS, post.key.message))
    assert await stage.deliver() == Delivered(done=1, taken=1)
    assert stage.texts(BUSINESS, "cara") == []
    assert (await stage.delivery(word.marker)).state is DeliveryState.CANCELLED


async def test_one_who_was_erased_while_another_was_spoken_to_is_not_mentioned(
    stage: Stage, meanwhile: Meanwhile
) -> None:
    await stage.queue(TO_ANN)
    await stage.queue(TO_BEN, BUSINESS)
    meanwhile(lambda: erase(stage, "ben"))
    assert await stage.deliver() == Delivered(done=1, taken=1)
    assert stage.texts(BUSINESS, "cara") == []


async def test_a_line_to_one_who_is_erased_while_it_is_said_goes_and_nothing_names_them(
    stage: Stage, meanwhile: Meanwhile
) -> None:
    await stage.queue(TO_ANN)
    meanwhile(lambda: erase(stage, "ann"))
    await stage.deliver()
    (line,) = stage.platform.world.standing(WORK)
    async with stage.store.work() as work:
        assert [each.action for each in await work.outbox.all(stage.community)] == [TakeBack("", line.id)]
    stage.clock.pass_by(minutes=30)
    await stage.settle()
    assert stage.texts(WORK, "cara") == []


async def test_what_was_erased_from_an_action_since_it_was_claimed_is_not_told(
    stage: Stage, meanwhile: Meanwhile
) -> None:
    await stage.queue(TO_ANN, BUSINESS)
    await stage.deliver()
    stage.clock.pass_by(minutes=29)
    await stage.queue(TO_BEN)
    stage.clock.pass_by(minutes=2)
    meanwhile(lambda: erase(stage, "ann"))
    assert await stage.deliver() == Delivered(done=2)
    assert stage.texts(BUSINESS, "cara") == []
    assert stage.count(What.REMOVED) == 1
    assert stage.count(What.REMOVED, f"said for a while only: {TO_ANN.marker}") == 0


async def test_of_a_community_that_is_erased_meanwhile_nothing_is_kept(
    stage: Stage, meanwhile: Meanwhile
) -> None:
    async def leave() -> None:
        async with stage.store.work() as work:
            await work.communities.erase(stage.community)
            await work.commit()

    await stage.queue(TO_ANN)
    meanwhile(leave)
    await stage.deliver()
    async with stage.store.work() as work:
        assert await work.outbox.all(stage.community) == []


async def test_of_two_hands_with_one_delivery_the_later_one_says_how_it_ended(
    stage: Stage, meanwhile: Meanwhile
) -> None:
    async def another() -> None:
        stage.clock.pass_by(minutes=11)
        assert await stage.deliver() == Delivered(done=1)
        async with stage.store.work() as work:
            delivery = await work.outbox.find(stage.community, TO_ANN.marker)
            assert delivery is not None
            await work.outbox.mark(delivery.id, DeliveryState.DONE, "kept by the other")
            await work.commit()

    await stage.queue(TO_ANN)
    meanwhile(another)
    await stage.deliver()
    assert (await stage.delivery(TO_ANN.marker)).result == "kept by the other"
    assert stage.count(What.SAID) == 1


async def test_nothing_is_worked_on_for_as_long_as_its_lease(
    stage: Stage, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "patience", Patience(longest=timedelta(seconds=0.05)))
    await stage.queue(TO_ANN)
    meanwhile(lambda: asyncio.sleep(60))
    assert await stage.deliver() == Delivered(postponed=1)
    stage.clock.pass_by(minutes=1)
    assert await stage.deliver() == Delivered(done=1)
    assert stage.count(What.SAID) == 1


# --- told to stop ----------------------------------------------------------------------------------------------


async def states(stage: Stage) -> dict[str, DeliveryState]:
    async with stage.store.work() as work:
        return {each.marker: each.state for each in await work.outbox.all(stage.community)}


async def test_who_is_told_to_stop_finishes_what_is_begun_and_leaves_the_rest(
    stage: Stage, meanwhile: Meanwhile
) -> None:
    await stage.queue(TO_ANN)
    await stage.queue(TO_BEN, BUSINESS)
    begun = asyncio.Event()

    async def slowly() -> None:
        begun.set()
        await asyncio.sleep(0.05)

    meanwhile(slowly)
    hand = asyncio.create_task(stage.deliver())
    await begun.wait()
    hand.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hand
    found = await states(stage)
    assert (found[TO_ANN.marker], found[TO_BEN.marker]) == (DeliveryState.DONE, DeliveryState.WAITING)
    assert await stage.deliver() == Delivered(done=1)


async def test_what_cannot_be_finished_in_time_waits_for_the_next_start(
    stage: Stage, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "patience", Patience(grace=0.05))
    await stage.queue(TO_ANN)
    begun = asyncio.Event()

    async def for_ever() -> None:
        begun.set()
        await asyncio.sleep(60)

    meanwhile(for_ever)
    hand = asyncio.create_task(stage.deliver())
    await begun.wait()
    hand.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hand
    assert await stage.deliver() == Delivered(done=1)
    assert stage.count(What.SAID) == 1


async def test_hands_do_not_take_more_than_they_hold(stage: Stage) -> None:
    await stage.queue(TO_ANN)
    await stage.queue(TO_BEN, BUSINESS)
    assert await deliver(stage.store, stage.platform, stage.clock) == Delivered(done=1)


# --- a platform that is not there ------------------------------------------------------------------------------


@pytest.fixture
def away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def abilities(community: Community) -> Abilities:
        raise Unavailable(f"Steward does not run on {community.platform} at present.", 900)

    monkeypatch.setattr(stage.platform, "abilities", abilities)


@pytest.mark.usefixtures("away")
async def test_of_a_platform_that_is_not_there_everything_waits_and_nothing_is_stopped(stage: Stage) -> None:
    await stage.queue(TO_ANN)
    await stage.queue(ReportPermission("c", "p", WORK, "w"), BUSINESS)
    assert await stage.deliver() == Delivered(postponed=2)
    kept = await stage.delivery(TO_ANN.marker)
    assert (kept.state, kept.tries) == (DeliveryState.WAITING, 0)


async def test_what_was_being_sent_when_it_went_away_is_still_known_as_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    await stage.queue(TO_ANN)
    async with stage.store.work() as work:
        (claimed,) = await work.outbox.claim(stage.clock(), 1, stage.clock.at + timedelta(minutes=1))
        await work.outbox.mark(claimed.id, DeliveryState.SENDING)
        await work.commit()
    stage.clock.pass_by(minutes=2)
    with monkeypatch.context() as gone:

        def abilities(community: Community) -> Abilities:
            raise Unavailable(f"{community} is not there.")

        gone.setattr(stage.platform, "abilities", abilities)
        assert await stage.deliver() == Delivered(postponed=1)
    stage.clock.pass_by(minutes=11)
    assert await stage.deliver() == Delivered(lost=1)
    assert stage.platform.world.notes == []


# --- refused for good ------------------------------------------------------------------------------------------


async def test_a_lasting_refusal_is_reported_once_and_not_tried_again(stage: Stage) -> None:
    stage.platform.troubles.fail_next("say", PlatformError("Refused with 400 (200000): blocked."), times=9)
    for who in ("ann", "ben"):
        await stage.queue(Welcome(who, who, ""))
    await stage.settle()
    assert stage.texts(MODERATORS, "mona") == [
        "I could not act in #workshop: Refused with 400 (200000): blocked."
    ]
    assert (await stage.delivery("welcome:ann")).state is DeliveryState.REFUSED
    assert (await stage.delivery("welcome:ann")).tries == 1


async def test_a_move_that_is_refused_for_good_leaves_nothing_half_done(stage: Stage) -> None:
    talk = await stage.talk(*LINES)
    stage.platform.troubles.fail_next("copy", PlatformError("Refused with 400: too many webhooks."), skip=1)
    await stage.queue(a_move(talk, "ann", "ben"))
    await stage.settle()
    assert stage.texts(SOCIAL) == []
    assert "too many webhooks" in stage.texts(MODERATORS, "mona")[0]


async def test_that_somebody_is_closed_to_direct_messages_outlasts_an_outage(stage: Stage) -> None:
    async with stage.store.work() as work:
        await work.communities.choose_direct(stage.community, "ann", direct=True)
        await work.commit()
    stage.platform.troubles.fail_next("tell", NotReachable("closed"))
    stage.platform.troubles.fail_next("say", Unavailable("down"))
    await stage.queue(TO_ANN)
    assert await stage.deliver() == Delivered(postponed=1)
    assert await stage.deliver() == Delivered(postponed=1)
    stage.clock.pass_by(minutes=1)
    assert await stage.deliver() == Delivered(done=1)
    assert stage.platform.world.notes == []
    assert "@Ann" in stage.texts(WORK, "cara")[0]


def test_the_marker_of_a_report_fits_on_a_card_however_long_a_name_is() -> None:
    reports = [
        ReportPermission("discord:1234567890123456789", "Equal access to both channels", f"{'x' * 99}{n}", "")
        for n in (1, 2)
    ]
    assert len({report.marker for report in reports}) == 2
    assert all(len(report.marker) < 99 for report in reports)


# --- cards -----------------------------------------------------------------------------------------------------


async def test_two_hands_with_one_card_show_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    post = await stage.platform.post("ben", WORK, "ten leads a day, dm me")
    await stage.judged(post, PITCH)
    show, showing = stage.platform.show_card, 0

    async def slowly(*what: object, **how: object) -> str:
        nonlocal showing
        showing += 1
        assert showing == 1
        await asyncio.sleep(0.02)
        shown = await show(*what, **how)  # type: ignore[arg-type]
        showing -= 1
        return shown

    monkeypatch.setattr(stage.platform, "show_card", slowly)
    await stage.queue(a_card([post]))
    await stage.queue(RenewCard(name_of(post), "somebody's"), BUSINESS)
    monkeypatch.setattr(stage, "patience", Patience())
    found = await asyncio.gather(stage.deliver(), stage.deliver())
    assert [each.done for each in found] == [1, 1]
    assert stage.count(What.CARD_SHOWN) == 1


async def test_a_card_that_is_not_found_by_its_marker_is_known_by_its_id(stage: Stage) -> None:
    post = await stage.platform.post("ben", WORK, "ten leads a day, dm me")
    await stage.judged(post, PITCH)
    await stage.queue(a_card([post]))
    await stage.settle()
    stage.platform.forget_marker(MODERATORS, f"card:{name_of(post)}")
    await stage.queue(RenewCard(name_of(post), "mona's"))
    await stage.settle()
    assert len(stage.texts(MODERATORS, "mona")) == 1
