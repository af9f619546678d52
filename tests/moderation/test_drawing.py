"""moderation/drawing.py: what is drawn of what was judged, and with which probability."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from moderation.actions import PitchCard
from moderation.audit_plan import A_RULING_FOR, MOST_RULINGS, RULINGS, Plan, Stratum, plan
from moderation.decisions import Decision, Outcome, Probabilities, Verdict
from moderation.drawing import Lots, drawing_probability, keep_drawn, weekly_plan
from moderation.draws import Draw, Occasion, is_flagged, lot
from moderation.labels import Label
from moderation.messages import Message
from moderation.policy import Mode, Policy
from moderation.ports import community_of
from moderation.promise import Promise
from moderation.report_actions import AskAboutDrawn
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE, a_charter, a_message, a_verdict
from tests.fakes.memory_store import MemoryStore

TEAM = community_of(a_message().key)
CHARTER = a_charter()
PROMISED = Policy(mode=Mode.NUDGE, promise=str(Promise()))
DAY = timedelta(days=1)
WEEK_OF_MINUTES = 7 * 24 * 60
MIDNIGHT = -9 * 60
"""Minutes from nine to the midnight with which that Monday begins."""
ZONES = [ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")]
"""Held in memory, as the pipeline holds them: reading one from its file would block the event loop."""
QUIET = Verdict(Probabilities(0.99, 0.005, 0.005), "", "test-model")
DOUBTFUL = Verdict(Probabilities(0.6, 0.4, 0.0), "", "test-model")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def a_draw(number: int, *, probability: float = 1.0, days: float = 0) -> Draw:
    """Flagged draw `number`, a minute after the one before it, `days` after that Monday."""
    at = MONDAY + DAY * days + timedelta(minutes=number)
    return Draw(
        a_message(number).key,
        0,
        Occasion.FLAGGED,
        Label.CHATTER,
        0.95,
        probability,
        probability,
        at,
        "m",
        "c",
    )


def a_decision(
    message: Message, verdict: Verdict = CHATTER, outcome: Outcome = Outcome.LONE_CHATTER
) -> Decision:
    return Decision(
        key=message.key,
        revision=message.revision,
        author=message.author.id,
        posted_at=message.posted_at,
        thread=None,
        outcome=outcome,
        verdict=verdict,
        reasons=(),
        actions=(),
        charter_version=CHARTER.version,
        decided_at=message.posted_at,
    )


async def kept(store: MemoryStore, draws: Sequence[Draw]) -> None:
    async with store.work() as work:
        await work.draws.add(draws)
        await work.commit()


async def decided(store: MemoryStore, decisions: Iterable[Decision]) -> None:
    async with store.work() as work:
        await work.decisions.add(list(decisions), ())
        await work.commit()


async def draw(
    store: MemoryStore,
    judged: Sequence[tuple[Message, Decision]],
    policy: Policy = PROMISED,
    lots: Lots | None = None,
) -> list[Draw]:
    async with store.work() as work:
        return await (lots or Lots("s")).draw(work, TEAM, judged, CHARTER, policy, "two-tiers")


# --- what was flagged ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message, verdict, flagged",
    [
        (a_message(), CHATTER, True),
        (a_message(), PITCH, True),
        (a_message(), a_verdict(Label.CHATTER, 0.6), True),
        (a_message(), a_verdict(Label.CHATTER, 0.59), False),
        (a_message(), ON_TOPIC, False),
        (a_message(), UNSURE, False),
        (a_message(channel="C3"), CHATTER, False),
        (a_message(channel="C3"), PITCH, True),
        (a_message(channel="C4"), PITCH, False),
        (a_message(channel="C4"), CHATTER, True),
        (a_message(author="mona"), PITCH, False),
        (a_message(roles=("staff",)), CHATTER, False),
    ],
)
def test_what_counts_as_flagged(message: Message, verdict: Verdict, flagged: bool) -> None:
    policy = Policy(moderators=("mona",), exempt_roles=("staff",))
    assert is_flagged(message, verdict, CHARTER, policy) is flagged


async def drawn(store: MemoryStore, policy: Policy, seed: str = "s", count: int = 400) -> list[int]:
    """Which of so many flagged messages are drawn, all within a few hours."""
    messages = [a_message(number, minutes=number / 4) for number in range(count)]
    draws = await draw(store, [(message, a_decision(message)) for message in messages], policy, Lots(seed))
    assert {(draw.label, draw.score, draw.model) for draw in draws} <= {(Label.CHATTER, 0.95, "two-tiers")}
    return [int(draw.key.message) for draw in draws]


async def test_without_a_promise_nothing_is_drawn(store: MemoryStore) -> None:
    assert await drawn(store, Policy()) == []
    assert await drawn(store, Policy(promise="hardly ever wrong")) == []


async def test_who_is_drawn_depends_on_the_seed_alone(store: MemoryStore) -> None:
    first = await drawn(store, PROMISED)
    assert first == await drawn(store, PROMISED)
    assert first != await drawn(store, PROMISED, "another")
    assert 50 <= len(first) <= 110


async def probability(store: MemoryStore, days: float, policy: Policy = PROMISED) -> float:
    async with store.work() as work:
        return await drawing_probability(work, TEAM, policy, MONDAY + DAY * days)


async def test_on_the_first_day_a_fifth_is_drawn(store: MemoryStore) -> None:
    assert await probability(store, 0) == 0.2
    await kept(store, [a_draw(number, probability=0.2) for number in range(1, 30)])
    assert await probability(store, 0.5) == 0.2


async def test_from_the_next_local_day_on_twenty_a_day_are_drawn(store: MemoryStore) -> None:
    await kept(store, [a_draw(number, probability=0.2) for number in range(1, 21)])  # of about 100
    assert await probability(store, 1) == pytest.approx(0.2)
    assert await probability(store, 2) == pytest.approx(0.4)  # 50 a day over two days
    assert await probability(store, 7) == 1.0
    assert await probability(store, 30) == 1.0  # nothing for a week
    auckland = replace(PROMISED, time_zone="Pacific/Auckland")
    assert await probability(store, 0.25, auckland) == pytest.approx(0.2)  # there it is tomorrow already


async def test_however_much_is_flagged_one_in_twenty_is_drawn(store: MemoryStore) -> None:
    await kept(store, [a_draw(number, probability=0.05) for number in range(1, 200)])
    assert await probability(store, 1) == 0.05


async def test_once_something_is_drawn_no_erasure_changes_the_days_probability(store: MemoryStore) -> None:
    await kept(store, [a_draw(number, probability=0.1) for number in range(1, 21)])
    before = await probability(store, 1)
    assert before == pytest.approx(0.1)
    await kept(store, [a_draw(100, days=1, probability=before)])
    for key in [key for key in store.memory.state.draws if key[0].message <= "00015"]:
        del store.memory.state.draws[key]
    assert await probability(store, 1.5) == before
    assert await probability(store, 2) != before


# --- what was not ----------------------------------------------------------------------------------------------


def a_week(
    *, weeks: float = -1, each: int = 100, verdict: Verdict = QUIET, first: int = 1, over: float = 1.0
) -> list[Decision]:
    """So many messages, evenly over the (last) part `over` of a week that begins `weeks` after that Monday's midnight."""
    found = []
    for place in range(each):
        minutes = MIDNIGHT + WEEK_OF_MINUTES * (weeks + 1 - over + over * place / each)
        message = a_message(first + place, minutes=minutes)
        outcome = Outcome.LEFT_ALONE if verdict.label is Label.ON_TOPIC else Outcome.COUNTED
        found.append(a_decision(message, verdict, outcome))
    return found


