"""What it means that somebody pressed a button: consent, an objection, a question, an undo, a moderator's ruling.

A press is answered privately and at once; what follows from it goes through the outbox, so that a press that a
platform delivers twice does nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation import notes
from moderation.actions import (
    Action,
    Answered,
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    PitchCard,
    RenewCard,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    TellAppealAnswer,
    Welcome,
)
from moderation.cards import copies_of, draws_on, meaning
from moderation.claiming import claim
from moderation.copied import choose
from moderation.decisions import Ruled, Ruling
from moderation.draws import DRAWN, TRUTHS, Draw, Occasion
from moderation.lines import answered
from moderation.messages import MessageKey
from moderation.move_actions import MoveStretch, UndoMove
from moderation.moving import UNDO_WITHIN, move_of, next_gathering
from moderation.moving_steps import OPEN, gathered
from moderation.notices import Answer, Reply
from moderation.pitch_rulings import follow_ruling, promotion_channel
from moderation.ports import (
    Button,
    ChatPlatform,
    Delivery,
    DeliveryState,
    MovedPost,
    MoveState,
    Press,
    Store,
    Work,
)
from moderation.report_actions import RenewQuestion, ShowObjection

FAILED = (DeliveryState.REFUSED, DeliveryState.LOST)
DOUBLE_PRESS = timedelta(minutes=1)
"""A moderator who rules the same again within this time pressed twice; later, another copy may be the reason."""

AWAY = (MoveState.MOVED, MoveState.STAYED, MoveState.UNDOING)
APPEAL_WITHIN = UNDO_WITHIN
RULINGS = {
    Button.REMOVE: Ruled.REMOVE,
    Button.PROMOTE: Ruled.PROMOTE,
    Button.FINE: Ruled.FINE,
    Button.NOT_NOW: Ruled.NOT_NOW,
}
APPEALS = {Button.RESTORE: Ruled.FINE, Button.STAND_BY: Ruled.REMOVE}


async def rule(store: Store, press: Press) -> Answer:
    """Keep what follows from a press, in one transaction, and return what the person is to be told."""
    async with store.work() as work:
        said = await _Desk(work, press).rule()
        await answered(work, press)
        await work.commit()
    return said


async def tell(store: Store, platform: ChatPlatform, press: Press, said: Answer) -> None:
    """Tell whoever pressed, privately, what follows; raises PlatformError."""
    await notes.tell(
        platform, press.community, press.channel, press.member, said, marker=notes.marker_of(press, said)
    )
    await notes.was_read(store, press, said)


def is_evidence(press: Press, said: Answer) -> bool:
    """Whether the promise may stand otherwise after a press that was answered so."""
    on_unflagged = press.subject.startswith(f"{DRAWN}{Occasion.NOT_FLAGGED}:")
    return said.reply is Reply.RULED and press.button is not Button.NOT_NOW and not on_unflagged


@dataclass(frozen=True, slots=True)
class _Desk:
    """One press in one transaction."""

    work: Work
    press: Press

    async def rule(self) -> Answer:
        match self.press.button:
            case Button.MOVE_MINE:
                return await self._move_mine()
            case Button.BELONGS_HERE:
                return await self._belongs_here()
            case Button.WHY:
                return await self._why()
            case Button.NO_MORE:
                await self.work.communities.opt_out(self.press.community, self.press.member, silent=True)
                return Answer(Reply.NO_MORE)
            case Button.UNDO:
                return await self._undo()
            case Button.MINE | Button.CHANGE | Button.DELETE | Button.TAKE_BACK:
                return await self._mine()
            case Button.APPEAL:
                return await self._appeal()
            case Button.SHOW:
                return await notes.show(self.work, self.press)
            case _:
                return await self._moderate()

    # --- members -----------------------------------------------------------------------------------------------

    async def _move_mine(self) -> Answer:
        """Consent: it covers one's own posts in this talk and nobody else's."""
        nudge = await self._subject()
        if nudge is None or not isinstance(nudge.action, NudgeStretch):
            return Answer(Reply.TOO_LATE)
        action = nudge.action
        mine = await self._own_posts(nudge, action)
        number = await next_gathering(self.work, self.press.community, action.stretch, self.press.at)
        consent = MoveStretch(
            action.stretch, action.to_channel, mine, (self.press.member,), self.press.member, number
        )
        if not mine or not await self._put(nudge.channel, consent):
            return Answer(Reply.NOTHING_OF_YOURS)
        return Answer(Reply.MOVING, action.to_channel)

    async def _own_posts(self, nudge: Delivery, action: NudgeStretch) -> tuple[str, ...]:
        """The presser's posts in the talk: those that the nudge knew, and those that joined it since."""
        found = await self.work.messages.get(self._keys(nudge.channel, action.messages))
        known = [message for message in found if message is not None]
        mine = [message.key.message for message in known if message.author.id == self.press.member]
        if known:
            mine += await self._joined(action.stretch, min(message.posted_at for message in known))
        return tuple(dict.fromkeys(mine))

    async def _joined(self, stretch: str, since: datetime) -> list[str]:
        every = self.work.decisions.all(self.press.community, since)
        return [
            stored.message.key.message
            async for stored in every
            if stored.decision.stretch == stretch and stored.message.author.id == self.press.member
        ]

    async def _belongs_here(self) -> Answer:
        """Somebody who takes part says that it is in place: kept as volunteered, and shown to moderators once."""
        nudge, press = await self._subject(), self.press
        if nudge is None:
            return Answer(Reply.TOO_LATE)
        moderator = await self._is_moderator()
        if press.member not in _addressed(nudge.action) and not moderator:
            return Answer(Reply.NOTHING_OF_YOURS)
        await self._keep(press.subject, Ruled.BELONGS_HERE, moderator=moderator)
        await self._put(nudge.channel, ShowObjection(press.subject, nudge.channel, press.member))
        return Answer(Reply.NOTED)

    async def _why(self) -> Answer:
        """The reasons of the latest decision that the nudge rests on."""
        nudge = await self._subject()
        reasons: tuple[str, ...] = ()
        for key in self._keys(nudge.channel, _messages(nudge.action)) if nudge else ():
            decision = await self.work.decisions.get(key)
            reasons = decision.reasons if decision else reasons
        return Answer(Reply.REASONS, reasons=tuple(reason for reason in reasons if reason))

    async def _undo(self) -> Answer:
        """Authors take their own posts back, moderators everybody's, of all moves that share the pointer."""
        press, everybodys = self.press, await self._is_moderator()
        answer = Answer(Reply.NOTHING_OF_YOURS)
        for each in await gathered(self.work, press.community, move_of(press.subject)):
            posts = [
                post
                for post in await self.work.moves.of(press.community, each.marker)
                if post.state in AWAY and (everybodys or post.author == press.member)
            ]
            if not posts:
                continue
            members = tuple(sorted({post.author for post in posts}))
            undo = UndoMove(each.marker, members, by=press.member)
            if await self._can_return(each, posts) and await self._put(each.channel, undo):
                answer = Answer(Reply.COMING_BACK, each.channel)
            elif answer.reply is Reply.NOTHING_OF_YOURS:
                answer = Answer(Reply.TOO_LATE, each.channel)
        return answer

    async def _can_return(self, move: Delivery, posts: Sequence[MovedPost]) -> bool:
        """Whether there is a post that can be brought back: for seven days, while its text is stored."""
        if self.press.at - move.due_at > UNDO_WITHIN:
            return False
        found = await self.work.messages.get([post.original for post in posts])
        texts = [message is not None and bool(message.text or message.attachments) for message in found]
        return any(text or post.state is MoveState.STAYED for text, post in zip(texts, posts, strict=True))

    async def _mine(self) -> Answer:
        """What an author does with a copy of theirs."""
        said, channel, action = await choose(self.work, self.press)
        if action is not None and not await self._put(channel, action):
            return Answer(Reply.TOO_LATE, channel)
        return said

    async def _appeal(self) -> Answer:
        """The author of a removed post asks the moderators to look again; they are shown it once."""
        press, returned = self.press, await self._subject()
        if returned is None or not isinstance(returned.action, ReturnText):
            return Answer(Reply.TOO_LATE)
        action = returned.action
        if press.member != action.member:
            return Answer(Reply.NOTHING_OF_YOURS)
        if press.at - returned.due_at > APPEAL_WITHIN:
            return Answer(Reply.TOO_LATE)
        await self._put(returned.channel, ShowAppeal(action.pitch, action.message, action.member))
        await self._put(
            returned.channel, RenewCard(action.pitch, f"appealed:{press.member}:{action.message}")
        )
        return Answer(Reply.APPEALED)

    # --- moderators --------------------------------------------------------------------------------------------

    async def _moderate(self) -> Answer:
        if not await self._is_moderator():
            return Answer(Reply.MODERATORS_ONLY)
        if self.press.button in APPEALS:
            return await self._answer_appeal()
        if self.press.button is Button.CLAIM:
            return await claim(self.work, self.press)
        if self.press.subject.startswith(DRAWN):
            return await self._rule_on_drawn()
        return await self._rule_on_pitch()

    async def _rule_on_pitch(self) -> Answer:
        press, what = self.press, RULINGS.get(self.press.button)
        pitch = press.subject.removeprefix("card:")
        cards = await self.work.outbox.beginning(press.community, f"{press.subject}:")
        known = [each.action for each in cards if isinstance(each.action, PitchCard)]
        if not known or what is None:
            return Answer(Reply.TOO_LATE)
        if what is Ruled.PROMOTE and not await promotion_channel(self.work, press.community):
            return Answer(Reply.TOO_LATE)
        ruling = await self._keep_on_pitch(pitch, known, what)
        action = await follow_ruling(self.work, press, what, known)
        if action is not None:
            await self._put(cards[0].channel, action)
        await self._put(cards[0].channel, RenewCard(pitch, ruling.name))
        return Answer(Reply.RULED)

    async def _keep_on_pitch(self, pitch: str, cards: Sequence[PitchCard], what: Ruled) -> Ruling:
        """A word on a card is also one on the drawn ones among its copies."""
        if what in TRUTHS:
            for draw in await draws_on(self.work, self.press.community, copies_of(*cards)):
                await self._keep(draw.subject, what, moderator=True, draw=draw)
        return await self._keep(f"card:{pitch}", what, moderator=True)

    async def _rule_on_drawn(self) -> Answer:
        """What a drawn message is; the latest word of each moderator counts. A card is renewed where there is one."""
        press = self.press
        draw = await self.work.draws.of(press.community, press.subject)
        what = meaning(press.button, draw) if draw is not None else None
        if draw is None or what is None:
            return Answer(Reply.TOO_LATE)
        ruling = await self._keep(press.subject, what, moderator=True, draw=draw)
        if await self.work.outbox.beginning(press.community, f"ask:{press.subject}:"):
            await self._put(draw.key.channel, RenewQuestion(press.subject, draw.key.name, ruling.name))
        return Answer(Reply.RULED)

    async def _answer_appeal(self) -> Answer:
        """Bring a removed post back, or stand by its removal. What came back is not removed again by an older card."""
        press, shown = self.press, await self._subject()
        if shown is None or not isinstance(shown.action, ShowAppeal):
            return Answer(Reply.TOO_LATE)
        appeal = shown.action
        restore = RestorePitch(appeal.pitch, appeal.message, appeal.member, press.member)
        if press.button is Button.RESTORE:
            await self._put(shown.channel, restore)
        elif await self._is_under_way(restore):
            return Answer(Reply.RESTORED, appeal.message.partition("/")[0])
        else:
            for action in (
                TellAppealAnswer(appeal.message, appeal.member, Answered.STANDS),
                ShowAppeal(appeal.pitch, appeal.message, appeal.member, Answered.STANDS),
            ):
                await self._put(shown.channel, action)
        cards = await self.work.outbox.beginning(press.community, f"card:{appeal.pitch}:")
        known = [each.action for each in cards if isinstance(each.action, PitchCard)]
        ruling = await self._keep_on_pitch(appeal.pitch, known, APPEALS[press.button])
        await self._put(shown.channel, RenewCard(appeal.pitch, ruling.name))
        return Answer(Reply.RULED)

    async def _is_under_way(self, action: Action) -> bool:
        """Whether it is being done or was; what failed is neither."""
        there = await self.work.outbox.find(self.press.community, action.marker)
        return there is not None and there.state not in FAILED

    async def _is_moderator(self) -> bool:
        if self.press.moderator:
            return True
        current = await self.work.communities.current(self.press.community)
        return current is not None and self.press.member in current[1].moderators

    # --- what both need ----------------------------------------------------------------------------------------

    async def _subject(self) -> Delivery | None:
        return await self.work.outbox.find(self.press.community, self.press.subject)

    async def _keep(self, subject: str, what: Ruled, *, moderator: bool, draw: Draw | None = None) -> Ruling:
        """Keep a ruling, on a drawn case where `draw` is given; an author who says the same thing twice said it once."""
        press = self.press
        earlier = await self.work.rulings.of(press.community, subject)
        said = next((each for each in reversed(earlier) if each.by == press.member), None)
        again = said is not None and said.what is what and (draw is None or said.at >= draw.drawn_at)
        if said is not None and again and (not moderator or press.at - said.at < DOUBLE_PRESS):
            return said
        ruling = Ruling(
            subject,
            what,
            press.member,
            press.at,
            moderator=moderator,
            drawn=draw is not None,
            model=draw.model if draw else "",
            charter_version=draw.charter_version if draw else "",
        )
        await self.work.rulings.add(press.community, ruling)
        return ruling

    async def _put(self, channel: str, action: Action) -> bool:
        """Put an action into the outbox; one that failed before is tried again. False where it is over already."""
        community = self.press.community
        if await self.work.outbox.add(community, channel, action, self.press.at):
            return True
        there = await self.work.outbox.find(community, action.marker)
        if there is not None and there.state in FAILED:
            await self.work.outbox.postpone(there.id, self.press.at, "asked for again")
            return True
        return there is not None and there.state in OPEN

    def _keys(self, channel: str, messages: Sequence[str]) -> list[MessageKey]:
        community = self.press.community
        return [MessageKey(community.platform, community.id, channel, name) for name in messages]


def _addressed(action: Action) -> tuple[str, ...]:
    """Whom a nudge speaks to."""
    if isinstance(action, NudgeStretch):
        return action.members
    return (action.member,) if isinstance(action, NudgeAuthor | FloodHint | Welcome) else ()


def _messages(action: Action) -> tuple[str, ...]:
    """What a nudge speaks about."""
    if isinstance(action, NudgeStretch):
        return action.messages
    return (action.message,) if isinstance(action, NudgeAuthor | FloodHint | Welcome) else ()
