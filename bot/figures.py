"""Numbers, days and channels as a person would write them, in every text that people read. Independent of the machine's locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = "January February March April May June July August September October November December".split()


def percent(share: float | None) -> str:
    """`71 %` with a space that does not break; never a rounded 0 or 100 where there is something else; a dash for nothing."""
    if share is None:
        return "–"
    if 0 < share < 0.01:
        return "under 1\u00a0%"
    if 0.99 < share < 1:
        return "over 99\u00a0%"
    return f"{round(100 * share)}\u00a0%"


def whole_percent(share: float) -> int:
    """Whole percent, where there is room for a number alone; never a rounded 0 or 100 where there is something else."""
    return min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)


def signed(share: float) -> str:
    """Points with their sign: `+3`, `−2`, `0`."""
    points = round(100 * share)
    return f"{points:+d}".replace("-", "−") if points else "0"


def hashed(channel: str) -> str:
    """A channel's name with exactly one hash in front."""
    return f"#{channel.lstrip('#')}"


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def day(value: date, *, year: bool = False, weekday: bool = False) -> str:
    """`5 January`, with weekday and year where asked for."""
    shown = f"{value.day} {MONTHS[value.month - 1]}"
    shown = f"{WEEKDAYS[value.weekday()][:3]} {shown}" if weekday else shown
    return f"{shown} {value.year}" if year else shown


def short_day(value: date) -> str:
    """`5 Jan`."""
    return f"{value.day} {MONTHS[value.month - 1][:3]}"


def period(first: date, last: date) -> str:
    """`5–9 January 2026`, `5 January – 1 February 2026`: as short as it can be said."""
    if first == last:
        return day(first, year=True)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last, year=True)}"
    return f"{day(first, year=first.year != last.year)} – {day(last, year=True)}"
