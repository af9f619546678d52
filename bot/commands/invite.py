"""`steward invite`: the link by which a server's owner invites Steward."""

from __future__ import annotations

import click


@click.command("invite")
def command() -> None:
    """Print the link that invites Steward to a Discord server, with the least permissions.

    Nothing is asked of Discord: the link follows from STEWARD_DISCORD_TOKEN. docs/install-discord.md gives the reason for each
    permission.
    """
    from bot.owner import invite
    from bot.settings import load_settings

    click.echo(invite(load_settings()))
