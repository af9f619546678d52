"""Compares designs of the classifier on one fixed split of our own communities.

python -m training.compare                             all designs on three folds
python -m training.compare --only ours cross           only these designs
python -m training.compare --rows 1500 3000 6000 12000 a curve over data, on the first fold
python -m training.compare --layers 6 12               sizes of the encoder, on the first fold

All start from the same weights and see the same batches in the same order. What is done is not done again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, count, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from training.__main__ import CORPUS, FORMS, ROOT, held_out, more, scripts
from training.augment import Augmenter, Closeness
from training.fit import Plan, Trainer, batches, halved, predict
from training.forms import charters_in_other_forms
from training.measure import best_temperature, figures, figures_of_each, flipped, softmax
from training.network import (
    CHARTER_TOKENS,
    HIDDEN,
    MESSAGE_TOKENS,
    OTHER_TOKENS,
    SHARPER,
    SLOTS,
    Network,
    Texts,
    texts_of,
)
from training.packed import Packed, packaged, unpack
from training.rows import CONTEXT, FOREIGN, LABELS, PAIR, Row, own_rows
from training.scripts import read

FOLDS = 3
SIZES = (2, 3, 4, 6, 12)
"""Layers, of which the last is the whole encoder."""
SHORT = 0.95
"""Decay of the mean of weights: over a few hundred steps the usual one would still hold half of what was there at the start."""
LONGEST = 320
"""Tokens of a sequence that has every text in it."""
LOSS = 0.005
"""Macro-F1 that a cascade may lose on the communities that calibrate."""
LONGER = 8
"""Times the steps that a frozen encoder's head may take in the same time."""
READ, PAIRS = "communities", "pairs"
EVERY = 2
"""Of the messages of communities that are held out only each second one is measured: half the time."""
Logits = dict[str, npt.NDArray[np.float32]]
_PAIRED = list(combinations(range(4), 2))
"""Of message, charter, channel and context each with each."""


class Alone(Network):
    """Reads every text alone, through all layers."""

    def through(self, states: torch.Tensor, texts: Texts) -> torch.Tensor:
        """The last states (tokens, width) from the first."""
        for layer in self.layers:
            states = layer.after(states, self._alone(layer, layer.qkv(states), texts))
        return states


class Fused(Alone):
    """A head on the vectors of texts; where nothing is learnt about them they are kept, as in running they would be."""

    def __init__(self, start: Packed, *, frozen: bool) -> None:
        super().__init__(start)
        del self.slots
        self.frozen = frozen
        if frozen:
            self.requires_grad_(requires_grad=False)
        self.head = nn.Sequential(
            nn.Dropout(0.15),
            nn.Linear((4 + len(_PAIRED)) * self.width + len(_PAIRED) + SLOTS, HIDDEN),
            nn.GELU(),
            nn.Dropout(0.1),
            nn.Linear(HIDDEN, len(LABELS)),
        )
        self._kept: dict[tuple[str, int], torch.Tensor] = {}

    def train(self, mode: bool = True) -> Fused:
        """A frozen encoder reads without dropout, always."""
        super().train(mode and not self.frozen)
        self.head.train(mode)
        if not self.frozen:
            self._kept = {}
        return self

    def judged(self, rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        """As Network's."""
        messages = [(row.text, MESSAGE_TOKENS) for row in rows]
        vectors = self._vectors({*messages, *(text for row in rows for text in texts_of(row))})
        own = torch.stack([vectors[text] for text in messages])
        logits = self.head(_compared(own, *self._fixed(rows, vectors)))
        return logits, own, {row.purpose: vectors[row.purpose, CHARTER_TOKENS] for row in rows if row.purpose}

    def _vectors(self, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], torch.Tensor]:
        learning = self.training and not self.frozen
        fresh = sorted(
            (text for text in wanted if text not in self._kept),
            key=lambda text: (len(self._cut(*text)), text),
        )
        if not fresh:
            return self._kept
        with torch.set_grad_enabled(learning):
            texts = Texts.of([self._cut(*text) for text in fresh])
            found = dict(zip(fresh, self._unit(self.through(self._embed(texts), texts), texts), strict=True))
        if learning:
            return found
        self._kept |= found
        return self._kept


