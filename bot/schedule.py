"""When the weekly digest is due: pure, from the clock on the wall and from what was sent last.

A week goes from Monday to Monday in the community's time zone. Its digest is due at the first such weekday and hour after it ended.
Nothing here sends. Whoever does has to keep the period as the last one sent, so that nothing is sent twice, however often the bot
starts again; and when a community is set up, to keep `latest_week` as if it had been sent: what was before Steward came is no digest.
After a long pause only the latest week is told, not each one that was missed.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from moderation.periods import Period, week_of

MONDAY, MORNING = 0, 9
"""When the digest comes unless moderators choose another time."""
ANOTHER_WEEK = timedelta(days=3)
"""Weeks that end so much later are another one: a new time zone moves the end of the same week by up to 26 hours."""


def due_period(
    time_zone: str, weekday: int, hour: int, last_sent: Period | None, now: datetime
) -> Period | None:
    """The week whose digest is to be sent at `now` (aware UTC), or None.

    `weekday` is 0 for Monday, `hour` 0 to 23, both local. ValueError for others.
    """
    _check(weekday, hour)
    week = latest_week(time_zone, now)
    if now < _due_at(week, weekday, hour):
        week = week.before()
    return None if _is_sent(week, last_sent) else week


def next_due(time_zone: str, weekday: int, hour: int, last_sent: Period | None, now: datetime) -> datetime:
    """When the next digest is to be sent, aware UTC; `now` itself where one is due."""
    if due_period(time_zone, weekday, hour, last_sent, now) is not None:
        return now
    week = latest_week(time_zone, now)
    while (due := _due_at(week, weekday, hour)) <= now or _is_sent(week, last_sent):
        week = week_of(week.end, time_zone)
    return due


def latest_week(time_zone: str, now: datetime) -> Period:
    """The latest local week that is over at `now`."""
    return week_of(now, time_zone).before()


def _is_sent(week: Period, last_sent: Period | None) -> bool:
    return last_sent is not None and week.end - last_sent.end < ANOTHER_WEEK


def _due_at(week: Period, weekday: int, hour: int) -> datetime:
    """The moment after the week; an hour that the clocks skip comes an hour later, one that they repeat the first time."""
    monday = week.end.astimezone(ZoneInfo(week.time_zone)).date()
    local = datetime.combine(monday + timedelta(days=weekday), time(hour), ZoneInfo(week.time_zone))
    return local.astimezone(UTC)


def _check(weekday: int, hour: int) -> None:
    if not 0 <= weekday <= 6:
        raise ValueError(f"{weekday} is no weekday: 0 is Monday, 6 is Sunday")
    if not 0 <= hour <= 23:
        raise ValueError(f"{hour} is no hour of the day: 0 to 23")
