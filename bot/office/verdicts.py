"""Verdicts as moderators read them, and the first look at those of the last days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain, zip_longest

from bot.figures import percent
from bot.moderator_words import KINDS
from bot.office.office import Office, for_moderators
from bot.office.said import Request, Said, Surface, quoted
from bot.report.words import count_of
from moderation.charter import Charter
from moderation.decisions import Decision, Verdict
from moderation.draws import is_flagged
from moderation.labels import Label
from moderation.policy import Policy
from moderation.ports import Community, Store, Stored

LOOKED_BACK = timedelta(days=7)
"""No text is kept longer."""


async def recent(store: Store, community: Community, since: timedelta, asked: Request) -> list[Stored]:
    """What was judged of the last days and still has its text, each at its newest revision, oldest first."""
    async with store.work() as work:
        every = [each async for each in work.decisions.all(community, asked.now - since)]
    return [
        each
        for each in every
        if each.decision.verdict is not None
        and each.decision.revision == each.message.revision
        and each.message.text.strip()
    ]


@for_moderators
async def first_cards(office: Office, asked: Request, number: int = 10) -> Said:
    """Real verdicts of the last days: the likeliest pitches and drifted talk first, then what belongs; and the way to a promise."""
    charter, policy = await office.rules(asked.community)
    found = await recent(office.store, asked.community, LOOKED_BACK, asked)
    if not found:
        return Said(
            "I have no message of the last days to show verdicts on: either nobody wrote in the channels that I read, or nothing is judged "
            "yet. Look again later with /relevance stats."
        )
    chosen = _chosen(found, charter, policy)[:number]
    surface = office.surface(asked.community)
    flagged = sum(_is_flagged(each, charter, policy) for each in chosen)
    lines = [_heading(len(chosen), flagged, number)]
    lines += chain.from_iterable(card(surface, each, place) for place, each in enumerate(chosen, 1))
    lines += ["", *_way(policy)]
    return Said("\n".join(lines))


def card(surface: Surface, stored: Stored, place: int) -> Iterator[str]:
    """One verdict in three lines: where and when, the text, what it is taken for and why."""
    message, decision = stored.message, stored.decision
    link = surface.message(message.key)
    yield f"{place}. {surface.channel(message.key.channel)}, {surface.time(message.posted_at)} {link}".rstrip()
    yield f"   “{quoted(surface, message.text)}”"
    yield f"   {reading(decision)}: {quoted(surface, '; '.join(dict.fromkeys(filter(None, decision.reasons))))}"


def reading(decision: Decision) -> str:
    """What a message is taken for, and how surely."""
    verdict = decision.verdict
    if verdict is None:
        return decision.skipped or "not judged"
    sure = f"{KINDS[verdict.label]} ({percent(verdict.probabilities.of(verdict.label))})"
    return f"not sure, so left alone; likeliest {sure}" if verdict.abstained else sure


def _chosen(found: Sequence[Stored], charter: Charter, policy: Policy) -> list[Stored]:
    """Pitches and casual talk in turn, each the surest first, drifted talk before the rest; then what belongs, the newest first."""
    flagged = [each for each in found if _is_flagged(each, charter, policy)]
    pitches = sorted((each for each in flagged if _label(each) is Label.PITCH), key=_sureness)
    casual = sorted(
        (each for each in flagged if _label(each) is Label.CHATTER),
        key=lambda each: (each.decision.stretch is None, _sureness(each)),
    )
    in_turn = [each for pair in zip_longest(pitches, casual) for each in pair if each is not None]
    keys = {each.message.key for each in flagged}
    return [*in_turn, *(each for each in reversed(found) if each.message.key not in keys)]


def _is_flagged(stored: Stored, charter: Charter, policy: Policy) -> bool:
    verdict = stored.decision.verdict
    return verdict is not None and is_flagged(stored.message, verdict, charter, policy)


def _label(stored: Stored) -> Label | None:
    return stored.decision.verdict.label if stored.decision.verdict else None


def _sureness(stored: Stored) -> float:
    verdict: Verdict | None = stored.decision.verdict
    return -verdict.probabilities.of(verdict.label) if verdict else 0.0


def _heading(shown: int, flagged: int, wanted: int) -> str:
    few = (
        f" There are no more of the last days than {'this' if shown == 1 else 'these'}."
        if shown < wanted
        else ""
    )
    if not flagged:
        return (
            f"{count_of(shown, 'verdict')} of the last days. All of them belong, as far as I can tell.{few}"
        )
    return f"{count_of(shown, 'verdict')} of the last days; {flagged} of them I would flag, and these come first.{few}"


def _way(policy: Policy) -> Iterator[str]:
    yield "Is one of these wrong? /relevance charter example shows me what you mean; /relevance charter channel says what a channel is for."
    if policy.promise == "off":
        yield "When they look right, /relevance promise is the way to be sure: you answer drawn messages, and I act only once your answers show that I may."
    else:
        yield "The way to your promise: /relevance calibrate asks you about drawn messages, and I act only once your answers show that I may."
