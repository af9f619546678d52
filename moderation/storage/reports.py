"""What members told of, in the database; text, sender and post are sealed together."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete, select

from moderation.ports import Community
from moderation.reports import Report
from moderation.storage import tables
from moderation.storage.cleaning import clean_id
from moderation.storage.encoding import dumps
from moderation.storage.places import of_community
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import insert_into

reports = tables.reports


class SqlReports:
    """moderation.ports.Reports."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, community: Community, report: Report, keep_until: datetime) -> None:
        plain = dumps({"text": report.text, "sender": report.sender, "message": report.message})
        row = {
            "platform": community.platform.value,
            "community": community.id,
            "reporter": report.reporter,
            "at": report.at,
            "case_name": report.case,
            "keep_until": keep_until,
            "sealed": self._transaction.vault.seal(plain, _place(community, report.reporter)),
        }
        once = insert_into(reports, self._transaction.dialect).on_conflict_do_nothing()
        await self._transaction.write(once, row)

    async def all(self, community: Community) -> list[Report]:
        return await read_reports(self._transaction, community)

    async def forget(self, now: datetime) -> int:
        over = await self._transaction.write(delete(reports).where(reports.c.keep_until <= now))
        if over.rowcount:
            self._transaction.scrub()
        return over.rowcount


async def read_reports(transaction: Transaction, community: Community) -> list[Report]:
    """Every report that is kept, in order of (at, reporter)."""
    columns = (reports.c.case_name, reports.c.reporter, reports.c.at, reports.c.sealed)
    statement = (
        select(*columns).where(of_community(reports, community)).order_by(reports.c.at, reports.c.reporter)
    )
    found: list[Report] = []
    for case, reporter, at, sealed in await transaction.read(statement):
        plain = json.loads(transaction.vault.open(sealed, _place(community, reporter)))
        found.append(Report(case, reporter, plain["text"], plain["sender"], at, plain["message"]))
    return found


async def erase_reports(
    transaction: Transaction, community: Community, member: str, posts: Collection[str]
) -> None:
    """Delete what a member told, and what was told of them or of their `posts` (`channel/message` names)."""
    for report in await read_reports(transaction, community):
        if member in (report.reporter, report.sender) or report.message in posts:
            this = and_(reports.c.reporter == report.reporter, reports.c.at == report.at)
            await transaction.write(delete(reports).where(of_community(reports, community), this))


def _place(community: Community, reporter: str) -> str:
    return "\0".join(("reports", community.platform.value, clean_id(community.id), clean_id(reporter)))
