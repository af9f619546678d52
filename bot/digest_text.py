"""A digest in words: pure functions from figures to plain text.

Every sentence stands in a table of phrases, one table a language; what counts something has one form for one and one for more.
Names that people wrote are only ever filled in. Nothing in it says who did what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.digest_phrases import ENGLISH, PHRASES
from moderation.digest import ChannelLine, Digest, Followed, State, Wish
from moderation.labels import Label
from moderation.promise import Standing

KINDS = (Label.CHATTER, Label.PITCH)
FEW_IN_A_CHANNEL = 20


@dataclass(frozen=True, slots=True)
class DigestWords:
    """The words of one language, with its numbers, days and shares."""

    language: str = "en"

    def say(self, key: str, **values: object) -> str:
        """One phrase, filled in. KeyError for one that does not exist."""
        phrase = PHRASES.get(self.language, ENGLISH).get(key, ENGLISH[key])
        return _filled(phrase if isinstance(phrase, str) else phrase[1], values)

    def count(self, key: str, number: int, **values: object) -> str:
        """A phrase in the form for this number."""
        phrase = PHRASES.get(self.language, ENGLISH).get(key, ENGLISH[key])
        one, more = (phrase, phrase) if isinstance(phrase, str) else phrase
        return _filled(one if number == 1 else more, {"number": f"{number:,}", **values})

    def listed(self, parts: list[str]) -> str:
        """`a, b and c`."""
        return ", ".join(parts[:-1]) + self.say("and") + parts[-1] if len(parts) > 1 else "".join(parts)

    def day(self, day: date, *, year: bool = False) -> str:
        """`5 January`, or with the year."""
        month = self.say("months").split()[day.month - 1]
        return f"{day.day} {month}" + (f" {day.year}" if year else "")

    def days(self, first: date, last: date) -> str:
        """`2–8 March 2026`, as short as it can be said."""
        if first == last:
            return self.day(first, year=True)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{self.day(last, year=True)}"
        return f"{self.day(first, year=first.year != last.year)} – {self.day(last, year=True)}"


def title(digest: Digest, language: str = "en") -> str:
    """What the digest is about: the community, a channel of it, and the days."""
    words = DigestWords(language)
    days = words.days(digest.period.first_day, digest.period.last_day)
    period = words.say("week", days=days) if digest.period.is_week else days
    key = "title_channel" if digest.channel else "title"
    return words.say(key, community=digest.community, channel=hashed(digest.channel), period=period)


def headline(digest: Digest, language: str = "en") -> str:
    """The one sentence to remember."""
    words, totals = DigestWords(language), digest.report.totals
    match digest.state:
        case State.NOTHING:
            return words.say("nothing")
        case State.NOTHING_JUDGED:
            return words.say("nothing_judged", skipped=words.count("skipped", totals.skipped))
        case State.NOTHING_SURE:
            return words.say("nothing_sure", posts=words.count("posts", totals.judged))
        case _:
            posts = words.count("posts", totals.sure)
            return words.say("relevance", share=percent(totals.relevance), posts=posts)


def text_of(digest: Digest, language: str = "en") -> str:
    """The whole digest as plain text, ending with a line break. Sections without anything to say are left out."""
    words = DigestWords(language)
    parts = [title(digest, language), "\n".join(_opening(digest, words))]
    if digest.report.totals.judged:
        parts += [
            _section(words.say(name), lines)
            for name, lines in (
                ("kinds", [*_kinds(digest, words), *_drift(digest, words)]),
                ("deeds", _deeds(digest, words)),
                ("dialogue", _dialogue(digest, words)),
                ("channels", _channels(digest, words)),
            )
            if lines
        ]
    if digest.report.totals.judged or digest.rulings.ruled:
        parts.append(_section(words.say("trust"), [*_rulings(digest, words), *_promise(digest, words)]))
    return "\n\n".join(parts) + "\n"


def percent(share: float | None) -> str:
    """`71 %`, with a space that does not break; never a rounded 0 or 100 where there is something else."""
    if share is None:
        return "–"
    rounded = min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)
    return f"{rounded}\u00a0%"


def hashed(channel: str) -> str:
    """A channel's name with exactly one hash in front."""
    return f"#{channel.lstrip('#')}"


def _filled(phrase: str, values: Mapping[str, object]) -> str:
    """A name in braces that is not known stays as it is; what is filled in is never read as a pattern."""
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), phrase)


