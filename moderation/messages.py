"""What people post, freed of every platform: ids are text, times are aware UTC, mentions are names.

A message is identified by its key; an edit is the same key with a higher revision.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Platform(StrEnum):
    """Where a community lives."""

    DISCORD = "discord"
    SLACK = "slack"
    PLAYGROUND = "playground"


class Kind(StrEnum):
    """Who or what speaks; only what a person posts is judged."""

    POST = "post"
    BOT = "bot"
    JOIN = "join"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, order=True)
class MessageKey:
    """The one name of a message. `channel` is where it was posted, never a thread."""

    platform: Platform
    community: str
    channel: str
    message: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.community}:{self.channel}:{self.message}"

    @property
    def name(self) -> str:
        """What tells it from every other message of its community: `channel/message`."""
        return f"{self.channel}/{self.message}"


@dataclass(frozen=True, slots=True)
class Author:
    """Who posted. `roles` are role ids or names that the platform told."""

    id: str
    name: str
    is_bot: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as the platform shows it."""

    id: str
    name: str
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that hangs on a message: a file, an image, a sticker, a poll, an embed, a forward."""

    name: str
    kind: str = "file"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message at one revision.

    `text` is what people see, mentions as `@name`. `thread` is the id of the thread's root message, and None on
    the root itself and on what is posted straight in the channel. `reply_to` is the id of the message answered.
    """

    key: MessageKey
    author: Author
    text: str
    posted_at: datetime
    channel_name: str = ""
    revision: int = 0
    kind: Kind = Kind.POST
    thread: str | None = None
    reply_to: str | None = None
    mentions: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = field(default=())

    def __post_init__(self) -> None:
        """Raise ValueError for a naive time or one that is not UTC: a wrong clock would corrupt every window."""
        if self.posted_at.utcoffset() != timedelta(0):
            raise ValueError(f"posted_at of {self.key} must be aware UTC, not {self.posted_at!r}")


@dataclass(frozen=True, slots=True)
class ContextLine:
    """An earlier message as the classifier reads it."""

    author: str
    text: str
