"""Registering the commands with Discord, once per change: it lets a bot create 200 a day."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import discord
from discord import app_commands

from bot.discord.commands.tree import Tree

log = logging.getLogger(__name__)

SAID = frozenset(
    "type name description options required autocomplete choices value channel_types min_value max_value min_length max_length "
    "default_member_permissions contexts integration_types nsfw".split()
)
"""What a bot says of a command; Discord adds ids, versions, translations and what is outdated."""
UNSAID: tuple[object, ...] = (None, False, "", [])
"""What Discord may leave out or add without a difference."""


async def register(tree: Tree) -> None:
    """Register the commands, unless Discord has the very same. Where it refuses, those of before stay, and the log says so."""
    try:
        known = await tree.client.http.get_global_commands(tree.client.application_id or 0)
        ours = [command.to_dict(tree) for command in tree.get_commands()]
        if not same(known, ours):
            await tree.sync()
            log.info("commands registered", extra={"count": len(ours)})
    except (discord.HTTPException, app_commands.AppCommandError) as error:
        log.warning("commands could not be registered", exc_info=error)


def same(some: Sequence[Mapping[str, object]], others: Sequence[Mapping[str, object]]) -> bool:
    """Whether these are the same commands, in whatever order."""
    return _by_name(some) == _by_name(others)


def _by_name(commands: Sequence[Mapping[str, object]]) -> dict[tuple[object, object], object]:
    return {(command.get("type", 1), command["name"]): _said(command) for command in commands}


def _said(value: object) -> object:
    """A command, an option or a part of one without what makes no difference."""
    if isinstance(value, Mapping):
        parts = {key: _said(part) for key, part in value.items() if key in SAID and part not in UNSAID}
        if "default_member_permissions" in parts:
            parts["default_member_permissions"] = str(parts["default_member_permissions"])
        return parts
    if isinstance(value, list):
        numbers = [part for part in value if isinstance(part, int)]
        return sorted(numbers) if numbers else [_said(part) for part in value]
    return value
