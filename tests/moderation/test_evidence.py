"""moderation/evidence.py: what the rulings on what was drawn permit, and what moderators are told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.evidence import TOLD_AGAIN, Standings, keep_leave, leave_of, leave_undrawn, standings
from moderation.labels import Label
from moderation.policy import Leave, Mode, Policy
from moderation.ports import DeliveryState, community_of
from moderation.promise import PATIENCE, Promise, Standing
from moderation.report_actions import ReportStanding
from tests.factories import MONDAY, ON_TOPIC, a_charter, a_message, a_verdict
from tests.fakes.memory_store import MemoryStore

TEAM = community_of(a_message().key)
CHARTER = a_charter()
MODEL = "test-model"
PROMISED = Policy(mode=Mode.NUDGE, promise=str(Promise()))
DAY = timedelta(days=1)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def a_draw(number: int, label: Label = Label.CHATTER, *, probability: float = 1.0, days: float = 0) -> Draw:
    """Draw `number`, a minute after the one before it, `days` after that Monday."""
    at = MONDAY + DAY * days + timedelta(minutes=number)
    key, chance = a_message(number).key, probability
    return Draw(key, 0, Occasion.FLAGGED, label, 0.95, chance, chance, at, MODEL, CHARTER.version)


def said(draw: Draw, what: Ruled, by: str = "mona", minutes: float = 1) -> Ruling:
    at = draw.drawn_at + timedelta(minutes=minutes)
    return Ruling(draw.subject, what, by, at, moderator=True, drawn=True)


async def kept(store: MemoryStore, draws: Sequence[Draw], rulings: Sequence[Ruling] = ()) -> None:
    async with store.work() as work:
        await work.draws.add(draws)
        for ruling in rulings:
            await work.rulings.add(TEAM, ruling)
        await work.commit()


async def found(store: MemoryStore, days: float = 1, model: str = MODEL) -> Standings:
    async with store.work() as work:
        return await standings(work, TEAM, Promise(), model, CHARTER.version, MONDAY + DAY * days)


def test_pitches_may_be_held_from_where_the_promise_is_kept_for_them() -> None:
    silent = Standing(None, 0, 0, 0, None, None)
    kept_from = Standing(0.9, 93, 93, 1, 0, 0.05)
    assert leave_of(Standings(silent, silent)).holds_from is None
    for casual in (silent, kept_from):
        assert leave_of(Standings(casual, kept_from)).holds_from == 0.9
    assert not leave_of(Standings(silent, kept_from)).acts


async def leave(store: MemoryStore, policy: Policy = PROMISED, days: float = 1, charter: str = "") -> Leave:
    async with store.work() as work:
        rules = replace(CHARTER, purpose=charter) if charter else CHARTER
        given = await keep_leave(work, TEAM, rules, policy, MODEL, MONDAY + DAY * days)
        await work.commit()
    return given


async def reports(store: MemoryStore) -> list[ReportStanding]:
    async with store.work() as work:
        actions = [each.action for each in await work.outbox.all(TEAM)]
    return [action for action in actions if isinstance(action, ReportStanding)]


# --- what may be said ------------------------------------------------------------------------------------------


async def test_without_evidence_nothing_is_said_and_nothing_reported(store: MemoryStore) -> None:
    assert await leave(store) == leave_of(await found(store))
    assert not (await leave(store)).acts
    assert await reports(store) == []


async def test_off_acts_at_once(store: MemoryStore) -> None:
    assert await leave(store, Policy(mode=Mode.NUDGE)) == Leave()


async def test_words_that_were_stored_before_they_were_refused_keep_it_silent(store: MemoryStore) -> None:
    given = await leave(store, replace(PROMISED, promise="hardly ever wrong"))
    assert not given.acts
    assert "is no promise" in given.why


async def test_enough_right_ones_let_it_act_and_that_is_told_once(store: MemoryStore) -> None:
    draws = [a_draw(number) for number in range(1, 90)]
    await kept(store, draws, [said(draw, Ruled.CHATTER) for draw in draws])
    for _ in range(3):
        assert await leave(store) == Leave(casual_from=0.60)
    assert [(each.label, each.number, each.acts_from) for each in await reports(store)] == [
        (Label.CHATTER, 1, 0.60)
    ]


async def marked(store: MemoryStore, number: int, state: DeliveryState) -> None:
    """How showing a report about casual talk ended."""
    async with store.work() as work:
        report = await work.outbox.find(TEAM, f"standing:chatter:{number}")
        assert report is not None
        await work.outbox.mark(report.id, state)
        await work.commit()


@pytest.mark.parametrize("end", [DeliveryState.REFUSED, DeliveryState.LOST, DeliveryState.GONE])
async def test_a_report_that_was_never_shown_is_told_again_day_by_day(
    store: MemoryStore, end: DeliveryState
) -> None:
    draws = [a_draw(number) for number in range(1, 90)]
    await kept(store, draws, [said(draw, Ruled.CHATTER) for draw in draws])
    await leave(store)
    await marked(store, 1, end)
    days = [1 + hours / 24 for hours in (1, 23, 24, 25, 47)]
    for day in days:
        assert (await leave(store, days=day)).acts
    assert [(each.number, each.acts_from) for each in await reports(store)] == [(1, 0.60), (2, 0.60)]
    await marked(store, 2, DeliveryState.DONE)
    await leave(store, days=1 + 3 * TOLD_AGAIN / DAY)
    assert len(await reports(store)) == 2


async def test_what_is_otherwise_by_now_is_told_although_the_last_report_was_refused(
    store: MemoryStore,
) -> None:
    draws = [a_draw(number) for number in range(1, 90)]
    await kept(store, draws, [said(draw, Ruled.CHATTER) for draw in draws])
    await leave(store)
    await marked(store, 1, DeliveryState.DONE)
    await kept(store, [], [said(draw, Ruled.FINE, minutes=2) for draw in draws])
    assert not (await leave(store)).acts
    await marked(store, 2, DeliveryState.REFUSED)
    await kept(store, [], [said(draw, Ruled.CHATTER, minutes=3) for draw in draws])
    # As moderators were told last: there is nothing new for them.
    assert (await leave(store)).acts
    assert [each.acts_from for each in await reports(store)] == [0.60, None]
    await kept(store, [], [said(draw, Ruled.FINE, minutes=4) for draw in draws])
    await leave(store, days=1.5)
    assert len(await reports(store)) == 2
    await leave(store, days=2)
    assert [each.acts_from for each in await reports(store)] == [0.60, None, None]


def test_where_nothing_is_drawn_a_promise_keeps_it_silent() -> None:
    assert leave_undrawn(Policy(mode=Mode.NUDGE)) == Leave()
    assert not leave_undrawn(PROMISED).acts
    assert "is no promise" in leave_undrawn(replace(PROMISED, promise="hardly ever wrong")).why


async def test_evidence_about_pitches_says_nothing_about_casual_talk(store: MemoryStore) -> None:
    draws = [a_draw(number, Label.PITCH) for number in range(1, 90)]
    await kept(store, draws, [said(draw, Ruled.REMOVE) for draw in draws])
    assert not (await leave(store)).acts
    assert [each.label for each in await reports(store)] == [Label.PITCH]


@pytest.mark.parametrize("silence", [False, True], ids=["wrong", "unanswered"])
async def test_when_the_evidence_breaks_it_falls_silent_and_says_so(
    store: MemoryStore, silence: bool
) -> None:
    draws = [a_draw(number) for number in range(1, 90)]
    await kept(store, draws, [said(draw, Ruled.CHATTER) for draw in draws])
    assert (await leave(store)).acts
    later = [a_draw(number, days=2) for number in range(100, 106)]
    await kept(store, later, [] if silence else [said(draw, Ruled.FINE) for draw in later])
    assert (await leave(store, days=2.5)).acts is silence
    for _ in range(2):
        given = await leave(store, days=3 + PATIENCE / DAY)
        assert not given.acts
        assert given.why.startswith("the promise was broken")
    assert [(each.number, each.acts_from, each.broken) for each in await reports(store)] == [
        (1, 0.60, False),
        (2, None, True),
    ]


async def test_another_model_or_charter_begins_with_nothing(store: MemoryStore) -> None:
    draws = [a_draw(number) for number in range(1, 90)]
    await kept(store, draws, [said(draw, Ruled.CHATTER) for draw in draws])
    assert (await found(store)).chatter.acts_from is not None
    assert (await found(store, model="other")).chatter.drawn == 0
    assert (await leave(store)).acts
    assert not (await leave(store, charter="something else")).acts
    assert [each.broken for each in await reports(store)] == [False, False]


async def test_a_moderator_may_think_again(store: MemoryStore) -> None:
    draw = a_draw(1)
    await kept(store, [draw], [said(draw, Ruled.FINE), said(draw, Ruled.CHATTER, minutes=5)])
    assert (await found(store)).chatter.wrong == 0
    await kept(store, [], [said(draw, Ruled.PITCH, "max", 9)])
    assert (await found(store)).chatter.wrong == 1


def test_leave_is_given_from_the_threshold_that_was_certified() -> None:
    acts = Standing(acts_from=0.75, drawn=9, ruled=9, wrong=0, needed=0, strongest=0.05)
    given = leave_of(Standings(acts, replace(acts, acts_from=None)))
    assert given == Leave(casual_from=0.75)
    policy = replace(PROMISED, leave=given)
    assert [policy.is_casual(a_verdict(Label.CHATTER, sure)) for sure in (0.7, 0.8)] == [None, True]
    assert policy.is_casual(ON_TOPIC) is False
