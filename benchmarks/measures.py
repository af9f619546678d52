"""One function a figure. Each returns rows of (what, figure, wanted); nothing here decides whether it is good enough."""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.load import write_export

Row = tuple[str, str, str]
STEWARD = (sys.executable, "-m", "bot")


def command_line(folder: Path) -> list[Row]:
    """Start-up: help, and the first verdict of a classifier that nothing has warmed."""
    line = json.dumps(
        {"id": 1, "text": "has anyone had this invoice error before?", "charter": "Bookkeepers"}
    )
    (folder / "one.jsonl").write_text(line + "\n", encoding="utf-8")
    helped = [_seconds([*STEWARD, "--help"]) for _ in range(5)]
    first = [_seconds([*STEWARD, "classify", str(folder / "one.jsonl")]) for _ in range(5)]
    return [
        ("`steward --help`, median of 5", f"{statistics.median(helped):.2f} s", "under 0.4 s"),
        (
            "first verdict of `steward classify`, median of 5",
            f"{statistics.median(first):.2f} s",
            "under 3 s",
        ),
    ]


def replay(folder: Path, messages: int) -> list[Row]:
    """A replay from the command line to the report, in a process of its own, with its memory and its pace."""
    export, out = folder / "export.zip", folder / "replay"
    write_export(export, messages)
    program = (sys.executable, "-m", "benchmarks.paced_replay", str(export), str(out))
    told = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
    rates = told["rates"]
    tenth = max(1, len(rates) // 10)
    early, late = statistics.mean(rates[tenth : 2 * tenth] or rates), statistics.mean(rates[-tenth:])
    return [
        (
            f"replay of {messages:,} messages, end to end",
            f"{messages / told['seconds']:.0f} messages/s",
            "150 or more",
        ),
        ("the same, judging alone (report and start left out)", f"{told['judged_rate']:.0f} messages/s", "-"),
        ("resident memory at its highest", f"{told['peak_mb']:.0f} MB", "under 600 MB"),
        ("pace of the last tenth against the second tenth", f"{late / early:.2f}", "0.80 or more"),
        ("longest pause of the event loop while judging", f"{told['pause_ms']:.0f} ms", "under 50 ms"),
    ]


def verdict_alone_and_in_batch() -> list[Row]:
    """How much a verdict depends on the batch around it."""
    from bot.app import load_classifier
    from moderation.charter import Charter
    from moderation.ports import Question
    from training.rows import own_rows
    from training.samples import SCRIPTS

    rows = own_rows(SCRIPTS.glob("*.script"))[:256]
    questions = [Question(row.text, Charter("", row.purpose)) for row in rows]
    # Two of them, so that neither finds a text that the other has read.
    together = asyncio.run(load_classifier().judge(questions))
    other = load_classifier()
    alone = [asyncio.run(other.judge([question]))[0] for question in questions]
    gap = max(
        abs(a.probabilities.of(label) - b.probabilities.of(label))
        for a, b in zip(alone, together, strict=True)
        for label in type(a.label)
    )
    same = sum(a.label is b.label for a, b in zip(alone, together, strict=True))
    return [
        (f"verdict alone and among {len(rows)}: same label", f"{same} of {len(rows)}", "all"),
        ("largest gap of a probability", f"{gap:.1e}", "0.001"),
    ]


def peak_megabytes() -> float:
    """Highest resident memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _seconds(command: Sequence[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun
