"""What statistics give: plain data. Times are aware UTC; days and hours are those of the policy's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from moderation.actions import Action
from moderation.decisions import Probabilities
from moderation.labels import Label
from moderation.messages import MessageKey

HOURS_OF_WEEK = ((0,) * 24,) * 7


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages by what they are to the community; each message counts once.

    `on_topic` serves the purpose or is at home where it stands (casual talk in a social channel, an offer where
    promotion is welcome). `chatter` and `pitch` are what was sure enough under the policy's strictness. `unsure` was
    judged without enough certainty, and left alone. `skipped` was not judged at all.
    """

    on_topic: int = 0
    chatter: int = 0
    pitch: int = 0
    unsure: int = 0
    skipped: int = 0

    @property
    def judged(self) -> int:
        """Messages that were read."""
        return self.sure + self.unsure

    @property
    def sure(self) -> int:
        """Messages that were judged with enough certainty."""
        return self.on_topic + self.chatter + self.pitch

    @property
    def relevance(self) -> float | None:
        """The relevance rate, 0 to 1: on_topic / sure. Unsure and skipped messages are in neither; None without any."""
        return self.on_topic / self.sure if self.sure else None


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """One channel's counts."""

    id: str
    name: str
    counts: Counts


class Closing(StrEnum):
    """How a stretch ended: the talk came back to the topic, people fell silent, or it was still going on."""

    RETURNED = "returned"
    SILENT = "silent"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a transcript. `casual` is None where the classifier was not sure."""

    key: MessageKey
    at: datetime
    casual: bool | None


@dataclass(frozen=True, slots=True)
class DriftedStretch:
    """A run of casual talk: `posts` casual ones by `people`; `lines` has them with the asides, oldest first.

    `lines` starts with the message before the stretch where there was one, and holds its beginning only where it is
    long; `more` says how many posts and asides follow. `action` is what was really decided about it, if anything.
    """

    id: str
    channel: str
    channel_name: str
    thread: str | None
    started_at: datetime
    ended_at: datetime
    closing: Closing
    posts: int
    people: int
    lines: tuple[Line, ...]
    more: int = 0
    action: Action | None = None
    acted_at: datetime | None = None

    @property
    def closed_by_itself(self) -> bool:
        """Whether it is over and nobody said anything to it."""
        return self.action is None and self.closing is not Closing.OPEN


@dataclass(frozen=True, slots=True)
class PitchSeen:
    """One text that was a pitch, once a day: `key` is its first post, `posts` counts it with its copies.

    `exchanges` are its author's replies given and received here until then; none makes it a drive-by.
    """

    key: MessageKey
    at: datetime
    channels: tuple[str, ...]
    posts: int
    drive_by: bool
    exchanges: int
    probabilities: Probabilities
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HardCase:
    """A message that looked doubtful and was left alone on purpose."""

    key: MessageKey
    at: datetime
    channel_name: str
    label: Label
    abstained: bool
    probabilities: Probabilities
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """Dialogue: of `turns` (what one person says in one go), how many somebody else answered."""

    turns: int = 0
    answered: int = 0

    @property
    def share(self) -> float | None:
        """0 to 1; None without any turn."""
        return self.answered / self.turns if self.turns else None


@dataclass(frozen=True, slots=True)
class SpokenTo:
    """A drifted stretch to which something was decided to be said, at `acted_at`; `ended_at` is its last casual post."""

    id: str
    channel: str
    acted_at: datetime
    ended_at: datetime
    closing: Closing


@dataclass(frozen=True, slots=True)
class Conversations:
    """`people` adds up the different people of each conversation; `shared` are those with more than one."""

    count: int = 0
    people: int = 0
    shared: int = 0

    @property
    def people_each(self) -> float | None:
        """Different people in a conversation, on average; None without any."""
        return self.people / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class Newcomers:
    """People who wrote for the first time, pitches aside, and how many of them somebody answered."""

    count: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A period in figures.

    `by_day` has local days in order, those without a message left out. `drift_hours` are casual posts of drifted
    stretches, seven rows from Monday of twenty-four local hours. `lone_posts` are casual posts that belong to no
    drifted stretch, greetings aside. `shown_*` are the longest stretches and the surest pitches, in order of time.
    `pitches` counts a text once a day, `pitch_cards` those shown to moderators. `actions` counts, by kind, what the
    decisions really carried. `people` are authors of judged messages. `drift_posts` are the latest casual posts of
    drifted stretches. `newcomers` is None where it is not known who wrote before.
    """

    first_at: datetime | None = None
    last_at: datetime | None = None
    totals: Counts = Counts()
    by_day: Mapping[date, Counts] = field(default_factory=dict)
    by_channel: tuple[ChannelCounts, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    people: int = 0
    stretches: int = 0
    stretch_posts: int = 0
    closings: Mapping[Closing, int] = field(default_factory=dict)
    closed_by_themselves: int = 0
    shown_stretches: tuple[DriftedStretch, ...] = ()
    drift_hours: tuple[tuple[int, ...], ...] = HOURS_OF_WEEK
    lone_posts: int = 0
    greetings: int = 0
    pitches: int = 0
    drive_bys: int = 0
    shown_pitches: tuple[PitchSeen, ...] = ()
    hard_cases: tuple[HardCase, ...] = ()
    dialogue: Answered = Answered()
    actions: Mapping[str, int] = field(default_factory=dict)
    spoken_to: tuple[SpokenTo, ...] = ()
    drift_posts: tuple[MessageKey, ...] = ()
    conversations: Conversations = Conversations()
    newcomers: Newcomers | None = None

    def example_keys(self) -> list[MessageKey]:
        """Every message whose text is shown with this report, each once."""
        keys = [line.key for stretch in self.shown_stretches for line in stretch.lines]
        keys += [pitch.key for pitch in self.shown_pitches]
        keys += [case.key for case in self.hard_cases]
        return list(dict.fromkeys(keys))
