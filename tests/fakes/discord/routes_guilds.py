"""Servers and channels. Sources: developers/resources/guild, developers/resources/channel, developers/topics/threads."""

from __future__ import annotations

from tests.fakes.discord import message_payloads, messages, payloads, places
from tests.fakes.discord.calls import Call, Endpoint
from tests.fakes.discord.entities import FORUMS, Channel, Kind, Message, Overwrite
from tests.fakes.discord.errors import ApiError, Faults, Json, invalid
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.world import World


def _guild(call: Call) -> object:
    guild = call.guild()
    found = payloads.guild(guild)
    if call.flag("with_counts"):
        found |= {"approximate_member_count": len(guild.members), "approximate_presence_count": 0}
    return found


def _channels(call: Call) -> object:
    return [payloads.channel(call.world, each) for each in call.guild().channels.values() if not each.thread]


def _roles(call: Call) -> object:
    return [payloads.role(each) for each in call.guild().roles.values()]


def _member(call: Call) -> object:
    member = call.guild().members.get(call.arguments["user_id"])
    if member is None:
        raise ApiError(404, 10007)
    return payloads.member(member)


def _members(call: Call) -> object:
    after = int(call.query.get("after", 0))
    limit = call.number("limit", 1, 1, 1000)
    found = sorted(call.guild().members.values(), key=lambda member: int(member.id))
    return [payloads.member(each) for each in found if int(each.id) > after][:limit]


def _rename_me(call: Call) -> object:
    member = call.guild().members[call.world.bot.id]
    if "nick" in call.body:
        call.world.require(member.guild, Permission.CHANGE_NICKNAME)
        member.nick = call.body["nick"]
        places.change_member(call.world, member)
    return payloads.member(member)


def _active_threads(call: Call) -> object:
    world = call.world
    found = [each for each in call.guild().threads() if each.thread and not each.thread.archived]
    return _threads(world, [each for each in found if world.may(each)])


def _threads(world: World, found: list[Channel]) -> Json:
    mine = [each for each in found if each.thread and world.bot.id in each.thread.members]
    return {
        "threads": [payloads.thread(world, each) for each in found],
        "members": [payloads.thread_member(each, world.bot.id) for each in mine],
        "has_more": False,
    }


def _archived_threads(call: Call) -> object:
    parent = call.channel(Permission.READ_MESSAGE_HISTORY)
    found = [
        each
        for each in (parent.guild.threads() if parent.guild else [])
        if each.parent_id == parent.id
        and each.thread
        and each.thread.archived
        and each.kind is not Kind.PRIVATE_THREAD
    ]
    found.sort(key=lambda each: each.thread.archived_at if each.thread else call.world.now(), reverse=True)
    if before := call.query.get("before"):
        found = [each for each in found if each.thread and payloads.stamp(each.thread.archived_at) < before]
    limit = call.number("limit", 50, 1, 100)
    return _threads(call.world, found[:limit]) | {"has_more": len(found) > limit}


def _create_channel(call: Call) -> object:
    guild = call.guild(Permission.MANAGE_CHANNELS)
    faults = Faults()
    faults.length("name", call.body.get("name"), 1, 100)
    faults.raise_if_any()
    parent = guild.channels.get(str(call.body.get("parent_id")))
    overwrites = [_overwrite(each) for each in call.body.get("permission_overwrites") or []]
    channel = places.create_channel(
        call.world,
        guild,
        call.body["name"],
        Kind(call.body.get("type") or 0),
        parent=parent,
        topic=call.body.get("topic"),
        overwrites=overwrites,
    )
    call.world.note("channel created", call.world.bot.id, channel.id, reason=call.reason, name=channel.name)
    return payloads.channel(call.world, channel)


def _overwrite(asked: Json) -> Overwrite:
    return Overwrite(
        str(asked["id"]),
        int(asked["type"]) == 0,
        int(asked.get("allow") or 0),
        int(asked.get("deny") or 0),
    )


