"""Where things are on Discord: servers, channels, threads, and what we may do there."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from bot.discord.failures import plain_failures
from bot.discord.inbound import Room
from bot.discord.names import DiscordNames
from moderation.errors import Gone, NotAllowed
from moderation.ports import Community

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
    """Finds servers and channels by our ids. Everything raises Gone for what is not there."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def guild(self, community: Community) -> discord.Guild:
        """A community's server."""
        found = self._client.get_guild(_number(community.id))
        if found is None:
            raise Gone(f"The server {community.id} is not there.")
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

    async def _found(self, community: Community, channel: str) -> tuple[Room, discord.Thread | None]:
        """A channel by id or name, and the thread that has this id."""
        guild = self.guild(community)
        wanted = channel.lstrip("#").casefold()
        found = guild.get_channel(_number(channel)) if channel.isdecimal() else None
        if found is None and not channel.isdecimal():
            found = next((each for each in guild.channels if each.name.casefold() == wanted), None)
        if isinstance(found, Room):
            return found, None
        if found is None and channel.isdecimal():
            thread = await self._thread(guild, channel)
            if isinstance(thread.parent, Room):
                return thread.parent, thread
        raise Gone(f"The channel {channel} is not there.")

    async def _thread(self, guild: discord.Guild, thread: str) -> discord.Thread:
        known = guild.get_thread(_number(thread))
        if known is not None:
            return known
        with plain_failures("View Channel"):
            found = await guild.fetch_channel(_number(thread))
        if not isinstance(found, discord.Thread):
            raise Gone(f"The thread {thread} is not there.")
        return found


def need(spot: Spot, *permissions: str) -> None:
    """Raise NotAllowed with the exact name of the first permission that is missing: asking first spares Discord the refusal."""
    if isinstance(spot.holder, discord.Thread):
        permissions = tuple(
            "send_messages_in_threads" if each == "send_messages" else each for each in permissions
        )
    need_in(spot.holder, *permissions)


def need_in(place: Room | discord.Thread, *permissions: str) -> None:
    """As `need`, for what is asked of a channel itself, such as its webhooks."""
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
