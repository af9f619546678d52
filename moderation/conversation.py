"""Which earlier messages are context, and where a drifted stretch begins and ends.

A stretch is the unit in which people wander off: three or more casual messages by two or more people, with an aside
of a line or two about the work in between. It closes when the talk returns to the topic, or by silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from moderation.messages import ContextLine, Message

CASUAL_MESSAGES = 3
PEOPLE = 2
ASIDE_LINES = 2
SILENCE = timedelta(minutes=30)
SETTLED = timedelta(minutes=2)
"""A stretch younger than this may still return by itself: it is left alone."""

LONGEST = 100
"""Casual posts of one stretch that are remembered; of an endless talk the latest ones."""

CONTEXT_LINES = 3
CONTEXT_AGE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Turn:
    """One judged message as the talk sees it. `casual` is None where the classifier is not sure."""

    message: str
    author: str
    at: datetime
    casual: bool | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of casual talk in one channel or thread; `id` is made of the channel and its first message.

    `messages` and `authors` are the casual ones, in order and of equal length, the latest hundred of them; asides are
    not part of it.
    """

    id: str
    channel: str
    thread: str | None
    started_at: datetime
    last_at: datetime
    messages: tuple[str, ...]
    authors: tuple[str, ...]
    aside: int = 0
    returned: bool = False

    @property
    def members(self) -> tuple[str, ...]:
        """Who takes part, in order of appearance."""
        return tuple(dict.fromkeys(self.authors))

    @property
    def drifted(self) -> bool:
        """Whether it is long and social enough to count as a drifted stretch."""
        return len(self.messages) >= CASUAL_MESSAGES and len(self.members) >= PEOPLE

    def is_open(self, now: datetime) -> bool:
        """Whether people are still at it: neither back on topic nor silent."""
        return not self.returned and now - self.last_at <= SILENCE

    @property
    def settled_at(self) -> datetime:
        """From when on it may be acted on."""
        return self.started_at + SETTLED

    def without(self, message: str) -> Stretch:
        """The same stretch after `message` was deleted or turned out to be on topic."""
        kept = [(m, a) for m, a in zip(self.messages, self.authors, strict=True) if m != message]
        return replace(self, messages=tuple(m for m, _ in kept), authors=tuple(a for _, a in kept))


def advance(stretch: Stretch | None, turn: Turn, channel: str, thread: str | None) -> Stretch | None:
    """The stretch after one more turn in the same channel or thread; None when no casual talk is going on.

    A stretch that a turn closes is returned with `returned` set once, so that the caller can count it.
    """
    if stretch is not None and not stretch.is_open(turn.at):
        stretch = None
    if turn.casual is None:
        return stretch
    if turn.casual:
        return _extend(stretch, turn, channel, thread)
    if stretch is None:
        return None
    aside = stretch.aside + 1
    return replace(stretch, aside=aside, returned=aside > ASIDE_LINES)


def _extend(stretch: Stretch | None, turn: Turn, channel: str, thread: str | None) -> Stretch:
    if stretch is None:
        name = f"{channel}/{turn.message}"
        return Stretch(name, channel, thread, turn.at, turn.at, (turn.message,), (turn.author,))
    return replace(
        stretch,
        last_at=turn.at,
        messages=(*stretch.messages[1 - LONGEST :], turn.message),
        authors=(*stretch.authors[1 - LONGEST :], turn.author),
        aside=0,
    )


def context_of(
    message: Message, earlier: Sequence[Message], limit: int = CONTEXT_LINES
) -> tuple[ContextLine, ...]:
    """The lines that a reader needs before `message`, oldest first, at most `limit`.

    `earlier` holds earlier messages of the channel and of the message's thread, oldest first. What the message
    answers comes first in rank, then its thread, then what was said just before in the same place; nothing older
    than twelve hours counts as said just before.
    """
    place = [m for m in earlier if _same_place(m, message) and m.text]
    near = [m for m in place if message.thread or message.posted_at - m.posted_at <= CONTEXT_AGE][-limit:]
    answered = next((m for m in earlier if m.text and m.key.message == message.reply_to), None)
    if answered is not None and answered not in near:
        near = [answered, *near[1:]] if len(near) >= limit else [answered, *near]
    return tuple(ContextLine(m.author.name, m.text) for m in near)


def _same_place(earlier: Message, message: Message) -> bool:
    if message.thread is None:
        return earlier.thread is None
    return message.thread in (earlier.thread, earlier.key.message)
