"""Messages of Slack with the names that they need, which Slack tells apart from them."""

from __future__ import annotations

import asyncio

from bot.history.clean import Row
from bot.history.mrkdwn import Names
from bot.history.slack_messages import Workspace as Named
from bot.slack.inbound import channels_in, message_from, people_in
from bot.slack.people import PATIENCE, People
from bot.slack.places import Places
from bot.slack.workspaces import Workspace
from moderation.errors import PlatformError
from moderation.messages import Channel, Message


class Translator:
    """Rows of messages become our own, whole as far as names are known in time."""

    def __init__(self, people: People, places: Places) -> None:
        self._people, self._places = people, places

    async def message(self, workspace: Workspace, channel: str, row: Row) -> Message:
        """The message in `row`, which has a ts and stands in a channel."""
        named, where = await asyncio.gather(self._named(workspace, row), self._channel(workspace, channel))
        return message_from(row, where, named)

    async def names(self, workspace: Workspace, row: Row) -> Names:
        """The names that its text needs."""
        return (await self._named(workspace, row)).names

    async def _named(self, workspace: Workspace, row: Row) -> Named:
        authors = await self._people.named(workspace, people_in(row))
        channels = {
            each: name
            for each in channels_in(row)
            if (name := self._places.name_of(workspace, each)) is not None
        }
        names = Names({each: author.name for each, author in authors.items()}, channels)
        return Named(workspace.community.id, authors, names)

    async def _channel(self, workspace: Workspace, channel: str) -> Channel:
        try:
            room = await asyncio.wait_for(self._places.room(workspace, channel), PATIENCE)
        except (PlatformError, TimeoutError):
            return Channel(channel, self._places.name_of(workspace, channel) or channel)
        return room.channel
