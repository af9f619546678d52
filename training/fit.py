"""Training on two cores: seeded, resumable at each epoch."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from training.augment import Augmenter
from training.network import OTHER_TOKENS, Network
from training.rows import LABELS, Row

REFRESH = 16
"""Batches for which charters, channels and context lines are read at a time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is trained.

    Of the rows that we did not write, `share_of_others` is drawn anew for each epoch, at `weight_of_others`.
    """

    epochs: int = 3
    batch: int = 24
    rate: float = 5e-5
    fusion_rate: float = 5e-4
    smoothing: float = 0.06
    weight_of_others: float = 0.3
    share_of_others: float = 0.1
    seed: int = 0


def fit(
    rows: Sequence[Row], plan: Plan, checkpoint: Path | None = None, log: Callable[[str], None] = print
) -> Network:
    """Train a network on rows; with `checkpoint`, go on from the last whole epoch stored there."""
    torch.manual_seed(plan.seed)
    network = Network()
    purposes = list(dict.fromkeys(row.purpose for row in rows))
    with torch.no_grad():
        vectors = network.vectors(purposes, OTHER_TOKENS).numpy()
    augment = Augmenter(rows, purposes, vectors, plan.seed)
    own, others = [row for row in rows if row.own], [row for row in rows if not row.own]
    drawn = int(len(others) * plan.share_of_others)
    trainer = _Trainer(network, plan, len(own) + drawn)
    for epoch in range(trainer.resume(checkpoint), plan.epochs):
        chance = random.Random(plan.seed * 1000 + epoch)
        order = chance.sample(others, drawn) + own
        started, losses = time.monotonic(), 0.0
        network.train()
        step = 0
        for batches in _chunks(_batches(order, plan.batch, chance), REFRESH):
            read = [[augment(row) for row in batch] for batch in batches]
            # Read once for a few batches; once an epoch would teach products of new vectors with old ones.
            others_read = network.fixed(text for batch in read for text in _others_of(batch))
            for batch in read:
                step += 1
                losses += trainer.step(batch, others_read)
                if step % 50 == 0:
                    took = time.monotonic() - started
                    log(
                        f"epoch {epoch + 1}/{plan.epochs}, step {step}, loss {losses / step:.3f}, {took:.0f} s"
                    )
        trainer.save(checkpoint, epoch + 1)
    return network.eval()


def _others_of(rows: Sequence[Row]) -> Iterator[str]:
    """Everything that is read beside the messages."""
    for row in rows:
        yield from (row.purpose, row.channel, *row.context)


def _chunks(batches: Sequence[list[Row]], size: int) -> Iterator[Sequence[list[Row]]]:
    for start in range(0, len(batches), size):
        yield batches[start : start + size]


def _batches(rows: list[Row], size: int, chance: random.Random) -> list[list[Row]]:
    """Batches of rows in random order.

    Batches of equal length would be quicker, but length goes with the label: each would pull the other way (measured:
    0.83 instead of 0.88 on the samples). The network sorts inside a batch instead.
    """
    chance.shuffle(rows)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def predict(network: Network, rows: Sequence[Row], batch: int = 48) -> npt.NDArray[np.float32]:
    """Logits (rows, 3), without any training."""
    network.eval()
    others = network.fixed(_others_of(rows))
    with torch.no_grad():
        parts = [
            network.logits(rows[start : start + batch], others).numpy()
            for start in range(0, len(rows), batch)
        ]
    return np.concatenate(parts)


class _Trainer:
    def __init__(self, network: Network, plan: Plan, rows: int) -> None:
        self._network, self._plan = network, plan
        # Word vectors stay: they are half of the weights and would only learn our corpus' words.
        for parameter in network.encoder.embeddings.parameters():
            parameter.requires_grad = False
        encoder = [parameter for parameter in network.encoder.parameters() if parameter.requires_grad]
        groups = [
            {"params": encoder, "lr": plan.rate},
            {"params": list(network.fusion.parameters()), "lr": plan.fusion_rate},
        ]
        self._optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        steps = plan.epochs * -(-rows // plan.batch)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: min(1.0, step / (0.06 * steps + 1)) * max(0.02, 1 - step / steps)
        )

    def step(self, batch: Sequence[Row], others: Mapping[str, torch.Tensor]) -> float:
        """One step; returns the loss."""
        weights = torch.tensor([1.0 if row.own else self._plan.weight_of_others for row in batch])
        wanted = torch.tensor([LABELS.index(row.label) for row in batch])
        losses = functional.cross_entropy(
            self._network.logits(batch, others),
            wanted,
            label_smoothing=self._plan.smoothing,
            reduction="none",
        )
        loss = (losses * weights).sum() / weights.sum()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())

    def save(self, checkpoint: Path | None, epoch: int) -> None:
        """Store everything that the next epoch needs."""
        if checkpoint is None:
            return
        state = {
            "epoch": epoch,
            "network": self._network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "chance": torch.get_rng_state(),
        }
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, checkpoint)

    def resume(self, checkpoint: Path | None) -> int:
        """Go on from a stored epoch; 0 without one."""
        if checkpoint is None or not checkpoint.exists():
            return 0
        state = torch.load(checkpoint, weights_only=True)
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["chance"])
        return int(state["epoch"])
