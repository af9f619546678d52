"""Charts: what they draw, and that odd figures do not break them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from bot.report.charts import NARROW, WIDE, Point, over_time, share_bar, week_heat
from bot.report.figures import points_of
from moderation.stats import Counts

numbers = st.integers(0, 10_000)
counts = st.builds(Counts, numbers, numbers, numbers, numbers, numbers)


def boxes(svg: str) -> list[dict[str, str]]:
    return [dict(box.attrib) for box in ET.fromstring(svg).iter("rect")]  # noqa: S314 - our own markup


@given(st.lists(st.builds(Point, st.just("5 Jan"), counts), min_size=1, max_size=70))
def test_everything_is_drawn_within_the_picture(points: list[Point]) -> None:
    for width in (WIDE, NARROW):
        for box in boxes(over_time(points, width, "Relevance")):
            assert 0 <= float(box["x"]) <= width
            assert float(box["x"]) + float(box["width"]) <= width + 0.1
            assert float(box["y"]) >= 180
            assert float(box["y"]) + float(box["height"]) <= 308.1


def test_a_day_without_a_rate_breaks_the_line() -> None:
    some, none = Counts(on_topic=1, chatter=1), Counts(unsure=2)
    svg = over_time(
        [Point(f"{n}", c) for n, c in enumerate((some, some, none, some, some))], WIDE, "Relevance"
    )
    assert len(re.findall(r'class="rate"', svg)) == 2
    assert len(re.findall("<circle", svg)) == 4


def test_a_bar_shares_out_its_whole_width() -> None:
    widths = [float(box["width"]) for box in boxes(share_bar(Counts(2, 1, 1, 0, 9), "x"))]
    assert widths == [50, 25, 25]


def test_heat_grows_with_the_number() -> None:
    hours = [[0] * 24 for _ in range(7)]
    hours[0][8], hours[6][23] = 8, 1
    for width in (WIDE, NARROW):
        svg = week_heat(hours, width, "Hours")
        assert svg.count('class="heat-4"') == 1
        assert svg.count('class="heat-1"') == 1
    assert len(boxes(week_heat(hours, WIDE, "Hours"))) == 7 * 24
    assert len(boxes(week_heat(hours, NARROW, "Hours"))) == 7 * 17


def test_no_hour_at_all_is_drawn_too() -> None:
    assert len(boxes(week_heat([[0] * 24] * 7, NARROW, "Hours"))) == 7 * 24


def test_points_are_days_weeks_or_months_and_leave_no_gap() -> None:
    monday = date(2026, 1, 5)

    assert [point.label for point in points_of({monday: Counts()})] == ["5 Jan"]

    def labels(span: int) -> list[str]:
        days = {monday: Counts(on_topic=1), monday + timedelta(days=span): Counts(chatter=1)}
        points = points_of(days)
        assert sum(point.counts.sure for point in points) == 2
        return [point.label for point in points]

    assert labels(3) == ["5 Jan", "6 Jan", "7 Jan", "8 Jan"]
    assert labels(70)[:2] == ["5 Jan", "12 Jan"]
    assert labels(500)[:2] == ["Jan 26", "Feb 26"]
    assert len(labels(500)) == 17
