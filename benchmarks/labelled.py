"""Labelled rows of other sources, where the machine has a folder of them (its name is told by an environment variable)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from moderation.ports import Question
from training.rows import Row, other_rows, question_of

LABELLED = "STEWARD_LABELLED_ROWS"
"""Names that folder."""
NEVER_TRAINED_ON = ("clojurians", "elm", "racket")
"""Communities of which no post of their own may be trained on."""


def labelled_rows() -> list[Row]:
    """All of them; nothing where there is no folder."""
    folder = os.environ.get(LABELLED)
    return other_rows(Path(folder)) if folder else []


def questions_of(rows: Sequence[Row]) -> list[Question]:
    """Questions for rows that are no script."""
    return [question_of(row) for row in rows]
