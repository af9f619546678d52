"""The first tier: what already stands fast when a message has been read, before it is read beside the others.

From the vector of the message and its closeness to charter, channel and context alone. It may only settle that a message belongs: so it
can never flag anybody, and what it settles costs half. It is fitted to the vectors of the model that ships, 8-bit weights and all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from moderation.classifier.encoder import Encoder
from moderation.classifier.folder import FIRST, NEVER, open_folder
from moderation.classifier.local import LocalClassifier
from moderation.labels import Label
from training.export import OPSET, put
from training.measure import softmax
from training.network import MESSAGE_TOKENS, SHARPER, SLOTS, Compared, slots_of
from training.rows import LABELS, Row, question_of

HIDDEN = 128
EPOCHS, BATCH, RATE, SMOOTHING = 8, 256, 2e-3, 0.02
READ_AT_ONCE = 256
DIFFERS = 0.01
"""Of what it settles on held-out communities, the share that the last tier may call otherwise."""
LEAST = 0.6
"""Probability from which on it may settle anything at all."""
Array = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


class First(nn.Module):
    """Logits (rows, 3) of unit vectors (rows, width), those beside them (rows, 5, width), and which are there (rows, 5)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.compared = Compared()
        self.inner = nn.Linear(width + Compared.inputs, HIDDEN)
        self.out = nn.Sequential(nn.GELU(), nn.Dropout(0.2), nn.Linear(HIDDEN, len(LABELS)))

    def forward(self, vectors: torch.Tensor, fixed: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        close = self.compared(vectors, fixed, there)
        result: torch.Tensor = self.out(self.inner(torch.cat([vectors * SHARPER, close], 1)))
        return result


@dataclass(frozen=True, slots=True)
class Vectors:
    """What is known of rows when their texts have been read, each text once.

    `table` (texts + 1, width) ends with a row of zeros; `own` (rows) and `beside` (rows, 5) point into it, -1 at that end.
    """

    table: Array
    own: Indices
    beside: Indices

    @classmethod
    def of(cls, rows: Sequence[Row], encoder: Encoder) -> Vectors:
        """Read all texts of the rows."""
        number: dict[tuple[str, int], int] = {}
        own = [number.setdefault((row.text, MESSAGE_TOKENS), len(number)) for row in rows]
        beside = np.full((len(rows), SLOTS), -1)
        for place, row in enumerate(rows):
            for slot, text in slots_of(row):
                beside[place, slot] = number.setdefault(text, len(number))
        texts = list(number)
        parts = [texts[start : start + READ_AT_ONCE] for start in range(0, len(texts), READ_AT_ONCE)]
        with ThreadPoolExecutor(torch.get_num_threads()) as workers:
            read = workers.map(lambda part: [one.vector for one in encoder.read_all(part, keep=False)], parts)
            table = np.stack([vector for part in read for vector in part])
        return cls(np.concatenate([table, np.zeros_like(table[:1])]), np.array(own), beside)

    def batch(self, places: Indices | slice) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """These rows as a network takes them."""
        beside = self.beside[places]
        parts = (self.table[self.own[places]], self.table[beside], (beside >= 0).astype(np.float32))
        own, fixed, there = (torch.from_numpy(part) for part in parts)
        return own, fixed, there


def add_first_tier(
    folder: Path, rows: Sequence[Row], calibration: Sequence[Row], logits: Array, seed: int = 0
) -> dict[str, float]:
    """Fit a first tier and put it into a model folder.

    From which probability on it settles is chosen on the calibration rows, of which `logits` (rows, 3) are the last tier's. Returns
    that probability, the share of these rows that it settles, and of those the shares that the last tier calls otherwise and that
    are chatter or a pitch.
    """
    encoder = Encoder(open_folder(folder))
    first = _fitted(Vectors.of(rows, encoder), rows, seed)
    held_out = Vectors.of(calibration, encoder)
    with torch.no_grad():
        shares = softmax(first(*held_out.batch(slice(None))).numpy())[:, 0]
    otherwise = logits.argmax(1) != LABELS.index("on_topic")
    settles_from = _threshold(shares, otherwise)
    settled = shares >= settles_from
    wrong = np.array([row.label != "on_topic" for row in calibration])
    if settles_from < NEVER:
        with tempfile.TemporaryDirectory() as place:
            _export(first, held_out, Path(place) / FIRST)
            put(folder, FIRST, (Path(place) / FIRST).read_bytes(), settles_from=settles_from)
    return {
        "settles_from": settles_from,
        "settled": float(settled.mean()),
        "called_otherwise": float(otherwise[settled].mean()) if settled.any() else 0.0,
        "wrong": float(wrong[settled].mean()) if settled.any() else 0.0,
    }


def _fitted(vectors: Vectors, rows: Sequence[Row], seed: int) -> First:
    torch.manual_seed(seed)
    first = First(vectors.table.shape[1])
    labels = torch.tensor([LABELS.index(row.label) for row in rows])
    optimizer = torch.optim.AdamW(first.parameters(), lr=RATE, weight_decay=0.05)
    steps = EPOCHS * -(-len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for _ in range(EPOCHS):
        order = torch.randperm(len(rows)).numpy()
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            logits = first(*vectors.batch(places))
            loss = functional.cross_entropy(logits, labels[places], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return first.eval()


def _threshold(shares: npt.NDArray[np.float64], otherwise: npt.NDArray[np.bool_]) -> float:
    """The least probability of on topic from which on the last tier calls so few otherwise; `NEVER` where there is none."""
    order = np.argsort(-shares)
    differing = np.cumsum(otherwise[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(differing <= DIFFERS)
    return max(LEAST, round(float(shares[order[good[-1]]]), 4)) if len(good) else NEVER


def _export(first: First, example: Vectors, path: Path) -> None:
    names = ["vectors", "fixed", "there"]
    torch.onnx.export(
        first,
        example.batch(slice(0, 2)),
        str(path),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={name: {0: "texts"} for name in [*names, "logits"]},
        dynamo=False,
        opset_version=OPSET,
    )


def shares_by(folder: Path, rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """Probabilities (rows, 3) as the model of a folder gives them, first tier, 8-bit weights and all."""
    classifier = LocalClassifier(open_folder(folder), threads=torch.get_num_threads())
    verdicts = classifier.judge_now([question_of(row) for row in rows])
    classifier.close()
    return np.array([[verdict.probabilities.of(label) for label in Label] for verdict in verdicts])
