"""Who takes part in a conversation: how many different people, never which."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from moderation.conversation import SILENCE
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
    whoever wrote its root takes part. A pitch is no part of a conversation, so none is to be added.
    """

    def __init__(self) -> None:
        self._count = self._people = self._shared = 0
        self._open: OrderedDict[tuple[str, str | None], _Talk] = OrderedDict()
        self._author_of: OrderedDict[tuple[str, str], str] = OrderedDict()

    def add(self, message: Message) -> None:
        """Take in one judged message that is no pitch, in the order of posting."""
        channel, thread, author, at = (
            message.key.channel,
            message.thread,
            message.author.id,
            message.posted_at,
        )
        place = (channel, thread)
        talk = self._open.pop(place, None)
        if talk is not None and thread is None and at - talk.last_at > SILENCE:
            self._close(talk)
            talk = None
        if talk is None:
            root = self._author_of.get((channel, thread)) if thread else None
            talk = _Talk({root} if root else set(), at)
        talk.people.add(author)
        talk.last_at = at
        self._open[place] = talk
        if len(self._open) > REMEMBERED:
            self._close(self._open.popitem(last=False)[1])
        if thread is None:
            self._remember(channel, message)

    def _remember(self, channel: str, message: Message) -> None:
        """Whose message it is: a thread may begin at it."""
        self._author_of[channel, message.key.message] = message.author.id
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
