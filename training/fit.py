"""Training on two cores: seeded, resumable at each epoch."""

from __future__ import annotations

import hashlib
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from training.augment import Augmenter, Chances, Closeness
from training.forms import Forms
from training.network import Network
from training.packed import packaged, unpack
from training.rows import FOREIGN, LABELS, ONCE, PAIR, ROOMS, Row

REST, WHOLE = "rest", "whole"
"""What a part of is drawn for each epoch, and what is read whole (of others' rows a part has been drawn before)."""
APART = 0.1
"""Temperature of the cosines between posts and charters."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is trained.

    A batch has `groups` groups of `together` rows of one community each, which share the reading of its charter. For each
    epoch `share_of_others` of the rows that we did not write is drawn anew, at `weight_of_others`, and so are `share_of_once`
    of the readings under charters that come once and `share_of_foreign` of the messages under another community's charter
    (most are casual talk there: with all of them too much of what belongs is flagged). In the first `own_epochs` nothing is read
    that others wrote, nor what was read under charters for it: their end says how it does on sources that it never saw.
    `share_of_rest` is drawn of what is left but rooms, of which all are read. Where a training goes on from another, the weights
    are mixed in the end, `share_of_new` of the new ones.
    `decay` is that of the running mean of the weights, which is what is kept in the end; `weight_of_charters` that of finding
    one's charter.
    """

    epochs: int = 4
    own_epochs: int = 2
    groups: int = 8
    together: int = 4
    rate: float = 6e-5
    head_rate: float = 6e-4
    smoothing: float = 0.05
    weight_of_others: float = 0.6
    share_of_others: float = 0.25
    share_of_once: float = 0.45
    share_of_foreign: float = 0.15
    weight_of_reading: float = 0.4
    weight_of_charters: float = 0.2
    share_of_rest: float = 1.0
    share_of_new: float = 0.7
    decay: float = 0.997
    seed: int = 0
    chances: Chances = field(default_factory=Chances)


def fit(
    rows: Sequence[Row],
    plan: Plan,
    checkpoint: Path | None = None,
    *,
    forms: Forms | None = None,
    start: Path | None = None,
    log: Callable[[str], None] = print,
) -> Network:
    """Train a network on rows; with `checkpoint`, go on from the last whole epoch stored there.

    It begins with the packaged encoder, or with the network of the checkpoint `start`. What was learnt from our own rows alone is
    stored beside `checkpoint` (`of_own_rows`).
    """
    torch.manual_seed(plan.seed)
    network = Network(unpack(packaged())).eval()
    with halved():
        closeness = Closeness(rows, network)
    network.centre.copy_(torch.tensor(closeness.centre))
    if start is not None:
        network = stored(start)
    trainer = Trainer(
        network,
        plan,
        [sum(1 for _ in batches(rows, plan, epoch)) for epoch in range(plan.epochs)],
        _run(rows, plan),
    )
    for epoch in range(trainer.resume(checkpoint), plan.epochs):
        read = _read_in(rows, plan, epoch)
        augment = Augmenter(read, closeness, plan.seed * 1000 + epoch, plan.chances, forms)
        started, losses = time.monotonic(), 0.0
        network.train()
        for step, groups in enumerate(batches(rows, plan, epoch), 1):
            losses += trainer.step([row for group in groups for row in augment(group)])
            if step % 50 == 0:
                took = time.monotonic() - started
                log(f"epoch {epoch + 1}/{plan.epochs}, step {step}, loss {losses / 50:.3f}, {took:.0f} s")
                losses = 0.0
        if checkpoint is not None and epoch + 1 == plan.own_epochs:
            trainer.save(of_own_rows(checkpoint), epoch + 1)
        trainer.save(checkpoint, epoch + 1)
    trainer.keep_mean()
    if start is not None:
        _mix(network, stored(start), plan.share_of_new)
    return network.eval()


def _mix(network: Network, before: Network, share: float) -> None:
    """Weights between those before and those after going on: what was learnt is kept, little of the old is lost.

    Wortsman et al., "Robust fine-tuning of zero-shot models", 2022.
    """
    with torch.no_grad():
        for weight, old in zip(network.parameters(), before.parameters(), strict=True):
            weight.lerp_(old, 1 - share)


