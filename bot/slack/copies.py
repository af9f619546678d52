"""Posting a member's words again under their name: the copy of a moved post, or one that comes back.

Name and picture are those of the author (chat:write.customize); a line in small print says that it is a copy, and of what.
https://docs.slack.dev/reference/methods/chat.postMessage#authorship
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.history.clean import Row, id_in, rows_in, text_in
from bot.history.mrkdwn import Names, escape
from bot.slack import rendering
from bot.slack.failures import Unanswered, plain_failures
from bot.slack.files import ALL_FILES, are_shared, brought_along, is_here, share, size_of
from bot.slack.markers import Markers, Place, metadata
from bot.slack.names import SlackNames
from bot.slack.phrases import phrase
from bot.slack.reading import one
from bot.slack.workspaces import Workspace
from bot.wording import Voice, brought_back, moved_from
from moderation.messages import Message
from moderation.ports import Button

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Copy:
    """What is to be posted where. `source` is what Slack has of the post by now; `link` leads to it where it stays."""

    message: Message
    source: Row | None
    channel: str
    thread: str | None
    marker: str
    back: bool
    buttons: tuple[Button, ...] = ()
    picture: str = ""
    link: str = ""


async def post_copy(
    workspace: Workspace, copy: Copy, names: SlackNames, known: Names, voice: Voice, markers: Markers
) -> str:
    """Post it and return its ts. Raises PlatformError."""
    kept, left = _apart(copy.source)
    files = await brought_along(workspace, kept)
    lines = [rendering.lost(text_in(file, "name", "title"), size_of(file), voice) for file in left]
    text = rendering.copied(copy.message, copy.source, known, voice)
    head = line_over(copy, names, voice)
    try:
        with plain_failures("chat:write.customize"):
            sent = await workspace.client.chat_postMessage(
                channel=copy.channel,
                text=rendering.plain("\n".join([head, text, *lines])),
                blocks=rendering.copy_blocks(head, text, lines, copy.buttons, copy.marker, voice),
                username=shown_name(copy.message.author.name),
                icon_url=copy.picture or None,
                thread_ts=copy.thread,
                metadata=metadata(copy.marker, [file.id for file in files]),
                unfurl_links=False,
                unfurl_media=False,
            )
    except Unanswered:
        markers.doubt(copy.channel)
        raise
    found = Place(str(sent["ts"]), copy.thread or "", tuple(file.id for file in files))
    markers.put(copy.channel, copy.marker, found)
    await share(workspace, files, copy.channel, found.thread or found.message)
    return found.message


async def finish_copy(workspace: Workspace, copy: Copy, there: Place, markers: Markers) -> None:
    """Bring the files of a copy that stands already, where they did not come with it. Raises PlatformError."""
    if not there.files or await are_shared(workspace, there.files, copy.channel):
        return
    row = await one(workspace, copy.channel, there.message, there.thread or None)
    kept, _ = _apart(copy.source)
    files = await brought_along(workspace, kept)
    ids = tuple(file.id for file in files)
    with plain_failures("chat:write"):
        await workspace.client.chat_update(
            channel=copy.channel,
            ts=there.message,
            text=text_in(row, "text"),
            blocks=[dict(block) for block in rows_in(row, "blocks")],
            metadata=metadata(copy.marker, ids),
        )
    markers.put(copy.channel, copy.marker, replace(there, files=ids))
    await share(workspace, files, copy.channel, there.thread or there.message)


def line_over(copy: Copy, names: SlackNames, voice: Voice) -> str:
    """The line over a copy: whose it is, where it comes from, when it was written, and where the original stands."""
    author = escape(copy.message.author.name)
    if copy.back:
        return brought_back(author, copy.message.posted_at, voice, names)
    line = moved_from(author, copy.message.key.channel, copy.message.posted_at, voice, names)
    return f"{line} · <{copy.link}|{phrase('original', voice.language)}>" if copy.link else line


def _apart(source: Row | None) -> tuple[list[Row], list[Row]]:
    """The files of a post that can be brought along, and the others."""
    kept: list[Row] = []
    left: list[Row] = []
    total = 0
    for file in rows_in(source or {}, "files"):
        if is_here(file) and total + size_of(file) <= ALL_FILES:
            total += size_of(file)
            kept.append(file)
        elif id_in(file, "id"):
            left.append(file)
    return kept, left


def shown_name(name: str) -> str:
    """A member's name as a post's; never empty."""
    return " ".join(name.split())[:LONGEST_NAME] or "a member"
