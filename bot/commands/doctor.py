"""`steward doctor`: what is right, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # --help lists this command, so what it needs is imported when it runs
    from bot.findings import State


@click.command("doctor")
def command() -> int:
    """Check all that steward run needs: settings, model, database, key, clock, and on Discord and Slack tokens and permissions.

    Each finding is a line: ok, problem (with what to do) or cannot tell. Nothing is changed, and no secret is shown. The exit code is 1
    if there is a problem.
    """
    from bot.doctor import examine
    from bot.findings import State
    from bot.report.flips import plain

    findings = examine()
    for finding in findings:
        click.echo(f"{finding.state:<11}  {plain(f'{finding.about}: {finding.sentence}')}")
    click.echo()
    click.echo(_summary([finding.state for finding in findings]))
    return 1 if State.PROBLEM in {finding.state for finding in findings} else 0


def _summary(states: Sequence[State]) -> str:
    from bot.findings import State

    problems = states.count(State.PROBLEM)
    if problems:
        return "One thing is wrong." if problems == 1 else f"{problems} things are wrong."
    return "Nothing is wrong" + (", as far as it can be told." if State.UNKNOWN in states else ".")
