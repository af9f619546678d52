"""What members told of, in the in-memory store."""

from __future__ import annotations

from datetime import datetime

from moderation.ports import Community
from moderation.reports import Report
from tests.fakes.memory_state import cleaned
from tests.fakes.memory_transaction import MemoryTransaction


class MemoryReports:
    """moderation.ports.Reports."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def add(self, community: Community, report: Report, keep_until: datetime) -> None:
        kept = (await self._transaction.write()).reports
        kept.setdefault((community, report.reporter, report.at), (cleaned(report), keep_until))

    async def all(self, community: Community) -> list[Report]:
        every = self._transaction.state.reports.items()
        found = [report for key, (report, _) in every if key[0] == community]
        return sorted(found, key=lambda report: (report.at, report.reporter))

    async def forget(self, now: datetime) -> int:
        state = await self._transaction.write()
        kept = {key: one for key, one in state.reports.items() if one[1] > now}
        forgotten = len(state.reports) - len(kept)
        state.reports = kept
        return forgotten
