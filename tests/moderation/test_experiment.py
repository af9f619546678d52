"""The experiment: whose lot it is, what is counted of a day, and what may be said of the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions import NudgeStretch
from moderation.decisions import Decision, Outcome, Verdict
from moderation.effect import Effect, Finding, Measure, effect, quantile
from moderation.experiment import ChannelDay, DayReader, Experiment, was_due, whole_days
from moderation.messages import MessageKey, Platform
from moderation.move_actions import MoveStretch
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE

START = datetime(2026, 3, 2, tzinfo=UTC)
HALF = Experiment("a secret", 0.5, START)
"""Holds back in C1 on that Monday."""
OTHER = Experiment("another", 0.5, START)
"""Does not."""
LATER = START + timedelta(weeks=20)
SHARES = (0.5, 0.33, 0.25, 0.2, 0.3, 0.75)


def days_of(experiment: Experiment, weeks: int) -> list[date]:
    return [experiment.first_day + timedelta(days=number) for number in range(7 * weeks)]


def decided(
    number: int,
    minutes: float,
    verdict: Verdict = CHATTER,
    outcome: Outcome = Outcome.STRETCH,
    *,
    stretch: str | None = "C1/talk",
    reason: str = "4 casual posts by 2 people",
    nudged: bool = False,
    held_back: bool = False,
    channel: str = "C1",
) -> Decision:
    """A decision on a message posted, and decided, so many minutes after nine on that Monday."""
    at = MONDAY + timedelta(minutes=minutes)
    nudge = NudgeStretch(stretch or "", "C3", ("ann", "ben"), ("1", "2", "3"), offer=True)
    return Decision(
        key=MessageKey(Platform.PLAYGROUND, "T1", channel, f"{number:05d}"),
        revision=0,
        author="ann",
        posted_at=at,
        thread=None,
        outcome=outcome,
        verdict=verdict,
        reasons=(verdict.why, reason),
        actions=(nudge,) if nudged else (),
        charter_version="1",
        decided_at=at,
        stretch=stretch,
        held_back=held_back,
    )


def on_topic(number: int, minutes: float) -> Decision:
    return decided(number, minutes, ON_TOPIC, Outcome.LEFT_ALONE, stretch=None)


def counted(
    decisions: Sequence[Decision],
    moved: dict[str, datetime] | None = None,
    now: datetime = LATER,
    *,
    delivered: Sequence[str] = ("C1/talk",),
    experiment: Experiment | None = None,
) -> list[ChannelDay]:
    """The days of an experiment whose lot for that Monday is how its first talk was treated."""
    held_back = any(decision.held_back for decision in decisions)
    reader = DayReader(experiment or (HALF if held_back else OTHER))
    for decision in decisions:
        reader.add(decision)
    return reader.channel_days(moved or {}, delivered, now)


def one(decisions: Sequence[Decision], moved: dict[str, datetime] | None = None) -> ChannelDay:
    (day,) = counted(decisions, moved)
    return day


def made_up(
    chances: tuple[float, float], weeks: int, channels: int = 4, seed: int = 0, experiment: Experiment = HALF
) -> list[ChannelDay]:
    """A talk in every channel on every day that ends with the chance of its kind (nudged, held back)."""
    chance = np.random.default_rng(seed)
    days = []
    for number in range(channels):
        for day in days_of(experiment, weeks):
            held_back = experiment.holds_back(f"C{number}", day)
            ended = bool(chance.random() < chances[held_back])
            days.append(ChannelDay(f"C{number}", day, held_back, ended, chance.binomial(4, 0.5) / 4))
    return days


@pytest.mark.parametrize("share", SHARES)
@given(seed=st.text(max_size=8), channel=st.text(max_size=8))
def test_every_weekday_is_held_back_equally_often_and_every_week_alike(
    share: float, seed: str, channel: str
) -> None:
    experiment = Experiment(seed, share, START)
    block = {0.5: 2, 0.33: 3, 0.25: 4, 0.2: 5, 0.3: 10, 0.75: 4}[share]
    held_back = [day for day in days_of(experiment, block) if experiment.holds_back(channel, day)]
    assert len(held_back) == pytest.approx(7 * block * share, rel=0.02)
    assert set(Counter(day.weekday() for day in held_back).values()) == {len(held_back) // 7}
    weekly = Counter((day - experiment.first_day).days // 7 for day in held_back)
    assert max(weekly.values()) - min(weekly[week] for week in range(block)) <= 1


def test_the_same_seed_gives_the_same_lots_and_another_gives_others() -> None:
    days = days_of(HALF, 8)

    def lots(experiment: Experiment, channel: str) -> list[bool]:
        return [experiment.holds_back(channel, day) for day in days]

    assert lots(HALF, "C1") == lots(Experiment("a secret", 0.5, START), "C1")
    assert lots(HALF, "C1") != lots(HALF, "C2")
    assert lots(HALF, "C1") != lots(OTHER, "C1")


def test_the_lots_of_two_weeks_are_what_they_always_were() -> None:
    """A new release never changes the days of an experiment that is going on."""
    assert "".join("-x"[HALF.holds_back("C1", day)] for day in days_of(HALF, 2)) == "x-xx----x--xxx"


def test_each_day_has_the_same_chance() -> None:
    day = START.date() + timedelta(days=3)
    lots = [Experiment(f"seed {number}", 0.25, START).holds_back("C1", day) for number in range(2_000)]
    assert sum(lots) / len(lots) == pytest.approx(0.25, abs=0.04)


def test_a_day_that_had_begun_is_left_out_and_so_is_the_last_unless_it_is_whole() -> None:
    experiment = Experiment("s", 0.5, MONDAY, MONDAY + timedelta(days=3))
    assert [day.day for day in days_of(HALF, 1) if experiment.covers(day)] == [3, 4]
    assert not any(experiment.holds_back(f"C{number}", MONDAY.date()) for number in range(50))
    whole = Experiment("s", 0.5, START, START + timedelta(days=2))
    assert [day.day for day in days_of(HALF, 1) if whole.covers(day)] == [2, 3]


def test_days_are_those_of_the_time_zone_when_the_clocks_change_too() -> None:
    berlin = Experiment("s", 0.5, datetime(2026, 3, 28, 23, tzinfo=UTC), time_zone="Europe/Berlin")
    assert berlin.first_day == date(2026, 3, 29)
    assert berlin.day_of(datetime(2026, 3, 29, 21, 59, tzinfo=UTC)) == date(2026, 3, 29)
    assert berlin.end_of(date(2026, 3, 29)) == datetime(2026, 3, 29, 22, tzinfo=UTC)


@pytest.mark.parametrize("share", [0.0, 1.0, 0.05, 0.46])
def test_a_share_that_cannot_be_kept_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"hold back|plain share"):
        Experiment("s", share, START)


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        Experiment("s", 0.5, START, START)


def test_a_nudge_was_due_where_it_was_given_or_held_back() -> None:
    assert was_due(decided(1, 5, held_back=True))
    assert was_due(decided(1, 5, nudged=True))
    assert not was_due(decided(1, 5, reason="quiet hours"))
    move = MoveStretch("C1/talk", "C3", ("1",), ("ann",), "policy")
    assert was_due(replace(decided(1, 5), actions=(move,)))


@pytest.mark.parametrize("last, ended", [(5, True), (35, True), (36, False)])
def test_a_talk_ends_when_nothing_of_it_comes_after_half_an_hour(last: float, ended: bool) -> None:
    for due in (decided(1, 5, nudged=True), decided(1, 5, held_back=True)):
        assert one([due, decided(2, 20), decided(3, last)]).ended is ended


def test_a_talk_that_moved_soon_counts_as_one_that_ended() -> None:
    talk = [decided(1, 5, nudged=True), decided(2, 50)]
    assert one(talk, {"C1/talk": MONDAY + timedelta(minutes=20)}).ended
    assert not one(talk, {"C1/talk": MONDAY + timedelta(minutes=40)}).ended
    assert not one(talk, {"C2/other": MONDAY + timedelta(minutes=20)}).ended


def test_only_the_first_talk_of_a_day_counts_from_when_it_was_first_due() -> None:
    first = [decided(1, 5, held_back=True), decided(2, 15, held_back=True), decided(3, 40)]
    second = [decided(4, 200, stretch="C1/second", held_back=True)]
    assert not one([*second, *first[::-1]]).ended


def test_the_rate_afterwards_is_off_topic_among_what_is_sure() -> None:
    after = [
        decided(2, 10),
        decided(3, 20, PITCH, Outcome.PITCH, stretch=None),
        decided(4, 30, UNSURE, Outcome.UNSURE, stretch=None),
        decided(5, 31, CHATTER, Outcome.COUNTED, stretch=None),
        on_topic(6, 40),
        on_topic(7, 184),
        on_topic(8, 300),
    ]
    before = [on_topic(0, 1), decided(1, 5, nudged=True)]
    assert one([*before, *after]).off_topic == 2 / 4


def test_an_edited_message_counts_once_as_it_was_judged_last() -> None:
    edited = [decided(2, 10), replace(on_topic(2, 10), revision=1)]
    due = decided(1, 5, nudged=True)
    assert one([due, *edited]).off_topic == one([due, *edited[::-1]]).off_topic == 0


def test_silence_is_no_off_topic_talk() -> None:
    assert one([decided(1, 5, nudged=True)]).off_topic == 0


def test_the_next_day_is_not_looked_at() -> None:
    late = 14 * 60
    due = decided(1, late, nudged=True)
    assert one([due, on_topic(2, late + 10), decided(3, late + 70, stretch=None)]).off_topic == 0


def test_a_day_is_counted_when_its_hours_are_over() -> None:
    due = [decided(1, 5, nudged=True)]
    assert counted(due, now=MONDAY + timedelta(hours=3)) == []
    assert len(counted(due, now=MONDAY + timedelta(hours=4))) == 1


def test_the_lot_says_what_kind_of_day_it_was_and_days_outside_are_left_out() -> None:
    assert one([decided(1, 5, held_back=True)]).held_back
    assert not one([decided(1, 5, nudged=True)]).held_back
    early = replace(OTHER, started_at=MONDAY)
    assert counted([decided(1, 5, nudged=True)], experiment=early) == []


def test_a_day_that_was_treated_otherwise_than_its_lot_says_had_other_rules_then() -> None:
    assert counted([decided(1, 5, nudged=True)], experiment=HALF) == []
    assert counted([decided(1, 5, held_back=True)], experiment=OTHER) == []


def test_a_nudge_that_did_not_get_there_leaves_the_day_where_its_lot_put_it() -> None:
    (day,) = counted([decided(1, 5, nudged=True)], delivered=())
    assert day.undelivered
    assert not day.held_back
    assert not counted([decided(1, 5, held_back=True)], delivered=())[0].undelivered
    found = effect(OTHER, [day, replace(day, undelivered=False)], LATER)
    assert (found.nudged_days, found.undelivered_days) == (2, 1)


def test_without_a_seed_each_community_has_lots_of_its_own() -> None:
    plain = replace(HALF, seed="")
    here, there = (plain.in_community(Platform.SLACK, name) for name in ("T1", "T2"))
    assert here == plain.in_community(Platform.SLACK, "T1")
    assert here != plain.in_community(Platform.DISCORD, "T1")
    assert [here.holds_back("C1", day) for day in days_of(here, 2)] != [
        there.holds_back("C1", day) for day in days_of(there, 2)
    ]
    assert HALF.in_community(Platform.SLACK, "T1") == HALF


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Africa/Cairo"])
def test_whole_days_begin_and_end_with_the_local_day(time_zone: str) -> None:
    """In Cairo the clocks leave out the first hour of the second of these days."""
    first, last = date(2026, 4, 24), date(2026, 4, 25)
    for start in (first - timedelta(days=1), first):
        experiment = whole_days("s", 0.5, start, last, time_zone)
        assert (experiment.first_day, experiment.last_day) == (start, last)
        assert experiment.covers(start)
        assert experiment.covers(last)
        assert not experiment.covers(last + timedelta(days=1))
    assert whole_days("s", 0.5, first, None, time_zone).last_day is None
    assert experiment.end_of(first) == experiment.beginning_of(last)


def test_no_outcome_says_anything_of_a_person() -> None:
    assert {field.name for field in fields(ChannelDay)} == {
        "channel",
        "day",
        "held_back",
        "ended",
        "off_topic",
        "undelivered",
    }
    another = replace(decided(1, 5, nudged=True), author="zoe")
    assert one([another]) == one([decided(1, 5, nudged=True)])


def test_without_a_day_nothing_is_claimed() -> None:
    found = effect(HALF, [], START + timedelta(weeks=1))
    assert found.ended.difference is None
    assert (found.ended.low, found.ended.high) == (-1, 1)
    assert found.ended.finding is found.off_topic.finding is Finding.TOO_EARLY
    assert found.ended.needed == 393
    assert (found.nudged_days, found.held_back_days, found.channels, found.days) == (0, 0, 0, 7)
    assert found.weeks_needed is None


def test_a_few_days_say_how_many_are_missing_and_how_long_that_takes() -> None:
    found = effect(HALF, made_up((0.6, 0.5), weeks=2, channels=2), START + timedelta(weeks=2))
    assert found.nudged_days == found.held_back_days == 14
    assert found.ended.finding is Finding.TOO_EARLY
    assert 250 <= found.ended.needed <= 420
    assert found.weeks_needed == pytest.approx(found.ended.needed / 7)


@pytest.mark.parametrize("chances, finding", [((0.7, 0.4), Finding.BETTER), ((0.3, 0.6), Finding.WORSE)])
def test_a_clear_effect_is_found_in_its_direction(chances: tuple[float, float], finding: Finding) -> None:
    found = effect(HALF, made_up(chances, weeks=10), START + timedelta(weeks=10))
    assert found.ended.finding is finding
    assert found.ended.low < chances[0] - chances[1] < found.ended.high


def test_less_off_topic_is_better() -> None:
    days = [replace(day, off_topic=0.6 if day.held_back else 0.4) for day in made_up((0.5, 0.5), weeks=4)]
    found = effect(HALF, days, LATER).off_topic
    assert found.measure is Measure.OFF_TOPIC
    assert found.difference == pytest.approx(-0.2)
    assert found.finding is Finding.BETTER


def test_enough_days_without_an_effect_say_that_too() -> None:
    found = effect(HALF, made_up((0.5, 0.5), weeks=40, seed=5), LATER)
    assert found.ended.finding is Finding.NO_DIFFERENCE
    assert found.ended.needed == 0
    assert found.weeks_needed == 0
    assert found.ended.high - found.ended.low < 0.2


def test_days_that_all_ended_alike_are_no_certainty() -> None:
    found = effect(HALF, made_up((1.0, 1.0), weeks=2, channels=1), LATER)
    assert found.ended.difference == 0
    assert found.ended.high > 0.1


def test_channels_that_differ_are_compared_with_themselves() -> None:
    """One channel where every talk ends and one where none does; only the mix of days could make a difference."""
    days = [replace(day, ended=day.channel == "C0") for day in made_up((0, 0), weeks=6, channels=2)]
    kept = [day for day in days if day.channel == "C0" or day.held_back or day.day.day % 2]
    found = effect(HALF, kept, LATER)
    assert found.ended.difference == 0
    assert found.ended.high < 0.1


def test_small_channels_count_together() -> None:
    days = [
        ChannelDay(f"C{number}", START.date(), number % 2 == 0, number % 4 == 1, 0.5) for number in range(40)
    ]
    found = effect(HALF, days, LATER)
    assert (found.ended.nudged, found.ended.held_back) == (0.5, 0)
    assert found.ended.finding is Finding.BETTER


def test_a_look_before_the_end_is_told_from_the_result() -> None:
    ending = replace(HALF, ends_at=START + timedelta(weeks=4))
    days = made_up((0.5, 0.5), weeks=4)
    assert not effect(ending, days, START + timedelta(weeks=3)).over
    after = effect(ending, days, START + timedelta(weeks=9))
    assert after.over
    assert after.days == 28
    assert not effect(HALF, days, LATER).over


@pytest.mark.parametrize(
    "freedom, value",
    [
        (1, 12.70620474),
        (2, 4.30265273),
        (5, 2.57058184),
        (10, 2.22813885),
        (30, 2.04227246),
        (100, 1.98397152),
    ],
)
def test_the_quantile_is_that_of_the_tables(freedom: float, value: float) -> None:
    assert quantile(freedom) == pytest.approx(value, abs=1e-7)


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_less_freedom_is_never_a_shorter_interval(one_freedom: float, other: float) -> None:
    less, more = sorted((one_freedom, other))
    assert quantile(less) >= quantile(more) - 1e-9 >= 1.9599


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans(), st.floats(0, 1)), max_size=60))
def test_an_interval_holds_its_difference_and_no_impossible_one(
    days: list[tuple[int, bool, bool, float]],
) -> None:
    found = effect(
        HALF, [ChannelDay(f"C{c}", START.date(), held, ended, rate) for c, held, ended, rate in days], LATER
    )
    for each in (found.ended, found.off_topic):
        assert -1 <= each.low <= (each.difference or 0.0) <= each.high <= 1
        assert each.needed >= 0


@pytest.mark.parametrize("points", [0.0, 0.3])
def test_nineteen_intervals_in_twenty_hold_the_truth(points: float) -> None:
    """Each run has lots of its own; the full measurement is in `benchmarks.experiment`."""

    def run(number: int) -> Effect:
        experiment = replace(HALF, seed=f"run {number}")
        days = made_up((0.4 + points, 0.4), weeks=4, channels=2, seed=number, experiment=experiment)
        return effect(experiment, days, LATER)

    found = [run(number).ended for number in range(400)]
    assert sum(each.low <= points <= each.high for each in found) >= 0.92 * len(found)
