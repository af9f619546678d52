"""`steward audit`: messages of a replay that were not flagged, one after another, one key each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.arguments import FILE
from bot.commands.asking import ASKED, Keys, Questions, ask_all, beginning, forgotten

if TYPE_CHECKING:  # --help lists this command, so what it needs is imported when it runs
    from bot.replay_audit import ReplayAudit, Sample


@click.command("audit")
@click.argument("folder", metavar="DIR", type=FILE)
@click.option(
    "--count", type=click.IntRange(min=1), default=ASKED, metavar="N", help="Ask about N messages; 60 unless given."
)  # fmt: skip
def command(folder: Path, count: int) -> None:
    """Rule on messages of DIR, which steward replay wrote, that were not flagged, and hear what was missed.

    They are drawn at random, and each takes one key (a line each where stdin is no terminal). Every answer is kept at
    once; q or Ctrl-C ends it, and the same command goes on.
    """
    from bot.app import opened_replay
    from bot.audit_text import PHRASES
    from bot.replay_audit import begin

    with opened_replay(folder) as (runner, store, kept, now):
        audit = runner.run(begin(store, kept, now))
        sample = runner.run(audit.sample(count))
        keys = _keys()
        click.echo(PHRASES["purpose"])
        click.echo(_beginning(audit, sample, keys))
        if sample.messages:
            ask_all(runner, _questions(audit, sample, keys))
        click.echo("\n".join(["", *missed_lines(audit)]))


def missed_lines(audit: ReplayAudit) -> list[str]:
    """What the rulings say about what was missed, and what keeps that from being said better."""
    from bot.audit_text import audit_lines, notes

    roles_forgotten = audit.forgotten and bool(audit.policy.exempt_roles)
    hindrances = notes(audit.conflicts(), audit.unshowable(), roles_forgotten)
    return [*audit_lines(audit.audit(), audit.missed()), *hindrances]


def _beginning(audit: ReplayAudit, sample: Sample, keys: Keys) -> str:
    """What is about to be asked, or why nothing is."""
    from bot.audit_text import PHRASES, candidates_text

    if sample.messages:
        new = len(sample.messages) - sample.waiting
        return beginning(sample.waiting, new, candidates_text(sample.candidates), keys)
    if audit.forgotten:
        return forgotten(audit.policy)
    return PHRASES["all_ruled" if audit.unflagged else "nothing"]


def _keys() -> Keys:
    from bot.audit_text import PHRASES

    return Keys(
        words={key: PHRASES[f"word_{key}"] for key in "bcp"},
        meanings={key: PHRASES[f"key_{key}"] for key in "bcp"},
        skip=PHRASES["key_s"],
        skipped=PHRASES["skipped"],
        closing=PHRASES["closing"],
    )


def _questions(audit: ReplayAudit, sample: Sample, keys: Keys) -> Questions:
    """Each message without a word on what Steward made of it, so that nobody is led."""
    from moderation.labels import Label

    truths = {"b": Label.ON_TOPIC, "c": Label.CHATTER, "p": Label.PITCH}
    return Questions(
        number=len(sample.messages),
        keys=keys,
        show=lambda place: audit.show(sample, place),
        rule=lambda sheet, key: audit.rule(sheet.draw, truths[key]),
    )
