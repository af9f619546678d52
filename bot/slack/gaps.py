"""What was posted while nobody listened.

Slack tells again what was not acknowledged, for some minutes; what was posted while no connection stood for longer is told to nobody.
What it tells from then on would hide a gap, so how far each channel was heard is noted before.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bot.slack.platform import SlackPlatform
from moderation.errors import PlatformError
from moderation.messages import Message, Platform
from moderation.ports import Community, Store

log = logging.getLogger(__name__)

TOLD_LATE = timedelta(minutes=7)
"""Slack tells a last time five minutes after the first: what is stored by then may be newer than what is missing."""


class Gaps:
    """What is not filled yet, by workspace."""

    def __init__(self, store: Store, platform: SlackPlatform) -> None:
        self._store, self._platform = store, platform
        self._heard_until: dict[Community, dict[str, datetime]] = {}

    def open(self, community: Community) -> Mapping[str, datetime]:
        """Channels of which something may be missing, each with the moment from which on."""
        return dict(self._heard_until.get(community, {}))

    def forget(self, community: Community) -> None:
        """We were sent away."""
        self._heard_until.pop(community, None)

    async def note_all(self) -> None:
        """Note it for every workspace that is set up."""
        async with self._store.work() as work:
            communities = await work.communities.all()
        for community in communities:
            if community.platform is Platform.SLACK:
                await self.note(community)

    async def note(self, community: Community) -> None:
        """Note how far each channel was heard. What was noted before and is not filled yet stays."""
        async with self._store.work() as work:
            last = await work.messages.last_posted(community)
        noted = self._heard_until.setdefault(community, {})
        for channel, moment in last.items():
            noted.setdefault(channel, moment - TOLD_LATE)

    async def fill_all(self, receive: Callable[[Message], Awaitable[None]]) -> None:
        """Fill what is open in every connected workspace."""
        for workspace in self._platform.workspaces:
            await self.fill(workspace.community, receive)

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
        try:
            channels = await self._platform.channels(community)
        except PlatformError as error:
            self._heard_until[community] = noted
            log.warning("gaps could not be looked for", extra={"community": community.id}, exc_info=error)
            return
        for channel in channels:
            if rules[0].is_watched(channel.id, channel.name):
                await self._fill_one(community, channel.id, noted.get(channel.id, latest), receive)

    async def _fill_one(
        self,
        community: Community,
        channel: str,
        since: datetime,
        receive: Callable[[Message], Awaitable[None]],
    ) -> None:
        try:
            async for message in self._platform.history(community, channel, since):
                await receive(message)
        except PlatformError as error:
            self._heard_until.setdefault(community, {})[channel] = since
            log.warning("a gap could not be filled", extra={"channel": channel}, exc_info=error)
