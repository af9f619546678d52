"""Buttons, menus, commands and forms of the loopback Discord, answered by the real discord.py."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.fakes.discord.clients import Client, connected
from tests.fakes.discord.entities import Channel, Member, Message
from tests.fakes.discord.people_posts import NotPossible
from tests.fakes.discord.server import DiscordServer


class Form(discord.ui.Modal, title="What is this place for?"):
    purpose: discord.ui.TextInput[Form] = discord.ui.TextInput(
        label="Purpose", custom_id="purpose", max_length=40
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"It is for {self.purpose.value}.", ephemeral=True)


class Asking(Client):
    """A bot with a tree of commands, like Steward's."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = app_commands.CommandTree(self)
        relevance = app_commands.Group(
            name="relevance",
            description="For moderators",
            default_permissions=discord.Permissions(manage_guild=True),
        )
        channels = app_commands.Group(name="channel", description="Channels", parent=relevance)
        channels.command(name="watch", description="Watch one")(watch)
        relevance.command(name="setup", description="Begin")(setup)
        relevance.command(name="mode", description="How")(mode)
        self.tree.add_command(relevance)
        self.tree.add_command(app_commands.ContextMenu(name="Why this verdict?", callback=why))

    async def setup_hook(self) -> None:
        await self.tree.sync()


async def watch(interaction: discord.Interaction, channel: discord.TextChannel, note: str = "none") -> None:
    await interaction.response.send_message(f"Watching {channel.name}, note {note}", ephemeral=True)


async def setup(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(Form())


async def mode(interaction: discord.Interaction, name: str) -> None:
    await interaction.response.defer(ephemeral=True, thinking=True)
    await interaction.followup.send(f"Mode {name}")
    await interaction.followup.send("and more")


async def _modes(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    del interaction
    offered = ["observe", "nudge", "move"]
    return [app_commands.Choice(name=each, value=each) for each in offered if current in each]


mode = app_commands.autocomplete(name=_modes)(mode)


async def why(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"You asked about: {message.content}", ephemeral=True)


def place(server: DiscordServer) -> tuple[Channel, Member, Member]:
    """A channel, a moderator and a member."""
    guild = server.people.create_guild()
    moderator = server.people.join(guild, "mo", roles=[server.people.moderators(guild)])
    return server.people.create_channel(guild, "general"), moderator, server.people.join(guild, "ada")


async def test_commands_with_options_and_groups(server: DiscordServer) -> None:
    channel, mo, ada = place(server)
    async with connected(server, Asking()):
        answer = await server.people.command(mo, channel, "relevance channel watch", {"channel": channel})
        assert (answer.text, answer.is_private) == ("Watching general, note none", True)
        assert server.people.ephemerals(ada) == []
        for who, name, options in (
            (ada, "relevance setup", {}),
            (mo, "relevance dance", {}),
            (mo, "relevance", {}),
            (mo, "relevance channel watch", {}),
            (mo, "relevance channel watch", {"channel": "general"}),
            (mo, "relevance channel watch", {"channel": channel, "loudly": True}),
        ):
            with pytest.raises(NotPossible):
                await server.people.command(who, channel, name, options)
        answer = await server.people.command(ada, channel, "relevance setup", allowed_by_admin=True)
        assert answer.modal is not None


async def test_a_form_is_shown_filled_in_and_sent(server: DiscordServer) -> None:
    channel, mo, _ = place(server)
    async with connected(server, Asking()):
        asked = await server.people.command(mo, channel, "relevance setup")
        for wrong in ({"colour": "blue"}, {"purpose": "x" * 41}, {"purpose": ""}):
            with pytest.raises(NotPossible):
                await server.people.submit(asked, wrong)
        answer = await server.people.submit(asked, {"purpose": "makers"})
        assert (answer.text, answer.is_private) == ("It is for makers.", True)


async def test_an_answer_that_comes_later_keeps_its_privacy(server: DiscordServer) -> None:
    channel, mo, ada = place(server)
    async with connected(server, Asking()):
        offered = await server.people.autocomplete(mo, channel, "relevance mode", "name", "ud")
        assert offered == [{"name": "nudge", "value": "nudge"}]
        answer = await server.people.command(mo, channel, "relevance mode", {"name": "nudge"})
        await server.until(lambda: answer.follow_ups)
        assert answer.text == "Mode nudge"
        assert answer.is_private
        # Only the first follow-up takes the privacy of what it fills: the second says for itself.
        assert [each.content for each in server.people.seen(channel, ada)] == ["and more"]


async def test_a_message_menu_brings_the_message(server: DiscordServer) -> None:
    channel, _, ada = place(server)
    said = server.people.post(ada, channel, "buy my thing")
    async with connected(server, Asking()):
        answer = await server.people.message_menu(ada, "Why this verdict?", said)
        assert answer.text == "You asked about: buy my thing"


class Buttons(discord.ui.View):
    """One button for each kind of answer."""

    @discord.ui.button(label="edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]) -> None:
        del button
        await interaction.response.edit_message(content="edited", view=None)

    @discord.ui.button(label="later", custom_id="later")
    async def later(self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]) -> None:
        del button
        await interaction.response.defer()
        await interaction.edit_original_response(content="edited later")
        await interaction.followup.send("for you", ephemeral=True)

    @discord.ui.button(label="twice", custom_id="twice")
    async def twice(self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]) -> None:
        del button
        await interaction.response.send_message("first", ephemeral=True)
        again = discord.Interaction(data=interaction_data(interaction), state=interaction._state)
        try:
            await again.response.send_message("second")
        except discord.HTTPException as refusal:
            await interaction.edit_original_response(content=f"{refusal.status} {refusal.code}")

    @discord.ui.button(label="never", custom_id="never")
    async def never(self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]) -> None:
        del button
        late.append(interaction)

    @discord.ui.select(
        custom_id="menu", options=[discord.SelectOption(label="a"), discord.SelectOption(label="b")]
    )
    async def menu(self, interaction: discord.Interaction, chosen: discord.ui.Select[Buttons]) -> None:
        await interaction.response.send_message(f"You chose {chosen.values}", ephemeral=True)
        await interaction.delete_original_response()


