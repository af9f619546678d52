"""Whole local days that something is told about, weeks above all, right across the days on which clocks jump."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until just before `end`, both aware UTC, on local midnights of `time_zone`."""

    start: datetime
    end: datetime
    time_zone: str = "UTC"

    def covers(self, moment: datetime) -> bool:
        """Whether `moment` lies within."""
        return self.start <= moment < self.end

    @property
    def first_day(self) -> date:
        """The first local day."""
        return self.start.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def last_day(self) -> date:
        """The last local day, which belongs to it."""
        return (self.end - timedelta(seconds=1)).astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def days(self) -> int:
        """Local days, those of 23 and 25 hours too."""
        return (self.last_day - self.first_day).days + 1

    @property
    def is_week(self) -> bool:
        """Whether it goes from a Monday to the next."""
        return self.days == 7 and self.first_day.weekday() == 0

    def before(self) -> Period:
        """The period of as many local days that ends where this one begins."""
        return period_of(self.first_day - timedelta(days=self.days), self.first_day, self.time_zone)


def period_of(first: date, end: date, time_zone: str) -> Period:
    """From the local day `first` until the day before `end`. Raises ValueError for no day at all."""
    if first >= end:
        raise ValueError(f"a period needs at least one day: {first} is not before {end}")
    zone = ZoneInfo(time_zone)
    # A midnight that the clocks skip is the moment at which they jump.
    start, stop = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, end))
    return Period(start, stop, time_zone)


def week_of(moment: datetime, time_zone: str) -> Period:
    """The local week, Monday to Monday, that `moment` lies in."""
    today = moment.astimezone(ZoneInfo(time_zone)).date()
    monday = today - timedelta(days=today.weekday())
    return period_of(monday, monday + timedelta(days=7), time_zone)
