"""How firmly the charter is applied, and the one function that decides.

`decide` is pure: the same arguments give the same Decision, and nothing is looked up. The order of its questions is
the policy of the product: be sure, be kind, be rare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from moderation.actions import Action, FloodHint, NudgeAuthor, NudgeStretch, PitchCard, Welcome
from moderation.charter import ChannelCharter, Charter
from moderation.conversation import Stretch
from moderation.decisions import Decision, Outcome, Verdict
from moderation.experiment import HELD_BACK, Experiment
from moderation.greetings import is_greeting
from moderation.labels import Label
from moderation.messages import Author, Kind, Message
from moderation.move_actions import MoveStretch
from moderation.pitch_actions import HoldPitch
from moderation.record import CardTold, Record


class Mode(StrEnum):
    """How far Steward goes: only moderators see something, nudges, offers to move, moves."""

    OBSERVE = "observe"
    NUDGE = "nudge"
    OFFER = "offer"
    MOVE = "move"


class Strictness(StrEnum):
    """How sure a verdict must be before anything follows."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


SURE_CHATTER = {Strictness.LOW: 0.90, Strictness.NORMAL: 0.75, Strictness.HIGH: 0.60}
SURE_PITCH = {Strictness.LOW: 0.90, Strictness.NORMAL: 0.75, Strictness.HIGH: 0.60}
STALE = timedelta(minutes=30)
"""A post as old as this is not answered with a word to its author any more: that would come out of nowhere."""
MONOLOGUE = 15
"""Posts in an hour by one person that nobody answers."""
CARDS_AN_HOUR = 10
"""New cards of pitches within an hour; what is pitched beyond waits in the backlog, so that a flood does not flood the moderators."""
MOST_COPIES = 20
"""Copies that one card names; each has a card of its own, and together they have all."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Caps:
    """At most so many nudges in a local day: to one member, in one channel, in the whole community."""

    member: int = 1
    channel: int = 3
    day: int = 10


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily span of local time in which nobody is nudged; it may run over midnight."""

    start: time
    end: time

    def cover(self, moment: time) -> bool:
        """Whether `moment` lies within; the end is outside."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class Leave:
    """What the evidence for the promise permits: whether anything is said to members, and if not, why in words.

    Talk is casual only from a probability of `casual_from` on, however strict the policy is. From `holds_from` on the promise is shown
    to be kept for pitches too, so that they may be held where the policy wants that; None where it is not.
    """

    acts: bool = True
    casual_from: float = 0.0
    why: str = ""
    holds_from: float | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How the charter is applied. `retention_days` is how long text is kept, at most 7.

    `promise` is the error promise in words, `off` by default: see moderation.promise. `experiment` holds nudges back on days that are
    drawn, to prove that they help; without one none is. `moderators_channel` (id or name) gets the cards, `log_channel`, if any, a line
    about everything that Steward does. Until `paused_until` (aware UTC) nothing is said to members, whatever the mode; it is no part of a
    charter file. With `direct_messages` single members are spoken to by direct message where they take such. With `hold_pitches` a pitch is taken away until moderators rule, for a day at most, where the promise is shown to be kept.
    `wording` has members' phrases in the community's own words: names and texts. `leave` follows from the rulings until now and is no part of what moderators set: it is neither compared nor published.
    """

    mode: Mode = Mode.OBSERVE
    strictness: Strictness = Strictness.NORMAL
    promise: str = "off"
    caps: Caps = field(default=Caps())
    quiet_hours: QuietHours | None = None
    time_zone: str = "UTC"
    exempt_roles: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()
    moderators_channel: str = ""
    log_channel: str = ""
    retention_days: int = 7
    lone_limit: int = 3
    act_in_threads: bool = False
    experiment: Experiment | None = None
    hold_pitches: bool = False
    direct_messages: bool = False
    wording: tuple[tuple[str, str], ...] = ()
    paused_until: datetime | None = None
    leave: Leave = field(default=Leave(), repr=False, compare=False)

    def is_quiet(self, now: datetime) -> bool:
        """Whether `now` falls into the quiet hours of the community."""
        return self.quiet_hours is not None and self.quiet_hours.cover(self.local(now).time())

    def is_paused(self, now: datetime) -> bool:
        """Whether moderators asked for silence at `now`."""
        return self.paused_until is not None and now < self.paused_until

    @property
    def zone(self) -> ZoneInfo:
        """The community's own time zone."""
        return ZoneInfo(self.time_zone)

    def local(self, now: datetime) -> datetime:
        """`now` on the community's own clock."""
        return now.astimezone(self.zone)

    def is_casual(self, verdict: Verdict) -> bool | None:
        """Whether a verdict is surely casual; None where it says nothing about the talk (unsure, or a pitch)."""
        if verdict.abstained or verdict.label is Label.PITCH:
            return None
        if verdict.label is Label.CHATTER:
            sure = max(SURE_CHATTER[self.strictness], self.leave.casual_from)
            return True if verdict.probabilities.chatter >= sure else None
        return False

    def is_pitch(self, verdict: Verdict) -> bool:
        """Whether a verdict is surely a pitch."""
        sure = verdict.probabilities.pitch >= SURE_PITCH[self.strictness]
        return verdict.label is Label.PITCH and sure and not verdict.abstained

    def exempts(self, author: Author) -> bool:
        """Whether nothing is ever said to or about an author: an exempt role, or a moderator."""
        return author.id in self.moderators or bool(set(author.roles) & set(self.exempt_roles))


