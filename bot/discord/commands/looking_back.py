"""What was posted before Steward came: read once, so that there is something to see at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.discord.commands.desk import Desk
from moderation.errors import PlatformError
from moderation.messages import Channel, Kind, Message
from moderation.ports import Community

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=3)
MOST = 2_000
"""Messages in all, the latest."""
PATIENCE = timedelta(minutes=10)
"""Discord lets a command be answered for 15 minutes."""


@dataclass(frozen=True, slots=True)
class LookedBack:
    """How many messages of people were read, and the ids of the channels that could not be."""

    messages: int
    closed: tuple[str, ...]


async def look_back(desk: Desk, community: Community, channels: Sequence[Channel]) -> LookedBack:
    """Take in what was posted in these channels of late, and judge it, for at most `PATIENCE`."""
    begun = desk.now()
    found: list[Message] = []
    closed: list[str] = []
    for channel in channels:
        try:
            history = desk.platform.history(community, channel.id, begun - LOOKED_BACK)
            found += [each async for each in history if each.kind is Kind.POST]
        except PlatformError as error:
            log.warning(
                "a channel's history could not be read", extra={"channel": channel.id}, exc_info=error
            )
            closed.append(channel.id)
        found = sorted(found, key=lambda message: message.posted_at)[-MOST:]
    # Together, so that many are stored in one transaction; in this order.
    await asyncio.gather(*(desk.receive(message) for message in found))
    await _judge(desk, begun + PATIENCE)
    return LookedBack(len(found), tuple(closed))


async def _judge(desk: Desk, until: datetime) -> None:
    while desk.now() < until and await desk.office.pipeline.sweep():
        pass
    desk.office.deliver_soon()
