"""/steward: what everyone may ask."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.discord.commands.answers import Asked, kindly
from bot.discord.commands.desk import Desk, in_a_server
from bot.discord.commands.forms import REPORT, Field, form
from bot.discord.commands.options import message_in
from bot.discord.commands.phrases import phrase
from bot.office import members
from bot.office.office import Office
from bot.office.said import Request, Said
from bot.office.telling import LONGEST

ANYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True)
"""In private it is answered, too: that it is to be asked in a server."""


class Steward(app_commands.Group):
    """The commands of members."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            name="steward",
            description="What Steward does here, what it knows of you, and how to be left in peace.",
            allowed_contexts=ANYWHERE,
        )
        self.desk = desk
        self.add_command(Nudges(desk))

    @app_commands.command(description="What Steward does, and what you can ask of it.")
    async def help(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, members.help_)

    @app_commands.command(description="Why Steward took your post for what it took it for.")
    @app_commands.describe(message="The link of the message, or its id.")
    async def why(self, interaction: Asked, message: app_commands.Range[str, 1, 200]) -> None:
        async def ask(office: Office, asked: Request) -> Said:
            return await members.why(office, asked, *await message_in(self.desk, interaction, message))

        await self.desk.reply(interaction, ask)

    @app_commands.command(name="my-data", description="All that is stored about you, as a file.")
    async def my_data(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, members.my_data)

    @app_commands.command(name="forget-me", description="Erase everything about you.")
    async def forget_me(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, members.forget_me)

    @app_commands.command(description="Tell of a pitch that came to you as a private message.")
    @app_commands.describe(sender="Who sent it, if you want to say.")
    async def report(self, interaction: Asked, sender: discord.User | None = None) -> None:
        async with kindly(interaction):
            if not await in_a_server(interaction):
                return
            locale = interaction.locale
            text = Field(
                "text",
                phrase("report_text", locale),
                phrase("report_why", locale),
                longest=LONGEST,
                lines=True,
                needed=True,
            )
            argument = str(sender.id) if sender is not None else ""
            shown = form(REPORT, phrase("report_title", locale), [text.label()], argument)
            await interaction.response.send_modal(shown)


class Nudges(app_commands.Group):
    """/steward nudges."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="nudges", description="Whether Steward may speak to you.")
        self.desk = desk

    @app_commands.command(description="Let Steward speak to you again.")
    @app_commands.describe(privately="As a direct message, not in the channel.")
    async def on(self, interaction: Asked, privately: bool = False) -> None:
        wish = "direct" if privately else "on"
        await self.desk.reply(interaction, lambda office, asked: members.nudges(office, asked, wish))

    @app_commands.command(description="Be left in peace.")
    async def off(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, lambda office, asked: members.nudges(office, asked, "off"))
