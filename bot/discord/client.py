"""The client: what Discord tells is translated and handed on, in order; presses are answered privately.

Discord tells nothing of what happened while nobody was connected, so after every new session what was missed is read (see
`bot.discord.gaps`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import discord

from bot.discord import rendering
from bot.discord.commands import mine, presses
from bot.discord.commands.answers import kindly
from bot.discord.commands.desk import Desk
from bot.discord.commands.registration import register
from bot.discord.commands.tree import Tree, add_commands
from bot.discord.failures import LONGEST_WAIT
from bot.discord.fitting import fitted
from bot.discord.gaps import Gaps
from bot.discord.inbound import PostedIn, message_from
from bot.discord.names import DiscordNames
from bot.discord.platform import DiscordPlatform
from bot.discord.sent_away import SentAway, shard_of
from bot.discord.threads import Threads
from bot.discord.turns import Turns
from bot.office.office import Office
from bot.wording import Voice, word
from moderation.messages import Message, MessageKey, Platform
from moderation.notices import Notice
from moderation.ports import Button, Community, Press, Show, Store

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
"""No text is kept longer (see `moderation.policy`), so that an older message is none of which we could know what was edited."""


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
    wanted.webhooks = True  # to hear that somebody deleted ours
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
            max_ratelimit_timeout=LONGEST_WAIT,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self._store, self._now = store, now
        self.platform = DiscordPlatform(self, store)
        self.line: Line
        self.tree = Tree(self)
        self.desk: Desk | None = None
        self.gaps = Gaps(store, self.platform)
        self._turns = Turns()
        self._known: set[Community] = set()
        self._threads = Threads(self)
        self._sent_away = SentAway(self, store)
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
        """Discord also sends this where nobody edited, such as for a link's preview or a pin."""
        message = payload.message
        if message.edited_at is not None and self._now() - message.created_at < KEPT:
            await self._take(message)

    async def _take(self, message: discord.Message) -> None:
        if message.guild is None:
            return
        where = await self._turn(message.guild.id, message.channel.id)
        if where is not None:
            self.platform.seen(message, int(where.channel))
            await self.line.receive(message_from(message, where))

    async def _turn(self, guild: int, channel: int) -> PostedIn | None:
        """Where something happened, once everything is told that happened there before; None where nobody wants to know.

        Nothing comes in between as long as whoever is called with it does not wait: the line takes in at once what it is told.
        """
        community = _community(guild)
        async with self._turns.of(channel):
            where = await self._threads.where(channel) if await self._knows(community) else None
        if where is not None:
            async with self._turns.of((community, where.channel)):
                await self.gaps.wait(community, where.channel)
        return where

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._gone(payload.guild_id, payload.channel_id, {payload.message_id})

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._gone(payload.guild_id, payload.channel_id, payload.message_ids)

    async def _gone(self, guild: int | None, channel: int, messages: set[int]) -> None:
        where = await self._turn(guild, channel) if guild is not None else None
        if where is None:
            return
        self.platform.markers.drop(int(where.channel), messages)
        await asyncio.gather(*(self.line.deleted(where.key(message)) for message in sorted(messages)))

    # --- where we are -------------------------------------------------------------------------------------------

    async def on_ready(self) -> None:
        """After a new session of all shards: what was missed."""
        for guild in self.guilds:
            if not guild.unavailable:
                await self._fill(guild)
        self.caught_up.set()
        log.info("ready", extra={"platform": "discord", "count": len(self.guilds)})

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Before a new session: how far everything was heard, and which servers there were."""
        set_up = await self.gaps.note_all(lambda each: shard_of(each, self.shard_count) == shard_id)
        self._known &= set(set_up)
        self._threads.forget()
        self._sent_away.session_begins(shard_id)
        await super().before_identify_hook(shard_id, initial=initial)

    async def on_shard_ready(self, shard_id: int) -> None:
        """After a new session: who sent us away meanwhile."""
        for community in await self._sent_away.find(shard_id):
            await self._left(community)

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        await self.gaps.note(_community(guild.id))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """It comes back, or it came late: what was missed."""
        await self._fill(guild)

    async def _fill(self, guild: discord.Guild) -> None:
        """One server that cannot be read is no reason to leave out the others."""
        try:
            await self.gaps.fill(_community(guild.id), self.line.receive)
        except Exception:
            log.exception("what was missed could not be read", extra={"community": str(guild.id)})

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.platform.left(guild)
        await self._left(_community(guild.id))

    async def _left(self, community: Community) -> None:
        self._known.discard(community)
        self.gaps.forget(community)
        await self.line.left(community)

    async def on_webhooks_update(self, channel: discord.abc.GuildChannel) -> None:
        self.platform.copier.forget(channel.id)

    async def _knows(self, community: Community) -> bool:
        """Whether it is set up. Without a pause where that is known: what is told must not overtake what was told before."""
        if community not in self._known:
            async with self._store.work() as work:
                if await work.communities.current(community) is None:
                    return False
            self._known.add(community)
        return True

    # --- what is pressed ----------------------------------------------------------------------------------------

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        custom_id = str(dict(interaction.data or {}).get("custom_id", ""))
        if self.desk is not None and mine.is_form(custom_id):
            await mine.filled(self.desk, interaction, custom_id)
            return
        if self.desk is not None and presses.is_ours(custom_id):
            await presses.take(self.desk, interaction, custom_id)
            return
        pressed = rendering.pressed(custom_id)
        if interaction.type is not discord.InteractionType.component or pressed is None:
            return
        if self.desk is not None and pressed.button is Button.CHANGE:
            await mine.open_form(self.desk, interaction, pressed.subject)
            return
        async with kindly(interaction):
            await self._answer_press(interaction, pressed)

    async def _answer_press(self, interaction: discord.Interaction[Any], pressed: rendering.Pressed) -> None:
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
        await self.line.pressed(press, partial(self._show, interaction, community))

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
        voice = Voice.of(*rules) if rules else Voice()
        # In a server the next press tells the server by itself, and a long marker needs the room.
        where = "" if interaction.guild_id is not None else community.id
        shown = rendering.view(buttons, marker, voice, guild=where) if buttons else None
        content, embeds = fitted(word(rendering.harmless(notice), voice, DiscordNames(guild)))
        await interaction.edit_original_response(
            content=content, embeds=embeds, view=shown, allowed_mentions=discord.AllowedMentions.none()
        )


def _community(guild: int) -> Community:
    return Community(Platform.DISCORD, str(guild))
