"""`steward demo`: a replay of the sample community that ships with the project."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.arguments import FILE


@click.command("demo")
@click.option(
    "--out",
    type=FILE,
    default=Path("out", "demo"),
    show_default=True,
    metavar="DIR",
    help="The folder for the report.",
)
def command(out: Path) -> None:
    """Replay the sample community and say where the report is. Needs no token and no account."""
    from bot.app import demo

    demo(out)
