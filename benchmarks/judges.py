"""What every way of telling the labels has in common: probabilities for rows, learned and calibrated on the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.scores import CORPUS
from training.measure import best_temperature, figures, softmax
from training.rows import LABELS, Row, own_rows, pair_rows, single_rows

Array = npt.NDArray[np.float64]
Judge = Callable[[Sequence[Row]], Array]
"""Probabilities (rows, 3), or logits before they are calibrated."""
LEAST = 1e-9


class NotMeasured(Exception):
    """A way that cannot be measured here; the text says why."""


@dataclass(frozen=True, slots=True)
class Material:
    """Rows to learn from, and those of the communities that calibrate the shipped model too."""

    learn: list[Row]
    calibration: list[Row]


@cache
def material() -> Material:
    """Our own communities but for the six that calibrate, and all pairs and single messages."""
    from training.__main__ import held_out

    calibration, kept = held_out(own_rows((CORPUS / "communities").glob("*.script")))
    pairs = pair_rows((CORPUS / "pairs").glob("*.jsonl"))
    singles = single_rows((CORPUS / "singles").glob("*.jsonl"))
    return Material([*kept, *pairs, *singles], calibration)


def calibrated(logits: Judge) -> Judge:
    """The same with the temperature that suits the calibration communities best."""
    rows = material().calibration
    temperature = best_temperature(logits(rows), rows)
    return lambda rows: softmax(logits(rows), temperature)


def learned(features: Callable[[Sequence[Row]], Any], models: Sequence[Any]) -> Judge:
    """Of scikit-learn's models the one with the best macro-F1 on the calibration communities, calibrated there."""
    learn, rows = material().learn, material().calibration
    known, gold, asked = features(learn), [LABELS.index(row.label) for row in learn], features(rows)

    def score(model: Any) -> float:
        return figures(in_order(model.fit(known, gold), asked), rows)["macro_f1"] or 0.0

    best = max(models, key=score)
    return calibrated(lambda rows: np.log(in_order(best, features(rows)) + LEAST))


def in_order(model: Any, features: Any) -> Array:
    """Probabilities (rows, 3), also where the model never saw one of the labels."""
    found = np.zeros((features.shape[0], len(LABELS)))
    found[:, model.classes_] = model.predict_proba(features)
    return found


def of_communities(judges: Mapping[str, Judge]) -> Judge:
    """A judge that asks the one of each row's community."""

    def judge(rows: Sequence[Row]) -> Array:
        places: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            places[row.community].append(place)
        found = np.zeros((len(rows), len(LABELS)))
        for community, chosen in places.items():
            found[chosen] = judges[community]([rows[place] for place in chosen])
        return found

    return judge
