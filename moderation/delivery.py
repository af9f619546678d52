"""Doing what was decided: actions are claimed from the outbox, done one at a time, and marked.

::

    Gone          GONE       what it was about no longer exists: as good as done
    NotAllowed    REFUSED    moderators are told once which permission is missing; no retry
    NotReachable  REFUSED    this person cannot be told privately; what must reach them is offered in the channel
    Unavailable   later      not before the platform's `retry_after`, and more and more patiently; in the end LOST

What can be found again by its marker happens exactly once. What cannot be found again (a private note) is marked
SENDING first and happens at most once: if it comes back in SENDING, nobody knows whether it was seen; it is LOST and
counted. No transaction is open while the platform works.

What an action is made of stands beside: moderation.lines (what is said to members, and taken away again), notes (what must
reach one person), moving, removing, cards.

Whether somebody opted out is asked last, right before they would be spoken to: what waited for them is CANCELLED.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from moderation.actions import (
    AskAboutDrawn,
    FloodHint,
    LogDeed,
    MoveStretch,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    PitchCard,
    PostDigest,
    RemovePitch,
    RenewCard,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    ShowObjection,
    ShowReport,
    TakeBack,
    TellAppealAnswer,
    UndoMove,
    Welcome,
)
from moderation.cards import QUESTION_BUTTONS, appeal_shown, drawn_shown, pitch_shown
from moderation.conversation import SILENCE
from moderation.deed_log import note_in_log, tell_log
from moderation.ends import End, Next, done, refused
from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, StoreError, Unavailable
from moderation.lines import (
    is_private,
    left_behind,
    offer_note,
    speak_to,
    speak_to_talk,
    take_back,
)
from moderation.messages import MessageKey
from moderation.moving import deleted_by_move, give_up, move, undo
from moderation.notes import offered_instead, tell_note
from moderation.notices import Notice
from moderation.ports import Button, ChatPlatform, Delivery, DeliveryState, Store, Work
from moderation.removing import deleted_by_ruling, remove, restore
from moderation.reporting import report_shown

log = logging.getLogger(__name__)

Card = (
    PitchCard
    | RenewCard
    | AskAboutDrawn
    | RenewQuestion
    | ShowAppeal
    | ShowObjection
    | ReportPermission
    | ReportStanding
    | ShowReport
    | PostDigest
)
"""What moderators are shown."""
FIRST_WAIT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Patience:
    """How deliveries are claimed and repeated. The defaults outlast a night's outage.

    `lease` must be longer than `limit` actions take; `stale` is how long a talk may have been silent when the line
    that speaks to it is delivered at last.
    """

    limit: int = 10
    lease: timedelta = timedelta(minutes=10)
    tries: int = 60
    longest_wait: timedelta = timedelta(minutes=15)
    stale: timedelta = SILENCE

    def wait(self, tries: int, retry_after: float) -> timedelta:
        """How long to wait after `tries` earlier attempts; `retry_after` in seconds is always respected."""
        doubled = FIRST_WAIT * (1 << min(tries, 20))
        return max(timedelta(seconds=retry_after), min(doubled, self.longest_wait))


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many deliveries ended how in one go."""

    done: int = 0
    gone: int = 0
    refused: int = 0
    lost: int = 0
    cancelled: int = 0
    postponed: int = 0

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

    Several may run at the same time. Only StoreError and what is no error of the platform's or of an action's leaves.
    """
    patience = patience or Patience()
    async with store.work() as work:
        claimed = await work.outbox.claim(now(), patience.limit, now() + patience.lease)
        await work.commit()
    ends: Counter[str] = Counter()
    for delivery in claimed:
        private = await is_private(store, platform, delivery)
        end = await _Hand(store, platform, now, patience, delivery, private).deliver()
        ends[end.name] += 1
    return Delivered(**ends)


async def deleted_by_us(work: Work, key: MessageKey) -> bool:
    """Whether a deletion that the platform reports is our own: of a moved post, or of a pitch that was ruled out.

    Such a message must not be marked deleted: its text is still needed to bring it back or to give it back.
    """
    return await deleted_by_move(work, key) or await deleted_by_ruling(work, key)


@dataclass(frozen=True, slots=True)
class _Hand:
    """One claimed delivery and how it is done; `private` if it goes to one person alone, so that it cannot be found again."""

    store: Store
    platform: ChatPlatform
    now: Callable[[], datetime]
    patience: Patience
    delivery: Delivery
    private: bool

    async def deliver(self) -> End:
        """Do it, and keep how it ended."""
        if self.delivery.state is DeliveryState.SENDING and self.private:
            end = End(DeliveryState.LOST, "interrupted while it was sent")
        else:
            await self._mark_sending()
            end = await self._attempt()
        if end.state not in (DeliveryState.DONE, DeliveryState.WAITING):
            end = replace(end, follow=(*end.follow, *self._afterwards(end)))
        await self._keep(end)
        return end

    def _afterwards(self, end: End) -> tuple[Next, ...]:
        """What is still to be done about something that will not be tried again."""
        if not self.private:
            return left_behind(self.delivery)
        return offered_instead(self.platform, self.delivery) if end.state is DeliveryState.LOST else ()

    async def _mark_sending(self) -> None:
        async with self.store.work() as work:
            await work.outbox.mark(self.delivery.id, DeliveryState.SENDING, self.delivery.result)
            await work.commit()

    async def _keep(self, end: End) -> None:
        delivery = self.delivery
        async with self.store.work() as work:
            for one in end.follow:
                due_at = self.now() + one.after
                await work.outbox.add(delivery.community, delivery.channel, one.action, due_at)
            if end.state is DeliveryState.WAITING:
                await work.outbox.postpone(delivery.id, self.now() + end.wait, end.result)
            else:
                await work.outbox.mark(delivery.id, end.state, end.result)
                await note_in_log(work, delivery, self.now())
            await work.commit()

    # --- when it fails -----------------------------------------------------------------------------------------

    async def _attempt(self) -> End:
        try:
            return await self._act()
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one action that we cannot do must not keep all others waiting
            end = self._failed(error)
        if end.state is not DeliveryState.WAITING and isinstance(self.delivery.action, MoveStretch):
            return await self._give_up(self.delivery.action, end)
        return end

    def _failed(self, error: Exception) -> End:
        if isinstance(error, Gone):
            return End(DeliveryState.GONE, str(error))
        if isinstance(error, NotAllowed):
            return refused(self.delivery, error)
        if isinstance(error, NotReachable):
            return End(DeliveryState.REFUSED, str(error))
        retry_after = 0.0
        if isinstance(error, Unavailable):
            retry_after = error.retry_after
        elif not isinstance(error, PlatformError):
            log.error("%s could not be delivered", self.delivery.marker, exc_info=error)
        unknown = self.private and not isinstance(error, Unavailable)
        if unknown or self.delivery.tries + 1 >= self.patience.tries:
            return End(DeliveryState.LOST, str(error))
        wait = self.patience.wait(self.delivery.tries, retry_after)
        return End(DeliveryState.WAITING, str(error), wait=wait)

    async def _give_up(self, action: MoveStretch, end: End) -> End:
        """A move that will not be finished leaves nothing half-done; if even that has to wait, it waits."""
        try:
            await give_up(self.store, self.platform, self.delivery, action)
        except Unavailable as error:
            wait = self.patience.wait(self.delivery.tries, error.retry_after)
            return End(DeliveryState.WAITING, str(error), end.follow, wait)
        except PlatformError as error:
            return End(end.state, f"{end.result}; and not tidied up: {error}", end.follow)
        return end

    # --- what is done ------------------------------------------------------------------------------------------

    async def _act(self) -> End:
        store, platform, delivery, action = self.store, self.platform, self.delivery, self.delivery.action
        match action:
            case NudgeStretch():
                return await speak_to_talk(store, platform, delivery, action, self.now(), self.patience.stale)
            case NudgeAuthor() | FloodHint() | Welcome():
                return await speak_to(store, platform, delivery, action, private=self.private)
            case MoveStretch():
                return done(await move(store, platform, delivery, action))
            case UndoMove():
                return done(await undo(store, platform, delivery, action))
            case RemovePitch():
                return await remove(platform, delivery, action)
            case ReturnText() | TellAppealAnswer():
                return await tell_note(store, platform, delivery, action)
            case RestorePitch():
                return await restore(store, platform, delivery, action)
            case OfferNote() | TakeBack() | LogDeed():
                return await self._tidy(action)
            case _:
                return await self._show(action)

    async def _tidy(self, action: OfferNote | TakeBack | LogDeed) -> End:
        """What follows from something that was done."""
        if isinstance(action, OfferNote):
            return await offer_note(self.platform, self.delivery, action)
        if isinstance(action, TakeBack):
            return done(await take_back(self.platform, self.delivery, action))
        return await tell_log(self.store, self.platform, self.delivery, action)

    async def _show(self, action: Card) -> End:
        """Show a card to moderators, or renew it; as it is now, whatever was the occasion."""
        shown: Notice = action
        buttons: tuple[Button, ...] = ()
        marker, community = action.marker, self.delivery.community
        async with self.store.work() as work:
            match action:
                case PitchCard() | RenewCard():
                    marker = f"card:{action.pitch}"
                    shown, buttons = await pitch_shown(work, community, action.pitch)
                case AskAboutDrawn() | RenewQuestion():
                    marker, buttons = action.subject, QUESTION_BUTTONS
                    shown = await drawn_shown(work, community, action.subject)
                case ShowAppeal():
                    marker = f"appeal:{action.message}"
                    shown, buttons = await appeal_shown(work, community, action)
                case ShowReport():
                    marker = f"report:{action.case}"
                    shown = await report_shown(work, community, action.case)
        return done(await self.platform.show_card(community, shown, buttons=buttons, marker=marker))
