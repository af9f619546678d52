"""Where Discord's questions come in: who asks what where, the office's answer, and our own side of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import discord

from bot.discord.commands.answers import Asked, answer, apologise, begin, kindly
from bot.discord.commands.phrases import phrase
from bot.discord.platform import DiscordPlatform
from bot.office.office import Office
from bot.office.said import Actor, Request, Said
from moderation.messages import Message, Platform
from moderation.ports import Community

Ask = Callable[[Office, Request], Awaitable[Said]]
"""A command of the office, with all that it needs besides."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The tools of all commands. `receive` takes in a message that was posted before."""

    office: Office
    platform: DiscordPlatform
    receive: Callable[[Message], Awaitable[None]]
    now: Callable[[], datetime]

    def request(self, interaction: Asked) -> Request:
        """Who asks, and where: of a thread, its channel. A moderator is who may manage the server at this moment."""
        channel = interaction.channel
        parent = channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id
        user = interaction.user
        may = interaction.guild_id is not None and interaction.permissions.manage_guild
        community = Community(Platform.DISCORD, str(interaction.guild_id))
        return Request(
            community, Actor(str(user.id), user.display_name, moderator=may), self.now(), str(parent)
        )

    def guild(self, interaction: Asked) -> discord.Guild:
        """The server in which it is asked. Raises Gone."""
        return self.platform.places.guild(Community(Platform.DISCORD, str(interaction.guild_id)))

    async def reply(self, interaction: Asked, ask: Ask) -> None:
        """Put a question to the office, and show its answer."""
        async with kindly(interaction):
            if not await in_a_server(interaction):
                return
            await begin(interaction)
            await answer(interaction, await ask(self.office, self.request(interaction)))

    async def admits(self, interaction: Asked) -> bool:
        """Whether a moderator asks; another is told so. For what opens a form, before anything else is said."""
        asked = self.request(interaction)
        if await self.office.is_moderator(asked):
            return True
        await apologise(interaction, (await self.refusal(asked)).text)
        return False

    async def refusal(self, asked: Request) -> Said:
        """What somebody is told who asks for what moderators may."""
        return Said((await self.office.voice(asked.community)).say("moderators_command"))


async def in_a_server(interaction: Asked) -> bool:
    """Whether it is asked in a server; who asks in private is told where to ask."""
    if interaction.guild_id is not None:
        return True
    await apologise(interaction, phrase("in_private", interaction.locale))
    return False
