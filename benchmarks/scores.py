"""How well the shipped classifier reads what it never saw, by a score that knows only labels and probabilities."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.measures import Row as Line
from bot.app import load_classifier
from moderation.charter import ChannelCharter, Charter
from moderation.decisions import Verdict
from moderation.messages import ContextLine
from moderation.ports import Question
from training.measure import figures
from training.rows import Row, other_rows, own_rows
from training.scripts import Script, read

CORPUS = Path(__file__).parent.parent / "corpus"


def scores() -> list[Line]:
    """Macro-F1 and the like on the samples and on the hard negatives."""
    samples = sorted((CORPUS / "samples").glob("*.script"))
    lines: list[Line] = []
    for name, questions, rows in (
        *((read(path).name, _asked(read(path)), own_rows([path])) for path in samples),
        ("hard negatives of our own", _hard(), _hard_rows()),
    ):
        verdicts = asyncio.run(load_classifier().judge(questions))
        lines += _lines(name, verdicts, rows)
    return lines


def _lines(name: str, verdicts: Sequence[Verdict], rows: Sequence[Row]) -> list[Line]:
    shares = [(v.probabilities.on_topic, v.probabilities.chatter, v.probabilities.pitch) for v in verdicts]
    found = figures(np.array(shares), rows)
    abstained = sum(verdict.abstained for verdict in verdicts) / len(verdicts)
    shown = [
        ("macro-F1", "macro_f1", "0.74 by others"),
        ("chatter found at 2 % wrong flags", "chatter_recall", "-"),
        ("pitches found at 2 % wrong flags", "pitch_recall", "-"),
        ("hard negatives flagged by label", "hard_negatives_flagged", "26 % by others"),
        ("calibration error", "calibration_error", "-"),
    ]
    lines = [
        (f"{name}: {what}", f"{found[key]:.3f}", wanted)
        for what, key, wanted in shown
        if found[key] is not None
    ]
    return [
        *(line for line in lines if found["rows"] or "hard" in line[0]),
        (f"{name}: not sure", f"{abstained:.3f}", "-"),
    ]


def _asked(script: Script) -> list[Question]:
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


def _hard_rows() -> list[Row]:
    return other_rows(CORPUS)


def _hard() -> list[Question]:
    return [
        Question(
            row.text,
            Charter("", row.purpose),
            ChannelCharter("", row.channel),
            tuple(ContextLine("", text) for text in reversed(row.context)),
        )
        for row in _hard_rows()
    ]
