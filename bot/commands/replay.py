"""`steward replay`: what Steward would have done in a community's exported history."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.commands.arguments import CHARTER, FILE, MODEL, Moment, Size


@click.command("replay")
@click.argument("export", metavar="EXPORT", type=FILE)
@CHARTER
@click.option("--out", type=FILE, required=True, metavar="DIR", help="The folder for report and decisions.")
@click.option(
    "--since", type=Moment(), metavar="WHEN", help="Leave out what is older: a date or ISO time, UTC."
)
@click.option(
    "--until",
    type=Moment(end_of_day=True),
    metavar="WHEN",
    help="Leave out what is newer: a date (that day is included) or ISO time, UTC.",
)
@click.option(
    "--channel", "channels", multiple=True, metavar="NAME", help="Only this channel; may be repeated."
)
@click.option(
    "--max-bytes", type=Size(), metavar="SIZE", help="How much an archive may unpack to, such as 2G."
)
@click.option("--no-keep", is_flag=True, help="Do not keep replay.db for later calibration and diffs.")
@click.option("--overwrite", is_flag=True, help="Replace what another replay left in DIR.")
@MODEL
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    *,
    export: Path,
    charter: Path | None,
    out: Path,
    since: datetime | None,
    until: datetime | None,
    channels: tuple[str, ...],
    max_bytes: int | None,
    no_keep: bool,
    overwrite: bool,
    model: Path | None,
    quiet: bool,
) -> None:
    """Replay EXPORT: a Slack export (zip or folder) or DiscordChatExporter JSON (file, folder or zip).

    It writes report.html, decisions.jsonl, summary.json and replay.db to DIR. Ctrl-C is safe: the same command goes
    on where it stopped.
    """
    if since and until and since >= until:
        raise click.UsageError("--since is not before --until.")
    from bot.app import replay
    from bot.settings import chosen_model

    replay(
        export=export,
        charter_path=charter,
        out=out,
        since=since,
        until=until,
        channels=channels,
        max_bytes=max_bytes,
        keep=not no_keep,
        overwrite=overwrite,
        model=model or chosen_model(),
        quiet=quiet,
    )
