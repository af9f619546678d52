"""What is put on messages: pins and reactions; each with its event and its journal line.

Sources: developers/resources/message (Pins, Reactions), developers/events/gateway-events (Messages).
"""

from __future__ import annotations

from tests.fakes.discord import message_payloads, messages, payloads
from tests.fakes.discord.entities import Message, Type, User
from tests.fakes.discord.errors import ApiError, Json
from tests.fakes.discord.world import Event, World

# Gateway intents, developers/events/gateway (List of Intents).
GUILDS, GUILD_REACTIONS, DIRECT_MESSAGES, DIRECT_REACTIONS = 1 << 0, 1 << 10, 1 << 12, 1 << 13


def pin(world: World, message: Message, *, by: User, on: bool = True, reason: str | None = None) -> None:
    """Pins or unpins. A pin posts a line of its own into the channel."""
    channel = message.channel
    if (message.id in channel.pins) == on:
        return
    if on:
        channel.pins[message.id] = world.now()
    else:
        del channel.pins[message.id]
    world.note(
        "message pinned" if on else "message unpinned", by.id, message.id, channel=channel, reason=reason
    )
    messages.changed(world, message)
    data: Json = {"channel_id": channel.id, "last_pin_timestamp": payloads.stamp(world.now()) if on else None}
    if channel.guild:
        data["guild_id"] = channel.guild.id
    intent = GUILDS if channel.guild else DIRECT_MESSAGES
    world.tell(Event("CHANNEL_PINS_UPDATE", data, channel.guild, channel, intent))
    if on:
        line = Message(world.new_id(), channel, by, type=Type.PINNED)
        line.reference = {"type": 0, "message_id": message.id, "channel_id": channel.id}
        if channel.guild:
            line.reference["guild_id"] = channel.guild.id
        messages.publish(world, line)


def react(world: World, message: Message, emoji: str, by: User, *, on: bool = True) -> None:
    """Adds or takes away one reaction. Raises ApiError 30010 for the 21st emoji."""
    who = message.reactions.get(emoji, [])
    if (by.id in who) == on:
        return
    if on and not who and len(message.reactions) >= 20:
        raise ApiError(400, 30010)
    message.reactions[emoji] = [*who, by.id] if on else [each for each in who if each != by.id]
    if not message.reactions[emoji]:
        del message.reactions[emoji]
    channel = message.channel
    world.note(
        "reaction added" if on else "reaction removed", by.id, message.id, channel=channel, emoji=emoji
    )
    data: Json = {
        "user_id": by.id,
        "channel_id": channel.id,
        "message_id": message.id,
        "emoji": message_payloads.emoji_json(emoji),
        "burst": False,
        "type": 0,
    }
    if channel.guild:
        data["guild_id"] = channel.guild.id
        if on:
            data["message_author_id"] = message.author.id
            data["member"] = payloads.member(channel.guild.members[by.id])
    name = "MESSAGE_REACTION_ADD" if on else "MESSAGE_REACTION_REMOVE"
    intent = GUILD_REACTIONS if channel.guild else DIRECT_REACTIONS
    world.tell(Event(name, data, channel.guild, channel, intent))


def clear_reactions(world: World, message: Message, by: User, emoji: str | None = None) -> None:
    """Takes all away, or all of one emoji."""
    gone = [each for each in message.reactions if emoji in (None, each)]
    if not gone:
        return
    for each in gone:
        del message.reactions[each]
    channel = message.channel
    world.note("reactions cleared", by.id, message.id, channel=channel, emoji=emoji)
    data: Json = {"channel_id": channel.id, "message_id": message.id}
    if channel.guild:
        data["guild_id"] = channel.guild.id
    if emoji:
        data["emoji"] = message_payloads.emoji_json(emoji)
    name = "MESSAGE_REACTION_REMOVE_EMOJI" if emoji else "MESSAGE_REACTION_REMOVE_ALL"
    intent = GUILD_REACTIONS if channel.guild else DIRECT_REACTIONS
    world.tell(Event(name, data, channel.guild, channel, intent))