def _channel(call: Call) -> object:
    return payloads.channel(call.world, call.channel())


def _change_channel(call: Call) -> object:
    channel = call.channel()
    if channel.guild is None:
        raise ApiError(400, 50003)
    if channel.thread:
        _change_thread(call, channel)
    else:
        call.channel(Permission.MANAGE_CHANNELS)
        for key, name in (("topic", "topic"), ("nsfw", "nsfw"), ("rate_limit_per_user", "slow_mode")):
            if key in call.body:
                setattr(channel, name, call.body[key])
        if "permission_overwrites" in call.body:
            call.channel(Permission.MANAGE_ROLES)
            channel.overwrites = {
                str(each["id"]): _overwrite(each) for each in call.body["permission_overwrites"] or []
            }
    if "name" in call.body:
        faults = Faults()
        faults.length("name", call.body["name"], 1, 100)
        faults.raise_if_any()
        channel.name = call.body["name"]
    call.world.note(
        "channel changed", call.world.bot.id, channel.id, channel=channel, reason=call.reason, **call.body
    )
    places.change_channel(call.world, channel)
    return payloads.channel(call.world, channel)


def _change_thread(call: Call, thread: Channel) -> None:
    state = thread.thread
    if state is None:
        return
    manages = bool(call.world.may(thread) & Permission.MANAGE_THREADS)
    wakes = call.body.keys() == {"archived"} and not call.body["archived"] and not state.locked
    if not manages and state.owner_id != call.world.bot.id and not wakes:
        raise ApiError(403, 50013)
    if {"locked", "rate_limit_per_user"} & call.body.keys() and not manages:
        raise ApiError(403, 50013)
    if state.archived and call.body.get("archived", True):
        raise ApiError(400, 50083)
    if "archived" in call.body:
        state.archived = bool(call.body["archived"])
        state.archived_at = call.world.now()
    state.locked = bool(call.body.get("locked", state.locked))
    state.auto_archive_minutes = call.body.get("auto_archive_duration", state.auto_archive_minutes)
    thread.slow_mode = call.body.get("rate_limit_per_user", thread.slow_mode)
    state.tags = [str(each) for each in call.body.get("applied_tags", state.tags)]


def _delete_channel(call: Call) -> object:
    channel = call.channel()
    needs = Permission.MANAGE_THREADS if channel.thread else Permission.MANAGE_CHANNELS
    call.channel(needs)
    places.delete_channel(call.world, channel, by=call.world.bot, reason=call.reason)
    return payloads.channel(call.world, channel)


def _set_overwrite(call: Call) -> None:
    channel = call.channel(Permission.MANAGE_ROLES)
    asked = call.body | {"id": call.arguments["overwrite_id"]}
    channel.overwrites[asked["id"]] = _overwrite(asked)
    places.change_channel(call.world, channel)


def _drop_overwrite(call: Call) -> None:
    channel = call.channel(Permission.MANAGE_ROLES)
    channel.overwrites.pop(call.arguments["overwrite_id"], None)
    places.change_channel(call.world, channel)


def _start_thread(call: Call) -> object:
    """In a forum with its first message, elsewhere without one."""
    parent = call.channel()
    faults = Faults()
    faults.length("name", call.body.get("name"), 1, 100)
    faults.raise_if_any()
    world = call.world
    minutes = call.body.get("auto_archive_duration") or 1440
    if parent.kind in FORUMS:
        call.channel(Permission.SEND_MESSAGES)
        if "message" not in call.body:
            raise invalid("message", "BASE_TYPE_REQUIRED", "This field is required")
        first = messages.compose(world, parent, world.bot, call.body["message"], call.uploads)
        return open_post(call, parent, call.body["name"], first)
    private = call.body.get("type", Kind.PRIVATE_THREAD) == Kind.PRIVATE_THREAD
    call.channel(Permission.CREATE_PRIVATE_THREADS if private else Permission.CREATE_PUBLIC_THREADS)
    kind = Kind.PRIVATE_THREAD if private else Kind.PUBLIC_THREAD
    thread = places.start_thread(
        world,
        parent,
        call.body["name"],
        world.bot,
        kind=kind,
        auto_archive_minutes=minutes,
        reason=call.reason,
    )
    return payloads.thread(world, thread)