def _section(heading: str, lines: list[str]) -> str:
    return "\n".join([heading, *(f"• {line}" for line in lines)])


# --- the sections ----------------------------------------------------------------------------------------------------


def _opening(digest: Digest, words: DigestWords) -> list[str]:
    lines = [headline(digest, words.language)]
    if digest.state in (State.QUIET, State.USUAL):
        lines += [*_how_sure(digest, words), *_trend(digest, words)]
        if digest.report.totals.unsure:
            lines.append(words.count("unsure", digest.report.totals.unsure))
    if digest.state is State.QUIET:
        lines.append(words.say("quiet", posts=words.count("posts", digest.report.totals.sure)))
    if digest.before is None and digest.state is not State.NOTHING:
        lines.append(words.say("first"))
    if digest.one_channel and not digest.channel:
        lines.append(words.say("one_channel", channel=hashed(digest.channels[0].channel.name)))
    return [*lines, *([words.say("rehearsed")] if digest.rehearsed else [])]


def _how_sure(digest: Digest, words: DigestWords) -> list[str]:
    share = digest.relevance
    if share is None:
        return [words.say("no_interval")]
    return [words.say("interval", low=percent(share.low), high=percent(share.high))]


def _trend(digest: Digest, words: DigestWords) -> list[str]:
    before = digest.before.totals.relevance if digest.before else None
    if before is None:
        return []
    change = digest.change
    if change is None:
        return [words.say("before_only", before=percent(before))]
    between = {"low": _signed(change.low), "high": _signed(change.high), "before": percent(before)}
    points = round(abs(100 * change.difference))
    if not change.clear or points == 0:
        return [words.say("no_clear_change", **between)]
    key = "up" if change.difference > 0 else "down"
    return [_capital(words.say(key, points=words.count("points", points), **between))]


def _kinds(digest: Digest, words: DigestWords) -> Iterator[str]:
    report, before = digest.report, digest.before
    past = before.totals.chatter if before else None
    yield _counted("chatter", report.totals.chatter, past, words)
    past = before.pitches if before else None
    if not report.pitches:
        yield words.say("no_pitches", before=_before(past, words))
        return
    parts = [words.count("pitches", report.pitches, before=_before(past, words))]
    if report.drive_bys:
        parts.append(words.count("drive_bys", report.drive_bys))
    cards = [
        words.count(key, number)
        for key, number in (("cards", digest.deeds.cards), ("removed", digest.deeds.removed))
        if number
    ]
    yield " ".join([", ".join(parts) + ".", *cards])


def _drift(digest: Digest, words: DigestWords) -> Iterator[str]:
    report, before = digest.report, digest.before
    posts = words.count("posts", report.stretch_posts)
    yield _counted("stretches", report.stretches, before.stretches if before else None, words, posts=posts)
    if not report.stretches:
        return
    if report.closed_by_themselves:
        yield words.count("by_themselves", report.closed_by_themselves)
    weekdays = words.say("weekdays").split()
    hours = [
        words.say(
            "hour",
            weekday=weekdays[busy.weekday],
            start=f"{busy.hour:02}",
            end=f"{busy.hour + 1:02}",
            posts=words.count("posts", busy.posts),
        )
        for busy in digest.busy_hours
    ]
    yield words.say("hours", hours=words.listed(hours), zone=digest.period.time_zone)
    yield from _about(digest, words)


def _about(digest: Digest, words: DigestWords) -> Iterator[str]:
    told = digest.words
    if not told.read:
        yield words.say("no_texts")
        return
    yield (
        words.say("words", words=", ".join(word for word, _ in told.words))
        if told.words
        else words.say("no_words")
    )
    if told.read < told.posts:
        yield words.say("words_of", read=f"{told.read:,}", posts=f"{told.posts:,}")


def _deeds(digest: Digest, words: DigestWords) -> list[str]:
    deeds = digest.deeds
    lines = [
        words.count(key, number)
        for key, number in (
            ("stretch_nudges", deeds.stretch_nudges),
            ("author_nudges", deeds.author_nudges),
            ("welcomes", deeds.welcomes),
        )
        if number
    ]
    after = [
        words.count(f"followed_{what}", deeds.followed[what]) for what in Followed if deeds.followed.get(what)
    ]
    if after:
        lines.append(words.say("followed", parts=words.listed(after)))
    if moves := sum(deeds.moved.values()):
        wishes = [
            words.say(f"wish_{wish}", number=deeds.moved[wish]) for wish in Wish if deeds.moved.get(wish)
        ]
        posts = words.count("posts", deeds.moved_posts)
        lines.append(words.count("moved", moves, posts=posts, wishes=words.listed(wishes)))
    if deeds.brought_back:
        lines.append(words.count("brought_back", deeds.brought_back))
    return lines or [words.say("silent")]


