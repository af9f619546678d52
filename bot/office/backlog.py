"""Pitches that wait for a ruling, one author after the other, and ruling on all of one author's at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.office.office import Office, for_moderators
from bot.office.said import Choice, Request, Said, quoted
from bot.report.words import count_of, lasting
from bot.wording import Voice, label
from moderation.actions import PitchCard
from moderation.cards import CARD_BUTTONS, copies_of, named
from moderation.decisions import Ruled
from moderation.draws import Occasion
from moderation.errors import BadInput
from moderation.ports import Button, Community, Press, Work
from moderation.review import LONGEST_KEPT, MOST

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN = 5
"""Pitches of one author that are shown with their text."""
NAMED = 8
"""Authors that are listed."""


@dataclass(frozen=True, slots=True)
class OpenCard:
    """A pitch that waits for a ruling, since `at`. `text` is empty once it was forgotten."""

    card: PitchCard
    at: datetime
    text: str


async def open_cards(work: Work, community: Community) -> list[OpenCard]:
    """Pitches on which no moderator has ruled and of which a copy still stands, oldest first."""
    first: dict[str, datetime] = {}
    latest: dict[str, PitchCard] = {}
    for delivery in await work.outbox.beginning(community, "card:"):
        if isinstance(card := delivery.action, PitchCard):
            first.setdefault(card.pitch, delivery.due_at)
            known = latest.get(card.pitch)
            latest[card.pitch] = card if known is None or len(card.copies) >= len(known.copies) else known
    ruled = {
        ruling.subject
        async for ruling in work.rulings.all(community)
        if ruling.moderator and ruling.what is not Ruled.NOT_NOW
    }
    cards: list[OpenCard] = []
    for pitch, card in latest.items():
        if f"card:{pitch}" in ruled:
            continue
        found = await work.messages.get([named(community, name) for name in copies_of(card)])
        there = [message for message in found if message is not None]
        if there:
            cards.append(OpenCard(card, first[pitch], there[0].text))
    return sorted(cards, key=lambda each: (each.at, each.card.pitch))


@for_moderators
async def review(office: Office, asked: Request, place: int = 0) -> Said:
    """The pitches that wait: whose, for how long, and those of one author in full; `place` counts authors from 0."""
    charter, _ = await office.rules(asked.community)
    async with office.store.work() as work:
        cards = await open_cards(work, asked.community)
        since = asked.now - LONGEST_KEPT
        drawn = await work.draws.waiting(asked.community, Occasion.FLAGGED, MOST, since)
    questions = (Choice(f"Drawn questions ({len(drawn)})", f"next:{Occasion.FLAGGED}"),) if drawn else ()
    if not cards:
        return Said("No pitch waits for a ruling. Thank you.", questions)
    by_author: dict[str, list[OpenCard]] = defaultdict(list)
    for each in cards:
        by_author[each.card.member].append(each)
    authors = list(by_author)
    author = authors[place % len(authors)]
    lines = [*_overview(office, asked, by_author), "", *_cards(office, asked, by_author[author])]
    following = (Choice("Next author", f"review:{place + 1}"),) if len(authors) > 1 else ()
    rulings = _rulings(author, len(by_author[author]), asked.now, Voice.of(charter))
    return Said("\n".join(lines), (*rulings, *following, *questions))


@for_moderators
async def rule_on_author(office: Office, asked: Request, button: str, shown_at: str, member: str) -> Said:
    """Rule alike on all pitches of one author that were open when they were shown; `shown_at` is in milliseconds since 1970."""
    if button not in {each.value for each in CARD_BUTTONS} or not (
        shown_at.isdecimal() and len(shown_at) < 15
    ):
        raise BadInput("I do not know that button any more: ask for /relevance review again.")
    until = EPOCH + timedelta(milliseconds=int(shown_at) + 1)
    async with office.store.work() as work:
        cards = [each for each in await open_cards(work, asked.community) if each.card.member == member]
    chosen = [each for each in cards if each.at <= until]
    for each in chosen:
        subject = f"card:{each.card.pitch}"
        press = Press(
            asked.community, Button(button), subject, asked.actor.id, asked.now, asked.channel, True
        )
        await office.pipeline.rule(press)
    office.deliver_soon()
    said = f"Kept for {count_of(len(chosen), 'pitch', 'pitches')} of {office.surface(asked.community).member(member)}."
    following = await review(office, asked)
    return Said(f"{said}\n\n{following.text}", following.choices)


def _overview(office: Office, asked: Request, by_author: dict[str, list[OpenCard]]) -> Iterator[str]:
    total = sum(map(len, by_author.values()))
    yield f"{count_of(total, 'pitch waits', 'pitches wait')} for a ruling, of {count_of(len(by_author), 'person', 'people')}; the oldest first:"
    surface = office.surface(asked.community)
    for member, cards in list(by_author.items())[:NAMED]:
        yield f"• {surface.member(member)}: {len(cards)}, the oldest for {lasting(asked.now - cards[0].at)}"
    if len(by_author) > NAMED:
        yield f"• and {count_of(len(by_author) - NAMED, 'more person', 'more people')}"


def _cards(office: Office, asked: Request, cards: Sequence[OpenCard]) -> Iterator[str]:
    surface = office.surface(asked.community)
    yield f"Of {surface.member(cards[0].card.member)}:"
    for each in cards[:SHOWN]:
        key = named(asked.community, each.card.pitch)
        copies = len(copies_of(each.card))
        times = f", {copies} times" if copies > 1 else ""
        text = f"“{quoted(surface, each.text)}”" if each.text else "(its text is no longer stored)"
        yield f"• in {surface.channel(key.channel)}{times}: {text} {surface.message(key)}".rstrip()
    if len(cards) > SHOWN:
        yield f"• and {len(cards) - SHOWN} more"


def _rulings(author: str, number: int, now: datetime, voice: Voice) -> tuple[Choice, ...]:
    every = f" (all {number})" if number > 1 else ""
    return tuple(
        Choice(
            f"{label(button, voice)}{every}",
            f"author:{button}:{(now - EPOCH) // timedelta(milliseconds=1)}:{author}",
        )
        for button in CARD_BUTTONS
    )