late: list[discord.Interaction] = []


def interaction_data(of: discord.Interaction) -> Any:
    """Enough of it to answer it once more; discord.py wants a dict of its own types, with a channel and a member."""
    return {
        "id": of.id,
        "type": 3,
        "token": of.token,
        "version": 1,
        "application_id": of.application_id,
        "attachment_size_limit": 0,
        "authorizing_integration_owners": {},
    }


async def shown(client: Client, channel: Channel) -> Message:
    there = client.get_channel(int(channel.id))
    assert isinstance(there, discord.TextChannel)
    sent = await there.send("press", view=Buttons(timeout=None))
    return channel.messages[str(sent.id)]


async def test_buttons_edit_defer_and_are_answered_once(server: DiscordServer) -> None:
    channel, mo, ada = place(server)
    async with connected(server, Client()) as client:
        message = await shown(client, channel)
        answer = await server.people.press(ada, message, "later")
        await server.until(lambda: answer.follow_ups)
        assert message.content == "edited later"
        assert [each.content for each in server.people.ephemerals(ada)] == ["for you"]
        answer = await server.people.press(mo, message, "twice")
        await server.until(lambda: answer.text == "400 40060")
        answer = await server.people.choose(mo, message, "menu", ["b"])
        await server.until(lambda: answer.original and answer.original.deleted)
        assert answer.text == "You chose ['b']"
        with pytest.raises(NotPossible):
            await server.people.choose(mo, message, "menu", ["c"])
        await server.people.press(ada, message, "edit")
        assert (message.content, message.components) == ("edited", [])
        with pytest.raises(NotPossible):
            await server.people.press(ada, message, "edit")


async def test_an_answer_after_three_seconds_is_too_late_and_a_follow_up_after_fifteen_minutes(
    server: DiscordServer,
) -> None:
    channel, mo, ada = place(server)
    server.people.patience = 0.05
    late.clear()
    async with connected(server, Client()) as client:
        message = await shown(client, channel)
        first = await server.people.press(ada, message, "never")
        second = await server.people.press(mo, message, "never")
        assert (first.answer, second.answer) == (None, None)
        with pytest.raises(discord.NotFound) as unknown:
            await late[0].followup.send("before any answer")
        assert unknown.value.code == 10015
        await late[0].response.send_message("in time", ephemeral=True)
        server.world.advance(timedelta(seconds=4))
        with pytest.raises(discord.NotFound) as too_late:
            await late[1].response.send_message("late", ephemeral=True)
        assert too_late.value.code == 10062
        await late[0].followup.send("still there", ephemeral=True)
        server.world.advance(timedelta(minutes=15))
        with pytest.raises(discord.HTTPException) as ended:
            await late[0].followup.send("any more?", ephemeral=True)
        assert ended.value.code == 50027


async def test_an_ephemeral_message_is_one_members_and_hears_their_press_alone(server: DiscordServer) -> None:
    channel, mo, ada = place(server)

    class Inner(discord.ui.View):
        @discord.ui.button(label="Yes", custom_id="yes")
        async def yes(self, interaction: discord.Interaction, button: discord.ui.Button[Inner]) -> None:
            del button
            await interaction.response.edit_message(content="Thank you", view=None)

    class Outer(discord.ui.View):
        @discord.ui.button(label="Ask", custom_id="ask")
        async def ask(self, interaction: discord.Interaction, button: discord.ui.Button[Outer]) -> None:
            del button
            await interaction.response.send_message("Sure?", view=Inner(timeout=None), ephemeral=True)

    async with connected(server, Client()) as client:
        there = client.get_channel(int(channel.id))
        assert isinstance(there, discord.TextChannel)
        sent = await there.send("x", view=Outer(timeout=None))
        asked = await server.people.press(ada, channel.messages[str(sent.id)], "ask")
        assert asked.original is not None
        with pytest.raises(NotPossible):
            await server.people.press(mo, asked.original, "yes")
        answer = await server.people.press(ada, asked.original, "yes")
        assert (answer.text, asked.original.content) == ("Thank you", "Thank you")
        with pytest.raises(discord.NotFound):
            await there.fetch_message(int(asked.original.id))


async def test_many_people_press_at_once(server: DiscordServer) -> None:
    channel, _, _ = place(server)
    people = [server.people.join(channel.guild, f"member {number}") for number in range(50) if channel.guild]
    async with connected(server, Client()) as client:
        message = await shown(client, channel)
        answers = await asyncio.gather(*(server.people.press(each, message, "later") for each in people))
        assert all(each.answer == 6 for each in answers)
        await server.until(lambda: all(each.follow_ups for each in answers))
