"""A slash command as a member typed it, in the form in which the bot gets it.

Source: developers/interactions/application-commands (Application Command Option Type, Resolved Data).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.fakes.discord import payloads
from tests.fakes.discord.entities import Channel, Member, Role
from tests.fakes.discord.errors import Json
from tests.fakes.discord.people_posts import NotPossible
from tests.fakes.discord.world import World

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(
    1, 12
)
PLAIN: dict[int, type[object]] = {STRING: str, INTEGER: int, BOOLEAN: bool, NUMBER: float}


def find_command(world: World, guild_id: str | None, name: str, kind: int) -> Json | None:
    """A registered command, the server's own before the one for everywhere."""
    for place in (guild_id, None):
        for command in world.commands.get(place, {}).values():
            if (command["name"], command["type"]) == (name, kind):
                return command
    return None


def command_data(
    registered: Json, path: Sequence[str], values: Mapping[str, object], focused: str | None = None
) -> Json:
    """`path` leads through groups and subcommands. Raises NotPossible where something does not fit."""
    resolved: Json = {}
    options = _options(registered, list(path), values, resolved, focused)
    found: Json = {"id": registered["id"], "name": registered["name"], "type": 1, "options": options}
    if resolved:
        found["resolved"] = resolved
    return found | ({"guild_id": registered["guild_id"]} if "guild_id" in registered else {})


def _options(
    command: Json, path: list[str], values: Mapping[str, object], resolved: Json, focused: str | None
) -> list[Json]:
    offered = {each["name"]: each for each in command.get("options") or []}
    if path:
        below = offered.get(path[0])
        if below is None or below["type"] not in (SUBCOMMAND, GROUP):
            raise NotPossible(f"{command['name']!r} has no {path[0]!r}")
        inner = _options(below, path[1:], values, resolved, focused)
        return [{"name": path[0], "type": below["type"], "options": inner}]
    if any(each["type"] in (SUBCOMMAND, GROUP) for each in offered.values()):
        raise NotPossible(f"{command['name']!r} needs one of {sorted(offered)}")
    if unknown := set(values) - set(offered):
        raise NotPossible(f"{command['name']!r} has no option {sorted(unknown)}")
    missing = {name for name, each in offered.items() if each.get("required")} - set(values)
    if missing and focused is None:
        raise NotPossible(f"{command['name']!r} needs {sorted(missing)}")
    return [_option(offered[name], value, resolved, focused) for name, value in values.items()]


def _option(option: Json, value: object, resolved: Json, focused: str | None) -> Json:
    found: Json = {"name": option["name"], "type": option["type"]}
    if option["name"] == focused:
        return found | {"value": str(value), "focused": True}
    choices = [each["value"] for each in option.get("choices") or []]
    if choices and value not in choices:
        raise NotPossible(f"{option['name']} is one of {choices}")
    if isinstance(value, str) and not _fits(option, len(value), "min_length", "max_length"):
        raise NotPossible(f"{option['name']} does not take {len(value)} characters")
    if isinstance(value, int | float) and not _fits(option, value, "min_value", "max_value"):
        raise NotPossible(f"{option['name']} does not take {value}")
    return found | {"value": _resolve(value, option["type"], resolved)}


def _fits(option: Json, value: float, least: str, most: str) -> bool:
    low, high = option.get(least), option.get(most)
    return (low is None or value >= low) and (high is None or value <= high)


def _resolve(value: object, kind: int, resolved: Json) -> object:
    """The value as it is sent, with what it stands for put into `resolved`."""
    if kind in PLAIN:
        if not isinstance(value, PLAIN[kind]):
            raise NotPossible(f"{value!r} is of the wrong type")
        return value
    if isinstance(value, Member) and kind in (USER, MENTIONABLE):
        resolved.setdefault("users", {})[value.id] = payloads.user(value.user)
        resolved.setdefault("members", {})[value.id] = payloads.member(value, with_user=False) | {
            "permissions": "0"
        }
        return value.id
    if isinstance(value, Role) and kind in (ROLE, MENTIONABLE):
        resolved.setdefault("roles", {})[value.id] = payloads.role(value)
        return value.id
    if isinstance(value, Channel) and kind == CHANNEL:
        resolved.setdefault("channels", {})[value.id] = _partial(value)
        return value.id
    if isinstance(value, dict) and kind == ATTACHMENT:  # as message_payloads.attachment gives it
        resolved.setdefault("attachments", {})[value["id"]] = value
        return value["id"]
    raise NotPossible(f"{value!r} is of the wrong type")


def _partial(channel: Channel) -> Json:
    found: Json = {
        "id": channel.id,
        "name": channel.name,
        "type": int(channel.kind),
        "permissions": "0",
        "parent_id": channel.parent_id,
        "position": channel.position,
        "nsfw": channel.nsfw,
        "flags": 0,
        "last_message_id": channel.last_message_id,
        "rate_limit_per_user": channel.slow_mode,
    }
    if channel.guild:
        found["guild_id"] = channel.guild.id
    return found
