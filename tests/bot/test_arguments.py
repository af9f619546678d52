"""How times and sizes are written on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.arguments import Moment, Size


@pytest.mark.parametrize(
    "written, moment",
    [
        ("2026-03-31", datetime(2026, 3, 31, tzinfo=UTC)),
        ("2026-03-31T18:05", datetime(2026, 3, 31, 18, 5, tzinfo=UTC)),
        ("2026-03-31 18:05:07", datetime(2026, 3, 31, 18, 5, 7, tzinfo=UTC)),
        ("2026-03-31T18:05Z", datetime(2026, 3, 31, 18, 5, tzinfo=UTC)),
        ("2026-03-31T18:05+02:00", datetime(2026, 3, 31, 16, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_is_utc(written: str, moment: datetime) -> None:
    assert Moment()(written) == moment


def test_the_end_of_a_day_is_the_start_of_the_next() -> None:
    assert Moment(end_of_day=True)("2026-02-28") == datetime(2026, 3, 1, tzinfo=UTC)
    assert Moment(end_of_day=True)("2026-02-28T12:00") == datetime(2026, 2, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written, size", [("1", 1), ("500000", 500_000), ("500M", 500 * 2**20), ("1.5g", 3 * 2**29), ("2 GiB", 2**31), ("64kB", 2**16)]
)  # fmt: skip
def test_a_size_is_a_number_of_bytes(written: str, size: int) -> None:
    assert Size()(written) == size


@pytest.mark.parametrize("written", ["", "0", "-1", "many", "2X", "1e9", "inf", "½G", "1.M"])
def test_what_is_no_size_is_refused(written: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size; write a number of bytes, or 500M, or 2G"):
        Size()(written)


@pytest.mark.parametrize(
    "written", ["", "yesterday", "31.3.2026", "2026-02-30", "2026-03-31T25:00", "9999-12-31"]
)
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(click.BadParameter, match="is no date or time; write 2026-03-31 or 2026-03-31T18:00"):
        Moment(end_of_day=True)(written)


@given(
    st.text()
    | st.from_regex(r"\d{1,4}-\d\d-\d\d(T\d\d:\d\d([+-]\d\d:\d\d)?)?|\d+(\.\d+)?[kMGT]?", fullmatch=True)
)
def test_whatever_is_written_is_taken_or_refused(written: str) -> None:
    for kind in (Moment(), Moment(end_of_day=True), Size()):
        try:
            found = kind(written)
        except click.BadParameter:
            continue
        assert found.utcoffset() is not None if isinstance(found, datetime) else found >= 1
