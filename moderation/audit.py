"""What was missed: a random sample of what was not flagged, and what it says together with rulings on what was.

The sample is laid out in moderation.audit_plan.

From the rulings come the recall, the relevance rate and the rate of wrong flags of a whole period, each with an interval. A ruled message
stands for the size of its stratum over the number ruled in it. The total of each kind of mistake is given a confidence distribution: a gamma
for a weighted sum (Fay and Feuer, 1997) in its mid-P form (Fay and Kim, 2017), made narrower for shares (a beta, as in Clopper and Pearson,
1934) and for small populations (only what was not ruled on is unknown). A mistake that was not drawn is taken to be as heavy as the heaviest
possible one. Several totals are combined by drawing from each (Fay, Proschan and Brittain, "Combining one-sample confidence procedures",
2015). The model's scores are only used to draw well: no interval assumes that they are right. That the intervals hold what they
promise is not proven but simulated (`benchmarks/audit.py`): with few rulings they are wider than needed, for one cannot find half a miss.

The rulings are taken to be independent of the truth within a stratum: whether a moderator answered does not depend on what the message is. It
holds where they rule in the order in which messages are shown. Since nobody can check it, each interval is given a second time without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moderation.draws import Draw, Occasion
from moderation.labels import Label

LABELS = (Label.ON_TOPIC, Label.CHATTER, Label.PITCH)
"""The order in which truths are counted."""
PRECISION = 10_000
"""Draws from each confidence distribution."""
TINY = 1e-9
Array = npt.NDArray[np.float64]
Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Population:
    """All judged messages of a period: those flagged, by what they were flagged as, and the others by stratum."""

    flagged: Mapping[Label, int]
    not_flagged: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Checked:
    """A drawn message and what moderators say that it is; None where nobody said, or they do not agree."""

    draw: Draw
    truth: Label | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate between 0 and 1 with its interval.

    `found` counts the ruled messages that it rests on: for a recall those of the kind, for the relevance rate all, for wrong flags the flagged
    ones. Where it is 0 nothing is known: `value` is None and the interval is 0 to 1. `low` and `high` take those that nobody ruled on to be
    like the ruled ones of their stratum; `lowest` and `highest` hold whichever way they would have gone.
    """

    value: float | None
    low: float
    high: float
    lowest: float
    highest: float
    found: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What a period's rulings on drawn messages say.

    A recall is the share of the messages of a kind that were flagged, under whichever name; a wrong flag is one under a name that the
    message does not bear, as in the error promise. `drawn` and `ruled` count messages by occasion.
    """

    recall: Mapping[Label, Estimate]
    recall_of_both: Estimate
    relevance: Estimate
    wrong_flags: Estimate
    drawn: Mapping[Occasion, int]
    ruled: Mapping[Occasion, int]
    population: Population
    certainty: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Rulings on the parts of a population, for many runs of a simulation at once or for one.

    `held` is what each part was taken to be (place in LABELS, shape (parts,)), `size` how many messages it has (runs, parts), `truths` how many
    of the ruled ones are what (runs, parts, labels), `waiting` how many drawn ones nobody ruled on (runs, parts).
    """

    held: npt.NDArray[np.int64]
    size: Array
    truths: Array
    waiting: Array

    @property
    def ruled(self) -> Array:
        """Ruled messages, shape (runs, parts)."""
        total: Array = self.truths.sum(2)
        return total

    @property
    def weight(self) -> Array:
        """Messages that one ruled message of each part stands for, itself among them; (runs, parts)."""
        weight: Array = np.maximum(self.size / np.maximum(self.ruled, 1), 1)
        return weight

    def where(self, parts: npt.NDArray[np.bool_]) -> Tally:
        """These parts alone."""
        return Tally(self.held[parts], self.size[:, parts], self.truths[:, parts], self.waiting[:, parts])

    def ruled_as(self, truth: npt.NDArray[np.int64]) -> Tally:
        """As if those that wait had been ruled to be `truth`, a place in LABELS for each part."""
        truths = self.truths + self.waiting[:, :, None] * np.eye(len(LABELS))[truth]
        return Tally(self.held, self.size, truths, np.zeros_like(self.waiting))


Total = Callable[[Tally, Array], Array]
"""Says how many messages of a population are something, from how many of the ruled ones are (runs, parts); (runs, any)."""
Rate = Callable[[Tally, Tally, Total], Array]
"""A rate from the rulings on what was flagged, those on the rest, and a way to tell totals; (runs, any)."""
ON_TOPIC, CHATTER, PITCH = range(len(LABELS))
AS_FLAGGED = None
"""In place of a truth: each message is what it was flagged as."""


def recall_of(label: int) -> Rate:
    """The recall of one kind, a place in LABELS."""

    def rate(flagged: Tally, others: Tally, total: Total) -> Array:
        named, misnamed = flagged.where(flagged.held == label), flagged.where(flagged.held != label)
        found = _size(named) - total(named, named.ruled - named.truths[:, :, label])
        found = found + total(misnamed, misnamed.truths[:, :, label])
        return _share(found, total(others, others.truths[:, :, label]))

    return rate


