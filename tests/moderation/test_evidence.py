"""moderation/evidence.py: what is drawn, with which probability, and what the rulings on it permit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from moderation.actions import ReportStanding
from moderation.decisions import Decision, Outcome, Ruled, Ruling, Verdict
from moderation.draws import Draw, Occasion, is_flagged
from moderation.evidence import Lots, Standings, drawing_probability, keep_leave, leave_of, standings
from moderation.labels import Label
from moderation.messages import Message
from moderation.policy import Leave, Mode, Policy
from moderation.ports import community_of
from moderation.promise import PATIENCE, Promise, Standing
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE, a_charter, a_message, a_verdict
from tests.fakes.memory_store import MemoryStore

TEAM = community_of(a_message().key)
CHARTER = a_charter()
MODEL = "test-model"
PROMISED = Policy(mode=Mode.NUDGE, promise=str(Promise()))
DAY = timedelta(days=1)
ZONES = [ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")]
"""Held in memory, as the pipeline holds them: reading one from its file would block the event loop."""


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


# --- who is drawn ----------------------------------------------------------------------------------------------


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
    judged = []
    for number in range(count):
        message = a_message(number, minutes=number / 4)
        judged.append((message, a_decision(message)))
    async with store.work() as work:
        draws = await Lots(seed).draw(work, TEAM, judged, CHARTER, policy, "two-tiers")
    assert {(draw.label, draw.score, draw.model) for draw in draws} <= {(Label.CHATTER, 0.95, "two-tiers")}
    return [int(draw.key.message) for draw in draws]


def a_decision(message: Message) -> Decision:
    return Decision(
        key=message.key,
        revision=0,
        author=message.author.id,
        posted_at=message.posted_at,
        thread=None,
        outcome=Outcome.LONE_CHATTER,
        verdict=CHATTER,
        reasons=(),
        actions=(),
        charter_version=CHARTER.version,
        decided_at=message.posted_at,
    )


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


async def test_what_is_drawn_today_does_not_change_todays_probability(store: MemoryStore) -> None:
    await kept(store, [a_draw(1, probability=0.2)])
    before = await probability(store, 1)
    await kept(store, [a_draw(number, days=1, probability=1.0) for number in range(100, 200)])
    assert await probability(store, 1.5) == before == 1.0
