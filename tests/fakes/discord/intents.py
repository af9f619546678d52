"""Gateway intents, and whose messages' content the bot may read.

Source: developers/events/gateway (List of Intents, Privileged Intents, Message Content Intent).
"""

from __future__ import annotations

from tests.fakes.discord import message_payloads
from tests.fakes.discord.entities import Message
from tests.fakes.discord.errors import Json
from tests.fakes.discord.world import World

MEMBERS, PRESENCES, CONTENT = 1 << 1, 1 << 8, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | CONTENT
KNOWN = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
APPLICATION_FLAGS = {
    PRESENCES: 1 << 13,
    MEMBERS: 1 << 15,
    CONTENT: 1 << 19,
}  # the flag of an app in few servers
CONTENT_FIELDS: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


def application_flags(world: World) -> int:
    """What the application says of the privileged intents that are switched on in its portal."""
    return sum(flag for intent, flag in APPLICATION_FLAGS.items() if world.privileged_intents & intent)


def reads_anyway(world: World, message: Message) -> bool:
    """Whether the bot sees the content without the intent: its own, to it alone, or naming it."""
    return message.channel.guild is None or message.author is world.bot or world.bot in message.mentions


def without_content(data: Json) -> Json:
    """A message as an app without the intent gets it."""
    found = data | CONTENT_FIELDS
    found.pop("poll", None)
    if found.get("referenced_message"):
        found["referenced_message"] = without_content(found["referenced_message"])
    if found.get("message_snapshots"):
        found["message_snapshots"] = [
            {"message": without_content(each["message"])} for each in found["message_snapshots"]
        ]
    return found


def in_rest(world: World, message: Message) -> Json:
    """A message as REST answers it: the intent that is switched on in the portal counts there too."""
    found = message_payloads.message(world, message)
    if world.privileged_intents & CONTENT or reads_anyway(world, message):
        return found
    return without_content(found)
