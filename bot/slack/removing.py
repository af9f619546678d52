"""Deleting what stands on Slack: our own posts, and with an admin's token those of others.

Slack promises nothing for posts under another name: a copy may refuse to be deleted by the bot that posted it. Then an admin's token
may do it, and without one the copy is emptied, so that an undo comes to its end. What members of other organisations posted (Slack
Connect) is theirs: it is never deleted.
https://docs.slack.dev/reference/methods/chat.delete and https://docs.slack.dev/apis/slack-connect
"""

from __future__ import annotations

from contextlib import suppress

from bot.history.clean import Row, id_in
from bot.slack.failures import ADMIN_TOKEN, plain_failures
from bot.slack.files import take_away
from bot.slack.fitting import small
from bot.slack.markers import Markers, Place, marked, metadata
from bot.slack.people import People
from bot.slack.phrases import phrase
from bot.slack.places import Room
from bot.slack.reading import is_ours, sharing
from bot.slack.workspaces import Workspace
from moderation.errors import Gone, NotAllowed

OF_OTHERS = f"{ADMIN_TOKEN} (chat:write of an admin)"
FOREIGN = "A post of a member of another organisation (Slack Connect)"
WITHDRAWN = "withdrawn:"


class Remover:
    """`markers` know our posts, `people` who belongs to us."""

    def __init__(self, markers: Markers, people: People) -> None:
        self._markers, self._people = markers, people

    async def remove_seen(self, workspace: Workspace, room: Room, row: Row, language: str) -> None:
        """Delete a message whose row we read just now. Raises PlatformError."""
        ts = id_in(row, "ts")
        if is_ours(row, workspace):
            known = marked(row)
            await self.remove_ours(workspace, room, known[1] if known else Place(ts), language)
            return
        if workspace.admin is None:
            raise NotAllowed("Only an admin's token deletes what others posted.", OF_OTHERS)
        if await self.is_foreign(workspace, row):
            raise NotAllowed("What another organisation's member posted is not ours to delete.", FOREIGN)
        with plain_failures(OF_OTHERS, ADMIN_TOKEN):
            await workspace.admin.chat_delete(channel=room.id, ts=ts)

    async def remove_ours(self, workspace: Workspace, room: Room, place: Place, language: str) -> None:
        """Delete a post of ours, or empty it where Slack refuses. Raises PlatformError."""
        await self._take_files_away(workspace, room, place)
        try:
            if not await self._deleted(workspace, room, place.message):
                await self._withdraw(workspace, room, place.message, language)
        except Gone:
            self._markers.drop(room.id, [place.message])
            raise
        self._markers.drop(room.id, [place.message])

    async def _take_files_away(self, workspace: Workspace, room: Room, place: Place) -> None:
        """Delete the files of a copy, and the answers in its thread that shared them."""
        if not place.files:
            return
        shared = await sharing(workspace, room.id, place.thread or place.message, place.files)
        await take_away(workspace, place.files)
        for ts in shared:
            with suppress(Gone):
                await self._deleted(workspace, room, ts)

    async def _deleted(self, workspace: Workspace, room: Room, ts: str) -> bool:
        """False where Slack lets neither us nor the admin."""
        for client in (workspace.client, workspace.admin):
            if client is None:
                continue
            try:
                with plain_failures("chat:write"):
                    await client.chat_delete(channel=room.id, ts=ts)
            except NotAllowed:
                continue
            return True
        return False

    async def _withdraw(self, workspace: Workspace, room: Room, ts: str, language: str) -> None:
        said = phrase("withdrawn", language)
        with plain_failures("chat:write"):
            await workspace.client.chat_update(
                channel=room.id,
                ts=ts,
                text=said,
                blocks=[small(f"_{said}_")],
                metadata=metadata(f"{WITHDRAWN}{ts}"),
            )

    async def is_foreign(self, workspace: Workspace, row: Row) -> bool:
        """Whether somebody of another organisation posted it; an app's post belongs to where it stands. Raises PlatformError."""
        member = id_in(row, "user")
        if not member:
            return False
        try:
            return (await self._people.of(workspace, member)).foreign
        except Gone:
            return id_in(row, "team") not in ("", workspace.community.id)
