"""What happens to servers, channels, threads, roles and members; each with its event and its journal line.

Sources: developers/resources (guild, channel), developers/topics/threads, developers/events/gateway-events.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.fakes.discord import messages, payloads
from tests.fakes.discord.entities import (
    FORUMS,
    Channel,
    Flag,
    Guild,
    Kind,
    Member,
    Message,
    Overwrite,
    Role,
    Thread,
    Type,
    User,
)
from tests.fakes.discord.errors import ApiError, Json
from tests.fakes.discord.permissions import EVERYONE
from tests.fakes.discord.world import Event, World

GUILDS, GUILD_MEMBERS, GUILD_WEBHOOKS = 1 << 0, 1 << 1, 1 << 5


def create_guild(world: World, name: str, owner: User) -> Guild:
    guild = Guild(world.new_id(), name, owner.id, world.now())
    guild.roles[guild.id] = Role(guild.id, "@everyone", int(EVERYONE), 0)
    guild.members[owner.id] = Member(owner, guild, world.now())
    world.guilds[guild.id] = guild
    return guild


def rename_guild(world: World, guild: Guild, name: str) -> None:
    guild.name = name
    _tell(world, "GUILD_UPDATE", guild, payloads.guild(guild))


def create_role(
    world: World, guild: Guild, name: str, permissions: int, *, bot_id: str | None = None
) -> Role:
    role = Role(world.new_id(), name, int(permissions), len(guild.roles), bot_id)
    guild.roles[role.id] = role
    _tell(world, "GUILD_ROLE_CREATE", guild, {"guild_id": guild.id, "role": payloads.role(role)})
    return role


def change_role(world: World, guild: Guild, role: Role, permissions: int) -> None:
    role.permissions = int(permissions)
    _tell(world, "GUILD_ROLE_UPDATE", guild, {"guild_id": guild.id, "role": payloads.role(role)})


def delete_role(world: World, guild: Guild, role: Role) -> None:
    del guild.roles[role.id]
    for member in guild.members.values():
        if role.id in member.roles:
            member.roles.remove(role.id)
    _tell(world, "GUILD_ROLE_DELETE", guild, {"guild_id": guild.id, "role_id": role.id})


def add_bot(world: World, guild: Guild, permissions: int) -> Member:
    """As after an invitation: the bot, with a role of its own that nobody else can have; tells GUILD_CREATE."""
    role = Role(world.new_id(), world.bot.name, int(permissions), len(guild.roles), bot_id=world.bot.id)
    guild.roles[role.id] = role
    member = Member(world.bot, guild, world.now(), [role.id])
    guild.members[world.bot.id] = member
    world.note("bot joined", world.bot.id, guild.id)
    data = payloads.guild_create(world, guild)
    del data["unavailable"]  # a server that is new to the bot is not one that came back
    _tell(world, "GUILD_CREATE", guild, data)
    return member


def remove_bot(world: World, guild: Guild, *, by: User) -> None:
    """It was thrown out or left: GUILD_DELETE without `unavailable`."""
    member = guild.members[world.bot.id]
    world.note("bot left", by.id, guild.id)
    _tell(world, "GUILD_DELETE", guild, {"id": guild.id})
    del guild.members[world.bot.id]
    for role in member.roles:
        if guild.roles[role].bot_id == world.bot.id:
            del guild.roles[role]


def set_available(world: World, guild: Guild, *, available: bool) -> None:
    """An outage and its end."""
    guild.available = available
    if available:
        _tell(world, "GUILD_CREATE", guild, payloads.guild_create(world, guild))
    else:
        _tell(world, "GUILD_DELETE", guild, {"id": guild.id, "unavailable": True})


def add_member(world: World, guild: Guild, user: User, roles: Iterable[Role] = ()) -> Member:
    member = Member(user, guild, world.now(), [role.id for role in roles])
    guild.members[user.id] = member
    data = payloads.member(member) | {"guild_id": guild.id}
    world.tell(Event("GUILD_MEMBER_ADD", data, guild, intent=GUILD_MEMBERS))
    return member


def remove_member(world: World, member: Member) -> None:
    guild = member.guild
    del guild.members[member.id]
    data = {"guild_id": guild.id, "user": payloads.user(member.user)}
    world.tell(Event("GUILD_MEMBER_REMOVE", data, guild, intent=GUILD_MEMBERS))


def change_member(world: World, member: Member) -> None:
    """Tells of a member's roles, name or time-out as they are now; of the bot's own without an intent."""
    data = payloads.member(member) | {"guild_id": member.guild.id}
    intent = 0 if member.user is world.bot else GUILD_MEMBERS
    world.tell(Event("GUILD_MEMBER_UPDATE", data, member.guild, intent=intent))


def create_channel(
    world: World,
    guild: Guild,
    name: str,
    kind: Kind = Kind.TEXT,
    *,
    parent: Channel | None = None,
    topic: str | None = None,
    overwrites: Iterable[Overwrite] = (),
) -> Channel:
    channel = Channel(world.new_id(), kind, name, guild, parent.id if parent else None, topic=topic)
    channel.position = sum(not each.thread for each in guild.channels.values())
    channel.overwrites = {each.id: each for each in overwrites}
    guild.channels[channel.id] = world.channels[channel.id] = channel
    _tell(world, "CHANNEL_CREATE", guild, payloads.channel(world, channel))
    return channel


def change_channel(world: World, channel: Channel) -> None:
    """Tells of it as it is now."""
    if channel.thread:
        messages.tell_thread(world, "THREAD_UPDATE", channel)
    elif channel.guild:
        _tell(world, "CHANNEL_UPDATE", channel.guild, payloads.channel(world, channel))


def delete_channel(world: World, channel: Channel, *, by: User, reason: str | None = None) -> None:
    """With its threads, messages and webhooks."""
    guild = channel.guild
    if guild is None:
        raise ApiError(400, 50003)
    world.note("channel deleted", by.id, channel.id, channel=channel, reason=reason)
    if channel.thread:
        data = {
            "id": channel.id,
            "guild_id": guild.id,
            "parent_id": channel.parent_id,
            "type": int(channel.kind),
        }
        world.tell(Event("THREAD_DELETE", data, guild, channel, GUILDS))
    else:
        _tell(world, "CHANNEL_DELETE", guild, payloads.channel(world, channel))
    below = [each for each in guild.threads() if each.parent_id == channel.id]
    for each in [channel, *below]:
        guild.channels.pop(each.id, None)
        world.channels.pop(each.id, None)
    world.webhooks = {key: each for key, each in world.webhooks.items() if each.channel is not channel}


def start_thread(
    world: World,
    parent: Channel,
    name: str,
    by: User,
    *,
    kind: Kind = Kind.PUBLIC_THREAD,
    message: Message | None = None,
    auto_archive_minutes: int = 1440,
    reason: str | None = None,
) -> Channel:
    """A thread, from a message (whose id it takes) or alone; for a forum the post's own message comes after."""
    guild = parent.guild
    if guild is None:
        raise ApiError(400, 50003)
    now = world.now()
    state = Thread(by.id, now, now, auto_archive_minutes=auto_archive_minutes, members={by.id: now})
    thread = Channel(message.id if message else world.new_id(), kind, name, guild, parent.id, thread=state)
    guild.channels[thread.id] = world.channels[thread.id] = thread
    world.note("thread created", by.id, thread.id, channel=parent, reason=reason, name=name)
    messages.tell_thread(world, "THREAD_CREATE", thread, newly_created=True)
    if message:
        message.flags |= Flag.HAS_THREAD
        messages.changed(world, message)
        _say(world, thread, by, Type.THREAD_STARTER, parent, message.id)
    elif parent.kind not in FORUMS and kind is not Kind.PRIVATE_THREAD:
        _say(world, parent, by, Type.THREAD_CREATED, thread, None, name)
    return thread


