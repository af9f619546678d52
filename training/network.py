"""The network: a text encoder whose upper layers also look at charter, channel and context, token by token.

Every text is read alone through all layers. A message goes through the upper ones a second time, and there each of its
tokens attends to its own neighbours and to the keys and values that the other texts left in the same layer. So the
charter is read as closely as by a cross-encoder, but each text is encoded once and its keys and values are kept, as in
MacAvaney et al., "Efficient Document Re-Ranking for Transformers by Precomputing Term Representations", 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import nn
from torch.nn import functional

from moderation.classifier.spelling import respell
from training.packed import Packed
from training.rows import CONTEXT, LABELS, Row

MESSAGE_TOKENS, CHARTER_TOKENS, OTHER_TOKENS = 96, 176, 56
POSITIONS = 192
SLOTS = 2 + CONTEXT
"""Charter, channel, and context lines from the newest on."""
COMPARED = SLOTS + 2 * CONTEXT
"""Message with each of these; charter and channel with each context line."""
HIDDEN = 192
SHARPER = 5.0
"""Brings cosines to the size of the head's other inputs."""
SHORT = 32
"""Tokens up to which texts are read together: little is padded."""
_MASKED = -30_000.0


class Layer(nn.Module):
    """One layer of BERT, with attention taken apart from the rest so that a caller can widen it."""

    def __init__(self, width: int, heads: int, inner: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.first_norm = nn.LayerNorm(width, epsilon)
        self.inner = nn.Linear(width, inner)
        self.outer = nn.Linear(inner, width)
        self.second_norm = nn.LayerNorm(width, epsilon)
        self.dropout = nn.Dropout(0.1)

    def attention(
        self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """(texts, tokens, width) for queries (texts, tokens, width), keys and values (texts, others, width).

        `mask` (texts, others) is true where there is something to attend to.
        """
        query, key, value = (self._split(part) for part in (query, key, value))
        weights = torch.matmul(query * query.shape[-1] ** -0.5, key.transpose(-1, -2))
        if mask is not None:
            weights = (
                weights
                + torch.zeros_like(mask, dtype=weights.dtype).masked_fill(~mask, _MASKED)[:, None, None]
            )
        mixed = torch.matmul(functional.softmax(weights, -1, dtype=weights.dtype), value)
        return mixed.transpose(1, 2).flatten(2)

    def after(self, states: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
        """All that follows attention."""
        states = self.first_norm(states + self.attended(attended))
        widened = functional.gelu(self.inner(states))
        result: torch.Tensor = self.second_norm(states + self.dropout(self.outer(widened)))
        return result

    def _split(self, part: torch.Tensor) -> torch.Tensor:
        return part.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Compared(nn.Module):
    """How close texts are: message with charter, channel and context, and the first two with each context line.

    From unit vectors of messages (rows, width) and of what stands beside them (rows, 5, width), and `there` (rows, 5), 1 where
    there is such a text and 0 where not, to (rows, `inputs`).
    """

    inputs = COMPARED + SLOTS

    def forward(self, message: torch.Tensor, fixed: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        own = (fixed * message[:, None]).sum(-1)
        lines = fixed[:, 2:]
        context = [(lines * fixed[:, place, None]).sum(-1) * there[:, place, None] for place in (0, 1)]
        close = torch.cat([own * there, *(one * there[:, 2:] for one in context)], 1) * SHARPER
        return torch.cat([close, there], 1)


class Head(nn.Module):
    """From a message's states and from the closeness of whole texts to logits.

    The states have read the other texts word by word; the closeness is what the encoder brings along from its first
    training, and says best whether a subject is the charter's (measured on pairs: docs/decisions/0006).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.LayerNorm(2 * width), nn.Dropout(0.15), nn.Linear(2 * width, HIDDEN))
        self.compared = Compared()
        self.close = nn.Linear(Compared.inputs, HIDDEN)
        self.out = nn.Sequential(nn.GELU(), nn.Dropout(0.1), nn.Linear(HIDDEN, len(LABELS)))

    def forward(
        self, pooled: torch.Tensor, message: torch.Tensor, fixed: torch.Tensor, there: torch.Tensor
    ) -> torch.Tensor:
        """Logits (rows, 3).

        `pooled` (rows, 2 * width); `message` (rows, width) and `fixed` (rows, 5, width) are unit vectors of the message, and of
        charter, channel and context; `there` (rows, 5) is 1 where there is such a text and 0 where not.
        """
        close = self.close(self.compared(message, fixed, there))
        result: torch.Tensor = self.out(self.read(pooled) + close)
        return result

    def lean(self, by: Sequence[float]) -> None:
        """Add to the logits, one number a label."""
        with torch.no_grad():
            self.out[-1].bias += torch.tensor(by)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of several lengths as one row of tokens: `places` (texts, longest) points into it, its end means padding."""

    ids: list[list[int]]
    places: torch.Tensor
    count: int

    @classmethod
    def of(cls, ids: list[list[int]]) -> Texts:
        count = sum(map(len, ids))
        places = torch.full((len(ids), max(map(len, ids))), count)
        start = 0
        for row, one in enumerate(ids):
            places[row, : len(one)] = torch.arange(start, start + len(one))
            start += len(one)
        return cls(ids, places, count)

    @property
    def mask(self) -> torch.Tensor:
        return self.places < self.count


class Network(nn.Module):
    """The encoder and its two heads."""

    def __init__(self, start: Packed) -> None:
        super().__init__()
        tensors = {name: torch.tensor(value) for name, value in start.tensors.items()}
        words = tensors["embeddings.word_embeddings.weight"]
        self.width, self.split = words.shape[1], start.layers // 2
        self.start = start
        self.tokenizer = tokenizer_of(start)
        self.words = nn.Embedding.from_pretrained(words, freeze=True)
        positions = tensors["embeddings.position_embeddings.weight"][:POSITIONS]
        self.positions = nn.Parameter(
            positions + tensors["embeddings.token_type_embeddings.weight"][0], requires_grad=False
        )
        self.norm = nn.LayerNorm(self.width, start.epsilon)
        inner = tensors["encoder.layer.0.intermediate.dense.weight"].shape[0]
        self.layers = nn.ModuleList(
            Layer(self.width, start.heads, inner, start.epsilon) for _ in range(start.layers)
        )
        self._load(tensors)
        self.slots = nn.Parameter(torch.randn(start.layers - self.split, SLOTS, 2 * self.width) * 0.02)
        self.register_buffer("centre", torch.zeros(self.width))
        self.head = Head(self.width)
        self.dropout = nn.Dropout(0.1)
        self._ids: dict[tuple[str, int], list[int]] = {}

    def _load(self, tensors: dict[str, torch.Tensor]) -> None:
        def fill(module: nn.Module, name: str) -> None:
            module.load_state_dict({"weight": tensors[f"{name}.weight"], "bias": tensors[f"{name}.bias"]})

        fill(self.norm, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            start = f"encoder.layer.{number}"
            parts = [f"{start}.attention.self.{part}" for part in ("query", "key", "value")]
            layer.qkv.load_state_dict(
                {end: torch.cat([tensors[f"{part}.{end}"] for part in parts]) for end in ("weight", "bias")}
            )
            fill(layer.attended, f"{start}.attention.output.dense")
            fill(layer.first_norm, f"{start}.attention.output.LayerNorm")
            fill(layer.inner, f"{start}.intermediate.dense")
            fill(layer.outer, f"{start}.output.dense")
            fill(layer.second_norm, f"{start}.output.LayerNorm")

    def forward(self, rows: Sequence[Row]) -> torch.Tensor:
        """Logits (rows, 3)."""
        return self.judged(rows)[0]

    def judged(self, rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
        """Logits (rows, 3), unit vectors of the messages (rows, width), and those of the charters (width) by text."""
        others = {text: None for row in rows for text in texts_of(row)}
        keys = sorted(others, key=lambda text: len(self._cut(*text)))
        read = Texts.of([self._cut(*text) for text in keys])
        messages = Texts.of([self._cut(row.text, MESSAGE_TOKENS) for row in rows])
        look, slots = _looked_at(rows, keys, read)
        states, other = self._embed(messages), self._embed(read)
        alone = states
        for number, layer in enumerate(self.layers):
            # The lower layers learn from the messages; a gradient through every other text would cost twice the time.
            with torch.no_grad() if number < self.split else nullcontext():
                kept = layer.qkv(other)
                other = layer.after(other, self._alone(layer, kept, read))
            own = _padded(layer.qkv(states), messages)
            query, key, value = own.split(self.width, -1)
            mask = messages.mask
            if number >= self.split:
                slot = functional.embedding(slots, self.slots[number - self.split]).to(kept.dtype)
                extra = functional.embedding(look.clamp(max=read.count - 1), kept[:, self.width :]) + slot
                more_keys, more_values = extra.split(self.width, -1)
                key, value = torch.cat([key, more_keys], 1), torch.cat([value, more_values], 1)
                mask = torch.cat([mask, look < read.count], 1)
                alone = layer.after(alone, self._alone(layer, layer.qkv(alone), messages))
            states = layer.after(states, layer.attention(query, key, value, mask)[messages.mask])
            if number + 1 == self.split:
                alone = states
        vectors = dict(zip(keys, self._unit(other, read), strict=True))
        own = self._unit(alone, messages)
        fixed, there = self._fixed(rows, vectors)
        logits = self.head(self._pooled(states, messages).float(), own, fixed, there)
        charters = {row.purpose: vectors[row.purpose, CHARTER_TOKENS] for row in rows if row.purpose}
        return logits, own, charters

    def _unit(self, states: torch.Tensor, texts: Texts) -> torch.Tensor:
        """Unit vectors (texts, width) around the common centre."""
        mean = self._pooled(states, texts)[:, self.width :].float()
        return functional.normalize(mean - self.centre, dim=1)

    def _fixed(
        self, rows: Sequence[Row], vectors: dict[tuple[str, int], torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        zero = self.centre.new_zeros(self.width)
        parts, there = [], torch.zeros(len(rows), SLOTS)
        for place, row in enumerate(rows):
            found = [zero] * SLOTS
            for slot, key in slots_of(row):
                found[slot], there[place, slot] = vectors[key], 1.0
            parts.append(torch.stack(found))
        return torch.stack(parts), there

    def means(self, texts: Sequence[str]) -> torch.Tensor:
        """Means (texts, width) of the last states of texts read alone."""
        read = Texts.of([self._cut(text, OTHER_TOKENS) for text in texts])
        states = self._embed(read)
        for layer in self.layers:
            states = layer.after(states, self._alone(layer, layer.qkv(states), read))
        return self._pooled(states, read)[:, self.width :].float()

    def _embed(self, texts: Texts) -> torch.Tensor:
        flat = torch.tensor([number for one in texts.ids for number in one])
        places = torch.tensor([place for one in texts.ids for place in range(len(one))])
        result: torch.Tensor = self.dropout(self.norm(self.words(flat) + self.positions[places]))
        return result

    def _alone(self, layer: nn.Module, kept: torch.Tensor, texts: Texts) -> torch.Tensor:
        """Each text attends to itself; short and long ones apart (they come sorted when there are many)."""
        short = next((n for n, one in enumerate(texts.ids) if len(one) > SHORT), len(texts.ids))
        parts: list[torch.Tensor] = []
        for start, end in ((0, short), (short, len(texts.ids))):
            if start < end:
                longest = max(map(len, texts.ids[start:end]))
                part = Texts(texts.ids[start:end], texts.places[start:end, :longest], texts.count)
                query, key, value = _padded(kept, part).split(self.width, -1)
                parts.append(layer.attention(query, key, value, part.mask)[part.mask])
        return torch.cat(parts)

    def _pooled(self, states: torch.Tensor, texts: Texts) -> torch.Tensor:
        padded = _padded(states, texts)
        return torch.cat([padded[:, 0], padded.sum(1) / texts.mask.sum(1, keepdim=True)], 1)

    def _cut(self, text: str, longest: int) -> list[int]:
        found = self._ids.get((text, longest))
        if found is None:
            found = self.tokenizer.encode(respell(text, self.tokenizer) or " ").ids
            if len(found) > longest:
                found = [*found[: longest - 1], found[-1]]
            self._ids[text, longest] = found
        return found


def tokenizer_of(start: Packed) -> Tokenizer:
    """The tokenizer for the pieces that were kept; everything is read in lower case."""
    tokenizer = Tokenizer(models.Unigram(start.pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def slots_of(row: Row) -> list[tuple[int, tuple[str, int]]]:
    """Slot, text and its longest length, of everything that is read beside the message."""
    texts = [(0, (row.purpose, CHARTER_TOKENS)), (1, (row.channel, OTHER_TOKENS))]
    texts += [(2 + place, (line, OTHER_TOKENS)) for place, line in enumerate(row.context)]
    return [(slot, text) for slot, text in texts if text[0]]


def texts_of(row: Row) -> list[tuple[str, int]]:
    return [text for _, text in slots_of(row)] or [(" ", OTHER_TOKENS)]


def _looked_at(
    rows: Sequence[Row], keys: Sequence[tuple[str, int]], read: Texts
) -> tuple[torch.Tensor, torch.Tensor]:
    """Which tokens of `read` each row looks at (rows, most), and in which slot they stand for it."""
    where = {key: read.places[number, : len(read.ids[number])] for number, key in enumerate(keys)}
    parts = [[(slot, where[text]) for slot, text in slots_of(row)] for row in rows]
    most = max(1, *(sum(len(places) for _, places in part) for part in parts))
    look = torch.full((len(rows), most), read.count)
    slots = torch.zeros((len(rows), most), dtype=torch.long)
    for row, part in enumerate(parts):
        at = 0
        for slot, places in part:
            look[row, at : at + len(places)] = places
            slots[row, at : at + len(places)] = slot
            at += len(places)
    return look, slots


def _padded(flat: torch.Tensor, texts: Texts) -> torch.Tensor:
    """Rows of tokens (texts, longest, width), zero where a text has ended."""
    return functional.embedding(texts.places, torch.cat([flat, flat.new_zeros(1, flat.shape[1])]))
