"""The digest: what a community's period was like, in figures, for the people who look after it.

All of it is data; `bot.digest_text` says it in words. It is counted from stored decisions, from what was really carried out, and
from rulings; of texts only single words are told, and only those that at least five people used. Nobody is ranked or scored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from moderation.charter import Charter
from moderation.decisions import Decision
from moderation.deeds import Deed, Deeds, count_deeds
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.periods import Period
from moderation.policy import Policy
from moderation.promise import Promise, Standing
from moderation.ruling_counts import RulingCounts
from moderation.stats import ChannelCounts, Counts, Report, Statistics
from moderation.stats.interval import Change, Share, change, share_over_days
from moderation.stats.words import DriftWords, drift_words

FEW = 30
"""Posts below which a rate says little."""
HOURS = 3
"""Busiest hours that are told."""
SETTLED_HISTORY = timedelta(days=14)
"""How long Steward must have read along before somebody who writes for the first time can be called a newcomer."""
REMEMBERED_PEOPLE = 5_000
"""People whose names are looked up, so that no word of the drift is one of them."""


# --- what a digest holds ---------------------------------------------------------------------------------------------


class State(StrEnum):
    """How much there is to tell: no message at all, none that was judged, none that was sure, few, or enough."""

    NOTHING = "nothing"
    NOTHING_JUDGED = "nothing_judged"
    NOTHING_SURE = "nothing_sure"
    QUIET = "quiet"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Trust:
    """How right Steward was, as far as people told.

    `standings` are those of the `promise`, by label; without one there are none. `unreadable` says why the words of a stored promise
    cannot be read, where they cannot.
    """

    rulings: RulingCounts = field(default_factory=RulingCounts)
    promise: Promise | None = None
    standings: Mapping[Label, Standing] = field(default_factory=dict)
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One channel, and its relevance rate in the period before (None without one)."""

    channel: ChannelCounts
    before: float | None


@dataclass(frozen=True, slots=True)
class BusyHour:
    """Casual posts of drifted stretches in one local hour of the week; `weekday` 0 is Monday."""

    weekday: int
    hour: int
    posts: int


@dataclass(frozen=True, slots=True)
class Digest:
    """A period of a community, or of one `channel` of it (its name, else empty).

    `before` is None where nothing of the period before was judged: then it is the first. `relevance` is None for fewer than two
    days with posts, `change` where one of both is missing. A `rehearsed` digest tells what would have been done.
    """

    community: str
    channel: str
    period: Period
    report: Report
    before: Report | None
    relevance: Share | None
    change: Change | None
    channels: tuple[ChannelLine, ...]
    deeds: Deeds
    trust: Trust
    busy_hours: tuple[BusyHour, ...]
    words: DriftWords
    rehearsed: bool = False

    @property
    def state(self) -> State:
        """How much there is to tell."""
        totals = self.report.totals
        if not totals.judged:
            return State.NOTHING_JUDGED if totals.skipped else State.NOTHING
        if not totals.sure:
            return State.NOTHING_SURE
        return State.QUIET if totals.sure < FEW else State.USUAL

    @property
    def one_channel(self) -> bool:
        """Whether all that was judged stood in one channel."""
        return len(self.channels) == 1

    @property
    def counts_by_day(self) -> tuple[tuple[date, Counts], ...]:
        """Every local day of the period, those without a message too."""
        days = (self.period.first_day + timedelta(days=n) for n in range(self.period.days))
        return tuple((day, self.report.by_day.get(day, Counts())) for day in days)


# --- making one ------------------------------------------------------------------------------------------------------


