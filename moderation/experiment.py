"""Proof that nudges work: on some days of some channels they are held back at random, and the days are compared.

Who decides which day is a seed alone, before the day begins, so nothing that happens in a channel can choose its own lot. Each channel
has blocks of weeks of its own; within a block every weekday is held back equally often, and every week has nearly as many days of either
kind (randomisation in permuted blocks; Efird, "Blocked Randomization with Randomly Selected Block Sizes", 2011).

One channel on one day is what is drawn, so that is also what is counted: from each, only the first stretch that was due a nudge. What comes
later that day is already a consequence of how the day was treated, and many stretches of one day are not many pieces of evidence. A day keeps the arm that
it drew, whatever was done (intention to treat). What the days show is in moderation.effect.

Assumed: what is done on one day changes nothing on the next, and nothing in other channels. Where a nudge teaches people for longer than a
day, the difference is too small, never too large.

Nothing here knows a person: an outcome belongs to a channel and a day.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

from moderation.actions import NudgeStretch
from moderation.decisions import Decision, Outcome
from moderation.labels import Label
from moderation.messages import MessageKey, Platform
from moderation.move_actions import MoveStretch

HELD_BACK = "held back at random: the experiment compares days with and without nudges"
"""The reason of a decision that would have nudged a stretch; the policy gives it where nothing else stood in the way.

Reasons go with the text; what stays is Decision.held_back."""
SOON = timedelta(minutes=30)
"""Within this time after the nudge was due, a talk ends or moves, or it does not."""
AFTERWARDS = timedelta(hours=3)
"""How long the channel's off-topic rate is watched after that moment, though not beyond the end of the day."""
LONGEST_BLOCK = 10
"""Weeks of a block at most; the share held back is a fraction with this denominator at most."""

_CASUAL = frozenset({Outcome.LONE_CHATTER, Outcome.NEWCOMER_GREETING, Outcome.STRETCH})


