"""Setting up: the rules, the channels that are joined, the line that messages are read, and the first look at what was posted of late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.office.looking_back import LOOKED_BACK, Archive, look_back
from bot.office.office import Rules
from bot.office.said import Request, Said
from bot.office.setup import Wishes, setup
from bot.office.verdicts import first_cards
from bot.slack.commands import machine_read
from bot.slack.commands.asking import Asking
from bot.slack.commands.desk import Desk
from bot.slack.commands.given import seen
from bot.slack.commands.joining import with_channels_joined
from bot.slack.commands.replies import Reply, reply_to
from moderation.messages import Channel
from moderation.ports import Community

STAYS = (
    "I have no admin's token: when a talk is moved its originals stay where they are, beside the copies, and a pitch that you rule out "
    "has to be deleted by an admin. So everything that I do can be undone."
)
DELETES = (
    "With the admin's token I delete originals once their copies stand, and pitches that you rule out. What cannot be undone is that: for "
    "7 days posts can come back under their authors' names, at a new time, without their reactions and threads."
)

Who = tuple[str, ...] | None
"""Ids of people and user groups who moderate besides; None leaves them as they are."""


async def set_up(desk: Desk, asked: Asking, wishes: Wishes, who: Who = None) -> None:
    """Do what is wished; channels are given by id or name."""
    reply = reply_to(asked, desk.platform.private)
    async with desk.kindly(asked, reply):
        request = await desk.request(asked)
        if await desk.office.is_moderator(request):
            await _set_up(desk, asked, request, reply, wishes, who)
        else:
            await desk.show(reply, asked, await desk.refusal(request))


async def _set_up(
    desk: Desk, asked: Asking, request: Request, reply: Reply, wishes: Wishes, who: Who
) -> None:
    office, community = desk.office, request.community
    wishes = await _by_id(desk, community, wishes)
    before = await office.known_rules(community)
    channels = await desk.platform.channels(community)
    said = Said("")
    if wishes != Wishes():
        said = await setup(office, request, asked.workspace.name, channels, wishes)
    said = await _with_moderators(desk, request, said, who)
    rules = await office.known_rules(community)
    if rules is None:
        await desk.show(reply, asked, said)
        return
    said = _honest(desk, community, await _warned(desk, rules, community, said))
    said = await with_channels_joined(desk, community, said)
    new = await _new(desk, community, channels, before, rules)
    days = (
        f"\n\nI read the last {LOOKED_BACK.days} days of these channels now. The first verdicts follow below."
    )
    await desk.show(reply, asked, replace(said, text=f"{said.text}{days}") if new else said)
    posted = await machine_read.post(desk, request, rules)
    if posted is not None:
        await desk.show(reply, asked, posted)
    if new:
        await desk.show(reply, asked, await _first_look(desk, request, new))


async def _by_id(desk: Desk, community: Community, wishes: Wishes) -> Wishes:
    """The wishes with channels that we see; where cards are shown we have to be, too. Raises BadInput, PlatformError."""
    social, moderators, workspace = wishes.social, wishes.moderators, desk.platform.workspaces.of(community)
    if social is not None:
        social = (await seen(desk, community, social)).id
    if moderators is not None:
        moderators = (await seen(desk, community, moderators)).id
        await desk.platform.places.join(workspace, await desk.platform.places.room(workspace, moderators))
    return replace(wishes, social=social, moderators=moderators)


async def _with_moderators(desk: Desk, request: Request, said: Said, who: Who) -> Said:
    """Put those in force who moderate besides admins, and say so."""
    rules = await desk.office.known_rules(request.community)
    if who is None or rules is None:
        return said
    charter, policy = rules
    if who != policy.moderators:
        await desk.office.publish(request, charter, replace(policy, moderators=who))
    named = ", ".join(f"<!subteam^{each}>" if each.startswith("S") else f"<@{each}>" for each in who)
    line = f"• Besides admins, and whoever is in the moderators' private channel, these moderate: {named or 'nobody'}."
    return replace(said, text=f"{said.text}\n{line}".strip())


async def _warned(desk: Desk, rules: Rules, community: Community, said: Said) -> Said:
    """Says where everybody could read the cards."""
    workspace = desk.platform.workspaces.of(community)
    channel = rules[1].moderators_channel
    if not channel or (await desk.platform.places.room(workspace, channel)).private:
        return said
    place = desk.office.surface(community).channel(channel)
    return replace(
        said,
        text=f"{said.text}\n• Everybody can read {place}: cards quote members, so a private channel is better.",
    )


def _honest(desk: Desk, community: Community, said: Said) -> Said:
    """Says what Steward can delete here, and what cannot be undone."""
    deletes = desk.platform.abilities(community).delete_others
    return replace(said, text=f"{said.text}\n• {DELETES if deletes else STAYS}")


async def _new(
    desk: Desk, community: Community, channels: Sequence[Channel], before: Rules | None, rules: Rules
) -> list[Channel]:
    """Channels that are read from now on, and were not before, as far as we are in them."""
    workspace = desk.platform.workspaces.of(community)
    found = []
    for channel in channels:
        if _is_read(rules, channel) and not (before and _is_read(before, channel)):
            room = await desk.platform.places.room(workspace, channel.id)
            found += [channel] if room.member else []
    return found


def _is_read(rules: Rules, channel: Channel) -> bool:
    return rules[0].is_watched(channel.id, channel.name)


async def _first_look(desk: Desk, request: Request, channels: list[Channel]) -> Said:
    archive = Archive(desk.platform, desk.receive, desk.now)
    found = await look_back(desk.office, archive, request.community, channels)
    cards = await first_cards(desk.office, replace(request, now=desk.now()))
    told = found.told(desk.office.surface(request.community))
    return replace(cards, text=f"{told}\n\n{cards.text}")
