"""The digest: what a community's period was like, in figures, for the people who look after it.

All of it is data; `bot.digest_text` says it in words. It is counted from stored decisions, from what was really carried out, and
from rulings; of texts only single words are told, and only those that at least five people used. Nobody is ranked or scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from moderation.actions import (
    Action,
    FloodHint,
    MoveStretch,
    NudgeAuthor,
    NudgeStretch,
    PitchCard,
    RemovePitch,
    UndoMove,
    Welcome,
)
from moderation.charter import Charter
from moderation.conversation import SILENCE
from moderation.decisions import Decision, Ruling
from moderation.draws import Occasion
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.policy import Policy
from moderation.promise import Promise, Standing
from moderation.stats import ChannelCounts, Closing, Counts, Report, SpokenTo, Statistics
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


# --- periods ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until just before `end`, both aware UTC, on local midnights of `time_zone`."""

    start: datetime
    end: datetime
    time_zone: str = "UTC"

    def covers(self, moment: datetime) -> bool:
        """Whether `moment` lies within."""
        return self.start <= moment < self.end

    @property
    def first_day(self) -> date:
        """The first local day."""
        return self.start.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def last_day(self) -> date:
        """The last local day, which belongs to it."""
        return (self.end - timedelta(seconds=1)).astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def days(self) -> int:
        """Local days, those of 23 and 25 hours too."""
        return (self.last_day - self.first_day).days + 1

    @property
    def is_week(self) -> bool:
        """Whether it goes from a Monday to the next."""
        return self.days == 7 and self.first_day.weekday() == 0

    def before(self) -> Period:
        """The period of as many local days that ends where this one begins."""
        return period_of(self.first_day - timedelta(days=self.days), self.first_day, self.time_zone)


def period_of(first: date, end: date, time_zone: str) -> Period:
    """From the local day `first` until the day before `end`. Raises ValueError for no day at all."""
    if first >= end:
        raise ValueError(f"a period needs at least one day: {first} is not before {end}")
    zone = ZoneInfo(time_zone)
    # A midnight that the clocks skip is the moment at which they jump.
    start, stop = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, end))
    return Period(start, stop, time_zone)


def week_of(moment: datetime, time_zone: str) -> Period:
    """The local week, Monday to Monday, that `moment` lies in."""
    today = moment.astimezone(ZoneInfo(time_zone)).date()
    monday = today - timedelta(days=today.weekday())
    return period_of(monday, monday + timedelta(days=7), time_zone)


# --- what a digest holds ---------------------------------------------------------------------------------------------


class State(StrEnum):
    """How much there is to tell: no message at all, none that was judged, none that was sure, few, or enough."""

    NOTHING = "nothing"
    NOTHING_JUDGED = "nothing_judged"
    NOTHING_SURE = "nothing_sure"
    QUIET = "quiet"
    USUAL = "usual"


class Wish(StrEnum):
    """By whose wish posts were moved."""

    AUTHOR = "author"
    MODERATOR = "moderator"
    POLICY = "policy"


