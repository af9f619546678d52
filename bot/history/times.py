"""The two ways in which exports write a moment, as aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SLACK_TS = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,9}))?", re.ASCII)


def slack_time(ts: str) -> datetime | None:
    """Slack's `ts`, seconds since 1970 with six decimals; None where it is none or no calendar reaches it."""
    match = _SLACK_TS.fullmatch(ts)
    if match is None:
        return None
    microseconds = int((match[2] or "0").ljust(6, "0")[:6])
    try:
        return _EPOCH + timedelta(seconds=int(match[1]), microseconds=microseconds)
    except OverflowError:
        return None


def iso_time(text: str) -> datetime | None:
    """An ISO 8601 time with its offset; None where it is none, has no offset or no calendar reaches it."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
