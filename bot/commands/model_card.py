"""`steward model card`: what a model is, what it learnt from, and how well it reads."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.arguments import MODEL


@click.command("card")
@MODEL
def command(model: Path | None) -> None:
    """Print the card of the model: its data, figures and limits."""
    from bot.app import model_card
    from bot.settings import chosen_model

    click.echo(model_card(model or chosen_model()), nl=False)
