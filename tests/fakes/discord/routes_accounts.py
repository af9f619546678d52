"""The bot itself: its account, application, commands, gateway address and direct messages.

Sources: developers/resources (user, application), developers/interactions/application-commands,
developers/events/gateway (Get Gateway Bot).
"""

from __future__ import annotations

import re

from tests.fakes.discord import payloads, places
from tests.fakes.discord.calls import Call, Endpoint
from tests.fakes.discord.errors import ApiError, Faults, Json
from tests.fakes.discord.intents import application_flags

MOST_COMMANDS = {1: 100, 2: 15, 3: 15}  # chat input, user menu, message menu


def _me(call: Call) -> object:
    return payloads.user(call.world.bot) | {"verified": True, "mfa_enabled": True, "locale": "en-US"}


def _any_user(call: Call) -> object:
    user = call.world.users.get(call.arguments["user_id"])
    if user is None:
        raise ApiError(404, 10013)
    return payloads.user(user)


def _my_guilds(call: Call) -> object:
    keys = "id name icon features"
    found = sorted(call.world.bot_guilds(), key=lambda guild: int(guild.id))
    limit = call.number("limit", 200, 1, 200)
    after = int(call.query.get("after", 0))
    return [
        {key: payloads.guild(guild)[key] for key in keys.split()} | {"owner": False, "permissions": "0"}
        for guild in found
        if int(guild.id) > after
    ][:limit]


def _leave(call: Call) -> None:
    places.remove_bot(call.world, call.guild(), by=call.world.bot)


def _open_direct_messages(call: Call) -> object:
    user = call.world.users.get(str(call.body.get("recipient_id")))
    if user is None or user is call.world.bot:
        raise ApiError(400, 50033)
    return payloads.channel(call.world, call.world.direct_channel(user))


def _application(call: Call) -> object:
    if "application_id" in call.arguments:
        call.own_application()
    return payloads.application(call.world, application_flags(call.world))


def _commands_of(call: Call) -> dict[str, Json]:
    call.own_application()
    guild_id = call.arguments.get("guild_id")
    if guild_id is not None:
        call.guild()
    return call.world.commands.setdefault(guild_id, {})


def _list_commands(call: Call) -> object:
    return list(_commands_of(call).values())


def _get_command(call: Call) -> object:
    try:
        return _commands_of(call)[call.arguments["command_id"]]
    except KeyError:
        raise ApiError(404, 10063) from None


def _replace_commands(call: Call) -> object:
    """A command that keeps its name and type keeps its id, as the documents say of an upsert."""
    known = _commands_of(call)
    _check_commands(call.items)
    before = {(each["type"], each["name"]): each["id"] for each in known.values()}
    made = [
        _command(call, each, before.get((each.get("type", 1), each["name"])) or call.world.new_id())
        for each in call.items
    ]
    known.clear()
    known.update({each["id"]: each for each in made})
    return made


def _create_command(call: Call) -> object:
    known = _commands_of(call)
    _check_commands([call.body])
    kind, name = call.body.get("type", 1), call.body["name"]
    same = [each["id"] for each in known.values() if (each["type"], each["name"]) == (kind, name)]
    command = _command(call, call.body, same[0] if same else call.world.new_id())
    known[command["id"]] = command
    return command


def _delete_command(call: Call) -> None:
    if _commands_of(call).pop(call.arguments["command_id"], None) is None:
        raise ApiError(404, 10063)


def _command(call: Call, asked: Json, command_id: str) -> Json:
    found: Json = {
        "id": command_id,
        "application_id": call.world.application_id,
        "version": call.world.new_id(),
        "type": asked.get("type") or 1,
        "name": asked["name"],
        "name_localizations": asked.get("name_localizations"),
        "description": asked.get("description") or "",
        "description_localizations": asked.get("description_localizations"),
        "default_member_permissions": asked.get("default_member_permissions"),
        "dm_permission": asked.get("dm_permission", True),
        "contexts": asked.get("contexts"),
        "integration_types": asked.get("integration_types") or [0],
        "nsfw": bool(asked.get("nsfw")),
        "options": asked.get("options") or [],
    }
    if permissions := found["default_member_permissions"]:
        found["default_member_permissions"] = str(permissions)
    return found | ({"guild_id": call.arguments["guild_id"]} if "guild_id" in call.arguments else {})


