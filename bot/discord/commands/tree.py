"""All commands together: what people may ask on Discord."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

from bot.discord.commands.answers import Asked, apologise
from bot.discord.commands.desk import Desk
from bot.discord.commands.members import Steward
from bot.discord.commands.menus import menus
from bot.discord.commands.moderators import Relevance
from bot.discord.commands.phrases import phrase

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree[Any]):
    """The commands of one client. They are for servers; what goes wrong before a command begins is answered, too."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )

    async def on_error(self, interaction: Asked, error: app_commands.AppCommandError, /) -> None:
        outdated = isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch)
        log.error("a command could not begin", exc_info=error)
        if interaction.type is not discord.InteractionType.autocomplete:
            await apologise(interaction, phrase("changed" if outdated else "failed", interaction.locale))


def add_commands(tree: Tree, desk: Desk) -> None:
    """Put all commands and menus into the tree."""
    tree.add_command(Relevance(desk))
    tree.add_command(Steward(desk))
    for menu in menus(desk):
        tree.add_command(menu)
