"""Setting a community up, and setting it up once more: only what is given changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.figures import hashed, listed
from bot.office.office import Office, Rules, for_moderators
from bot.office.rules import (
    channel_among,
    language_in,
    mode_of,
    promise_in,
    refuse_unconfirmed_move,
    refuse_wrong,
)
from bot.office.said import Request, Said
from bot.wording import Voice
from moderation.charter import ChannelCharter, Charter
from moderation.charter_draft import draft_from_channels
from moderation.errors import BadInput
from moderation.messages import Channel
from moderation.policy import Mode, Policy
from moderation.promise import Promise

NAMED = 15
"""Watched channels that are named; of more only the number is told."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a moderator gave; None leaves a thing as it is. Channels are ids or names, `confirmation` is what was typed for mode move."""

    purpose: str | None = None
    social: str | None = None
    moderators: str | None = None
    mode: str | None = None
    promise: str | None = None
    watched: tuple[str, ...] | None = None
    language: str | None = None
    confirmation: str = ""


@for_moderators
async def setup(
    office: Office, asked: Request, name: str, channels: Sequence[Channel], wishes: Wishes
) -> Said:
    """Publish a charter and a policy for the community called `name`, whose `channels` the platform shows; it works at once."""
    known = await office.known_rules(asked.community)
    charter, policy = _wished(known or _first(name, channels, wishes), channels, wishes)
    refuse_unconfirmed_move(known[1] if known else None, policy, wishes.confirmation)
    refuse_wrong(charter, policy)
    await office.publish(asked, charter, policy)
    lines = _told(charter, policy, again=known is not None)
    return Said(office.surface(asked.community).quote("\n".join(lines)))


def honest_line(charter: Charter, policy: Policy) -> str:
    """The line that is to stand where everybody sees it: messages here are read by a machine."""
    return Voice.of(charter).say("read_by_machine", days=str(policy.retention_days))


def _first(name: str, channels: Sequence[Channel], wishes: Wishes) -> Rules:
    """Rules for a community that has none yet. Raises BadInput where there is nowhere to show a card."""
    if not wishes.moderators:
        raise BadInput("Name the channel that only moderators see: there I show what I find.")
    charter = draft_from_channels(name, channels)
    return replace(charter, draft=wishes.purpose is None), Policy()


def _wished(rules: Rules, channels: Sequence[Channel], wishes: Wishes) -> Rules:
    charter, policy = rules
    if wishes.purpose is not None:
        charter = replace(charter, purpose=wishes.purpose.strip(), draft=False)
    if wishes.language is not None:
        charter = replace(charter, languages=(language_in(wishes.language),))
    if wishes.moderators is not None:
        policy = replace(policy, moderators_channel=channel_among(channels, wishes.moderators).id)
    if wishes.mode is not None:
        policy = replace(policy, mode=mode_of(wishes.mode))
    if wishes.promise is not None:
        policy = replace(policy, promise=promise_in(wishes.promise))
    return replace(charter, channels=_entries(charter, policy, channels, wishes)), policy


def _entries(
    charter: Charter, policy: Policy, channels: Sequence[Channel], wishes: Wishes
) -> tuple[ChannelCharter, ...]:
    """The charter's channels with what is wished; the social one comes first, and the moderators' own is not read."""
    entries = list(charter.channels)
    if wishes.watched is not None:
        read = {channel_among(channels, each).id for each in wishes.watched}
        known = {entry.id for entry in entries}
        entries += [_entry(channel) for channel in channels if channel.id in read - known]
        entries = [replace(entry, watched=entry.id in read or entry.social) for entry in entries]
    if wishes.social is not None:
        social = channel_among(channels, wishes.social)
        entry = charter.channel(social.id, social.name) or _entry(social)
        wished = replace(entry, id=social.id, social=True, watched=True)
        if (
            wished != charter.social_channel
        ):  # else the order stays: another one would begin the evidence anew
            entries = [wished, *(each for each in entries if each.id != social.id and each != entry)]
    return tuple(_apart(entry, policy) for entry in entries)


def _entry(channel: Channel) -> ChannelCharter:
    return ChannelCharter(channel.name.lstrip("#"), channel.purpose, channel.id)


def _apart(entry: ChannelCharter, policy: Policy) -> ChannelCharter:
    """An entry that is not the moderators' channel or the log, or else is left alone. Raises BadInput for a social one."""
    if entry.id is None or entry.id not in (policy.moderators_channel, policy.log_channel):
        return entry
    if entry.social and entry.id == policy.moderators_channel:
        raise BadInput(
            f"{hashed(entry.name)} cannot be both: the place for casual talk is for everyone, that of the moderators for them alone."
        )
    return replace(entry, watched=False, social=False, promotion_welcome=False)


def _told(charter: Charter, policy: Policy, *, again: bool) -> Iterator[str]:
    """What was set, and what to do next."""
    social = charter.social_channel
    watched = [hashed(entry.name) for entry in charter.channels if entry.watched and not entry.social]
    yield f"{charter.name}: {'changed' if again else 'Steward is set up'}, in mode {policy.mode.value}. It works from now on."
    guessed = " (guessed from your channels: /relevance charter edit says it better)" if charter.draft else ""
    yield f"• Purpose: {charter.purpose}{guessed}"
    yield (
        f"• Casual talk is at home in {hashed(social.name)}."
        if social
        else ("• No channel is for casual talk yet, so I cannot say where it belongs: name one with social.")
    )
    yield (
        f"• Read: {listed(watched) if len(watched) <= NAMED else f'{len(watched)} channels'}."
        if watched
        else ("• No channel is read yet: /relevance channel watch begins with one.")
    )
    yield f"• Promise: {policy.promise}."
    yield ""
    yield from _next(policy)


def _next(policy: Policy) -> Iterator[str]:
    if policy.mode is Mode.OBSERVE:
        yield "Members see nothing of me now. Next: look at the first verdicts, and say what I should know with /relevance charter example."
        yield "When they look right: /relevance mode nudge."
    if policy.promise == "off":
        yield (
            f'To be sure first: /relevance promise "{Promise()}". Then I draw messages at random, ask you about them with '
            "/relevance calibrate, and stay silent to members until your answers show that it is kept."
        )
    else:
        yield "Until your answers to drawn messages show that the promise is kept, I say nothing to members: /relevance calibrate."
