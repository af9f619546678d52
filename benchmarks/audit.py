"""How often the intervals on what was missed hold the truth, and how wide they are: weeks that are made up, seeded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from benchmarks.measures import Row
from moderation.audit import (
    CHATTER,
    LABELS,
    PITCH,
    Rate,
    Tally,
    interval,
    recall_of,
    recall_of_both,
    relevance,
    wrong_flags,
)
from moderation.audit_plan import Stratum, plan

RUNS = 2_000
PRECISION = 200
"""Draws from each distribution: few, since coverage is a mean over many runs."""
CERTAINTY = 0.95
WEEKS = ((50, 20, 20), (500, 20, 20), (5_000, 20, 20), (5_000, 100, 60))
"""Messages a week, rulings on what was not flagged, rulings on what was."""
RELEVANCE = (0.60, 0.80, 0.95)
RECALL = (0.50, 0.75, 0.95)
FINE = (0.64, 0.15, 0.06, 0.04, 0.05, 0.06)
"""Messages that belong, by stratum."""
MISSED = {
    "as the model thinks": (0.02, 0.10, 0.30, 0.40, 0.18, 0.0),
    "everywhere": (0.25, 0.20, 0.20, 0.15, 0.15, 0.05),
    "where the model is sure": (0.95, 0.05, 0.0, 0.0, 0.0, 0.0),
}
"""Where the misses are, by stratum."""
PITCHES, WRONG, MISNAMED = 0.4, 0.15, 0.05
"""Shares: of pitches among what does not belong, of flags on what does, of flags under the other name."""
RATES: Mapping[str, Rate] = {
    "recall of both": recall_of_both,
    "recall of chatter": recall_of(CHATTER),
    "recall of pitches": recall_of(PITCH),
    "relevance rate": relevance,
    "wrong flags": wrong_flags,
}
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Week:
    """A week's messages by what they were taken to be and what they are, (parts, labels)."""

    flagged: Counts
    others: Counts


@dataclass(frozen=True, slots=True)
class Covered:
    """One rate in one setting: the share of runs whose interval holds the truth, and the mean width."""

    share: float
    width: float


def audit() -> list[Row]:
    """Coverage and width of each rate, over all settings of relevance, recall and where the misses are."""
    chance = np.random.default_rng(0)
    rows: list[Row] = []
    for messages, rulings, on_flagged in WEEKS:
        found: dict[str, list[Covered]] = {name: [] for name in RATES}
        for week in _weeks(messages):
            tallies = _rule(week, rulings, on_flagged, chance)
            for name, rate in RATES.items():
                found[name].append(_cover(rate, week, tallies, chance))
        wanted = "93 % or more each" + (", 97.5 % at most on average" if messages == 5_000 else "")
        rows += [
            (
                f"{messages:,} messages, {rulings} + {on_flagged} rulings: {name}",
                _words(covered),
                wanted,
            )
            for name, covered in found.items()
        ]
    return rows


def _words(covered: list[Covered]) -> str:
    shares, widths = [each.share for each in covered], [each.width for each in covered]
    return (
        f"{np.mean(shares):.1%} held it ({min(shares):.1%} to {max(shares):.1%}), "
        f"width {np.mean(widths):.2f} ({min(widths):.2f} to {max(widths):.2f})"
    )


def _weeks(messages: int) -> Iterator[Week]:
    kinds = list(MISSED.values())
    for (row, relevant), (column, found) in product(enumerate(RELEVANCE), enumerate(RECALL)):
        # A Latin square: each place of the misses meets each relevance and each recall once.
        where = kinds[(row + column) % len(kinds)]
        misplaced = round(messages * (1 - relevant))
        missed = misplaced - round(misplaced * found)
        named = _split(misplaced - missed, (1 - PITCHES, PITCHES))
        wrong = _split(round(named.sum() * WRONG / (1 - WRONG)), (1 - PITCHES, PITCHES))
        other = np.round(named * MISNAMED).astype(np.int64)
        flagged = np.array(
            [[wrong[0], named[0] - other[0], other[0]], [wrong[1], other[1], named[1] - other[1]]]
        )
        fine = _split(messages - missed - int(flagged.sum()), FINE)
        pitches = _split(round(missed * PITCHES), where)
        chatter = _split(missed - int(pitches.sum()), where)
        yield Week(flagged, np.stack((fine, chatter, pitches), axis=1))


def _split(number: int, shares: tuple[float, ...]) -> Counts:
    """A number in whole parts of about these shares."""
    ends = np.round(np.cumsum((0.0, *shares)) / sum(shares) * number).astype(np.int64)
    return np.diff(ends)


def _rule(week: Week, rulings: int, on_flagged: int, chance: np.random.Generator) -> tuple[Tally, Tally]:
    last_week = dict(zip(Stratum, week.others.sum(1).tolist(), strict=True))
    drawn_by = plan(last_week, rulings)
    probability = np.array([drawn_by.probabilities[stratum] for stratum in Stratum])
    even = np.full(len(week.flagged), min(1.0, on_flagged / max(1, int(week.flagged.sum()))))
    held = np.array([CHATTER, PITCH])
    return _tally(week.flagged, even, held, chance), _tally(
        week.others, probability, np.zeros(len(week.others), dtype=np.int64), chance
    )


def _tally(
    population: Counts,
    probability: npt.NDArray[np.float64],
    held: npt.NDArray[np.int64],
    chance: np.random.Generator,
) -> Tally:
    drawn = chance.binomial(population, probability[:, None], (RUNS, *population.shape)).astype(np.float64)
    size = np.broadcast_to(population.sum(1).astype(np.float64), drawn.shape[:2])
    return Tally(held, size, drawn, np.zeros(drawn.shape[:2]))


def _cover(rate: Rate, week: Week, tallies: tuple[Tally, Tally], chance: np.random.Generator) -> Covered:
    flagged, others = tallies
    low, high = interval(rate, flagged, others, CERTAINTY, chance, PRECISION)
    unknown = _found(rate, flagged, others) == 0
    low, high = np.where(unknown, 0, low), np.where(unknown, 1, high)
    truth = _truth(rate, week)
    return Covered(float(np.mean((low <= truth) & (truth <= high))), float(np.mean(high - low)))


def _found(rate: Rate, flagged: Tally, others: Tally) -> npt.NDArray[np.float64]:
    """Ruled messages on which a rate rests in each run, as in `Estimate.found`."""
    if rate is wrong_flags:
        return flagged.ruled.sum(1)  # type: ignore[no-any-return]  # numpy's sum says Any
    kinds = {
        RATES["recall of chatter"]: [CHATTER],
        RATES["recall of pitches"]: [PITCH],
        recall_of_both: [CHATTER, PITCH],
    }.get(rate, list(range(len(LABELS))))
    found: npt.NDArray[np.float64] = sum(tally.truths[:, :, kinds].sum((1, 2)) for tally in (flagged, others))
    return found


def _truth(rate: Rate, week: Week) -> float:
    """The rate where every message is ruled: then nothing is left to estimate."""
    every = [
        Tally(
            held,
            counts.sum(1)[None].astype(np.float64),
            counts[None].astype(np.float64),
            np.zeros((1, len(counts))),
        )
        for counts, held in (
            (week.flagged, np.array([CHATTER, PITCH])),
            (week.others, np.zeros(len(week.others), dtype=np.int64)),
        )
    ]
    return float(rate(every[0], every[1], lambda _, events: events.sum(1, keepdims=True))[0, 0])