async def planned(store: MemoryStore, days: float = 0, policy: Policy = PROMISED) -> Plan:
    async with store.work() as work:
        return await weekly_plan(work, TEAM, CHARTER, policy, MONDAY + DAY * days)


async def test_the_first_week_is_planned_without_knowing_anything(store: MemoryStore) -> None:
    assert await planned(store) == plan()


async def test_a_week_is_planned_by_the_one_before(store: MemoryStore) -> None:
    await decided(store, a_week(each=700))
    await decided(store, a_week(each=50, verdict=DOUBTFUL, first=1_000))
    await decided(store, a_week(each=90, verdict=PITCH, first=2_000))
    await decided(store, a_week(weeks=-2, each=500, first=3_000))
    assert await planned(store) == plan({Stratum.BELOW_2: 700, Stratum.ABOVE_30: 50})
    assert await planned(store, 6) == await planned(store)
    assert await planned(store, 7) == plan()


async def test_the_week_is_the_communitys_own(store: MemoryStore) -> None:
    await decided(store, a_week(each=700))
    auckland = replace(PROMISED, time_zone="Pacific/Auckland")
    midnight = -9.5 / 24
    assert await planned(store, midnight) == plan()  # it is Sunday
    assert await planned(store, midnight, auckland) != plan()  # there it is Monday


async def test_what_is_edited_or_exempt_changes_no_plan(store: MemoryStore) -> None:
    week = a_week(each=700)
    await decided(store, week)
    before = await planned(store)
    await decided(store, [replace(each, revision=1, verdict=DOUBTFUL) for each in week[:90]])
    theirs = a_week(each=50, verdict=DOUBTFUL, first=1_000)
    await decided(store, [replace(each, author="mona") for each in theirs])
    assert await planned(store, policy=replace(PROMISED, moderators=("mona",))) == before


