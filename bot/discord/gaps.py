"""What was posted while nobody listened.

Discord tells a new session nothing of the time before. What it tells from then on would hide a gap, so how far each channel was
heard is noted before the session begins.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.discord.platform import DiscordPlatform
from moderation.errors import PlatformError
from moderation.messages import Message, Platform
from moderation.ports import Community, Store

log = logging.getLogger(__name__)

SAME_MOMENT = timedelta(milliseconds=1)
"""Discord tells times to the millisecond, and a busy channel has several messages in one. What comes twice is stored once."""


class Gaps:
    """What is not filled yet, by server."""

    def __init__(self, store: Store, platform: DiscordPlatform) -> None:
        self._store, self._platform = store, platform
        self._heard_until: dict[Community, dict[str, datetime]] = {}

    async def note_all(self) -> None:
        """Note it for every server that is set up."""
        async with self._store.work() as work:
            communities = await work.communities.all()
        for community in communities:
            if community.platform is Platform.DISCORD:
                await self.note(community)

    async def note(self, community: Community) -> None:
        """Note how far each channel was heard. What was noted before and is not filled yet stays."""
        async with self._store.work() as work:
            last = await work.messages.last_posted(community)
        noted = self._heard_until.setdefault(community, {})
        for channel, moment in last.items():
            noted.setdefault(channel, moment)

    async def fill(self, community: Community, receive: Callable[[Message], Awaitable[None]]) -> None:
        """Read each watched channel from what was noted on; one without a message from the latest of all on.

        `receive` is told of every message that was missed, and of some that were not. What cannot be read now stays noted.
        """
        async with self._store.work() as work:
            rules = await work.communities.current(community)
        noted = self._heard_until.pop(community, {})
        if rules is None or not noted:
            return
        latest = max(noted.values())
        for channel in await self._platform.channels(community):
            if not rules[0].is_watched(channel.id, channel.name):
                continue
            since = noted.get(channel.id, latest)
            try:
                async for message in self._platform.history(community, channel.id, since - SAME_MOMENT):
                    await receive(message)
            except PlatformError as error:
                self._heard_until.setdefault(community, {})[channel.id] = since
                log.warning("a gap could not be filled", extra={"channel": channel.id}, exc_info=error)
