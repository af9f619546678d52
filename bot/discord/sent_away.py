"""Who sent us away while nobody listened: their server is not among those that a new session begins with."""

from __future__ import annotations

import logging

import discord

from bot.discord.failures import plain_failures
from moderation.errors import Gone, NotAllowed, PlatformError
from moderation.messages import Platform
from moderation.ports import Community, Store

log = logging.getLogger(__name__)


class SentAway:
    """Compares the servers of each session with those that are set up. Erasing is for good, so Discord is asked about each."""

    def __init__(self, client: discord.AutoShardedClient, store: Store) -> None:
        self._client, self._store = client, store
        self._before: dict[int, discord.Guild] = {}

    def session_begins(self, shard: int | None) -> None:
        """Until the session tells of them, servers are known from the last one alone: discord.py then has another object for each."""
        self._before |= {guild.id: guild for guild in self._client.guilds if guild.shard_id == shard}

    async def find(self, shard: int) -> list[Community]:
        """Those that surely sent us away, once a session of a shard has told of its servers."""
        missing = [
            each for each in await self._missing() if shard_of(each, self._client.shard_count) == shard
        ]
        self._before = {key: guild for key, guild in self._before.items() if guild.shard_id != shard}
        return [community for community in missing if await self._is_gone(community)]

    async def _missing(self) -> list[Community]:
        """Where none is there, and none was in this process, this may be another bot at the same database: nothing is erased for that."""
        async with self._store.work() as work:
            communities = await work.communities.all()
        ours = [community for community in communities if community.platform is Platform.DISCORD]
        missing = [community for community in ours if not self._is_told(int(community.id))]
        if missing == ours and not any(int(each.id) in self._before for each in missing):
            if ours:
                log.error("none of the servers that are set up is there: is this the token of another bot?")
            return []
        return missing

    def _is_told(self, guild: int) -> bool:
        there = self._client.get_guild(guild)
        return there is not None and there is not self._before.get(guild)

    async def _is_gone(self, community: Community) -> bool:
        try:
            with plain_failures():
                await self._client.fetch_guild(int(community.id), with_counts=False)
        except (Gone, NotAllowed):
            log.warning("sent away while nobody listened", extra={"community": community.id})
            return True
        except PlatformError as error:
            log.warning("nobody knows whether it sent us away", exc_info=error)
        return False


def shard_of(community: Community, shards: int | None) -> int:
    """The connection that tells of a server, of so many: https://discord.com/developers/docs/events/gateway#sharding."""
    return (int(community.id) >> 22) % (shards or 1)
