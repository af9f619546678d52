"""Setting up: the rules, the line that messages are read by a machine, and the first look at what was posted of late."""

from __future__ import annotations

from dataclasses import replace

from bot.discord.commands import machine_read
from bot.discord.commands.answers import Asked, answer, begin, kindly
from bot.discord.commands.desk import Desk, in_a_server
from bot.discord.commands.looking_back import LOOKED_BACK, LookedBack, look_back
from bot.discord.commands.options import seen
from bot.discord.inbound import channels_of
from bot.office.office import Rules
from bot.office.said import Request, Said
from bot.office.setup import Wishes, setup
from bot.office.verdicts import first_cards
from moderation.messages import Channel


async def set_up(desk: Desk, interaction: Asked, wishes: Wishes) -> None:
    """Do what is wished; channels are given by id."""
    async with kindly(interaction):
        if await in_a_server(interaction):
            await begin(interaction)
            await _set_up(desk, interaction, wishes)


async def _set_up(desk: Desk, interaction: Asked, wishes: Wishes) -> None:
    office, asked, guild = desk.office, desk.request(interaction), desk.guild(interaction)
    for channel in (wishes.social, wishes.moderators):
        if channel is not None:
            seen(guild, channel)
    before = await office.known_rules(asked.community)
    channels = channels_of(guild)
    said = await setup(office, asked, guild.name, channels, wishes)
    rules = await office.known_rules(asked.community)
    if rules is None or not await office.is_moderator(asked):
        await answer(interaction, said)
        return
    new = [each for each in channels if _is_read(rules, each) and not (before and _is_read(before, each))]
    days = (
        f"\n\nI read the last {LOOKED_BACK.days} days of these channels now. The first verdicts follow below."
    )
    await answer(interaction, replace(said, text=f"{said.text}{days}") if new else said)
    posted = await machine_read.post(desk, asked, rules)
    if posted is not None:
        await answer(interaction, posted)
    if new:
        await answer(interaction, await _first_look(desk, asked, new))


async def _first_look(desk: Desk, asked: Request, channels: list[Channel]) -> Said:
    found = await look_back(desk, asked.community, channels)
    cards = await first_cards(desk.office, replace(asked, now=desk.now()))
    return replace(cards, text=f"{_told(found)}\n\n{cards.text}")


def _told(found: LookedBack) -> str:
    number = "1 message" if found.messages == 1 else f"{found.messages:,} messages"
    read = f"I have read {number} of the last {LOOKED_BACK.days} days."
    if not found.closed:
        return read
    places = ", ".join(f"<#{channel}>" for channel in found.closed)
    return f"{read} What was posted earlier in {places} I could not read: there I begin with what comes."


def _is_read(rules: Rules, channel: Channel) -> bool:
    return rules[0].is_watched(channel.id, channel.name)
