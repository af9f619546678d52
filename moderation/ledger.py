"""What was recently seen in one community: who talks to whom, where casual talk goes on, what was already said.

The ledger is the memory behind `decide`. It does no I/O: the pipeline feeds it each judged message in the order of
posting and fills it again from storage after a start; rehearsals feed it the same messages under another policy.
Times come in with the messages, so a replay of last year behaves like a live day.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from moderation.charter import Charter
from moderation.conversation import Stretch, Turn, advance
from moderation.decisions import (
    Decision,
    FloodHint,
    Label,
    MoveStretch,
    NudgeAuthor,
    NudgeStretch,
    PitchCard,
    Verdict,
    Welcome,
)
from moderation.messages import Message
from moderation.pitches import Pitches
from moderation.policy import Policy
from moderation.record import Record, Told

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ANSWER = timedelta(minutes=10)
"""Two people who take turns within this time talk to each other, also without a reply mark."""
BURST = timedelta(minutes=5)
"""Lines that one person posts within this time are one post."""
SHORTEST_COPY = 20
"""Characters from which on two equal texts are copies rather than the same short phrase."""
REMEMBERED_AUTHORS = 20_000

Place = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Exchange:
    """`giver` answered `receiver` with `message`."""

    giver: str
    receiver: str
    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What `decide` needs to know besides the message: the talk it belongs to and its author's record."""

    stretch: Stretch | None
    record: Record
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A drifted stretch that has just settled: its latest casual message is to be decided again at `at`."""

    at: datetime
    message: Message
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Past:
    """What storage still knows of the time before the ledger's window, by member id."""

    posts: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)
    received: Mapping[str, int] = field(default_factory=dict)
    welcomed: Collection[str] = ()
    flood_told: Collection[str] = ()
    opted_out: Collection[str] = ()


@dataclass(slots=True)
class _Floor:
    """Who spoke last in one place. `answered` says whether the last speaker's turn already counts as an answer."""

    last: str = ""
    last_at: datetime | None = None
    before: str = ""
    before_at: datetime | None = None
    answered: bool = False
    run: deque[datetime] = field(default_factory=deque)


@dataclass(slots=True)
class _Copies:
    """One text within a day."""

    first_at: datetime
    messages: list[str]


def _name(message: Message) -> str:
    """Channel and message: platforms number messages within a channel."""
    return f"{message.key.channel}/{message.key.message}"