def _run(rows: Sequence[Row], plan: Plan) -> str:
    """What makes a training this one: going on with other rows or another plan would mix two."""
    names = "\n".join(row.id for row in rows)
    return hashlib.sha256(f"{plan}\n{names}".encode()).hexdigest()


def of_own_rows(checkpoint: Path) -> Path:
    """Where the network stands that has read only what we wrote."""
    return checkpoint.with_stem(f"{checkpoint.stem}-own-rows")


def stored(checkpoint: Path) -> Network:
    """The network of a checkpoint, with the mean of its latest weights."""
    network = Network(unpack(packaged()))
    state = torch.load(checkpoint, weights_only=True)
    network.load_state_dict(state["network"])
    _take(network, state["mean"])
    return network.eval()


def _take(network: Network, mean: Sequence[torch.Tensor]) -> None:
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    with torch.no_grad():
        for weight, taken in zip(trained, mean, strict=True):
            weight.copy_(taken)


def predict(network: Network, rows: Sequence[Row], batch: int = 64) -> npt.NDArray[np.float32]:
    """Logits (rows, 3), without any training."""
    network.eval()
    order = sorted(range(len(rows)), key=lambda place: (rows[place].purpose, len(rows[place].text)))
    found = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
    for start in range(0, len(order), batch):
        places = order[start : start + batch]
        with torch.no_grad(), halved():
            found[places] = network([rows[place] for place in places]).float().numpy()
    return found


def halved() -> torch.autocast:
    """Products in bfloat16: with AVX512-BF16 four times as fast, and as good here."""
    return torch.autocast("cpu", torch.bfloat16)


def _read_in(rows: Sequence[Row], plan: Plan, epoch: int) -> list[Row]:
    """The rows that an epoch may read."""
    return [row for row in rows if epoch >= plan.own_epochs or (row.own and row.subtype != ONCE)]


