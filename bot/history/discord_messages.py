"""One row of DiscordChatExporter's JSON becomes one Message. A pure translation.

The format is what JsonMessageWriter.cs of Tyrrrz/DiscordChatExporter writes. It names the few message types
that it knows and writes the number of the others. An edited message comes as revision 0 with its last text.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.history.clean import Row, id_in, row_in, rows_in, text_in, without_query
from bot.history.discord_markup import Names, decode, mentioned
from moderation.messages import Attachment, Author, Channel, Kind, Message, MessageKey, Platform

# https://discord.com/developers/docs/resources/message#message-object-message-types
_REPLY = {"Reply", "19"}
_POSTED = {"Default", "0"} | _REPLY
_JOINED = {"GuildMemberJoin", "7"}
_BY_APPS = {"ChatInputCommand", "20", "ContextMenuCommand", "23"}
_NOBODY = Author("unknown", "unknown")
_TITLE = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file's messages were posted; `thread` is the thread's id where the file is one."""

    community: str
    channel: Channel
    thread: str = ""
    names: Names = field(default_factory=Names)


def message_from(row: Row, posted_at: datetime, place: Place) -> Message:
    """The message in `row`. One that names nobody or whose text is no text is odd: SYSTEM, without text."""
    identity = id_in(row, "id")
    key = MessageKey(Platform.DISCORD, place.community, place.channel.id, identity)
    author = author_from(row_in(row, "author"))
    # A thread has the id of the message that it hangs on, in a forum that of its first post.
    thread = place.thread if place.thread and place.thread != identity else None
    if author is None or not isinstance(row.get("content") or "", str):
        odd = author or _NOBODY
        return Message(key, odd, "", posted_at, place.channel.name, kind=Kind.SYSTEM, thread=thread)
    return Message(
        key,
        author,
        decode(_source(row), place.names),
        posted_at,
        place.channel.name,
        kind=_kind(row, author),
        thread=thread,
        reply_to=_reply_to(row),
        mentions=_mentions(row),
        attachments=_attachments(row),
    )


def author_from(user: Row) -> Author | None:
    """The author or mentioned person in `user`; None without an id."""
    identity = id_in(user, "id")
    if not identity:
        return None
    roles = (text_in(role, "name") or id_in(role, "id") for role in rows_in(user, "roles"))
    name = text_in(user, "nickname", "name") or identity
    return Author(identity, name, user.get("isBot") is True, tuple(role for role in roles if role))


def _kind(row: Row, author: Author) -> Kind:
    kind = id_in(row, "type") or "Default"
    if kind in _JOINED:
        return Kind.JOIN
    if kind in _BY_APPS:
        return Kind.BOT
    if kind not in _POSTED:
        return Kind.SYSTEM
    return Kind.BOT if author.is_bot else Kind.POST


def _source(row: Row) -> str:
    """What is said, from wherever it is: the text, else a forwarded message's, else a preview's."""
    forwarded = row_in(row, "forwardedMessage")
    return text_in(row, "content") or text_in(forwarded, "content") or _previews(rows_in(row, "embeds"))


def _previews(embeds: Sequence[Row]) -> str:
    said = (text_in(embed, key) for embed in embeds for key in ("title", "description"))
    return "\n".join(text for text in said if text)


def _reply_to(row: Row) -> str | None:
    """The message answered. A forward, a pin and a crosspost carry a reference too but answer nothing."""
    return id_in(row_in(row, "reference"), "messageId") or None if id_in(row, "type") in _REPLY else None


def _mentions(row: Row) -> tuple[str, ...]:
    told = [id_in(user, "id") for user in rows_in(row, "mentions")]
    return tuple(dict.fromkeys(each for each in told + mentioned(text_in(row, "content")) if each))


def _attachments(row: Row) -> tuple[Attachment, ...]:
    found = _hanging(row)
    forwarded = row_in(row, "forwardedMessage")
    if forwarded:
        found += [
            Attachment(text_in(forwarded, "content")[:_TITLE] or "forward", "forward"),
            *_hanging(forwarded),
        ]
    poll = row_in(row, "poll")
    if poll:
        question = text_in(row_in(poll, "question"), "text") or text_in(poll, "question")
        found.append(Attachment(question or "poll", "poll"))
    return tuple(found)


def _hanging(row: Row) -> list[Attachment]:
    """Files, stickers and previews of a message or of one forwarded."""
    files = [_file(file) for file in rows_in(row, "attachments")]
    stickers = [
        Attachment(text_in(each, "name") or "sticker", "sticker", text_in(each, "sourceUrl"))
        for each in rows_in(row, "stickers")
    ]
    return files + stickers + [_embed(each) for each in rows_in(row, "embeds")]


def _file(file: Row) -> Attachment:
    name = text_in(file, "fileName") or id_in(file, "id") or "file"
    family = (mimetypes.guess_type(f"x.{name.rpartition('.')[2]}")[0] or "").partition("/")[0]
    url = without_query(text_in(file, "url"))
    return Attachment(name, family if family in {"image", "video", "audio"} else "file", url)


def _embed(embed: Row) -> Attachment:
    title = text_in(embed, "title", "description") or text_in(row_in(embed, "author"), "name")
    url = text_in(embed, "url")
    return Attachment(title[:_TITLE] or url or "embed", "embed", url)
