"""Posting our own lines, each with its marker, and renewing them in place.

https://docs.slack.dev/reference/methods/chat.postMessage and https://docs.slack.dev/reference/methods/chat.update
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack import rendering
from bot.slack.failures import Unanswered, plain_failures
from bot.slack.fitting import Block
from bot.slack.markers import Markers, Place, metadata
from bot.slack.places import Room
from bot.slack.workspaces import Workspace
from moderation.errors import Gone


class Poster:
    """`markers` hear of what was posted."""

    def __init__(self, markers: Markers) -> None:
        self._markers = markers

    async def send(
        self,
        workspace: Workspace,
        room: Room,
        text: str,
        blocks: Sequence[Block],
        marker: str,
        thread: str | None = None,
    ) -> str:
        """Post it and return its ts. Raises PlatformError."""
        try:
            with plain_failures("chat:write"):
                sent = await workspace.client.chat_postMessage(
                    channel=room.id,
                    text=rendering.plain(text),
                    blocks=list(blocks),
                    thread_ts=thread,
                    metadata=metadata(marker),
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except Unanswered:
            self._markers.doubt(room.id)
            raise
        found = str(sent["ts"])
        self._markers.put(room.id, marker, Place(found, thread or ""))
        return found

    async def edit(
        self, workspace: Workspace, room: Room, place: Place, text: str, blocks: Sequence[Block], marker: str
    ) -> None:
        """Let a post of ours say something else. Raises PlatformError, Gone for one that stands no more."""
        try:
            with plain_failures("chat:write"):
                await workspace.client.chat_update(
                    channel=room.id,
                    ts=place.message,
                    text=rendering.plain(text),
                    blocks=list(blocks),
                    metadata=metadata(marker, place.files),
                )
        except Gone:
            self._markers.drop(room.id, [place.message])
            raise

    async def renewed(
        self, workspace: Workspace, room: Room, place: Place, text: str, blocks: Sequence[Block], marker: str
    ) -> bool:
        """As `edit`; False for one that somebody deleted, so that it can be posted anew."""
        try:
            await self.edit(workspace, room, place, text, blocks, marker)
        except Gone:
            return False
        return True