class Followed(StrEnum):
    """What came after a nudge to a stretch. WENT_ON: casual talk more than half an hour later."""

    MOVED = "moved"
    RETURNED = "returned"
    QUIET = "quiet"
    WENT_ON = "went_on"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was carried out (in a replay: that would have been), where and when."""

    action: Action
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deeds:
    """What was carried out, counted.

    `followed` has the `stretch_nudges` by what came after them. `moved` counts stretches by wish, `moved_posts` their posts,
    `brought_back` undone moves. `cards` counts pitches shown to moderators, `removed` those taken down.
    """

    stretch_nudges: int = 0
    author_nudges: int = 0
    welcomes: int = 0
    followed: Mapping[Followed, int] = field(default_factory=dict)
    moved: Mapping[Wish, int] = field(default_factory=dict)
    moved_posts: int = 0
    brought_back: int = 0
    cards: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class RulingCounts:
    """What people said: the latest word of each moderator on each thing.

    `right` and `wrong` are about what was flagged, `fine` and `missed` about messages that were not flagged and drawn to look
    again. `drawn` of all these were drawn at random. `disputed` things have moderators on both sides. `objections` are authors
    who say that it belongs there. `open` are those on which somebody said "not now" only.
    """

    right: int = 0
    wrong: int = 0
    fine: int = 0
    missed: int = 0
    drawn: int = 0
    disputed: int = 0
    objections: int = 0
    open: int = 0

    @property
    def ruled(self) -> int:
        """Words of moderators that say something."""
        return self.right + self.wrong + self.fine + self.missed


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
    days with posts, `change` where one of both is missing. `standings` are those of the promise by label, None for a label about
    which nothing is known yet. A `rehearsed` digest tells what would have been done.
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
    rulings: RulingCounts
    promise: Promise | None
    standings: Mapping[Label, Standing | None]
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
        self._held: tuple[Message, Decision] | None = None
        self._of_author: dict[str, MessageKey] = {}
        self._of_channel: dict[str, MessageKey] = {}
        self._report: Report | None = None

    def add(self, message: Message, decision: Decision) -> None:
        """Take in one decided message. Several decisions on one message come one after the other: the last one counts."""
        if self._channel not in ("", message.key.channel):
            return
        if self._held is not None and self._held[0].key == message.key:
            decision = _with_actions_of(self._held[1], decision)
        else:
            self._take()
        self._held = message, decision

    def close(self) -> Report:
        """Everything was read; the figures of the period."""
        if self._report is None:
            self._take()
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
        rulings: RulingCounts | None = None,
        promise: Promise | None = None,
        standings: Mapping[Label, Standing | None] | None = None,
        *,
        rehearsed: bool = False,
    ) -> Digest:
        """The digest; `found` are the messages of `keys_to_read`, None for one that is gone."""
        report, earlier = self.close(), self._earlier.report()
        before = earlier if earlier.totals.judged else None
        known = [message for message in found if message is not None]
        names = self._names | {m.key.channel: m.channel_name for m in known if m.channel_name}
        relevance, past = _relevance(report), _relevance(earlier)
        return Digest(
            community=self._charter.name,
            channel=self._name_of(self._channel, names) if self._channel else "",
            period=self._period,
            report=report,
            before=before,
            relevance=relevance,
            change=change(relevance, past) if relevance and past else None,
            channels=self._channels(report, earlier, names),
            deeds=_deeds([deed for deed in deeds if self._tells(deed)], report),
            rulings=rulings or RulingCounts(),
            promise=promise,
            standings=dict(standings or {}),
            busy_hours=_busy_hours(report),
            words=_words(report, known),
            rehearsed=rehearsed,
        )

    def _take(self) -> None:
        if self._held is None:
            return
        message, decision = self._held
        self._held = None
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


def count_rulings(rulings: Iterable[Ruling]) -> RulingCounts:
    """The rulings of a period, given in order of time: of each person the latest word on each thing."""
    latest = {(ruling.subject, ruling.by): ruling for ruling in rulings}
    counts: Counter[str] = Counter()
    sides: dict[str, set[str]] = {}
    undecided: set[str] = set()
    for ruling in latest.values():
        what = _word(ruling)
        if what is None:
            undecided.add(ruling.subject)
            continue
        counts[what] += 1
        if ruling.moderator:
            sides.setdefault(ruling.subject, set()).add(what)
            counts["drawn"] += ruling.drawn
    disputed = sum(len(said) > 1 for said in sides.values())
    return RulingCounts(**counts, disputed=disputed, open=len(undecided - sides.keys()))


def _word(ruling: Ruling) -> str | None:
    """The field of RulingCounts in which a ruling counts; None for one that says nothing."""
    if ruling.right is None:
        return None
    if not ruling.moderator:
        return "objections"
    if ruling.subject.startswith(f"drawn:{Occasion.NOT_FLAGGED}:"):
        return "missed" if ruling.right else "fine"
    return "right" if ruling.right else "wrong"


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


def _deeds(deeds: Sequence[Deed], report: Report) -> Deeds:
    counts = Counter(type(deed.action) for deed in deeds)
    nudges = {a.stretch: deed.at for deed in deeds if isinstance(a := deed.action, NudgeStretch)}
    moves = [deed.action for deed in deeds if isinstance(deed.action, MoveStretch)]
    moved = {move.stretch for move in moves}
    ends = {stretch.id: stretch for stretch in report.spoken_to}
    wishes = {(move.stretch, _wish(move)) for move in moves}
    return Deeds(
        stretch_nudges=len(nudges),
        author_nudges=counts[NudgeAuthor] + counts[FloodHint],
        welcomes=counts[Welcome],
        followed=Counter(
            Followed.MOVED if name in moved else _followed(ends.get(name), at) for name, at in nudges.items()
        ),
        moved=Counter(wish for _, wish in wishes),
        moved_posts=len({(move.stretch, name) for move in moves for name in move.messages}),
        brought_back=counts[UndoMove],
        cards=len({deed.action.pitch for deed in deeds if isinstance(deed.action, PitchCard)}),
        removed=len({deed.action.pitch for deed in deeds if isinstance(deed.action, RemovePitch)}),
    )


def _wish(move: MoveStretch) -> Wish:
    if move.by == "policy":
        return Wish.POLICY
    return Wish.AUTHOR if move.by in move.members else Wish.MODERATOR


def _followed(stretch: SpokenTo | None, nudged_at: datetime) -> Followed:
    if stretch is None:
        return Followed.OPEN
    if stretch.ended_at - nudged_at > SILENCE:
        return Followed.WENT_ON
    return {
        Closing.RETURNED: Followed.RETURNED,
        Closing.SILENT: Followed.QUIET,
        Closing.OPEN: Followed.OPEN,
    }[stretch.closing]
