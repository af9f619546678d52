"""The platform's state, its clock, and the two streams that come out of it: events for clients, a journal for tests."""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.discord import permissions
from tests.fakes.discord.entities import (
    Attachment,
    Channel,
    Guild,
    Interaction,
    Kind,
    Member,
    Message,
    User,
    Webhook,
)
from tests.fakes.discord.errors import ApiError, Json

EPOCH = 1420070400000  # milliseconds, the first of 2015: developers/reference (Snowflakes)


def time_of(snowflake: str) -> datetime:
    return datetime.fromtimestamp(((int(snowflake) >> 22) + EPOCH) / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the gateway tells those who may know it.

    `channel` limits it to who can view that; `intent` is the bit that a session must have asked for, 0 for none;
    `message` has its content taken out where the session may not read it.
    """

    name: str
    data: Json
    guild: Guild | None = None
    channel: Channel | None = None
    intent: int = 0
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal: what really happened, once each, in order, whoever was told of it."""

    number: int
    what: str  # e.g. message created
    by: str  # a user's id
    id: str  # of what it happened to
    channel_id: str = ""
    reason: str | None = None  # X-Audit-Log-Reason
    detail: Json = field(default_factory=dict)


class World:
    """Guilds, channels, people, messages, webhooks, files, commands and interactions of one platform."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._ahead = timedelta()
        self._ids: dict[int, int] = {}
        self.cdn = self.gateway_url = ""  # set when the server knows its port
        self.privileged_intents = -1  # those switched on in the portal: all
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.files: dict[str, Attachment] = {}
        self.commands: dict[str | None, dict[str, Json]] = {None: {}}  # by guild; None for everywhere
        self.interactions: dict[str, Interaction] = {}  # by token
        self.private: dict[str, Message] = {}  # ephemeral messages
        self.journal: list[Change] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.bot = self.new_user("steward", bot=True)
        self.application_id = self.bot.id
        self.owner = self.new_user("who-runs-steward")
        self.secret = secrets.token_hex(16)  # signs links to files

    def now(self) -> datetime:
        return self._clock() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Lets time pass: links expire, interactions grow old."""
        self._ahead += by

    def new_id(self, at: datetime | None = None) -> str:
        """A snowflake of that moment, never the same twice, and rising within one millisecond."""
        milliseconds = int((at or self.now()).timestamp() * 1000)
        number = self._ids[milliseconds] = self._ids.get(milliseconds, -1) + 1
        return str(((milliseconds - EPOCH) << 22) + number)

    def new_user(self, name: str, *, bot: bool = False, display: str | None = None) -> User:
        user = User(self.new_id(), name, display, bot)
        self.users[user.id] = user
        return user

    def keep_file(self, name: str, content: bytes, description: str | None = None) -> Attachment:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        attachment = Attachment(self.new_id(), name, content, kind, description)
        self.files[attachment.id] = attachment
        return attachment

    def tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def note(
        self,
        what: str,
        by: str,
        subject: str,
        *,
        channel: Channel | None = None,
        reason: str | None = None,
        **detail: object,
    ) -> None:
        number = len(self.journal) + 1
        self.journal.append(Change(number, what, by, subject, channel.id if channel else "", reason, detail))

    # What the bot may know and do.

    def bot_guilds(self) -> list[Guild]:
        return [guild for guild in self.guilds.values() if self.bot.id in guild.members]

    def may(self, channel: Channel, member: Member | None = None) -> int:
        """The permissions there of a member, or of the bot; everything in its direct messages."""
        if channel.guild is None:
            return permissions.EVERYTHING
        found = member or channel.guild.members.get(self.bot.id)
        return permissions.in_channel(found, channel, self.now()) if found else 0

    def guild(self, guild_id: str) -> Guild:
        """One that the bot is in; ApiError 10004 else."""
        guild = self.guilds.get(guild_id)
        if guild is None or self.bot.id not in guild.members:
            raise ApiError(404, 10004)
        return guild

    def channel(self, channel_id: str, needs: int = 0) -> Channel:
        """One that the bot sees, with the permissions named; ApiError 10003, 50001 or 50013 else."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise ApiError(404, 10003)
        found = self.may(channel)
        if not found & permissions.Permission.VIEW_CHANNEL:
            raise ApiError(403, 50001)
        if found & needs != needs:
            raise ApiError(403, 50013)
        return channel

    def require(self, guild: Guild, needs: int) -> None:
        """ApiError 50013 where the bot's roles lack a permission."""
        if permissions.in_guild(guild.members[self.bot.id]) & needs != needs:
            raise ApiError(403, 50013)

    def message(self, channel: Channel, message_id: str) -> Message:
        """ApiError 10008 where it is not there (any more)."""
        try:
            return channel.messages[message_id]
        except KeyError:
            raise ApiError(404, 10008) from None

    def direct_channel(self, user: User) -> Channel:
        """The bot's conversation with that person, made where there is none."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self.new_id(), Kind.DM, "", recipient=user)
        self.channels[channel.id] = channel
        return channel

    def shares_a_guild(self, user: User) -> bool:
        """Whether that person and the bot are in the same server."""
        return any(user.id in guild.members for guild in self.bot_guilds())
