"""What was recently seen in one community: who talks to whom, where casual talk goes on, what was already said.

The ledger is the memory behind `decide`. It does no I/O: the pipeline feeds it each judged message in the order of
posting and fills it again from storage after a start; rehearsals feed it the same messages under another policy.
Times come in with the messages, so a replay of last year behaves like a live day. What it remembers of one kind stands
in modules of its own: exchanges, lone_posts, copies, pitches.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from moderation.actions import FloodHint, NudgeAuthor, NudgeStretch, PitchCard, Welcome
from moderation.cards_shown import CardsShown
from moderation.charter import Charter
from moderation.conversation import Stretch, Turn, advance
from moderation.copies import Copies
from moderation.decisions import Decision, Verdict
from moderation.exchanges import Exchange, Floors, Place
from moderation.labels import Label
from moderation.lone_posts import WEEK, LonePosts
from moderation.messages import Message
from moderation.move_actions import MoveStretch
from moderation.pitches import Pitches
from moderation.policy import Policy
from moderation.record import Record, Told

REMEMBERED_AUTHORS = 20_000


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


def _name(message: Message) -> str:
    """Channel and message: platforms number messages within a channel."""
    return f"{message.key.channel}/{message.key.message}"


def _place(message: Message) -> Place:
    return message.key.channel, message.thread


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
        self._floors = Floors()
        self._stretches: dict[Place, Stretch] = {}
        self._spoken: OrderedDict[str, None] = OrderedDict()
        self._lone = LonePosts()
        self._copies = Copies()
        self._pitches = Pitches()
        self._cards = CardsShown()
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
        author, at = message.author.id, message.posted_at
        unanswered = self._floors.take(_place(message), author, at)
        copies = self._copies.add(_name(message), author, message.text, at)
        if verdict.label is Label.PITCH:
            self._pitches.read(_name(message), message.text)
        stretch = self._advance(message, verdict)
        lone = self._lone_count(message, verdict, stretch)
        record = self._record(message, at, lone=lone, unanswered=unanswered, copies=copies, stretch=stretch)
        self._posts[author] += 1
        self._remember_author(message)
        self._schedule(message, verdict, stretch)
        return Situation(stretch, record, exchanges)

    def note(self, decision: Decision) -> None:
        """Remember what a decision tells people, so that nobody hears it twice.

        A nudge that was held back by lot counts as told: days with and without nudges have the same caps, and a talk has one lot.
        """
        if decision.held_back and decision.stretch is not None:
            self._speak_to(decision.stretch, self._members_of(decision.stretch), decision)
        for action in decision.actions:
            if isinstance(action, NudgeStretch | MoveStretch):
                self._speak_to(action.stretch, action.members, decision)
            elif isinstance(action, NudgeAuthor | FloodHint):
                self._speak((action.member,), decision)
                self._lone.clear(decision.key.channel, action.member)
                if isinstance(action, FloodHint):
                    self._flood_told.add(action.member)
            elif isinstance(action, Welcome):
                self._welcomed.add(action.member)
            elif isinstance(action, PitchCard):
                self._pitches.show(action)
                self._cards.note(action, decision.decided_at)
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
        stretch = self._stretches.get(_place(message))
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
        self._lone.withdraw(channel, message)
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
        self._lone.forget(member)
        self._floors.forget(member)
        self._copies.forget(member)

    def _observe_again(self, message: Message, verdict: Verdict) -> Situation:
        if self._casual(message, verdict) is not True:
            self._leave_talk(message.key.channel, message.key.message)
        # What settles is decided about the post as it is then; after a restart only that revision is known anyway.
        for stretch, due in self._due.items():
            if _name(due.message) == _name(message):
                self._due[stretch] = replace(due, message=message, verdict=verdict)
        situation = self.situation(message, message.posted_at)
        card = self._pitches.card_of(_name(message), message.text)
        self._pitches.read(_name(message), message.text)
        if card is None:
            return situation
        told = replace(situation.record.told, card=self._cards.told(card.pitch))
        record = replace(situation.record, pitch=card.pitch, copies=card.copies, told=told)
        return replace(situation, record=record)

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
        return tuple(answered) or self._floors.turns_taken(
            _place(message), author, message.posted_at, message.key.message
        )

    def _addressed(self, message: Message) -> Iterable[str]:
        """Whom a message answers by a reply mark, by its thread, or by name."""
        channel = message.key.channel
        answered = self._author_of.get(f"{channel}/{message.reply_to}")
        if answered is not None:
            yield answered
        elif message.thread is not None:
            before = self._floors.speaker_before(_place(message), message.author.id)
            yield before or self._author_of.get(f"{channel}/{message.thread}", message.author.id)
        yield from (person for person in message.mentions if self._posts[person])

    def _advance(self, message: Message, verdict: Verdict) -> Stretch | None:
        place = _place(message)
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
        channel, author, at = message.key.channel, message.author.id, message.posted_at
        if stretch is not None and stretch.drifted:
            self._lone.join(channel, stretch.members, stretch.messages)
            return 0
        if self._casual(message, verdict):
            return self._lone.add(channel, author, message.key.message, at)
        return self._lone.count(channel, author, at)

    def _record(
        self,
        message: Message,
        now: datetime,
        *,
        stretch: Stretch | None,
        lone: int = 0,
        unanswered: int = 1,
        copies: tuple[str, ...] = (),
    ) -> Record:
        author, copies = message.author.id, copies or (_name(message),)
        self._turn_day(now)
        told = Told(
            member_today=self._told[f"member:{author}"],
            channel_today=self._told[f"channel:{message.key.channel}"],
            community_today=self._told["community"],
            stretch=stretch is not None and stretch.id in self._spoken,
            welcomed=author in self._welcomed,
            flood=author in self._flood_told,
            opted_out=author in self._opted_out,
            card=self._cards.told(copies[0]),
            many_cards_since=self._cards.many_since,
        )
        return Record(
            given=self._given[author],
            received=self._received[author],
            posts_before=self._posts[author],
            lone_here=lone,
            unanswered=unanswered,
            pitch=copies[0],
            copies=copies,
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
        kept = self._floors.prune(now, WEEK)
        self._stretches = {place: stretch for place, stretch in self._stretches.items() if place in kept}
        self._lone.prune(now)

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

    def _members_of(self, stretch: str) -> tuple[str, ...]:
        """Who takes part in an open talk, by its id."""
        return next((open_.members for open_ in self._stretches.values() if open_.id == stretch), ())

    def _speak_to(self, stretch: str, members: Iterable[str], decision: Decision) -> None:
        self._speak(members, decision)
        self._spoken[stretch] = None
        self._due.pop(stretch, None)

    def _speak(self, members: Iterable[str], decision: Decision) -> None:
        self._turn_day(decision.decided_at)
        self._told.update([f"member:{member}" for member in members])
        self._told.update([f"channel:{decision.key.channel}", "community"])
