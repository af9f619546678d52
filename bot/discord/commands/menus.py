"""The menu of a message: its apps."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.discord.commands.answers import Asked
from bot.discord.commands.desk import Desk
from bot.discord.inbound import text_of
from bot.office.members import why
from bot.office.moves import move_to_social
from bot.office.telling import belongs_here, its_a_pitch


def menus(desk: Desk) -> list[app_commands.ContextMenu]:
    """All four. Everyone sees them; what follows depends on who asks."""

    async def explain(interaction: Asked, message: discord.Message) -> None:
        await desk.reply(
            interaction, lambda office, asked: why(office, asked, asked.channel, str(message.id))
        )

    async def move(interaction: Asked, message: discord.Message) -> None:
        await desk.reply(
            interaction, lambda office, asked: move_to_social(office, asked, asked.channel, str(message.id))
        )

    async def belongs(interaction: Asked, message: discord.Message) -> None:
        await desk.reply(
            interaction, lambda office, asked: belongs_here(office, asked, asked.channel, str(message.id))
        )

    async def pitch(interaction: Asked, message: discord.Message) -> None:
        text, author = text_of(message), str(message.author.id)
        await desk.reply(
            interaction,
            lambda office, asked: its_a_pitch(office, asked, asked.channel, str(message.id), text, author),
        )

    return [
        app_commands.ContextMenu(name="Why this verdict?", callback=explain),
        app_commands.ContextMenu(name="Move to social channel", callback=move),
        app_commands.ContextMenu(name="It belongs here", callback=belongs),
        app_commands.ContextMenu(name="It's a pitch", callback=pitch),
    ]
