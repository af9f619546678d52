"""How Discord writes what the office says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.discord import rendering
from bot.discord.names import DiscordNames
from bot.discord.places import Places
from bot.office.said import Surface
from moderation.messages import MessageKey
from moderation.notices import Notice
from moderation.ports import Community


@dataclass(frozen=True, slots=True)
class DiscordSurface(DiscordNames):
    """bot.office.said.Surface for one server."""

    def quote(self, text: str) -> str:
        """What somebody wrote, with a backslash before all markup."""
        return rendering.defused(text)

    def harmless(self, notice: Notice) -> Notice:
        """A notice to be worded, with what people wrote in it quoted."""
        return rendering.harmless(notice)

    def message(self, key: MessageKey) -> str:
        """A link to a message. One in a thread is linked through its channel: the key does not know the thread."""
        return f"https://discord.com/channels/{key.community}/{key.channel}/{key.message}"


def surfaces(places: Places) -> Callable[[Community], Surface]:
    """The surface of each server. What it returns raises Gone for one that is not there."""

    def surface(community: Community) -> Surface:
        return DiscordSurface(places.guild(community))

    return surface
