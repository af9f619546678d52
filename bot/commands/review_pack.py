"""`steward review-pack`: the papers that Discord and members may ask for."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.arguments import FILE


@click.command("review-pack")
@click.option(
    "--out", required=True, type=FILE, metavar="FOLDER", help="The folder to write to; made if needed."
)
@click.option("--overwrite", is_flag=True, help="Replace the files if they are there.")
def command(out: Path, overwrite: bool) -> None:
    """Write intent-review.md and privacy.md, from the actual configuration: read them, fill in your name, and publish them.

    The first answers what Discord asks about privileged intents; the second is a privacy page for members. Neither holds a secret.
    """
    from bot.owner import review_pack
    from bot.settings import load_settings

    for path in review_pack(load_settings(), out, overwrite=overwrite):
        click.echo(f"Written to {path}.")
