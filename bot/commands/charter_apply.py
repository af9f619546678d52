"""`steward charter apply`: puts a charter file in force for a community."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.arguments import FILE

if TYPE_CHECKING:  # --help lists this command, so what it needs is imported when it runs
    from moderation.ports import Community


@click.command("apply")
@click.argument("file", type=FILE)
@click.option(
    "--community",
    required=True,
    metavar="PLATFORM:ID",
    help="Whose charter it is, such as discord:1234567890123456789 (the server's id) or slack:T024BE7LD (the workspace's).",
)
@click.option(
    "--confirm", default="", metavar="WORDS", help="What mode move without a promise wants to be typed."
)
def command(file: Path, community: str, confirm: str) -> None:
    """Put the charter in FILE in force for a community; a running bot takes it up within a minute."""
    from bot.charter_text import description
    from bot.owner import apply_charter
    from bot.settings import load_settings

    charter, policy = apply_charter(load_settings(), file, community_named(community), confirm)
    click.echo(f"{file} is in force for {community}. This is what it says:\n")
    for line in description(charter, policy):
        click.echo(line)
    if not policy.moderators_channel:
        click.echo(
            "\nNo moderators' channel is set, so that cards about pitches have nowhere to go: add moderators_channel to [policy]."
        )


def community_named(written: str) -> Community:
    """A community as `PLATFORM:ID`. Raises BadInput."""
    from moderation.errors import BadInput
    from moderation.messages import Platform
    from moderation.ports import Community

    if not re.fullmatch(r"discord:\d{17,20}|slack:T[0-9A-Z]{2,20}", written, re.ASCII):
        raise BadInput(
            f"{written} is no community: write discord: and the server's id, such as discord:1234567890123456789 "
            "(switch on Developer Mode in Discord, then right-click the server, Copy Server ID), or slack: and the workspace's id, "
            "such as slack:T024BE7LD (in the address of Slack in a browser, after /client/)"
        )
    platform, _, name = written.partition(":")
    return Community(Platform(platform), name)
