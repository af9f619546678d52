"""What Steward did lately, in words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.moderator_words import deed
from bot.office.office import Office, for_moderators
from bot.office.said import Request, Said, Surface
from moderation.actions import RenewCard, TakeBack
from moderation.errors import BadInput
from moderation.notices import DeedShown
from moderation.ports import Delivery, DeliveryState
from moderation.report_actions import RenewQuestion

MOST = 50
QUIET = (RenewCard, RenewQuestion, TakeBack)
"""What only tidies up: not told unless something went wrong."""


@for_moderators
async def log(office: Office, asked: Request, number: int = 15) -> Said:
    """The latest `number` things that were done, or were to be done, newest first."""
    if not 1 <= number <= MOST:
        raise BadInput(f"The log shows 1 to {MOST} entries.")
    await office.rules(asked.community)
    async with office.store.work() as work:
        every = await work.outbox.all(asked.community)
    told = [each for each in reversed(every) if not isinstance(each.action, QUIET) or _went_wrong(each)]
    if not told:
        return Said("I have not done anything here yet.")
    surface = office.surface(asked.community)
    return Said("\n".join(_lines(surface, told[:number])))


def _went_wrong(delivery: Delivery) -> bool:
    return delivery.state in (DeliveryState.REFUSED, DeliveryState.LOST)


def _lines(surface: Surface, told: list[Delivery]) -> Iterator[str]:
    for each in told:
        why = surface.quote(each.result) if _went_wrong(each) else ""
        yield f"• {deed(DeedShown(each.action, each.channel, each.state.value, each.due_at, why), surface)}"
