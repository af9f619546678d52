"""What is on the platform, as plain changeable records. Ids are text; times are aware UTC; `ts` is Slack's text.

Two records are equal only when they are the same one; what would show the whole server is left out of their text.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tests.fakes.slack.errors import Json


class Kind(StrEnum):
    """`channel_type` as in message events, docs.slack.dev/reference/events/message."""

    PUBLIC = "channel"
    PRIVATE = "group"
    DIRECT = "im"
    GROUP_DIRECT = "mpim"

    @property
    def scope(self) -> str:
        """The first half of the scopes for such a conversation, e.g. channels of channels:history."""
        return {"channel": "channels", "group": "groups"}.get(self, str(self.value))


@dataclass(slots=True, eq=False)
class Workspace:
    id: str
    name: str
    domain: str
    enterprise_id: str | None = None
    members: dict[str, User] = field(default_factory=dict, repr=False)
    usergroups: dict[str, Usergroup] = field(default_factory=dict, repr=False)
    bot: User | None = field(default=None, repr=False)  # ours, where it is installed
    bot_token: str = field(default="", repr=False)  # the one of the newest installation


@dataclass(slots=True, eq=False)
class User:
    id: str
    name: str
    workspace: Workspace = field(repr=False)
    real_name: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_guest: bool = False
    deactivated: bool = False
    active: bool = True  # presence; an away person is not shown ephemeral messages
    takes_direct_messages: bool = True
    bot_id: str = ""  # of a bot's user
    app_id: str = ""
    picture: str = "https://avatars.slack-edge.com/picture_72.png"

    @property
    def is_bot(self) -> bool:
        return bool(self.bot_id)


@dataclass(slots=True, eq=False)
class Usergroup:
    id: str
    handle: str
    members: list[str]
    enabled: bool = True


@dataclass(slots=True, eq=False)
class Channel:
    id: str
    kind: Kind
    name: str
    workspace: Workspace = field(repr=False)  # the host
    creator_id: str
    created_at: datetime
    shared_with: list[Workspace] = field(default_factory=list, repr=False)  # Slack Connect
    members: dict[str, datetime] = field(default_factory=dict, repr=False)  # since when
    messages: dict[str, Message] = field(default_factory=dict, repr=False)  # by ts
    pins: dict[str, tuple[str, datetime]] = field(default_factory=dict, repr=False)  # ts, by whom and when
    archived: bool = False
    posting_restricted: bool = False  # only admins may post
    previous_names: list[str] = field(default_factory=list)

    @property
    def workspaces(self) -> list[Workspace]:
        return [self.workspace, *self.shared_with]

    @property
    def is_direct(self) -> bool:
        return self.kind in (Kind.DIRECT, Kind.GROUP_DIRECT)

    def in_order(self) -> list[Message]:
        """All its messages and replies, oldest first."""
        return sorted(self.messages.values(), key=lambda message: message.ts)

    def top_level(self) -> list[Message]:
        """What the channel shows, oldest first: no replies but those that were sent to the channel as well."""
        return [each for each in self.in_order() if not each.is_reply or each.broadcast]

    def replies(self, parent: Message) -> list[Message]:
        return [each for each in self.in_order() if each.is_reply and each.thread_ts == parent.ts]


@dataclass(slots=True, eq=False)
class File:
    id: str
    name: str
    content: bytes
    owner: User = field(repr=False)
    created_at: datetime
    title: str = ""
    mimetype: str = "application/octet-stream"
    channels: list[str] = field(default_factory=list)  # where it is shared
    uploaded: bool = True  # False between the two halves of an upload
    expected: int = 0  # the length that was announced
    deleted: bool = False


@dataclass(slots=True, eq=False)
class Message:
    ts: str
    channel: Channel = field(repr=False)
    user: User  # who wrote it: a member, or a bot's user
    text: str = ""  # as Slack keeps it: & < > escaped
    subtype: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    username: str | None = None  # of a customised post
    icons: Json | None = None
    edited: tuple[str, str] | None = None  # by whom, ts
    reactions: dict[str, list[str]] = field(default_factory=dict)
    client_msg_id: str | None = None
    only_for: str | None = None  # an ephemeral message's one reader
    shown: bool = True  # False for an ephemeral message that the reader's Slack dropped
    deleted: bool = False
    unfurl: tuple[bool | None, bool | None] = (None, None)  # links, media, as the app asked

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_customised(self) -> bool:
        return self.username is not None or self.icons is not None

    @property
    def name(self) -> str:
        """Whose name people see above it."""
        return self.username or self.user.name

    @property
    def plain(self) -> str:
        """The text with & < > as people see them."""
        return html.unescape(self.text)

    def action_ids(self) -> list[str]:
        """Of everything in it that a person can use, in order."""
        return [element["action_id"] for _, element in elements(self.blocks) if "action_id" in element]


@dataclass(slots=True, eq=False)
class View:
    id: str
    workspace: Workspace = field(repr=False)
    user: User
    content: Json  # what the app gave
    hash: str
    root_id: str
    previous_id: str | None = None
    closed: bool = False

    @property
    def blocks(self) -> list[Json]:
        found: list[Json] = self.content.get("blocks") or []
        return found

    def action_ids(self) -> list[str]:
        return [element["action_id"] for _, element in elements(self.blocks) if "action_id" in element]


@dataclass(slots=True, eq=False)
class Token:
    value: str
    kind: str  # bot, user or app
    scopes: frozenset[str]
    user: User | None = None
    workspace: Workspace | None = None
    revoked: bool = False


def elements(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """Every element that a person can use, with the block in which it stands, in order of reading."""
    found: list[tuple[Json, Json]] = []
    for block in blocks:
        inside = block.get("elements") or []
        single = [block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict)]
        found += [(block, each) for each in [*inside, *single] if isinstance(each, dict)]
    return found