class DigestReader:
    """Reads the decisions of a period and of the one before, once, in order of posting, and keeps no text.

    `channel` is the id of the only channel that is told about, or empty. `names` are those of channels by id. `known` are the
    authors who wrote before the period, None where nobody can tell.
    """

    def __init__(
        self,
        charter: Charter,
        policy: Policy,
        period: Period,
        *,
        channel: str = "",
        names: Mapping[str, str] | None = None,
        known: Collection[str] | None = None,
    ) -> None:
        self._charter, self._channel, self._period = charter, channel, period
        self._names = dict(names or {})
        self._before = period.before()
        local = replace(policy, time_zone=period.time_zone)
        self._now = Statistics(charter, local, shown=0, names=names, known=known)
        self._earlier = Statistics(charter, local, shown=0, names=names)
        self._held: Message | None = None
        self._decision: Decision | None = None
        self._of_author: dict[str, MessageKey] = {}
        self._of_channel: dict[str, MessageKey] = {}
        self._report: Report | None = None

    def add(self, message: Message, decision: Decision) -> None:
        """Take in one decided message. Several decisions on one message come one after the other: the last one counts."""
        if self._channel and self._channel != message.key.channel:
            return
        if self._held is not None and self._decision is not None:
            if self._held.key == message.key:
                decision = _with_actions_of(self._decision, decision)
            else:
                self._take(self._held, self._decision)
        self._held, self._decision = message, decision

    def close(self) -> Report:
        """Everything was read; the figures of the period."""
        if self._report is None:
            if self._held is not None and self._decision is not None:
                self._take(self._held, self._decision)
            self._report = self._now.report()
        return self._report

    def keys_to_read(self) -> list[MessageKey]:
        """Messages whose texts and names `digest` wants, as far as they are still kept: one of each person among them."""
        keys = (*self.close().drift_posts, *self._of_author.values(), *self._of_channel.values())
        return list(dict.fromkeys(keys))

    def digest(
        self,
        found: Iterable[Message | None],
        deeds: Iterable[Deed] = (),
        trust: Trust | None = None,
        *,
        rehearsed: bool = False,
    ) -> Digest:
        """The digest; `found` are the messages of `keys_to_read`, None for one that is gone."""
        report, earlier = self.close(), self._earlier.report()
        known = [message for message in found if message is not None]
        names = self._names | {m.key.channel: m.channel_name for m in known if m.channel_name}
        relevance, past = _relevance(report), _relevance(earlier)
        return Digest(
            community=self._charter.name,
            channel=self._name_of(self._channel, names) if self._channel else "",
            period=self._period,
            report=report,
            before=earlier if earlier.totals.judged else None,
            relevance=relevance,
            change=change(relevance, past) if relevance and past else None,
            channels=self._channels(report, earlier, names),
            deeds=count_deeds([deed for deed in deeds if self._tells(deed)], report.spoken_to),
            trust=trust or Trust(),
            busy_hours=_busy_hours(report),
            words=_words(report, known),
            rehearsed=rehearsed,
        )

    def _take(self, message: Message, decision: Decision) -> None:
        """Count a message with all that was decided about it."""
        if self._before.covers(message.posted_at):
            self._earlier.add(message, decision)
        elif self._period.covers(message.posted_at):
            self._now.add(message, decision)
            if decision.verdict is not None:
                self._of_channel[message.key.channel] = message.key
                if message.author.id in self._of_author or len(self._of_author) < REMEMBERED_PEOPLE:
                    self._of_author[message.author.id] = message.key

    def _tells(self, deed: Deed) -> bool:
        return self._period.covers(deed.at) and self._channel in ("", deed.channel)

    def _name_of(self, channel: str, names: Mapping[str, str]) -> str:
        entry = self._charter.channel(channel)
        return names.get(channel) or (entry.name if entry else channel)

    def _channels(self, report: Report, earlier: Report, names: Mapping[str, str]) -> tuple[ChannelLine, ...]:
        past = {each.id: each.counts.relevance for each in earlier.by_channel}
        return tuple(
            ChannelLine(replace(each, name=self._name_of(each.id, names)), past.get(each.id))
            for each in report.by_channel
            if each.counts.judged
        )


def _with_actions_of(earlier: Decision, later: Decision) -> Decision:
    """The later decision on an edited message, with what the earlier one had done already."""
    if not earlier.actions:
        return later
    actions = {action.marker: action for action in (*earlier.actions, *later.actions)}
    return replace(later, actions=tuple(actions.values()))


def _relevance(report: Report) -> Share | None:
    days = [(counts.on_topic, counts.sure) for counts in report.by_day.values()]
    return share_over_days(days, report.conversations.count + report.pitches)


def _busy_hours(report: Report) -> tuple[BusyHour, ...]:
    hours = [BusyHour(d, h, report.drift_hours[d][h]) for d in range(7) for h in range(24)]
    busy = sorted(
        (hour for hour in hours if hour.posts), key=lambda hour: (-hour.posts, hour.weekday, hour.hour)
    )
    return tuple(busy[:HOURS])


def _words(report: Report, found: Sequence[Message]) -> DriftWords:
    drift = set(report.drift_posts)
    names = {
        name for message in found for name in (message.author.name, message.channel_name, *message.mentions)
    }
    return drift_words((message for message in found if message.key in drift), report.stretch_posts, names)
