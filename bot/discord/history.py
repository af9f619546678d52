"""What was posted in a channel and its threads after a moment: for gaps, and for the first look back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import discord

from bot.discord.inbound import Room, message_from, posted_in
from bot.discord.places import Holder
from moderation.messages import Message

MOST = 10_000
"""Messages of a channel or thread that are fetched at most, the latest."""


async def posted_since(room: Room, after: datetime | None) -> list[Message]:
    """Messages of a channel with its threads, oldest first; all of them without a moment."""
    found: list[Message] = []
    async for holder in _holders(room, after):
        where = posted_in(holder)
        if where is not None:
            history = holder.history(limit=MOST, after=after, oldest_first=after is not None)
            found += [message_from(message, where) async for message in history]
    return sorted(found, key=lambda message: (message.posted_at, int(message.key.message)))


async def _holders(room: Room, after: datetime | None) -> AsyncIterator[Holder]:
    if not isinstance(room, discord.ForumChannel):
        yield room
    for thread in getattr(room, "threads", []):
        yield thread
    if isinstance(room, discord.TextChannel | discord.ForumChannel):
        async for thread in room.archived_threads(limit=None):
            if after is not None and thread.archive_timestamp < after:
                return  # they come by the time of their archiving, the latest first
            yield thread
