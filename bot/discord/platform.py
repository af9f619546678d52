"""Discord as the pipeline sees it: moderation.ports.ChatPlatform over discord.py.

A channel is a text, announcement or forum channel, or the text of a voice channel; threads belong to their parent. Everything that
we post carries its marker in the custom id of a button of its own (see `bot.discord.markers`), so that nothing is done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from io import BytesIO

import discord

from bot.discord import rendering
from bot.discord.copies import Copier, fits
from bot.discord.failures import NoWebhook, Unanswered, plain_failures
from bot.discord.fitting import fitted
from bot.discord.forums import close_if_empty, open_post
from bot.discord.history import posted_since
from bot.discord.inbound import channels_of, revision_of, rooms_of
from bot.discord.markers import Markers, Place
from bot.discord.names import DiscordNames
from bot.discord.notice_places import message_of
from bot.discord.pinging import pinged
from bot.discord.places import Places, Spot, need, need_in
from bot.discord.private import send_once
from bot.discord.scanning import Scanner
from bot.discord.turns import Turns
from bot.wording import Voice, word
from moderation.charter import Charter
from moderation.errors import Gone, NotAllowed, Unavailable
from moderation.messages import Channel, Message, MessageKey
from moderation.notices import DigestShown, MoveHeader, Notice
from moderation.policy import Policy
from moderation.ports import Abilities, Button, Community, Look, Store, community_of

LONGEST_ALT = 1_024
LOOK_AGAIN = 3600.0
"""Seconds after which it is looked again whether moderators have mended what only they can mend."""
NOBODY = discord.AllowedMentions.none()
MISSING = discord.utils.MISSING
TEXT_CHANNEL = "A text channel for offers"
MODERATORS_CHANNEL = "Moderators' channel"
"""The name under which its absence is reported."""


class DiscordPlatform:
    """moderation.ports.ChatPlatform. `store` gives the rules by which it words things, and the threads of messages."""

    def __init__(self, client: discord.Client, store: Store) -> None:
        self._client, self._store = client, store
        self.places = Places(client)
        self._ours = Scanner(client)
        self.markers = Markers(self._ours.scan)
        self.copier = Copier(client, self.markers)
        self._posting = Turns()

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
        return await self.places.same_readers(community, channel, other)

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
        forum = await self.places.forum(community, channel) if isinstance(notice, MoveHeader) else None
        if forum is not None and isinstance(notice, MoveHeader):
            async with self._posting.of(forum.id):
                return await self._open_post(community, forum, notice, marker)
        spot = await self._spot_in(community, channel, thread, message_of(notice))
        voice = await self._voice(community)
        text = word(rendering.harmless(notice), voice, spot.names)
        view = rendering.view(buttons, marker, voice)
        async with self._posting.of(spot.room.id):
            there = await self.markers.find(spot.room.id, marker)
            if there is not None:
                return str(there.message)
            need(spot, "send_messages")
            return await self._send(spot, text, view, marker, pinged(notice))

    async def _open_post(
        self, community: Community, forum: discord.ForumChannel, header: MoveHeader, marker: str
    ) -> str:
        """A forum's post for a talk that was moved there, named after where it comes from and the day; the header stands first."""
        there = await self.markers.find(forum.id, marker)
        if there is not None:
            return str(there.message)
        charter, policy = await self._rules(community)
        voice = Voice.of(charter, policy)
        old = await self.places.room(community, header.from_channel)
        day = policy.local(datetime.now(UTC)).date().isoformat()
        text = word(header, voice, DiscordNames(forum.guild))
        try:
            place = await open_post(forum, f"{old.name} · {day}", text, rendering.view((), marker, voice))
        except Unanswered:
            self.markers.doubt(forum.id)
            raise
        self.markers.put(forum.id, marker, place)
        return str(place.message)

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
        """By direct message; NotReachable where the member wants none, or Discord lets us write them none."""
        del channel
        guild, voice = self.places.guild(community), await self._voice(community)
        text = word(rendering.harmless(notice), voice, DiscordNames(guild))
        shown = rendering.view(buttons, marker, voice, guild=community.id) if buttons else MISSING
        content, embeds = fitted(f"**{discord.utils.escape_markdown(guild.name)}**\n{text}")
        sent = await send_once(
            self._client,
            member,
            content,
            embeds=embeds,
            view=shown,
            allowed_mentions=NOBODY,
            nonce=_nonce(marker),
        )
        return str(sent)

    async def show_card(
        self, community: Community, card: Notice, *, buttons: Sequence[Button], marker: str, known: str = ""
    ) -> str:
        charter, policy = await self._rules(community)
        if not policy.moderators_channel:
            raise NotAllowed("No moderators' channel is set: /relevance setup.", MODERATORS_CHANNEL)
        spot = await self._moderators(community, policy.moderators_channel)
        voice = Voice.of(charter, policy)
        text = word(rendering.harmless(card), voice, spot.names)
        shown = rendering.view(buttons, marker, voice)
        async with self._posting.of(spot.room.id):
            there = await self.markers.find(spot.room.id, marker)
            old = there.message if there is not None else int(known or 0)
            if old:
                try:
                    return await self._renew(spot, old, text, shown)
                except Gone:
                    if there is not None:
                        raise
            need(spot, "send_messages", "embed_links")
            return await self._send(spot, text, shown, marker, NOBODY, _files(card))

    async def _renew(self, spot: Spot, post: int, text: str, view: discord.ui.View) -> str:
        content, embeds = fitted(text)
        with plain_failures("Send Messages"):
            await spot.holder.get_partial_message(post).edit(
                content=content, embeds=embeds, view=view, allowed_mentions=NOBODY
            )
        return str(post)

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

    async def copy(
        self,
        message: Message,
        to_channel: str,
        *,
        marker: str,
        buttons: Sequence[Button] = (),
        under: str = "",
    ) -> str:
        community = community_of(message.key)
        back = to_channel == message.key.channel
        if back:
            spot = await self._spot_in(community, to_channel, message.thread, message.key.message)
        else:
            thread = await self._post_of(community, to_channel, under)
            spot = await self.places.spot(community, to_channel, thread)
        async with self._posting.of(spot.room.id):
            there = await self.markers.find(spot.room.id, marker)
            if there is not None:
                return str(there.message)
            source = await self._source(message)
            voice = await self._voice(community)
            copy = partial(self.copier.copy, message, source, spot, voice, marker, back=back, buttons=buttons)
            try:
                return str(await copy())
            except NoWebhook:  # somebody deleted ours, or took it elsewhere: another is made, once
                self.copier.forget(spot.room.id)
                return str(await copy())

    async def _post_of(self, community: Community, to_channel: str, under: str) -> str | None:
        """In a forum the thread that begins with our post of that marker; None elsewhere. Raises Unavailable while it is not there."""
        forum = await self.places.forum(community, to_channel)
        if forum is None:
            return None
        if not under:
            raise NotAllowed(
                f"#{forum.name} is a forum: an offer is moved to a text channel only.", TEXT_CHANNEL
            )
        header = await self.markers.find(forum.id, under)
        if header is None:
            raise Unavailable(f"The post in #{forum.name} for this talk is not there yet.")
        return str(header.within)

    async def edit_copy(self, copy: MessageKey, message: Message) -> None:
        spot, voice = await self._spot_of(copy), await self._voice(community_of(copy))
        await self.copier.edit(
            int(copy.message), message, spot, voice, back=copy.channel == message.key.channel
        )

    async def remove(self, key: MessageKey, *, reason: str) -> None:
        spot = await self._spot_of(key)
        ours = await self.markers.place_of(spot.room.id, int(key.message)) is not None
        if not ours:
            need(spot, "manage_messages")
        try:
            with plain_failures("Manage Messages"):
                # Not through PartialMessage.delete: it has no place for the reason that the audit log shows.
                await self._client.http.delete_message(spot.holder.id, int(key.message), reason=reason[:512])
        except Gone:
            self.markers.drop(spot.room.id, [int(key.message)])
            raise
        self.markers.drop(spot.room.id, [int(key.message)])
        if ours and isinstance(spot.room, discord.ForumChannel) and int(key.message) == spot.holder.id:
            await close_if_empty(spot.holder)

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

    async def _moderators(self, community: Community, channel: str) -> Spot:
        """Where cards stand. While that is not there nothing is gone of the cards themselves: Unavailable."""
        try:
            return await self.places.spot(community, channel)
        except Gone as error:
            raise Unavailable(
                "The moderators' channel is not there: /relevance setup.", LOOK_AGAIN
            ) from error

    # --- helpers --------------------------------------------------------------------------------------------------

    async def _rules(self, community: Community) -> tuple[Charter, Policy]:
        async with self._store.work() as work:
            rules = await work.communities.current(community)
        if rules is None:
            raise Gone(f"{community} has no charter any more.")
        return rules

    async def _voice(self, community: Community) -> Voice:
        return Voice.of(*await self._rules(community))

    async def _spot_of(self, key: MessageKey) -> Spot:
        """Where a message stands: a thread is known from what is stored, or from our own post."""
        community = community_of(key)
        room = await self.places.room(community, key.channel)
        ours = await self.markers.place_of(room.id, int(key.message))
        if ours is not None:
            return await self.places.spot(community, str(ours.within))
        async with self._store.work() as work:
            stored = (await work.messages.get([key]))[0]
        return await self._spot_in(community, key.channel, stored.thread if stored else None, key.message)

    async def _spot_in(self, community: Community, channel: str, thread: str | None, message: str) -> Spot:
        """Where a message of members stands, or stood: the first post of a forum's thread has the thread's id."""
        if thread is None and message and await self.places.forum(community, channel) is not None:
            thread = message
        return await self.places.spot(community, channel, thread)

    # --- what happens there -----------------------------------------------------------------------------------------

    def seen(self, message: discord.Message, room: int) -> None:
        """A message was posted in a channel or a thread of it: ours are known by now, whichever process of ours posted them."""
        marker = self._ours.marker_on(message)
        if marker:
            self.markers.put(room, marker, Place(message.id, message.channel.id))

    def left(self, guild: discord.Guild) -> None:
        """Forget a server's channels."""
        for room in rooms_of(guild):
            self.markers.forget(room.id)
            self.copier.forget(room.id)


def _files(card: Notice) -> list[discord.File]:
    """The chart of a digest."""
    if not isinstance(card, DigestShown):
        return []
    return [discord.File(BytesIO(card.chart), "digest.png", description=card.alt[:LONGEST_ALT])]


def _nonce(marker: str) -> str:
    """Discord refuses to post the same nonce twice within a few minutes; at most 25 characters."""
    return hashlib.sha256(marker.encode()).hexdigest()[:25]
