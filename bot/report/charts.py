"""Charts as inline SVG, drawn for two widths so that their words stay readable on a phone.

Colours are classes that style.css fills for light and dark. Every chart has a title that says what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.report.markup import Html, element, join
from bot.report.words import WEEKDAYS, count_of, percent
from moderation.stats import Counts

WIDE, NARROW = 760, 350
KINDS = ("on_topic", "chatter", "pitch", "unsure")
LEFT, RIGHT = 44, 8
RATE_TOP, RATE_HEIGHT = 24, 120
BARS_TOP, BARS_HEIGHT = 188, 120
BOTTOM = 26
MOST_DOTS = 70


@dataclass(frozen=True, slots=True)
class Point:
    """One column of the chart over time: a day, a week or a month."""

    label: str
    counts: Counts


def for_both_widths(draw: Callable[[int], Html]) -> Html:
    """The chart for wide and for narrow pages; style.css shows one of them."""
    return element(
        "div",
        element("div", draw(WIDE), class_="wide"),
        element("div", draw(NARROW), class_="narrow"),
        class_="chart",
    )


def over_time(points: Sequence[Point], width: int, title: str) -> Html:
    """The relevance rate as a line (0 to 100 %), and below it the messages as stacked columns."""
    height = BARS_TOP + BARS_HEIGHT + BOTTOM
    step = (width - LEFT - RIGHT) / max(len(points), 1)
    middles = [LEFT + step * (place + 0.5) for place in range(len(points))]
    parts = [
        _words(0, 12, "Served the purpose", "panel"),
        *_rate_grid(width),
        *_rate_line(points, middles),
        _words(0, BARS_TOP - 14, "Messages", "panel"),
        *_columns(points, middles, step, width),
        *_day_labels(points, middles, width),
    ]
    return _svg(width, height, title, parts)


def _rate_grid(width: int) -> list[Html]:
    marks = [(share, RATE_TOP + RATE_HEIGHT * (1 - share)) for share in (0.0, 0.5, 1.0)]
    lines = [element("line", x1=LEFT, x2=width - RIGHT, y1=_n(y), y2=_n(y), class_="grid") for _, y in marks]
    return lines + [_words(LEFT - 6, y + 4, f"{share:.0%}", "tick end") for share, y in marks]


def _rate_line(points: Sequence[Point], middles: Sequence[float]) -> list[Html]:
    """Days without a rate break the line: nothing is drawn where nothing is known."""
    runs: list[list[str]] = [[]]
    dots: list[Html] = []
    for point, x in zip(points, middles, strict=True):
        if point.counts.relevance is None:
            runs.append([])
            continue
        y = RATE_TOP + RATE_HEIGHT * (1 - point.counts.relevance)
        runs[-1].append(f"{_n(x)} {_n(y)}")
        tip = element("title", f"{point.label}: {percent(point.counts.relevance)}")
        dots.append(element("g", tip, element("circle", cx=_n(x), cy=_n(y), r=3.5, class_="dot")))
    lines = [element("path", d="M" + " L".join(run), class_="rate") for run in runs if len(run) > 1]
    return lines + (dots if len(points) <= MOST_DOTS else [])


def _columns(points: Sequence[Point], middles: Sequence[float], step: float, width: int) -> list[Html]:
    most = _round_up(max((point.counts.judged for point in points), default=1))
    base = BARS_TOP + BARS_HEIGHT
    parts = [
        element("line", x1=LEFT, x2=width - RIGHT, y1=BARS_TOP, y2=BARS_TOP, class_="grid"),
        element("line", x1=LEFT, x2=width - RIGHT, y1=base, y2=base, class_="axis"),
        _words(LEFT - 6, BARS_TOP + 4, f"{most:,}", "tick end"),
        _words(LEFT - 6, base + 4, "0", "tick end"),
    ]
    thick = min(step * 0.72, 34)
    for point, x in zip(points, middles, strict=True):
        parts.append(_column(point, x - thick / 2, thick, BARS_HEIGHT / most, base))
    return parts


def _column(point: Point, x: float, thick: float, unit: float, base: float) -> Html:
    counts = point.counts
    tip = f"{point.label}: {count_of(counts.judged, 'message')}, {counts.chatter} casual, {counts.pitch} pitches"
    parts = [element("title", tip)]
    for kind in KINDS:
        height = getattr(counts, kind) * unit
        base -= height
        if height:
            box = {"x": _n(x), "y": _n(base), "width": _n(thick), "height": _n(height)}
            parts.append(element("rect", **box, class_=f"fill-{kind}"))
    return element("g", *parts)


def _day_labels(points: Sequence[Point], middles: Sequence[float], width: int) -> list[Html]:
    every = max(1, -(-len(points) * 62 // (width - LEFT - RIGHT)))
    y = BARS_TOP + BARS_HEIGHT + 18
    return [
        _words(middles[place], y, points[place].label, "tick middle")
        for place in range(0, len(points), every)
    ]


def share_bar(counts: Counts, title: str) -> Html:
    """One bar, 100 units wide, of what a channel's messages were; it stretches with the page."""
    parts, x = [element("title", title)], 0.0
    for kind in KINDS:
        share = 100 * getattr(counts, kind) / max(counts.judged, 1)
        if share:
            parts.append(element("rect", x=_n(x), y=0, width=_n(share), height=10, class_=f"fill-{kind}"))
        x += share
    return element(
        "svg",
        *parts,
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        role="img",
        class_="bar",
        aria_label=title,
    )


