"""What a platform's adapter hands over to the line, for one process that lives with its communities."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from bot.inbox import Inbox
from bot.workers import Workers
from moderation import notes
from moderation.messages import Message, MessageKey
from moderation.pipeline import Pipeline
from moderation.ports import Community, Press, Show, Store
from moderation.retention import erase_community


class LiveClock:
    """moderation.ports.Clock: everything is decided when it is decided."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def time_of(self, message: Message) -> datetime:
        del message
        return self.now()


class Living:
    """One process's line: stores what is told, answers presses, and wakes the workers."""

    def __init__(self, pipeline: Pipeline, store: Store, workers: Workers) -> None:
        self._pipeline, self._store, self._workers = pipeline, store, workers
        self._inbox = Inbox(pipeline.receive, self._withdraw, workers.judge_soon)
        self._taking_out: set[asyncio.Task[None]] = set()

    async def receive(self, message: Message) -> None:
        """Return when it is stored, in the order in which it was told. What comes of a community that was just erased is dropped."""
        with suppress(LookupError):
            await self._inbox.receive(message)

    async def deleted(self, key: MessageKey) -> None:
        """Return when its text is forgotten."""
        await self._inbox.deleted(key)

    async def _withdraw(self, keys: Sequence[MessageKey]) -> None:
        """Forget the texts at once; to take the posts out of their talks may wait for the judge, so nobody waits for that here."""
        task = asyncio.create_task(self._pipeline.take_out(await self._pipeline.forget(keys)))
        self._taking_out.add(task)
        task.add_done_callback(self._taking_out.discard)

    async def pressed(self, press: Press, show: Show) -> None:
        """Keep what follows from a press, which is delivered soon, and `show` whoever pressed what they are told."""
        said = await self._pipeline.rule(press)
        self._workers.deliver_soon()
        notice, buttons = notes.shown(said)
        await show(notice, buttons, notes.marker_of(press, said))
        await notes.was_read(self._store, press, said)
        self._workers.deliver_soon()

    async def left(self, community: Community) -> None:
        """Erase everything of a community that sent us away."""
        await erase_community(self._store, community)
        await self._pipeline.forget_ledger(community)