def _check_commands(commands: list[Json]) -> None:
    faults = Faults()
    for kind, most in MOST_COMMANDS.items():
        if sum((each.get("type") or 1) == kind for each in commands) > most:
            faults.add("commands", "APPLICATION_COMMANDS_MAXIMUM", f"At most {most} commands of type {kind}.")
    for index, command in enumerate(commands):
        chat = (command.get("type") or 1) == 1
        name = command.get("name")
        faults.length(f"{index}.name", name, 1, 32)
        if chat:
            _check_chat_input(faults, str(index), command)
            if _weight(command) > 8000:
                faults.add(str(index), "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
        elif command.get("description") or command.get("options"):
            faults.add(f"{index}.description", "APPLICATION_COMMAND_INVALID", "A menu has no description")
    faults.raise_if_any()


def _check_chat_input(faults: Faults, path: str, command: Json) -> None:
    name = command.get("name")
    if isinstance(name, str) and (not re.fullmatch(r"[-_'\w]{1,32}", name) or name != name.lower()):
        faults.add(f"{path}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    faults.length(f"{path}.description", command.get("description"), 1, 100)
    options = command.get("options") or []
    if len(options) > 25:
        faults.add(f"{path}.options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    needed = [bool(each.get("required")) for each in options]
    if needed != sorted(needed, reverse=True):
        faults.add(
            f"{path}.options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options come first"
        )
    for index, option in enumerate(options):
        _check_chat_input(faults, f"{path}.options.{index}", option)
        choices = option.get("choices") or []
        if len(choices) > 25:
            faults.add(
                f"{path}.options.{index}.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."
            )


def _weight(command: Json) -> int:
    own = sum(len(command.get(key) or "") for key in ("name", "description"))
    own += sum(len(each["name"]) + len(str(each["value"])) for each in command.get("choices") or [])
    return own + sum(_weight(each) for each in command.get("options") or [])


def _gateway(call: Call) -> object:
    return {"url": call.world.gateway_url}


def _gateway_for_bots(call: Call) -> object:
    limits = {"total": 1000, "remaining": 1000, "reset_after": 86400000, "max_concurrency": 1}
    return {"url": call.world.gateway_url, "shards": 1, "session_start_limit": limits}


COMMANDS = "/applications/{application_id}/commands"
GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
ENDPOINTS = (
    Endpoint("GET", "/gateway", _gateway, needs_token=False),
    Endpoint("GET", "/gateway/bot", _gateway_for_bots),
    Endpoint("GET", "/users/@me", _me),
    Endpoint("GET", "/users/@me/guilds", _my_guilds),
    Endpoint("DELETE", "/users/@me/guilds/{guild_id}", _leave),
    Endpoint("POST", "/users/@me/channels", _open_direct_messages),
    Endpoint("GET", "/users/{user_id}", _any_user),
    Endpoint("GET", "/oauth2/applications/@me", _application),
    Endpoint("GET", "/applications/@me", _application),
    Endpoint("GET", "/applications/{application_id}", _application),
    *(
        endpoint
        for base in (COMMANDS, GUILD_COMMANDS)
        for endpoint in (
            Endpoint("GET", base, _list_commands),
            Endpoint("PUT", base, _replace_commands),
            Endpoint("POST", base, _create_command, status=201),
            Endpoint("GET", base + "/{command_id}", _get_command),
            Endpoint("DELETE", base + "/{command_id}", _delete_command),
        )
    ),
)
