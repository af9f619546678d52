"""Compares designs of the classifier on one fixed split of our own communities.

python -m training.compare                             all designs on three folds
python -m training.compare --only ours cross           only these designs
python -m training.compare --rows 1500 3000 6000 12000 a curve over data, on the first fold
python -m training.compare --layers 6 12               sizes of the encoder, on the first fold

All start from the same weights and see the same batches in the same order. What is done is not done again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from training.__main__ import CORPUS, FORMS, ROOT, scripts
from training.augment import Augmenter, Closeness
from training.designs import DESIGNS, Known, thinned
from training.fit import Plan, Trainer, batches, halved, predict
from training.forms import charters_in_other_forms
from training.measure import best_temperature, figures, figures_of_each, flipped, softmax
from training.network import (
    Network,
)
from training.packed import packaged, unpack
from training.rows import Row
from training.split import FOLDS, PAIRS, READ, Split

SIZES = (2, 3, 4, 6, 12)
"""Layers, of which the last is the whole encoder."""
SHORT = 0.95
"""Decay of the mean of weights: over a few hundred steps the usual one would still hold half of what was there at the start."""
LOSS = 0.005
"""Macro-F1 that a cascade may lose on the communities that calibrate."""
LONGER = 8
"""Times the steps that a frozen encoder's head may take in the same time."""
Logits = dict[str, npt.NDArray[np.float32]]
CASCADES = {"cascade": ("frozen", "ours")}
"""Which design settles what is clear, and which reads the rest."""
USUAL = ("frozen", "bi", "cross", "ours", *CASCADES)


@dataclass(frozen=True, slots=True)
class Run:
    """One design trained and tested on one fold; `limit` 0 means all rows."""

    design: str
    fold: int
    steps: int
    layers: int
    limit: int = 0

    @property
    def name(self) -> str:
        """The same for every fold but for its end."""
        size = f"{self.layers}layers-{self.limit or 'all'}rows-{self.steps}steps"
        return f"{self.design}-{size}-fold{self.fold}"


class Bench:
    """Trains, measures and stores."""

    def __init__(self, work: Path) -> None:
        self._work, self._split = work, Split()
        self._start = unpack(packaged())
        self._known = Known(self._start).eval()
        self._closeness: dict[tuple[int, int], Closeness] = {}
        paths = [CORPUS / "charters" / f"{one}.jsonl" for one in FORMS]
        self._forms = charters_in_other_forms(scripts(), paths)

    def result(self, run: Run) -> dict[str, Any]:
        """The figures of a run, which is done now if it has not been done on these very rows."""
        path = self._path(run)
        if not path.exists():
            print(f"{run.name}:", flush=True)
            found = self._cascade(run) if run.design in CASCADES else self._train(run)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return stored

    def _path(self, run: Run) -> Path:
        return self._work / f"{run.name}-{self._split.digest}.json"

    def _train(self, run: Run) -> dict[str, Any]:
        rows, parts = self._split.training(run.fold, run.limit), self._split.parts(run.fold)
        network, seconds = self._trained(run, rows)
        logits: Logits = {}
        took: dict[str, float] = {}
        for name, part in parts.items():
            started = time.monotonic()
            logits[name] = predict(network, part)
            took[name] = time.monotonic() - started
        self._work.mkdir(parents=True, exist_ok=True)
        np.savez(self._path(run).with_suffix(".npz"), **logits)  # type: ignore[arg-type]
        probabilities = {name: _calibrated(logits, parts, name) for name in parts}
        return {
            "rows": len(rows),
            "seconds_a_step": seconds,
            "ms_a_message": 1000 * took[READ] / len(parts[READ]),
            **self._measured(run, probabilities),
        }

    def _trained(self, run: Run, rows: list[Row]) -> tuple[Network, float]:
        """The network, and the median of its seconds a step. As training.fit.fit, but for as many steps as asked."""
        plan = Plan(epochs=1, decay=SHORT)
        closeness = self._close(run, rows)
        torch.manual_seed(plan.seed)
        start = self._start
        whole = run.layers == start.layers
        network = DESIGNS[run.design](start if whole else thinned(start, run.layers)).eval()
        with halved():
            about = closeness if whole else Closeness(rows[::20], network)
        network.centre.copy_(torch.tensor(about.centre))
        steps = run.steps * (LONGER if run.design == "frozen" else 1)
        trainer, took, losses = Trainer(network, plan, [steps], run.name), [], 0.0
        network.train()
        for step, batch in enumerate(islice(self._stream(rows, plan, closeness), steps), 1):
            started = time.monotonic()
            losses += trainer.step(batch)
            took.append(time.monotonic() - started)
            if step % 50 == 0 or step == steps:
                loss = losses / ((step - 1) % 50 + 1)
                print(f"step {step}, loss {loss:.3f}, {sum(took):.0f} s", flush=True)
                losses = 0.0
        trainer.keep_mean()
        return network.eval(), float(np.median(took))

    def _close(self, run: Run, rows: list[Row]) -> Closeness:
        """By the whole encoder, for all designs alike."""
        key = run.fold, run.limit
        if key not in self._closeness:
            with halved():
                self._closeness[key] = Closeness(rows, self._known)
        return self._closeness[key]

    def _stream(self, rows: list[Row], plan: Plan, closeness: Closeness) -> Iterator[list[Row]]:
        for epoch in count():
            seed = plan.seed * 1000 + epoch
            augment = Augmenter(rows, closeness, seed, plan.chances, self._forms)
            for groups in batches(rows, plan, epoch):
                yield [row for group in groups for row in augment(group)]

    def _cascade(self, run: Run) -> dict[str, Any]:
        """One design settles what it is sure of, ours reads the rest; how sure is chosen where it calibrates."""
        first, full = (replace(run, design=design) for design in CASCADES[run.design])
        quick, slow = self.result(first), self.result(full)
        parts = self._split.parts(run.fold)
        stored = [np.load(self._path(one).with_suffix(".npz")) for one in (first, full)]
        said = {name: _calibrated(stored[0], parts, name) for name in parts}
        whole = {name: _calibrated(stored[1], parts, name) for name in parts}

        def mixed(name: str, sure: float) -> npt.NDArray[np.float64]:
            settled = said[name].max(1, keepdims=True) >= sure
            return np.where(settled, said[name], whole[name])

        def score(sure: float) -> float:
            return figures(mixed("calibration", sure), parts["calibration"])["macro_f1"] or 0.0

        least, sure = score(2.0) - LOSS, 1.0
        while sure > 0.5 and score(sure - 0.01) >= least:
            sure -= 0.01
        measured = self._measured(run, {name: mixed(name, sure) for name in parts})
        settled = {name: float((said[name].max(1) >= sure).mean()) for name in parts}
        cost = quick["ms_a_message"] + (1 - settled[READ]) * slow["ms_a_message"]
        lost = slow["parts"][READ]["macro_f1"] - measured["parts"][READ]["macro_f1"]
        extra = {"confidence": round(sure, 2), "settled": settled, "lost": lost}
        return {"rows": slow["rows"], "ms_a_message": cost, **extra, **measured}

    def _measured(self, run: Run, probabilities: dict[str, npt.NDArray[np.float64]]) -> dict[str, Any]:
        parts = self._split.parts(run.fold)
        measured = {name: figures(probabilities[name], part) for name, part in parts.items()}
        measured[PAIRS] |= flipped(probabilities[PAIRS], parts[PAIRS])
        each = figures_of_each(probabilities[READ], parts[READ])
        return {"parts": measured, "each": {name: found["macro_f1"] for name, found in each.items()}}


