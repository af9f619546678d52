"""What the report says besides what every text does: counts, times, and where something goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.figures import MONTHS, WEEKDAYS, day, hashed, listed, percent, period, short_day
from moderation.charter import Charter

__all__ = [
    "MONTHS",
    "WEEKDAYS",
    "clock",
    "count_of",
    "day",
    "destination",
    "hashed",
    "lasting",
    "listed",
    "percent",
    "period",
    "sentence",
    "short_day",
]


def count_of(number: int, thing: str, things: str = "") -> str:
    """`1 message`, `1,204 messages`, `no messages`."""
    shown = "no" if number == 0 else f"{number:,}"
    return f"{shown} {thing if number == 1 else things or thing + 's'}"


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


def sentence(text: str) -> str:
    """With a capital in front and a full stop behind."""
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def destination(charter: Charter, to_channel: str) -> str:
    """The name of the channel that an action names by id or by name."""
    entry = charter.channel(to_channel, to_channel)
    return hashed(entry.name if entry else to_channel)
