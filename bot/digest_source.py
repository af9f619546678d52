"""Where a digest's figures come from: one pass over stored decisions, then the few texts that its words need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.actions import PitchCard
from moderation.charter import Charter
from moderation.decisions import Ruling
from moderation.deeds import Deed
from moderation.digest import SETTLED_HISTORY, Digest, DigestReader, Trust
from moderation.draws import Draw, Occasion
from moderation.evidence import standings
from moderation.labels import Label
from moderation.messages import MessageKey
from moderation.periods import Period
from moderation.policy import Policy
from moderation.ports import Community, Delivery, DeliveryState, Store, Work
from moderation.promise import Promise, Standing, promise_of
from moderation.ruling_counts import RulingCounts, count_rulings


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be told: a period of a community, or of one `channel` of it (an id, else empty).

    `names` are those of all channels by id, as `channel_names` finds them unless they are given. How the promise stands is told for `now` (aware UTC), by evidence about the classifier's version
    `model` under this charter. In a `rehearsed` digest, that of a replay, what waits in the outbox counts as done, since nothing is
    ever delivered; evidence is what its own draws are about; and rulings are those on messages of the period, whenever they were made.
    """

    community: Community
    charter: Charter
    policy: Policy
    period: Period
    now: datetime
    model: str = ""
    channel: str = ""
    names: Mapping[str, str] | None = None
    rehearsed: bool = False


async def read_digest(store: Store, asked: Asked) -> Digest:
    """The digest that is asked for."""
    community, period = asked.community, asked.period
    async with store.work() as work:
        names = asked.names
        if names is None:
            names = await channel_names(work, community, asked.charter, {})
        reader = DigestReader(
            asked.charter,
            asked.policy,
            period,
            channel=asked.channel,
            names=names,
            known=await _known(work, community, period),
        )
        async for each in work.decisions.bare(community, period.before().start, period.end):
            reader.add(each.message, each.decision)
        found = await work.messages.get(reader.keys_to_read())
        outbox = await work.outbox.all(community)
        trust = await _trust(work, asked, outbox)
    done = [each for each in outbox if asked.rehearsed or each.state is DeliveryState.DONE]
    deeds = [Deed(each.action, each.channel, each.due_at) for each in done]
    # To look for words in thousands of texts takes longer than the event loop may pause.
    return await asyncio.to_thread(lambda: reader.digest(found, deeds, trust, rehearsed=asked.rehearsed))


async def channel_names(
    work: Work,
    community: Community,
    charter: Charter,
    names: Mapping[str, str],
    posted: Mapping[str, datetime] | None = None,
) -> dict[str, str]:
    """Names of channels by id; those that neither `names` nor the charter tells are read from their latest message.

    `posted` says when that was, channel by channel, where whoever asks knows it already (Messages.last_posted).
    """
    if posted is None:
        posted = await work.messages.last_posted(community)
    named = {channel.id: channel.name for channel in charter.channels if channel.id} | dict(names)
    latest: list[MessageKey] = []
    for channel, at in posted.items():
        if channel not in named:
            there = work.decisions.bare(community, at, at + timedelta(microseconds=1))
            latest += [each.message.key async for each in there if each.message.key.channel == channel]
    found = await work.messages.get(latest)
    return named | {message.key.channel: message.channel_name for message in found if message}


async def first_posted(work: Work, community: Community, before: datetime | None = None) -> datetime | None:
    """When the first message was posted on which anything was decided; None where there is none `before` a moment."""
    async for each in work.decisions.bare(community, until=before):
        return each.decision.posted_at
    return None


async def _known(work: Work, community: Community, period: Period) -> set[str] | None:
    """Who wrote before the period; None where Steward has not read along for long enough to tell."""
    if await first_posted(work, community, period.start - SETTLED_HISTORY) is None:
        return None
    return set((await work.decisions.past(community, period.start)).posts)


# --- how right it was ------------------------------------------------------------------------------------------------


async def _trust(work: Work, asked: Asked, outbox: Sequence[Delivery]) -> Trust:
    draws = [draw async for draw in work.draws.all(asked.community)]
    rulings = await _rulings(work, asked, draws, outbox)
    try:
        promise = promise_of(asked.policy.promise)
    except ValueError as error:  # stored before charters were refused for it
        return Trust(rulings, unreadable=str(error))
    if promise is None:
        return Trust(rulings)
    return Trust(rulings, promise, await _standings(work, asked, promise, draws))


async def _standings(
    work: Work, asked: Asked, promise: Promise, draws: Sequence[Draw]
) -> dict[Label, Standing]:
    model, charter_version = asked.model, asked.charter.version
    flagged = [draw for draw in draws if draw.occasion is Occasion.FLAGGED]
    if asked.rehearsed and flagged:
        model, charter_version = flagged[-1].model, flagged[-1].charter_version
    found = await standings(work, asked.community, promise, model, charter_version, asked.now)
    return {Label.CHATTER: found.chatter, Label.PITCH: found.pitch}


async def _rulings(
    work: Work, asked: Asked, draws: Sequence[Draw], outbox: Sequence[Delivery]
) -> RulingCounts:
    said = [ruling async for ruling in work.rulings.all(asked.community)]
    if not asked.rehearsed:
        said = [ruling for ruling in said if ruling.at < asked.period.end]
    cards = [each.action for each in outbox if isinstance(each.action, PitchCard)]
    counts = await _on_the_period(work, asked, draws) if asked.rehearsed else _made_in_the_period(asked)
    return count_rulings(said, draws, cards, counts)


def _made_in_the_period(asked: Asked) -> Callable[[Ruling], bool]:
    """Of one channel count those that name a message of it; a hint for a lone post does not."""
    here = f":{asked.channel}/" if asked.channel else ""
    return lambda ruling: asked.period.covers(ruling.at) and here in ruling.subject


async def _on_the_period(work: Work, asked: Asked, draws: Sequence[Draw]) -> Callable[[Ruling], bool]:
    """In a replay people rule on drawn messages alone, long after these were posted."""
    there = [draw for draw in draws if asked.channel in ("", draw.key.channel)]
    found = await work.messages.get([draw.key for draw in there])
    told = {
        draw.subject
        for draw, message in zip(there, found, strict=True)
        if message is not None and asked.period.covers(message.posted_at)
    }
    return lambda ruling: ruling.subject in told
