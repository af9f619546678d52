"""Whether the interval of a digest's relevance rate covers the rate that such weeks have, and how wide it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.measures import Row
from moderation.stats.interval import change, share_over_days

RUNS = 2_000
SETTINGS = ((50, 0.8), (50, 0.95), (500, 0.8), (500, 0.95), (500, 0.99), (5_000, 0.8), (5_000, 0.95))
"""Messages a week, and about which share of them serves the purpose."""
TALK = 6
"""Posts of a conversation, on average; drift goes through the rest of the conversation in which it begins."""
UNLIKE = 0.5
"""By how much the days differ, as the standard deviation of the logarithms of their odds and numbers."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Shares of runs in which the intervals of the rate and of its change cover the truth, and the rate's mean width."""

    messages: int
    rate: float
    covered: float
    width: float
    change_covered: float


def coverage(messages: int, rate: float, runs: int, seed: int) -> Covered:
    """Weeks of conversations that drift, on days that differ: how often their intervals cover the rate of such weeks."""
    random = np.random.default_rng(seed)
    many = [_week(messages, rate, random) for _ in range(4 * runs)]
    truth = sum(hits for days, _ in many for hits, _ in days) / sum(n for days, _ in many for _, n in days)
    shares = [share for week in many[: 2 * runs] if (share := share_over_days(*week)) is not None]
    pairs = [change(one, other) for one, other in zip(shares[:runs], shares[runs:], strict=False)]
    return Covered(
        messages,
        rate,
        float(np.mean([share.low <= truth <= share.high for share in shares[:runs]])),
        float(np.mean([share.high - share.low for share in shares[:runs]])),
        float(np.mean([one.low <= 0 <= one.high for one in pairs])),
    )


def _week(messages: int, rate: float, random: np.random.Generator) -> tuple[list[tuple[int, int]], int]:
    """(hits, posts) of seven days, and how many conversations they had."""
    talks = 0
    days = []
    for _ in range(7):
        size = messages / 7 * np.exp(random.normal(-(UNLIKE**2) / 2, UNLIKE))
        odds = np.exp(np.log(rate / (1 - rate)) + random.normal(0, UNLIKE))
        lengths = 1 + random.geometric(1 / TALK, random.poisson(size / (TALK + 1)))
        drifted = random.random(len(lengths)) > odds / (1 + odds)
        # Half of the drifted conversations are lost from their first post on, the others from somewhere in the middle.
        kept = np.where(
            drifted, lengths * random.random(len(lengths)) * random.integers(0, 2, len(lengths)), lengths
        )
        talks += len(lengths)
        days.append((int(kept.astype(int).sum()), int(lengths.sum())))
    return days, talks


def digests(runs: int = RUNS) -> list[Row]:
    """The intervals of the relevance rate, a row for each setting."""
    return [_row(coverage(messages, rate, runs, seed)) for seed, (messages, rate) in enumerate(SETTINGS)]


def _row(found: Covered) -> Row:
    about = f"relevance rate's interval, {found.messages:,} messages a week, {found.rate:.0%} on purpose"
    return (
        about,
        (
            f"{found.covered:.1%} of weeks covered, {100 * found.width:.1f} points wide; "
            f"change between two weeks {found.change_covered:.1%}"
        ),
        f"{RUNS:,} simulated weeks; talks drift as a whole, days differ",
    )
