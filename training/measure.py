"""Figures of probabilities against labels; the same definitions as the project's score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.rows import LABELS, PAIR, Row

HARD = frozenset(
    "ack_in_thread promo_lookalike programme_announcement own_product_news business_talk_in_thread "
    "hard_negative".split()
)
FEWEST = 20
"""Rows from which on a community or language gets figures of its own."""
Array = npt.NDArray[np.float64]
Figures = dict[str, float | None]


def softmax(logits: npt.ArrayLike, temperature: float = 1.0) -> Array:
    """Probabilities (rows, 3)."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    exponents = np.exp(scaled - scaled.max(1, keepdims=True))
    shares: Array = exponents / exponents.sum(1, keepdims=True)
    return shares


def best_temperature(logits: npt.ArrayLike, rows: Sequence[Row]) -> float:
    """The temperature with the least log loss, by trying a fine grid."""
    gold = np.array([LABELS.index(row.label) for row in rows])

    def loss(temperature: float) -> float:
        return float(-np.log(softmax(logits, temperature)[np.arange(len(gold)), gold] + 1e-12).mean())

    return float(min(np.arange(0.5, 4.0, 0.05), key=loss))


def figures(probabilities: Array, rows: Sequence[Row]) -> Figures:
    """Macro-F1, recall at 2 % wrong flags, hard negatives flagged, calibration error of the flag probability."""
    gold = np.array([LABELS.index(row.label) for row in rows])
    hard = np.array([row.label == "on_topic" and row.subtype in HARD for row in rows])
    said, flag = probabilities.argmax(1), 1 - probabilities[:, 0]
    plain = ~hard
    ordinary = np.sort(flag[plain & (gold == 0)])
    cut = ordinary[min(len(ordinary) - 1, int(0.98 * len(ordinary)))] if len(ordinary) else 1.0
    return {
        "rows": float(plain.sum()),
        "macro_f1": _macro_f1(gold[plain], said[plain]),
        "chatter_recall": _share(flag[plain & (gold == 1)] > cut),
        "pitch_recall": _share(flag[plain & (gold == 2)] > cut),
        "hard_negatives": float(hard.sum()),
        "hard_negatives_flagged": _share(said[hard] != 0),
        "calibration_error": _calibration_error(flag[plain], gold[plain] != 0),
    }


def figures_of_each(probabilities: Array, rows: Sequence[Row]) -> dict[str, Figures]:
    """The figures of each community, and of each language but a community's few borrowed lines."""
    found: dict[str, Figures] = {}
    for name in sorted({row.community for row in rows} | {row.language for row in rows}):
        of_it = [place for place, row in enumerate(rows) if name in (row.community, row.language)]
        if len(of_it) >= FEWEST:
            found[name] = figures(probabilities[of_it], [rows[place] for place in of_it])
    return found


def flipped(logits: npt.ArrayLike, rows: Sequence[Row]) -> Figures:
    """Of minimal pairs with two right labels, the share in which both readings got theirs; empty without pairs."""
    said = np.asarray(logits).argmax(1)
    items: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row, number in zip(rows, said, strict=True):
        if row.subtype == PAIR:
            items[row.community].append((row.label, LABELS[number]))
    differing = [found for found in items.values() if len({label for label, _ in found}) > 1]
    if not differing:
        return {}
    right = [all(label == answer for label, answer in found) for found in differing]
    return {"pairs_flipped": round(sum(right) / len(right), 4)}


def _macro_f1(gold: npt.NDArray[np.int64], said: npt.NDArray[np.int64]) -> float | None:
    scores = []
    for label in range(len(LABELS)):
        both, either = (
            np.sum((gold == label) & (said == label)),
            np.sum(gold == label) + np.sum(said == label),
        )
        if either:
            scores.append(2 * both / either)
    return round(float(np.mean(scores)), 4) if scores else None


def _share(values: npt.NDArray[np.bool_]) -> float | None:
    return round(float(values.mean()), 4) if len(values) else None


def _calibration_error(flag: Array, flagged: npt.NDArray[np.bool_]) -> float:
    places = np.minimum(9, (flag * 10).astype(int))
    gaps = [abs(flag[places == place].sum() - flagged[places == place].sum()) for place in range(10)]
    return round(float(sum(gaps) / max(1, len(flag))), 4)