def batches(rows: Sequence[Row], plan: Plan, epoch: int) -> Iterator[list[list[Row]]]:
    """Batches of groups in random order.

    All readings of a pair are one group; rows that follow each other are read together, since one is the context of the next.
    Batches of equal length would be quicker, but length goes with the label: each would pull the other way (measured:
    0.83 instead of 0.88 on the samples).
    """
    chance = random.Random(plan.seed * 1000 + epoch)
    rows = _read_in(rows, plan, epoch)
    others = [row for row in rows if not row.own and row.subtype != ONCE]
    drawn = chance.sample(others, int(len(others) * plan.share_of_others))
    communities: dict[str, list[Row]] = defaultdict(list)
    for row in [row for row in rows if row.own or row.subtype == ONCE] + drawn:
        communities[row.community].append(row)
    shares = {FOREIGN: plan.share_of_foreign, ONCE: plan.share_of_once, REST: plan.share_of_rest, WHOLE: 1.0}
    drawn_from: dict[str, list[list[Row]]] = {kind: [] for kind in shares}
    for found in communities.values():
        size = len(found) if found[0].subtype == PAIR else plan.together
        ordered = _by_place(found, chance)
        ends = [*range(chance.randint(1, size) if size < len(found) else size, len(found), size), len(found)]
        cut = [ordered[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        drawn_from[_drawn_as(found[0])].extend(cut)
    groups = [
        one for kind, cut in drawn_from.items() for one in chance.sample(cut, round(len(cut) * shares[kind]))
    ]
    chance.shuffle(groups)
    for start in range(0, len(groups), plan.groups):
        yield groups[start : start + plan.groups]


def _drawn_as(row: Row) -> str:
    """Which share of an epoch a row is drawn by."""
    if row.subtype in (FOREIGN, ONCE):
        return row.subtype
    return REST if row.own and row.source != ROOMS else WHOLE


def _by_place(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    """Rows of one place one after the other, the places in random order; rows without a place anywhere."""
    places: dict[str, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        places[row.place or str(number)].append(row)
    mixed = list(places.values())
    chance.shuffle(mixed)
    return [row for found in mixed for row in found]


_FRESH = ("head", "slots")
"""What does not come with the starting weights."""


def _apart(rows: Sequence[Row], messages: torch.Tensor, charters: dict[str, torch.Tensor]) -> torch.Tensor:
    """How badly on-topic posts find their own charter among those of the batch; InfoNCE (van den Oord et al., 2018)."""
    names = list(charters)
    at_home: dict[str, set[str]] = defaultdict(set)
    homes = {row.purpose: row.home or row.purpose for row in rows}
    for row in rows:
        if row.label == "on_topic":
            at_home[row.text].add(homes[row.purpose])
    asked = [
        place
        for place, row in enumerate(rows)
        if row.label == "on_topic"
        and row.purpose
        and not row.social
        and not row.promotion
        and len(row.text.split()) > 3
    ]
    if not asked or len(names) < 2:
        return messages.new_zeros(())
    close = messages[asked] @ torch.stack([charters[name].float() for name in names]).T / APART
    own = torch.tensor([names.index(rows[place].purpose) for place in asked])
    # A post that is also at home under another of these charters, or another form of its own, is no stranger there.
    also = torch.tensor([[homes[name] in at_home[rows[place].text] for name in names] for place in asked])
    also[torch.arange(len(asked)), own] = False
    return functional.cross_entropy(close.masked_fill(also, -1e4), own)


class Trainer:
    """Takes steps, of which `epochs` says how many each epoch has; `run` names the training in its checkpoints."""

    def __init__(self, network: Network, plan: Plan, epochs: Sequence[int], run: str) -> None:
        self._network, self._plan = network, plan
        named = [(name, weight) for name, weight in network.named_parameters() if weight.requires_grad]
        self._weights = [weight for _, weight in named]
        fresh = [weight for name, weight in named if name.startswith(_FRESH)]
        encoder = [weight for name, weight in named if not name.startswith(_FRESH)]
        groups = [{"params": encoder, "lr": plan.rate}, {"params": fresh, "lr": plan.head_rate}]
        self._optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        steps = sum(epochs)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer,
            lambda step: min(1.0, (step + 1) / (0.06 * steps + 1)) * max(0.02, 1 - step / steps),
        )
        self._mean = [weight.detach().clone() for weight in self._weights]
        self._taken = 0
        self._run = run

    def step(self, batch: Sequence[Row]) -> float:
        """One step; returns the loss."""
        wanted = torch.tensor([self._target(row) for row in batch])
        weights = torch.tensor([self._weight(row) for row in batch])
        with halved():
            logits, messages, charters = self._network.judged(batch)
        losses = -(wanted * functional.log_softmax(logits.float(), 1)).sum(1)
        loss = (losses * weights).sum() / weights.sum()
        loss = loss + self._plan.weight_of_charters * _apart(batch, messages.float(), charters)
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._taken += 1
        decay = min(self._plan.decay, self._taken / (self._taken + 10))
        with torch.no_grad():
            torch._foreach_lerp_(self._mean, self._weights, 1 - decay)
        return float(loss.detach())

    def _weight(self, row: Row) -> float:
        """Of others' rows style gives the label partly away; what was read under a charter of ours is as good as our own."""
        return 1.0 if row.own or row.subtype == ONCE else self._plan.weight_of_others

    def _target(self, row: Row) -> list[float]:
        """What the row should be read as: its label, a little smoothed, and a careful reading where there is one."""
        rest = self._plan.smoothing / 2
        label = [1 - self._plan.smoothing if name == row.label else rest for name in LABELS]
        if row.target is None:
            return label
        share = self._plan.weight_of_reading
        return [(1 - share) * one + share * read for one, read in zip(label, row.target, strict=True)]

    def keep_mean(self) -> None:
        """The network takes the mean of its latest weights: steadier than any of them."""
        _take(self._network, self._mean)

    def save(self, checkpoint: Path | None, epoch: int) -> None:
        """Store everything that the next epoch needs."""
        if checkpoint is None:
            return
        state = {
            "run": self._run,
            "epoch": epoch,
            "taken": self._taken,
            "network": self._network.state_dict(),
            "mean": self._mean,
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "chance": torch.get_rng_state(),
        }
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        unfinished = checkpoint.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(checkpoint)

    def resume(self, checkpoint: Path | None) -> int:
        """Go on from a stored epoch; 0 without one."""
        if checkpoint is None or not checkpoint.exists():
            return 0
        state = torch.load(checkpoint, weights_only=True)
        if state.get("run") != self._run:
            raise SystemExit(
                f"{checkpoint} is of another training (other rows or another plan): move it away first"
            )
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._mean, self._taken = state["mean"], state["taken"]
        torch.set_rng_state(state["chance"])
        return int(state["epoch"])
