"""`make bench`: measures, prints, and writes docs/benchmarks.md.

python -m benchmarks [--messages N] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.attacks import attacks
from benchmarks.audit import audit
from benchmarks.digests import digest_pace, digests
from benchmarks.discord_pace import discord_pace
from benchmarks.examples import examples
from benchmarks.experiment import experiments
from benchmarks.fairness import fairness
from benchmarks.last_tier import last_tier
from benchmarks.measures import Row, command_line, replay, verdict_alone_and_in_batch
from benchmarks.others import others
from benchmarks.pace import pace
from benchmarks.promise import promise
from benchmarks.reasons import reasons
from benchmarks.scores import scores

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
BY_NAME = frozenset({"others"})
"""Run only when asked for: needs the extra `bench`, and half an hour."""
MARK = "<!-- measured: everything above this line is written by `make bench` -->"


def main() -> None:
    """Run the benchmarks that were asked for; the page is only written when all of them ran."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure speed, memory and scores."
    )
    parser.add_argument("--messages", type=int, default=100_000, help="messages of the replay (100000)")
    parser.add_argument(
        "--only",
        nargs="*",
        default=(),
        help="start, batch, pace, scores, attacks, examples, fairness, reasons, last-tier, replay, promise, audit, experiment, digest-pace, digest, discord, others",
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = _run(Path(folder), arguments.messages, arguments.only)
    if not arguments.only:
        _write(found)


def _run(folder: Path, messages: int, only: list[str]) -> Mapping[str, list[Row]]:
    measures: Mapping[str, tuple[str, Callable[[], list[Row]]]] = {
        "start": ("Start-up", lambda: command_line(folder)),
        "batch": ("A verdict alone and in a batch", verdict_alone_and_in_batch),
        "pace": ("Pace and memory", pace),
        "scores": ("How well it reads what it never saw", scores),
        "attacks": ("Disguised pitches", attacks),
        "examples": ("Moderators' examples", examples),
        "fairness": ("The same in other words and languages", fairness),
        "reasons": ("Reasons", reasons),
        "last-tier": ("An owner's model as the last tier, with a stand-in", last_tier),
        "replay": ("Replay", lambda: replay(folder, messages)),
        "promise": ("The error promise, simulated", promise),
        "audit": ("What was missed, simulated", audit),
        "experiment": ("Proof that nudges work, simulated", experiments),
        "digest-pace": ("Digest: pace and memory", lambda: digest_pace(folder)),
        "digest": ("Digest: intervals, simulated", digests),
        "discord": ("The bot on Discord", lambda: discord_pace(folder)),
        "others": ("Beside other ways", others),
    }
    found: dict[str, list[Row]] = {}
    for name, (title, measure) in measures.items():
        if name not in (only or measures.keys() - BY_NAME):
            continue
        found[title] = measure()
        print(_table(title, found[title]), flush=True)
    return found


def _table(title: str, rows: list[Row]) -> str:
    lines = [f"## {title}", "", "| what | figure | wanted |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _write(found: Mapping[str, list[Row]]) -> None:
    kept = PAGE.read_text(encoding="utf-8").partition(MARK)[2] if PAGE.exists() else "\n"
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    head = f"# Benchmarks\n\n`make bench` on {datetime.now(UTC):%Y-%m-%d}, {machine}. Machines are noisy: ratios say more than seconds.\n"
    tables = "\n".join(_table(title, rows) for title, rows in found.items())
    PAGE.write_text(f"{head}\n{tables}\n{MARK}{kept}", encoding="utf-8")


if __name__ == "__main__":
    main()
