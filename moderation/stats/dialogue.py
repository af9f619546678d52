"""Dialogue instead of volume: how much of what people say is answered by somebody else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from moderation.exchanges import ANSWER
from moderation.lone_posts import BURST
from moderation.messages import Message
from moderation.stats.report import Answered, Newcomers

REMEMBERED = 5_000
"""Messages and places back to which a reply is recognised."""


@dataclass(slots=True)
class _Turn:
    """What one person says in one go: lines in one place, each within five minutes of the one before."""

    author: str
    last_at: datetime
    answered: bool = False


class DialogueWatch:
    """Counts turns and those that got an answer.

    A turn is answered when somebody else replies to one of its messages, speaks next in its thread, or speaks next in
    the channel within ten minutes. A pitch is no turn and answers nobody, so none is to be added: it would make spam look like dialogue.
    `known` are those who wrote before, where that is known: everybody else who takes a turn is a newcomer.
    """

    def __init__(self, known: Collection[str] | None = None) -> None:
        self._known = known
        self._newcomers: dict[str, bool] = {}
        self._turns = self._answered = 0
        self._last: OrderedDict[tuple[str, str | None], _Turn] = OrderedDict()
        self._of_message: OrderedDict[tuple[str, str], _Turn] = OrderedDict()

    def add(self, message: Message) -> None:
        """Take in one judged message that is no pitch, in the order of posting."""
        channel, thread = message.key.channel, message.thread
        place = (channel, thread)
        last = self._last.pop(place, None)
        if message.reply_to is not None:
            self._answer(self._of_message.get((channel, message.reply_to)), message)
        if thread is not None:
            self._answer(last or self._of_message.get((channel, thread)), message)
        elif last is not None and message.posted_at - last.last_at <= ANSWER:
            self._answer(last, message)
        self._last[place] = self._of_message[channel, message.key.message] = self._turn(last, message)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        if len(self._of_message) > REMEMBERED:
            self._of_message.popitem(last=False)

    def result(self) -> Answered:
        """The counts so far."""
        return Answered(self._turns, self._answered)

    def newcomers(self) -> Newcomers | None:
        """The counts so far; None where it is not known who wrote before."""
        if self._known is None:
            return None
        return Newcomers(len(self._newcomers), sum(self._newcomers.values()))

    def _answer(self, turn: _Turn | None, by: Message) -> None:
        """A turn is answered once, and by somebody else."""
        if turn is not None and not turn.answered and turn.author != by.author.id:
            turn.answered = True
            self._answered += 1
            if turn.author in self._newcomers:
                self._newcomers[turn.author] = True

    def _turn(self, last: _Turn | None, message: Message) -> _Turn:
        """The turn that a message belongs to; `last` is the one before in its place."""
        author, at = message.author.id, message.posted_at
        if last is not None and last.author == author and at - last.last_at <= BURST:
            last.last_at = at
            return last
        self._turns += 1
        if self._known is not None and author not in self._known:
            self._newcomers.setdefault(author, False)
        return _Turn(author, at)
