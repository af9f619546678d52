"""What Slack tells is translated and handed on, in order, and acknowledged only then.

This is a middleware of slack_bolt and no listener, for Bolt acknowledges an event before its listener runs. Whatever fails here is not
acknowledged, so that Slack tells it again: at once, after a minute and after five. What comes twice, by another try or another
connection, is the same message at the same revision, which the store takes once; so nothing need remember an `event_id`.
https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from slack_bolt.response import BoltResponse

from bot.history.clean import Row, id_in, row_in, text_in
from bot.slack.gaps import Gaps
from bot.slack.inbound import Deleted, Posted, told
from bot.slack.platform import SlackPlatform
from bot.slack.workspaces import Workspace
from moderation.messages import Message, MessageKey
from moderation.ports import Community, Press, Show, Store

log = logging.getLogger(__name__)

CHANGED = frozenset(
    "channel_rename group_rename channel_archive channel_unarchive group_archive group_unarchive channel_deleted group_deleted "
    "channel_left group_left channel_id_changed member_joined_channel channel_shared channel_unshared".split()
)
"""After these a channel is looked at anew."""

Next = Callable[[], Awaitable[BoltResponse | None]]


class Line(Protocol):
    """What is told of, and who answers."""

    async def receive(self, message: Message) -> None:
        """Return when it is stored."""
        ...

    async def deleted(self, key: MessageKey) -> None:
        """Return when its text is forgotten."""
        ...

    async def pressed(self, press: Press, show: Show) -> None:
        """Keep what follows, and `show` whoever pressed what they are told."""
        ...

    async def left(self, community: Community) -> None:
        """Steward was sent away: everything of the community is erased."""
        ...


class Events:
    """Takes events in. `line` is set before the first; `listening` is set, but for moments in which a gap is measured."""

    def __init__(self, store: Store, platform: SlackPlatform, gaps: Gaps) -> None:
        self._store, self._platform, self._gaps = store, platform, gaps
        self.line: Line
        self.listening = asyncio.Event()
        self.listening.set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, body: dict[str, object], next: Next) -> BoltResponse | None:  # noqa: A002 - Bolt gives arguments by these names
        """Acknowledge what is ours when it is stored, and leave the rest to others. Raises what storing raised."""
        await self.listening.wait()
        workspace, event = self._platform.workspaces.told(body), row_in(body, "event")
        if body.get("type") == "app_rate_limited":
            await self._throttled(workspace)
        elif body.get("type") != "event_callback" or not await self._take(workspace, event):
            return await next()
        return BoltResponse(status=200, body="")

    async def _take(self, workspace: Workspace | None, event: Row) -> bool:
        """False where it is for others."""
        kind = text_in(event, "type")
        if workspace is None:
            return True  # it sent us away, and everything of it is erased already
        if kind == "message":
            await self._message(workspace, event)
        elif kind == "app_uninstalled":
            await self._left(workspace)
        elif kind == "tokens_revoked":
            await self._revoked(workspace, row_in(event, "tokens"))
        elif kind in CHANGED:
            self._platform.places.forget(workspace.community, _channel(event))
        else:
            return False
        return True

    # --- what is posted -----------------------------------------------------------------------------------------

    async def _message(self, workspace: Workspace, event: Row) -> None:
        what, community = told(event), workspace.community
        if what is None:
            return
        # Names are asked for side by side; who comes next waits for its turn, so that a deletion stays behind its message.
        message = asyncio.create_task(self._translated(workspace, what))
        try:
            async with self._turns[what.channel]:
                is_known, found = await self._knows(community), await message
        finally:
            message.cancel()
        if not is_known:
            return
        if found is None:
            self._platform.markers.drop(what.channel, [what.message])
            key = MessageKey(community.platform, community.id, what.channel, what.message)
            await self.line.deleted(key)
        else:
            await self.line.receive(found)

    async def _translated(self, workspace: Workspace, what: Posted | Deleted) -> Message | None:
        if isinstance(what, Deleted):
            return None
        return await self._platform.translator.message(workspace, what.channel, what.row)

    async def _knows(self, community: Community) -> bool:
        async with self._store.work() as work:
            return await work.communities.current(community) is not None

    # --- where we are -------------------------------------------------------------------------------------------

    async def _left(self, workspace: Workspace) -> None:
        community = workspace.community
        await self.line.left(community)
        self._platform.workspaces.drop(community)
        self._platform.places.forget(community)
        self._platform.people.forget(workspace)
        self._gaps.forget(community)
        log.info("sent away", extra={"community": community.id})

    async def _revoked(self, workspace: Workspace, tokens: Mapping[str, object]) -> None:
        """Ours: we were sent away. An admin's: from now on nothing of others is deleted."""
        if workspace.bot_user in _ids(tokens, "bot"):
            await self._left(workspace)
        elif workspace.admin_user and workspace.admin_user in _ids(tokens, "oauth"):
            self._platform.workspaces.without_admin(workspace.community)
            log.warning("the admin's token was revoked", extra={"community": workspace.community.id})

    async def _throttled(self, workspace: Workspace | None) -> None:
        """Slack told too much in an hour and leaves out the rest: it is read later."""
        log.warning("Slack leaves events out", extra={"community": workspace and workspace.community.id})
        if workspace is not None:
            await self._gaps.note(workspace.community)


def _channel(event: Row) -> str:
    return id_in(event, "channel") or id_in(row_in(event, "channel"), "id") or id_in(event, "old_channel_id")


def _ids(tokens: Mapping[str, object], kind: str) -> tuple[str, ...]:
    found = tokens.get(kind)
    return tuple(map(str, found)) if isinstance(found, list) else ()
