"""What several commands take, and how times and sizes are written on the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import click

FILE = click.Path(path_type=Path)
_SIZE = re.compile(r"(\d{1,12})(?:\.(\d{1,6}))?\s*([kmgt]?)i?b?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


class Moment(click.ParamType[datetime]):
    """A date or an ISO 8601 time, as aware UTC; one without a zone is UTC.

    A date is the start of its day, or (`end_of_day`) the start of the next, so that an end date is included.
    """

    name = "moment"

    def __init__(self, *, end_of_day: bool = False) -> None:
        self._end_of_day = end_of_day

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return self._moment(str(value).strip())
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no date or time; write 2026-03-31 or 2026-03-31T18:00", param, ctx)

    def _moment(self, text: str) -> datetime:
        if len(text) <= len("2026-03-31"):
            day = date.fromisoformat(text) + timedelta(days=self._end_of_day)
            return datetime.combine(day, time(), UTC)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Size(click.ParamType[int]):
    """A number of bytes: 500000, 500M, 1.5G; a K is 1,024."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(str(value).strip())
        size = int(float(f"{found[1]}.{found[2] or 0}") * _UNITS[found[3].lower()]) if found else 0
        if size < 1:
            self.fail(f"{value!r} is no size; write a number of bytes, or 500M, or 2G", param, ctx)
        return size


CHARTER = click.option("--charter", type=FILE, metavar="FILE", help="The community's charter (TOML).")
MODEL = click.option("--model", type=FILE, metavar="DIR", help="A model folder instead of the shipped one.")
