"""What moderators see of a flood of pitches: a few cards, and one line for each hour that says how many more wait in the backlog."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moderation.actions import PitchCard, RenewCard
from moderation.decisions import Ruled
from moderation.ends import End, Next, done
from moderation.notices import BacklogShown
from moderation.pitch_actions import ShowBacklog
from moderation.ports import Community, Delivery, Work

PROMPT = 3
"""So many copies of a pitch change its card at once; with more of them it changes once a minute."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_HOUR, _MINUTE = "%Y-%m-%dT%H", "%Y-%m-%dT%H:%M"


def left_to_later(delivery: Delivery, card: PitchCard, now: datetime) -> End | None:
    """How the card of a waiting pitch, or of one copy of many, ends: with a line or a card that is soon shown for all; None for others."""
    rest = _next_minute(now) - now
    if card.waits:
        return done("in the backlog", Next(line_of(delivery, now), rest))
    if len(card.copies) > PROMPT:
        return done("shown with other copies", Next(RenewCard(card.pitch, f"copies:{now:{_MINUTE}}"), rest))
    return None


def line_of(card: Delivery, now: datetime) -> ShowBacklog:
    """The line about the hour in which a card was put into the outbox, as it is to be shown in the minute of `now`."""
    return ShowBacklog(f"{card.due_at.astimezone(UTC):{_HOUR}}", f"{now:{_MINUTE}}")


async def without_card(work: Work, community: Community, pitch: str) -> Delivery | None:
    """The delivery of a pitch that waits without a card; None where it has one, or is not known."""
    cards = [
        each
        for each in await work.outbox.beginning(community, f"card:{pitch}:")
        if isinstance(each.action, PitchCard)
    ]
    waiting = [each for each in cards if isinstance(each.action, PitchCard) and each.action.waits]
    return waiting[0] if waiting and len(waiting) == len(cards) else None


async def backlog_shown(work: Work, community: Community, action: ShowBacklog) -> BacklogShown:
    """How many pitches of that hour wait for a ruling without a card, by now."""
    begins = datetime.strptime(action.hour, _HOUR).replace(tzinfo=UTC)
    waiting: set[str] = set()
    for each in await work.outbox.beginning(community, "card:", since=begins):
        if isinstance(card := each.action, PitchCard) and card.waits and each.due_at < begins + HOUR:
            waiting.add(card.pitch)
    async for ruling in work.rulings.all(community, begins):
        if ruling.moderator and ruling.what is not Ruled.NOT_NOW:
            waiting.discard(ruling.subject.removeprefix("card:"))
    return BacklogShown(len(waiting))


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + MINUTE
