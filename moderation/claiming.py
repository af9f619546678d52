"""A moderator says that they are looking at a pitch: the card shows it to the others, until somebody rules or half an hour is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from moderation.actions import PitchCard, RenewCard
from moderation.notices import Answer, Reply
from moderation.pitch_actions import ClaimPitch
from moderation.pitch_states import CLAIM_STANDS, Claim, claims_alive
from moderation.ports import Community, Press, Work

A_MOMENT = timedelta(seconds=1)


async def claim(work: Work, press: Press) -> Answer:
    """Keep a claim, and that the card is shown again when it is over (uncommitted). Whoever has one already has no second."""
    pitch = press.subject.removeprefix("card:")
    cards = await work.outbox.beginning(press.community, f"card:{pitch}:")
    if not any(isinstance(each.action, PitchCard) for each in cards):
        return Answer(Reply.TOO_LATE)
    rulings = await work.rulings.of(press.community, f"card:{pitch}")
    alive = claims_alive(await claims_on(work, press.community, pitch), rulings, press.at)
    if all(other.by != press.member for other in alive):
        said, channel = press.at.isoformat(), cards[0].channel
        await work.outbox.add(press.community, channel, ClaimPitch(pitch, press.member, said), press.at)
        over = RenewCard(pitch, f"unclaimed:{press.member}:{said}")
        await work.outbox.add(press.community, channel, over, press.at + CLAIM_STANDS + A_MOMENT)
    return Answer(Reply.CLAIMED)


async def claims_on(work: Work, community: Community, pitch: str) -> list[Claim]:
    """All claims that were ever made on a pitch, oldest first."""
    found = [each.action for each in await work.outbox.beginning(community, f"claim:{pitch}:")]
    claims = [
        Claim(each.by, datetime.fromisoformat(each.at)) for each in found if isinstance(each, ClaimPitch)
    ]
    return sorted(claims, key=lambda each: each.at)
