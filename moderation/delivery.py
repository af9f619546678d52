"""Doing what was decided: actions are claimed from the outbox, done one at a time, and marked.

::

    Gone          GONE       what it was about no longer exists: as good as done
    NotAllowed    REFUSED    moderators are told once which permission is missing; no retry
    PlatformError REFUSED    the platform will never do it so: moderators are told once, in its words; no retry
    NotReachable  REFUSED    this person cannot be told privately; what must reach them is offered in the channel
    Unavailable   later      not before the platform's `retry_after`, and more and more patiently; in the end LOST

What can be found again by its marker happens exactly once. What cannot be found again (a private note) is marked
SENDING first and happens at most once: if it comes back in SENDING, nobody knows whether it was seen; it is LOST and
counted. No transaction is open while the platform works.

What is claimed may be cancelled, erased, or claimed by another once our lease is over: that is asked right before it is begun, and
again before it is kept how it ended. Nothing is worked on for as long as its lease. Whoever is told to stop finishes what is begun
and leaves the rest to others.

What an action is made of stands beside: moderation.doing.

Whether somebody opted out is asked last, right before they would be spoken to: what waited for them is CANCELLED.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import TypeGuard

from moderation.conversation import SILENCE
from moderation.deed_log import note_in_log
from moderation.doing import Doing
from moderation.ends import End, Next, refused
from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, StoreError, Unavailable
from moderation.finishing import finished
from moderation.holding import let_go
from moderation.lines import CLOSED, is_private, left_behind, without_names
from moderation.messages import MessageKey
from moderation.move_actions import MoveStretch
from moderation.moving import deleted_by_move, give_up
from moderation.notes import offered_instead
from moderation.pitch_actions import HoldPitch, PromotePitch
from moderation.ports import ChatPlatform, Delivery, DeliveryState, Store, Work
from moderation.promoting import give_up_promotion
from moderation.removing import deleted_by_ruling

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=5)
TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Patience:
    """How deliveries are claimed and repeated. The defaults outlast a night's outage.

    `lease` must be longer than `longest`, for which one action is worked on at a time. `grace` is how many seconds there are to finish
    one when told to stop: Docker waits ten. `stale` is how long a talk may have been silent, and how old a message may be, when the
    line that speaks to it is delivered at last.
    """

    limit: int = 1
    lease: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(minutes=8)
    grace: float = 8.0
    tries: int = 60
    longest_wait: timedelta = timedelta(minutes=15)
    stale: timedelta = SILENCE

    def wait(self, tries: int, retry_after: float) -> timedelta:
        """How long to wait after `tries` earlier attempts; `retry_after` in seconds is always respected."""
        doubled = FIRST_WAIT * (1 << min(tries, 20))
        return max(timedelta(seconds=retry_after), min(doubled, self.longest_wait))


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many deliveries ended how in one go; `taken` are those that were not ours any more when it was their turn."""

    done: int = 0
    gone: int = 0
    refused: int = 0
    lost: int = 0
    cancelled: int = 0
    postponed: int = 0
    taken: int = 0

    def plus(self, other: Delivered) -> Delivered:
        """Both together."""
        return Delivered(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def claimed(self) -> int:
        """How many there were to do."""
        return sum(getattr(self, field.name) for field in fields(self))


async def deliver(
    store: Store, platform: ChatPlatform, now: Callable[[], datetime], patience: Patience | None = None
) -> Delivered:
    """Do what is due, at most `patience.limit` actions, one channel's in order; call again until nothing is claimed.

    Several may run at the same time. Only StoreError and what is no error of the platform's or of an action's leaves. One that is
    cancelled finishes what it has begun.
    """
    turn = _Turn(store, platform, now, patience or Patience())
    return await finished(turn.deliver(), turn.stop, turn.patience.grace)


async def deleted_by_us(work: Work, key: MessageKey) -> bool:
    """Whether a deletion that the platform reports is our own: of a moved post, or of a pitch that was ruled out.

    Such a message must not be marked deleted: its text is still needed to bring it back or to give it back.
    """
    return await deleted_by_move(work, key) or await deleted_by_ruling(work, key)


@dataclass(slots=True)
class _Turn:
    """Some deliveries that are claimed together and done one after the other."""

    store: Store
    platform: ChatPlatform
    now: Callable[[], datetime]
    patience: Patience
    is_over: bool = False

    def stop(self) -> None:
        """Begin nothing more."""
        self.is_over = True

    async def deliver(self) -> Delivered:
        """Claim, and do what was claimed."""
        lease = self.now() + self.patience.lease
        async with self.store.work() as work:
            claimed = await work.outbox.claim(self.now(), self.patience.limit, lease)
            await work.commit()
        ends: Counter[str] = Counter()
        for delivery in claimed:
            hand = _Hand(self.store, self.platform, self.now, self.patience, delivery, lease)
            ends[await (hand.leave() if self.is_over else hand.deliver())] += 1
        return Delivered(**ends)


@dataclass(frozen=True, slots=True)
class _Hand:
    """One delivery that was claimed until `lease`."""

    store: Store
    platform: ChatPlatform
    now: Callable[[], datetime]
    patience: Patience
    delivery: Delivery
    lease: datetime

    async def deliver(self) -> str:
        """Do it, and keep how it ended. Returns the name of its count in Delivered."""
        try:
            private = await is_private(self.store, self.platform, self.delivery)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one platform that is not there must not keep all others waiting
            return await self._put_off(error)
        until = self.now() + self.patience.lease
        async with self.store.work() as work:
            begun = await work.outbox.begin(self.delivery.id, self.lease, until)
            await work.commit()
        if begun is None:
            return TAKEN
        # What it is about may have changed since it was claimed; how often and how far it was tried is what was claimed.
        delivery = replace(begun, state=self.delivery.state, tries=self.delivery.tries)
        attempt = _Attempt(self.store, self.platform, self.now, self.patience, delivery, until, private)
        return (await attempt.make()).name

    async def leave(self) -> str:
        """Leave it to others."""
        await self._give_back(self.delivery.due_at)
        return TAKEN

    async def _put_off(self, error: Exception) -> str:
        """Nothing was begun, and it is not known whether it would be private: it waits until the platform is there."""
        if not isinstance(error, PlatformError):
            log.error("a delivery could not be begun", extra={"marker": self.delivery.marker}, exc_info=error)
        retry_after = error.retry_after if isinstance(error, Unavailable) else 0.0
        await self._give_back(self.now() + max(timedelta(seconds=retry_after), self.patience.longest_wait))
        return End(DeliveryState.WAITING).name

    async def _give_back(self, due_at: datetime) -> None:
        """What came back SENDING stays so until our lease is over: perhaps it was done, and that must not be forgotten."""
        if self.delivery.state is DeliveryState.SENDING:
            return
        async with self.store.work() as work:
            await work.outbox.postpone(self.delivery.id, due_at, self.delivery.result, self.lease)
            await work.commit()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One delivery that was begun and is ours until `lease`; `private` if it goes to one person alone, so that it cannot be found again."""

    store: Store
    platform: ChatPlatform
    now: Callable[[], datetime]
    patience: Patience
    delivery: Delivery
    lease: datetime
    private: bool

    async def make(self) -> End:
        """Do it, and keep how it ended."""
        if self.delivery.state is DeliveryState.SENDING and self.private:
            end = End(DeliveryState.LOST, "interrupted while it was sent")
        else:
            end = await self._try()
        if end.state not in (DeliveryState.DONE, DeliveryState.WAITING):
            end = replace(end, follow=(*end.follow, *self._afterwards(end)))
        await self._keep(end)
        return end

    def _afterwards(self, end: End) -> tuple[Next, ...]:
        """What is still to be done about something that will not be tried again."""
        if isinstance(self.delivery.action, HoldPitch) and end.state is DeliveryState.LOST:
            return let_go(self.delivery.action)
        if not self.private:
            return left_behind(self.delivery)
        return offered_instead(self.platform, self.delivery) if end.state is DeliveryState.LOST else ()

    async def _keep(self, end: End) -> None:
        async with self.store.work() as work:
            if await self._record(work, end):
                await self._put(work, end.follow)
                if end.state is not DeliveryState.WAITING:
                    await note_in_log(work, self.delivery, self.now())
            elif await self._is_erased(work):
                await self._put(work, without_names(end.follow))
            await work.commit()

    async def _record(self, work: Work, end: End) -> bool:
        """Whether it still is ours."""
        outbox, delivery = work.outbox, self.delivery
        if end.state is DeliveryState.WAITING:
            return await outbox.postpone(delivery.id, self.now() + end.wait, end.result, self.lease)
        return await outbox.mark(delivery.id, end.state, end.result, self.lease)

    async def _put(self, work: Work, follow: tuple[Next, ...]) -> None:
        delivery = self.delivery
        for one in follow:
            await work.outbox.add(delivery.community, delivery.channel, one.action, self.now() + one.after)

    async def _is_erased(self, work: Work) -> bool:
        """Whether the one whom it spoke to was erased meanwhile, and not the whole community."""
        if await work.outbox.find(self.delivery.community, self.delivery.marker) is not None:
            return False
        return await work.communities.current(self.delivery.community) is not None

    # --- when it fails -----------------------------------------------------------------------------------------

    async def _try(self) -> End:
        doing = Doing(self.store, self.platform, self.delivery, self.now(), self.patience.stale, self.private)
        try:
            async with asyncio.timeout(self.patience.longest.total_seconds()):
                return await doing.act()
        except StoreError:
            raise
        except asyncio.CancelledError:
            # What is found again by its marker need not wait until our lease is over.
            if not self.private:
                await self._keep(End(DeliveryState.WAITING, self.delivery.result))
            raise
        except Exception as error:  # noqa: BLE001 - one action that we cannot do must not keep all others waiting
            end = self._failed(error)
        action = self.delivery.action
        if end.state is not DeliveryState.WAITING and isinstance(action, MoveStretch | PromotePitch):
            return await self._give_up(action, end)
        return end

    def _failed(self, error: Exception) -> End:
        if isinstance(error, Gone):
            return End(DeliveryState.GONE, str(error))
        if isinstance(error, NotReachable):
            return End(DeliveryState.REFUSED, str(error))
        if isinstance(error, NotAllowed) or (self._is_lasting(error) and not self.private):
            return refused(self.delivery, error)
        if not isinstance(error, PlatformError | TimeoutError):
            log.error("an action failed", extra={"marker": self.delivery.marker}, exc_info=error)
        unknown = self.private and not isinstance(error, Unavailable)
        if unknown or self.delivery.tries + 1 >= self.patience.tries:
            return End(DeliveryState.LOST, str(error))
        retry_after = error.retry_after if isinstance(error, Unavailable) else 0.0
        wait = self.patience.wait(self.delivery.tries, retry_after)
        # That somebody is closed to direct messages must outlast what comes after it.
        result = CLOSED if self.delivery.result == CLOSED else str(error)
        return End(DeliveryState.WAITING, result, wait=wait)

    @staticmethod
    def _is_lasting(error: Exception) -> TypeGuard[PlatformError]:
        """Whether the platform refuses what it was asked, and will do so again; of a private note it says no more than that it failed."""
        return isinstance(error, PlatformError) and not isinstance(error, Unavailable)

    async def _give_up(self, action: MoveStretch | PromotePitch, end: End) -> End:
        """A move that will not be finished leaves nothing half-done; if even that has to wait, it waits."""
        try:
            if isinstance(action, PromotePitch):
                await give_up_promotion(self.store, self.platform, self.delivery, action)
            else:
                await give_up(self.store, self.platform, self.delivery, action)
        except Unavailable as error:
            wait = self.patience.wait(self.delivery.tries, error.retry_after)
            return End(DeliveryState.WAITING, str(error), end.follow, wait)
        except PlatformError as error:
            return End(end.state, f"{end.result}; and not tidied up: {error}", end.follow)
        return end
