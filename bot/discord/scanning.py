"""Looking for our own posts in a channel and its threads: what a restart forgot (see `bot.discord.markers`)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import discord

from bot.discord import rendering
from bot.discord.failures import plain_failures
from bot.discord.forums import archived_since
from bot.discord.inbound import Room
from bot.discord.markers import Place
from bot.discord.places import Holder, need_in
from moderation.errors import Gone

SCANNED = 500
"""Posts of a channel or thread that are looked through for ours after a start."""
SCANNED_THREADS = 20
OURS_FOR = timedelta(days=8)
"""Older posts of ours are not looked for: what can be undone or appealed can be so for 7 days."""
HISTORY = "Read Message History"


class Scanner:
    """Knows our own posts by their author, and reads their markers."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def marker_on(self, message: discord.Message) -> str:
        """The marker of a post of ours; empty for every other."""
        me = self._client.application_id
        ours = message.application_id == me or (
            self._client.user and message.author.id == self._client.user.id
        )
        return rendering.marker_of(message) if ours else ""

    async def scan(self, room_id: int) -> list[tuple[str, Place]]:
        """Our posts of the last days in a channel and its latest threads, oldest first.

        Raises NotAllowed where we may not read the channel. A thread that is closed to us, or gone by now, is passed over.
        """
        room = await self._room(room_id)
        need_in(room, "read_message_history")
        since = datetime.now(UTC) - OURS_FOR
        with plain_failures(HISTORY):
            found = [] if isinstance(room, discord.ForumChannel) else await self._on(room, since)
            for thread in await _threads(room, since):
                with suppress(discord.NotFound, discord.Forbidden):
                    found += await self._on(thread, since)
        return sorted(found, key=lambda each: each[1].message)

    async def _room(self, room_id: int) -> Room:
        room = self._client.get_channel(room_id)
        if room is None:
            with plain_failures(HISTORY):
                room = await self._client.fetch_channel(room_id)
        if not isinstance(room, Room):
            raise Gone(f"The channel {room_id} is not there.")
        return room

    async def _on(self, holder: Holder, since: datetime) -> list[tuple[str, Place]]:
        """Raises what discord.py raises."""
        latest = holder.history(limit=SCANNED, after=since, oldest_first=False)
        return [
            (marker, Place(message.id, holder.id))
            async for message in latest
            if (marker := self.marker_on(message))
        ]


async def _threads(room: Room, since: datetime) -> list[discord.Thread]:
    """The latest threads, also those that were archived since then."""
    awake = sorted(getattr(room, "threads", []), key=lambda thread: thread.last_message_id or 0)
    return [*await archived_since(room, since, SCANNED_THREADS), *awake[-SCANNED_THREADS:]]
