"""A digest as data for other programs: digest.json as a dictionary, digest.csv as rows; every key is explained in docs/digest.md."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from bot.digest_chart import alt_text
from moderation.deeds import Deeds, Followed, Wish
from moderation.digest import ChannelLine, Digest, Trust
from moderation.labels import Label
from moderation.periods import Period
from moderation.promise import Standing
from moderation.stats import Counts, Report
from moderation.stats.interval import Change
from moderation.stats.words import DriftWords

Row = dict[str, object]
HEAD = ("section", "name", "measure", "value")


def digest_row(digest: Digest) -> Row:
    """digest.json. Shares are from 0 to 1, rounded to four places; times are UTC, days local."""
    return {
        "community": digest.community,
        "channel": digest.channel or None,
        "period": _period(digest.period),
        "state": digest.state.value,
        "rehearsed": digest.rehearsed,
        "first_period": digest.before is None,
        "relevance": _relevance(digest),
        "change": _change(digest.change),
        **_figures(digest.report),
        "before": _figures(digest.before) if digest.before else None,
        "days": [{"day": day.isoformat(), **_counts(counts)} for day, counts in digest.counts_by_day],
        "channels": [_channel(line) for line in digest.channels],
        "busy_hours": [asdict(busy) for busy in digest.busy_hours],
        "words": _words(digest.words),
        "deeds": _deeds(digest.deeds),
        **_trust(digest.trust),
        "alt": alt_text(digest),
    }


def digest_csv(digest: Digest) -> str:
    """digest.csv: the same figures, one in a row, for spreadsheets."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEAD)
    for section, content in digest_row(digest).items():
        if section != "alt":
            writer.writerows([_harmless(cell) for cell in row] for row in _flat(section, content))
    return file.getvalue()


def _flat(section: str, content: object) -> Iterator[tuple[str, str, str, object]]:
    """Rows of one section: a list has a name for each entry, a dictionary a measure for each value."""
    if isinstance(content, list):
        for place, entry in enumerate(content):
            name = str(entry.get("day") or entry.get("name") or entry.get("word") or place + 1)
            yield from ((section, name, measure, value) for measure, value in entry.items())
    elif isinstance(content, dict):
        for measure, value in content.items():
            if isinstance(value, dict | list):
                yield from _flat(f"{section}.{measure}", value)
            else:
                yield section, "", measure, value
    else:
        yield section, "", "", content


def _harmless(cell: object) -> object:
    """A name that a spreadsheet would read as a formula gets an apostrophe in front."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _period(period: Period) -> Row:
    return {
        "from": period.first_day.isoformat(),
        "to": period.last_day.isoformat(),
        "start": _moment(period.start),
        "end": _moment(period.end),
        "time_zone": period.time_zone,
    }


def _channel(line: ChannelLine) -> Row:
    channel = line.channel
    return {
        "id": channel.id,
        "name": channel.name,
        **_counts(channel.counts),
        "before": _rounded(line.before),
    }


def _words(words: DriftWords) -> Row:
    shared = [{"word": word, "people": people} for word, people in words.words]
    return {"read": words.read, "posts": words.posts, "shared": shared}


def _deeds(deeds: Deeds) -> Row:
    return {
        **asdict(deeds),
        "followed": {what.value: deeds.followed.get(what, 0) for what in Followed},
        "moved": {wish.value: deeds.moved.get(wish, 0) for wish in Wish},
    }


def _trust(trust: Trust) -> Row:
    return {
        "rulings": {**asdict(trust.rulings), "ruled": trust.rulings.ruled},
        "promise": str(trust.promise) if trust.promise else None,
        "standings": {
            label.value: _standing(trust.standings.get(label)) for label in (Label.CHATTER, Label.PITCH)
        },
    }


def _figures(report: Report) -> Row:
    turns, talks = report.dialogue, report.conversations
    return {
        "totals": _counts(report.totals),
        "people": report.people,
        "pitches": {"count": report.pitches, "drive_bys": report.drive_bys},
        "stretches": {
            "count": report.stretches,
            "posts": report.stretch_posts,
            "closed_by_themselves": report.closed_by_themselves,
        },
        "dialogue": {
            "turns": turns.turns,
            "answered": turns.answered,
            "share": _rounded(turns.share),
            "conversations": talks.count,
            "shared_conversations": talks.shared,
            "people_each": None if talks.people_each is None else round(talks.people_each, 2),
            "newcomers": report.newcomers.count if report.newcomers else None,
            "newcomers_answered": report.newcomers.answered if report.newcomers else None,
        },
    }


def _counts(counts: Counts) -> Row:
    return {**asdict(counts), "judged": counts.judged, "relevance": _rounded(counts.relevance)}


def _relevance(digest: Digest) -> Row:
    """The share stands also where too few days have posts for an interval."""
    share = digest.relevance
    return {
        "share": _rounded(digest.report.totals.relevance),
        "low": _rounded(share.low if share else None),
        "high": _rounded(share.high if share else None),
    }


def _change(change: Change | None) -> Row | None:
    return {name: _rounded(value) for name, value in asdict(change).items()} if change else None


def _standing(standing: Standing | None) -> Row | None:
    if standing is None:
        return None
    stepped_back = standing.stepped_back
    return {**asdict(standing), "stepped_back": _moment(stepped_back) if stepped_back else None}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
