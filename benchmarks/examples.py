"""What moderators' own examples bring, without training: a learning curve on the locked communities."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.measures import Row as Line
from benchmarks.scores import CORPUS, asked, shares_of
from bot.app import load_classifier
from moderation.charter import Example
from moderation.labels import Label
from moderation.ports import Question
from training.measure import figures
from training.rows import Row, own_rows
from training.scripts import read

COUNTS = (0, 4, 8, 16, 32)


def examples() -> list[Line]:
    """Macro-F1 on the later half of each community, with examples from its earlier half."""
    paths = sorted((CORPUS / "locked").glob("*.script"))
    lines = []
    for count in COUNTS:
        questions, rows = [], []
        for path in paths:
            more_questions, more_rows = _later_half(path, count)
            questions += more_questions
            rows += more_rows
        verdicts = asyncio.run(load_classifier().judge(questions))
        found = figures(np.array([shares_of(verdict) for verdict in verdicts]), rows)
        lines.append(
            (f"{count} examples a label: macro-F1 ({len(rows)} messages)", f"{found['macro_f1']:.3f}", "-")
        )
    return lines


def _later_half(path: Path, count: int) -> tuple[list[Question], list[Row]]:
    """Questions on the later half, their charters with up to `count` examples of each label from the earlier half."""
    script, rows = read(path), own_rows([path])
    questions, half = asked(script), len(rows) // 2
    by_label: dict[str, list[str]] = defaultdict(list)
    for row in rows[:half]:
        if not row.social and not row.promotion:
            by_label[row.label].append(row.text)
    chance = random.Random(path.stem)
    chosen = tuple(
        Example(Label(label), text)
        for label, texts in sorted(by_label.items())
        for text in chance.sample(texts, min(count, len(texts)))
    )
    later = [replace(one, charter=replace(one.charter, examples=chosen)) for one in questions[half:]]
    return later, rows[half:]
