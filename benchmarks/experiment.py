"""How often the interval of the experiment holds the truth, how wide it is, and how often it finds an effect that is there.

Made-up communities: channels of unlike size and unlike habits, weekdays and days that differ, days that resemble the day before. A talk ends soon with a
chance that is the channel's and the day's, and so many points higher where it is nudged; of the posts after it so many
points fewer are off topic. Days are assigned by the product's own lot, and its own `effect` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from benchmarks.measures import Row
from moderation.effect import Difference, Finding, effect
from moderation.experiment import ChannelDay, Experiment

RUNS = 2_000
LOTS = 500
"""Seeds of the assignment, used in turn."""
WEEKS = 8
EFFECTS = (0.0, 0.1, 0.3)
TALKS = 0.03
"""Stretches that are due a nudge, per message."""
POSTS_AFTER = 4.0
"""Posts in the hours after one, on average."""
START = datetime(2026, 3, 2, tzinfo=UTC)
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setting:
    """A community: messages a week, spread unevenly over its channels, and the share of days held back."""

    messages: int
    channels: int
    share: float = 0.5

    def __str__(self) -> str:
        held_back = "" if self.share == 0.5 else f", {self.share:.0%} held back"
        return f"{self.messages:,} messages a week in {self.channels} channels, {WEEKS} weeks{held_back}"


SETTINGS = (Setting(50, 2), Setting(500, 6), Setting(5_000, 15), Setting(5_000, 15, share=0.2))


def experiments() -> list[Row]:
    """Coverage, widths and power of both outcomes, for every setting and true effect."""
    rows: list[Row] = []
    for place, setting in enumerate(SETTINGS):
        chance = np.random.default_rng(place)
        lots = [_lots(setting, f"lot {number}") for number in range(LOTS)]
        for points in EFFECTS if setting.share == 0.5 else EFFECTS[1:2]:
            rows += _rows(setting, points, lots, chance)
    return rows


def _rows(setting: Setting, points: float, lots: Sequence[Array], chance: np.random.Generator) -> list[Row]:
    experiment, now = _experiment(setting, ""), START + timedelta(weeks=WEEKS)
    found = [effect(experiment, _days(setting, points, lots[run % LOTS], chance), now) for run in range(RUNS)]
    seen = [each for each in found if each.ended.difference is not None]
    days = np.median([each.nudged_days + each.held_back_days for each in found])
    told = f"{setting} ({days:.0f} channel-days with a talk; enough for an interval in {len(seen) / len(found):.0%} of runs)"
    told = f"{told}, true effect {100 * points:.0f} points"
    off_topic = -points * (1 - float(np.exp(-POSTS_AFTER)))
    wanted = "93 to 97.5 %" if setting.messages >= 5_000 else "93 % or more"
    return [
        (f"{told}: talks that ended", _figure([each.ended for each in seen], points), wanted),
        (f"{told}: off-topic rate", _figure([each.off_topic for each in seen], off_topic), wanted),
    ]


def _figure(found: Sequence[Difference], truth: float) -> str:
    covered = np.mean([each.low <= truth <= each.high for each in found])
    width = np.median([each.high - each.low for each in found])
    better, worse = (
        np.mean([each.finding is finding for each in found]) for finding in (Finding.BETTER, Finding.WORSE)
    )
    return f"{covered:.1%} hold the truth, median width {100 * width:.0f} points; found better {better:.1%}, worse {worse:.1%}"


def _experiment(setting: Setting, seed: str) -> Experiment:
    return Experiment(seed, setting.share, START)


def _dates() -> list[date]:
    return [START.date() + timedelta(days=day) for day in range(7 * WEEKS)]


def _lots(setting: Setting, seed: str) -> Array:
    """1 where nudges are held back, 0 elsewhere (channels, days)."""
    experiment = _experiment(setting, seed)
    held_back = [[experiment.holds_back(str(c), day) for day in _dates()] for c in range(setting.channels)]
    return np.array(held_back, dtype=np.float64)


def _days(setting: Setting, points: float, held_back: Array, chance: np.random.Generator) -> list[ChannelDay]:
    """One run's channel-days; every chance stays within 0 and 1, so that the true effect is `points` exactly."""
    shape = held_back.shape
    size = chance.dirichlet(np.full(setting.channels, 2.0))[:, None]
    due = chance.random(shape) < 1 - np.exp(-size * setting.messages / 7 * TALKS)
    swing = _swing(shape, chance)
    nudged = 1 - held_back
    ends = chance.uniform(0.15, 0.55, (setting.channels, 1)) + swing + points * nudged
    strays = chance.uniform(0.45, 0.85, (setting.channels, 1)) - swing - points * nudged
    ended = chance.random(shape) < ends
    posts = chance.poisson(POSTS_AFTER, shape)
    off_topic = chance.binomial(posts, strays) / np.maximum(posts, 1)
    dates = _dates()
    return [
        ChannelDay(str(c), dates[d], bool(held_back[c, d]), bool(ended[c, d]), float(off_topic[c, d]))
        for c, d in np.argwhere(due).tolist()
    ]


def _swing(shape: tuple[int, ...], chance: np.random.Generator) -> Array:
    """How a day differs from its channel's habit, from -0.15 to 0.15: the weekday, and days that resemble the one before."""
    weekday = np.tile(chance.uniform(-0.05, 0.05, 7), WEEKS)
    noise = chance.uniform(-1, 1, shape)
    for day in range(1, shape[1]):
        noise[:, day] = 0.6 * noise[:, day - 1] + 0.4 * noise[:, day]
    swing: Array = weekday + 0.1 * noise
    return swing
