"""`steward digest`: what a week of a community was like, as text, figures and a chart."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.arguments import FILE

if TYPE_CHECKING:
    from moderation.digest import Digest


FIRST_YEAR, LAST_YEAR = 1970, 2999


class Day(click.ParamType[date]):
    """A local day, written 2026-03-31, of a year that every clock and database reaches."""

    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(str(value).strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(f"{value!r} is no day; write 2026-03-31", param, ctx)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail(f"{value!r} is out of reach: years go from {FIRST_YEAR} to {LAST_YEAR}", param, ctx)
        return day


@click.command("digest")
@click.option("--replay", "folder", type=FILE, required=True, metavar="DIR", help="The folder of a replay.")
@click.option("--from", "first", type=Day(), metavar="DAY", help="The first day; local time.")
@click.option("--to", "last", type=Day(), metavar="DAY", help="The last day, included; local time.")
@click.option("--channel", default="", metavar="NAME", help="Only this channel.")
@click.option(
    "--out", type=FILE, metavar="FOLDER", help="Write text, JSON, CSV and a chart, light and dark, there."
)
def command(*, folder: Path, first: date | None, last: date | None, channel: str, out: Path | None) -> None:
    """Print what a week was like: relevance, drift, pitches, rulings, dialogue. The latest whole week unless told.

    It is counted from what `steward replay` kept. No person is named, ranked or scored.
    """
    if first and last and first > last:
        raise click.UsageError("--from is after --to.")
    with _uncollected():
        from bot.app import digest
        from bot.digest_text import text_of

        made = digest(folder=folder, first=first, last=last, channel=channel)
        text = text_of(made)
        click.echo(text, nl=False)
        if out is not None:
            _write(made, text, out)
            click.echo(f"\nWritten to {out.resolve()}: {', '.join(FILES)}")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for objects that refer to each other in a circle: decisions do not, and it costs a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what was made meanwhile is not young: else the search would begin with all of it
        gc.enable()
        gc.unfreeze()


FILES = ("digest.txt", "digest.json", "digest.csv", "digest-light.png", "digest-dark.png")


def _write(made: Digest, text: str, out: Path) -> None:
    """Write the files of a digest, each whole or not at all. Raises BadInput."""
    import json

    from bot.digest_chart import chart
    from bot.digest_rows import digest_csv, digest_row
    from bot.whole_file import written_whole
    from moderation.errors import BadInput

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"the folder {out} cannot be made: {error.strerror}") from None
    contents = (
        text.encode(),
        (json.dumps(digest_row(made), ensure_ascii=False, indent=1) + "\n").encode(),
        digest_csv(made).encode(),
        chart(made),
        chart(made, dark=True),
    )
    for name, content in zip(FILES, contents, strict=True):
        with written_whole(out / name) as file:
            file.write(content)
