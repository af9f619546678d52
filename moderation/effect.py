"""What an experiment shows: the difference between days with nudges and days without, and how sure that is.

Days are compared within their channel, and the interval uses a t-distribution (Welch, 1947) with one made-up failure and one made-up success in
each arm (after Agresti and Caffo, 2000), which keeps it honest where all days ended alike. An interval is right when looked at once; who looks every week for a
difference will find one by chance more often than once in twenty, so an end that is set beforehand is worth more than any look before it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from moderation.experiment import ChannelDay, Experiment
from moderation.stats.interval import student_quantile

FEWEST = 5
"""Channel-days of each kind without which no interval is given."""
SMALL = 8
"""Channels with fewer channel-days than that are taken together as one."""
REACH = 0.10
"""The difference that an experiment should be able to see ..."""
POWER = 0.80
"""... with this probability, if it is there."""
CERTAINTY = 0.95
MANY = 10_000.0
"""Degrees of freedom beyond which it is the normal distribution."""
Array = npt.NDArray[np.float64]


class Measure(StrEnum):
    """What is compared: talks that ended or moved soon (more is better), and the off-topic rate afterwards (less is better)."""

    ENDED = "ended"
    OFF_TOPIC = "off_topic"


class Finding(StrEnum):
    """What the interval says: too early to say, nudges help, they do harm, or no difference can be told from chance."""

    TOO_EARLY = "too_early"
    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"


@dataclass(frozen=True, slots=True)
class Difference:
    """Days with nudges beside days without, as shares from 0 to 1 that weigh each channel alike on both sides.

    The shares are None where there are too few days of one kind; the interval is then from -1 to 1. `low` and `high` are the 95 % interval of
    `nudged` minus `held_back`. `needed` is about how many more channel-days of each kind it takes to see a difference of 10 points
    in four of five such experiments, at the spread seen so far; 0 where there are enough.
    """

    measure: Measure
    nudged: float | None
    held_back: float | None
    low: float
    high: float
    needed: int

    @property
    def difference(self) -> float | None:
        """`nudged` minus `held_back`."""
        return None if self.nudged is None or self.held_back is None else self.nudged - self.held_back

    @property
    def finding(self) -> Finding:
        """What can be said in a word."""
        if self.low <= 0 <= self.high:
            return Finding.TOO_EARLY if self.needed else Finding.NO_DIFFERENCE
        return Finding.BETTER if (self.low > 0) is (self.measure is Measure.ENDED) else Finding.WORSE


@dataclass(frozen=True, slots=True)
class Effect:
    """What the experiment shows so far.

    `nudged_days` and `held_back_days` count channel-days with a stretch that was due a nudge, in `channels` channels; on `undelivered_days`
    of the former no nudge got there. `days` counts the local days that are over. `over` says whether the end that was set beforehand is reached: until then a finding is a look in passing.
    """

    days: int
    over: bool
    channels: int
    nudged_days: int
    held_back_days: int
    ended: Difference
    off_topic: Difference
    undelivered_days: int = 0

    @property
    def weeks_needed(self) -> float | None:
        """Weeks until about enough talks were seen, at the pace so far; 0 with enough, None where the pace is not known."""
        if not self.ended.needed:
            return 0.0
        fewer = min(self.nudged_days, self.held_back_days)
        return self.ended.needed / fewer * self.days / 7 if fewer and self.days else None


def effect(experiment: Experiment, days: Sequence[ChannelDay], now: datetime) -> Effect:
    """The effect of nudges by the channel-days of one experiment, each given once, in any order."""
    last = experiment.day_of(now)
    over = experiment.ends_at is not None and experiment.ends_at <= now
    if over and experiment.ends_at is not None:
        last = experiment.day_of(experiment.ends_at)
    held_back = np.array([day.held_back for day in days], dtype=np.bool_)
    groups = _groups([day.channel for day in days])
    ended = np.array([day.ended for day in days], dtype=np.float64)
    off_topic = np.array([day.off_topic for day in days], dtype=np.float64)
    return Effect(
        days=max(0, (last - experiment.first_day).days),
        over=over,
        channels=len({day.channel for day in days}),
        nudged_days=int((~held_back).sum()),
        held_back_days=int(held_back.sum()),
        ended=_difference(Measure.ENDED, groups, held_back, ended),
        off_topic=_difference(Measure.OFF_TOPIC, groups, held_back, off_topic),
        undelivered_days=sum(day.undelivered for day in days),
    )


def _groups(channels: Sequence[str]) -> npt.NDArray[np.int64]:
    """For each channel-day the number of its group: a channel, or 0 for all small ones together.

    Only counts that no lot can change decide what is small, so that nothing is chosen by its outcome.
    """
    names, number, size = np.unique(
        np.array(channels, dtype=np.str_), return_inverse=True, return_counts=True
    )
    own = np.where(size >= SMALL, 1 + np.arange(len(names)), 0)
    groups: npt.NDArray[np.int64] = own[number].astype(np.int64)
    return groups


def _difference(
    measure: Measure, groups: npt.NDArray[np.int64], held_back: npt.NDArray[np.bool_], value: Array
) -> Difference:
    """Days with nudges against days without, compared within groups and put together by how much each group can tell."""
    size = int(groups.max(initial=0)) + 1
    arms = [_Arm.of(groups[kind], value[kind], size) for kind in (~held_back, held_back)]
    both = arms[0].count * arms[1].count > 0
    total = np.maximum(arms[0].count + arms[1].count, 1.0)
    weight = np.where(both, arms[0].count * arms[1].count / total, 0.0)
    fewer = int(min(arm.count[both].sum() for arm in arms))
    if fewer < FEWEST:
        return Difference(measure, None, None, -1.0, 1.0, max(1, _enough(0.5) - fewer))
    weight = weight / weight.sum()
    nudged, held = (float((weight * arm.mean).sum()) for arm in arms)
    spreads = [arm.spread(both) for arm in arms]
    doubts = [
        spread.variance * float((weight[both] ** 2 / arm.count[both]).sum())
        for arm, spread in zip(arms, spreads, strict=True)
    ]
    freedom = sum(doubts) ** 2 / sum(
        doubt**2 / spread.freedom for doubt, spread in zip(doubts, spreads, strict=True)
    )
    half = quantile(freedom) * math.sqrt(sum(doubts))
    needed = max(0, _enough(sum(spread.variance for spread in spreads)) - fewer)
    low, high = max(-1.0, nudged - held - half), min(1.0, nudged - held + half)
    return Difference(measure, nudged, held, low, high, needed)


@dataclass(frozen=True, slots=True)
class _Spread:
    """The variance of one channel-day within its group, and its degrees of freedom."""

    variance: float
    freedom: float


@dataclass(frozen=True, slots=True)
class _Arm:
    """The days of one kind by group (an array of groups each): how many, their mean, and their squares about it, added up."""

    count: Array
    mean: Array
    squares: Array

    @classmethod
    def of(cls, groups: npt.NDArray[np.int64], value: Array, size: int) -> _Arm:
        count = np.bincount(groups, minlength=size).astype(np.float64)
        mean = np.bincount(groups, value, size) / np.maximum(count, 1)
        squares = np.bincount(groups, (value - mean[groups]) ** 2, size).astype(np.float64)
        return cls(count, mean, squares)

    def spread(self, among: npt.NDArray[np.bool_]) -> _Spread:
        """The variance in the groups `among`, with a made-up 0 and a made-up 1: a group of two, whose squares are a half."""
        freedom = float((self.count[among] - 1).sum()) + 1
        return _Spread(float(self.squares[among].sum() + 0.5) / freedom, freedom)


def _enough(variances: float) -> int:
    """Channel-days of each kind that show a difference of REACH with POWER; `variances` is the sum of both kinds'."""
    normal = NormalDist()
    sure = normal.inv_cdf((1 + CERTAINTY) / 2) + normal.inv_cdf(POWER)
    return math.ceil(sure**2 * variances / REACH**2)


def quantile(freedom: float) -> float:
    """How far from the middle a t-distributed value stays with a probability of CERTAINTY; degrees of freedom from 1 on."""
    return student_quantile((1 + CERTAINTY) / 2, min(max(freedom, 1.0), MANY))
