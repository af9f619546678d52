"""Cards that show a text which is gone: they are shown again without it."""

from __future__ import annotations

from datetime import datetime

from moderation.actions import PitchCard, RenewCard
from moderation.draws import DRAWN, Occasion
from moderation.messages import MessageKey
from moderation.ports import DeliveryState, Work, community_of
from moderation.report_actions import AskAboutDrawn, RenewQuestion

DELETED = "deleted"
"""The occasion, in place of a ruling."""


async def renew_cards(work: Work, key: MessageKey, now: datetime) -> None:
    """Put the renewal of what moderators were shown of a deleted message into the outbox (uncommitted)."""
    community, subject = community_of(key), f"{DRAWN}{Occasion.FLAGGED}:{key.name}"
    shown = [
        *await work.outbox.beginning(community, f"card:{key.name}:"),
        *await work.outbox.beginning(community, f"ask:{subject}:"),
    ]
    for each in shown:
        if each.state is not DeliveryState.DONE:
            continue
        match each.action:
            case PitchCard():
                await work.outbox.add(community, each.channel, RenewCard(each.action.pitch, DELETED), now)
            case AskAboutDrawn():
                renewal = RenewQuestion(subject, key.name, DELETED)
                await work.outbox.add(community, each.channel, renewal, now)
            case _:
                continue