def _dialogue(digest: Digest, words: DigestWords) -> list[str]:
    report = digest.report
    turns, talks = report.dialogue, report.conversations
    if not turns.turns or talks.people_each is None:
        return [words.say("no_dialogue")]
    past = digest.before.dialogue.share if digest.before else None
    before = words.say("before_share", share=percent(past)) if past is not None else ""
    said = words.count("turns", turns.turns)
    return [
        _capital(words.say("answered", share=percent(turns.share), turns=said, before=before)),
        words.count(
            "conversations", talks.count, each=f"{talks.people_each:.1f}", shared=f"{talks.shared:,}"
        ),
        _newcomers(digest, words),
    ]


def _newcomers(digest: Digest, words: DigestWords) -> str:
    new = digest.report.newcomers
    if new is None:
        return words.say("newcomers_unknown")
    return (
        words.count("newcomers", new.count, answered=new.answered) if new.count else words.say("no_newcomers")
    )


def _channels(digest: Digest, words: DigestWords) -> list[str]:
    return [] if digest.one_channel or digest.channel else [_channel(line, words) for line in digest.channels]


def _channel(line: ChannelLine, words: DigestWords) -> str:
    counts, name = line.channel.counts, hashed(line.channel.name)
    if counts.relevance is None:
        return words.say("channel_unsure", channel=name, posts=words.count("posts", counts.judged))
    before = words.say("before_share", share=percent(line.before)) if line.before is not None else ""
    posts = words.count("posts", counts.sure)
    said = words.say("channel", channel=name, share=percent(counts.relevance), posts=posts, before=before)
    return said + (words.say("few") if counts.sure < FEW_IN_A_CHANNEL else "")


def _rulings(digest: Digest, words: DigestWords) -> list[str]:
    rulings = digest.rulings
    lines = []
    if rulings.ruled:
        parts = [
            words.count(key, number)
            for key, number in (
                ("right", rulings.right),
                ("wrong", rulings.wrong),
                ("fine", rulings.fine),
                ("missed", rulings.missed),
            )
            if number
        ]
        lines.append(words.say("rulings", number=f"{rulings.ruled:,}", parts=words.listed(parts)))
        lines.append(words.say("drawn", number=f"{rulings.drawn:,}"))
    else:
        lines.append(words.say("no_rulings"))
    others = (("disputed", rulings.disputed), ("open", rulings.open), ("objections", rulings.objections))
    return lines + [words.count(key, number) for key, number in others if number]


def _promise(digest: Digest, words: DigestWords) -> list[str]:
    if digest.promise is None:
        return [words.say("no_promise")]
    lines = [words.say("promise", promise=str(digest.promise))]
    return lines + [_standing(label, digest.standings.get(label), words) for label in KINDS]


def _standing(label: Label, standing: Standing | None, words: DigestWords) -> str:
    name = words.say(f"label_{label}")
    if standing is None:
        return words.say("standing_none", label=name)
    values = {"label": name, "wrong": standing.wrong, "ruled": standing.ruled}
    if standing.acts_from is not None:
        said = words.say("standing_acts", score=percent(standing.acts_from), **values)
    elif standing.needed is None:
        said = words.say("standing_never", **values)
    else:
        said = words.say("standing_shows", needed=f"{standing.needed:,}", **values)
    if standing.acts_from is None and standing.strongest is not None:
        said += " " + words.say("strongest", wrong=f"{100 * standing.strongest:g}")
    if standing.stepped_back is not None:
        said += " " + words.say("stepped_back", day=words.day(standing.stepped_back.date()))
    return said


def _counted(key: str, number: int, past: int | None, words: DigestWords, **values: object) -> str:
    before = _before(past, words)
    return (
        words.count(key, number, before=before, **values) if number else words.say(f"no_{key}", before=before)
    )


def _before(past: int | None, words: DigestWords) -> str:
    return "" if past is None else words.say("before", number=f"{past:,}")


def _signed(share: float) -> str:
    """Points with their sign: `+3`, `−2`, `0`."""
    points = round(100 * share)
    return f"{points:+d}".replace("-", "−") if points else "0"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
