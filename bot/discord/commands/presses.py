"""Presses on buttons under answers, and forms that were filled in. Whether somebody may is asked again by the office."""

from __future__ import annotations

from bot.discord.commands import machine_read, wizard
from bot.discord.commands.answers import CHOSEN, Asked, answer_press, kindly
from bot.discord.commands.charter import edited
from bot.discord.commands.desk import Desk, in_a_server
from bot.discord.commands.forms import EDIT, MARK, REPORT, SETUP, filled_in
from bot.office.choices import choose
from bot.office.telling import report


def is_ours(custom_id: str) -> bool:
    """Whether a button or form belongs to a command."""
    return custom_id.startswith((CHOSEN, MARK))


async def take(desk: Desk, interaction: Asked, custom_id: str) -> None:
    """Answer a press, or what was filled in."""
    async with kindly(interaction):
        if not await in_a_server(interaction):
            return
        what, _, argument = custom_id[1:].partition(":")
        if custom_id.startswith(CHOSEN):
            await _chosen(desk, interaction, what, argument)
        elif what == SETUP:
            await wizard.filled(desk, interaction)
        elif what == EDIT:
            await edited(desk, interaction)
        elif what == REPORT:
            text = filled_in(interaction).get("text", "")
            await desk.reply(interaction, lambda office, asked: report(office, asked, text, argument))


async def _chosen(desk: Desk, interaction: Asked, what: str, argument: str) -> None:
    """One choice is Discord's own; the office says so of what it does not understand."""
    await interaction.response.defer()
    asked = desk.request(interaction)
    if what == machine_read.PIN:
        said = await machine_read.pin(desk, asked, argument)
    else:
        said = await choose(desk.office, asked, f"{what}:{argument}")
    await answer_press(interaction, said)
