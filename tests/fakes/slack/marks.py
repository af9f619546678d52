"""What is put on messages: pins and reactions; each with its event and its journal line.

Sources: docs.slack.dev/reference/events/pin_added, reference/events/reaction_added.
"""

from __future__ import annotations

from tests.fakes.slack import payloads
from tests.fakes.slack.entities import Message, User
from tests.fakes.slack.errors import Json
from tests.fakes.slack.world import Event, World


def pin(world: World, message: Message, by: User, *, on: bool = True) -> None:
    channel = message.channel
    if on:
        channel.pins[message.ts] = (by.id, world.now())
    else:
        del channel.pins[message.ts]
    world.note("message pinned" if on else "message unpinned", by, message.ts, channel=channel)
    item = {"type": "message", "channel": channel.id, "message": payloads.message(world, message)}
    data: Json = {"type": "pin_added" if on else "pin_removed", "user": by.id, "channel_id": channel.id}
    data |= {"item": item, "event_ts": world.new_ts()}
    world.tell(Event(data, by.workspace, channel, "pins:read"))


def react(world: World, message: Message, name: str, by: User, *, on: bool = True) -> None:
    who = message.reactions.get(name, [])
    if (by.id in who) == on:
        return
    message.reactions[name] = [*who, by.id] if on else [each for each in who if each != by.id]
    if not message.reactions[name]:
        del message.reactions[name]
    channel = message.channel
    world.note("reaction added" if on else "reaction removed", by, message.ts, channel=channel, name=name)
    data: Json = {"type": "reaction_added" if on else "reaction_removed", "user": by.id, "reaction": name}
    data |= {"item": {"type": "message", "channel": channel.id, "ts": message.ts}}
    data |= {"item_user": message.user.id, "event_ts": world.new_ts()}
    world.tell(Event(data, by.workspace, channel, "reactions:read"))
