"""When the weekly digest is due: local time, once, also where clocks jump and after a pause."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule import due_period, latest_week, next_due
from moderation.periods import Period, period_of, week_of

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Beirut",
    "America/Asuncion",
)
START = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_a_week_is_due_on_monday_at_nine_local_time() -> None:
    zone = "Europe/Berlin"
    sent = latest_week(zone, at("2026-03-05T12:00", zone))
    assert due_period(zone, 0, 9, sent, at("2026-03-09T08:59", zone)) is None
    due = due_period(zone, 0, 9, sent, at("2026-03-09T09:00", zone))
    assert due is not None
    assert (due.start, due.end) == (at("2026-03-02T00:00", zone), at("2026-03-09T00:00", zone))
    assert due_period(zone, 0, 9, due, at("2026-03-09T09:00", zone)) is None


def test_another_weekday_and_hour_tell_the_same_week() -> None:
    sent = latest_week("UTC", at("2026-03-05T12:00"))
    assert due_period("UTC", 4, 17, sent, at("2026-03-13T16:59")) is None
    due = due_period("UTC", 4, 17, sent, at("2026-03-13T17:00"))
    assert due == week_of(at("2026-03-02T00:00"), "UTC")


def test_the_week_of_a_change_of_clocks_has_another_length() -> None:
    """In Berlin the clocks went from 2 to 3 on 29 March 2026 and from 3 to 2 on 25 October."""
    short = latest_week("Europe/Berlin", at("2026-03-30T09:00", "Europe/Berlin"))
    long = latest_week("Europe/Berlin", at("2026-10-26T09:00", "Europe/Berlin"))
    assert short.end - short.start == timedelta(days=7, hours=-1)
    assert long.end - long.start == timedelta(days=7, hours=1)
    assert short.days == long.days == 7


def test_an_hour_that_is_skipped_or_repeated_is_there_once() -> None:
    """In Berlin Sunday 29 March 2026 has no 2 o'clock, and Sunday 25 October has two."""
    zone = "Europe/Berlin"
    march = latest_week(zone, at("2026-03-17T12:00", zone))
    assert next_due(zone, 6, 2, march, at("2026-03-24T00:00", zone)) == at("2026-03-29T03:00", zone)
    october = latest_week(zone, at("2026-10-13T12:00", zone))
    due = next_due(zone, 6, 2, october, at("2026-10-20T00:00", zone))
    assert due == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)


def test_after_a_long_pause_only_the_latest_week_is_told() -> None:
    sent = latest_week("UTC", at("2026-03-05T12:00"))
    due = due_period("UTC", 0, 9, sent, at("2026-04-15T03:00"))
    assert due == week_of(at("2026-04-06T00:00"), "UTC")


def test_the_same_week_in_a_new_time_zone_is_not_told_again() -> None:
    sent = latest_week("Pacific/Kiritimati", at("2026-03-10T12:00"))
    assert due_period("Pacific/Pago_Pago", 0, 0, sent, at("2026-03-10T12:00")) is None


def test_what_was_never_sent_is_due() -> None:
    assert due_period("UTC", 0, 9, None, at("2026-03-10T12:00")) == week_of(at("2026-03-02T00:00"), "UTC")


@pytest.mark.parametrize("weekday, hour", [(7, 9), (-1, 9), (0, 24), (0, -1)])
def test_no_such_time_is_refused(weekday: int, hour: int) -> None:
    with pytest.raises(ValueError, match="is no"):
        due_period("UTC", weekday, hour, None, at("2026-03-10T12:00"))


@given(
    st.sampled_from(ZONES),
    st.integers(0, 6),
    st.integers(0, 23),
    moments,
    st.lists(st.integers(1, 90), max_size=60),
)
def test_every_week_is_sent_once_however_often_somebody_looks(
    zone: str, weekday: int, hour: int, start: datetime, hours: list[int]
) -> None:
    last, now = latest_week(zone, start), start
    sent: list[Period] = []
    for pause in hours:
        now += timedelta(hours=pause)
        due = due_period(zone, weekday, hour, last, now)
        if due is not None:
            sent.append(due)
            last = due
    assert all(week.is_week and week.end <= now for week in sent)
    # No pause is longer than a week, so none is left out, none comes twice, and they join without a gap.
    assert all(one.end == two.start for one, two in itertools.pairwise(sent))


@given(st.sampled_from(ZONES), st.integers(0, 6), st.integers(0, 23), moments)
def test_the_next_digest_is_due_exactly_then(zone: str, weekday: int, hour: int, now: datetime) -> None:
    last = due_period(zone, weekday, hour, None, now)
    assert last is not None
    assert next_due(zone, weekday, hour, None, now) == now
    due = next_due(zone, weekday, hour, last, now)
    assert now < due <= now + timedelta(days=7, hours=2)
    assert due_period(zone, weekday, hour, last, due - timedelta(seconds=1)) is None
    assert due_period(zone, weekday, hour, last, due) == week_of(last.end, zone)


@given(st.sampled_from(ZONES), moments, st.integers(1, 60))
def test_periods_join(zone: str, moment: datetime, days: int) -> None:
    first = moment.astimezone(ZoneInfo(zone)).date()
    period = period_of(first, first + timedelta(days=days), zone)
    assert period.before().end == period.start
    assert period.before().days == period.days == days
    assert period.first_day == first


def test_a_period_of_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        period_of(at("2026-03-02T00:00").date(), at("2026-03-02T00:00").date(), "UTC")
