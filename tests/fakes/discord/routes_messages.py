"""Messages, pins and reactions. Source: developers/resources/message."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.fakes.discord import marks, message_payloads, messages, payloads
from tests.fakes.discord.body_rules import check_message
from tests.fakes.discord.calls import Call, Endpoint
from tests.fakes.discord.entities import FORUMS, THREADS, Channel, Kind, Message, Type
from tests.fakes.discord.errors import ApiError, Json
from tests.fakes.discord.intents import CONTENT, in_rest
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.world import World, time_of

TOO_OLD_FOR_BULK = timedelta(days=14)
NONCE_LIFE = timedelta(minutes=5)  # "in the past few minutes"


def _list(call: Call) -> object:
    """Newest first; nothing without READ_MESSAGE_HISTORY."""
    channel = call.channel()
    limit = call.number("limit", 50, 1, 100)
    if not call.world.may(channel) & Permission.READ_MESSAGE_HISTORY:
        return []
    found = channel.in_order()
    if "around" in call.query:
        older = sum(int(each.id) < int(call.query["around"]) for each in found)
        first = max(0, older - limit // 2)
        found = found[first : first + limit]
    elif "after" in call.query:
        found = [each for each in found if int(each.id) > int(call.query["after"])][:limit]
    else:
        before = int(call.query.get("before", 1 << 63))
        found = [each for each in found if int(each.id) < before][-limit:]
    return [in_rest(call.world, each) for each in reversed(found)]


def _one(call: Call, needs: int = Permission.READ_MESSAGE_HISTORY) -> Message:
    return call.world.message(call.channel(needs), call.arguments["message_id"])


def _get(call: Call) -> object:
    return in_rest(call.world, _one(call))


def _create(call: Call) -> object:
    channel = call.channel()
    check_message(call.body)
    _check_may_send(call, channel)
    if call.body.get("enforce_nonce") and (sent := _sent_before(call, channel)):
        return message_payloads.message(call.world, sent)
    everyone = bool(call.world.may(channel) & Permission.MENTION_EVERYONE)
    message = messages.compose(
        call.world, channel, call.world.bot, call.body, call.uploads, pings_everyone=everyone
    )
    return message_payloads.message(call.world, messages.publish(call.world, message))


def _check_may_send(call: Call, channel: Channel) -> None:
    """Raises ApiError 50001, 50007, 50008, 50013, 50278, 160002, 160005."""
    world = call.world
    if channel.recipient is not None:
        if not world.shares_a_guild(channel.recipient):
            raise ApiError(403, 50278)
        if not channel.recipient.takes_direct_messages:
            raise ApiError(403, 50007)
        return
    if channel.kind in FORUMS or channel.kind is Kind.CATEGORY:
        raise ApiError(400, 50008)
    needs = Permission.SEND_MESSAGES_IN_THREADS if channel.kind in THREADS else Permission.SEND_MESSAGES
    if call.uploads:
        needs |= Permission.ATTACH_FILES
    if call.body.get("embeds"):
        needs |= Permission.EMBED_LINKS
    if call.body.get("poll"):
        needs |= Permission.SEND_POLLS
    if world.may(channel) & needs != needs:
        raise ApiError(403, 50013)
    if reference := call.body.get("message_reference"):
        _check_may_refer(world, channel, reference)
    check_unlocked(world, channel)


def _check_may_refer(world: World, channel: Channel, reference: Json) -> None:
    """Raises ApiError 50001, 160002, 160014."""
    if not world.may(channel) & Permission.READ_MESSAGE_HISTORY:
        raise ApiError(403, 160002)
    if not reference.get("type"):
        return
    source = world.channel(str(reference.get("channel_id")))
    if not world.may(source) & Permission.READ_MESSAGE_HISTORY or not world.privileged_intents & CONTENT:
        raise ApiError(403, 160014)


def check_unlocked(world: World, channel: Channel) -> None:
    """Raises ApiError 160005 in a locked thread that the bot does not manage."""
    if channel.thread and channel.thread.locked and not world.may(channel) & Permission.MANAGE_THREADS:
        raise ApiError(400, 160005)


def check_awake(channel: Channel) -> None:
    """Raises ApiError 50083: in an archived thread messages can only be deleted."""
    if channel.thread and channel.thread.archived:
        raise ApiError(400, 50083)


def _sent_before(call: Call, channel: Channel) -> Message | None:
    """The same message of a moment ago, by its nonce."""
    nonce, since = str(call.body.get("nonce")), call.world.now() - NONCE_LIFE
    for message in reversed(channel.messages.values()):
        if message.author is call.world.bot and message.nonce == nonce and time_of(message.id) > since:
            return message
    return None


def _edit(call: Call) -> object:
    message = _one(call, 0)
    check_awake(message.channel)
    if message.author is not call.world.bot:
        if call.body.keys() == {"flags"}:  # suppressing embeds is all that may be done to another's
            call.channel(Permission.MANAGE_MESSAGES)
        else:
            raise ApiError(403, 50005)
    check_message(call.body)
    return message_payloads.message(
        call.world, messages.edit(call.world, message, call.body, call.uploads, by=call.world.bot)
    )


def _delete(call: Call) -> None:
    message = _one(call, 0)
    channel = message.channel
    if message.author is not call.world.bot:
        if channel.guild is None:
            raise ApiError(403, 50003)
        call.channel(Permission.MANAGE_MESSAGES)
        if message.type is Type.THREAD_STARTER:
            raise ApiError(403, 50021)
    if channel.thread and channel.thread.archived:
        check_unlocked(call.world, channel)
    messages.delete(call.world, message, by=call.world.bot, reason=call.reason)


def _bulk_delete(call: Call) -> None:
    channel = call.channel()
    if channel.guild is None:
        raise ApiError(403, 50003)
    call.channel(Permission.MANAGE_MESSAGES | Permission.READ_MESSAGE_HISTORY)
    ids = [str(each) for each in call.body.get("messages") or []]
    if not 2 <= len(ids) <= 100:
        raise ApiError(400, 50016)
    if any(time_of(each) < call.world.now() - TOO_OLD_FOR_BULK for each in ids):
        raise ApiError(400, 50034)
    messages.bulk_delete(call.world, channel, ids, by=call.world.bot, reason=call.reason)


def _pins(call: Call) -> object:
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    limit = call.number("limit", 50, 1, 50)
    found = sorted(channel.pins.items(), key=lambda item: item[1], reverse=True)
    if before := call.query.get("before"):
        found = [item for item in found if item[1] < datetime.fromisoformat(before)]
    items: list[Json] = [
        {"pinned_at": payloads.stamp(at), "message": in_rest(call.world, channel.messages[each])}
        for each, at in found
    ]
    return {"items": items[:limit], "has_more": len(items) > limit}


def _old_pins(call: Call) -> object:
    """The route that came before; all at once."""
    channel = call.channel(Permission.READ_MESSAGE_HISTORY)
    return [in_rest(call.world, channel.messages[each]) for each in reversed(channel.pins)]


def _pin(call: Call) -> None:
    message = _one(call, Permission.PIN_MESSAGES)
    if len(message.channel.pins) >= 250:
        raise ApiError(400, 30003)
    check_awake(message.channel)
    marks.pin(call.world, message, by=call.world.bot, reason=call.reason)


def _unpin(call: Call) -> None:
    message = _one(call, Permission.PIN_MESSAGES)
    marks.pin(call.world, message, by=call.world.bot, on=False, reason=call.reason)


def _add_reaction(call: Call) -> None:
    message = _one(call)
    check_awake(message.channel)
    emoji = call.arguments["emoji_name"]
    if emoji not in message.reactions:
        call.channel(Permission.ADD_REACTIONS)
    marks.react(call.world, message, emoji, call.world.bot)


def _remove_reaction(call: Call) -> None:
    """The bot's own, or with MANAGE_MESSAGES a member's."""
    message = _one(call)
    user_id = call.arguments.get("user_id", call.world.bot.id)
    if user_id != call.world.bot.id:
        call.channel(Permission.MANAGE_MESSAGES)
    user = call.world.users.get(user_id)
    if user is None:
        raise ApiError(404, 10013)
    marks.react(call.world, message, call.arguments["emoji_name"], user, on=False)


def _clear_reactions(call: Call) -> None:
    message = _one(call, Permission.MANAGE_MESSAGES)
    marks.clear_reactions(call.world, message, call.world.bot, call.arguments.get("emoji_name"))


def _who_reacted(call: Call) -> object:
    who = _one(call).reactions.get(call.arguments["emoji_name"], [])
    after, limit = int(call.query.get("after", 0)), call.number("limit", 25, 1, 100)
    found = sorted((each for each in who if int(each) > after), key=int)[:limit]
    return [payloads.user(call.world.users[each]) for each in found]


def _typing(call: Call) -> None:
    call.channel()


MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = MESSAGES + "/{message_id}"
REACTION = MESSAGE + "/reactions/{emoji_name}"
ENDPOINTS = (
    Endpoint("POST", "/channels/{channel_id}/typing", _typing),
    Endpoint("GET", "/channels/{channel_id}/pins", _old_pins),
    Endpoint("PUT", "/channels/{channel_id}/pins/{message_id}", _pin),
    Endpoint("DELETE", "/channels/{channel_id}/pins/{message_id}", _unpin),
    Endpoint("GET", f"{MESSAGES}/pins", _pins),
    Endpoint("PUT", MESSAGES + "/pins/{message_id}", _pin),
    Endpoint("DELETE", MESSAGES + "/pins/{message_id}", _unpin),
    Endpoint("GET", MESSAGES, _list),
    Endpoint("POST", MESSAGES, _create),
    Endpoint("POST", f"{MESSAGES}/bulk-delete", _bulk_delete),
    Endpoint("GET", MESSAGE, _get),
    Endpoint("PATCH", MESSAGE, _edit),
    Endpoint("DELETE", MESSAGE, _delete),
    Endpoint("GET", REACTION, _who_reacted),
    Endpoint("DELETE", f"{MESSAGE}/reactions", _clear_reactions),
    Endpoint("DELETE", REACTION, _clear_reactions),
    Endpoint("PUT", f"{REACTION}/@me", _add_reaction),
    Endpoint("DELETE", f"{REACTION}/@me", _remove_reaction),
    Endpoint("DELETE", REACTION + "/{user_id}", _remove_reaction),
)
