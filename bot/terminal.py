"""What a replay says in the terminal when it is done: the figures in plain words, and where the report is."""

from __future__ import annotations

from pathlib import Path

import click

from bot.replay_folder import READABLE
from bot.report.words import count_of, percent
from moderation.charter import Charter
from moderation.stats import Report


def say_findings(charter: Charter, report: Report, folder: Path, took: float) -> None:
    """A few lines on stdout; `took` is in seconds."""
    click.echo("\n".join(_lines(charter, report, took)))
    click.echo(f"  report    {(folder / 'report.html').resolve()}")
    click.echo(f"  also      {', '.join(READABLE[:2])} in the same folder\n")


def _lines(charter: Charter, report: Report, took: float) -> list[str]:
    totals = report.totals
    rate = f", {totals.judged / took:.0f} a second" if took > 1 else ""
    lines = [f"\n{charter.name}", f"  read      {count_of(totals.judged, 'message')} in {took:.1f} s{rate}"]
    if not totals.judged:
        return [*lines, "  nothing was judged"]
    relevance = f"{percent(totals.relevance)} of what was sure served the purpose; {totals.unsure} not sure"
    stretches = count_of(report.stretches, "stretch", "stretches")
    drifted = f"{stretches} of casual talk, {report.closed_by_themselves} closed by themselves"
    lone = f"{count_of(report.lone_posts, 'lone casual post')} only counted"
    pitches = f"{report.pitches}, of which {report.drive_bys} by people who never talked with anyone here"
    return [
        *lines,
        f"  relevance {relevance}",
        f"  drifted   {drifted}; {lone}",
        f"  pitches   {pitches}",
        f"  actions   {_actions(report)}",
    ]


def _actions(report: Report) -> str:
    named = [f"{number} {kind.replace('_', ' ')}" for kind, number in sorted(report.actions.items())]
    return ", ".join(named) or "none: the policy observes"
