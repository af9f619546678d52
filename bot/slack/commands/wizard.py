"""Setting up with a form: what `/relevance setup` opens without options."""

from __future__ import annotations

from collections.abc import Mapping

from bot.office.office import Rules
from bot.office.said import Request, Said
from bot.office.setup import Wishes
from bot.slack.commands.asking import Asking, kept
from bot.slack.commands.blocks import View
from bot.slack.commands.desk import Desk
from bot.slack.commands.forms import SETUP, Field, first, form
from bot.slack.commands.replies import reply_to
from bot.slack.commands.setup import set_up
from bot.slack.fitting import Block
from moderation.charter_draft import draft_from_channels
from moderation.charter_file import LONGEST_TEXT
from moderation.policy import Mode, Policy
from moderation.ports import Community
from moderation.promise import Promise

MODES = {
    Mode.OBSERVE.value: "Only moderators see something.",
    Mode.NUDGE.value: "A kind line says where casual talk is at home.",
    Mode.OFFER.value: "Authors are offered to have their posts moved.",
    Mode.MOVE.value: "Whole talks are moved; this needs a promise, or your typed word.",
}
PRESET = 30
"""Channels that a form shows as chosen; of more it shows none."""
INVITE = "A private one: type /invite @Steward there first."


async def open_form(desk: Desk, asked: Asking) -> None:
    """Show the form, filled with what is in force, or with what the channels let guess."""

    async def make(request: Request) -> View | Said:
        if not await desk.office.is_moderator(request):
            return await desk.refusal(request)
        known = await desk.office.known_rules(request.community)
        proposed = await _proposed(desk, request.community, known)
        language = await desk.language(asked.workspace)
        return form(SETUP, "Set up Steward", _blocks(proposed, is_first=known is None), kept(asked), language)

    await desk.open(asked, make)


async def filled(desk: Desk, asked: Asking, given: Mapping[str, tuple[str, ...]]) -> None:
    """Set up with what was filled in."""
    async with desk.kindly(asked, reply_to(asked, desk.platform.private)):
        known = await desk.office.known_rules(asked.workspace.community)
        proposed = await _proposed(desk, asked.workspace.community, known)
        await set_up(desk, asked, wished(proposed, given))


def wished(proposed: Rules, given: Mapping[str, tuple[str, ...]]) -> Wishes:
    """What was filled in and is not what was proposed; a promise that was taken out is off."""
    charter, policy = proposed
    purpose, promise = first(given, "purpose"), first(given, "promise") or "off"
    home, social, read = charter.social_channel, first(given, "social"), tuple(given.get("watched", ()))
    return Wishes(
        purpose=purpose if purpose not in ("", charter.purpose.strip()) else None,
        social=social if social and not (home and social == home.id) else None,
        moderators=first(given, "moderators") or None,
        mode=first(given, "mode") or None,
        promise=promise if promise != policy.promise else None,
        watched=read if read and set(read) != set(_read(proposed)) else None,
        confirmation=first(given, "confirm"),
    )


async def _proposed(desk: Desk, community: Community, known: Rules | None) -> Rules:
    if known is not None:
        return known
    name = desk.platform.workspaces.of(community).name
    return draft_from_channels(name, await desk.platform.channels(community)), Policy()


def _read(rules: Rules) -> list[str]:
    """Ids of the channels that are read, but for the social one."""
    return [entry.id for entry in rules[0].channels if entry.id and entry.watched and not entry.social]


def _blocks(proposed: Rules, *, is_first: bool) -> list[Block]:
    charter, policy = proposed
    social, read = charter.social_channel, _read(proposed)
    promised = policy.promise if policy.promise != "off" else ""
    rest = "Left empty: all public ones." if is_first else "Left empty: as it is."
    return [
        Field(
            "purpose",
            "What is this community for?",
            "One to three sentences: who you are, and what you talk about here.",
        ).text(charter.purpose, LONGEST_TEXT, lines=True),
        Field("moderators", "Where do I show moderators what I find?", INVITE, needed=is_first).channel(
            policy.moderators_channel
        ),
        Field("social", "Where is casual talk at home?").channel(social.id if social else None),
        Field("watched", "Which channels do I read?", f"{rest} {INVITE}").channels(
            read if len(read) <= PRESET else ()
        ),
        Field("mode", "How far shall I go?").choice(MODES, policy.mode.value),
        Field("promise", "Error promise, if you like", f"{Promise()}: silent until it is kept.").text(
            promised, 200
        ),
        Field("confirm", "For mode move without a promise", 'Type "move whole talks" here.').text("", 200),
    ]
