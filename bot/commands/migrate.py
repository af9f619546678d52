"""`steward migrate`: bring the database up to this version."""

from __future__ import annotations

import click


@click.command("migrate")
@click.option(
    "--database-url",
    metavar="URL",
    help="The database; STEWARD_DATABASE_URL unless given. Others may see arguments.",
)
def command(database_url: str | None) -> None:
    """Create the database, or bring an older one up to this version."""
    from bot.app import migrate
    from bot.settings import checked_database_url, load_settings

    migrate(checked_database_url(database_url) if database_url else load_settings().database_url)
    click.echo("The database is up to date.")
