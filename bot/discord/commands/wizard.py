"""Setting up with a form: what `/relevance setup` opens without options."""

from __future__ import annotations

from typing import Any

import discord

from bot.discord.commands.answers import Asked, kindly
from bot.discord.commands.desk import Desk, in_a_server
from bot.discord.commands.forms import SETUP, Field, filled_in, form
from bot.discord.commands.options import Talking
from bot.discord.commands.setup import set_up
from bot.discord.inbound import channels_of
from bot.office.office import Rules
from bot.office.setup import Wishes
from moderation.charter_draft import draft_from_channels
from moderation.charter_file import LONGEST_TEXT
from moderation.policy import Mode, Policy
from moderation.promise import Promise

MODES = {
    Mode.OBSERVE: "Only moderators see something.",
    Mode.NUDGE: "A kind line says where casual talk is at home.",
    Mode.OFFER: "Authors are offered to have their posts moved.",
    Mode.MOVE: "Whole talks are moved; this needs a promise, or your typed word.",
}


async def open_form(desk: Desk, interaction: Asked) -> None:
    """Show the form, filled with what is in force, or with what the channels let guess."""
    async with kindly(interaction):
        if not await in_a_server(interaction) or not await desk.admits(interaction):
            return
        known = await desk.office.known_rules(desk.request(interaction).community)
        await interaction.response.send_modal(
            _form(_proposed(desk.guild(interaction), known), first=known is None)
        )


async def filled(desk: Desk, interaction: Asked) -> None:
    """Set up with what was filled in."""
    async with kindly(interaction):
        known = await desk.office.known_rules(desk.request(interaction).community)
        proposed = _proposed(desk.guild(interaction), known)
        await set_up(desk, interaction, wished(proposed, filled_in(interaction)))


def wished(proposed: Rules, given: dict[str, str]) -> Wishes:
    """What was filled in and is not what was proposed; a promise that was taken out is off."""
    charter, policy = proposed
    given = {name: value.strip() for name, value in given.items()}
    purpose = given.get("purpose", "")
    promise = given.get("promise", "") or "off"
    return Wishes(
        purpose=purpose if purpose not in ("", charter.purpose.strip()) else None,
        social=given.get("social") or None,
        moderators=given.get("moderators") or None,
        mode=given.get("mode") or None,
        promise=promise if promise != policy.promise else None,
    )


def _proposed(guild: discord.Guild, known: Rules | None) -> Rules:
    return known or (draft_from_channels(guild.name, channels_of(guild)), Policy())


def _form(proposed: Rules, *, first: bool) -> discord.ui.Modal:
    charter, policy = proposed
    social = charter.social_channel
    purpose = Field(
        "purpose", "What is this community for?", _PURPOSE, charter.purpose, LONGEST_TEXT, lines=True
    )
    promised = policy.promise if policy.promise != "off" else ""
    promise = Field(
        "promise", "Error promise, if you like", f"{Promise()}: silent until it is kept.", promised
    )
    return form(
        SETUP,
        "Set up Steward",
        [
            purpose.label(),
            _channel("social", "Where is casual talk at home?", social.id if social else None),
            _channel(
                "moderators",
                "Where do I show moderators what I find?",
                policy.moderators_channel,
                needed=first,
            ),
            _mode(policy.mode),
            promise.label(),
        ],
    )


_PURPOSE = "One to three sentences: who you are, and what you talk about here."


def _channel(name: str, label: str, now: str | None, *, needed: bool = False) -> discord.ui.Label[Any]:
    """A channel to be chosen; `now` is the id of the one in force."""
    chosen = [discord.Object(int(now), type=discord.TextChannel)] if now and now.isdecimal() else []
    menu: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
        custom_id=name,
        channel_types=list(Talking.kinds),
        min_values=int(needed),
        required=needed,
        default_values=chosen,
    )
    return discord.ui.Label(text=label, component=menu)


def _mode(now: Mode) -> discord.ui.Label[Any]:
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id="mode",
        options=[
            discord.SelectOption(label=mode.value, description=MODES[mode], default=mode is now)
            for mode in Mode
        ],
    )
    return discord.ui.Label(text="How far shall I go?", component=menu)
