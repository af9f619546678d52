"""What moderators are shown: a pitch with all its copies on one card, a drawn message, an appeal; and what they may still say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from moderation.actions import Answered, PitchCard, RemovePitch, RestorePitch, ShowAppeal, TellAppealAnswer
from moderation.agreement import words_on
from moderation.claiming import claims_on
from moderation.conversation import CONTEXT_LINES, context_of
from moderation.decisions import Ruled
from moderation.draws import Draw, Occasion
from moderation.errors import Gone
from moderation.labels import Label
from moderation.messages import ContextLine, Message, MessageKey
from moderation.notices import AppealShown, DrawnShown, PitchShown
from moderation.pitch_actions import PromotePitch
from moderation.pitch_states import PitchFacts, state_of
from moderation.ports import Button, Community, DeliveryState, Work

CARD_BUTTONS = (Button.REMOVE, Button.FINE, Button.NOT_NOW)
"""What can be ruled on every open card; where offers have a channel of their own, PROMOTE too."""
UNDER_WAY = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)
FAILED = (DeliveryState.REFUSED, DeliveryState.LOST)
QUESTION_BUTTONS = (Button.RIGHT, Button.WRONG, Button.OTHER_KIND, Button.NOT_NOW)
REVIEW_BUTTONS = (Button.BELONGS, Button.CHATTER, Button.PITCH, Button.NOT_NOW)
"""What can be ruled about a message that was not flagged."""
TRUTH_OF = {
    Button.BELONGS: Ruled.FINE,
    Button.CHATTER: Ruled.CHATTER,
    Button.PITCH: Ruled.PITCH,
    Button.NOT_NOW: Ruled.NOT_NOW,
}
_OTHER = {Label.CHATTER: Ruled.PITCH, Label.PITCH: Ruled.CHATTER}
_SAME = {Label.CHATTER: Ruled.CHATTER, Label.PITCH: Ruled.PITCH}


def meaning(button: Button, draw: Draw) -> Ruled | None:
    """What a moderator says of a drawn message by a button; None for one that it does not have.

    Right, wrong and the other kind are about the label for which it was flagged, so where it was not flagged they say nothing.
    """
    if button in TRUTH_OF:
        return TRUTH_OF[button]
    if draw.occasion is not Occasion.FLAGGED:
        return None
    return {
        Button.RIGHT: _SAME.get(draw.label),
        Button.WRONG: Ruled.FINE,
        Button.OTHER_KIND: _OTHER.get(draw.label),
    }.get(button)


async def pitch_shown(
    work: Work, community: Community, pitch: str, now: datetime
) -> tuple[PitchShown, tuple[Button, ...]]:
    """A pitch with all its copies and rulings so far, and what can still be ruled at `now`. Raises Gone for an unknown one."""
    cards = [each.action for each in await work.outbox.beginning(community, f"card:{pitch}:")]
    known = [action for action in cards if isinstance(action, PitchCard)]
    if not known:
        raise Gone(f"There is no pitch {pitch}.")
    card = replace(max(known, key=lambda action: len(action.copies)), copies=copies_of(*known))
    key = named(community, pitch)
    message, decision = (await work.messages.get([key]))[0], await work.decisions.get(key)
    shown = PitchShown(
        card,
        author_name=message.author.name if message else "",
        text=message.text if message else "",
        reasons=decision.reasons if decision else (),
        probabilities=decision.verdict.probabilities if decision and decision.verdict else None,
        rulings=tuple(await work.rulings.of(community, f"card:{pitch}")),
        claims=tuple(await claims_on(work, community, pitch)),
    )
    buttons = await _open_rulings(work, community, shown)
    facts = await _facts(work, community, shown, is_open=len(buttons) > 1)
    return replace(shown, state=state_of(facts, now)), await _with_promotion(work, community, buttons)


async def _with_promotion(work: Work, community: Community, rulings: Sequence[Button]) -> tuple[Button, ...]:
    """The buttons of a card: moving is offered beside removing, where there is a channel for offers; an open card can be claimed."""
    rules = await work.communities.current(community)
    promotion = rules is not None and rules[0].promotion_channel is not None
    move = (Button.PROMOTE,) if promotion and Button.REMOVE in rulings else ()
    claim = (Button.CLAIM,) if len(rulings) > 1 else ()
    return (*rulings[:1], *move, *rulings[1:], *claim)


async def _facts(work: Work, community: Community, shown: PitchShown, *, is_open: bool) -> PitchFacts:
    """What the state of a card follows from."""
    pitch = shown.card.pitch
    releases = await work.outbox.beginning(community, f"release:{pitch}:")
    held = [each.due_at for each in releases if each.state in UNDER_WAY]
    back = [each.due_at for each in releases if each.state is DeliveryState.DONE]
    appeals: list[datetime] = []
    for each in await work.outbox.beginning(community, f"remove:{pitch}:"):
        if not isinstance(removal := each.action, RemovePitch):
            continue
        name = removal.messages[-1]
        appeal = await work.outbox.find(community, ShowAppeal(pitch, name, removal.member).marker)
        restored = await work.outbox.find(community, RestorePitch(pitch, name, removal.member, "").marker)
        if appeal is not None and await _answered(work, community, name) is None:
            appeals.append(appeal.due_at)
        if restored is not None and restored.state is DeliveryState.DONE:
            back.append(restored.due_at)
    return PitchFacts(
        shown.rulings,
        shown.claims,
        is_open,
        appealed_at=max(appeals, default=None),
        held_until=max(held, default=None),
        back_at=max(back, default=None),
    )


async def _open_rulings(work: Work, community: Community, shown: PitchShown) -> tuple[Button, ...]:
    """What moderators may still say.

    All of it until a ruling, and again when another copy came after a removal or was drawn after any.
    """
    last = shown.rulings[-1].what if shown.rulings else Ruled.NOT_NOW
    if last is Ruled.NOT_NOW or await _is_asked_about(work, community, shown.card):
        return CARD_BUTTONS
    removed = await removed_copies(work, community, shown.card.pitch)
    if set(copies_of(shown.card)) <= removed:
        return ()
    return (Button.REMOVE,) if last is Ruled.FINE else CARD_BUTTONS


async def removed_copies(work: Work, community: Community, pitch: str) -> set[str]:
    """The posts of a pitch that were taken away by a ruling, or will be, by `channel/message` name."""
    return await named_in(work, community, f"remove:{pitch}:", f"promote:{pitch}:")


async def named_in(work: Work, community: Community, *prefixes: str) -> set[str]:
    """The posts of removals and moves whose markers begin so, without those that failed."""
    there = [each for prefix in prefixes for each in await work.outbox.beginning(community, prefix)]
    actions = [each.action for each in there if each.state not in FAILED]
    return {
        name for each in actions if isinstance(each, RemovePitch | PromotePitch) for name in each.messages
    }


async def _is_asked_about(work: Work, community: Community, card: PitchCard) -> bool:
    """Whether a copy was drawn on which no moderator said anything since."""
    for draw in await draws_on(work, community, copies_of(card)):
        if not words_on(draw, await work.rulings.of(community, draw.subject)):
            return True
    return False


async def draws_on(work: Work, community: Community, copies: Iterable[str]) -> list[Draw]:
    """The drawn ones among a pitch's copies; a ruling on the card is one on them."""
    found = await work.draws.get([named(community, name) for name in copies], Occasion.FLAGGED)
    return [draw for draw in found if draw is not None and draw.label is Label.PITCH]