class Ledger:
    """The memory of one community under one charter and policy. Not thread-safe; one judge feeds it."""

    def __init__(self, charter: Charter, policy: Policy, past: Past | None = None) -> None:
        past = past or Past()
        self.charter, self.policy = charter, policy
        self._posts = Counter(past.posts)
        self._given = Counter(past.given)
        self._received = Counter(past.received)
        self._welcomed, self._flood_told = set(past.welcomed), set(past.flood_told)
        self._opted_out = set(past.opted_out)
        self._author_of: OrderedDict[str, str] = OrderedDict()
        self._floors: dict[Place, _Floor] = {}
        self._stretches: dict[Place, Stretch] = {}
        self._spoken: OrderedDict[str, None] = OrderedDict()
        self._lone: dict[tuple[str, str], deque[tuple[str, datetime]]] = {}
        self._copies: OrderedDict[str, _Copies] = OrderedDict()
        self._pitches = Pitches()
        self._due: dict[str, Due] = {}
        self._today: date | None = None
        self._told: Counter[str] = Counter()

    def observe(self, message: Message, verdict: Verdict) -> Situation:
        """Take in one judged message, in the order of posting, and say what situation it stands in.

        An edit (revision above 0 of a message already seen) changes what it was, and counts no second time. An edited
        copy of a pitch stays one of its copies while it makes the same offer.
        """
        if _name(message) in self._author_of:
            return self._observe_again(message, verdict)
        exchanges = () if verdict.label is Label.PITCH else self._exchanges(message)
        for exchange in exchanges:
            self._given[exchange.giver] += 1
            self._received[exchange.receiver] += 1
        unanswered = self._take_floor(message)
        pitch, copies = self._copies_of(message)
        if verdict.label is Label.PITCH:
            self._pitches.read(_name(message), message.text)
        stretch = self._advance(message, verdict)
        lone = self._lone_count(message, verdict, stretch)
        record = self._record(
            message,
            message.posted_at,
            lone=lone,
            unanswered=unanswered,
            pitch=pitch,
            copies=copies,
            stretch=stretch,
        )
        self._posts[message.author.id] += 1
        self._remember_author(message)
        self._schedule(message, verdict, stretch)
        return Situation(stretch, record, exchanges)

    def note(self, decision: Decision) -> None:
        """Remember what a decision tells people, so that nobody hears it twice."""
        for action in decision.actions:
            if isinstance(action, NudgeStretch | MoveStretch):
                self._speak(action.members, decision)
                self._spoken[action.stretch] = None
                self._due.pop(action.stretch, None)
            elif isinstance(action, NudgeAuthor | FloodHint):
                self._speak((action.member,), decision)
                self._lone.pop((decision.key.channel, action.member), None)
                if isinstance(action, FloodHint):
                    self._flood_told.add(action.member)
            elif isinstance(action, Welcome):
                self._welcomed.add(action.member)
            elif isinstance(action, PitchCard):
                self._pitches.show(action)
        while len(self._spoken) > REMEMBERED_AUTHORS:
            self._spoken.popitem(last=False)

    def due(self, now: datetime) -> list[Due]:
        """Take the stretches that have settled by `now`, earliest first."""
        ready = sorted((due for due in self._due.values() if due.at <= now), key=lambda due: due.at)
        self._due = {name: due for name, due in self._due.items() if due.at > now}
        return ready

    def next_due(self) -> datetime | None:
        """When the next stretch settles, or None."""
        return min((due.at for due in self._due.values()), default=None)

    def situation(self, message: Message, now: datetime) -> Situation:
        """The situation of a message that was observed before, as it is `now`."""
        stretch = self._stretches.get((message.key.channel, message.thread))
        if stretch is not None and message.key.message not in stretch.messages:
            stretch = None
        return Situation(stretch, self._record(message, now, stretch=stretch))

    def withdraw(self, channel: str, message: str) -> None:
        """A message was deleted: it takes no part in any stretch, count or pitch."""
        self._pitches.forget(f"{channel}/{message}")
        self._leave_talk(channel, message)

    def _leave_talk(self, channel: str, message: str) -> None:
        """A message was deleted or is no longer casual."""
        for place, stretch in list(self._stretches.items()):
            if place[0] == channel and message in stretch.messages:
                self._stretches[place] = stretch.without(message)
        for key, lone in self._lone.items():
            if key[0] == channel:
                self._lone[key] = deque(entry for entry in lone if entry[0] != message)
        gone = f"{channel}/{message}"
        self._due = {name: due for name, due in self._due.items() if _name(due.message) != gone}

    def count_exchanges(self, given: Mapping[str, int], received: Mapping[str, int]) -> None:
        """Take counts from storage instead of what was seen here: after a start, storage knows better."""
        self._given, self._received = Counter(given), Counter(received)

    def forget(self, member: str) -> None:
        """Erase one person: counts, copies, and their part in open stretches."""
        for counter in (self._posts, self._given, self._received, self._told):
            counter.pop(member, None)
        self._told.pop(f"member:{member}", None)
        for known in (self._welcomed, self._flood_told):
            known.discard(member)
        for name in [name for name, author in self._author_of.items() if author == member]:
            self.withdraw(*name.split("/", 1))
            del self._author_of[name]
        self._lone = {key: lone for key, lone in self._lone.items() if key[1] != member}
        for floor in self._floors.values():
            if member in (floor.last, floor.before):
                floor.last = floor.before = ""

    def _observe_again(self, message: Message, verdict: Verdict) -> Situation:
        if self._casual(message, verdict) is not True:
            self._leave_talk(message.key.channel, message.key.message)
        situation = self.situation(message, message.posted_at)
        card = self._pitches.card_of(_name(message), message.text)
        self._pitches.read(_name(message), message.text)
        if card is None:
            return situation
        return replace(situation, record=replace(situation.record, pitch=card.pitch, copies=card.copies))

    def _casual(self, message: Message, verdict: Verdict) -> bool | None:
        channel = self.charter.channel(message.key.channel, message.channel_name)
        if channel is not None and channel.social:
            return False
        return self.policy.is_casual(verdict)

    def _exchanges(self, message: Message) -> tuple[Exchange, ...]:
        author = message.author.id
        explicit = {person for person in self._addressed(message) if person != author}
        answered = [
            Exchange(author, person, message.posted_at, message.key.message) for person in sorted(explicit)
        ]
        return tuple(answered) or self._taking_turns(message)

    def _addressed(self, message: Message) -> Iterable[str]:
        """Whom a message answers by a reply mark, by its thread, or by name."""
        channel = message.key.channel
        answered = self._author_of.get(f"{channel}/{message.reply_to}")
        if answered is not None:
            yield answered
        elif message.thread is not None:
            floor = self._floors.get((channel, message.thread))
            before = (floor.last if floor.last != message.author.id else floor.before) if floor else ""
            yield before or self._author_of.get(f"{channel}/{message.thread}", message.author.id)
        yield from (person for person in message.mentions if self._posts[person])

    def _taking_turns(self, message: Message) -> tuple[Exchange, ...]:
        """A, B, A within minutes: both answered. Speaking right after somebody is not yet an answer."""
        floor = self._floors.get((message.key.channel, message.thread))
        author, at, name = message.author.id, message.posted_at, message.key.message
        if floor is None or floor.last in ("", author) or floor.before != author:
            return ()
        if floor.last_at is None or floor.before_at is None:
            return ()
        if at - floor.last_at > ANSWER or floor.last_at - floor.before_at > ANSWER:
            return ()
        mine = Exchange(author, floor.last, at, name)
        return (mine,) if floor.answered else (Exchange(floor.last, author, floor.last_at, name), mine)

    def _take_floor(self, message: Message) -> int:
        """Note the speaker; return how many posts in a row this author made here within the hour."""
        place = (message.key.channel, message.thread)
        floor = self._floors.setdefault(place, _Floor())
        author, at = message.author.id, message.posted_at
        if floor.last != author:
            turn_taken = floor.before == author and floor.last_at is not None and at - floor.last_at <= ANSWER
            floor.before, floor.before_at, floor.answered = floor.last, floor.last_at, turn_taken
            floor.last = author
            floor.run.clear()
        floor.last_at = at
        floor.run.append(at)
        while at - floor.run[0] > HOUR:
            floor.run.popleft()
        return len(floor.run)

    def _copies_of(self, message: Message) -> tuple[str, tuple[str, ...]]:
        """The first message with this text within a day and all of them, this one included."""
        name, at = _name(message), message.posted_at
        while self._copies and at - next(iter(self._copies.values())).first_at > DAY:
            self._copies.popitem(last=False)
        words = "".join(filter(str.isalnum, message.text.casefold()))
        if len(words) < SHORTEST_COPY:
            return name, (name,)
        digest = hashlib.sha256(f"{message.author.id}\n{words}".encode(errors="replace")).hexdigest()
        copies = self._copies.setdefault(digest, _Copies(at, []))
        copies.messages.append(name)
        return copies.messages[0], tuple(copies.messages)

    def _advance(self, message: Message, verdict: Verdict) -> Stretch | None:
        place = (message.key.channel, message.thread)
        turn = Turn(message.key.message, message.author.id, message.posted_at, self._casual(message, verdict))
        stretch = advance(self._stretches.get(place), turn, message.key.channel, message.thread)
        if stretch is None or stretch.returned:
            self._stretches.pop(place, None)
        else:
            self._stretches[place] = stretch
        if stretch is not None and stretch.returned:
            self._due.pop(stretch.id, None)
        return stretch if stretch is not None and turn.message in stretch.messages else None

    def _lone_count(self, message: Message, verdict: Verdict, stretch: Stretch | None) -> int:
        """Lone casual posts of this author here within a week; what became part of a stretch is not lone."""
        key, at = (message.key.channel, message.author.id), message.posted_at
        if stretch is not None and stretch.drifted:
            for person in stretch.members:
                lone = self._lone.get((message.key.channel, person), deque())
                for entry in [entry for entry in lone if entry[0] in stretch.messages]:
                    lone.remove(entry)
            return 0
        lone = (
            self._lone.setdefault(key, deque())
            if self._casual(message, verdict)
            else self._lone.get(key, deque())
        )
        while lone and at - lone[0][1] > WEEK:
            lone.popleft()
        if self._casual(message, verdict):
            if lone and at - lone[-1][1] <= BURST:
                lone.pop()
            lone.append((message.key.message, at))
        return len(lone)

    def _record(
        self,
        message: Message,
        now: datetime,
        *,
        stretch: Stretch | None,
        lone: int = 0,
        unanswered: int = 1,
        pitch: str = "",
        copies: tuple[str, ...] = (),
    ) -> Record:
        author = message.author.id
        self._turn_day(now)
        told = Told(
            member_today=self._told[f"member:{author}"],
            channel_today=self._told[f"channel:{message.key.channel}"],
            community_today=self._told["community"],
            stretch=stretch is not None and stretch.id in self._spoken,
            welcomed=author in self._welcomed,
            flood=author in self._flood_told,
            opted_out=author in self._opted_out,
        )
        return Record(
            given=self._given[author],
            received=self._received[author],
            posts_before=self._posts[author],
            lone_here=lone,
            unanswered=unanswered,
            pitch=pitch or _name(message),
            copies=copies or (_name(message),),
            told=told,
        )

    def _remember_author(self, message: Message) -> None:
        self._author_of[_name(message)] = message.author.id
        if len(self._author_of) > REMEMBERED_AUTHORS:
            self._author_of.popitem(last=False)
            self._prune(message.posted_at)

    def _prune(self, now: datetime) -> None:
        """Drop places where nobody spoke for a week, a few thousand messages apart."""
        if len(self._floors) < REMEMBERED_AUTHORS // 10:
            return
        kept = {
            place for place, floor in self._floors.items() if floor.last_at and now - floor.last_at <= WEEK
        }
        self._floors = {place: floor for place, floor in self._floors.items() if place in kept}
        self._stretches = {place: stretch for place, stretch in self._stretches.items() if place in kept}
        self._lone = {key: lone for key, lone in self._lone.items() if lone and now - lone[-1][1] <= WEEK}

    def _schedule(self, message: Message, verdict: Verdict, stretch: Stretch | None) -> None:
        if stretch is None or not stretch.drifted or stretch.id in self._spoken:
            return
        if message.posted_at < stretch.settled_at:
            self._due[stretch.id] = Due(stretch.settled_at, message, verdict)

    def _turn_day(self, at: datetime) -> None:
        """Begin a new local day. Yesterday does not come back: an edit of an old message leaves today's counts."""
        today = self.policy.local(at).date()
        if self._today is None or today > self._today:
            self._today = today
            self._told.clear()

    def _speak(self, members: Iterable[str], decision: Decision) -> None:
        self._turn_day(decision.decided_at)
        self._told.update([f"member:{member}" for member in members])
        self._told.update([f"channel:{decision.key.channel}", "community"])
