"""Posting a member's words again under their name, by a webhook of ours: the copy of a moved post, or one that comes back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import discord

from bot.discord import rendering
from bot.discord.failures import NoWebhook, Unanswered, plain_failures
from bot.discord.fitting import fitted
from bot.discord.inbound import Room
from bot.discord.markers import Markers, Place
from bot.discord.one_try import with_one_try
from bot.discord.places import Spot, need_in
from bot.wording import Voice, brought_back, moved_from
from moderation.messages import Message
from moderation.ports import Button

NAME = "Steward"
LONGEST_NAME = 80
ALL_FILES = 25 * 1024 * 1024
"""Bytes that one request may carry."""
FORBIDDEN_NAMES = re.compile("discord|clyde", re.IGNORECASE)
"""Discord refuses webhooks that call themselves so."""
NOBODY = discord.AllowedMentions.none()
MISSING = discord.utils.MISSING


@dataclass(slots=True)
class Files:
    """What hangs on a post: what can be brought along, and what is too large for that."""

    kept: list[discord.File] = field(default_factory=list)
    left: list[discord.Attachment] = field(default_factory=list)


class Copier:
    """Keeps one webhook of ours in each channel that something was moved to."""

    def __init__(self, client: discord.Client, markers: Markers) -> None:
        self._client, self._markers = client, markers
        self._webhooks: dict[int, discord.Webhook] = {}
        self._making = asyncio.Lock()

    async def copy(
        self,
        message: Message,
        source: discord.Message | None,
        spot: Spot,
        voice: Voice,
        marker: str,
        *,
        back: bool,
        buttons: Sequence[Button] = (),
    ) -> int:
        """Post it and return its id; `source` is what Discord has of it by now, for its files and its author's picture.

        Raises PlatformError.
        """
        need_in(spot.room, "manage_webhooks")
        files = await _files(source, spot.guild.filesize_limit)
        content, embeds = _text_of(message, source, files.left, spot, voice, back=back)
        webhook = await self._webhook(spot.room)
        try:
            with plain_failures("Manage Webhooks"):
                sent = await webhook.send(
                    content,
                    username=webhook_name(message.author.name),
                    avatar_url=source.author.display_avatar.url if source else MISSING,
                    files=files.kept,
                    embeds=embeds,
                    view=rendering.view(buttons, marker, voice),
                    thread=_thread(spot),
                    allowed_mentions=NOBODY,
                    wait=True,
                )
        except Unanswered:
            self._markers.doubt(spot.room.id)
            raise
        if sent.channel.id != spot.holder.id:
            with plain_failures("Manage Webhooks"):
                await sent.delete()
            raise NoWebhook(f"The webhook of #{spot.room.name} posts in another channel by now.")
        self._markers.put(spot.room.id, marker, Place(sent.id, spot.holder.id))
        return sent.id

    async def edit(self, copy: int, message: Message, spot: Spot, voice: Voice, *, back: bool) -> None:
        """Let a copy of ours say what `message` says; its files, its button and what it answers stay. Raises PlatformError."""
        need_in(spot.room, "manage_webhooks")
        with plain_failures("Read Message History"):
            standing = await spot.holder.fetch_message(copy)
        answer = rendering.answer_in(standing.content)
        content, embeds = _text_of(message, None, (), spot, voice, back=back, answer=answer)
        webhook = await self._webhook(spot.room)
        with plain_failures("Manage Webhooks"):
            await webhook.edit_message(
                copy, content=content, embeds=embeds, allowed_mentions=NOBODY, thread=_thread(spot)
            )

    async def _webhook(self, room: Room) -> discord.Webhook:
        """Ours in this channel; made where there is none yet."""
        async with self._making:  # two copies at once shall not make two
            if room.id not in self._webhooks:
                with plain_failures("Manage Webhooks"):
                    there = [webhook for webhook in await room.webhooks() if self._is_ours(webhook)]
                    ours = there[0] if there else await room.create_webhook(name=NAME)
                    self._webhooks[room.id] = with_one_try(ours)
            return self._webhooks[room.id]

    def _is_ours(self, webhook: discord.Webhook) -> bool:
        me = self._client.user
        return bool(webhook.token and webhook.user and me and webhook.user.id == me.id)

    def forget(self, room: int) -> None:
        """The webhooks of a channel have changed."""
        self._webhooks.pop(room, None)


def _text_of(
    message: Message,
    source: discord.Message | None,
    left: Sequence[discord.Attachment],
    spot: Spot,
    voice: Voice,
    *,
    back: bool,
    answer: str = "",
) -> tuple[str, list[discord.Embed]]:
    """Content and embeds; where the text needs embeds, the line over it stays content."""
    author = rendering.defused(message.author.name)
    line = (
        brought_back(author, message.posted_at, voice, spot.names)
        if back
        else moved_from(author, message.key.channel, message.posted_at, voice, spot.names)
    )
    text = rendering.copied(line, message, source, left, voice, answer)
    content, embeds = fitted(text)
    if content is not None:
        return content, embeds
    return rendering.copied_line(line), fitted(rendering.copied("", message, source, left, voice, answer))[1]


def _thread(spot: Spot) -> discord.Thread:
    """The thread in which a webhook's post stands; MISSING, as discord.py has it, for one that stands straight in its channel."""
    return spot.holder if isinstance(spot.holder, discord.Thread) else MISSING


def fits(post: discord.Message, limit: int) -> bool:
    """Whether all files of a post can be brought along; `limit` is what one file may have, in bytes."""
    sizes = [attachment.size for attachment in post.attachments]
    return max(sizes, default=0) <= limit and sum(sizes) <= ALL_FILES


async def _files(source: discord.Message | None, limit: int) -> Files:
    """Read the attachments of a post again; `limit` is what one file may have, in bytes."""
    found, total = Files(), 0
    for attachment in source.attachments if source else ():
        if attachment.size > limit or total + attachment.size > ALL_FILES:
            found.left.append(attachment)
            continue
        with plain_failures("Attach Files"):
            found.kept.append(await attachment.to_file(spoiler=attachment.is_spoiler()))
        total += attachment.size
    return found


def webhook_name(name: str) -> str:
    """A member's name as Discord takes it for a webhook: 1 to 80 characters without its own names."""
    cut = FORBIDDEN_NAMES.sub(lambda found: f"{found[0][0]}.{found[0][1:]}", name).strip()[:LONGEST_NAME]
    return cut or "a member"
