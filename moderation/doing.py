"""What each action is made of: whoever has claimed one does it here. See moderation.delivery for how that ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from weakref import WeakValueDictionary

from moderation.actions import (
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    PitchCard,
    RemovePitch,
    RenewCard,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    TakeBack,
    TellAppealAnswer,
    Welcome,
)
from moderation.cards import QUESTION_BUTTONS, appeal_shown, drawn_shown, pitch_shown
from moderation.copied import delete_copy, edit_copy
from moderation.deed_log import tell_log
from moderation.ends import End, Next, done
from moderation.holding import hold, release
from moderation.lines import called_off, offer_note, speak_to, speak_to_talk, take_back
from moderation.move_actions import DeleteCopy, EditCopy, MoveStretch, TellOfReply, UndoMove
from moderation.moving import move, undo
from moderation.notes import tell_note
from moderation.notices import Notice
from moderation.pitch_actions import (
    ClaimPitch,
    HoldPitch,
    PromotePitch,
    ReleasePitch,
    ShowBacklog,
    TellNews,
)
from moderation.ports import Button, ChatPlatform, Community, Delivery, DeliveryState, Store, Work
from moderation.promoting import promote
from moderation.removing import remove, restore
from moderation.report_actions import (
    AskAboutDrawn,
    LogDeed,
    PostDigest,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    ShowObjection,
    ShowReport,
)
from moderation.reporting import report_shown
from moderation.waiting import backlog_shown, left_to_later, line_of, without_card

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
    | ClaimPitch
    | ShowBacklog
)
"""What moderators are shown."""

Shown = tuple[Notice, tuple[Button, ...]]

_cards: WeakValueDictionary[tuple[Community, str], asyncio.Lock] = WeakValueDictionary()
"""Cards that are just read and shown: of two hands with one card, the second shows it as it is after the first."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One delivery that is being done at `now`; `private` if it goes to one person alone.

    `stale` is how long ago the latest word of a talk, or the message that a line is about, may have been posted.
    """

    store: Store
    platform: ChatPlatform
    delivery: Delivery
    now: datetime
    stale: timedelta
    private: bool

    async def act(self) -> End:
        """Do it; raises PlatformError."""
        store, platform, delivery, action = self.store, self.platform, self.delivery, self.delivery.action
        match action:
            case NudgeStretch():
                return await speak_to_talk(store, platform, delivery, action, self.now, self.stale)
            case NudgeAuthor() | FloodHint() | Welcome() | TellOfReply():
                private = self.private
                return await speak_to(
                    store, platform, delivery, action, self.now, self.stale, private=private
                )
            case MoveStretch() | UndoMove() | EditCopy() | DeleteCopy():
                return await self._move(action)
            case ReturnText() | TellAppealAnswer() | TellNews():
                return await tell_note(store, platform, delivery, action)
            case RemovePitch() | RestorePitch() | PromotePitch() | HoldPitch() | ReleasePitch():
                return await self._deal_with(action)
            case OfferNote() | TakeBack() | LogDeed():
                return await self._tidy(action)
            case _:
                return await self._show(action)

    async def _move(self, action: MoveStretch | UndoMove | EditCopy | DeleteCopy) -> End:
        """Posts go, come back, or are what their authors make of them."""
        match action:
            case MoveStretch():
                off = await called_off(self.store, self.delivery, action, self.now, self.stale)
                return off or done(await move(self.store, self.platform, self.delivery, action))
            case UndoMove():
                return done(await undo(self.store, self.platform, self.delivery, action))
            case EditCopy():
                return done(await edit_copy(self.store, self.platform, self.delivery, action))
            case DeleteCopy():
                return done(await delete_copy(self.store, self.platform, self.delivery, action))
            case _:
                assert_never(action)

    async def _deal_with(
        self, action: RemovePitch | RestorePitch | PromotePitch | HoldPitch | ReleasePitch
    ) -> End:
        """What is done with the posts of a pitch."""
        match action:
            case RemovePitch():
                return await remove(self.store, self.platform, self.delivery, action)
            case RestorePitch():
                return await restore(self.store, self.platform, self.delivery, action)
            case PromotePitch():
                return await promote(self.store, self.platform, self.delivery, action)
            case HoldPitch():
                return await hold(self.store, self.platform, self.delivery, action)
            case ReleasePitch():
                return await release(self.store, self.platform, self.delivery, action)

    async def _tidy(self, action: OfferNote | TakeBack | LogDeed) -> End:
        """What follows from something that was done."""
        if isinstance(action, OfferNote):
            return await offer_note(self.store, self.platform, self.delivery, action)
        if isinstance(action, TakeBack):
            return done(await take_back(self.platform, self.delivery, action))
        return await tell_log(self.store, self.platform, self.delivery, action)

    # --- cards -------------------------------------------------------------------------------------------------

    async def _show(self, action: Card) -> End:
        """Show a card to moderators, or renew it; as it is now, whatever was the occasion."""
        later = left_to_later(self.delivery, action, self.now) if isinstance(action, PitchCard) else None
        if later is not None:
            return later
        community, marker = self.delivery.community, _marker(action)
        async with _cards.setdefault((community, marker), asyncio.Lock()):
            async with self.store.work() as work:
                if isinstance(action, PitchCard | RenewCard | ClaimPitch):
                    without = await without_card(work, community, action.pitch)
                    if without is not None:
                        return done("in the backlog", Next(line_of(without, self.now)))
                shown, buttons = await self._as_it_is(work, action)
                known = await _shown_before(work, community, action)
            return done(
                await self.platform.show_card(community, shown, buttons=buttons, marker=marker, known=known)
            )

    async def _as_it_is(self, work: Work, action: Card) -> Shown:
        community = self.delivery.community
        match action:
            case PitchCard() | RenewCard() | ClaimPitch():
                return await pitch_shown(work, community, action.pitch, self.now)
            case ShowBacklog():
                return await backlog_shown(work, community, action), ()
            case AskAboutDrawn() | RenewQuestion():
                return await drawn_shown(work, community, action.subject), QUESTION_BUTTONS
            case ShowAppeal():
                return await appeal_shown(work, community, action)
            case ShowReport():
                return await report_shown(work, community, action.case), ()
            case _:
                return action, ()


def _marker(action: Card) -> str:
    """What a card goes by, whatever is the occasion to show it."""
    match action:
        case PitchCard() | RenewCard() | ClaimPitch():
            return f"card:{action.pitch}"
        case ShowBacklog():
            return f"backlog:{action.hour}"
        case AskAboutDrawn() | RenewQuestion():
            return action.subject
        case ShowAppeal():
            return f"appeal:{action.message}"
        case ShowReport():
            return f"report:{action.case}"
        case _:
            return action.marker


async def _shown_before(work: Work, community: Community, action: Card) -> str:
    """The id of the post that is this card already, or an empty text."""
    match action:
        case PitchCard() | RenewCard() | ClaimPitch() | ShowBacklog() | ShowReport():
            earlier = await work.outbox.beginning(community, f"{_marker(action)}:")
        case AskAboutDrawn() | RenewQuestion():
            earlier = await work.outbox.beginning(community, f"ask:{action.subject}:")
        case _:
            first = await work.outbox.find(community, _marker(action))
            earlier = [first] if first is not None else []
    results = [each.result for each in earlier if each.state is DeliveryState.DONE]
    # A card that was left to others ends in words; an id has no spaces.
    return next((result for result in results if result and " " not in result), "")