async def drawn_shown(work: Work, community: Community, subject: str) -> DrawnShown:
    """A drawn message with what was ruled since. Raises Gone for an unknown one.

    What an author changed since is not what was flagged, so then no text is shown.
    """
    draw = await work.draws.of(community, subject)
    if draw is None:
        raise Gone(f"{subject} is not drawn.")
    message = (await work.messages.get([draw.key]))[0]
    rulings = await work.rulings.of(community, subject)
    return DrawnShown(
        draw.key.channel,
        text_as_drawn(draw, message),
        draw.label,
        draw.score,
        tuple(ruling for ruling in rulings if ruling.at >= draw.drawn_at),
    )


def text_as_drawn(draw: Draw, message: Message | None) -> str:
    """What a drawn message said; empty once it was forgotten or edited, or its author deleted it."""
    return message.text if message is not None and message.revision == draw.revision else ""


async def lines_before(work: Work, message: Message) -> tuple[ContextLine, ...]:
    """Up to three lines that stood before a message, oldest first, as the classifier read them."""
    (earlier,) = await work.messages.before_many([message], 2 * CONTEXT_LINES)
    return tuple(line for line in context_of(message, earlier) if line.text.strip())


async def appeal_shown(
    work: Work, community: Community, appeal: ShowAppeal
) -> tuple[AppealShown, tuple[Button, ...]]:
    """An appeal, and what can still be answered: a removal that stands may yet be taken back."""
    message = await stored(work, community, appeal.message)
    answered = await _answered(work, community, appeal.message)
    open_answers = {None: (Button.RESTORE, Button.STAND_BY), Answered.STANDS: (Button.RESTORE,)}
    shown = AppealShown(
        appeal.message.partition("/")[0],
        appeal.member,
        message.author.name if message else "",
        message.text if message else "",
        tuple(await work.rulings.of(community, f"card:{appeal.pitch}")),
        answered,
    )
    return shown, open_answers.get(answered, ())


async def _answered(work: Work, community: Community, message: str) -> Answered | None:
    """How an appeal was answered; the kinder answer counts."""
    for answered in (Answered.POST_AGAIN, Answered.RESTORED, Answered.STANDS):
        marker = TellAppealAnswer(message, "", answered).marker
        if await work.outbox.find(community, marker) is not None:
            return answered
    return None


async def stored(work: Work, community: Community, name: str) -> Message | None:
    """The message of a `channel/message` name."""
    return (await work.messages.get([named(community, name)]))[0]


def copies_of(*cards: PitchCard) -> tuple[str, ...]:
    """All posts with a pitch's text, by `channel/message` name, first the one that names it; `cards` are those of one pitch."""
    names = ((card.pitch, *card.copies, card.message) for card in cards)
    return tuple(dict.fromkeys(name for each in names for name in each))


def named(community: Community, name: str) -> MessageKey:
    """The key of a `channel/message` name."""
    channel, _, message = name.partition("/")
    return MessageKey(community.platform, community.id, channel, message)
