"""`steward calibrate`: flagged messages of a replay, one after another, one key each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.arguments import FILE
from bot.commands.asking import ASKED, Keys, Questions, ask_all, beginning, forgotten

if TYPE_CHECKING:  # --help lists this command, so what it needs is imported when it runs
    from bot.calibration import Calibration, Plan
    from bot.ruling_desk import Sheet
    from moderation.labels import Label

SKIPPED = "It counts as wrong until somebody rules on it, and is shown first the next time."
KEYS = Keys(
    words={"r": "right", "w": "wrong", "o": "the other kind"},
    meanings={
        "r": "right: it is what it was flagged as",
        "w": "wrong: it belongs here",
        "o": "the other kind: casual talk that was flagged as a pitch, or a pitch as casual talk",
    },
    skip="skip: it counts as wrong until somebody rules on it",
    skipped=SKIPPED,
    closing="    The messages were drawn at random, so that your answers say how often Steward is wrong on all that it flags here.",
)


@click.command("calibrate")
@click.argument("folder", metavar="DIR", type=FILE)
@click.option(
    "--promise", metavar="WORDS", help="Another promise than the charter's, in the charter's words."
)
@click.option(
    "--count", type=click.IntRange(min=1), default=ASKED, metavar="N", help="Ask about N messages; 60 unless given."
)  # fmt: skip
@click.option("--label", type=click.Choice(["chatter", "pitch"]), help="Ask about flags of one kind alone.")
def command(folder: Path, promise: str | None, count: int, label: str | None) -> None:
    """Rule on flagged messages of DIR, which steward replay wrote, and hear what may be promised.

    They are drawn at random, and each takes one key (a line each where stdin is no terminal). Every answer is kept at
    once; q or Ctrl-C ends it, and the same command goes on.
    """
    from bot.app import opened_replay
    from bot.calibration import begin, chosen_promise, promise_asked
    from bot.commands.status import standing_lines
    from bot.promise_text import promise_text
    from moderation.labels import Label

    asked = promise_asked(promise)
    with opened_replay(folder) as (runner, store, kept, now):
        calibration = runner.run(begin(store, kept, now))
        chosen, origin = chosen_promise(asked, calibration.policy)
        kind = Label(label) if label else None
        plan = calibration.plan(count, kind)
        click.echo(f"The promise: {promise_text(chosen, origin)}")
        click.echo(_beginning(calibration, plan, kind))
        if plan.cases:
            ask_all(runner, _questions(calibration, plan))
        click.echo("\n".join(["", *standing_lines(calibration, chosen)]))


def _beginning(calibration: Calibration, plan: Plan, kind: Label | None) -> str:
    """What is about to be asked, or why nothing is."""
    from bot.promise_text import flagged_as
    from bot.report.words import count_of

    named = f" as {flagged_as(kind)}" if kind else ""
    if plan.cases:
        candidates = count_of(plan.candidates, "flagged message")
        return beginning(plan.waiting, len(plan.cases) - plan.waiting, candidates, KEYS)
    if calibration.unshowable:
        return forgotten(calibration.policy)
    if any(kind in (None, draw.label) for draw in calibration.draws):
        return f"Every message that was flagged{named} has been ruled on. Thank you."
    return f"Nothing was flagged{named} in this replay, so there is nothing to rule on. That is good news."


def _questions(calibration: Calibration, plan: Plan) -> Questions:
    """Each message with what it was flagged as, how surely, and why."""
    from bot.calibration import Said
    from bot.promise_text import flagged_as
    from bot.report.rows import shares

    said = {"r": Said.RIGHT, "w": Said.WRONG, "o": Said.OTHER}

    def seen_as(sheet: Sheet) -> str:
        case = calibration.flagged[sheet.message.key]
        return f"flagged as {flagged_as(case.label)}, {case.score:.2f}: {case.verdict.why}"

    def in_full(sheet: Sheet) -> str:
        case = calibration.flagged[sheet.message.key]
        likely = ", ".join(
            f"{label} {share:.2f}" for label, share in shares(case.verdict.probabilities).items()
        )
        return f"flagged as {flagged_as(case.label)} by {case.verdict.model} ({likely}): {case.verdict.why}"

    return Questions(
        number=len(plan.cases),
        keys=KEYS,
        show=lambda place: calibration.show(plan, place),
        rule=lambda sheet, key: calibration.rule(sheet.draw, said[key]),
        seen_as=seen_as,
        in_full=in_full,
    )
