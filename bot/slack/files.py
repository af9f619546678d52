"""Files of a post: read again, uploaded as our own, and shared in the thread under the copy.

The bytes go first, then the copy that names the files in its metadata, and last the files are shared: whoever tries again sees in the
copy which files belong to it, and asks Slack whether they are there.
https://docs.slack.dev/messaging/working-with-files and https://docs.slack.dev/reference/methods/files.completeUploadExternal
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import aiohttp

from bot.history.clean import Row, id_in, row_in, rows_in, text_in
from bot.slack.failures import Unanswered, plain_failures
from bot.slack.workspaces import Workspace
from moderation.errors import Gone, NotAllowed, PlatformError

ALL_FILES = 25 * 1024 * 1024
"""Bytes of one post that we bring along; Slack itself takes up to 1 GB a file, our memory does not."""
NOT_HERE = frozenset({"external", "tombstone", "hidden_by_limit"})
"""Modes of files that Slack does not hold, or not any more."""
FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file of ours that nobody sees yet."""

    id: str
    title: str


def fits(row: Row) -> bool:
    """Whether all files of a post can be brought along."""
    files = rows_in(row, "files")
    return sum(map(size_of, files)) <= ALL_FILES and all(is_here(file) for file in files)


def is_here(file: Row) -> bool:
    """Whether Slack holds the file: what is linked from elsewhere, deleted, or beyond a free plan's limit cannot be read."""
    return text_in(file, "mode") not in NOT_HERE and bool(_address(file))


def size_of(file: Row) -> int:
    """Bytes."""
    size = file.get("size")
    return size if isinstance(size, int) else 0


def _address(file: Row) -> str:
    return text_in(file, "url_private_download", "url_private")


async def brought_along(workspace: Workspace, files: Sequence[Row]) -> list[Uploaded]:
    """Read these again and upload them. Raises PlatformError."""
    found = []
    for file in files:
        name = text_in(file, "name", "title") or id_in(file, "id")
        found.append(await upload(workspace, name, await _read(workspace, file), text_in(file, "title")))
    return found


async def upload(workspace: Workspace, name: str, content: bytes, title: str = "") -> Uploaded:
    """Upload a file; until it is shared nobody sees it, and what never is Slack throws away. Raises PlatformError."""
    with plain_failures("files:write"):
        place = await workspace.client.files_getUploadURLExternal(filename=name, length=len(content))
        await _send(workspace, str(place["upload_url"]), content)
    return Uploaded(str(place["file_id"]), title or name)


async def share(workspace: Workspace, files: Sequence[Uploaded], channel: str, thread: str) -> None:
    """Share files in a thread. Raises PlatformError."""
    if not files:
        return
    with plain_failures("files:write"):
        await workspace.client.files_completeUploadExternal(
            files=[{"id": file.id, "title": file.title} for file in files],
            channel_id=channel,
            thread_ts=thread,
        )


async def are_shared(workspace: Workspace, files: Iterable[str], channel: str) -> bool:
    """Whether all of these can be seen in a channel. Raises PlatformError."""
    for file in files:
        try:
            with plain_failures("files:read"):
                told = await workspace.client.files_info(file=file)
        except Gone:
            return False
        row = row_in(told.data if isinstance(told.data, dict) else {}, "file")
        places = [row.get("channels"), row.get("groups")]
        if not any(channel in each for each in places if isinstance(each, list)):
            return False
    return True


async def take_away(workspace: Workspace, files: Iterable[str]) -> None:
    """Delete files of ours; those that are gone are gone. Raises PlatformError."""
    for file in files:
        try:
            with plain_failures("files:write"):
                await workspace.client.files_delete(file=file)
        except (Gone, NotAllowed):
            continue


async def _read(workspace: Workspace, file: Row) -> bytes:
    session, headers = _session(workspace), {"Authorization": f"Bearer {workspace.client.token}"}
    with plain_failures("files:read"):
        async with session.get(_address(file), headers=headers) as answer:
            # Without the scope Slack answers with its sign-in page.
            if answer.status in (401, 403) or answer.content_type == "text/html":
                raise NotAllowed("Slack does not give the file.", "files:read")
            if answer.status >= FIRST_ERROR:
                raise Unanswered(f"Slack did not give the file ({answer.status}).")
            return await answer.read()


async def _send(workspace: Workspace, url: str, content: bytes) -> None:
    async with _session(workspace).post(url, data=content) as answer:
        if answer.status >= FIRST_ERROR:
            raise Unanswered(f"Slack did not take the file ({answer.status}).")


def _session(workspace: Workspace) -> aiohttp.ClientSession:
    session = workspace.client.session
    if session is None:
        raise PlatformError("The connection to Slack is closed.")
    return session
