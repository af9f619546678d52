"""Webhooks, and the follow-ups of interactions, which are webhooks in form.

Sources: developers/resources/webhook, developers/interactions/receiving-and-responding (Followup Messages).
"""

from __future__ import annotations

import secrets

from tests.fakes.discord import follow_ups, message_payloads, messages, payloads, places
from tests.fakes.discord.body_rules import check_message
from tests.fakes.discord.calls import Call, Endpoint
from tests.fakes.discord.entities import FORUMS, Channel, Kind, Message, User, Webhook
from tests.fakes.discord.errors import ApiError, Faults, Json
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.world import World

MOST_WEBHOOKS = 15
FORBIDDEN_IN_NAMES = ("clyde", "discord")


def check_name(name: object, path: str) -> None:
    """Raises ApiError 50035 for a name that is no name, or that looks like Discord's own."""
    faults = Faults()
    faults.length(path, name, 1, 80)
    for word in FORBIDDEN_IN_NAMES:
        if isinstance(name, str) and word in name.lower():
            faults.add(path, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')
    faults.raise_if_any()


def make_webhook(
    world: World,
    channel: Channel,
    name: str,
    creator: User,
    application_id: str | None,
    reason: str | None = None,
) -> Webhook:
    """Raises ApiError 30007 for the 16th of a channel."""
    if sum(each.channel is channel for each in world.webhooks.values()) >= MOST_WEBHOOKS:
        raise ApiError(400, 30007)
    webhook = Webhook(world.new_id(), secrets.token_urlsafe(51), name, channel, creator, application_id)
    world.webhooks[webhook.id] = webhook
    world.note("webhook created", creator.id, webhook.id, channel=channel, reason=reason, name=name)
    places.tell_webhooks(world, channel)
    return webhook


def _create(call: Call) -> object:
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    if channel.kind not in (Kind.TEXT, Kind.ANNOUNCEMENT, Kind.VOICE, *FORUMS):
        raise ApiError(400, 50008)
    name = call.body.get("name")
    check_name(name, "name")
    webhook = make_webhook(
        call.world, channel, str(name), call.world.bot, call.world.application_id, call.reason
    )
    return payloads.webhook(webhook, with_token=True)


def _shown(world: World, webhook: Webhook) -> Json:
    """The token of another application's webhook is not shown."""
    own = webhook.application_id in (None, world.application_id)
    return payloads.webhook(webhook, with_token=own)


def _of_channel(call: Call) -> object:
    channel = call.channel(Permission.MANAGE_WEBHOOKS)
    return [_shown(call.world, each) for each in call.world.webhooks.values() if each.channel is channel]


def _of_guild(call: Call) -> object:
    guild = call.guild(Permission.MANAGE_WEBHOOKS)
    return [_shown(call.world, each) for each in call.world.webhooks.values() if each.channel.guild is guild]


def _managed(call: Call) -> Webhook:
    """By its id alone, which needs MANAGE_WEBHOOKS. Raises ApiError 10015, 50013."""
    webhook = call.world.webhooks.get(call.arguments["webhook_id"])
    if webhook is None:
        raise ApiError(404, 10015)
    call.world.channel(webhook.channel.id, Permission.MANAGE_WEBHOOKS)
    return webhook


def _with_token(call: Call) -> Webhook:
    """Raises ApiError 10015, 50027."""
    webhook = call.world.webhooks.get(call.arguments["webhook_id"])
    if webhook is None:
        raise ApiError(404, 10015)
    if webhook.token != call.arguments["webhook_token"]:
        raise ApiError(401, 50027)
    return webhook


def _get(call: Call) -> object:
    webhook = call.world.webhooks.get(call.arguments["webhook_id"])
    owns = webhook is not None and webhook.application_id == call.world.application_id
    return _shown(call.world, webhook if webhook and owns else _managed(call))


def _get_with_token(call: Call) -> object:
    return payloads.webhook(_with_token(call), with_token=True, with_user=False)


def _change(call: Call) -> object:
    return _shown(call.world, _changed(call, _managed(call)))


def _change_with_token(call: Call) -> object:
    return payloads.webhook(_changed(call, _with_token(call)), with_token=True, with_user=False)


def _changed(call: Call, webhook: Webhook) -> Webhook:
    if "name" in call.body:
        check_name(call.body["name"], "name")
        webhook.name = call.body["name"]
    if "channel_id" in call.body and "webhook_token" not in call.arguments:
        target = str(call.body["channel_id"])
        webhook.channel = call.world.channel(target, Permission.MANAGE_WEBHOOKS)
    places.tell_webhooks(call.world, webhook.channel)
    return webhook


def _delete(call: Call) -> None:
    _deleted(call, _managed(call))


def _delete_with_token(call: Call) -> None:
    _deleted(call, _with_token(call))


def _deleted(call: Call, webhook: Webhook) -> None:
    del call.world.webhooks[webhook.id]
    by = call.world.bot.id
    call.world.note("webhook deleted", by, webhook.id, channel=webhook.channel, reason=call.reason)
    places.tell_webhooks(call.world, webhook.channel)


def _execute(call: Call) -> object:
    if interaction := follow_ups.find(call):
        return follow_ups.send(call, interaction)
    webhook = _with_token(call)
    body = dict(call.body)
    if not call.flag("with_components") or webhook.application_id != call.world.application_id:
        body.pop("components", None)
    check_message(body)
    if body.get("username"):
        check_name(body["username"], "username")
    message = post(call.world, webhook, body, call)
    return message_payloads.message(call.world, message) if call.flag("wait") else None


def post(world: World, webhook: Webhook, body: Json, call: Call | None = None) -> Message:
    """Posts as the webhook, into its channel, a thread of it, or a new thread of its forum."""
    name = body.get("username") or webhook.name
    author = User(webhook.id, name, bot=True, avatar=webhook.avatar)
    uploads = call.uploads if call else ()
    channel = _target(world, webhook, body, call.query.get("thread_id") if call else None)
    message = messages.compose(world, channel, author, body, uploads)
    message.webhook_id, message.application_id = webhook.id, webhook.application_id
    message.avatar_url = body.get("avatar_url")
    if channel.kind in FORUMS:
        thread = places.start_thread(world, channel, body["thread_name"], author)
        if thread.thread:
            thread.thread.tags = [str(each) for each in body.get("applied_tags") or []]
        message.id, message.channel = thread.id, thread
    return messages.publish(world, message)


def _target(world: World, webhook: Webhook, body: Json, thread_id: str | None) -> Channel:
    in_forum = webhook.channel.kind in FORUMS
    if thread_id and body.get("thread_name"):
        raise ApiError(400, 220002)
    if thread_id:
        thread = world.channels.get(thread_id)
        if thread is None or thread.parent_id != webhook.channel.id:
            raise ApiError(400, 10003)
        return thread
    if in_forum and not body.get("thread_name"):
        raise ApiError(400, 220001)
    if not in_forum and body.get("thread_name"):
        raise ApiError(400, 220003)
    return webhook.channel


def _message(call: Call) -> tuple[Webhook, Message]:
    """One of the webhook's own; in a thread only when the query names it. Raises ApiError 10008."""
    webhook = _with_token(call)
    channel: Channel | None = webhook.channel
    if thread_id := call.query.get("thread_id"):
        channel = call.world.channels.get(thread_id)
        if channel is None or channel.parent_id != webhook.channel.id:
            raise ApiError(404, 10003)
    found = channel.messages.get(call.arguments["message_id"]) if channel else None
    if found is None or found.webhook_id != webhook.id:
        raise ApiError(404, 10008)
    return webhook, found


def _get_message(call: Call) -> object:
    if interaction := follow_ups.find(call):
        return message_payloads.message(call.world, follow_ups.one(call, interaction))
    return message_payloads.message(call.world, _message(call)[1])


def _edit_message(call: Call) -> object:
    if interaction := follow_ups.find(call):
        return follow_ups.edit(call, interaction)
    webhook, message = _message(call)
    if message.channel.thread and message.channel.thread.archived:
        raise ApiError(400, 50083)
    body = dict(call.body)
    if not call.flag("with_components") or webhook.application_id != call.world.application_id:
        body.pop("components", None)
    check_message(body)
    return message_payloads.message(
        call.world, messages.edit(call.world, message, body, call.uploads, by=message.author)
    )


def _delete_message(call: Call) -> None:
    if interaction := follow_ups.find(call):
        follow_ups.delete(call, interaction)
        return
    _, message = _message(call)
    messages.delete(call.world, message, by=message.author)


WEBHOOK = "/webhooks/{webhook_id}"
WITH_TOKEN = WEBHOOK + "/{webhook_token}"
ENDPOINTS = (
    Endpoint("POST", "/channels/{channel_id}/webhooks", _create),
    Endpoint("GET", "/channels/{channel_id}/webhooks", _of_channel),
    Endpoint("GET", "/guilds/{guild_id}/webhooks", _of_guild),
    Endpoint("GET", WEBHOOK, _get),
    Endpoint("PATCH", WEBHOOK, _change),
    Endpoint("DELETE", WEBHOOK, _delete),
    Endpoint("GET", WITH_TOKEN, _get_with_token, needs_token=False),
    Endpoint("PATCH", WITH_TOKEN, _change_with_token, needs_token=False),
    Endpoint("DELETE", WITH_TOKEN, _delete_with_token, needs_token=False),
    Endpoint("POST", WITH_TOKEN, _execute, needs_token=False),
    *(
        endpoint
        for one in (WITH_TOKEN + "/messages/@original", WITH_TOKEN + "/messages/{message_id}")
        for endpoint in (
            Endpoint("GET", one, _get_message, needs_token=False),
            Endpoint("PATCH", one, _edit_message, needs_token=False),
            Endpoint("DELETE", one, _delete_message, needs_token=False),
        )
    ),
)
