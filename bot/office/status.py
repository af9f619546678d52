"""How things stand: the mode in which Steward really acts, the promise, what waits; and silence for some hours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.office.backlog import open_cards
from bot.office.office import Office, for_moderators
from bot.office.said import Request, Said
from bot.promise_text import kind, mode_text, standing_text
from bot.report.words import count_of
from moderation.draws import Occasion
from moderation.errors import BadInput
from moderation.evidence import Standings, standings
from moderation.labels import Label
from moderation.policy import Policy
from moderation.ports import DeliveryState, Work
from moderation.promise import Promise, promise_of
from moderation.review import LONGEST_KEPT, MOST

LONGEST_PAUSE = 7 * 24
"""Hours."""
COUNTED = 1_000
"""Messages that are counted at most; of more it is said that there are more."""
_OPEN = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, by number; `deliveries` counts all actions by how they stand."""

    cards: int
    questions: Mapping[Occasion, int]
    unjudged: int
    deliveries: Mapping[DeliveryState, int]


@for_moderators
async def status(office: Office, asked: Request) -> Said:
    """The mode, the promise for each kind of flag, and what waits for whom."""
    charter, policy = await office.rules(asked.community)
    surface = office.surface(asked.community)
    promise = _promise(policy)
    async with office.store.work() as work:
        found = None
        if promise is not None:
            version = office.classifier.version
            found = await standings(work, asked.community, promise, version, charter.version, asked.now)
        waits = await _waiting(work, asked)
    lines = [surface.quote(charter.name), f"• Mode: {mode_text(policy, found.chatter if found else None)}"]
    if policy.is_paused(asked.now) and policy.paused_until is not None:
        lines.append(
            f"• Paused until {surface.time(policy.paused_until)}: nothing is said to members until then."
        )
    lines += [*_promised(promise, found), *_waits(waits)]
    return Said("\n".join(lines))


@for_moderators
async def pause(office: Office, asked: Request, hours: float) -> Said:
    """Say nothing to members for some hours; cards and figures go on."""
    if not 0 < hours <= LONGEST_PAUSE:
        raise BadInput(
            f"A pause lasts up to {LONGEST_PAUSE} hours, which is a week; after that, /relevance mode observe."
        )
    charter, policy = await office.rules(asked.community)
    until = asked.now + timedelta(hours=hours)
    await office.publish(asked, charter, replace(policy, paused_until=until))
    time = office.surface(asked.community).time(until)
    return Said(
        f"Nothing is said to members until {time}. I go on reading, and cards go on coming. /relevance resume ends it sooner."
    )


@for_moderators
async def resume(office: Office, asked: Request) -> Said:
    """End a pause."""
    charter, policy = await office.rules(asked.community)
    if not policy.is_paused(asked.now):
        return Said(f"There is no pause. The mode is {policy.mode.value}.")
    await office.publish(asked, charter, replace(policy, paused_until=None))
    return Said(f"The pause is over. The mode is {policy.mode.value}, as before.")


def _promise(policy: Policy) -> Promise | None:
    try:
        return promise_of(policy.promise)
    except ValueError as error:
        raise BadInput(
            f"The promise that is stored cannot be read: {error}. Set it again with /relevance promise."
        ) from None


async def _waiting(work: Work, asked: Request) -> Waiting:
    every = await work.outbox.all(asked.community)
    since = asked.now - LONGEST_KEPT
    return Waiting(
        cards=len(await open_cards(work, asked.community)),
        questions={
            occasion: len(await work.draws.waiting(asked.community, occasion, MOST, since))
            for occasion in Occasion
        },
        unjudged=len(await work.messages.unjudged(COUNTED, asked.community)),
        deliveries=Counter(each.state for each in every),
    )


def _promised(promise: Promise | None, found: Standings | None) -> Iterator[str]:
    if promise is None or found is None:
        yield f'• Promise: none. To have one: /relevance promise "{Promise()}".'
        return
    yield f"• Promise: {promise}."
    for label, standing in ((Label.CHATTER, found.chatter), (Label.PITCH, found.pitch)):
        counts = f"{standing.drawn} drawn, {standing.ruled} ruled, {standing.wrong} wrong"
        yield f"• {kind(label)}: {counts}. {standing_text(standing, promise, label)}"


def _waits(waits: Waiting) -> Iterator[str]:
    asked, passed = waits.questions[Occasion.FLAGGED], waits.questions[Occasion.NOT_FLAGGED]
    more = " or more" if waits.unjudged == COUNTED else ""
    under_way = sum(waits.deliveries.get(state, 0) for state in _OPEN)
    yield f"• Waiting for you: {count_of(waits.cards, 'open pitch card')} (/relevance review)."
    yield (
        f"• Drawn and without an answer: {asked} flagged (/relevance calibrate), {passed} not flagged (/relevance audit)."
    )
    yield f"• Waiting for me: {count_of(waits.unjudged, 'message')}{more} to judge, {count_of(under_way, 'action')} to do or to take back in time."
    lost, refused = (waits.deliveries.get(state, 0) for state in (DeliveryState.LOST, DeliveryState.REFUSED))
    yield f"• Until now {count_of(lost, 'action')} got lost, and the platform refused {refused} (/relevance log)."
