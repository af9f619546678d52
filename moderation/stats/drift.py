"""Drifted stretches, found again from decisions alone with the rule of `moderation.conversation`."""

from __future__ import annotations

import heapq
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime

from moderation.actions import Action, NudgeStretch
from moderation.conversation import SILENCE, Stretch, Turn, advance
from moderation.decisions import Decision, Outcome
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.move_actions import MoveStretch
from moderation.policy import Policy
from moderation.stats.report import Closing, DriftedStretch, Line, SpokenTo

CASUAL = frozenset({Outcome.LONE_CHATTER, Outcome.NEWCOMER_GREETING, Outcome.STRETCH})
SHOWN_LINES = 24
REMEMBERED_PLACES = 5_000
DRIFT_POSTS = 5_000
"""Casual posts of drifted stretches whose keys are kept, for whoever wants to know what they were about."""

Place = tuple[str, str | None]


def casual_of(decision: Decision, label: Label) -> bool | None:
    """How the talk sees a message that was judged to be `label`: casual, not casual, or None where that is not sure (a pitch too)."""
    if decision.outcome in CASUAL:
        return True
    sure = decision.verdict is not None and not decision.verdict.abstained
    return False if sure and label is Label.ON_TOPIC else None


@dataclass(slots=True)
class _Run:
    """Casual talk that is going on in one place."""

    stretch: Stretch
    first: MessageKey
    channel_name: str
    lines: list[Line]
    hours: Counter[tuple[int, int]] = field(default_factory=Counter)
    said: int = 0
    lone: int = 0
    action: Action | None = None
    acted_at: datetime | None = None


class DriftWatch:
    """Counts drifted stretches and keeps the `shown` longest.

    Open runs are held and, where any is shown, the last line of recent places.
    """

    def __init__(self, policy: Policy, shown: int) -> None:
        self._zone, self._shown = policy.zone, shown
        self._runs: dict[Place, _Run] = {}
        self._before: OrderedDict[Place, Line] = OrderedDict()
        self._longest: list[tuple[int, int, DriftedStretch]] = []
        self.hours: Counter[tuple[int, int]] = Counter()
        self.closings: Counter[Closing] = Counter()
        self.spoken_to: list[SpokenTo] = []
        self.drift_posts: deque[MessageKey] = deque(maxlen=DRIFT_POSTS)
        self.stretches = self.posts = self.closed_by_themselves = self.lone_posts = 0

    def add(self, message: Message, decision: Decision, label: Label) -> None:
        """Take in one message that was judged to be `label`, in the order of posting."""
        at, place = message.posted_at, (message.key.channel, message.thread)
        casual = casual_of(decision, label)
        run = self._runs.get(place)
        if run is not None and not run.stretch.is_open(at):
            self._close(place, Closing.SILENT)
            run = None
        line = Line(message.key, at, casual) if self._shown else None
        if run is not None or casual:
            turn = Turn(message.key.message, message.author.id, at, casual)
            self._take(run, turn, line, message, decision)
        if line is not None:
            self._remember(place, line)

    def close(self, now: datetime) -> None:
        """The period is over: what is still going on is counted as it stands."""
        for place, run in list(self._runs.items()):
            self._close(place, Closing.OPEN if run.stretch.is_open(now) else Closing.SILENT)

    def shown(self) -> tuple[DriftedStretch, ...]:
        """The longest, in order of time."""
        return tuple(sorted((entry[2] for entry in self._longest), key=lambda s: (s.started_at, s.id)))

    def drift_hours(self) -> tuple[tuple[int, ...], ...]:
        """Casual posts of drifted stretches: seven rows from Monday of twenty-four local hours."""
        return tuple(tuple(self.hours[day, hour] for hour in range(24)) for day in range(7))

    def _take(
        self, run: _Run | None, turn: Turn, line: Line | None, message: Message, decision: Decision
    ) -> None:
        """A turn of a talk that is casual or begins to be."""
        place = (message.key.channel, message.thread)
        stretch = advance(run.stretch if run else None, turn, *place)
        if stretch is None:
            return
        run = run or self._begin(place, stretch, message)
        self._extend(run, stretch, turn, line, decision)
        if stretch.returned:
            self._close(place, Closing.RETURNED)

    def _begin(self, place: Place, stretch: Stretch, message: Message) -> _Run:
        before = self._before.get(place)
        near = before is not None and stretch.started_at - before.at <= SILENCE
        lines = [before] if before is not None and near else []
        if len(self._runs) >= REMEMBERED_PLACES:
            self._close_the_silent(stretch.started_at)
        run = self._runs[place] = _Run(stretch, message.key, message.channel_name, lines)
        return run

    def _close_the_silent(self, now: datetime) -> None:
        """Where nobody writes any more, nothing else would close a run."""
        for place in [place for place, run in self._runs.items() if not run.stretch.is_open(now)]:
            self._close(place, Closing.SILENT)

    def _extend(self, run: _Run, stretch: Stretch, turn: Turn, line: Line | None, decision: Decision) -> None:
        run.stretch = stretch
        run.said += 1
        if line is not None and run.said <= SHOWN_LINES:
            run.lines.append(line)
        if turn.casual:
            local = turn.at.astimezone(self._zone)
            run.hours[local.weekday(), local.hour] += 1
            run.lone += decision.outcome is not Outcome.NEWCOMER_GREETING
        for action in decision.actions:
            if run.action is None and isinstance(action, NudgeStretch | MoveStretch):
                run.action, run.acted_at = action, decision.decided_at

    def _close(self, place: Place, closing: Closing) -> None:
        run = self._runs.pop(place)
        if not run.stretch.drifted:
            self.lone_posts += run.lone
            return
        drifted = _drifted(run, closing)
        self.stretches += 1
        self.posts += drifted.posts
        self.closings[closing] += 1
        self.closed_by_themselves += drifted.closed_by_itself
        self.hours.update(run.hours)
        self.drift_posts.extend(_casual_posts(run))
        if run.acted_at is not None:
            self.spoken_to.append(
                SpokenTo(drifted.id, drifted.channel, run.acted_at, drifted.ended_at, closing)
            )
        heapq.heappush(self._longest, (drifted.posts, -self.stretches, drifted))
        if len(self._longest) > self._shown:
            heapq.heappop(self._longest)

    def _remember(self, place: Place, line: Line) -> None:
        self._before[place] = line
        self._before.move_to_end(place)
        if len(self._before) > REMEMBERED_PLACES:
            self._before.popitem(last=False)


def _casual_posts(run: _Run) -> list[MessageKey]:
    first = run.first
    return [MessageKey(first.platform, first.community, first.channel, name) for name in run.stretch.messages]


def _drifted(run: _Run, closing: Closing) -> DriftedStretch:
    stretch = run.stretch
    return DriftedStretch(
        id=stretch.id,
        channel=stretch.channel,
        channel_name=run.channel_name,
        thread=stretch.thread,
        started_at=stretch.started_at,
        ended_at=stretch.last_at,
        closing=closing,
        posts=len(stretch.messages),
        people=len(stretch.members),
        lines=tuple(run.lines),
        more=max(0, run.said - SHOWN_LINES),
        action=run.action,
        acted_at=run.acted_at,
    )