def skip_reason(message: Message, charter: Charter) -> str | None:
    """Why a message is not judged at all, or None. Asked before any text is stored."""
    if not charter.is_watched(message.key.channel, message.channel_name):
        return "the channel is not watched"
    if message.kind is not Kind.POST:
        return {Kind.BOT: "posted by a bot", Kind.JOIN: "a join or leave"}.get(
            message.kind, "a system message"
        )
    if message.author.is_bot:
        return "posted by a bot"
    if not message.text.strip() and not message.attachments:
        return "an empty message"
    return None


def decide(
    message: Message,
    verdict: Verdict,
    stretch: Stretch | None,
    record: Record,
    charter: Charter,
    policy: Policy,
    now: datetime,
) -> Decision:
    """Decide about one message: what it is, what follows, and why in words.

    `stretch` is the casual talk that the message belongs to, if any; `record` is the author's at this moment.
    """
    case = _Case(message, verdict, stretch, record, charter, policy, now)
    outcome, reasons, actions = _judge(case)
    if (
        outcome in (Outcome.LEFT_ALONE, Outcome.COUNTED)
        and record.unanswered >= MONOLOGUE
        and not record.told.flood
    ):
        outcome = Outcome.MONOLOGUE
        reasons = (*reasons, f"{record.unanswered} posts in a row within an hour that nobody answered")
        actions = _personal(FloodHint(message.author.id, message.key.message), case)
    in_stretch = stretch is not None and message.key.message in stretch.messages and stretch.drifted
    return Decision(
        key=message.key,
        revision=message.revision,
        author=message.author.id,
        posted_at=message.posted_at,
        thread=message.thread,
        outcome=outcome,
        verdict=verdict,
        reasons=(verdict.why, *reasons),
        actions=tuple(actions),
        charter_version=charter.version,
        decided_at=now,
        stretch=stretch.id if stretch is not None and in_stretch else None,
        held_back=HELD_BACK in reasons,
    )


