"""/relevance charter and /relevance channel: the rules, shown and changed piece by piece."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.discord.commands.answers import Asked, apologise, kindly
from bot.discord.commands.desk import Desk, in_a_server
from bot.discord.commands.forms import EDIT, Field, filled_in, form
from bot.discord.commands.options import Picked, Readable, charter_channels, seen
from bot.office import charters
from bot.office.charters import ChannelEdit, Edit
from bot.office.office import NOT_SET_UP, Office
from bot.office.rules import channel_among
from bot.office.said import Request, Said
from bot.wording import TONES
from moderation.charter import Charter
from moderation.charter_file import LONGEST_FILE, LONGEST_NAME, LONGEST_TEXT
from moderation.errors import BadInput
from moderation.labels import Label
from moderation.messages import Channel

Text = app_commands.Range[str, 1, LONGEST_TEXT]
LABELS = [
    app_commands.Choice(name="belongs", value=Label.ON_TOPIC.value),
    app_commands.Choice(name="casual", value=Label.CHATTER.value),
    app_commands.Choice(name="pitch", value=Label.PITCH.value),
]


class CharterCommands(app_commands.Group):
    """/relevance charter."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="charter", description="What this community is for, in your words.")
        self.desk = desk

    @app_commands.command(description="The charter in plain words, and as a file.")
    async def show(self, interaction: Asked) -> None:
        await self.desk.reply(interaction, charters.charter_show)

    @app_commands.command(description="Change name, purpose, language or tone; or give a whole charter file.")
    @app_commands.describe(
        file="A charter file (charter.toml) in place of the charter; without one a form opens.",
        confirm="What to type for mode move without a promise.",
    )
    async def edit(
        self, interaction: Asked, file: discord.Attachment | None = None, confirm: Text | None = None
    ) -> None:
        if file is None:
            await _open_form(self.desk, interaction)
            return

        async def ask(office: Office, asked: Request) -> Said:
            return await charters.charter_text(office, asked, await read(file), confirm or "")

        await self.desk.reply(interaction, ask)

    @app_commands.command(description="Say what a channel is for.")
    @app_commands.describe(
        channel="The channel.",
        purpose="What it is for, in a sentence.",
        social="Whether casual talk is at home there.",
        offers="Whether members may offer things there.",
    )
    async def channel(
        self,
        interaction: Asked,
        channel: app_commands.Transform[Picked, Readable],
        purpose: Text | None = None,
        social: bool | None = None,
        offers: bool | None = None,
    ) -> None:
        edit = ChannelEdit(purpose, social, offers)
        await _change(self.desk, interaction, channel, edit)

    @app_commands.command(description="Show me with an example what you mean.")
    @app_commands.describe(
        label="What such a message is.",
        text="A message that you write yourself; members' own are not for this.",
        channel="For one channel only.",
    )
    @app_commands.choices(label=LABELS)
    async def example(
        self, interaction: Asked, label: str, text: Text, channel: app_commands.Range[str, 1, 100] = ""
    ) -> None:
        await self.desk.reply(
            interaction, lambda office, asked: charters.charter_example(office, asked, label, text, channel)
        )

    @example.autocomplete("channel")
    async def _channels(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        return await charter_channels(self.desk, interaction, typed)


class ChannelCommands(app_commands.Group):
    """/relevance channel."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(name="channel", description="Which channels are read.")
        self.desk = desk

    @app_commands.command(description="Read a channel from now on.")
    @app_commands.describe(channel="The channel.")
    async def watch(self, interaction: Asked, channel: app_commands.Transform[Picked, Readable]) -> None:
        await _change(self.desk, interaction, channel, ChannelEdit(watched=True))

    @app_commands.command(description="Read a channel no more.")
    @app_commands.describe(channel="One of the channels that are read.")
    async def unwatch(self, interaction: Asked, channel: app_commands.Range[str, 1, 100]) -> None:
        async def ask(office: Office, asked: Request) -> Said:
            charter, _ = await office.rules(asked.community)
            channels = [*(await self.desk.platform.channels(asked.community)), *_channels_of(charter)]
            return await charters.unwatch(office, asked, channel_among(channels, channel))

        await self.desk.reply(interaction, ask)

    @unwatch.autocomplete("channel")
    async def _watched(self, interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
        return await charter_channels(self.desk, interaction, typed, watched=True)


def _channels_of(charter: Charter) -> list[Channel]:
    """The charter's own channels by id: one of them may be gone, or no longer be seen."""
    return [Channel(entry.id, entry.name) for entry in charter.channels if entry.id]


async def _change(desk: Desk, interaction: Asked, picked: Picked, edit: ChannelEdit) -> None:
    async def ask(office: Office, asked: Request) -> Said:
        channel = seen(desk.guild(interaction), str(picked.id))
        return await charters.charter_channel(office, asked, channel, edit)

    await desk.reply(interaction, ask)


async def read(file: discord.Attachment) -> bytes:
    """What is in a file that somebody attached. Raises BadInput for one that is too large to be a charter."""
    if file.size > LONGEST_FILE:
        raise BadInput(f"A charter file has at most {LONGEST_FILE:,} bytes.")
    return await file.read()


# --- the form -----------------------------------------------------------------------------------------------------


async def _open_form(desk: Desk, interaction: Asked) -> None:
    async with kindly(interaction):
        if not await in_a_server(interaction) or not await desk.admits(interaction):
            return
        rules = await desk.office.known_rules(desk.request(interaction).community)
        if rules is None:
            await apologise(interaction, NOT_SET_UP)
            return
        await interaction.response.send_modal(_form(rules[0]))


def _form(charter: Charter) -> discord.ui.Modal:
    tones: discord.ui.Select[Any] = discord.ui.Select(
        custom_id="tone",
        options=[discord.SelectOption(label=tone, default=tone == charter.tone) for tone in TONES],
    )
    fields = (
        Field("name", "Name", now=charter.name, longest=LONGEST_NAME, needed=True),
        Field(
            "purpose",
            "What is this community for?",
            _PURPOSE,
            charter.purpose,
            LONGEST_TEXT,
            lines=True,
            needed=True,
        ),
        Field(
            "language",
            "Language",
            "In which members are spoken to: en, de, es, fr, pt, it or nl.",
            charter.languages[0],
        ),
    )
    tone = discord.ui.Label[Any](text="Tone", component=tones)
    return form(EDIT, "Edit the charter", [*(field.label() for field in fields), tone])


_PURPOSE = "One to three sentences: who you are, and what you talk about here."


async def edited(desk: Desk, interaction: Asked) -> None:
    """Propose what was changed in the form."""
    wished = filled_in(interaction)

    async def ask(office: Office, asked: Request) -> Said:
        charter, _ = await office.rules(asked.community)
        return await charters.charter_edit(office, asked, changed(charter, wished))

    await desk.reply(interaction, ask)


def changed(charter: Charter, wished: dict[str, str]) -> Edit:
    """What differs from the charter; what was left empty stays. Further languages of the charter stay with its first."""
    now = {
        "name": charter.name,
        "purpose": charter.purpose,
        "language": charter.languages[0],
        "tone": charter.tone,
    }
    given = {name: wished.get(name, "").strip() for name in now}
    differing = {name: value for name, value in given.items() if value and value != now[name].strip()}
    return Edit(**differing)
