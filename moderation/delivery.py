"""Doing what was decided: actions are claimed from the outbox, done one at a time, and marked.

::

    Gone          GONE       what it was about no longer exists: as good as done
    NotAllowed    REFUSED    moderators are told once which permission is missing; no retry
    Unavailable   later      not before the platform's `retry_after`, and more and more patiently; in the end LOST

What can be found again by its marker happens exactly once. What cannot be found again (a private note) is marked
SENDING first and happens at most once: if it comes back in SENDING, nobody knows whether it was seen; it is LOST and
counted. No transaction is open while the platform works.

Whether somebody opted out is asked last, right before they would be spoken to: what waited for them is CANCELLED.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from moderation.actions import (
    Action,
    Answered,
    AskAboutDrawn,
    FloodHint,
    MoveStretch,
    NudgeAuthor,
    NudgeStretch,
    PitchCard,
    RemovePitch,
    RenewCard,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    ShowObjection,
    TellAppealAnswer,
    UndoMove,
    Welcome,
)
from moderation.cards import QUESTION_BUTTONS, appeal_shown, drawn_shown, named, pitch_shown
from moderation.conversation import CASUAL_MESSAGES, PEOPLE, SILENCE
from moderation.errors import Gone, NotAllowed, PlatformError, StoreError, Unavailable
from moderation.messages import Message, MessageKey
from moderation.moving import deleted_by_move, give_up, move, undo
from moderation.notices import Answer, Notice, Reply, TextReturned
from moderation.ports import (
    Button,
    ChatPlatform,
    Community,
    Delivery,
    DeliveryState,
    Store,
    Work,
)

log = logging.getLogger(__name__)

NUDGE_BUTTONS = (Button.BELONGS_HERE, Button.WHY, Button.NO_MORE)
BUTTONS: Mapping[type[Action], tuple[Button, ...]] = {
    NudgeAuthor: NUDGE_BUTTONS,
    FloodHint: (Button.NO_MORE,),
    Welcome: (),
}
Card = (
    PitchCard
    | RenewCard
    | AskAboutDrawn
    | RenewQuestion
    | ShowAppeal
    | ShowObjection
    | ReportPermission
    | ReportStanding
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


@dataclass(frozen=True, slots=True)
class End:
    """How one delivery ended, what the platform gave back, and what is to be done next because of it."""

    state: DeliveryState
    result: str = ""
    follow: tuple[Action, ...] = ()
    wait: timedelta = timedelta(0)

    @property
    def name(self) -> str:
        """The name of its count in Delivered."""
        return "postponed" if self.state is DeliveryState.WAITING else self.state.value


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
        end = await _Hand(store, platform, now, patience, delivery).deliver()
        ends[end.name] += 1
    return Delivered(**ends)


async def deleted_by_us(work: Work, key: MessageKey) -> bool:
    """Whether a deletion that the platform reports is our own: of a moved post, or of a pitch that was ruled out.

    Such a message must not be marked deleted: its text is still needed to bring it back or to give it back.
    """
    if await deleted_by_move(work, key):
        return True
    name = f"{key.channel}/{key.message}"
    removals = await work.outbox.beginning(Community(key.platform, key.community), "remove:")
    return any(isinstance(each.action, RemovePitch) and name in each.action.messages for each in removals)


@dataclass(frozen=True, slots=True)
class _Hand:
    """One claimed delivery and how it is done."""

    store: Store
    platform: ChatPlatform
    now: Callable[[], datetime]
    patience: Patience
    delivery: Delivery

    async def deliver(self) -> End:
        """Do it, and keep how it ended."""
        if self.delivery.state is DeliveryState.SENDING and self._is_told:
            end = End(DeliveryState.LOST, "interrupted while it was sent")
        else:
            await self._mark_sending()
            end = await self._attempt()
        await self._keep(end)
        return end

    @property
    def _is_told(self) -> bool:
        """Whether it goes to one person privately, so that it cannot be found again."""
        if isinstance(self.delivery.action, NudgeAuthor | FloodHint):
            return self.platform.abilities(self.delivery.community).private_notes
        return isinstance(self.delivery.action, ReturnText | TellAppealAnswer)

    async def _mark_sending(self) -> None:
        async with self.store.work() as work:
            await work.outbox.mark(self.delivery.id, DeliveryState.SENDING)
            await work.commit()

    async def _keep(self, end: End) -> None:
        delivery = self.delivery
        async with self.store.work() as work:
            for action in end.follow:
                await work.outbox.add(delivery.community, delivery.channel, action, self.now())
            if end.state is DeliveryState.WAITING:
                await work.outbox.postpone(delivery.id, self.now() + end.wait, end.result)
            else:
                await work.outbox.mark(delivery.id, end.state, end.result)
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
            return self._refused(error)
        retry_after = 0.0
        if isinstance(error, Unavailable):
            retry_after = error.retry_after
        elif not isinstance(error, PlatformError):
            log.error("%s could not be delivered", self.delivery.marker, exc_info=error)
        unknown = self._is_told and not isinstance(error, Unavailable)
        if unknown or self.delivery.tries + 1 >= self.patience.tries:
            return End(DeliveryState.LOST, str(error))
        wait = self.patience.wait(self.delivery.tries, retry_after)
        return End(DeliveryState.WAITING, str(error), wait=wait)

    def _refused(self, error: NotAllowed) -> End:
        """Refused for good; moderators hear of it once, but not of a report that cannot be shown itself."""
        delivery = self.delivery
        if isinstance(delivery.action, ReportPermission):
            return End(DeliveryState.REFUSED, str(error))
        report = ReportPermission(str(delivery.community), error.permission, delivery.channel, str(error))
        return End(DeliveryState.REFUSED, str(error), (report,))

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
        delivery, action = self.delivery, self.delivery.action
        match action:
            case NudgeStretch():
                return await self._nudge(action)
            case NudgeAuthor() | FloodHint() | Welcome():
                return await self._speak_to(action)
            case MoveStretch():
                return _done(await move(self.store, self.platform, delivery, action))
            case UndoMove():
                return _done(await undo(self.store, self.platform, delivery, action))
            case RemovePitch():
                return await self._remove(action)
            case ReturnText():
                return await self._return_text(action)
            case RestorePitch():
                return await self._restore(action)
            case TellAppealAnswer():
                return await self._answer_appeal(action)
            case _:
                return await self._show(action)

    async def _say(self, action: Action, *buttons: Button, thread: str | None = None) -> End:
        delivery = self.delivery
        said = await self.platform.say(
            delivery.community,
            delivery.channel,
            action,
            buttons=buttons,
            marker=delivery.marker,
            thread=thread,
        )
        return _done(said)

    async def _nudge(self, action: NudgeStretch) -> End:
        """One line where the talk is; in silence when the talk is over by now, or its people took it back.

        It is heard by all, so it needs a talk that is one without those who opted out, too.
        """
        found = await self._stored(*(self._named(name) for name in action.messages))
        present = [message for message in found if message is not None]
        if not _is_talk(present) or self.now() - present[-1].posted_at > self.patience.stale:
            return End(DeliveryState.CANCELLED, "the talk is over")
        silent = await self._opted_out(*action.members)
        if not _is_talk([message for message in present if message.author.id not in silent]):
            return End(DeliveryState.CANCELLED, "too few are left who did not opt out")
        offer = (Button.MOVE_MINE,) if action.offer else ()
        return await self._say(action, *offer, *NUDGE_BUTTONS, thread=present[0].thread)

    async def _speak_to(self, action: NudgeAuthor | FloodHint | Welcome) -> End:
        """Privately where the platform can; else, and to welcome, one line in the channel that mentions only them."""
        if await self._opted_out(action.member):
            return End(DeliveryState.CANCELLED, "the member opted out")
        buttons = BUTTONS[type(action)]
        if not self._is_told:
            return await self._say(action, *buttons)
        delivery = self.delivery
        told = await self.platform.tell(
            delivery.community,
            delivery.channel,
            action.member,
            action,
            buttons=buttons,
            marker=delivery.marker,
        )
        return _done(told)

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
        return _done(await self.platform.show_card(community, shown, buttons=buttons, marker=marker))

    async def _remove(self, action: RemovePitch) -> End:
        """Delete every copy that can be deleted; if any was, the author is to get the text back."""
        refused: NotAllowed | None = None
        removed = False
        for name in action.messages:
            try:
                await self.platform.remove(
                    named(self.delivery.community, name), reason=f"ruled by {action.by}"
                )
                removed = True
            except Gone:
                removed = True
            except NotAllowed as error:
                refused = error
        follow = (ReturnText(action.pitch, action.messages[-1], action.member),) if removed else ()
        if refused is None:
            return End(DeliveryState.DONE, f"{len(action.messages)} removed", follow)
        end = self._refused(refused)
        return End(end.state, end.result, (*follow, *end.follow))

    async def _return_text(self, action: ReturnText) -> End:
        delivery, key = self.delivery, named(self.delivery.community, action.message)
        message = (await self._stored(key))[0]
        if message is None:
            return End(DeliveryState.GONE, "its author deleted it")
        notice = TextReturned(key.channel, message.text)
        told = await self.platform.tell(
            delivery.community,
            key.channel,
            action.member,
            notice,
            buttons=(Button.APPEAL,),
            marker=delivery.marker,
        )
        return _done(told)

    async def _restore(self, action: RestorePitch) -> End:
        """Post the text again, and tell its author; where it is no longer stored, that they are welcome to post it again."""
        key = named(self.delivery.community, action.message)
        message = (await self._stored(key))[0]
        answered = Answered.POST_AGAIN
        copied = "its text is no longer stored"
        if message is not None and (message.text or message.attachments):
            copied = await self.platform.copy(message, key.channel, marker=self.delivery.marker)
            answered = Answered.RESTORED
        follow = (
            TellAppealAnswer(action.message, action.member, answered),
            ShowAppeal(action.pitch, action.message, action.member, answered),
        )
        return End(DeliveryState.DONE, copied, follow)

    async def _answer_appeal(self, action: TellAppealAnswer) -> End:
        delivery, key = self.delivery, named(self.delivery.community, action.message)
        told = await self.platform.tell(
            delivery.community,
            key.channel,
            action.member,
            Answer(Reply(action.answered.value), key.channel),
            buttons=(),
            marker=delivery.marker,
        )
        return _done(told)

    async def _opted_out(self, *members: str) -> set[str]:
        async with self.store.work() as work:
            return await work.communities.opted_out(self.delivery.community, members)

    async def _stored(self, *keys: MessageKey) -> list[Message | None]:
        async with self.store.work() as work:
            return await work.messages.get(keys)

    def _named(self, message: str) -> MessageKey:
        community = self.delivery.community
        return MessageKey(community.platform, community.id, self.delivery.channel, message)


def _is_talk(messages: Sequence[Message]) -> bool:
    people = {message.author.id for message in messages}
    return len(messages) >= CASUAL_MESSAGES and len(people) >= PEOPLE


def _done(result: str) -> End:
    return End(DeliveryState.DONE, result)
