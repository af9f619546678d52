"""Who reads messages, and what time it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from moderation.charter import ChannelCharter, Charter
from moderation.decisions import Verdict
from moderation.messages import Attachment, ContextLine, Message


@dataclass(frozen=True, slots=True)
class Question:
    """What the classifier reads: one message, a few earlier ones (oldest first), the charter and the channel."""

    text: str
    charter: Charter
    channel: ChannelCharter | None = None
    context: tuple[ContextLine, ...] = ()
    author: str = ""
    attachments: tuple[Attachment, ...] = ()


class Classifier(Protocol):
    """Reads messages. A verdict depends on its own question alone, never on the batch around it."""

    @property
    def version(self) -> str:
        """Name and version of the model, as stored with every decision."""
        ...

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """One verdict for each question, in order, computed off the event loop."""
        ...

    async def explain(self, questions: Sequence[Question], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts of these questions, in order, with reasons that cost too much to work out for each message.

        For what somebody is about to be shown: nothing else of a verdict changes.
        """
        ...


class Clock(Protocol):
    """What time it is when something is decided or delivered; aware UTC."""

    def now(self) -> datetime:
        """The present."""
        ...

    def time_of(self, message: Message) -> datetime:
        """The moment at which `message` is decided: the present, or its own time in a replay."""
        ...