def recall_of_both(flagged: Tally, others: Tally, total: Total) -> Array:
    """The recall of everything that does not belong."""
    found = _size(flagged) - total(flagged, flagged.truths[:, :, ON_TOPIC])
    return _share(found, total(others, others.truths[:, :, CHATTER:].sum(2)))


def relevance(flagged: Tally, others: Tally, total: Total) -> Array:
    """The share of all judged messages that belong."""
    belong = _size(others) - total(others, others.truths[:, :, CHATTER:].sum(2))
    belong = belong + total(flagged, flagged.truths[:, :, ON_TOPIC])
    share: Array = belong / np.maximum(_size(others) + _size(flagged), TINY)
    return share


def wrong_flags(flagged: Tally, _: Tally, total: Total) -> Array:
    """The share of flagged messages that bear another name."""
    right = np.take_along_axis(flagged.truths, flagged.held[None, :, None], 2)[:, :, 0]
    share: Array = total(flagged, flagged.ruled - right) / np.maximum(_size(flagged), TINY)
    return share


def _size(tally: Tally) -> Array:
    size: Array = tally.size.sum(1, keepdims=True)
    return size


def _share(found: Array, missed: Array) -> Array:
    share: Array = found / np.maximum(found + missed, TINY)
    return share


def interval(
    rate: Rate, flagged: Tally, others: Tally, certainty: float, chance: Chance, precision: int = PRECISION
) -> tuple[Array, Array]:
    """Lower and upper limits of a rate in each run, as if those that wait were like the ruled ones of their part."""
    drawn = rate(flagged, others, lambda tally, events: _confident_totals(tally, events, chance, precision))
    low, high = np.quantile(drawn, [(1 - certainty) / 2, (1 + certainty) / 2], axis=1)
    # A limit that is a whole number of messages belongs to the interval, whatever the arithmetic's last digit says.
    return np.maximum(low - TINY, 0), np.minimum(high + TINY, 1)


def _confident_totals(tally: Tally, events: Array, chance: Chance, precision: int) -> Array:
    """Draws, shape (runs, precision), from the confidence distribution of how many messages are something."""
    weight, ruled = tally.weight, tally.ruled
    seen, unseen = events.sum(1, keepdims=True), np.maximum(_size(tally) - ruled.sum(1, keepdims=True), 0)
    mean = ((weight - 1) * events).sum(1, keepdims=True)
    variance = (weight * (weight - 1) * events).sum(1, keepdims=True)
    heaviest = np.where(tally.size > 0, weight, 1).max(1, keepdims=True, initial=1)
    # The mid-P form: half of the draws are from the lower distribution, half from the upper, which has one more mistake.
    more = chance.random((len(events), precision)) < 0.5
    mean = mean + more * (heaviest - 1)
    variance = variance + more * heaviest * (heaviest - 1)
    drawn = _beta(mean, variance, unseen, chance)
    # Outwards to whole messages.
    whole = np.where(more, np.ceil(drawn), np.floor(drawn))
    nobody = ruled.sum(1, keepdims=True) == 0
    totals: Array = seen + np.minimum(np.where(nobody, more * unseen, whole), unseen)
    return totals


def _beta(mean: Array, variance: Array, unseen: Array, chance: Chance) -> Array:
    """A draw from 0 to `unseen` for each mean and variance: a beta that for rare mistakes is the gamma of these; 0 without variance."""
    known = (variance <= 0) | (unseen <= 0)
    scale = np.where(known, 1, variance / np.where(known, 1, mean))
    first = np.where(known, 1, mean / scale)
    second = np.maximum(unseen / scale - first + 1, 0.5)
    drawn: Array = np.where(known, 0, unseen * chance.beta(first, second))
    return drawn


def _likeliest_totals(tally: Tally, events: Array) -> Array:
    """The estimate itself, (runs, 1): parts in which nobody ruled are taken to be like the others."""
    seen = tally.size * (tally.ruled > 0)
    scale = _size(tally) / np.maximum(seen.sum(1, keepdims=True), TINY)
    total: Array = (tally.weight * events).sum(1, keepdims=True) * scale
    return np.minimum(total, _size(tally))


def estimate(population: Population, checked: Sequence[Checked], certainty: float = 0.95) -> Audit:
    """The audit of a period: its population and all messages of it that were drawn, ruled or not, under one charter.

    Where several models judged in it, the figures are about all of them together. Raises ValueError where the draws cannot be of that population, or the certainty is none.
    """
    if not 0.5 <= certainty < 1:
        raise ValueError(f"a certainty of {certainty}: from 0.5 to below 1 is possible")
    flagged, others = _tally_flagged(population, checked), _tally_others(population, checked)
    rulings = _Rulings(flagged, others, certainty)
    return Audit(
        recall={
            LABELS[kind]: rulings.estimate(
                recall_of(kind), rulings.count(kind), (ON_TOPIC, kind), (kind, ON_TOPIC)
            )
            for kind in (CHATTER, PITCH)
        },
        recall_of_both=rulings.estimate(
            recall_of_both, rulings.count(CHATTER, PITCH), (ON_TOPIC, CHATTER), (CHATTER, ON_TOPIC)
        ),
        relevance=rulings.estimate(
            relevance, rulings.count(*range(len(LABELS))), (CHATTER, CHATTER), (ON_TOPIC, ON_TOPIC)
        ),
        wrong_flags=rulings.estimate(
            wrong_flags, int(flagged.ruled.sum()), (AS_FLAGGED, ON_TOPIC), (ON_TOPIC, ON_TOPIC)
        ),
        drawn=Counter(one.draw.occasion for one in checked),
        ruled=Counter(one.draw.occasion for one in checked if one.truth is not None),
        population=population,
        certainty=certainty,
    )


