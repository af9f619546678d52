"""The client: what Discord tells is translated and handed on, in order; presses are answered privately.

Discord tells nothing of what happened while nobody was connected, so after every new session what was missed is read (see
`bot.discord.gaps`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import discord

from bot.discord import rendering
from bot.discord.commands import presses
from bot.discord.commands.desk import Desk
from bot.discord.commands.registration import register
from bot.discord.commands.tree import Tree, add_commands
from bot.discord.fitting import fitted
from bot.discord.gaps import Gaps
from bot.discord.inbound import PostedIn, message_from, posted_in
from bot.discord.names import DiscordNames
from bot.discord.platform import DiscordPlatform
from bot.office.office import Office
from bot.wording import Voice, word
from moderation.errors import StewardError
from moderation.messages import Message, MessageKey, Platform
from moderation.notices import Notice
from moderation.ports import Button, Community, Press, Show, Store

log = logging.getLogger(__name__)


class Line(Protocol):
    """What is told of, and who answers."""

    async def receive(self, message: Message) -> None:
        """Return when it is stored."""
        ...

    async def deleted(self, key: MessageKey) -> None:
        """Return when its text is forgotten."""
        ...

    async def pressed(self, press: Press, show: Show) -> None:
        """Keep what follows, and `show` whoever pressed what they are told."""
        ...

    async def left(self, community: Community) -> None:
        """Steward was sent away: everything of the community is erased."""
        ...


def intents() -> discord.Intents:
    """The least that the work needs; message content is the privileged one."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.message_content = True
    return wanted


class Client(discord.AutoShardedClient):
    """One connection for all servers. `line` is set before it starts; `caught_up` is set when gaps are filled.

    It is ready when no more servers have been told of for `patience` seconds.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], patience: float = 2.0) -> None:
        super().__init__(
            intents=intents(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=patience,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self._store, self._now = store, now
        self.platform = DiscordPlatform(self, store)
        self.line: Line
        self.tree = Tree(self)
        self.desk: Desk | None = None
        self.gaps = Gaps(store, self.platform)
        self.caught_up = asyncio.Event()

    def open_office(self, office: Office) -> None:
        """Answer commands, from the start on; `line` is set before."""
        self.desk = Desk(office, self.platform, self.line.receive, self._now)
        add_commands(self.tree, self.desk)

    async def setup_hook(self) -> None:
        """Before the first connection: the commands are registered where they changed."""
        if self.desk is not None:
            await register(self.tree)

    # --- what is posted -----------------------------------------------------------------------------------------

    async def on_message(self, message: discord.Message) -> None:
        await self._take(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        # Discord also sends this when it unfurls a link: nobody edited then, and the revision stays.
        await self._take(payload.message)

    async def _take(self, message: discord.Message) -> None:
        if message.guild is None or not await self._knows(_community(message.guild.id)):
            return
        where = await self._where(message.channel.id)
        if where is not None:
            await self.line.receive(message_from(message, where))

    async def _where(self, channel: int) -> PostedIn | None:
        """Where a channel's messages stand; a thread that nobody told us of is asked for."""
        found = self.get_channel(channel)
        if found is None:
            with suppress(discord.NotFound, discord.Forbidden):
                found = await self.fetch_channel(channel)
        return posted_in(found)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._gone(payload.guild_id, payload.channel_id, {payload.message_id})

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._gone(payload.guild_id, payload.channel_id, payload.message_ids)

    async def _gone(self, guild: int | None, channel: int, messages: set[int]) -> None:
        if guild is None or not await self._knows(_community(guild)):
            return
        where = await self._where(channel)
        if where is None:
            return
        self.platform.markers.drop(int(where.channel), messages)
        for message in sorted(messages):
            await self.line.deleted(where.key(message))

    # --- where we are -------------------------------------------------------------------------------------------

    async def on_ready(self) -> None:
        """After a new session: what was missed."""
        for guild in self.guilds:
            if not guild.unavailable:
                await self.gaps.fill(_community(guild.id), self.line.receive)
        self.caught_up.set()
        log.info("ready", extra={"platform": "discord", "count": len(self.guilds)})

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Before a new session: how far everything was heard."""
        await self.gaps.note_all()
        await super().before_identify_hook(shard_id, initial=initial)

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        await self.gaps.note(_community(guild.id))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """It comes back, or it came late: what was missed."""
        await self.gaps.fill(_community(guild.id), self.line.receive)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self.line.left(_community(guild.id))

    async def on_webhooks_update(self, channel: discord.abc.GuildChannel) -> None:
        self.platform.copier.forget(channel.id)

    async def _knows(self, community: Community) -> bool:
        async with self._store.work() as work:
            return await work.communities.current(community) is not None

    # --- what is pressed ----------------------------------------------------------------------------------------

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        custom_id = str(dict(interaction.data or {}).get("custom_id", ""))
        if self.desk is not None and presses.is_ours(custom_id):
            await presses.take(self.desk, interaction, custom_id)
            return
        pressed = rendering.pressed(custom_id)
        if interaction.type is not discord.InteractionType.component or pressed is None:
            return
        # Discord waits three seconds; whatever follows may take longer.
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild = pressed.guild or str(interaction.guild_id)
        community = Community(Platform.DISCORD, guild)
        channel = interaction.channel
        parent = channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id
        press = Press(
            community=community,
            button=pressed.button,
            subject=pressed.subject,
            member=str(interaction.user.id),
            at=self._now(),
            channel=str(parent),
            moderator=interaction.guild_id is not None and interaction.permissions.manage_guild,
        )
        try:
            await self.line.pressed(press, partial(self._show, interaction, community))
        except StewardError as error:
            log.warning("a press could not be answered", exc_info=error)
            await interaction.edit_original_response(
                content="That did not work just now. Please try again in a minute."
            )

    async def _show(
        self,
        interaction: discord.Interaction[Any],
        community: Community,
        notice: Notice,
        buttons: Sequence[Button],
        marker: str,
    ) -> None:
        guild = self.platform.places.guild(community)
        async with self._store.work() as work:
            rules = await work.communities.current(community)
        voice = Voice.of(rules[0]) if rules else Voice()
        shown = rendering.view(buttons, marker, voice, guild=community.id) if buttons else None
        content, embeds = fitted(word(rendering.harmless(notice), voice, DiscordNames(guild)))
        await interaction.edit_original_response(
            content=content, embeds=embeds, view=shown, allowed_mentions=discord.AllowedMentions.none()
        )


def _community(guild: int) -> Community:
    return Community(Platform.DISCORD, str(guild))