@dataclass(frozen=True, slots=True)
class Experiment:
    """Nudges held back at random on a `share` of the days of each channel.

    It has the whole local days of `time_zone` from `started_at` (aware) to `ends_at`, without an end where that is None. The share is
    a fraction such as 1/2, 1/3 or 3/10; whoever knows the seed knows every lot. With an empty seed the community stands in for it
    (see `in_community`). Raises ValueError where that makes no sense.
    """

    seed: str
    share: float
    started_at: datetime
    ends_at: datetime | None = None
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        if not 0.1 <= self.share <= 0.9:
            raise ValueError(f"{self.share:g}: hold back nudges on at least 0.1 and at most 0.9 of the days")
        held_back, weeks = _block(self.share)
        if abs(self.share - held_back / weeks) > 0.005:
            raise ValueError(f"{self.share:g}: take a plain share such as 0.5, 0.33, 0.25, 0.2 or 0.1")
        if self.ends_at is not None and self.ends_at <= self.started_at:
            raise ValueError("the experiment ends before it begins")

    def in_community(self, platform: Platform, community: str) -> Experiment:
        """The experiment as one community has it: without a seed of its own, the community's id is its seed."""
        return self if self.seed else replace(self, seed=f"{platform}:{community}")

    @property
    def first_day(self) -> date:
        """The first local day that had not begun when it started."""
        day = self.day_of(self.started_at)
        return day + timedelta(days=self.started_at > self.beginning_of(day))

    @property
    def last_day(self) -> date | None:
        """The last local day that lies within; None without an end."""
        if self.ends_at is None:
            return None
        day = self.day_of(self.ends_at)
        return day - timedelta(days=self.end_of(day) > self.ends_at)

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def beginning_of(self, day: date) -> datetime:
        """The moment at which a local day begins, in UTC; that need not be midnight where clocks change then."""
        return datetime.combine(day, time.min, ZoneInfo(self.time_zone)).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The moment at which a local day is over, in UTC."""
        return self.beginning_of(day + timedelta(days=1))

    def covers(self, day: date) -> bool:
        """Whether a local day lies within, from its first moment to its last."""
        return day >= self.first_day and (self.ends_at is None or self.end_of(day) <= self.ends_at)

    def holds_back(self, channel: str, day: date) -> bool:
        """Whether nudges are held back all day in the channel with this id; never on days outside the experiment."""
        if not self.covers(day):
            return False
        held_back, weeks = _block(self.share)
        week, weekday = divmod((day - self.first_day).days, 7)
        block, place = divmod(week, weeks)
        # Over a block each weekday takes every turn once; a week has seven turns in a row, held back as evenly as can be.
        turn = _order(self.seed, channel, block, "weeks", weeks)[place]
        turn += _order(self.seed, channel, block, "days", 7)[weekday]
        return turn * held_back % weeks < held_back


def whole_days(seed: str, share: float, first: date, last: date | None, time_zone: str) -> Experiment:
    """An experiment from the first moment of a local day to the last moment of another. Raises ValueError as Experiment does."""
    begin = Experiment(seed, share, datetime.combine(first, time.min, UTC), time_zone=time_zone)
    return replace(
        begin,
        started_at=begin.beginning_of(first),
        ends_at=None if last is None else begin.end_of(last),
    )


@lru_cache(maxsize=64)
def _block(share: float) -> tuple[int, int]:
    """How many weeks of a block, for each weekday, nudges are held back, and how many weeks a block has."""
    return Fraction(share).limit_denominator(LONGEST_BLOCK).as_integer_ratio()


@lru_cache(maxsize=4096)
def _order(seed: str, channel: str, block: int, what: str, size: int) -> tuple[int, ...]:
    """The numbers from 0 to size - 1 in an order that looks random and depends on the arguments alone."""

    def lot(number: int) -> bytes:
        return hashlib.sha256("\n".join((seed, channel, str(block), what, str(number))).encode()).digest()

    return tuple(sorted(range(size), key=lot))


def was_due(decision: Decision) -> bool:
    """Whether a stretch was due a nudge by this decision, given or held back."""
    nudged = any(isinstance(action, NudgeStretch | MoveStretch) for action in decision.actions)
    return decision.held_back or (decision.outcome is Outcome.STRETCH and nudged)


@dataclass(frozen=True, slots=True)
class ChannelDay:
    """What followed in a channel on a local day from its first stretch that was due a nudge.

    `ended` says whether that talk ended or moved within half an hour. `off_topic` is the share (0 to 1) of what was surely one or the other and
    posted in the channel within three hours, on the same day; silence is 0, since leaving it out would choose days by what the nudge did.
    """

    channel: str
    day: date
    held_back: bool
    ended: bool
    off_topic: float
    undelivered: bool = False
    """A nudge was due and did not get there. The day counts like any other with nudges, or what stops a nudge would choose days."""


class DayReader:
    """Reads what one community decided, in any order, and gives the channel-days of its experiment.

    It keeps moments and counts, no people and no texts.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._due: dict[str, tuple[datetime, str, bool]] = {}
        """By stretch, when it was first due a nudge, in which channel, and whether that was held back."""
        self._last: dict[str, datetime] = {}
        """By stretch, when its latest post was written."""
        self._posts: dict[str, dict[MessageKey, tuple[int, datetime, bool | None]]] = {}

    def add(self, decision: Decision) -> None:
        """Take in one decision."""
        channel, stretch = decision.key.channel, decision.stretch
        posts = self._posts.setdefault(channel, {})
        if decision.revision >= posts.get(decision.key, (0,))[0]:
            posts[decision.key] = (decision.revision, decision.posted_at, _is_off_topic(decision))
        if stretch is None:
            return
        self._last[stretch] = max(self._last.get(stretch, decision.posted_at), decision.posted_at)
        if was_due(decision):
            due = (decision.decided_at, channel, decision.held_back)
            self._due[stretch] = min(self._due.get(stretch, due), due)

    def channel_days(
        self, moved: Mapping[str, datetime], delivered: Collection[str], now: datetime
    ) -> list[ChannelDay]:
        """The channel-days that can be counted at `now`, in order of day and channel.

        `moved` tells by stretch id when posts of it were first moved by somebody's wish; a move by the policy itself stays out, since it would
        be its own proof. `delivered` are the stretches that a nudge really reached. A day whose first stretch was due less than three hours
        ago is left for later. Left out is a day that was treated otherwise than its lot says: that comes from rules that were changed
        afterwards (another share, seed or beginning), never from what happened in the channel.
        """
        first = self._first()
        posts = {channel: self._sure_posts(channel) for channel in {channel for _, channel in first}}
        return [
            ChannelDay(
                channel=channel,
                day=day,
                held_back=held_back,
                ended=min(self._last[stretch], moved.get(stretch, self._last[stretch])) <= moment + SOON,
                off_topic=_off_topic(
                    posts[channel], moment, min(moment + AFTERWARDS, self._experiment.end_of(day))
                ),
                undelivered=not held_back and stretch not in delivered,
            )
            for (day, channel), (moment, stretch, held_back) in sorted(first.items())
            if moment + AFTERWARDS <= now and held_back is self._experiment.holds_back(channel, day)
        ]

    def _first(self) -> dict[tuple[date, str], tuple[datetime, str, bool]]:
        """By day and channel the stretch that was due a nudge first."""
        first: dict[tuple[date, str], tuple[datetime, str, bool]] = {}
        for stretch, (moment, channel, held_back) in self._due.items():
            place, due = (self._experiment.day_of(moment), channel), (moment, stretch, held_back)
            if self._experiment.covers(place[0]):
                first[place] = min(first.get(place, due), due)
        return first

    def _sure_posts(self, channel: str) -> list[tuple[datetime, bool]]:
        """When something was posted in a channel, and whether it was off topic, in order of time; only what is surely one or the other."""
        return sorted((at, off) for _, at, off in self._posts[channel].values() if off is not None)


def _off_topic(posts: Sequence[tuple[datetime, bool]], after: datetime, until: datetime) -> float:
    """The share of off-topic ones among posts after a moment, and until another; 0 where there are none."""
    start, end = (bisect_right(posts, moment, key=lambda post: post[0]) for moment in (after, until))
    return sum(off for _, off in posts[start:end]) / (end - start) if end > start else 0.0


def _is_off_topic(decision: Decision) -> bool | None:
    """Whether a message was surely off topic where it stood; None where that is not sure, or was not asked."""
    verdict, outcome = decision.verdict, decision.outcome
    if verdict is None or verdict.abstained:
        return None
    if outcome in _CASUAL or outcome is Outcome.PITCH:
        return True
    return False if outcome is Outcome.LEFT_ALONE or verdict.label is Label.ON_TOPIC else None
