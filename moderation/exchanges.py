"""Exchanges: who answered whom, told by people taking turns; and how long somebody speaks alone.

A reply mark, a thread or a name tells it at once. Without them, speaking right after somebody is not yet an answer,
but A, B, A within minutes is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ANSWER = timedelta(minutes=10)
"""Two people who take turns within this time talk to each other, also without a reply mark."""
HOUR = timedelta(hours=1)
"""Posts in a row count within this time."""

Place = tuple[str, str | None]
"""A channel, or a thread in it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """`giver` answered `receiver` with `message`."""

    giver: str
    receiver: str
    at: datetime
    message: str


@dataclass(slots=True)
class _Floor:
    """Who spoke last in one place. `answered` says whether the last speaker's turn already counts as an answer."""

    last: str = ""
    last_at: datetime | None = None
    before: str = ""
    before_at: datetime | None = None
    answered: bool = False
    run: deque[datetime] = field(default_factory=deque)


class Floors:
    """Who speaks in each place of one community. Feed it each message in the order of posting."""

    def __init__(self) -> None:
        self._floors: dict[Place, _Floor] = {}

    def __len__(self) -> int:
        return len(self._floors)

    def take(self, place: Place, author: str, at: datetime) -> int:
        """Note the speaker; return how many posts in a row this author made here within the hour."""
        floor = self._floors.setdefault(place, _Floor())
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

    def speaker_before(self, place: Place, author: str) -> str:
        """Who spoke last here besides the author; empty for nobody that is known."""
        floor = self._floors.get(place)
        if floor is None:
            return ""
        return floor.last if floor.last != author else floor.before

    def turns_taken(self, place: Place, author: str, at: datetime, message: str) -> tuple[Exchange, ...]:
        """What a message that is about to take the floor answers: with A, B, A within minutes both answered."""
        floor = self._floors.get(place)
        if floor is None or floor.last in ("", author) or floor.before != author:
            return ()
        if floor.last_at is None or floor.before_at is None:
            return ()
        if at - floor.last_at > ANSWER or floor.last_at - floor.before_at > ANSWER:
            return ()
        mine = Exchange(author, floor.last, at, message)
        return (mine,) if floor.answered else (Exchange(floor.last, author, floor.last_at, message), mine)

    def forget(self, member: str) -> None:
        """Erase one person: nobody is known to have spoken where this one did."""
        for floor in self._floors.values():
            if member in (floor.last, floor.before):
                floor.last = floor.before = ""

    def prune(self, now: datetime, silence: timedelta) -> set[Place]:
        """Drop the places where nobody spoke for that long; return those that are kept."""
        self._floors = {
            place: floor
            for place, floor in self._floors.items()
            if floor.last_at and now - floor.last_at <= silence
        }
        return set(self._floors)
