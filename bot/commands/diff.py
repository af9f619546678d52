"""`steward diff`: what a change of charter, policy or model would change, before it is published."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.arguments import FILE

SHOWN = 20


@click.command("diff")
@click.argument("before", metavar="CHARTER_A", type=FILE)
@click.argument("after", metavar="CHARTER_B", type=FILE)
@click.option(
    "--replay", "folder", type=FILE, required=True, metavar="DIR", help="What steward replay --out wrote."
)
@click.option("--model-a", type=FILE, metavar="DIR", help="A model folder for CHARTER_A.")
@click.option("--model-b", type=FILE, metavar="DIR", help="A model folder for CHARTER_B.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=SHOWN, metavar="N", help="Show at most N flips; 20 unless given."
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print all flips as JSON lines, without texts.")
def command(
    *,
    before: Path,
    after: Path,
    folder: Path,
    model_a: Path | None,
    model_b: Path | None,
    limit: int,
    as_json: bool,
) -> None:
    """Compare CHARTER_A with CHARTER_B on replayed messages: which would be treated otherwise, and how.

    Those that are most likely to be wrong come first. Nothing is written, and nobody is told anything.
    """
    from bot.app import diff
    from bot.report.flips import flip_row, lines, plain
    from bot.settings import chosen_model

    usual = chosen_model()
    compared = diff(
        before=before,
        after=after,
        folder=folder,
        model_before=model_a or usual,
        model_after=model_b or usual,
    )
    if as_json:
        for note in compared.notes:
            click.echo(f"steward: {plain(note)}", err=True)
    for line in map(flip_row, compared.diff.flips) if as_json else lines(compared, limit):
        click.echo(line)
