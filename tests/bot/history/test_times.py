"""times.py: every moment is aware UTC or None."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.times import iso_time, slack_time
from tests.bot.history.factories import SLACK_START, START


def test_a_ts_is_exact_to_the_microsecond() -> None:
    assert slack_time(f"{SLACK_START}.000123") == START + timedelta(microseconds=123)
    assert slack_time(f"{SLACK_START}.5") == START + timedelta(milliseconds=500)
    assert slack_time(str(SLACK_START)) == START


@pytest.mark.parametrize(
    "ts", ["", "NaN", "1e9", "-5", "999999999999", "1" * 5000, "١٢٣", "1.", "1.2.3", " 1"]
)
def test_what_is_no_ts_is_none(ts: str) -> None:
    assert slack_time(ts) is None


def test_an_offset_becomes_utc() -> None:
    assert iso_time("2024-05-01T02:00:00.000-07:00") == START
    assert iso_time("2024-05-01T09:00:00Z") == START
    assert iso_time("2024-05-01T09:00:00.1234567+00:00") == START + timedelta(microseconds=123456)


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-05-01T09:00:00", "0001-01-01T00:00:00+14:00", "99999-01-01T00:00Z"]
)
def test_what_is_no_moment_or_has_no_offset_is_none(text: str) -> None:
    assert iso_time(text) is None


@given(st.text())
def test_any_text_is_a_utc_moment_or_none(text: str) -> None:
    for moment in (slack_time(text), iso_time(text)):
        assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  made aware below
def test_what_slack_writes_comes_back(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    whole = aware - datetime(1970, 1, 1, tzinfo=UTC)
    assert slack_time(f"{whole // timedelta(seconds=1)}.{whole.microseconds:06}") == aware