def week_heat(hours: Sequence[Sequence[int]], width: int, title: str) -> Html:
    """Casual posts by weekday and hour: hours run across a wide page, and down a narrow one."""
    busy = [hour for hour in range(24) if any(row[hour] for row in hours)]
    first, last = (max(0, min(busy) - 1), min(23, max(busy) + 1)) if busy else (0, 23)
    shown = range(24) if width == WIDE else range(first, last + 1)
    most = max((max(row) for row in hours), default=0)
    cell = (width - LEFT - RIGHT) / (len(shown) if width == WIDE else 7)
    rows = [
        _heat_cell(hours[d][h], most, *_at(d, h - shown[0], cell, width)) for d in range(7) for h in shown
    ]
    height = 24 + 28 * (7 if width == WIDE else len(shown))
    return _svg(width, height, title, [*_heat_labels(shown, cell, width), *rows])


def _at(weekday: int, hour: int, cell: float, width: int) -> tuple[float, float, float]:
    """Left, top and width of a cell."""
    across, down = (hour, weekday) if width == WIDE else (weekday, hour)
    return LEFT + across * cell, 22 + down * 28, cell


def _heat_cell(number: int, most: int, x: float, y: float, wide: float) -> Html:
    level = 0 if not number else min(4, 1 + 4 * (number - 1) // max(most, 1))
    box = element("rect", x=_n(x + 1), y=_n(y), width=_n(wide - 2), height=26, rx=4, class_=f"heat-{level}")
    label = _words(x + wide / 2, y + 17, str(number), f"tick middle heat-ink-{level}") if number else ""
    return element("g", box, label)


def _heat_labels(shown: Sequence[int], cell: float, width: int) -> list[Html]:
    days = [name[:3] for name in WEEKDAYS]
    hours = [f"{hour}" if width == WIDE else f"{hour}:00" for hour in shown]
    across, down = (hours, days) if width == WIDE else (days, hours)
    top = [
        _words(LEFT + cell * (place + 0.5), 14, label, "tick middle") for place, label in enumerate(across)
    ]
    side = [_words(LEFT - 8, 22 + 28 * place + 17, label, "tick end") for place, label in enumerate(down)]
    return top + side


def _svg(width: int, height: float, title: str, parts: Sequence[Html]) -> Html:
    return element(
        "svg",
        join(parts),
        viewBox=f"0 0 {width} {_n(height)}",
        role="img",
        aria_label=title,
        focusable="false",
    )


def _words(x: float, y: float, text: str, class_: str) -> Html:
    return element("text", text, x=_n(x), y=_n(y), class_=class_)


def _round_up(number: int) -> int:
    """The next number that reads well on an axis: 1, 2 or 5 and zeros, or halves of these."""
    size = 1
    while True:
        for step in (1, 2, 3, 4, 5, 8):
            if step * size >= number:
                return step * size
        size *= 10


def _n(value: float) -> str:
    """A coordinate with at most two places, no trailing zeros: pages stay small and repeatable."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