def _calibrated(logits: Any, parts: dict[str, list[Row]], name: str) -> npt.NDArray[np.float64]:
    temperature = best_temperature(logits["calibration"], parts["calibration"])
    return softmax(logits[name], temperature)


_COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("macro-F1", ("parts", READ, "macro_f1")),
    ("chatter", ("parts", READ, "chatter_recall")),
    ("pitches", ("parts", READ, "pitch_recall")),
    ("hard flagged", ("parts", READ, "hard_negatives_flagged")),
    ("calibration", ("parts", READ, "calibration_error")),
    ("pairs", ("parts", PAIRS, "pairs_flipped")),
    ("s a step", ("seconds_a_step",)),
    ("ms a message", ("ms_a_message",)),
    ("settled", ("settled", READ)),
    ("lost", ("lost",)),
)


def table(results: dict[Run, dict[str, Any]]) -> str:
    """Markdown: for each design the mean over its folds and, where there are several, the standard deviation."""
    groups: dict[Run, list[dict[str, Any]]] = {}
    for run, found in results.items():
        groups.setdefault(replace(run, fold=0), []).append(found)
    heads = ["design", "layers", "rows", *(name for name, _ in _COLUMNS)]
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for run, group in groups.items():
        rows = f"{np.mean([one['rows'] for one in group]):.0f}"
        cells = [run.design, str(run.layers), rows, *(_cell(group, path) for _, path in _COLUMNS)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(found: list[dict[str, Any]], path: tuple[str, ...]) -> str:
    values = [value for one in found if (value := _at(one, path)) is not None]
    if not values:
        return "-"
    spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"


def _at(found: Any, path: tuple[str, ...]) -> float | None:
    for key in path:
        found = (found or {}).get(key)
    return None if found is None else float(found)


def main() -> None:
    """Do what has not been done yet, and print all."""
    parser = argparse.ArgumentParser(prog="python -m training.compare", description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=ROOT / "out" / "compare", help="where results are kept")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=[*DESIGNS, *CASCADES], metavar="NAME", help=_names())
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[], help="about so many rows, on the first fold"
    )
    parser.add_argument(
        "--layers", type=int, nargs="+", choices=SIZES, default=[], help="so many layers, on the first fold"
    )
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    bench = Bench(arguments.work)
    results = {run: bench.result(run) for run in planned(arguments)}
    print(table(results))


def planned(arguments: argparse.Namespace) -> list[Run]:
    """All folds of every design, or of a curve its points on the first fold, ours unless others are named."""
    steps, whole = arguments.steps, SIZES[-1]
    if arguments.rows or arguments.layers:
        runs = [Run(name, 0, steps, whole) for name in arguments.only or ("ours",)]
        curves = [replace(run, limit=limit) for run in runs for limit in arguments.rows]
        return curves + [replace(run, layers=layers) for run in runs for layers in arguments.layers]
    names = arguments.only or USUAL
    return [Run(name, fold, steps, whole) for fold in range(FOLDS) for name in names]


def _names() -> str:
    return f"of {', '.join([*DESIGNS, *CASCADES])}; if none is named: {', '.join(USUAL)}"


if __name__ == "__main__":
    main()
