"""Designs of the classifier that are compared with ours: vectors fused by a head, and a cross-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

import torch
from torch import nn
from torch.nn import functional

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
from training.packed import Packed
from training.rows import CONTEXT, LABELS, Row

LONGEST = 320
"""Tokens of a sequence that has every text in it."""
Designs = dict[str, Callable[[Packed], Network]]
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


DESIGNS: Designs = {
    "frozen": partial(Fused, frozen=True),
    "bi": partial(Fused, frozen=False),
    "cross": Cross,
    "ours": Network,
}


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
