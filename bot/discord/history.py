"""What was posted in a channel and its threads after a moment: for gaps, and for the first look back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import discord

from bot.discord.inbound import Room, message_from, posted_in
from bot.discord.places import Holder
from moderation.messages import Message, MessageKey

MOST = 10_000
"""Messages of a channel or thread that are fetched at most, the latest."""

IsHeard = Callable[[MessageKey], Awaitable[bool]]


async def posted_since(room: Room, after: datetime | None, is_heard: IsHeard | None = None) -> list[Message]:
    """Messages of a channel with its threads, oldest first; all of them without a moment.

    Of a channel or thread whose latest message `is_heard` nothing is asked: nothing is missing.
    """
    found: list[Message] = []
    async for holder in _holders(room, after):
        where = posted_in(holder)
        if where is None or _is_quiet(holder, after):
            continue
        if is_heard is not None and await is_heard(where.key(holder.last_message_id or 0)):
            continue
        history = holder.history(limit=MOST, after=after, oldest_first=after is not None)
        found += [message_from(message, where) async for message in history]
    return sorted(found, key=lambda message: (message.posted_at, int(message.key.message)))


def _is_quiet(holder: Holder, after: datetime | None) -> bool:
    """Whether nothing was posted since: Discord tells the latest message of each, if not that it still is there."""
    latest = holder.last_message_id
    return after is not None and (latest is None or discord.utils.snowflake_time(latest) < after)


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
