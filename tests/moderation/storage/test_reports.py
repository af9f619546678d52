"""moderation.ports.Reports: kept for a while, sealed, and gone with who told and of whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from moderation.ports import Store
from moderation.reports import Report
from moderation.retention import erase_community, erase_member, forget_texts
from moderation.storage.database import SqlStore
from tests.factories import MONDAY, a_message
from tests.moderation.storage.contract import OTHERS, TEAM, a_decision, decide, keep, keeping

TOLD = Report("case-1", "ann", "buy followers from me, ten for the price of nine", "pete", MONDAY)


def told_by(reporter: str, minutes: float = 0, **changed: str) -> Report:
    return replace(TOLD, reporter=reporter, at=MONDAY + timedelta(minutes=minutes), **changed)


async def kept(store: Store) -> list[str]:
    async with store.work() as work:
        return [report.reporter for report in await work.reports.all(TEAM)]


async def tell(store: Store, *reports: Report) -> None:
    async with keeping(store) as work:
        for report in reports:
            await work.reports.add(TEAM, report, report.at + timedelta(days=7))


async def test_reports_come_in_order_as_they_were_told(store: Store) -> None:
    await tell(store, told_by("cy", 2), told_by("bob", 1, message="C1/00001", text="\ud800 ok"), TOLD, TOLD)
    async with store.work() as work:
        found = await work.reports.all(TEAM)
        assert await work.reports.all(OTHERS) == []
    assert [report.reporter for report in found] == ["ann", "bob", "cy"]
    assert found[0] == TOLD
    assert (found[1].message, found[1].text) == ("C1/00001", "\ufffd ok")


async def test_they_are_forgotten_with_the_texts(store: Store) -> None:
    await tell(store, TOLD, told_by("bob", 60))
    assert await forget_texts(store, MONDAY + timedelta(days=7)) == 1
    assert await kept(store) == ["bob"]
    assert await forget_texts(store, MONDAY + timedelta(days=8)) == 1
    assert await kept(store) == []


async def test_they_go_with_who_told_and_with_whom_they_are_about(store: Store) -> None:
    message = a_message(1, author="pia")
    await keep(store, message)
    await decide(store, a_decision(message))
    await tell(
        store, TOLD, told_by("bob", 1, sender="ann"), told_by("cy", 2, message="C1/00001"), told_by("dan", 3)
    )
    await erase_member(store, TEAM, "ann")
    assert await kept(store) == ["cy", "dan"]
    await erase_member(store, TEAM, "pia")
    assert await kept(store) == ["dan"]
    await erase_community(store, TEAM)
    assert await kept(store) == []


async def test_what_was_told_is_sealed(sql_store: SqlStore, database: Path) -> None:
    await tell(sql_store, TOLD)
    content = await asyncio.to_thread(database.read_bytes)
    content += await asyncio.to_thread(database.with_name(f"{database.name}-wal").read_bytes)
    assert b"followers" not in content
    assert b"pete" not in content
