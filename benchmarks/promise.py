"""How often a promise is kept, how many rulings it takes, and how long a broken one goes unnoticed: simulated communities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.measures import Row
from moderation.promise import THRESHOLDS, Drawn, Promise, stand

RUNS = 2_000
RULINGS = 300
ERRORS = (0.01, 0.03, 0.05, 0.08, 0.15)
PROMISE = Promise(0.05, 0.95)
SILENT_RIGHT, SILENT_WRONG = 0.05, 0.30
"""Moderators leave so many of the right, and of the wrong ones (which are awkward) without a ruling."""
FIXED = {0: 59, 1: 93, 3: 153}
"""Rulings that the exact bound for a sample of fixed size needs, by errors among them."""
BEFORE, AFTER = 300, 1_500
"""Drawn messages before a break, and flagged ones after it that are looked at."""
SLOW = 0.0005
"""How much the error grows with each message where it grows slowly."""
START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=3650)
SCORES = (0.95, 0.80, 0.65)


def promise() -> list[Row]:
    """The simulation of the error promise."""
    chance = np.random.default_rng(4)
    return [
        *(_kept(chance, error) for error in ERRORS),
        _laxer(chance),
        *_rulings_needed(),
        *(_rulings_at(chance, error) for error in ERRORS[:2]),
        *(_noticed(chance, drawn, error) for drawn in (1.0, 0.3) for error in (0.15, 0.30, None)),
    ]


def _drawn(wrong: Sequence[bool | None], scores: Sequence[float], probability: float = 1.0) -> list[Drawn]:
    return [
        Drawn(score, START + timedelta(minutes=place), one, probability, probability)
        for place, (one, score) in enumerate(zip(wrong, scores, strict=True))
    ]


def _answered(chance: np.random.Generator, wrong: np.ndarray) -> list[bool | None]:
    silent = chance.random(len(wrong)) < np.where(wrong, SILENT_WRONG, SILENT_RIGHT)
    return [None if quiet else bool(one) for one, quiet in zip(wrong, silent, strict=True)]


def _kept(chance: np.random.Generator, error: float) -> Row:
    """Whether it ever acts, whoever looks after each ruling: stakes with open ones as wrong are never higher before the end."""
    ever = 0
    for run in range(RUNS):
        wrong = chance.random(RULINGS) < error
        # Half of the communities answer everything; the others leave the awkward ones.
        ruled = [bool(one) for one in wrong] if run % 2 else _answered(chance, wrong)
        standing = stand(PROMISE, _drawn(ruled, chance.choice(SCORES, RULINGS)), START)
        ever += standing.acts_from is not None or standing.stepped_back is not None
    wanted = "at most 5 %" if error >= PROMISE.share else "-"
    return f"acts at some time within {RULINGS} rulings, true error {error:.0%}", f"{ever / RUNS:.1%}", wanted


def _laxer(chance: np.random.Generator) -> Row:
    """Sure verdicts are right enough and doubtful ones are not: how often it acts from where it must not."""
    errors = {0.95: 0.01, 0.80: 0.03, 0.65: 0.20}
    ever = 0
    for _ in range(RUNS):
        scores = chance.choice(SCORES, RULINGS)
        wrong = chance.random(RULINGS) < np.array([errors[score] for score in scores])
        drawn = _drawn([bool(one) for one in wrong], scores)
        ever += stand(PROMISE, drawn, START).acts_from == THRESHOLDS[-1]
    return (
        "acts from the laxest of three thresholds, whose true error is 8 %",
        f"{ever / RUNS:.1%}",
        "at most 5 %",
    )


def _rulings_needed() -> list[Row]:
    rows: list[Row] = []
    for errors, fixed in FIXED.items():
        for rulings in range(fixed, 1_000):
            spread = np.zeros(rulings, dtype=bool)
            spread[np.linspace(5, rulings * 0.8, errors, dtype=int)] = True
            if stand(PROMISE, _drawn(spread.tolist(), [0.95] * rulings), END).acts_from is not None:
                rows.append(
                    (
                        f"rulings until it acts, {errors} of them wrong",
                        str(rulings),
                        f"{fixed} (fixed sample, no looking)",
                    )
                )
                break
    return rows


def _rulings_at(chance: np.random.Generator, error: float) -> Row:
    needed: list[int] = []
    for _ in range(RUNS // 4):
        wrong = (chance.random(2_000) < error).tolist()
        low, high = 1, len(wrong)
        # Stakes of a longer record have passed whenever those of a shorter one have.
        while low < high:
            middle = (low + high) // 2
            standing = stand(PROMISE, _drawn(wrong[:middle], [0.95] * middle), START)
            acted = standing.acts_from is not None or standing.stepped_back is not None
            low, high = (low, middle) if acted else (middle + 1, high)
        needed.append(low)
    median, late = np.quantile(needed, [0.5, 0.95])
    return (
        f"rulings until it acts, true error {error:.0%}: median (95th percentile)",
        f"{median:.0f} ({late:.0f})",
        "-",
    )


def _noticed(chance: np.random.Generator, probability: float, error: float | None) -> Row:
    """Flagged wrongly between the break and the step back, drawn or not; `error` None grows slowly from 2 % on."""
    wrongs: list[int] = []
    unnoticed = 0
    for _ in range(RUNS // 4):
        rates = np.minimum(0.5, 0.02 + SLOW * np.arange(AFTER)) if error is None else np.full(AFTER, error)
        before, after = chance.random(BEFORE) < 0.01, chance.random(AFTER) < rates
        chosen = np.flatnonzero(chance.random(AFTER) < probability)
        broke = int(np.argmax(rates > PROMISE.share))
        record = [*before.tolist(), *after[chosen].tolist()]
        standing = stand(PROMISE, _drawn(record, [0.95] * len(record), probability), END)
        if standing.stepped_back is None:
            unnoticed += standing.acts_from is not None
            continue
        place = (standing.stepped_back - START) // timedelta(minutes=1) - BEFORE
        last = int(chosen[max(0, place)])
        wrongs.append(int(after[broke : last + 1].sum()))
    median, late = np.quantile(wrongs, [0.5, 0.95]) if wrongs else (float("nan"), float("nan"))
    how = "grows slowly past it" if error is None else f"jumps to {error:.0%}"
    title = (
        f"flagged wrongly until it steps back, error {how}, {probability:.0%} drawn: median (95th percentile)"
    )
    never = f", {unnoticed / (RUNS // 4):.0%} not noticed" if unnoticed else ""
    return title, f"{median:.0f} ({late:.0f}){never}", "-"
