"""How well the shipped classifier reads what it never saw, by a score that knows only labels and probabilities."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.labelled import NEVER_TRAINED_ON, labelled_rows, questions_of
from benchmarks.measures import Row as Line
from bot.app import load_classifier
from moderation.charter import ChannelCharter, Charter
from moderation.decisions import Verdict
from moderation.messages import ContextLine
from moderation.ports import Question
from training.measure import figures, flipped
from training.rows import Row, other_rows, own_rows, pair_rows
from training.scripts import Script, read

CORPUS = Path(__file__).parent.parent / "corpus"


def scores() -> list[Line]:
    """Macro-F1 and the like on the samples, the locked communities, the minimal pairs and the hard negatives."""
    samples = sorted((CORPUS / "samples").glob("*.script"))
    locked = sorted((CORPUS / "locked").glob("*.script"))
    lines: list[Line] = []
    for name, questions, rows in (
        *((read(path).name, asked(read(path)), own_rows([path])) for path in samples),
        ("locked communities", [q for path in locked for q in asked(read(path))], own_rows(locked)),
        ("hard negatives of our own", *_plain(other_rows(CORPUS))),
        *_elsewhere(),
    ):
        verdicts = asyncio.run(load_classifier().judge(questions))
        lines += _lines(name, verdicts, rows)
    return [*lines, *_pairs()]


def _elsewhere() -> list[tuple[str, list[Question], Sequence[Row]]]:
    """Three real rooms, where the machine has them: none of their own posts was trained on."""
    rows = [row for row in labelled_rows() if row.community.startswith(NEVER_TRAINED_ON)]
    return [("three real rooms never trained on", *_plain(rows))] if rows else []


def _plain(rows: Sequence[Row]) -> tuple[list[Question], Sequence[Row]]:
    return questions_of(rows), rows


def _pairs() -> list[Line]:
    """Texts under two charters that make different labels right: how often both come out right."""
    questions, rows = _plain(pair_rows((CORPUS / "locked").glob("pairs_*.jsonl")))
    verdicts = asyncio.run(load_classifier().judge(questions))
    shares = np.array([shares_of(verdict) for verdict in verdicts])
    found = flipped(shares, rows)
    return [(f"minimal pairs, both right ({len(rows) // 2})", f"{found['pairs_flipped']:.3f}", "0.80")]


def shares_of(verdict: Verdict) -> tuple[float, float, float]:
    shares = verdict.probabilities
    return shares.on_topic, shares.chatter, shares.pitch


def _lines(name: str, verdicts: Sequence[Verdict], rows: Sequence[Row]) -> list[Line]:
    found = figures(np.array([shares_of(verdict) for verdict in verdicts]), rows)
    unsure = [
        (verdict.label.value, row.label)
        for verdict, row in zip(verdicts, rows, strict=True)
        if verdict.abstained
    ]
    right = f", {np.mean([said == label for said, label in unsure]):.2f} of them right" if unsure else ""
    shown = [
        ("macro-F1", "macro_f1", "0.90"),
        ("chatter found at 2 % wrong flags", "chatter_recall", "0.80"),
        ("pitches found at 2 % wrong flags", "pitch_recall", "0.85"),
        ("hard negatives flagged by label", "hard_negatives_flagged", "0.04 at most"),
        ("calibration error", "calibration_error", "0.03 at most"),
    ]
    lines = [
        (f"{name}: {what}", f"{found[key]:.3f}", wanted)
        for what, key, wanted in shown
        if found[key] is not None
    ]
    return [
        *(line for line in lines if found["rows"] or "hard" in line[0]),
        (f"{name}: not sure", f"{len(unsure) / len(verdicts):.3f}{right}", "-"),
    ]


def asked(script: Script) -> list[Question]:
    """Each message as the running bot would ask about it."""
    charter = Charter(script.name, script.purpose)
    questions = []
    for line, before in script.contexts():
        channel = script.channel(line.channel)
        entry = ChannelCharter(
            channel.name,
            channel.purpose,
            social=channel.kind == "social",
            promotion_welcome=channel.kind == "promotion",
        )
        context = tuple(ContextLine(earlier.author, earlier.text) for earlier in before)
        questions.append(Question(line.text, charter, entry, context, line.author))
    return questions
