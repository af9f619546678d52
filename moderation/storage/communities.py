"""Charters and what members chose in the database, and the way out: erasing a member or a whole community."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Table, delete, select

from moderation.charter import Charter
from moderation.messages import Platform
from moderation.policy import Policy
from moderation.ports import Community
from moderation.storage import tables
from moderation.storage.cleaning import clean_id
from moderation.storage.encoding import pack_rules, unpack_rules
from moderation.storage.erasure import erase_member
from moderation.storage.places import of_community
from moderation.storage.transaction import Transaction
from moderation.storage.upsert import insert_into

charters, opt_outs, direct_messages = tables.charters, tables.opt_outs, tables.direct_messages


class SqlCommunities:
    """moderation.ports.Communities."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def publish(self, community: Community, charter: Charter, policy: Policy, at: datetime) -> None:
        if await self.current(community) == (charter, policy):
            return
        row = {
            **_named(community),
            "version": charter.version,
            "published_at": at,
            "sealed": self._transaction.vault.seal(pack_rules(charter, policy), _place(community)),
        }
        await self._transaction.write(charters.insert(), row)

    async def current(self, community: Community) -> tuple[Charter, Policy] | None:
        newest = (
            select(charters.c.sealed)
            .where(of_community(charters, community))
            .order_by(charters.c.id.desc())
            .limit(1)
        )
        rows = await self._transaction.read(newest)
        return unpack_rules(self._transaction.vault.open(rows[0][0], _place(community))) if rows else None

    async def all(self) -> list[Community]:
        names = (charters.c.platform, charters.c.community)
        rows = await self._transaction.read(select(*names).distinct().order_by(*names))
        return [Community(Platform(platform), name) for platform, name in rows]

    async def opt_out(self, community: Community, member: str, *, silent: bool) -> None:
        await self._choose(opt_outs, community, member, chosen=silent)

    async def opted_out(self, community: Community, members: Collection[str]) -> set[str]:
        return await self._chose(opt_outs, community, members)

    async def choose_direct(self, community: Community, member: str, *, direct: bool) -> None:
        await self._choose(direct_messages, community, member, chosen=direct)

    async def chose_direct(self, community: Community, members: Collection[str]) -> set[str]:
        return await self._chose(direct_messages, community, members)

    async def erase_member(self, community: Community, member: str) -> None:
        await erase_member(self._transaction, community, member)
        self._transaction.scrub()

    async def erase(self, community: Community) -> None:
        for table in tables.metadata.sorted_tables:
            if _has_communities(table):
                await self._transaction.write(delete(table).where(of_community(table, community)))
        self._transaction.scrub()

    async def _choose(self, choice: Table, community: Community, member: str, *, chosen: bool) -> None:
        """`choice` has a row for each member who chose it."""
        if chosen:
            once = insert_into(choice, self._transaction.dialect).on_conflict_do_nothing()
            await self._transaction.write(once, {**_named(community), "member": member})
        else:
            theirs = (of_community(choice, community), choice.c.member == member)
            await self._transaction.write(delete(choice).where(*theirs))

    async def _chose(self, choice: Table, community: Community, members: Collection[str]) -> set[str]:
        theirs = (of_community(choice, community), choice.c.member.in_(members))
        rows = await self._transaction.read(select(choice.c.member).where(*theirs))
        return {member for (member,) in rows}


def _has_communities(table: Table) -> bool:
    return {"platform", "community"} <= set(table.c.keys())


def _named(community: Community) -> dict[str, object]:
    return {"platform": community.platform.value, "community": community.id}


def _place(community: Community) -> str:
    return "\0".join(("charters", community.platform.value, clean_id(community.id)))
