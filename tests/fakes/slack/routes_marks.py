"""pins.* and reactions.*: their pages in docs.slack.dev/reference/methods."""

from __future__ import annotations

from tests.fakes.slack import marks, payloads
from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.entities import Message
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.routes_chat import permalink


def _item(call: Call) -> Message:
    """Raises SlackError no_item_specified, message_not_found, not_in_channel."""
    channel = call.channel()
    if not call.text("timestamp"):
        raise SlackError("no_item_specified")
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    return call.world.message(channel, call.text("timestamp"))


def _pin(call: Call) -> Json:
    message = _item(call)
    if message.channel.archived:
        raise SlackError("is_archived")
    if message.ts in message.channel.pins:
        raise SlackError("already_pinned")
    marks.pin(call.world, message, call.user)
    return {}


def _unpin(call: Call) -> Json:
    message = _item(call)
    if message.ts not in message.channel.pins:
        raise SlackError("no_pin")
    marks.pin(call.world, message, call.user, on=False)
    return {}


def _pins(call: Call) -> Json:
    channel = call.channel()
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    items = []
    for ts, (by, when) in channel.pins.items():
        shown = payloads.message(call.world, channel.messages[ts])
        shown |= {"pinned_to": [channel.id], "permalink": permalink(channel.messages[ts])}
        item: Json = {"type": "message", "channel": channel.id, "message": shown}
        items.append(item | {"created": payloads.stamp(when), "created_by": by})
    return {"items": items}


def _reactions(call: Call) -> Json:
    message = _item(call)
    shown = payloads.message(call.world, message)
    shown |= {"reactions": payloads.reactions(message), "permalink": permalink(message)}
    return {"type": "message", "channel": message.channel.id, "message": shown}


def _react(call: Call) -> Json:
    message = _item(call)
    if call.user.id in message.reactions.get(call.required("name"), []):
        raise SlackError("already_reacted")
    marks.react(call.world, message, call.text("name"), call.user)
    return {}


WRITE = ("pins:write",)
ENDPOINTS = (
    Endpoint("pins.add", _pin, "channel timestamp", WRITE, tier=2),
    Endpoint("pins.remove", _unpin, "channel timestamp", WRITE, tier=2),
    Endpoint("pins.list", _pins, "channel", ("pins:read",), tier=2),
    Endpoint("reactions.get", _reactions, "channel timestamp file file_comment full", ("reactions:read",)),
    Endpoint("reactions.add", _react, "channel name timestamp", ("reactions:write",)),
)
