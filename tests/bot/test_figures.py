"""Numbers, days and channels in words: nothing is rounded to none or all, and days are said as shortly as they can be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures import day, hashed, listed, percent, period, signed, whole_percent


@pytest.mark.parametrize(
    "share, shown",
    [(None, "–"), (0, "0 %"), (0.001, "under 1 %"), (0.714, "71 %"), (0.996, "over 99 %"), (1, "100 %")],
)
def test_a_rounded_share_never_claims_all_or_nothing(share: float | None, shown: str) -> None:
    assert percent(share).replace("\u00a0", " ") == shown


@given(st.floats(0, 1))
def test_a_bare_number_claims_all_or_nothing_only_where_it_is(share: float) -> None:
    found = whole_percent(share)
    assert (found == 0) == (share == 0)
    assert (found == 100) == (share == 1)
    assert abs(found - 100 * share) <= 1


@pytest.mark.parametrize("share, shown", [(0.031, "+3"), (-0.02, "−2"), (0.004, "0"), (-0.004, "0")])
def test_points_have_their_sign(share: float, shown: str) -> None:
    assert signed(share) == shown


@pytest.mark.parametrize(
    "first, last, shown",
    [
        (date(2026, 1, 5), date(2026, 1, 5), "5 January 2026"),
        (date(2026, 1, 5), date(2026, 1, 18), "5–18 January 2026"),
        (date(2026, 1, 5), date(2026, 2, 1), "5 January – 1 February 2026"),
        (date(2025, 12, 31), date(2026, 1, 1), "31 December 2025 – 1 January 2026"),
    ],
)
def test_a_period_is_said_as_shortly_as_it_can_be(first: date, last: date, shown: str) -> None:
    assert period(first, last) == shown


def test_days_lists_and_channels() -> None:
    assert day(date(2026, 1, 5), weekday=True, year=True) == "Mon 5 January 2026"
    assert [listed(parts) for parts in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b and c"]
    assert hashed("##general") == "#general"
