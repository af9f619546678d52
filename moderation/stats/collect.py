"""The one pass over decisions that makes a Report."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from moderation.charter import Charter
from moderation.decisions import Decision, Outcome, Verdict
from moderation.labels import Label
from moderation.messages import Message
from moderation.policy import Policy
from moderation.stats.conversations import ConversationWatch
from moderation.stats.dialogue import DialogueWatch
from moderation.stats.drift import CASUAL, DriftWatch
from moderation.stats.pitches import HardCases, PitchWatch
from moderation.stats.report import ChannelCounts, Counts, Report

SHOWN = 100
"""Stretches and pitches whose texts are shown at most."""
SHOWN_HARD_CASES = 12

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def kind_of(action: object) -> str:
    """The name of an action in files: `nudge_stretch` for NudgeStretch."""
    return _CAPITAL.sub("_", type(action).__name__).lower()


class Statistics:
    """Counts decisions of one community. Feed each message once, with its last decision, in order of posting.

    `shown` limits the stretches and the pitches that are shown; 0 shows no example of anything. `names` are those of channels by
    id, for messages that no longer know theirs; `known` are the authors who wrote before, None where nobody can tell.
    """

    def __init__(
        self,
        charter: Charter,
        policy: Policy,
        *,
        shown: int = SHOWN,
        names: Mapping[str, str] | None = None,
        known: Collection[str] | None = None,
    ) -> None:
        self._charter, self._policy, self._zone = charter, policy, policy.zone
        self._drift, self._pitches = DriftWatch(policy, shown), PitchWatch(shown)
        self._hard = HardCases(SHOWN_HARD_CASES) if shown else None
        self._dialogue, self._conversations = DialogueWatch(known), ConversationWatch()
        self._counts: Counter[tuple[date, str, str]] = Counter()
        self._names: dict[str, str] = dict(names or {})
        self._skipped: Counter[str] = Counter()
        self._actions: Counter[str] = Counter()
        self._people: set[str] = set()
        self._greetings = 0
        self._first: datetime | None = None
        self._last: datetime | None = None

    def add(self, message: Message, decision: Decision) -> None:
        """Take in one decided message. The text is not looked at."""
        verdict = decision.verdict
        self._first = self._first or message.posted_at
        self._last = message.posted_at
        for action in decision.actions:
            self._actions[kind_of(action)] += 1
        if verdict is None:
            self._count(message, "skipped")
            self._skipped[decision.skipped or "not judged"] += 1
            return
        label = verdict.label
        self._count(message, self._what(message, decision, verdict, label))
        self._people.add(message.author.id)
        self._greetings += decision.outcome is Outcome.NEWCOMER_GREETING
        self._drift.add(message, decision, label)
        self._pitches.add(message, decision)
        if self._hard is not None:
            self._hard.add(message, decision)
        if label is not Label.PITCH:
            self._dialogue.add(message)
            self._conversations.add(message)

    def report(self) -> Report:
        """Close the period and give its figures; nothing can be added afterwards."""
        if self._last is not None:
            self._drift.close(self._last)
            self._pitches.close()
        totals: Counter[str] = Counter()
        days: defaultdict[date, Counter[str]] = defaultdict(Counter)
        channels: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (day, channel, what), number in self._counts.items():
            for counts in (totals, days[day], channels[channel]):
                counts[what] += number
        return Report(
            first_at=self._first,
            last_at=self._last,
            totals=Counts(**totals),
            by_day={day: Counts(**days[day]) for day in sorted(days)},
            by_channel=self._by_channel(channels),
            skipped=dict(self._skipped.most_common()),
            people=len(self._people),
            stretches=self._drift.stretches,
            stretch_posts=self._drift.posts,
            closings=dict(self._drift.closings),
            closed_by_themselves=self._drift.closed_by_themselves,
            shown_stretches=self._drift.shown(),
            drift_hours=self._drift.drift_hours(),
            lone_posts=self._drift.lone_posts,
            greetings=self._greetings,
            pitches=self._pitches.pitches,
            drive_bys=self._pitches.drive_bys,
            shown_pitches=self._pitches.shown(),
            hard_cases=self._hard.shown() if self._hard is not None else (),
            dialogue=self._dialogue.result(),
            actions=dict(self._actions),
            spoken_to=tuple(self._drift.spoken_to),
            drift_posts=tuple(self._drift.drift_posts),
            conversations=self._conversations.result(),
            newcomers=self._dialogue.newcomers(),
        )

    def _count(self, message: Message, what: str) -> None:
        day = message.posted_at.astimezone(self._zone).date()
        channel = message.key.channel
        self._counts[day, channel, what] += 1
        if message.channel_name:
            self._names[channel] = message.channel_name

    def _by_channel(self, counts: Mapping[str, Counter[str]]) -> tuple[ChannelCounts, ...]:
        channels = [
            ChannelCounts(each, self._names.get(each) or each, Counts(**counts[each])) for each in counts
        ]
        return tuple(sorted(channels, key=lambda c: (-c.counts.judged, c.name, c.id)))

    def _what(self, message: Message, decision: Decision, verdict: Verdict, label: Label) -> str:
        """The field of Counts in which a judged message counts."""
        if verdict.abstained:
            return "unsure"
        if label is Label.ON_TOPIC or self._at_home(message, decision, label):
            return "on_topic"
        if decision.outcome in CASUAL:
            return "chatter"
        return "pitch" if self._policy.is_pitch(verdict) else "unsure"

    def _at_home(self, message: Message, decision: Decision, label: Label) -> bool:
        """Casual talk or an offer that is welcome where it stands: by the decision, which outlasts the channel's name."""
        if decision.outcome is Outcome.LEFT_ALONE:
            return True
        channel = message.key.channel
        entry = self._charter.channel(channel, message.channel_name or self._names.get(channel, ""))
        if entry is None:
            return False
        return entry.social if label is Label.CHATTER else entry.promotion_welcome


def count(decided: Iterable[tuple[Message, Decision]], charter: Charter, policy: Policy) -> Report:
    """The report over decided messages given in order of posting."""
    statistics = Statistics(charter, policy)
    for message, decision in decided:
        statistics.add(message, decision)
    return statistics.report()
