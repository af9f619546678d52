"""What was posted while nobody listened.

Discord tells a new session nothing of the time before. What it tells from then on would hide a gap, so how far each channel was
heard is noted before the session begins, and what is told of a channel waits until its gap is filled, oldest first. Nothing else is
kept: how far a channel was heard is where its stored messages end, so that a process that is killed in between begins there again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bot.discord.failures import plain_failures
from bot.discord.history import posted_since
from bot.discord.places import need_in
from bot.discord.platform import DiscordPlatform
from bot.discord.turns import Turns
from moderation.errors import PlatformError, Unavailable
from moderation.messages import Message, MessageKey, Platform
from moderation.ports import Community, Store

log = logging.getLogger(__name__)

SAME_MOMENT = timedelta(milliseconds=1)
"""Discord tells times to the millisecond, and a busy channel has several messages in one. What comes twice is stored once."""
SERVERS_AT_ONCE = 3
MESSAGES_AT_ONCE = 200

Receive = Callable[[Message], Awaitable[None]]


@dataclass(slots=True)
class Hold:
    """What is told of a server waits, channel by channel, until it is known that nothing older is missing."""

    filled: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    is_filling: bool = False


class Gaps:
    """What is not filled yet, by server."""

    def __init__(self, store: Store, platform: DiscordPlatform) -> None:
        self._store, self._platform = store, platform
        self._heard_until: dict[Community, dict[str, datetime]] = {}
        self._holds: dict[Community, Hold] = {}
        self._turns = Turns()
        self._few = asyncio.Semaphore(SERVERS_AT_ONCE)

    async def note_all(self, told: Callable[[Community], bool]) -> list[Community]:
        """Note it for every server that is set up and of which a session will tell; all that are set up."""
        async with self._store.work() as work:
            communities = await work.communities.all()
        ours = [community for community in communities if community.platform is Platform.DISCORD]
        for community in ours:
            if told(community):
                await self.note(community)
        return ours

    async def note(self, community: Community) -> None:
        """Note how far each channel was heard; from now on what is told waits. What was noted and is not filled yet stays."""
        hold = self._holds.get(community)
        if hold is None or hold.is_filling:
            self._holds[community] = Hold()
        async with self._store.work() as work:
            last = await work.messages.last_posted(community)
        noted = self._heard_until.setdefault(community, {})
        for channel, moment in last.items():
            noted.setdefault(channel, moment)

    async def wait(self, community: Community, channel: str) -> None:
        """Return when nothing older is missing in a channel: at once, but between `note` and `fill`."""
        hold = self._holds.get(community)
        if hold is not None:
            await hold.filled[channel].wait()

    def forget(self, community: Community) -> None:
        """It sent us away: nothing is missing there any more."""
        self._heard_until.pop(community, None)
        self._let_go(community, self._holds.get(community))

    async def fill(self, community: Community, receive: Receive) -> None:
        """Read each watched channel from what was noted on; one without a message from the latest of all on.

        `receive` is told of every message that was missed, and of some that were not. What cannot be read now stays noted, and what is
        told of it waits no longer. Raises what `receive` does; then, too, the rest stays noted.
        """
        async with self._turns.of(community), self._few:
            hold = self._holds.get(community)
            if hold is not None:
                hold.is_filling = True
            try:
                await self._fill(community, hold or Hold(), receive)
            except Unavailable:
                if hold is not None:
                    hold.is_filling = False  # Discord will tell when the server is there
            except BaseException:
                self._let_go(community, hold)
                raise
            else:
                self._let_go(community, hold)

    async def _fill(self, community: Community, hold: Hold, receive: Receive) -> None:
        """Raises Unavailable while the server is not there."""
        async with self._store.work() as work:
            rules = await work.communities.current(community)
        noted = self._heard_until.get(community)
        if rules is None or not noted:
            return
        latest = max(noted.values())
        there = await self._platform.channels(community)
        watched = [channel.id for channel in there if rules[0].is_watched(channel.id, channel.name)]
        for channel in noted.keys() - set(watched):
            del noted[channel]
        # Together and by time: else the latest of one would hide, after a kill, what was not read yet of another.
        unheard = {channel: latest for channel in watched if channel not in noted}
        heard = [{channel: noted[channel]} for channel in watched if channel in noted]
        for marks in (unheard, *heard):
            await self._fill_channels(community, marks, noted, hold, receive)

    async def _fill_channels(
        self,
        community: Community,
        marks: Mapping[str, datetime],
        noted: dict[str, datetime],
        hold: Hold,
        receive: Receive,
    ) -> None:
        """Read some channels from their marks on as if they were one, and let go what is told of them."""
        for channel in marks:
            noted.pop(channel, None)  # what is noted from now on is of the next gap
        unread = dict(marks)
        try:
            missed: list[Message] = []
            for channel, since in marks.items():
                found = await self._read(community, channel, since)
                if found is not None:
                    missed += found
                    del unread[channel]
            await _receive_all(sorted(missed, key=_when), receive)
        except BaseException:
            unread = dict(marks)
            raise
        finally:
            noted |= unread
            for channel in marks:
                hold.filled[channel].set()

    async def _read(self, community: Community, channel: str, since: datetime) -> list[Message] | None:
        """What was posted; None where that cannot be read now."""
        try:
            room = await self._platform.places.room(community, channel)
            need_in(room, "read_message_history")
            with plain_failures("Read Message History"):
                return await posted_since(room, since - SAME_MOMENT, partial(self._is_heard, since))
        except PlatformError as error:
            log.warning("a gap could not be filled", extra={"channel": channel}, exc_info=error)
            return None

    async def _is_heard(self, until: datetime, key: MessageKey) -> bool:
        """Whether a channel's latest message is the last that was heard of it."""
        async with self._store.work() as work:
            latest = (await work.messages.get([key]))[0]
        return latest is not None and latest.posted_at <= until

    def _let_go(self, community: Community, hold: Hold | None) -> None:
        if hold is None:
            return
        if self._holds.get(community) is hold:
            del self._holds[community]
        for filled in hold.filled.values():
            filled.set()


def _when(message: Message) -> tuple[datetime, int]:
    return message.posted_at, int(message.key.message)


async def _receive_all(messages: Sequence[Message], receive: Receive) -> None:
    """In order; many at once, so that they are stored together."""
    for first in range(0, len(messages), MESSAGES_AT_ONCE):
        await asyncio.gather(*(receive(message) for message in messages[first : first + MESSAGES_AT_ONCE]))
