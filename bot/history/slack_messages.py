"""One row of a Slack export becomes one Message. A pure translation.

An export holds the final text alone: an edited message comes as revision 0 with the text that stood last.
https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.history.clean import Row, id_in, row_in, rows_in, text_in, without_query
from bot.history.mrkdwn import Names, decode, mentioned
from bot.history.slack_blocks import attachments_text, blocks_text
from moderation.messages import Attachment, Author, Channel, Kind, Message, MessageKey, Platform

# What a person posts, whatever it hangs on; every other subtype is an event that Slack tells about.
_POSTED = {"", "me_message", "thread_broadcast", "file_share", "file_comment"}
_JOINED = {"channel_join", "group_join"}
_BOTS = {"bot_message", "slackbot_response"}
_NOBODY = Author("unknown", "unknown")


@dataclass(frozen=True, slots=True)
class Workspace:
    """What rows refer to: the community's id, its people and the names of people and channels by id."""

    community: str
    authors: Mapping[str, Author] = field(default_factory=dict)
    names: Names = field(default_factory=Names)


def message_from(row: Row, posted_at: datetime, channel: Channel, workspace: Workspace) -> Message:
    """The message in `row`. One that names nobody or whose text is no text is odd: SYSTEM, without text."""
    ts = id_in(row, "ts")
    key = MessageKey(Platform.SLACK, workspace.community, channel.id, ts)
    author = _author(row, workspace)
    if author is None or not isinstance(row.get("text") or "", str):
        return Message(key, author or _NOBODY, "", posted_at, channel.name, kind=Kind.SYSTEM)
    source = _source(row)
    root = id_in(row, "thread_ts")
    return Message(
        key,
        author,
        decode(source, workspace.names),
        posted_at,
        channel.name,
        kind=_kind(row, author),
        thread=root if root and root != ts else None,
        mentions=mentioned(source),
        attachments=_attachments(row, workspace.names),
    )


def author_from(user: Row) -> Author:
    """The author in a row of users.json. Roles are those that Slack flags: owner, admin, guest."""
    roles = {"owner": "is_owner", "admin": "is_admin", "guest": "is_restricted"}
    return Author(
        id_in(user, "id"),
        name_from(user, row_in(user, "profile")) or id_in(user, "id"),
        is_bot=user.get("is_bot") is True or user.get("id") == "USLACKBOT",
        roles=tuple(role for role, flag in roles.items() if user.get(flag) is True),
    )


def name_from(user: Row, profile: Row) -> str:
    """The name that Slack shows: the display name, else the real name, else the handle."""
    return text_in(profile, "display_name", "real_name") or text_in(user, "real_name", "name", "username")


def _author(row: Row, workspace: Workspace) -> Author | None:
    comment = row_in(row, "comment") if row.get("subtype") == "file_comment" else {}
    user, bot = id_in(row, "user") or id_in(comment, "user"), id_in(row, "bot_id")
    known = workspace.authors.get(user)
    if known is not None or not (user or bot):
        return known
    profile = row_in(row, "user_profile")
    name = (
        text_in(row, "username") or name_from(profile, profile) or text_in(row_in(row, "bot_profile"), "name")
    )
    return Author(user or bot, name or user or bot, is_bot=not user)


def _kind(row: Row, author: Author) -> Kind:
    subtype = text_in(row, "subtype")
    if subtype in _JOINED:
        return Kind.JOIN
    if subtype in _BOTS:
        return Kind.BOT
    if subtype not in _POSTED or row.get("hidden") is True:
        return Kind.SYSTEM
    return Kind.BOT if author.is_bot or row.get("bot_id") else Kind.POST


def _source(row: Row) -> str:
    """The text as mrkdwn, from wherever it is."""
    comment = row_in(row, "comment")
    if row.get("subtype") == "file_comment" and comment:
        return text_in(comment, "comment")
    return text_in(row, "text") or blocks_text(row) or attachments_text(row)


def _attachments(row: Row, names: Names) -> tuple[Attachment, ...]:
    files = rows_in(row, "files") or [part for part in (row_in(row, "file"),) if part]
    return (*map(_file, files), *(_unfurled(part, names) for part in rows_in(row, "attachments")))


def _file(file: Row) -> Attachment:
    family = text_in(file, "mimetype").partition("/")[0]
    name = text_in(file, "name", "title") or id_in(file, "id") or "file"
    url = without_query(text_in(file, "permalink", "url_private"))
    return Attachment(name, family if family in {"image", "video", "audio"} else "file", url)


def _unfurled(part: Row, names: Names) -> Attachment:
    """The preview of a link, or a message shared from elsewhere."""
    shared = part.get("is_share") is True or part.get("is_msg_unfurl") is True
    said = text_in(part, "title", "fallback", "text", "service_name")
    return Attachment(
        decode(said, names), "forward" if shared else "embed", text_in(part, "from_url", "title_link")
    )
