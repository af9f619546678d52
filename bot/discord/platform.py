"""Discord as the pipeline sees it: moderation.ports.ChatPlatform over discord.py.

A channel is a text, announcement or forum channel, or the text of a voice channel; threads belong to their parent. Everything that
we post carries its marker in the custom id of a button of its own (see `bot.discord.markers`), so that nothing is done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO

import discord

from bot.discord import rendering
from bot.discord.copies import Copier, fits
from bot.discord.failures import Unanswered, plain_failures
from bot.discord.fitting import fitted
from bot.discord.history import posted_since
from bot.discord.inbound import Room, channels_of, revision_of
from bot.discord.markers import Markers, Place
from bot.discord.names import DiscordNames
from bot.discord.places import Places, Spot, need, need_in, readers
from bot.wording import Voice, word
from moderation.actions import FloodHint, NudgeAuthor, OfferNote, Welcome
from moderation.charter import Charter
from moderation.errors import Gone, NotAllowed, PlatformError
from moderation.messages import Channel, Message, MessageKey
from moderation.notices import DigestShown, Notice
from moderation.policy import Policy
from moderation.ports import Abilities, Button, Community, Look, Store, community_of

SCANNED = 500
"""Posts of a channel that are looked through for ours after a start."""
SCANNED_THREADS = 20
LONGEST_ALT = 1_024
OURS_FOR = timedelta(days=8)
"""Older posts of ours are not looked for: what can be undone or appealed can be so for 7 days."""
TO_ONE = (NudgeAuthor, FloodHint, Welcome, OfferNote)
"""Notices that mention, and notify, the one member to whom they speak."""
NOBODY = discord.AllowedMentions.none()
MISSING = discord.utils.MISSING
MODERATORS_CHANNEL = "Moderators' channel"
"""The name under which its absence is reported."""


class DiscordPlatform:
    """moderation.ports.ChatPlatform. `store` gives the rules by which it words things, and the threads of messages."""

    def __init__(self, client: discord.Client, store: Store) -> None:
        self._client, self._store = client, store
        self.places = Places(client)
        self.markers = Markers(self._scan)
        self.copier = Copier(client, self.markers)

    def abilities(self, community: Community) -> Abilities:
        del community
        return Abilities(delete_others=True, private_notes=False)

    # --- what is there ------------------------------------------------------------------------------------------

    async def find(self, community: Community, channel: str, marker: str) -> str | None:
        place = await self.markers.find((await self.places.room(community, channel)).id, marker)
        return str(place.message) if place else None

    async def look(self, key: MessageKey) -> Look:
        spot = await self._spot_of(key)
        need(spot, "read_message_history")
        with plain_failures("Read Message History"):
            found = await spot.holder.fetch_message(int(key.message))
        return Look(
            revision=revision_of(found),
            has_thread=found.flags.has_thread,
            pinned=found.pinned,
            reactions=sum(reaction.count for reaction in found.reactions),
            whole=fits(found, spot.guild.filesize_limit),
        )

    async def same_readers(self, community: Community, channel: str, other: str) -> bool:
        """By what roles and single members are allowed: who has which role is not asked."""
        here = await self.places.room(community, channel)
        return readers(here) == readers(await self.places.room(community, other))

    async def channels(self, community: Community) -> list[Channel]:
        return channels_of(self.places.guild(community))

    async def history(
        self, community: Community, channel: str, after: datetime | None
    ) -> AsyncIterator[Message]:
        room = await self.places.room(community, channel)
        need_in(room, "read_message_history")
        with plain_failures("Read Message History"):
            found = await posted_since(room, after)
        for message in found:
            yield message

    # --- what is said -------------------------------------------------------------------------------------------

    async def say(
        self,
        community: Community,
        channel: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
        thread: str | None = None,
    ) -> str:
        spot = await self.places.spot(community, channel, thread)
        there = await self.markers.find(spot.room.id, marker)
        if there is not None:
            return str(there.message)
        need(spot, "send_messages")
        voice = await self._voice(community)
        mentions = NOBODY
        if isinstance(notice, TO_ONE):
            mentions = discord.AllowedMentions(
                everyone=False, roles=False, replied_user=False, users=[discord.Object(int(notice.member))]
            )
        text = word(rendering.harmless(notice), voice, spot.names)
        return await self._send(spot, text, rendering.view(buttons, marker, voice), marker, mentions)

    async def tell(
        self,
        community: Community,
        channel: str,
        member: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
    ) -> str:
        """By direct message; NotReachable where the member wants none."""
        del channel
        guild, voice = self.places.guild(community), await self._voice(community)
        text = word(rendering.harmless(notice), voice, DiscordNames(guild))
        shown = rendering.view(buttons, marker, voice, guild=community.id) if buttons else MISSING
        with plain_failures():
            user = self._client.get_user(int(member)) or await self._client.fetch_user(int(member))
            content, embeds = fitted(f"**{discord.utils.escape_markdown(guild.name)}**\n{text}")
            try:
                sent = await user.send(
                    content, embeds=embeds, view=shown, allowed_mentions=NOBODY, nonce=_nonce(marker)
                )
            except Unanswered as error:
                raise PlatformError(str(error)) from error  # perhaps it was seen: it is not told again
        return str(sent.id)

    async def show_card(
        self, community: Community, card: Notice, *, buttons: Sequence[Button], marker: str
    ) -> str:
        charter, policy = await self._rules(community)
        if not policy.moderators_channel:
            raise NotAllowed("No moderators' channel is set: /relevance setup.", MODERATORS_CHANNEL)
        spot = await self.places.spot(community, policy.moderators_channel)
        text = word(rendering.harmless(card), Voice.of(charter), spot.names)
        shown = rendering.view(buttons, marker, Voice.of(charter))
        there = await self.markers.find(spot.room.id, marker)
        if there is None:
            need(spot, "send_messages", "embed_links")
            return await self._send(spot, text, shown, marker, NOBODY, _files(card))
        content, embeds = fitted(text)
        with plain_failures("Send Messages"):
            await spot.holder.get_partial_message(there.message).edit(
                content=content, embeds=embeds, view=shown, allowed_mentions=NOBODY
            )
        return str(there.message)

    async def _send(
        self,
        spot: Spot,
        text: str,
        view: discord.ui.View,
        marker: str,
        mentions: discord.AllowedMentions,
        files: Sequence[discord.File] = (),
    ) -> str:
        content, embeds = fitted(text)
        try:
            with plain_failures("Send Messages"):
                sent = await spot.holder.send(
                    content,
                    embeds=embeds,
                    view=view,
                    allowed_mentions=mentions,
                    suppress_embeds=content is not None,
                    nonce=_nonce(marker),
                    files=files,
                )
        except Unanswered:
            self.markers.doubt(spot.room.id)
            raise
        self.markers.put(spot.room.id, marker, Place(sent.id, spot.holder.id))
        return str(sent.id)

    # --- what is moved and taken away -----------------------------------------------------------------------------

    async def copy(self, message: Message, to_channel: str, *, marker: str) -> str:
        community = community_of(message.key)
        back = to_channel == message.key.channel
        spot = await self.places.spot(community, to_channel, message.thread if back else None)
        there = await self.markers.find(spot.room.id, marker)
        if there is not None:
            return str(there.message)
        source = await self._source(message)
        voice = await self._voice(community)
        return str(await self.copier.copy(message, source, spot, voice, marker, back=back))

    async def remove(self, key: MessageKey, *, reason: str) -> None:
        spot = await self._spot_of(key)
        ours = await self.markers.place_of(spot.room.id, int(key.message)) is not None
        if not ours:
            need(spot, "manage_messages")
        with plain_failures("Manage Messages"):
            # Not through PartialMessage.delete: it has no place for the reason that the audit log shows.
            try:
                await self._client.http.delete_message(spot.holder.id, int(key.message), reason=reason[:512])
            except discord.NotFound:
                self.markers.drop(spot.room.id, [int(key.message)])
                raise
        self.markers.drop(spot.room.id, [int(key.message)])

    async def _source(self, message: Message) -> discord.Message | None:
        """What Discord has of a post by now: itself, or after a move its copy, for the files that hang on it."""
        async with self._store.work() as work:
            moves = await work.moves.with_original(message.key)
        places = [message.key]
        places += [
            MessageKey(message.key.platform, message.key.community, post.to_channel, post.copy)
            for post in moves
            if post.copy
        ]
        for key in places:
            try:
                spot = await self._spot_of(key)
                with plain_failures("Read Message History"):
                    return await spot.holder.fetch_message(int(key.message))
            except Gone:
                continue
        return None

    # --- helpers --------------------------------------------------------------------------------------------------

    async def _rules(self, community: Community) -> tuple[Charter, Policy]:
        async with self._store.work() as work:
            rules = await work.communities.current(community)
        if rules is None:
            raise Gone(f"{community} has no charter any more.")
        return rules

    async def _voice(self, community: Community) -> Voice:
        return Voice.of((await self._rules(community))[0])

    async def _spot_of(self, key: MessageKey) -> Spot:
        """Where a message stands: a thread is known from what is stored, or from our own post."""
        community = community_of(key)
        room = await self.places.room(community, key.channel)
        ours = await self.markers.place_of(room.id, int(key.message))
        if ours is not None:
            return await self.places.spot(community, str(ours.within))
        async with self._store.work() as work:
            stored = (await work.messages.get([key]))[0]
        thread = stored.thread if stored else None
        if thread is None and isinstance(room, discord.ForumChannel):
            thread = key.message  # the first post of a forum's thread has the thread's id
        return await self.places.spot(community, key.channel, thread)

    async def _scan(self, room_id: int) -> Iterable[tuple[str, Place]]:
        """Our posts of the last days in a channel and its latest threads, oldest first."""
        room = self._client.get_channel(room_id)
        if not isinstance(room, Room):
            raise Gone(f"The channel {room_id} is not there.")
        since = datetime.now(UTC) - OURS_FOR
        threads = sorted(getattr(room, "threads", []), key=lambda thread: thread.last_message_id or 0)
        holders = [] if isinstance(room, discord.ForumChannel) else [room]
        found: list[tuple[str, Place]] = []
        with plain_failures("Read Message History"):
            for holder in [*holders, *threads[-SCANNED_THREADS:]]:
                async for message in holder.history(limit=SCANNED, after=since, oldest_first=False):
                    marker = self._marker_on(message)
                    if marker:
                        found.append((marker, Place(message.id, holder.id)))
        return reversed(found)

    def _marker_on(self, message: discord.Message) -> str:
        """The marker of a post of ours; empty for every other."""
        me = self._client.application_id
        ours = message.application_id == me or (
            self._client.user and message.author.id == self._client.user.id
        )
        return rendering.marker_of(message) if ours else ""


def _files(card: Notice) -> list[discord.File]:
    """The chart of a digest."""
    if not isinstance(card, DigestShown):
        return []
    return [discord.File(BytesIO(card.chart), "digest.png", description=card.alt[:LONGEST_ALT])]


def _nonce(marker: str) -> str:
    """Discord refuses to post the same nonce twice within a few minutes; at most 25 characters."""
    return hashlib.sha256(marker.encode()).hexdigest()[:25]
