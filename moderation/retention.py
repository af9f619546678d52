"""Forgetting: texts whose time is over, one person, one community.

Storage keeps the promise (see moderation.ports); these are the three occasions on which it is asked to.
"""

from __future__ import annotations

from datetime import datetime

from moderation.ports import Community, Store


async def forget_texts(store: Store, now: datetime) -> int:
    """Drop every text whose time is over at `now`, reports too, with the names and reasons around it; return how many."""
    async with store.work() as work:
        forgotten = await work.messages.forget_texts(now) + await work.reports.forget(now)
        await work.commit()
    return forgotten


async def erase_member(store: Store, community: Community, member: str) -> None:
    """Erase one person from one community, everywhere. A pipeline's memory of it must be dropped afterwards."""
    async with store.work() as work:
        await work.communities.erase_member(community, member)
        await work.commit()


async def erase_community(store: Store, community: Community) -> None:
    """Erase one community everywhere, its charter included."""
    async with store.work() as work:
        await work.communities.erase(community)
        await work.commit()
