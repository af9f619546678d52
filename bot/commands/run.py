"""`steward run`: live with the communities on Discord and Slack."""

from __future__ import annotations

import click


@click.command("run")
def command() -> None:
    """Connect to Discord, to Slack or to both and do the whole work there, until stopped by Ctrl-C or SIGTERM.

    What to connect with comes from the environment or from .env: see docs/settings.md, docs/install-discord.md and docs/install-slack.md.
    """
    from bot.host import run
    from bot.logs import configure
    from bot.settings import load_settings_to_run

    settings = load_settings_to_run()
    configure(settings.log_level, settings.log_format)
    run(settings)