@dataclass(frozen=True, slots=True)
class _Rulings:
    """The rulings of a period, from which one rate after the other is told."""

    flagged: Tally
    others: Tally
    certainty: float

    def count(self, *kinds: int) -> int:
        """Ruled messages that are one of these, places in LABELS."""
        return int(sum(tally.truths[:, :, list(kinds)].sum() for tally in (self.flagged, self.others)))

    def estimate(
        self, rate: Rate, found: int, least: tuple[int | None, int], most: tuple[int | None, int]
    ) -> Estimate:
        """A rate that rests on `found` messages.

        It would be lowest if the flagged messages that wait, and the others, were `least`; highest if they were `most`.
        """
        if not found:
            return Estimate(None, 0.0, 1.0, 0.0, 1.0, 0)
        low, high = self._limits(rate, self.flagged, self.others)
        lowest, highest = low, high
        if self.flagged.waiting.any() or self.others.waiting.any():
            lowest = min(low, self._limits(rate, *self._if(*least))[0])
            highest = max(high, self._limits(rate, *self._if(*most))[1])
        value = float(rate(self.flagged, self.others, _likeliest_totals)[0, 0])
        needed = (self.flagged,) if rate is wrong_flags else (self.flagged, self.others)
        known = all(tally.ruled.any() or not tally.size.any() for tally in needed)
        return Estimate(value if known else None, low, high, lowest, highest, found)

    def _if(self, flagged: int | None, others: int) -> tuple[Tally, Tally]:
        as_flagged = self.flagged.held if flagged is AS_FLAGGED else np.full_like(self.flagged.held, flagged)
        as_others = np.full_like(self.others.held, others)
        return self.flagged.ruled_as(as_flagged), self.others.ruled_as(as_others)

    def _limits(self, rate: Rate, flagged: Tally, others: Tally) -> tuple[float, float]:
        # The same seed for every rate: the same rulings always give the same interval.
        low, high = interval(rate, flagged, others, self.certainty, np.random.default_rng(0))
        return float(low[0]), float(high[0])


def _tally_flagged(population: Population, checked: Sequence[Checked]) -> Tally:
    parts: list[_Part] = []
    for label in LABELS[CHATTER:]:
        drawn = [one for one in checked if one.draw.occasion is Occasion.FLAGGED and one.draw.label is label]
        parts += _parts(LABELS.index(label), population.flagged.get(label, 0), drawn, f"flagged as {label}")
    return _tally(parts)


def _tally_others(population: Population, checked: Sequence[Checked]) -> Tally:
    others = [one for one in checked if one.draw.occasion is Occasion.NOT_FLAGGED]
    parts: list[_Part] = []
    for stratum in sorted({*population.not_flagged, *(one.draw.stratum for one in others)}):
        drawn = [one for one in others if one.draw.stratum == stratum]
        parts += _parts(ON_TOPIC, population.not_flagged.get(stratum, 0), drawn, f"of {stratum!r}")
    return _tally(parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """Messages that were taken to be the same and drawn with the same probability; `size` may be an estimate."""

    held: int
    size: float
    drawn: Sequence[Checked]


def _parts(held: int, size: int, drawn: Sequence[Checked], name: str) -> list[_Part]:
    """A stratum, split by the probabilities with which its messages were drawn, sizes in proportion to what the drawn ones stand for."""
    if len(drawn) > size:
        raise ValueError(
            f"{len(drawn)} messages {name} were drawn of {size}: count the period's messages again"
        )
    if any(not 0 < one.draw.probability <= 1 for one in drawn):
        raise ValueError(f"messages {name} were drawn with a probability that is none")
    counted = Counter(one.draw.probability for one in drawn)
    stands = {probability: number / probability for probability, number in counted.items()}
    whole = sum(stands.values())
    parts = [
        _Part(held, size * each / whole, [one for one in drawn if one.draw.probability == probability])
        for probability, each in sorted(stands.items())
    ]
    return parts or [_Part(held, size, ())]


def _tally(parts: Sequence[_Part]) -> Tally:
    truths = [[sum(one.truth is label for one in part.drawn) for label in LABELS] for part in parts]
    waiting = [sum(one.truth is None for one in part.drawn) for part in parts]
    return Tally(
        held=np.array([part.held for part in parts], dtype=np.int64),
        size=np.array([[part.size for part in parts]], dtype=np.float64),
        truths=np.array(truths, dtype=np.float64).reshape(1, len(parts), len(LABELS)),
        waiting=np.array(waiting, dtype=np.float64).reshape(1, len(parts)),
    )
