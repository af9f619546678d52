"""What a ruling on a pitch leads to: its posts are removed, moved to where offers are welcome, or come back where they were held."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.actions import PitchCard, RemovePitch
from moderation.cards import copies_of, named, named_in
from moderation.decisions import Ruled
from moderation.holding import bring_back
from moderation.pitch_actions import PromotePitch
from moderation.ports import Community, Press, Work


async def follow_ruling(
    work: Work, press: Press, what: Ruled, cards: Sequence[PitchCard]
) -> RemovePitch | PromotePitch | None:
    """What is to be put into the outbox, if anything; what is held of a pitch that is fine comes back (uncommitted).

    Of two that rule at once, one to remove it and one to move it, the first one's word is done. `cards` are those of one pitch.
    """
    pitch, copies = cards[0].pitch, copies_of(*cards)
    if what is Ruled.FINE:
        await bring_back(work, press.community, pitch, press.at)
    elif what is Ruled.REMOVE and not set(copies) <= await named_in(
        work, press.community, f"promote:{pitch}:"
    ):
        # All copies known by now, also those whose card was not renewed yet.
        return RemovePitch(pitch, copies, cards[0].member, press.member)
    elif what is Ruled.PROMOTE and not set(copies) <= await named_in(
        work, press.community, f"remove:{pitch}:"
    ):
        return await _promotion(work, press, cards)
    return None


async def promotion_channel(work: Work, community: Community) -> str:
    """Where offers are welcome, by id or else by name; empty where that is nowhere."""
    rules = await work.communities.current(community)
    channel = rules[0].promotion_channel if rules is not None else None
    return (channel.id or channel.name) if channel is not None else ""


async def _promotion(work: Work, press: Press, cards: Sequence[PitchCard]) -> PromotePitch:
    """Move all copies known by now to one channel, as they are."""
    to_channel = await promotion_channel(work, press.community)
    found = await work.messages.get([named(press.community, name) for name in copies_of(*cards)])
    there = [message for message in found if message is not None]
    return PromotePitch(
        cards[0].pitch,
        tuple(message.key.name for message in there),
        to_channel,
        cards[0].member,
        press.member,
        tuple(message.revision for message in there),
    )
