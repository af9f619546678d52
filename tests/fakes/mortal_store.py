"""Any store, with a process around it that dies at a chosen commit, and that notices works left open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from moderation.ports import Store, Work


class Crash(BaseException):
    """The process dies here."""


@dataclass
class CrashPlan:
    """Dies at commit number `at` (from 0), once: before it is kept or, with `after`, right after.

    `error` is raised then; `commits` counts those that were begun so far.
    """

    at: int | None = None
    after: bool = False
    error: type[BaseException] = Crash
    commits: int = 0

    def begin(self) -> bool:
        """One more commit begins; whether it is the last one."""
        self.commits += 1
        last = self.at == self.commits - 1
        if last and not self.after:
            raise self.error
        return last

    def from_now(self, skip: int = 0, *, after: bool = False) -> None:
        """Die at a commit to come, past `skip` others."""
        self.at, self.after = self.commits + skip, after


class MortalWork:
    """moderation.ports.Work."""

    def __init__(self, work: Work, plan: CrashPlan) -> None:
        self._work, self._plan = work, plan
        self.messages, self.decisions, self.outbox = work.messages, work.decisions, work.outbox
        self.moves, self.rulings, self.draws = work.moves, work.rulings, work.draws
        self.communities, self.reports = work.communities, work.reports

    async def commit(self) -> None:
        last = self._plan.begin()
        await self._work.commit()
        if last:
            raise self._plan.error


class MortalStore:
    """moderation.ports.Store. `works` counts all works, `open_works` those that are open now."""

    def __init__(self, store: Store, plan: CrashPlan | None = None) -> None:
        self._store = store
        self.plan = plan or CrashPlan()
        self.works = 0
        self.open_works = 0

    @asynccontextmanager
    async def work(self) -> AsyncIterator[MortalWork]:
        self.works += 1
        self.open_works += 1
        try:
            async with self._store.work() as work:
                yield MortalWork(work, self.plan)
        finally:
            self.open_works -= 1
