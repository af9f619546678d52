"""`steward model check`: whether a model folder is whole and judges."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.arguments import MODEL


@click.command("check")
@MODEL
def command(model: Path | None) -> None:
    """Verify every file of a model by its checksum, load it, and let it judge one message."""
    from bot.app import check_model
    from bot.settings import chosen_model

    click.echo(check_model(model or chosen_model()))
