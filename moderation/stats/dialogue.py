"""Dialogue instead of volume: how much of what people say is answered by somebody else."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from moderation.decisions import Decision
from moderation.exchanges import ANSWER
from moderation.labels import Label
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
    the channel within ten minutes. A pitch is no turn and answers nobody: it would make spam look like dialogue.
    `known` are those who wrote before, where that is known: everybody else who takes a turn is a newcomer.
    """

    def __init__(self, known: Collection[str] | None = None) -> None:
        self._known = known
        self._newcomers: dict[str, bool] = {}
        self._turns = self._answered = 0
        self._last: OrderedDict[tuple[str, str | None], _Turn] = OrderedDict()
        self._of_message: OrderedDict[tuple[str, str], _Turn] = OrderedDict()

    def add(self, message: Message, decision: Decision) -> None:
        """Take in one judged message, in the order of posting."""
        if decision.verdict is None or decision.verdict.label is Label.PITCH:
            return
        for turn in self._addressed(message):
            self._answer(turn, message.author.id)
        channel = message.key.channel
        place = (channel, message.thread)
        turn = self._turn(place, message)
        self._last[place] = self._of_message[channel, message.key.message] = turn
        for known in (self._last, self._of_message):
            while len(known) > REMEMBERED:
                known.popitem(last=False)

    def result(self) -> Answered:
        """The counts so far."""
        return Answered(self._turns, self._answered)

    def newcomers(self) -> Newcomers | None:
        """The counts so far; None where it is not known who wrote before."""
        if self._known is None:
            return None
        return Newcomers(len(self._newcomers), sum(self._newcomers.values()))

    def _addressed(self, message: Message) -> list[_Turn]:
        """Turns that this message answers if somebody else said them."""
        channel, at = message.key.channel, message.posted_at
        marked = self._of_message.get((channel, message.reply_to or ""))
        before = self._last.get((channel, message.thread))
        if message.thread is not None and before is None:
            before = self._of_message.get((channel, message.thread))
        prompt = before is not None and (message.thread is not None or at - before.last_at <= ANSWER)
        return [turn for turn in (marked, before if prompt else None) if turn is not None]

    def _answer(self, turn: _Turn, by: str) -> None:
        if turn.author != by and not turn.answered:
            turn.answered = True
            self._answered += 1
            if turn.author in self._newcomers:
                self._newcomers[turn.author] = True

    def _turn(self, place: tuple[str, str | None], message: Message) -> _Turn:
        last = self._last.pop(place, None)
        if last is None or last.author != message.author.id or message.posted_at - last.last_at > BURST:
            self._turns += 1
            if self._known is not None and message.author.id not in self._known:
                self._newcomers.setdefault(message.author.id, False)
            return _Turn(message.author.id, message.posted_at)
        last.last_at = message.posted_at
        return last
