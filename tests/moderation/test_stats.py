"""Counts from decisions: what counts where, stretches found again, pitches once a day, hours in local time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given

from moderation.actions import NudgeStretch
from moderation.decisions import Verdict
from moderation.labels import Label
from moderation.messages import Kind, Message
from moderation.policy import Mode, Policy, Strictness
from moderation.stats import Answered, Closing, Counts, Report, Statistics, count
from moderation.stats.collect import kind_of
from moderation.stats.drift import SHOWN_LINES
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE, a_charter, a_message, a_verdict
from tests.moderation.plain_fold import Judged, stored
from tests.moderation.test_rehearsal import talks


def report_on(judged: Sequence[Judged], policy: Policy | None = None) -> Report:
    policy = policy or Policy(mode=Mode.OFFER)
    return count(stored(judged, a_charter(), policy), a_charter(), policy)


def casual(*minutes: float, first: int = 0, thread: str | None = None) -> list[Judged]:
    people = ("ann", "ben", "cleo")
    return [
        (a_message(first + n, author=people[n % 3], minutes=at, text="lol same", thread=thread), CHATTER)
        for n, at in enumerate(minutes)
    ]


def test_each_message_counts_once_in_the_field_that_it_is() -> None:
    judged: list[Judged] = [
        (a_message(1), ON_TOPIC),
        (a_message(2, minutes=60), CHATTER),
        (a_message(3, minutes=120), PITCH),
        (a_message(4, minutes=180), UNSURE),
        (a_message(5, minutes=240), a_verdict(Label.CHATTER, 0.6)),
        (a_message(6, minutes=300), a_verdict(Label.PITCH, 0.6)),
        (a_message(7, minutes=360, channel="C3"), CHATTER),
        (a_message(8, minutes=420, channel="C4"), PITCH),
        (a_message(9, minutes=480, kind=Kind.JOIN), ON_TOPIC),
        (a_message(10, minutes=481, channel="C5"), ON_TOPIC),
    ]
    report = report_on(judged)
    assert report.totals == Counts(on_topic=3, chatter=1, pitch=1, unsure=3, skipped=2)
    assert report.totals.relevance == 3 / 5
    assert report.skipped == {"a join or leave": 1, "the channel is not watched": 1}
    assert sum(channel.counts.judged for channel in report.by_channel) == report.totals.judged == 8
    assert [case.label for case in report.hard_cases] == [Label.CHATTER, Label.CHATTER, Label.PITCH]


def test_a_pitch_stays_a_pitch_where_its_author_softens_what_is_done() -> None:
    report = report_on([(a_message(1, author="mod"), PITCH)], Policy(moderators=("mod",)))
    assert report.totals == Counts(pitch=1)
    assert report.pitches == 0
    assert report.hard_cases[0].reasons[-1] == "the author is exempt: only counted"


def test_strictness_decides_what_is_sure() -> None:
    judged = [(a_message(1), a_verdict(Label.CHATTER, 0.65))]
    assert report_on(judged, Policy(strictness=Strictness.HIGH)).totals.chatter == 1
    assert report_on(judged, Policy(strictness=Strictness.NORMAL)).totals.unsure == 1


def test_nothing_judged_has_no_rate() -> None:
    report = report_on([(a_message(1, kind=Kind.BOT), ON_TOPIC)])
    assert report.totals == Counts(skipped=1)
    assert report.totals.relevance is None
    assert report.dialogue.share is None
    assert count([], a_charter(), Policy()) == Report()


@given(talks())
def test_the_stretches_are_those_that_the_decisions_name(judged: list[Judged]) -> None:
    decided = stored(judged, a_charter(), Policy(mode=Mode.OFFER))
    report = count(decided, a_charter(), Policy(mode=Mode.OFFER))
    named = {decision.stretch for _, decision in decided if decision.stretch}
    assert {stretch.id for stretch in report.shown_stretches} == named
    assert report.stretch_posts == sum(map(sum, report.drift_hours))
    lone_greetings = report.totals.chatter - report.stretch_posts - report.lone_posts
    assert 0 <= lone_greetings <= report.greetings
    assert sum(counts.judged for counts in report.by_day.values()) == report.totals.judged


def test_a_stretch_with_its_asides_and_what_was_done() -> None:
    judged: list[Judged] = [(a_message(90, author="dora", minutes=-1), ON_TOPIC), *casual(0, 1, 3)]
    judged += [(a_message(10, author="dora", minutes=4), ON_TOPIC), *casual(5, first=11)]
    [stretch] = report_on(judged).shown_stretches
    assert stretch.id == "C1/00000"
    assert (stretch.posts, stretch.people) == (4, 3)
    assert [line.casual for line in stretch.lines] == [False, True, True, True, False, True]
    assert stretch.started_at == MONDAY
    assert stretch.ended_at == MONDAY + timedelta(minutes=5)
    assert isinstance(stretch.action, NudgeStretch)
    assert stretch.acted_at == MONDAY + timedelta(minutes=3)
    assert stretch.closing is Closing.OPEN
    assert not stretch.closed_by_itself


def test_a_stretch_returns_to_the_topic_or_falls_silent() -> None:
    back = [(a_message(10 + n, author="dora", minutes=3 + n), ON_TOPIC) for n in range(3)]
    returned = report_on([*casual(0, 1, 1.5), *back], Policy())
    silent = report_on([*casual(0, 1, 1.5), (a_message(10, minutes=40), ON_TOPIC)], Policy())
    assert returned.closings == {Closing.RETURNED: 1}
    assert silent.closings == {Closing.SILENT: 1}
    assert returned.closed_by_themselves == silent.closed_by_themselves == 1


def test_two_casual_posts_are_lone_ones() -> None:
    report = report_on(casual(0, 1))
    assert (report.stretches, report.lone_posts) == (0, 2)


def test_a_newcomers_greeting_is_no_lone_post() -> None:
    report = report_on([(a_message(1, text="hi everyone, glad to be here!"), CHATTER)])
    assert (report.greetings, report.lone_posts, report.actions) == (1, 0, {"welcome": 1})


def test_only_the_longest_stretches_are_kept_and_their_beginnings() -> None:
    judged = casual(*range(SHOWN_LINES + 6))
    for place in range(5):
        judged += casual(*(300 * (place + 1) + n for n in range(3 + place)), first=1000 * (place + 1))
    policy = Policy()
    statistics = Statistics(a_charter(), policy, shown=2)
    for message, decision in stored(judged, a_charter(), policy):
        statistics.add(message, decision)
    report = statistics.report()
    assert report.stretches == 6
    assert [stretch.posts for stretch in report.shown_stretches] == [SHOWN_LINES + 6, 7]
    assert [stretch.more for stretch in report.shown_stretches] == [6, 0]
    assert len(report.example_keys()) == SHOWN_LINES + 7


def test_one_text_in_three_channels_within_a_day_is_one_drive_by() -> None:
    text = "book my pricing course, ten seats left"
    judged = [
        (a_message(n, author="eve", minutes=n, channel=channel, text=text), PITCH)
        for n, channel in enumerate(("C1", "C2", "C3"))
    ]
    judged.append((a_message(9, author="eve", minutes=3 * 24 * 60, text=text), PITCH))
    report = report_on(judged)
    assert (report.pitches, report.drive_bys, report.totals.pitch) == (2, 2, 4)
    first, later = report.shown_pitches
    assert (first.posts, first.channels) == (3, ("workshop", "business", "teabreak"))
    assert (later.posts, later.channels) == (1, ("workshop",))


def test_hours_and_days_are_local_and_follow_the_summer_time() -> None:
    """In New York the clocks went from 2 to 3 on 8 March 2026: the same hour in UTC is another one there."""
    policy = Policy(time_zone="America/New_York")

    def at(day: int, hour: int) -> list[Judged]:
        start = datetime(2026, 3, day, hour, tzinfo=UTC)
        return [_moved(pair, start + n * timedelta(minutes=1), day) for n, pair in enumerate(casual(0, 1, 2))]

    report = report_on([*at(7, 4), *at(8, 4), *at(9, 3)], policy)
    assert list(report.by_day) == [date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)]
    assert [report.drift_hours[d][23] for d in (4, 5, 6)] == [3, 3, 3]


def _moved(pair: tuple[Message, Verdict], at: datetime, day: int) -> Judged:
    message, verdict = pair
    return replace(
        message, key=replace(message.key, message=f"{day}-{message.key.message}"), posted_at=at
    ), verdict


def test_an_answer_is_a_reply_the_next_in_a_thread_or_soon_after() -> None:
    judged: list[Judged] = [
        (a_message(1, author="ann"), ON_TOPIC),
        (a_message(2, author="ann", minutes=2), ON_TOPIC),  # goes on speaking: one turn
        (a_message(3, author="ben", minutes=100), ON_TOPIC),  # too late to be an answer
        (a_message(4, author="cleo", minutes=200, reply_to="00001"), ON_TOPIC),
        (a_message(5, author="dora", minutes=205), ON_TOPIC),  # answers cleo
        (a_message(6, author="eve", minutes=206), PITCH),  # no turn, answers nobody
        (a_message(7, author="ben", minutes=900, thread="00005"), ON_TOPIC),  # answers dora
    ]
    assert report_on(judged).dialogue == Answered(turns=5, answered=3)


def test_kinds_are_written_as_words() -> None:
    assert kind_of(NudgeStretch("s", "C3", (), (), offer=True)) == "nudge_stretch"


def test_a_long_history_takes_bounded_memory() -> None:
    """Twice the messages, hardly more memory: no text, no message is kept beyond the examples."""
    small, large = (_memory(number) for number in (6_000, 12_000))
    assert large < 1.2 * small


def _memory(number: int) -> int:
    """Bytes held by statistics over so many messages, a pitch among every seven."""
    policy = Policy()
    [(_, work), (_, pitch)] = stored([(a_message(1), ON_TOPIC), (a_message(2), PITCH)], a_charter(), policy)
    tracemalloc.start()
    statistics = Statistics(a_charter(), policy, shown=10)
    for n in range(number):
        message = a_message(n, author=f"p{n % 50}", minutes=n * 7, text=f"{n} " * 200)
        statistics.add(
            message, replace(pitch if n % 7 == 0 else work, key=message.key, posted_at=message.posted_at)
        )
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held
