"""What members do with the bot: buttons, menus, commands, forms. Each waits for the bot's answer.

Source: developers/interactions/receiving-and-responding, developers/interactions/application-commands.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence

from tests.fakes.discord import message_payloads, payloads
from tests.fakes.discord.command_data import command_data, find_command
from tests.fakes.discord.entities import Channel, Interaction, Kind, Member, Message, parts
from tests.fakes.discord.errors import Json
from tests.fakes.discord.follow_ups import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, SUBMIT
from tests.fakes.discord.people_posts import NotPossible, Posts
from tests.fakes.discord.permissions import Permission, in_channel
from tests.fakes.discord.world import Event

SLASH, MESSAGE_MENU = 1, 3
LABEL = 18


class Presses(Posts):
    patience = 3.0  # seconds until "This interaction failed"

    async def press(self, member: Member, message: Message, custom_id: str) -> Interaction:
        """A click on a button. Raises NotPossible where the member does not see such a button."""
        component = self._component(member, message, custom_id)
        if component["type"] != 2:
            raise NotPossible(f"{custom_id} is no button")
        data = {"custom_id": custom_id, "component_type": 2, "id": component.get("id", 1)}
        return await self._ask(member, message.channel, COMPONENT, data, message)

    async def choose(
        self, member: Member, message: Message, custom_id: str, values: Sequence[str]
    ) -> Interaction:
        """A choice in a menu. Raises NotPossible where it does not offer that."""
        component = self._component(member, message, custom_id)
        offered = [option["value"] for option in component.get("options") or []]
        if component["type"] == 3 and (unknown := set(values) - set(offered)):
            raise NotPossible(f"{custom_id} does not offer {sorted(unknown)}")
        data: Json = {
            "custom_id": custom_id,
            "component_type": component["type"],
            "values": list(values),
            "id": component.get("id", 1),
        }
        if component["type"] != 3:
            data["resolved"] = self._resolved(member, values)
        return await self._ask(member, message.channel, COMPONENT, data, message)

    async def command(
        self,
        member: Member,
        channel: Channel,
        name: str,
        options: Mapping[str, object] | None = None,
        *,
        allowed_by_admin: bool = False,
    ) -> Interaction:
        """A slash command, e.g. "relevance charter show". Values may be members, channels and roles.

        Raises NotPossible where it is not registered, an option does not fit, or the member is not shown it;
        `allowed_by_admin` is the server's own setting that shows it although its permissions are missing.
        """
        registered = self._find(member, channel, name.split(maxsplit=1)[0], SLASH, everyone=allowed_by_admin)
        data = command_data(registered, name.split()[1:], options or {})
        return await self._ask(member, channel, COMMAND, data)

    async def autocomplete(
        self,
        member: Member,
        channel: Channel,
        name: str,
        focused: str,
        typed: str = "",
        options: Mapping[str, object] | None = None,
    ) -> list[Json]:
        """What the bot offers while the member types into the option `focused`: names and values."""
        registered = self._find(member, channel, name.split(maxsplit=1)[0], SLASH)
        given = {**(options or {}), focused: typed}
        data = command_data(registered, name.split()[1:], given, focused=focused)
        return (await self._ask(member, channel, AUTOCOMPLETE, data)).choices or []

    async def message_menu(
        self, member: Member, name: str, message: Message, *, allowed_by_admin: bool = False
    ) -> Interaction:
        """A right click on a message and a choice among its apps."""
        if not self.sees(member, message):
            raise NotPossible(f"{member.name} does not see the message")
        registered = self._find(member, message.channel, name, MESSAGE_MENU, everyone=allowed_by_admin)
        data = {
            "id": registered["id"],
            "name": name,
            "type": MESSAGE_MENU,
            "target_id": message.id,
            # With its content, intent or not: developers/events/gateway (Message Content Intent).
            "resolved": {"messages": {message.id: message_payloads.message(self.world, message)}},
        }
        if message.channel.guild and "guild_id" in registered:
            data["guild_id"] = message.channel.guild.id
        return await self._ask(member, message.channel, COMMAND, data)

    async def submit(self, asked: Interaction, values: Mapping[str, str | Sequence[str]]) -> Interaction:
        """Fills in and sends the form that answered `asked`, by custom id; what is left out stays as it was."""
        if asked.modal is None or asked.answer != MODAL:
            raise NotPossible("there is no form to fill in")
        known = {each["custom_id"] for each in parts(asked.modal["components"]) if "custom_id" in each}
        if unknown := set(values) - known:
            raise NotPossible(f"the form has no {sorted(unknown)}, only {sorted(known)}")
        data = {
            "custom_id": asked.modal["custom_id"],
            "components": [_filled(each, values) for each in asked.modal["components"]],
        }
        member = asked.member or Member(asked.user, next(iter(self.world.guilds.values())), self.world.now())
        return await self._ask(member, asked.channel, SUBMIT, data, asked.message)

    def _component(self, member: Member, message: Message, custom_id: str) -> Json:
        if message.deleted or not self.sees(member, message):
            raise NotPossible(f"{member.name} does not see the message")
        for component in parts(message.components):
            if component.get("custom_id") == custom_id:
                if component.get("disabled"):
                    raise NotPossible(f"{custom_id} is disabled")
                return component
        raise NotPossible(f"the message has no {custom_id}, only {message.custom_ids()}")

    def _find(
        self, member: Member, channel: Channel, name: str, kind: int, *, everyone: bool = False
    ) -> Json:
        guild_id = channel.guild.id if channel.guild else None
        registered = find_command(self.world, guild_id, name, kind)
        if registered is None:
            raise NotPossible(f"there is no command {name!r}")
        contexts = registered["contexts"]
        if contexts is not None and (1 if guild_id is None else 0) not in contexts:
            raise NotPossible(f"{name!r} is not for this place")
        if guild_id is None:
            return registered
        may, needs = self._may(member, channel), registered["default_member_permissions"]
        if not may & Permission.USE_APPLICATION_COMMANDS:
            raise NotPossible(f"{member.name} may not use commands here")
        if needs is not None and may & int(needs) != int(needs) and not everyone:
            raise NotPossible(f"{member.name} is not shown {name!r}")
        return registered

    def _resolved(self, member: Member, ids: Sequence[str]) -> Json:
        guild = member.guild
        return {
            "users": {
                each: payloads.user(self.world.users[each]) for each in ids if each in self.world.users
            },
            "members": {
                each: payloads.member(guild.members[each], with_user=False)
                for each in ids
                if each in guild.members
            },
            "roles": {each: payloads.role(guild.roles[each]) for each in ids if each in guild.roles},
            "channels": {
                each: payloads.channel(self.world, guild.channels[each]) | {"permissions": "0"}
                for each in ids
                if each in guild.channels
            },
        }

    async def _ask(
        self, member: Member, channel: Channel, kind: int, data: Json, message: Message | None = None
    ) -> Interaction:
        """Tells the bot and waits; `answer` stays None where it did not answer in time."""
        world = self.world
        inside = member if channel.guild else None
        interaction = Interaction(
            world.new_id(),
            secrets.token_urlsafe(32),
            kind,
            member.user,
            channel,
            inside,
            data,
            world.now(),
            message,
        )
        world.interactions[interaction.token] = interaction
        world.note("interaction", member.id, interaction.id, channel=channel, kind=kind)
        world.tell(Event("INTERACTION_CREATE", self._payload(interaction), channel.guild))
        try:
            async with asyncio.timeout(self.patience):
                await interaction.answered.wait()
        except TimeoutError:
            pass
        return interaction

    def _payload(self, of: Interaction) -> Json:
        guild, place = of.channel.guild, payloads.channel(self.world, of.channel)
        found: Json = {
            "id": of.id,
            "application_id": self.world.application_id,
            "type": of.kind,
            "token": of.token,
            "version": 1,
            "data": of.data,
            "channel_id": of.channel.id,
            "channel": place,
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": guild.id if guild else "0"},
            "context": 1 if of.channel.kind is Kind.DM else 0,
            "attachment_size_limit": 10 * 1024 * 1024,
            "app_permissions": str(self.world.may(of.channel)),
        }
        if of.message:
            found["message"] = message_payloads.message(self.world, of.message)
        if guild is None or of.member is None:
            return found | {"user": payloads.user(of.user)}
        may = in_channel(of.member, of.channel, self.world.now())
        place["permissions"] = str(may)
        return found | {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": payloads.member(of.member) | {"permissions": str(may)},
        }


def _filled(row: Json, values: Mapping[str, str | Sequence[str]]) -> Json:
    """A row or label of a form as it is sent back. Raises NotPossible where a text does not fit."""
    if row["type"] == LABEL:
        return {"type": LABEL, "id": row.get("id", 1), "component": _value(row["component"], values)}
    if "components" in row:
        filled = [_value(each, values) for each in row["components"]]
        return {"type": row["type"], "id": row.get("id", 1), "components": filled}
    return {"type": row["type"], "id": row.get("id", 1)}


def _value(field: Json, values: Mapping[str, str | Sequence[str]]) -> Json:
    found: Json = {"type": field["type"], "id": field.get("id", 1), "custom_id": field["custom_id"]}
    if field["type"] != 4:
        chosen = values.get(field["custom_id"], [])
        return found | {"values": [chosen] if isinstance(chosen, str) else list(chosen)}
    text = values.get(field["custom_id"], field.get("value") or "")
    if not isinstance(text, str):
        raise NotPossible(f"{field['custom_id']} takes one text")
    least = field.get("min_length") or (1 if field.get("required", True) else 0)
    if (text and len(text) < least) or (not text and field.get("required", True)):
        raise NotPossible(f"{field['custom_id']} needs at least {least} characters")
    if len(text) > (field.get("max_length") or 4000):
        raise NotPossible(f"{field['custom_id']} takes no {len(text)} characters")
    return found | {"value": text}
