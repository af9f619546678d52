"""Figures of the community: the digest with its chart, and a few of them in short."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.digest_chart import alt_text, chart
from bot.digest_rows import digest_row
from bot.digest_source import Asked, read_digest
from bot.digest_text import headline, text_of, title
from bot.office.office import Office, for_moderators
from bot.office.said import File, Image, Request, Said
from bot.report.words import count_of
from moderation.digest import Digest
from moderation.errors import BadInput
from moderation.periods import Period, period_of, week_of

LONGEST = 92
"""Days."""
WEEK = "week"


@for_moderators
async def digest(office: Office, asked: Request, days: str = WEEK) -> Said:
    """The digest of the latest whole week, or of the last so many days, today among them."""
    made = await _made(office, asked, days)
    picture = await asyncio.to_thread(chart, made)
    row = json.dumps(digest_row(made), ensure_ascii=False, indent=1) + "\n"
    return Said(
        office.surface(asked.community).quote(text_of(made)),
        files=(File("digest.json", row.encode()),),
        image=Image("digest.png", picture, alt_text(made)),
    )


@for_moderators
async def stats(office: Office, asked: Request, days: str = "7") -> Said:
    """A few figures of the last so many days, today among them."""
    made = await _made(office, asked, days)
    return Said(office.surface(asked.community).quote("\n".join(_short(made))))


async def _made(office: Office, asked: Request, days: str) -> Digest:
    charter, policy = await office.rules(asked.community)
    period = _period(asked, policy.time_zone, days)
    version = office.classifier.version
    return await read_digest(
        office.store, Asked(asked.community, charter, policy, period, asked.now, model=version)
    )


def _period(asked: Request, time_zone: str, days: str) -> Period:
    """Raises BadInput for what is no number of days."""
    if days.strip().casefold() == WEEK:
        return week_of(asked.now, time_zone).before()
    if not days.strip().isdecimal() or not 1 <= int(days) <= LONGEST:
        raise BadInput(f'"{days}" is no number of days: write 1 to {LONGEST}, or {WEEK}.')
    tomorrow = asked.now.astimezone(ZoneInfo(time_zone)).date() + timedelta(days=1)
    return period_of(tomorrow - timedelta(days=int(days)), tomorrow, time_zone)


def _short(made: Digest) -> Iterator[str]:
    report, deeds, rulings = made.report, made.deeds, made.trust.rulings
    totals = report.totals
    yield title(made)
    yield headline(made)
    yield (
        f"• Read: {count_of(totals.judged, 'message')} of {count_of(report.people, 'person', 'people')}: {totals.on_topic} on topic, "
        f"{totals.chatter} casual, {count_of(totals.pitch, 'pitch', 'pitches')}, {totals.unsure} unsure."
    )
    yield f"• Drifted talks: {report.stretches}, of which {report.closed_by_themselves} ended by themselves."
    yield (
        f"• Said: {count_of(deeds.stretch_nudges, 'nudge')} to talks, {deeds.author_nudges} to single people, "
        f"{count_of(deeds.welcomes, 'welcome')}."
    )
    yield f"• Moved: {count_of(deeds.moved_posts, 'post')}; brought back: {deeds.brought_back}."
    yield f"• Pitch cards: {deeds.cards}, of which {deeds.removed} were taken down."
    yield f"• Rulings: {rulings.right} right, {rulings.wrong} wrong."
