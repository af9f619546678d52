"""What stands in a channel and its threads: one message, ours of late, and what was posted while nobody listened.

https://docs.slack.dev/reference/methods/conversations.history and https://docs.slack.dev/reference/methods/conversations.replies
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from datetime import UTC, datetime, timedelta

from bot.history.clean import Row, id_in, row_in, rows_in, text_in
from bot.history.times import slack_time
from bot.slack.failures import plain_failures
from bot.slack.inbound import is_tombstone
from bot.slack.markers import Place, marked
from bot.slack.patience import patiently
from bot.slack.workspaces import Workspace
from moderation.errors import Gone

PAGE = 200
MOST = 10_000
"""Messages of a channel that are fetched at most, the latest."""
OURS_FOR = timedelta(days=8)
"""Older posts of ours are not looked for: what can be undone or appealed can be so for 7 days."""
SCANNED = 1_000
"""Messages of a channel that are looked through for ours after a start."""
SCANNED_THREADS = 20
OLDER_THREADS = timedelta(days=3)
"""A thread that began so long before a gap is still looked into for answers within it."""
_SCOPES = "channels:history"


async def one(workspace: Workspace, channel: str, message: str, thread: str | None = None) -> Row:
    """A message as Slack has it now. `thread` is its root's ts, where it is known to stand in one. Raises PlatformError, Gone."""
    if thread is None:
        rows = await _history(workspace, channel, oldest=message, latest=message)
        found = next((row for row in rows if id_in(row, "ts") == message), None)
        if found is not None:
            return _standing(found)
    rows = await _replies(workspace, channel, thread or message, oldest=message, latest=message)
    found = next((row for row in rows if id_in(row, "ts") == message), None)
    if found is None:
        raise Gone("The message is not there.")
    return _standing(found)


def _standing(row: Row) -> Row:
    if is_tombstone(row):
        raise Gone("The message was deleted; its thread stays.")
    return row


async def _history(workspace: Workspace, channel: str, *, oldest: str, latest: str) -> list[Row]:
    with plain_failures(_SCOPES):
        answer = await patiently(
            lambda: workspace.client.conversations_history(
                channel=channel,
                oldest=oldest,
                latest=latest,
                inclusive=True,
                limit=1,
                include_all_metadata=True,
            )
        )
    return rows_in(_data(answer.data), "messages")


async def _replies(workspace: Workspace, channel: str, root: str, *, oldest: str, latest: str) -> list[Row]:
    with plain_failures(_SCOPES):
        answer = await patiently(
            lambda: workspace.client.conversations_replies(
                channel=channel,
                ts=root,
                oldest=oldest,
                latest=latest,
                inclusive=True,
                limit=PAGE,
                include_all_metadata=True,
            )
        )
    return rows_in(_data(answer.data), "messages")


async def ours(workspace: Workspace, channel: str, thread: str | None = None) -> Iterable[tuple[str, Place]]:
    """Marker and place of our posts of the last days, oldest first: in one thread, or in a channel with its latest threads."""
    since = datetime.now(UTC) - OURS_FOR
    if thread is not None:
        return _marked([row async for row in _thread(workspace, channel, thread, None)], workspace)
    rows = [row async for row in _channel(workspace, channel, since, SCANNED)]
    threads = sorted((row for row in rows if answers(row)), key=lambda row: id_in(row, "latest_reply"))
    for root in threads[-SCANNED_THREADS:]:
        rows += [row async for row in _thread(workspace, channel, id_in(root, "ts"), since)]
    return _marked(rows, workspace)


def _marked(rows: Iterable[Row], workspace: Workspace) -> list[tuple[str, Place]]:
    in_order = sorted(rows, key=lambda row: id_in(row, "ts"))
    return [found for row in in_order if is_ours(row, workspace) and (found := marked(row)) is not None]


def is_ours(row: Row, workspace: Workspace) -> bool:
    """Whether we posted it: what others put into the metadata of their posts counts for nothing."""
    return text_in(row, "bot_id") == workspace.bot or text_in(row, "user") == workspace.bot_user


async def sharing(workspace: Workspace, channel: str, root: str, files: Collection[str]) -> list[str]:
    """Our answers in a thread that share these files; none where the thread is gone."""
    try:
        rows = [row async for row in _thread(workspace, channel, root, None)]
    except Gone:
        return []
    ours_there = [row for row in rows if is_ours(row, workspace) and marked(row) is None]
    return [
        id_in(row, "ts")
        for row in ours_there
        if any(id_in(file, "id") in files for file in rows_in(row, "files"))
    ]


async def posted_since(workspace: Workspace, channel: str, after: datetime | None) -> list[Row]:
    """Messages of a channel with its threads, oldest first; all of them without a moment. Raises PlatformError."""
    begin = after - OLDER_THREADS if after is not None else None
    found: dict[str, Row] = {}
    roots = [row async for row in _channel(workspace, channel, begin, MOST)]
    for row in roots:
        found[id_in(row, "ts")] = row
        if answers(row) and _is_after(id_in(row, "latest_reply"), after):
            async for answer in _thread(workspace, channel, id_in(row, "ts"), after):
                found.setdefault(id_in(answer, "ts"), answer)
    return [found[ts] for ts in sorted(found) if _is_after(ts, after) and not is_tombstone(found[ts])]


def answers(row: Row) -> int:
    """How many messages answer it in its thread."""
    count = row.get("reply_count")
    return count if isinstance(count, int) else 0


def _is_after(ts: str, after: datetime | None) -> bool:
    moment = slack_time(ts)
    return moment is not None and (after is None or moment > after)


async def _channel(
    workspace: Workspace, channel: str, after: datetime | None, most: int
) -> AsyncIterator[Row]:
    """The latest `most` messages after a moment, without those that stand in threads alone; the newest first."""
    cursor, seen = "", 0
    while True:
        with plain_failures(_SCOPES):
            answer = await patiently(
                lambda at=cursor: workspace.client.conversations_history(  # type: ignore[misc]
                    channel=channel, oldest=_ts(after), limit=PAGE, cursor=at, include_all_metadata=True
                )
            )
        data = _data(answer.data)
        for row in rows_in(data, "messages"):
            yield row
            seen += 1
        cursor = text_in(row_in(data, "response_metadata"), "next_cursor")
        if not cursor or seen >= most:
            return


async def _thread(
    workspace: Workspace, channel: str, root: str, after: datetime | None
) -> AsyncIterator[Row]:
    """The answers in a thread after a moment; the root comes, too."""
    cursor = ""
    while True:
        with plain_failures(_SCOPES):
            answer = await patiently(
                lambda at=cursor: workspace.client.conversations_replies(  # type: ignore[misc]
                    channel=channel,
                    ts=root,
                    oldest=_ts(after),
                    limit=PAGE,
                    cursor=at,
                    include_all_metadata=True,
                )
            )
        data = _data(answer.data)
        for row in rows_in(data, "messages"):
            yield row
        cursor = text_in(row_in(data, "response_metadata"), "next_cursor")
        if not cursor:
            return


def _ts(moment: datetime | None) -> str:
    return f"{moment.timestamp():.6f}" if moment is not None else "0"


def _data(data: object) -> Row:
    return data if isinstance(data, dict) else {}