@pytest.mark.parametrize("over, known", [(0.5, True), (0.1, False)])
async def test_a_week_that_began_late_is_taken_for_a_whole_one(
    store: MemoryStore, over: float, known: bool
) -> None:
    await decided(store, a_week(each=700, over=over))
    assert await planned(store) == (plan({Stratum.BELOW_2: 1_400}) if known else plan())


async def test_once_something_is_drawn_the_weeks_plan_stays_whatever_is_erased(store: MemoryStore) -> None:
    await decided(store, a_week(each=700))
    before = await planned(store)
    message = a_message(5_000)
    lots = Lots(seed_that_draws(message, before))
    drawn = await draw(store, [(message, a_decision(message, QUIET, Outcome.LEFT_ALONE))], lots=lots)
    await kept(store, drawn)
    store.memory.state.decisions.clear()
    assert await planned(store, 3) == before
    assert await planned(store, 7) == plan()


def seed_that_draws(message: Message, drawn_by: Plan) -> str:
    chance = drawn_by.probabilities[Stratum.BELOW_2]
    seeds = (f"seed {number}" for number in range(10_000))
    return next(seed for seed in seeds if lot(seed, message.key, Occasion.NOT_FLAGGED) < chance)


async def test_about_as_many_are_drawn_as_moderators_have_time_for(store: MemoryStore) -> None:
    await decided(store, a_week(each=2_000))
    await decided(store, a_week(each=200, verdict=DOUBTFUL, first=5_000))
    lots = Lots("s")
    week = [
        *a_week(weeks=0, each=2_000, first=10_000),
        *a_week(weeks=0, each=200, verdict=DOUBTFUL, first=20_000),
    ]
    messages = [replace(a_message(), key=each.key, posted_at=each.posted_at) for each in week]
    draws = await draw(store, list(zip(messages, week, strict=True)), lots=lots)
    chances = (await planned(store)).probabilities
    wanted = (2_000 + 200) // A_RULING_FOR
    assert RULINGS < wanted < MOST_RULINGS
    assert 0.6 * wanted < len(draws) < 1.5 * wanted
    assert {(each.stratum, each.probability) for each in draws} == {
        (name.value, chances[name]) for name in (Stratum.BELOW_2, Stratum.ABOVE_30)
    }
    assert {(each.occasion, each.model, each.least) for each in draws} == {
        (Occasion.NOT_FLAGGED, "two-tiers", chances[Stratum.BELOW_2])
    }


async def test_nobody_who_is_exempt_is_drawn(store: MemoryStore) -> None:
    judged = [
        (a_message(number, author="mona"), a_decision(a_message(number, author="mona"), verdict))
        for number, verdict in enumerate([DOUBTFUL, PITCH, CHATTER] * 100)
    ]
    assert await draw(store, judged, replace(PROMISED, moderators=("mona",))) == []
    assert {each.occasion for each in await draw(store, judged)} == set(Occasion)


async def test_an_edit_has_no_second_chance_to_be_drawn_for_what_was_missed(store: MemoryStore) -> None:
    """It would make those that are edited likelier to be drawn than the others of their stratum."""
    first = [a_message(number) for number in range(300)]
    edits = [(replace(each, revision=1), a_decision(replace(each, revision=1), DOUBTFUL)) for each in first]
    assert await draw(store, edits)  # received late, and never judged before
    await decided(store, [a_decision(each, QUIET, Outcome.LEFT_ALONE) for each in first])
    assert await draw(store, edits) == []


# --- keeping ---------------------------------------------------------------------------------------------------


async def test_moderators_are_asked_about_what_was_flagged_and_has_no_card(store: MemoryStore) -> None:
    flagged, carded = (a_decision(a_message(number), PITCH) for number in (1, 2))
    carded = replace(carded, actions=(PitchCard("C1/00002", "C1/00002", "ann", drive_by=True, exchanges=0),))
    draws = [a_draw(1), a_draw(2), replace(a_draw(3), occasion=Occasion.NOT_FLAGGED)]
    async with store.work() as work:
        await keep_drawn(work, draws, [flagged, carded, a_decision(a_message(3), QUIET)])
        await work.commit()
    async with store.work() as work:
        asked = [each.action for each in await work.outbox.all(TEAM)]
        assert asked == [AskAboutDrawn(draws[0].subject, "C1/00001", 0, Label.CHATTER, 0.95)]
        assert len([each async for each in work.draws.all(TEAM)]) == 3
