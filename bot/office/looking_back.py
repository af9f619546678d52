"""What was posted before Steward came: read once, so that there is something to see at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.office.office import Office
from bot.office.said import Surface
from moderation.errors import PlatformError
from moderation.messages import Channel, Kind, Message
from moderation.ports import ChatPlatform, Community

log = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=3)
MOST = 2_000
"""Messages in all, the latest."""
PATIENCE = timedelta(minutes=10)
"""After that the answer could no longer reach whoever asked."""


@dataclass(frozen=True, slots=True)
class LookedBack:
    """How many messages of people were read, and the ids of the channels that could not be."""

    messages: int
    closed: tuple[str, ...]

    def told(self, surface: Surface) -> str:
        """In words."""
        number = "1 message" if self.messages == 1 else f"{self.messages:,} messages"
        read = f"I have read {number} of the last {LOOKED_BACK.days} days."
        if not self.closed:
            return read
        places = ", ".join(map(surface.channel, self.closed))
        return f"{read} What was posted earlier in {places} I could not read: there I begin with what comes."


@dataclass(frozen=True, slots=True)
class Archive:
    """Where earlier messages come from, and who takes them in; `now` is the clock."""

    platform: ChatPlatform
    receive: Callable[[Message], Awaitable[None]]
    now: Callable[[], datetime]


async def look_back(
    office: Office, archive: Archive, community: Community, channels: Sequence[Channel]
) -> LookedBack:
    """Take in what was posted in these channels of late, and judge it, for at most `PATIENCE`."""
    begun = archive.now()
    found: list[Message] = []
    closed: list[str] = []
    for channel in channels:
        try:
            history = archive.platform.history(community, channel.id, begun - LOOKED_BACK)
            found += [each async for each in history if each.kind is Kind.POST]
        except PlatformError as error:
            log.warning(
                "a channel's history could not be read", extra={"channel": channel.id}, exc_info=error
            )
            closed.append(channel.id)
        found = sorted(found, key=lambda message: message.posted_at)[-MOST:]
    # Together, so that many are stored in one transaction; in this order.
    await asyncio.gather(*(archive.receive(message) for message in found))
    while archive.now() < begun + PATIENCE and await office.pipeline.sweep():
        pass
    office.deliver_soon()
    return LookedBack(len(found), tuple(closed))
