"""How deliveries end, and what is to be done next because of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from moderation.actions import Action
from moderation.errors import NotAllowed, PlatformError
from moderation.ports import Delivery, DeliveryState
from moderation.report_actions import ReportPermission


@dataclass(frozen=True, slots=True)
class Next:
    """What is to be done in the same channel, and how long from now."""

    action: Action
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class End:
    """How one delivery ended, what the platform gave back, and what is to be done next because of it.

    Where it is WAITING it is tried again after `wait`.
    """

    state: DeliveryState
    result: str = ""
    follow: tuple[Next, ...] = ()
    wait: timedelta = timedelta(0)

    @property
    def name(self) -> str:
        """The name of its count in Delivered."""
        return "postponed" if self.state is DeliveryState.WAITING else self.state.value


def done(result: str, *follow: Next) -> End:
    """It was done."""
    return End(DeliveryState.DONE, result, follow)


def refused(delivery: Delivery, error: PlatformError) -> End:
    """Refused for good; moderators hear of it once, but not of a report that cannot be shown itself."""
    if isinstance(delivery.action, ReportPermission):
        return End(DeliveryState.REFUSED, str(error))
    permission = error.permission if isinstance(error, NotAllowed) else ""
    report = ReportPermission(str(delivery.community), permission, delivery.channel, str(error))
    return End(DeliveryState.REFUSED, str(error), (Next(report),))
