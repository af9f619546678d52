"""A digest in words: pure functions from figures to plain text.

Every sentence stands in `bot.digest_phrases`; what counts something has one form for one and one for more. Names that people wrote
are only ever filled in. Nothing in it says who did what.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.digest_phrases import count, say
from bot.figures import WEEKDAYS, hashed, listed, percent, period, signed
from bot.promise_text import kind, standing_text
from moderation.deeds import Followed, Wish
from moderation.digest import ChannelLine, Digest, State

FEW_IN_A_CHANNEL = 20


def title(digest: Digest) -> str:
    """What the digest is about: the community, a channel of it, and the days."""
    days = period(digest.period.first_day, digest.period.last_day)
    key = "title_channel" if digest.channel else "title"
    return say(
        key,
        community=digest.community,
        channel=hashed(digest.channel),
        period=say("week", days=days) if digest.period.is_week else days,
    )


def headline(digest: Digest) -> str:
    """The one sentence to remember."""
    totals = digest.report.totals
    match digest.state:
        case State.NOTHING:
            return say("nothing")
        case State.NOTHING_JUDGED:
            return say("nothing_judged", skipped=count("skipped", totals.skipped))
        case State.NOTHING_SURE:
            return say("nothing_sure", posts=count("posts", totals.judged))
        case _:
            return say("relevance", share=percent(totals.relevance), posts=count("posts", totals.sure))


def text_of(digest: Digest) -> str:
    """The whole digest as plain text, ending with a line break. Sections without anything to say are left out."""
    parts = [title(digest), "\n".join(_opening(digest))]
    if digest.report.totals.judged:
        parts += [
            _section(say(name), lines)
            for name, lines in (
                ("kinds", [*_kinds(digest), *_drift(digest)]),
                ("deeds", _deeds(digest)),
                ("dialogue", _dialogue(digest)),
                ("channels", _channels(digest)),
            )
            if lines
        ]
    if digest.report.totals.judged or digest.trust.rulings.ruled:
        parts.append(_section(say("trust"), [*_rulings(digest), *_promise(digest)]))
    return "\n\n".join(parts) + "\n"


def _section(heading: str, lines: list[str]) -> str:
    return "\n".join([heading, *(f"• {line}" for line in lines)])


# --- the sections ----------------------------------------------------------------------------------------------------


def _opening(digest: Digest) -> list[str]:
    lines = [headline(digest)]
    if digest.state in (State.QUIET, State.USUAL):
        lines += [*_how_sure(digest), *_trend(digest)]
        if digest.report.totals.unsure:
            lines.append(count("unsure", digest.report.totals.unsure))
    if digest.state is State.QUIET:
        lines.append(say("quiet", posts=count("posts", digest.report.totals.sure)))
    if digest.before is None and digest.state is not State.NOTHING:
        lines.append(say("first"))
    if digest.one_channel and not digest.channel:
        lines.append(say("one_channel", channel=hashed(digest.channels[0].channel.name)))
    return [*lines, *([say("rehearsed")] if digest.rehearsed else [])]


def _how_sure(digest: Digest) -> list[str]:
    share = digest.relevance
    if share is None:
        return [say("no_interval")]
    return [say("interval", low=percent(share.low), high=percent(share.high))]


def _trend(digest: Digest) -> list[str]:
    before = digest.before.totals.relevance if digest.before else None
    if before is None:
        return []
    change = digest.change
    if change is None:
        return [say("before_only", before=percent(before))]
    between = {"low": signed(change.low), "high": signed(change.high), "before": percent(before)}
    points = round(abs(100 * change.difference))
    if not change.clear or points == 0:
        return [say("no_clear_change", **between)]
    key = "up" if change.difference > 0 else "down"
    return [_capital(say(key, points=count("points", points), **between))]


def _kinds(digest: Digest) -> Iterator[str]:
    report, before = digest.report, digest.before
    past = before.totals.chatter if before else None
    yield _counted("chatter", report.totals.chatter, past)
    past = before.pitches if before else None
    if not report.pitches:
        yield say("no_pitches", before=_before(past))
        return
    parts = [count("pitches", report.pitches, before=_before(past))]
    if report.drive_bys:
        parts.append(count("drive_bys", report.drive_bys))
    cards = [
        count(key, number)
        for key, number in (("cards", digest.deeds.cards), ("removed", digest.deeds.removed))
        if number
    ]
    yield " ".join([", ".join(parts) + ".", *cards])


def _drift(digest: Digest) -> Iterator[str]:
    report, before = digest.report, digest.before
    posts = count("posts", report.stretch_posts)
    yield _counted("stretches", report.stretches, before.stretches if before else None, posts=posts)
    if not report.stretches:
        return
    if report.closed_by_themselves:
        yield count("by_themselves", report.closed_by_themselves)
    hours = [
        say(
            "hour",
            weekday=WEEKDAYS[busy.weekday],
            start=f"{busy.hour:02}",
            end=f"{busy.hour + 1:02}",
            posts=count("posts", busy.posts),
        )
        for busy in digest.busy_hours
    ]
    yield say("hours", hours=listed(hours), zone=digest.period.time_zone)
    yield from _about(digest)


def _about(digest: Digest) -> Iterator[str]:
    told = digest.words
    if not told.read:
        yield say("no_texts")
        return
    yield (say("words", words=", ".join(word for word, _ in told.words)) if told.words else say("no_words"))
    if told.read < told.posts:
        yield say("words_of", read=f"{told.read:,}", posts=f"{told.posts:,}")


def _deeds(digest: Digest) -> list[str]:
    deeds = digest.deeds
    lines = [
        count(key, number)
        for key, number in (
            ("stretch_nudges", deeds.stretch_nudges),
            ("author_nudges", deeds.author_nudges),
            ("welcomes", deeds.welcomes),
        )
        if number
    ]
    after = [count(f"followed_{what}", deeds.followed[what]) for what in Followed if deeds.followed.get(what)]
    if after:
        lines.append(say("followed", parts=listed(after)))
    if moves := sum(deeds.moved.values()):
        wishes = [say(f"wish_{wish}", number=deeds.moved[wish]) for wish in Wish if deeds.moved.get(wish)]
        posts = count("posts", deeds.moved_posts)
        lines.append(count("moved", moves, posts=posts, wishes=listed(wishes)))
    if deeds.brought_back:
        lines.append(count("brought_back", deeds.brought_back))
    return lines or [say("silent")]


def _dialogue(digest: Digest) -> list[str]:
    report = digest.report
    turns, talks = report.dialogue, report.conversations
    if not turns.turns or talks.people_each is None:
        return [say("no_dialogue")]
    past = digest.before.dialogue.share if digest.before else None
    before = say("before_share", share=percent(past)) if past is not None else ""
    said = count("turns", turns.turns)
    return [
        _capital(say("answered", share=percent(turns.share), turns=said, before=before)),
        count("conversations", talks.count, each=f"{talks.people_each:.1f}", shared=f"{talks.shared:,}"),
        _newcomers(digest),
    ]


def _newcomers(digest: Digest) -> str:
    new = digest.report.newcomers
    if new is None:
        return say("newcomers_unknown")
    return count("newcomers", new.count, answered=new.answered) if new.count else say("no_newcomers")


def _channels(digest: Digest) -> list[str]:
    return [] if digest.one_channel or digest.channel else [_channel(line) for line in digest.channels]


def _channel(line: ChannelLine) -> str:
    counts, name = line.channel.counts, hashed(line.channel.name)
    if counts.relevance is None:
        return say("channel_unsure", channel=name, posts=count("posts", counts.judged))
    before = say("before_share", share=percent(line.before)) if line.before is not None else ""
    posts = count("posts", counts.sure)
    said = say("channel", channel=name, share=percent(counts.relevance), posts=posts, before=before)
    return said + (say("few") if counts.sure < FEW_IN_A_CHANNEL else "")


def _rulings(digest: Digest) -> list[str]:
    rulings = digest.trust.rulings
    lines = []
    if rulings.ruled:
        parts = [
            count(key, number)
            for key, number in (
                ("right", rulings.right),
                ("wrong", rulings.wrong),
                ("fine", rulings.fine),
                ("missed", rulings.missed),
            )
            if number
        ]
        lines.append(count("rulings", rulings.ruled, parts=listed(parts)))
        lines.append(say("drawn", number=f"{rulings.drawn:,}"))
    else:
        lines.append(say("no_rulings_rehearsed" if digest.rehearsed else "no_rulings"))
    others = (("disputed", rulings.disputed), ("open", rulings.open), ("objections", rulings.objections))
    return lines + [count(key, number) for key, number in others if number]


def _promise(digest: Digest) -> list[str]:
    trust = digest.trust
    if trust.unreadable:
        return [say("unreadable", why=trust.unreadable)]
    if trust.promise is None:
        return [say("no_promise")]
    standings = [
        say("standing", label=kind(label), standing=standing_text(standing, trust.promise, label))
        for label, standing in trust.standings.items()
    ]
    return [say("promise", promise=trust.promise), *standings]


def _counted(key: str, number: int, past: int | None, **values: object) -> str:
    before = _before(past)
    return count(key, number, before=before, **values) if number else say(f"no_{key}", before=before)


def _before(past: int | None) -> str:
    return "" if past is None else say("before", number=f"{past:,}")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