def skip(message: Message, why: str, charter: Charter, now: datetime) -> Decision:
    """The decision about a message that is not judged."""
    return Decision(
        key=message.key,
        revision=message.revision,
        author=message.author.id,
        posted_at=message.posted_at,
        thread=message.thread,
        outcome=Outcome.SKIPPED,
        verdict=None,
        reasons=(),
        actions=(),
        charter_version=charter.version,
        decided_at=now,
        skipped=why,
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """The arguments of `decide`, together."""

    message: Message
    verdict: Verdict
    stretch: Stretch | None
    record: Record
    charter: Charter
    policy: Policy
    now: datetime

    @property
    def channel(self) -> ChannelCharter | None:
        return self.charter.channel(self.message.key.channel, self.message.channel_name)

    @property
    def exempt(self) -> bool:
        return self.policy.exempts(self.message.author)

    @property
    def social_channel(self) -> str:
        """Id of the social channel where the charter has it, else its name, else nothing."""
        social = self.charter.social_channel
        return (social.id or social.name) if social else ""


Answer = tuple[Outcome, tuple[str, ...], list[Action]]


def _judge(case: _Case) -> Answer:
    """The questions, most certain first."""
    channel = case.channel
    if case.verdict.abstained:
        return Outcome.UNSURE, (), []
    if case.policy.is_pitch(case.verdict):
        if channel is not None and channel.promotion_welcome:
            return Outcome.LEFT_ALONE, ("promotion is welcome in this channel",), []
        return _pitch(case)
    if case.verdict.label is Label.CHATTER:
        if channel is not None and channel.social:
            return Outcome.LEFT_ALONE, ("casual talk is at home in this channel",), []
        return _casual(case) if case.policy.is_casual(case.verdict) else _weak(case)
    return (Outcome.LEFT_ALONE, (), []) if case.verdict.label is Label.ON_TOPIC else _weak(case)


def _weak(case: _Case) -> Answer:
    strictness = case.policy.strictness.value
    return Outcome.COUNTED, (f"not sure enough for {strictness} strictness: only counted",), []


def _pitch(case: _Case) -> Answer:
    """A pitch goes to the moderators and stays visible until they rule. The record softens, it never relabels."""
    record, verdict = case.record, case.verdict
    if case.exempt:
        return Outcome.COUNTED, ("the author is exempt: only counted",), []
    if record.established and verdict.probabilities.pitch < SURE_PITCH[Strictness.LOW]:
        why = f"a known member ({record.exchanges} exchanges) and not beyond doubt: only counted"
        return Outcome.COUNTED, (why,), []
    reasons = [
        f"{record.exchanges} exchanges with others here"
        if record.exchanges
        else "no exchange with anyone here"
    ]
    if len(record.copies) > 1:
        reasons.append(f"the same text {len(record.copies)} times within a day")
    card = PitchCard(
        pitch=record.pitch,
        message=f"{case.message.key.channel}/{case.message.key.message}",
        member=case.message.author.id,
        drive_by=record.exchanges == 0,
        exchanges=record.exchanges,
        copies=record.copies[-MOST_COPIES:],
        waits=_waits(case),
    )
    return Outcome.PITCH, tuple(reasons), [card, *_hold(case)]


def _waits(case: _Case) -> bool:
    """Whether moderators see no card of it: copies go with the first one, and an hour has room for so many new ones."""
    told = case.record.told
    if told.card is not None:
        return told.card is CardTold.WAITS
    return told.many_cards_since is not None and case.now - told.many_cards_since < HOUR


def _hold(case: _Case) -> list[HoldPitch]:
    """Only under a kept promise, and only what can be brought back as it was."""
    message, policy = case.message, case.policy
    sure = policy.leave.holds_from
    if not policy.hold_pitches or sure is None or case.verdict.probabilities.pitch < sure:
        return []
    silent = policy.mode is Mode.OBSERVE or policy.is_paused(case.now) or policy.is_quiet(case.now)
    if silent or message.attachments or not message.text:
        return []
    return [HoldPitch(case.record.pitch, message.key.name, message.revision, message.author.id)]


def _casual(case: _Case) -> Answer:
    message, record, stretch = case.message, case.record, case.stretch
    if stretch is not None and stretch.drifted:
        return Outcome.STRETCH, *_stretch(case, stretch)
    if record.posts_before == 0 and is_greeting(message.text):
        welcome = Welcome(message.author.id, message.key.message, case.social_channel)
        return Outcome.NEWCOMER_GREETING, ("a newcomer says hello",), _personal(welcome, case)
    if message.thread is not None and not case.policy.act_in_threads:
        return Outcome.LONE_CHATTER, ("in a thread: only counted",), []
    if record.lone_here >= case.policy.lone_limit:
        why = f"{record.lone_here} casual posts in this channel within 7 days"
        nudge = NudgeAuthor(message.author.id, message.key.message, case.social_channel)
        return Outcome.LONE_CHATTER, (why,), _personal(nudge, case)
    return Outcome.LONE_CHATTER, ("a lone casual post: only counted",), []


def _stretch(case: _Case, stretch: Stretch) -> tuple[tuple[str, ...], list[Action]]:
    """What follows from a drifted stretch: nothing until it has settled, nothing once it is over, one thing at most."""
    size = f"{len(stretch.messages)} casual posts by {len(stretch.members)} people"
    if stretch.thread is not None and not case.policy.act_in_threads:
        return (size, "in a thread: only counted"), []
    if not stretch.is_open(case.now):
        return (size, "it closed by itself: only counted"), []
    if case.now < stretch.settled_at:
        return (size, "younger than two minutes: it may return by itself"), []
    if case.record.told.stretch:
        lot = " or held back" if case.policy.experiment is not None else ""
        return (size, f"this talk was already spoken to{lot}"), []
    held_back = _held_back(case) or _held_back_by_lot(case)
    return (size, held_back) if held_back else (size,), [] if held_back else [_stretch_action(case, stretch)]


def _held_back_by_lot(case: _Case) -> str:
    """The last question, so that a day without nudges differs from one with them in nothing else."""
    experiment, key = case.policy.experiment, case.message.key
    if experiment is None:
        return ""
    here = experiment.in_community(key.platform, key.community)
    return HELD_BACK if here.holds_back(key.channel, here.day_of(case.now)) else ""


def _stretch_action(case: _Case, stretch: Stretch) -> Action:
    to_channel = case.social_channel
    if case.policy.mode is Mode.MOVE and to_channel:
        return MoveStretch(stretch.id, to_channel, stretch.messages, stretch.members, by="policy")
    offer = case.policy.mode in (Mode.OFFER, Mode.MOVE) and bool(to_channel)
    return NudgeStretch(stretch.id, to_channel, stretch.members, stretch.messages, offer)


def _personal(action: Welcome | NudgeAuthor | FloodHint, case: _Case) -> list[Action]:
    """A word to one member, unless it is better left unsaid. A welcome is no reproach, so no cap holds it back."""
    told = case.record.told
    if case.exempt or told.opted_out or case.now - case.message.posted_at > STALE:
        return []
    if isinstance(action, Welcome):
        return [] if told.welcomed or _silent(case) else [action]
    if told.member_today >= case.policy.caps.member or _held_back(case):
        return []
    return [action]


def _held_back(case: _Case) -> str:
    """Why nothing is said to members now, or an empty text."""
    told, caps = case.record.told, case.policy.caps
    if told.channel_today >= caps.channel or told.community_today >= caps.day:
        return "enough was said today: the daily cap is reached"
    return _silent(case)


def _silent(case: _Case) -> str:
    """Why the policy keeps silent to members altogether, or an empty text."""
    if case.policy.mode is Mode.OBSERVE:
        return "mode observe: nothing is said to members"
    if case.policy.is_paused(case.now):
        return "paused by a moderator: nothing is said to members"
    if not case.policy.leave.acts:
        return case.policy.leave.why
    return "quiet hours" if case.policy.is_quiet(case.now) else ""
