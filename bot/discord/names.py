"""How Discord writes what has a name: mentions that open on a click, and times in each reader's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import discord

from bot.discord.inbound import rooms_of
from bot.discord.rendering import defused


@dataclass(frozen=True, slots=True)
class DiscordNames:
    """`wording.Names` for one server."""

    guild: discord.Guild

    def channel(self, channel: str) -> str:
        """A link to a channel given by id or name; of a name that the server does not have `#name`."""
        name = channel.removeprefix("#")
        if _is_id(name):
            return f"<#{name}>"
        wanted = name.casefold()
        found = next((each for each in rooms_of(self.guild) if each.name.casefold() == wanted), None)
        return found.mention if found is not None else f"#{defused(name)}"

    def member(self, member: str) -> str:
        """A mention by id: it shows a name, and pings only whom the sender allows."""
        return f"<@{member}>" if _is_id(member) else f"@{defused(member)}"

    def time(self, moment: datetime) -> str:
        """A moment to the minute. `moment` is aware."""
        return f"<t:{int(moment.timestamp())}:f>"


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal()