def open_post(call: Call, forum: Channel, name: str, first: Message) -> Json:
    """A forum's thread and the message that opens it, which have one id."""
    thread = places.start_thread(call.world, forum, name, call.world.bot, reason=call.reason)
    if thread.thread:
        thread.thread.tags = [str(each) for each in call.body.get("applied_tags") or []]
    first.id, first.channel = thread.id, thread
    messages.publish(call.world, first, reason=call.reason)
    return payloads.thread(call.world, thread) | {"message": message_payloads.message(call.world, first)}


def _start_thread_from_message(call: Call) -> object:
    channel = call.channel(Permission.CREATE_PUBLIC_THREADS)
    message = call.world.message(channel, call.arguments["message_id"])
    if message.id in call.world.channels:
        raise ApiError(400, 160004)
    faults = Faults()
    faults.length("name", call.body.get("name"), 1, 100)
    faults.raise_if_any()
    thread = places.start_thread(
        call.world, channel, call.body["name"], call.world.bot, message=message, reason=call.reason
    )
    return payloads.thread(call.world, thread)


def _join_thread(call: Call) -> None:
    _set_membership(call, on=True)


def _leave_thread(call: Call) -> None:
    _set_membership(call, on=False)


def _set_membership(call: Call, *, on: bool) -> None:
    thread = call.channel()
    if thread.thread is None:
        raise ApiError(404, 10003)
    if thread.thread.archived:
        raise ApiError(400, 50083)
    user = call.world.users.get(call.arguments.get("user_id", call.world.bot.id))
    if user is None:
        raise ApiError(404, 10013)
    places.change_thread_members(call.world, thread, user, on=on)


CHANNEL = "/channels/{channel_id}"
GUILD = "/guilds/{guild_id}"
ENDPOINTS = (
    Endpoint("GET", GUILD, _guild),
    Endpoint("GET", f"{GUILD}/channels", _channels),
    Endpoint("POST", f"{GUILD}/channels", _create_channel, status=201),
    Endpoint("GET", f"{GUILD}/roles", _roles),
    Endpoint("GET", f"{GUILD}/members", _members),
    Endpoint("PATCH", f"{GUILD}/members/@me", _rename_me),
    Endpoint("GET", GUILD + "/members/{user_id}", _member),
    Endpoint("GET", f"{GUILD}/threads/active", _active_threads),
    Endpoint("GET", CHANNEL, _channel),
    Endpoint("PATCH", CHANNEL, _change_channel),
    Endpoint("DELETE", CHANNEL, _delete_channel),
    Endpoint("PUT", CHANNEL + "/permissions/{overwrite_id}", _set_overwrite),
    Endpoint("DELETE", CHANNEL + "/permissions/{overwrite_id}", _drop_overwrite),
    Endpoint("POST", f"{CHANNEL}/threads", _start_thread, status=201),
    Endpoint("GET", f"{CHANNEL}/threads/archived/public", _archived_threads),
    Endpoint("POST", CHANNEL + "/messages/{message_id}/threads", _start_thread_from_message, status=201),
    Endpoint("PUT", f"{CHANNEL}/thread-members/@me", _join_thread),
    Endpoint("DELETE", f"{CHANNEL}/thread-members/@me", _leave_thread),
    Endpoint("PUT", CHANNEL + "/thread-members/{user_id}", _join_thread),
    Endpoint("DELETE", CHANNEL + "/thread-members/{user_id}", _leave_thread),
)
