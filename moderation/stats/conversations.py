"""Who takes part in a conversation: how many different people, never which."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from moderation.conversation import SILENCE
from moderation.decisions import Decision
from moderation.labels import Label
from moderation.messages import Message
from moderation.stats.report import Conversations

REMEMBERED = 5_000
"""Threads and channels in which a conversation may go on, and messages that may become the root of one."""


@dataclass(slots=True)
class _Talk:
    people: set[str]
    last_at: datetime


class ConversationWatch:
    """Counts conversations and the people in them.

    In a channel a conversation ends with half an hour of silence; a thread is one conversation however long it takes, and
    whoever wrote its root takes part. A pitch is no part of a conversation.
    """

    def __init__(self) -> None:
        self._count = self._people = self._shared = 0
        self._open: OrderedDict[tuple[str, str | None], _Talk] = OrderedDict()
        self._author_of: OrderedDict[tuple[str, str], str] = OrderedDict()

    def add(self, message: Message, decision: Decision) -> None:
        """Take in one judged message, in the order of posting."""
        if decision.verdict is None or decision.verdict.label is Label.PITCH:
            return
        channel, author = message.key.channel, message.author.id
        place = (channel, message.thread)
        talk = self._open.pop(place, None)
        if talk is not None and message.thread is None and message.posted_at - talk.last_at > SILENCE:
            self._close(talk)
            talk = None
        if talk is None:
            root = self._author_of.get((channel, message.thread)) if message.thread else None
            talk = _Talk({root} if root else set(), message.posted_at)
        talk.people.add(author)
        talk.last_at = message.posted_at
        self._open[place] = talk
        self._author_of[channel, message.key.message] = author
        if len(self._open) > REMEMBERED:
            self._close(self._open.popitem(last=False)[1])
        if len(self._author_of) > REMEMBERED:
            self._author_of.popitem(last=False)

    def result(self) -> Conversations:
        """The period is over: what is going on counts as it stands."""
        while self._open:
            self._close(self._open.popitem()[1])
        return Conversations(self._count, self._people, self._shared)

    def _close(self, talk: _Talk) -> None:
        self._count += 1
        self._people += len(talk.people)
        self._shared += len(talk.people) > 1
