"""`steward charter check`: what a charter means, in words."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.arguments import FILE


@click.command("check")
@click.argument("file", type=FILE)
def command(file: Path) -> None:
    """Say what FILE means, or everything that is wrong with it."""
    from bot.charter_text import description
    from bot.charters import read_charter

    charter, policy = read_charter(file)
    click.echo(f"{file} is fine. This is what it says:\n")
    for line in description(charter, policy):
        click.echo(line)
