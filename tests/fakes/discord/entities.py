"""What is on the platform, as plain changeable records. Ids are text; times are aware UTC.

Two records are equal only when they are the same one; what would show the whole server is left out of their text.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from tests.fakes.discord.errors import Json


class Kind(IntEnum):
    """Channel types, developers/resources/channel (Channel Types)."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15
    MEDIA = 16


THREADS = (Kind.ANNOUNCEMENT_THREAD, Kind.PUBLIC_THREAD, Kind.PRIVATE_THREAD)
FORUMS = (Kind.FORUM, Kind.MEDIA)


class Type(IntEnum):
    """Message types that this server knows, developers/resources/message (Message Types)."""

    DEFAULT = 0
    PINNED = 6
    JOINED = 7
    THREAD_CREATED = 18
    REPLY = 19
    COMMAND = 20
    THREAD_STARTER = 21
    CONTEXT_MENU = 23


class Flag(IntEnum):
    """Message flags, developers/resources/message (Message Flags)."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    HAS_SNAPSHOT = 1 << 14
    COMPONENTS_V2 = 1 << 15


@dataclass(slots=True, eq=False)
class User:
    id: str
    name: str
    display: str | None = None
    bot: bool = False
    avatar: str | None = None
    takes_direct_messages: bool = True


@dataclass(slots=True, eq=False)
class Role:
    id: str
    name: str
    permissions: int
    position: int
    bot_id: str | None = None  # of the bot whose own role this is
    mentionable: bool = False


@dataclass(slots=True, eq=False)
class Overwrite:
    id: str
    for_role: bool
    allow: int = 0
    deny: int = 0


@dataclass(slots=True, eq=False)
class Member:
    user: User
    guild: Guild = field(repr=False)
    joined_at: datetime
    roles: list[str] = field(default_factory=list)
    nick: str | None = None
    timed_out_until: datetime | None = None

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        """What others see: the nickname, else the display name, else the user name."""
        return self.nick or self.user.display or self.user.name


@dataclass(slots=True, eq=False)
class Guild:
    id: str
    name: str
    owner_id: str
    joined_at: datetime
    roles: dict[str, Role] = field(default_factory=dict, repr=False)
    channels: dict[str, Channel] = field(default_factory=dict, repr=False)  # and threads
    members: dict[str, Member] = field(default_factory=dict, repr=False)
    available: bool = True
    locale: str = "en-US"

    def threads(self) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.thread]


@dataclass(slots=True, eq=False)
class Thread:
    """What a channel has on top when it is a thread."""

    owner_id: str
    created_at: datetime
    archived_at: datetime
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    invitable: bool = True
    total_sent: int = 0
    members: dict[str, datetime] = field(default_factory=dict)  # since when
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Channel:
    id: str
    kind: Kind
    name: str
    guild: Guild | None = field(default=None, repr=False)
    parent_id: str | None = None
    position: int = 0
    topic: str | None = None
    nsfw: bool = False
    slow_mode: int = 0  # seconds
    overwrites: dict[str, Overwrite] = field(default_factory=dict, repr=False)
    messages: dict[str, Message] = field(default_factory=dict, repr=False)
    pins: dict[str, datetime] = field(default_factory=dict)  # message id, when
    recipient: User | None = None  # of a direct message, beside the bot
    thread: Thread | None = None
    tags: list[Json] = field(default_factory=list)  # that a forum offers
    last_message_id: str | None = None

    def in_order(self) -> list[Message]:
        """Its messages, oldest first, whatever the order in which they were put here."""
        return sorted(self.messages.values(), key=lambda message: int(message.id))


@dataclass(slots=True, eq=False)
class Attachment:
    id: str
    name: str
    content: bytes
    content_type: str
    description: str | None = None


@dataclass(slots=True, eq=False)
class Message:
    id: str
    channel: Channel = field(repr=False)
    author: User  # for a webhook, a user made from its name
    content: str = ""
    type: Type = Type.DEFAULT
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    stickers: list[Json] = field(default_factory=list)
    poll: Json | None = None
    reference: Json | None = None
    snapshots: list[Json] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)  # whom it pings
    mention_roles: list[str] = field(default_factory=list)
    mention_everyone: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)  # emoji, user ids
    flags: int = 0
    edited_at: datetime | None = None
    nonce: str | None = None
    webhook_id: str | None = None
    application_id: str | None = None
    interaction: Interaction | None = field(default=None, repr=False)
    avatar_url: str | None = None  # that a webhook showed
    only_for: str | None = None  # an ephemeral message's one reader
    deleted: bool = False

    @property
    def pinned(self) -> bool:
        return self.id in self.channel.pins

    def custom_ids(self) -> list[str]:
        """Of every button and menu in it that a person can use, in order."""
        return [found["custom_id"] for found in parts(self.components) if "custom_id" in found]


@dataclass(slots=True, eq=False)
class Webhook:
    id: str
    token: str
    name: str
    channel: Channel = field(repr=False)
    creator: User
    application_id: str | None = None
    avatar: str | None = None


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a person did to the bot, and how the bot answered it."""

    id: str
    token: str
    kind: int  # 2 command, 3 component, 4 autocomplete, 5 modal
    user: User
    channel: Channel = field(repr=False)
    member: Member | None
    data: Json
    created_at: datetime
    message: Message | None = None  # the component's
    answer: int | None = None  # the callback type
    original: Message | None = None  # the answer as a message, or the message that was updated
    waiting: bool = False  # deferred with type 5; the first follow-up fills it
    modal: Json | None = None
    choices: list[Json] | None = None
    follow_ups: list[Message] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def text(self) -> str:
        """The answer's text as it stands now; empty without one."""
        return self.original.content if self.original else ""

    @property
    def is_private(self) -> bool:
        """Whether only the one who asked sees the answer."""
        return bool(self.original and self.original.only_for)


def parts(components: list[Json]) -> list[Json]:
    """Every component with all below it, in order of reading."""
    found: list[Json] = []
    for component in components:
        found.append(component)
        found.extend(parts(component.get("components") or []))
        found.extend(parts([component[key] for key in ("accessory", "component") if component.get(key)]))
    return found