def _compared(message: torch.Tensor, fixed: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """The vectors of message, charter, channel and context, their products and cosines; takes what Head takes."""
    lines = fixed[:, 2:].sum(1) / there[:, 2:].sum(1, keepdim=True).clamp(min=1)
    parts = torch.stack([message, fixed[:, 0], fixed[:, 1], lines], 1) * message.shape[1] ** 0.5
    one, other = zip(*_PAIRED, strict=True)
    products = parts[:, list(one)] * parts[:, list(other)]
    return torch.cat([parts.flatten(1), products.flatten(1), products.mean(2) * SHARPER, there], 1)


class Cross(Alone):
    """Charter, channel, context and message read as one sequence; a head on the first token and on the mean."""

    def __init__(self, start: Packed) -> None:
        super().__init__(start)
        places = start.tensors["embeddings.position_embeddings.weight"][:LONGEST]
        kind = start.tensors["embeddings.token_type_embeddings.weight"][0]
        self.positions = nn.Parameter(torch.tensor(places + kind), requires_grad=False)
        self.slots = nn.Parameter(torch.randn(SLOTS + 1, self.width) * 0.02)
        self.head = nn.Sequential(
            nn.LayerNorm(2 * self.width),
            nn.Dropout(0.15),
            nn.Linear(2 * self.width, HIDDEN),
            nn.GELU(),
            nn.Dropout(0.1),
            nn.Linear(HIDDEN, len(LABELS)),
        )

    def judged(self, rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        """Logits (rows, 3). There are no vectors of single texts, so nothing for the second loss."""
        found = [self.sequence(row) for row in rows]
        order = sorted(range(len(rows)), key=lambda place: len(found[place][0]))
        texts = Texts.of([found[place][0] for place in order])
        slots = torch.tensor([slot for place in order for slot in found[place][1]])
        states = self.through(self._embed(texts) + functional.embedding(slots, self.slots), texts)
        logits = self.head(self._pooled(states, texts).float())
        back = torch.argsort(torch.tensor(order))
        return logits[back], logits.new_zeros(len(rows), self.width), {}

    def sequence(self, row: Row) -> tuple[list[int], list[int]]:
        """Tokens, and what each belongs to. Of what is too long the older context goes first, the message last."""
        context = (*row.context, *[""] * CONTEXT)[:CONTEXT]
        texts = [(row.text, MESSAGE_TOKENS), (row.purpose, CHARTER_TOKENS)]
        texts += [(text, OTHER_TOKENS) for text in (row.channel, *context)]
        left, parts = LONGEST - 1, []
        for place, (text, longest) in enumerate(texts):
            room = left - (len(texts) - 1 - place)
            cut = self._cut(text, min(longest, room + 1))
            parts.append(cut[1:] if text else cut[-1:])
            left -= len(parts[-1])
        order = [1, 2, *reversed(range(3, len(texts))), 0]
        ids = [number for place in order for number in parts[place]]
        return [0, *ids], [0, *(place for place in order for _ in parts[place])]


class Known(Network):
    """The starting encoder, which reads each text once for all folds."""

    def __init__(self, start: Packed) -> None:
        super().__init__(start)
        self._known: dict[str, torch.Tensor] = {}

    def means(self, texts: Sequence[str]) -> torch.Tensor:
        """As Network's."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._known]:
            self._known.update(zip(new, super().means(new), strict=True))
        return torch.stack([self._known[text] for text in texts])


DESIGNS: dict[str, Callable[[Packed], Network]] = {
    "frozen": partial(Fused, frozen=True),
    "bi": partial(Fused, frozen=False),
    "cross": Cross,
    "ours": Network,
}
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


class Split:
    """Our own rows in three folds; six communities calibrate and are in none."""

    def __init__(self) -> None:
        own = own_rows(scripts())
        self.calibration, _ = held_out(own)
        self.rows = [*own, *more(own)]
        self.fold = {row.community: FOLDS for row in self.calibration}
        self.fold |= folds(set(self.fold))
        for row in self.rows:
            if row.subtype != FOREIGN:
                self.fold.setdefault(row.community, int(_hash(row.community), 16) % FOLDS)
        said = [f"{row.id}{row.label}{row.text}{row.purpose}{row.channel}{row.context}" for row in self.rows]
        self.digest = _hash(*sorted(said), *map(str, sorted(self.fold.items())))[:8]

    def training(self, fold: int, limit: int = 0) -> list[Row]:
        """Rows none of whose communities is held out; with `limit` of whole communities until there are so many."""
        mine = {name for name, number in self.fold.items() if number not in (fold, FOLDS)}
        if limit:
            sizes = Counter(row.community for row in self.rows)
            names = sorted(mine, key=_hash)
            ends = np.cumsum([sizes[name] for name in names])
            mine = set(names[: int(np.searchsorted(ends, limit)) + 1])
        return [row for row in self.rows if homes(row) <= mine]

    def parts(self, fold: int) -> dict[str, list[Row]]:
        """What is measured: rows all of whose communities are held out, and those that calibrate."""
        held = {name for name, number in self.fold.items() if number == fold}
        found: dict[str, list[Row]] = {"calibration": self.calibration}
        found |= {READ: [], PAIRS: []}
        for row in self.rows:
            if homes(row) <= held and row.subtype == PAIR:
                found[PAIRS].append(row)
            elif row.place and row.community in held:
                found[READ].append(row)
        found[READ] = found[READ][::EVERY]
        return found


def folds(without: set[str]) -> dict[str, int]:
    """The fold of each other community that has a script: every language is dealt out in turn."""
    languages = {path.stem: read(path).language for path in scripts() if path.stem not in without}
    ordered = sorted(languages, key=lambda name: (languages[name], _hash(name)))
    return {name: place % FOLDS for place, name in enumerate(ordered)}


def homes(row: Row) -> set[str]:
    """The communities that the row's message and charter are from; of a pair or a single message its own name."""
    if row.subtype != FOREIGN:
        return {row.community}
    message, _, charter = row.id.rpartition("@")
    return {message.rpartition("-")[0], charter}


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def thinned(start: Packed, layers: int) -> Packed:
    """The encoder with so many of its layers, evenly taken, the last among them."""
    apart = start.layers // layers
    tensors = {name: value for name, value in start.tensors.items() if not name.startswith("encoder.")}
    for new, old in enumerate(range(apart - 1, start.layers, apart)):
        before = f"encoder.layer.{old}."
        tensors |= {
            name.replace(before, f"encoder.layer.{new}."): value
            for name, value in start.tensors.items()
            if name.startswith(before)
        }
    return replace(start, tensors=tensors, layers=layers)


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
