"""What people give to commands: channels, messages by link or id, channels of the charter."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

import discord
from discord import app_commands

from bot.discord.commands.answers import Asked
from bot.discord.commands.desk import Desk
from bot.discord.inbound import channels_of
from bot.figures import hashed
from moderation.errors import BadInput, StewardError
from moderation.messages import Channel

log = logging.getLogger(__name__)

Picked = app_commands.AppCommandChannel
MOST_OFFERED = 25
LONGEST_OFFERED = 100
_LINK = re.compile(
    r"<?https?://(?:\w+\.)?discord(?:app)?\.com/channels/(?P<guild>\d{15,20})/(?P<channel>\d{15,20})/(?P<message>\d{15,20})>?",
    re.ASCII,
)
_IDS = re.compile(r"(?:(?P<channel>\d{15,20})-)?(?P<message>\d{15,20})", re.ASCII)
"""As Discord copies them: with shift, the channel's stands before the message's."""


class _Places(app_commands.Transformer):
    """A channel of some kinds, as Discord gives it: it need not be one that we see."""

    kinds: tuple[discord.ChannelType, ...] = ()

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return list(self.kinds)

    async def transform(self, interaction: Asked, value: Picked, /) -> Picked:
        del interaction
        return value


class Talking(_Places):
    """Channels in which posts can stand without a thread: text and announcements."""

    kinds = (discord.ChannelType.text, discord.ChannelType.news)


class Readable(_Places):
    """Channels whose messages can be read: forums and the text of voice channels, too."""

    kinds = (
        discord.ChannelType.text,
        discord.ChannelType.news,
        discord.ChannelType.forum,
        discord.ChannelType.voice,
        discord.ChannelType.stage_voice,
    )


def seen(guild: discord.Guild, channel: str) -> Channel:
    """A channel by id as we know it. Raises BadInput for one that we cannot see."""
    found = next((each for each in channels_of(guild) if each.id == channel), None)
    if found is None:
        there = guild.get_channel(int(channel))
        name = hashed(there.name) if there is not None else "that channel"
        raise BadInput(
            f"I cannot see {name}. Give my role View Channel there (and Send Messages, where I am to write), then ask again."
        )
    return found


async def message_in(desk: Desk, interaction: Asked, given: str) -> tuple[str, str]:
    """The channel's and the message's id by what somebody gave: a link, or an id of this channel.

    Raises BadInput for anything else, and Gone for a channel that is not there.
    """
    match = _LINK.fullmatch(given.strip()) or _IDS.fullmatch(given.strip())
    if match is None:
        raise BadInput(
            "Give the link of a message: right click on it, Copy Message Link. The id of one in this channel will do, too."
        )
    found = match.groupdict()
    if found.get("guild", str(interaction.guild_id)) != str(interaction.guild_id):
        raise BadInput("That message stands in another server.")
    asked = desk.request(interaction)
    if found["channel"] is None:
        return asked.channel, found["message"]
    room = await desk.platform.places.room(asked.community, found["channel"])
    return str(room.id), found["message"]


async def charter_channels(
    desk: Desk, interaction: Asked, typed: str, *, watched: bool = False
) -> list[app_commands.Choice[str]]:
    """The charter's channels that fit what is typed, or of them those that are read; none where that cannot be said."""
    try:
        asked = desk.request(interaction)
        rules = await desk.office.known_rules(asked.community)
        if rules is None or not await desk.office.is_moderator(asked):
            return []
    except StewardError as error:
        log.warning("channels could not be offered", exc_info=error)
        return []
    entries = [entry for entry in rules[0].channels if entry.watched or not watched]
    return offered(((hashed(entry.name), entry.id or entry.name) for entry in entries), typed)


def offered(known: Iterable[tuple[str, str]], typed: str) -> list[app_commands.Choice[str]]:
    """What has the typed letters in its name, by name and value, as many as Discord shows."""
    wanted = typed.strip().lstrip("#").casefold()
    fitting = [(name, value) for name, value in known if wanted in name.casefold() or wanted == value]
    return [
        app_commands.Choice(name=name[:LONGEST_OFFERED], value=value)
        for name, value in fitting[:MOST_OFFERED]
        if len(value) <= LONGEST_OFFERED
    ]
