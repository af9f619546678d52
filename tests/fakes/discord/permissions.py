"""Discord's computation of permissions, with its flags.

Source: developers/topics/permissions (Bitwise Permission Flags, Permission Hierarchy, Permission Overwrites,
Implicit Permissions, Timed Out Members), developers/topics/threads (Permissions).
"""

from __future__ import annotations

from datetime import datetime
from enum import IntFlag

from tests.fakes.discord.entities import THREADS, Channel, Guild, Kind, Member


class Permission(IntFlag):
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_POLLS = 1 << 49
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


EVERYTHING = (1 << 53) - 1
# What a new server's @everyone may do, as far as it matters here.
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.USE_EXTERNAL_STICKERS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
)
MODERATOR = (
    Permission.MANAGE_GUILD
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.PIN_MESSAGES
    | Permission.KICK_MEMBERS
    | Permission.BAN_MEMBERS
    | Permission.MODERATE_MEMBERS
    | Permission.VIEW_AUDIT_LOG
)
# What an invitation to Steward would ask for, with room for everything that a test wants to take away.
BOT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.ADD_REACTIONS
    | Permission.MANAGE_MESSAGES
    | Permission.MANAGE_THREADS
    | Permission.MANAGE_WEBHOOKS
    | Permission.PIN_MESSAGES
)
WHILE_TIMED_OUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


def in_guild(member: Member) -> int:
    """Of the roles alone. The owner and administrators may do everything."""
    guild = member.guild
    if guild.owner_id == member.id:
        return EVERYTHING
    found = guild.roles[guild.id].permissions
    for role in member.roles:
        found |= guild.roles[role].permissions
    return EVERYTHING if found & Permission.ADMINISTRATOR else found


def in_channel(member: Member, channel: Channel, now: datetime) -> int:
    """Roles, then the channel's overwrites (a thread has its parent's), then what follows without saying."""
    found = in_guild(member)
    if found == EVERYTHING:
        return found
    place = _with_overwrites(member.guild, channel)
    found = _overwritten(found, member, place)
    if channel.kind is Kind.PRIVATE_THREAD and not _is_in(channel, member, found):
        return 0
    if not found & Permission.VIEW_CHANNEL:
        return 0
    speaks = Permission.SEND_MESSAGES_IN_THREADS if channel.kind in THREADS else Permission.SEND_MESSAGES
    if not found & speaks:
        found &= ~(
            Permission.MENTION_EVERYONE
            | Permission.SEND_TTS_MESSAGES
            | Permission.ATTACH_FILES
            | Permission.EMBED_LINKS
        )
    if member.timed_out_until and member.timed_out_until > now:
        found &= WHILE_TIMED_OUT
    return int(found)


def _with_overwrites(guild: Guild, channel: Channel) -> Channel:
    return guild.channels[channel.parent_id] if channel.thread and channel.parent_id else channel


def _is_in(channel: Channel, member: Member, permissions: int) -> bool:
    if permissions & Permission.MANAGE_THREADS:
        return True
    return channel.thread is not None and member.id in channel.thread.members


def _overwritten(permissions: int, member: Member, channel: Channel) -> int:
    overwrites = channel.overwrites
    if everyone := overwrites.get(member.guild.id):
        permissions = permissions & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role in member.roles:
        if overwrite := overwrites.get(role):
            allow |= overwrite.allow
            deny |= overwrite.deny
    permissions = permissions & ~deny | allow
    if own := overwrites.get(member.id):
        permissions = permissions & ~own.deny | own.allow
    return permissions


def names(permissions: int) -> list[str]:
    """Of the flags in it, as Discord's documents write them."""
    return [flag.name for flag in Permission if permissions & flag and flag.name]
