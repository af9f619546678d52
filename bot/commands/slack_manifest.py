"""`steward slack manifest`: the app as Slack is to make it."""

from __future__ import annotations

import click


@click.command("manifest")
@click.option("--http", metavar="URL", help="Where Slack reaches Steward, instead of Socket Mode.")
@click.option(
    "--admin", is_flag=True, help="With the scope of an admin's token, which deletes what others posted."
)
def command(http: str | None, *, admin: bool) -> None:
    """Print the manifest from which Slack makes the app, as JSON.

    Nothing is asked of Slack. docs/install-slack.md gives the reason for each scope.
    """
    import json

    from bot.slack.manifest import manifest

    click.echo(json.dumps(manifest(http, admin=admin), indent=2, ensure_ascii=False))
