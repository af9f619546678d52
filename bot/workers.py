"""What one process does all the time: judge what is stored, do what is due, look after the hours.

The database is the queue: the tasks here only hear that there may be work, and look. A task that fails says so in the log,
waits, and goes on; what it was about is still stored.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from moderation.pipeline import Pipeline
from moderation.ports import ChatPlatform, Community, Store
from moderation.retention import forget_texts

log = logging.getLogger(__name__)

LOOK_AGAIN = 1.0
"""Seconds after which a task looks for work that nobody announced: what was postponed, or left by another process."""
SETTLE = 5.0
"""Seconds between two looks at talks that may have settled."""
FOLLOW = 30.0
"""Seconds between two looks for charters that another process published (steward charter apply)."""
HANDS = 4
"""Deliveries at the same time; a channel's actions stay in order."""
AFTER_FAILURE = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds to wait after so many failures in a row."""
HOUR = timedelta(hours=1)

Chore = Callable[[datetime], Awaitable[object]]
"""Something that is done once an hour, such as sending a digest that is due."""


class Workers:
    """The tasks of one process. `chores` are done every hour, and once at the beginning."""

    def __init__(
        self,
        pipeline: Pipeline,
        store: Store,
        platform: ChatPlatform,
        now: Callable[[], datetime],
        chores: Sequence[Chore] = (),
    ) -> None:
        self._pipeline, self._store, self._platform, self._now = pipeline, store, platform, now
        self._chores = (self._forget, self._keep_promises, *chores)
        self._to_judge, self._to_deliver = asyncio.Event(), asyncio.Event()

    def judge_soon(self) -> None:
        """Something was stored."""
        self._to_judge.set()

    def deliver_soon(self) -> None:
        """Something was put into the outbox."""
        self._to_deliver.set()

    async def run(self) -> None:
        """Work until cancelled; then the deliveries that were begun are finished (see moderation.delivery), and nothing else."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again(self._judge, self._to_judge, LOOK_AGAIN))
            for _ in range(HANDS):
                tasks.create_task(self._again(self._deliver, self._to_deliver, LOOK_AGAIN))
            tasks.create_task(self._again(self._settle, None, SETTLE))
            tasks.create_task(self._again(self._follow, None, FOLLOW))
            tasks.create_task(self._again(self._do_chores, None, HOUR.total_seconds()))

    async def _again(
        self, work: Callable[[], Awaitable[object]], called: asyncio.Event | None, seconds: float
    ) -> None:
        failures = 0
        while True:
            try:
                await work()
                failures = 0
            except Exception:
                log.exception("a task failed and is tried again")
                await asyncio.sleep(AFTER_FAILURE[min(failures, len(AFTER_FAILURE) - 1)])
                failures += 1
                continue
            await _wait(called, seconds)

    async def _judge(self) -> None:
        while decisions := await self._pipeline.sweep():
            log.info("judged", extra={"count": len(decisions)})
            if any(decision.actions for decision in decisions):
                self.deliver_soon()

    async def _deliver(self) -> None:
        delivered = await self._pipeline.deliver(self._platform)
        if delivered.lost or delivered.refused:
            log.warning("some deliveries failed", extra={"count": delivered.lost + delivered.refused})

    async def _settle(self) -> None:
        async def settle(community: Community) -> None:
            if await self._pipeline.reconsider(community, self._now()):
                self.deliver_soon()

        await self._for_each(settle)

    async def _follow(self) -> None:
        await self._for_each(self._pipeline.follow)

    async def _for_each(self, work: Callable[[Community], Awaitable[object]]) -> None:
        """Do it for every community; one that fails is left out, until next time."""
        async with self._store.work() as stored:
            communities = await stored.communities.all()
        for community in communities:
            try:
                await work(community)
            except Exception:
                log.exception("a community is left out", extra={"community": str(community)})

    async def _do_chores(self) -> None:
        for chore in self._chores:
            try:
                await chore(self._now())
            except Exception:
                log.exception("a chore failed and is tried again in an hour")

    async def _forget(self, now: datetime) -> None:
        await forget_texts(self._store, now)

    async def _keep_promises(self, now: datetime) -> None:
        async def keep(community: Community) -> None:
            await self._pipeline.keep_promise(community, now)
            self.deliver_soon()

        await self._for_each(keep)


async def _wait(called: asyncio.Event | None, seconds: float) -> None:
    if called is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await called.wait()
    except TimeoutError:
        return
    called.clear()
