"""The one honest line, for everybody to see: messages here are read by a machine. Setting up posts it once, and offers to pin it.

It carries the marker `machine_read`, by which a second setup and `steward doctor` find it again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from bot.discord import rendering
from bot.discord.commands.desk import Desk
from bot.discord.failures import plain_failures
from bot.discord.markers import Place
from bot.discord.places import Spot, need
from bot.discord.platform import NOBODY, DiscordPlatform
from bot.office.office import Rules
from bot.office.said import Choice, Request, Said
from bot.office.setup import honest_line
from bot.wording import Voice
from moderation.charter import Charter
from moderation.errors import BadInput, Gone, PlatformError

log = logging.getLogger(__name__)

MARKER = "machine_read"
PIN = "pin"
"""The choice under the answer: no choice of the office has this name."""
PLEASE_POST = "Please post this where everybody sees it, for I could not."
REASON = "A moderator asked Steward to pin that messages here are read by a machine."


async def post(desk: Desk, asked: Request, rules: Rules) -> Said | None:
    """Post the line unless it stands, and say so; None where it stands already, in its present words.

    It stands in the social channel, where everybody comes by; without one, where it is asked, or in the first channel that is read.
    Where that cannot be, people are asked to post it themselves.
    """
    text = honest_line(*rules)
    try:
        spots = [spot async for spot in _spots(desk.platform, asked, rules[0])]
        for spot in spots:
            standing = await find(desk.platform, spot)
            if standing is not None:
                await _reword(spot, standing, text)
                return None
        if not spots:
            return Said(f"{PLEASE_POST}\n> {text}")
        need(spots[0], "send_messages")
        return await _posted(desk.platform, spots[0], text, Voice.of(rules[0]))
    except PlatformError as error:
        log.warning("the line that messages are read could not be posted", exc_info=error)
        return Said(f"{PLEASE_POST} ({error})\n> {text}")


async def find(platform: DiscordPlatform, spot: Spot) -> int | None:
    """The line's id in a channel: among the posts of the last days, or pinned. Raises PlatformError's kinds."""
    need(spot, "read_message_history")
    place = await platform.markers.find(spot.room.id, MARKER)
    if place is not None:
        return place.message
    with plain_failures("Read Message History"):
        async for message in spot.holder.pins():
            if message.author.id == spot.guild.me.id and rendering.marker_of(message) == MARKER:
                return message.id
    return None


async def pin(desk: Desk, asked: Request, argument: str) -> Said:
    """Pin the line, by `channel:message`; only for moderators. Raises NotAllowed with the permission that is missing."""
    if not await desk.office.is_moderator(asked):
        return await desk.refusal(asked)
    channel, _, message = argument.partition(":")
    if not message.isdecimal():
        raise BadInput("I do not know that button any more: ask for /relevance setup again.")
    spot = await desk.platform.places.spot(asked.community, channel)
    need(spot, "pin_messages")
    with plain_failures("Pin Messages"):
        await spot.holder.get_partial_message(int(message)).pin(reason=REASON)
    return Said(f"It is pinned in {spot.holder.mention}.")


async def _spots(platform: DiscordPlatform, asked: Request, charter: Charter) -> AsyncIterator[Spot]:
    """Where the line may stand, the best place first."""
    social = charter.social_channel
    wanted = [social.id or social.name] if social else []
    wanted += [asked.channel] if charter.is_watched(asked.channel) else []
    wanted += [entry.id or entry.name for entry in charter.channels if entry.watched][:1]
    for channel in dict.fromkeys(wanted):
        try:
            yield await platform.places.spot(asked.community, channel)
        except Gone as error:  # a forum holds no posts of its own
            log.info("the line that messages are read cannot stand there", exc_info=error)


async def _posted(platform: DiscordPlatform, spot: Spot, text: str, voice: Voice) -> Said:
    with plain_failures("Send Messages"):
        sent = await spot.holder.send(
            text,
            view=rendering.view((), MARKER, voice),
            allowed_mentions=NOBODY,
            suppress_embeds=True,
            nonce=f"read{spot.room.id}"[:25],
        )
    platform.markers.put(spot.room.id, MARKER, Place(sent.id, spot.holder.id))
    choice = Choice("Pin it", f"{PIN}:{spot.holder.id}:{sent.id}")
    return Said(f"So that everybody knows, I posted this in {spot.holder.mention}:\n> {text}", (choice,))


async def _reword(spot: Spot, message: int, text: str) -> None:
    """Let a line that stands say what is true by now."""
    with plain_failures("Read Message History"):
        standing = await spot.holder.fetch_message(message)
        if standing.content != text:
            await standing.edit(content=text, allowed_mentions=NOBODY)
