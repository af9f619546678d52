"""Numbers, times and channels as a person would write them. Independent of the machine's locale."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from moderation.charter import Charter

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = "January February March April May June July August September October November December".split()


def count_of(number: int, thing: str, things: str = "") -> str:
    """`1 message`, `1,204 messages`, `no messages`."""
    shown = "no" if number == 0 else f"{number:,}"
    return f"{shown} {thing if number == 1 else things or thing + 's'}"


def percent(share: float | None) -> str:
    """`71 %` with a space that does not break; never a rounded 0 or 100 where there is something else; a dash for nothing."""
    if share is None:
        return "–"
    if 0 < share < 0.01:
        return "under 1\u00a0%"
    if 0.99 < share < 1:
        return "over 99\u00a0%"
    return f"{round(100 * share)}\u00a0%"


def day(value: date, *, year: bool = False, weekday: bool = False) -> str:
    """`5 January`, with weekday and year where asked for."""
    shown = f"{value.day} {MONTHS[value.month - 1]}"
    shown = f"{WEEKDAYS[value.weekday()][:3]} {shown}" if weekday else shown
    return f"{shown} {value.year}" if year else shown


def short_day(value: date) -> str:
    """`5 Jan`."""
    return f"{value.day} {MONTHS[value.month - 1][:3]}"


def period(first: date, last: date) -> str:
    """`5 January – 1 February 2026`."""
    if first == last:
        return day(first, year=True)
    return f"{day(first, year=first.year != last.year)} – {day(last, year=True)}"


def clock(at: datetime) -> str:
    """`08:09`."""
    return f"{at.hour:02}:{at.minute:02}"


def lasting(span: timedelta) -> str:
    """`13 minutes`, `1 hour 5 minutes`, `under a minute`."""
    minutes = round(span.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    if minutes < 1:
        return "under a minute"
    parts = [count_of(hours, "hour")] if hours else []
    return " ".join([*parts, *([count_of(rest, "minute")] if rest else [])])


def listed(parts: list[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def sentence(text: str) -> str:
    """With a capital in front and a full stop behind."""
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def hashed(name: str) -> str:
    """A channel's name with exactly one hash in front."""
    return f"#{name.lstrip('#')}"


def destination(charter: Charter, to_channel: str) -> str:
    """The name of the channel that an action names by id or by name."""
    entry = charter.channel(to_channel, to_channel)
    return hashed(entry.name if entry else to_channel)
