"""How sure a share is when posts come in clusters: conversations, and days.

Posts of one talk are not independent, so counting each as a piece of evidence (Wilson, Clopper and Pearson on posts) would
promise too much. Here days are the clusters: how much the share swings from day to day says how many independent posts the
period is worth, and Clopper and Pearson's exact interval is taken for so many (Korn and Graubard, "Confidence intervals for
proportions with small expected number of positive counts estimated from survey data", Survey Methodology 1998). Two things are
added on the safe side: a period is never worth more posts than it had conversations, and systematic differences between weekdays
count as chance. Assumed is that days are alike and independent otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CERTAINTY = 0.95
STEPS = 40
"""Halvings of a bracket: exact to nine places and more."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval, all from 0 to 1. `days` are those with at least one post."""

    share: float
    low: float
    high: float
    days: int


@dataclass(frozen=True, slots=True)
class Change:
    """The later share minus the earlier one, with its interval, all from -1 to 1."""

    difference: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether it is more than chance would explain."""
        return self.low > 0 or self.high < 0


def share_over_days(
    days: Sequence[tuple[int, int]], conversations: int, certainty: float = CERTAINTY
) -> Share | None:
    """The share of hits with its interval; `days` are (hits, posts) of each, those without a post left out.

    None for fewer than two days with posts: nothing then says how much days differ.
    """
    days = [(hits, posts) for hits, posts in days if posts]
    if len(days) < 2:
        return None
    posts = sum(number for _, number in days)
    share = sum(hits for hits, _ in days) / posts
    tail = (1 - certainty) / 2
    # So few days say only roughly how much days swing, which Student's t makes up for.
    lost = student_quantile(1 - tail, max(1, posts - 1)) / student_quantile(1 - tail, len(days) - 1)
    worth = min(_worth(days, share) * lost**2, posts, max(1, conversations))
    return Share(share, *exact_interval(share, worth, tail), len(days))


def change(later: Share, earlier: Share) -> Change:
    """The difference of two independent shares (Newcombe 1998, method 10; Zou and Donner, Statistics in Medicine 2008)."""
    difference = later.share - earlier.share
    below = math.hypot(later.share - later.low, earlier.high - earlier.share)
    above = math.hypot(later.high - later.share, earlier.share - earlier.low)
    return Change(difference, max(-1.0, difference - below), min(1.0, difference + above))


def exact_interval(share: float, posts: float, tail: float) -> tuple[float, float]:
    """Clopper and Pearson's interval with `tail` on either side; `posts` need not be a whole number."""
    hits = share * posts
    low = beta_quantile(tail, hits, posts - hits + 1) if share > 0 else 0.0
    high = beta_quantile(1 - tail, hits + 1, posts - hits) if share < 1 else 1.0
    return low, high


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Where the Beta(a, b) distribution has `probability` below it."""
    return _solve(lambda x: incomplete_beta(x, a, b) - probability, 0.0, 1.0)


def student_quantile(probability: float, freedom: float) -> float:
    """Where Student's t with so many degrees of freedom has `probability` (0.5 or more) below it."""

    def excess(value: float) -> float:
        above = incomplete_beta(freedom / (freedom + value * value), freedom / 2, 0.5) / 2
        return 1 - above - probability

    return _solve(excess, 0.0, 1_000.0)


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22, modified Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side only
        return 1 - incomplete_beta(1 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)), which converges within a few hundred terms for every size that posts have."""
    tiny = 1e-300
    value = upper = 1.0
    lower = 0.0
    for term in range(1, 3_000):
        m = term // 2
        if term % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1 / (1 + d * lower or tiny)
        upper = 1 + d / upper or tiny
        value *= upper * lower
        if abs(upper * lower - 1) < 1e-12:
            break
    return value


def _worth(days: Sequence[tuple[int, int]], share: float) -> float:
    """How many independent posts would swing as much as these days do; endless where they do not swing at all."""
    posts = sum(number for _, number in days)
    squares = sum((hits - share * number) ** 2 for hits, number in days)
    variance = len(days) / (len(days) - 1) * squares / posts**2
    return share * (1 - share) / variance if variance > 0 else math.inf


def _solve(rising: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
