"""`steward status`: how the error promise stands by the rulings on a replay, and what was missed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.arguments import FILE

if TYPE_CHECKING:  # --help lists this command, so what it needs is imported when it runs
    from bot.calibration import Calibration
    from moderation.promise import Promise


@click.command("status")
@click.argument("folder", metavar="DIR", type=FILE)
@click.option(
    "--promise", metavar="WORDS", help="Another promise than the charter's, in the charter's words."
)
def command(folder: Path, promise: str | None) -> None:
    """Say how the error promise stands by the rulings on DIR, how Steward would really act, and what was missed.

    DIR is what steward replay wrote, and steward calibrate and steward audit asked about. Nothing is asked and nothing is changed.
    """
    from bot.app import opened_replay
    from bot.calibration import FlagReader, chosen_promise, mode_standing, promise_asked
    from bot.commands.audit import missed_lines
    from bot.promise_text import conflicts_text, mode_text, promise_text
    from bot.replay_audit import AuditReader
    from bot.report.flips import plain
    from bot.ruling_desk import read_through

    asked = promise_asked(promise)
    flags, others = FlagReader(), AuditReader()
    with opened_replay(folder) as (runner, store, replay, now):
        kept = runner.run(read_through(store, replay, now, flags.read, others.read))
    calibration, audit = flags.calibration(kept), others.audit(kept)
    chosen, origin = chosen_promise(asked, calibration.policy)
    conflicts = calibration.conflicts()
    lines = [
        plain(calibration.charter.name),
        f"  promise   {promise_text(chosen, origin)}",
        f"  mode      {mode_text(calibration.policy, mode_standing(calibration))}",
        f"  rulings   {conflicts_text(conflicts)}",
    ]
    missed = ["", *missed_lines(audit)] if audit.missed() else []
    click.echo("\n".join([*lines, "", *standing_lines(calibration, chosen), *missed]))


def standing_lines(calibration: Calibration, promise: Promise) -> list[str]:
    """How a promise stands for each label, two lines or three for each."""
    from bot.calibration import LABELS
    from bot.promise_text import counts_text, forgotten_text, kind, standing_text

    lines: list[str] = []
    for label in LABELS:
        evidence = calibration.evidence(promise, label)
        lines.append(f"{kind(label)}: {counts_text(evidence.drawn, evidence.ruled, evidence.wrong)}")
        lines.append(f"  {standing_text(evidence.standing, promise, label, evidence.left)}")
        if evidence.forgotten:
            lines.append(f"  {forgotten_text(evidence.forgotten)}")
    return lines
