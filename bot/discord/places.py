"""Where things are on Discord: servers, channels, threads, and what we may do there."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.discord.failures import plain_failures
from bot.discord.inbound import Room, rooms_of
from bot.discord.names import DiscordNames
from moderation.errors import Gone, NotAllowed, Unavailable
from moderation.ports import Community

NOT_YET = 5.0
"""Seconds after which it is looked again whether a server is there."""

Holder = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a post stands or is to stand: `holder` is the channel itself or a thread of it."""

    room: Room
    holder: Holder

    @property
    def guild(self) -> discord.Guild:
        """The server."""
        return self.room.guild

    @property
    def names(self) -> DiscordNames:
        """How its channels and members are written."""
        return DiscordNames(self.guild)


class Places:
    """Finds servers and channels by our ids.

    Everything raises Gone for what surely is not there, and Unavailable as long as Discord has not told us of it: before the first
    session, at the beginning of each further one, and during an outage.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def guild(self, community: Community) -> discord.Guild:
        """A community's server."""
        found = self._client.get_guild(_number(community.id))
        if found is None and self._client.is_ready():
            raise Gone(f"The server {community.id} is not there.")
        if found is None or found.unavailable:
            raise Unavailable(f"Discord does not tell us of the server {community.id} just now.", NOT_YET)
        return found

    async def room(self, community: Community, channel: str) -> Room:
        """A channel by id or name; of a thread's id, its parent."""
        found, _ = await self._found(community, channel)
        return found

    async def spot(self, community: Community, channel: str, thread: str | None = None) -> Spot:
        """A channel by id or name, or a thread of it. A forum itself holds no posts: Gone without a thread."""
        room, holder = await self._found(community, channel)
        if thread is not None:
            return Spot(room, await self._thread(room.guild, thread))
        if holder is not None:
            return Spot(room, holder)
        if isinstance(room, discord.ForumChannel):
            raise Gone(f"#{room.name} is a forum: posts stand in its threads.")
        return Spot(room, room)

    async def forum(self, community: Community, channel: str) -> discord.ForumChannel | None:
        """A channel that is a forum; None for every other, and for one post of a forum."""
        room, holder = await self._found(community, channel)
        return room if holder is None and isinstance(room, discord.ForumChannel) else None

    async def same_readers(self, community: Community, channel: str, other: str) -> bool:
        """By what roles and single members are allowed: who has which role is not asked. A private thread has readers of its own."""
        here, within = await self._found(community, channel)
        there, thread = await self._found(community, other)
        is_private = thread is not None and thread != within and thread.is_private()
        return readers(here) == readers(there) and not is_private

    async def _found(self, community: Community, channel: str) -> tuple[Room, discord.Thread | None]:
        """A channel by id or name, and the thread that has this id."""
        guild = self.guild(community)
        wanted = channel.lstrip("#").casefold()
        found: discord.abc.GuildChannel | discord.Thread | None
        if channel.isdecimal():
            found = guild.get_channel(_number(channel)) or await self._thread_or_room(guild, channel)
        else:
            found = next((each for each in rooms_of(guild) if each.name.casefold() == wanted), None)
        if isinstance(found, Room):
            return found, None
        if isinstance(found, discord.Thread) and isinstance(found.parent, Room):
            return found.parent, found
        raise Gone(f"The channel {channel} is not there.")

    async def _thread(self, guild: discord.Guild, thread: str) -> discord.Thread:
        found = await self._thread_or_room(guild, thread)
        if not isinstance(found, discord.Thread):
            raise Gone(f"The thread {thread} is not there.")
        return found

    async def _thread_or_room(
        self, guild: discord.Guild, channel: str
    ) -> discord.abc.GuildChannel | discord.Thread:
        """What Discord says of an id that we may not have been told of."""
        known = guild.get_thread(_number(channel))
        if known is not None:
            return known
        with plain_failures("View Channel"):
            return await guild.fetch_channel(_number(channel))


def need(spot: Spot, *permissions: str) -> None:
    """Raise NotAllowed with the exact name of the first permission that is missing: asking first spares Discord the refusal."""
    if isinstance(spot.holder, discord.Thread):
        permissions = tuple(
            "send_messages_in_threads" if each == "send_messages" else each for each in permissions
        )
    need_in(spot.holder, *permissions)


def need_in(place: Room | discord.Thread, *permissions: str) -> None:
    """As `need`, for what is asked of a channel itself, such as its webhooks. Raises Unavailable during an outage."""
    if place.guild.unavailable:
        raise Unavailable(f"Discord does not tell us of the server {place.guild.id} just now.", NOT_YET)
    have = place.permissions_for(place.guild.me)
    for permission in ("view_channel", *permissions):
        if not getattr(have, permission):
            name = permission_name(permission)
            raise NotAllowed(f"The permission {name} is missing in #{place.name}.", name)


def readers(room: Room) -> frozenset[tuple[int, bool]]:
    """Which roles may read a channel, and which single members may or may not otherwise than their roles say."""
    roles = {
        (role.id, room.permissions_for(role).read_messages)
        for role in room.guild.roles
        if not role.is_bot_managed()
    }
    single = {
        (target.id, overwrite.read_messages)
        for target, overwrite in room.overwrites.items()
        if not isinstance(target, discord.Role) and overwrite.read_messages is not None
    }
    return frozenset({*roles, *single} - {(room.guild.me.id, True)})


def permission_name(permission: str) -> str:
    """A permission as Discord's settings show it: `manage_messages` is Manage Messages."""
    return " ".join(part if part == "in" else part.capitalize() for part in permission.split("_"))


def _number(text: str) -> int:
    """An id; 0, which nothing has, for what is none."""
    return int(text) if text.isdecimal() and text.isascii() else 0