def _say(
    world: World,
    channel: Channel,
    by: User,
    kind: Type,
    about: Channel,
    message_id: str | None,
    content: str = "",
) -> Message:
    line = Message(world.new_id(), channel, by, content, type=kind)
    line.reference = {"type": 0, "channel_id": about.id}
    if message_id:
        line.reference["message_id"] = message_id
    if about.guild:
        line.reference["guild_id"] = about.guild.id
    return messages.publish(world, line)


def change_thread_members(world: World, thread: Channel, user: User, *, on: bool) -> None:
    state = thread.thread
    if state is None or thread.guild is None or (user.id in state.members) == on:
        return
    if on:
        state.members[user.id] = world.now()
        if user is world.bot and thread.kind is Kind.PRIVATE_THREAD:
            messages.tell_thread(world, "THREAD_CREATE", thread)
    data: Json = {"id": thread.id, "guild_id": thread.guild.id}
    if on:
        data["added_members"] = [payloads.thread_member(thread, user.id)]
    else:
        data["removed_member_ids"] = [user.id]
        del state.members[user.id]
    data["member_count"] = len(state.members)
    intent = GUILDS if user is world.bot else GUILD_MEMBERS
    world.tell(Event("THREAD_MEMBERS_UPDATE", data, thread.guild, thread, intent))


def tell_webhooks(world: World, channel: Channel) -> None:
    if channel.guild:
        data = {"guild_id": channel.guild.id, "channel_id": channel.id}
        world.tell(Event("WEBHOOKS_UPDATE", data, channel.guild, channel, GUILD_WEBHOOKS))


def _tell(world: World, name: str, guild: Guild, data: Json) -> None:
    world.tell(Event(name, data, guild, intent=GUILDS))
