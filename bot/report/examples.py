"""Stretches as small transcripts, pitches as cards, and what was left alone: the parts with people's own words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.report.markup import Html, element, join, named
from bot.report.story import Card, Story, badge, empty, section
from bot.report.transcripts import transcript
from bot.report.words import clock, count_of, day, hashed, listed, percent, sentence
from moderation.decisions import Probabilities
from moderation.stats import HardCase, PitchSeen

OPEN = 8
"""Examples that are shown unfolded; the rest unfold with a click."""


def stretches(story: Story) -> Html:
    """Each drifted stretch with what would have been said to it."""
    report, title = story.report, "Where talk drifted"
    if not report.stretches:
        lone = f" {sentence(_besides(story))}" if _besides(story) else ""
        return section(
            "stretches", title, empty("No talk drifted: nothing here would have needed a word." + lone)
        )
    intro = (
        f"{count_of(report.stretches, 'stretch', 'stretches')} of three or more casual posts by two or more people, "
        f"{count_of(report.stretch_posts, 'post')} in all. Dimmed lines are about the work, or unsure. "
        f"{sentence(_besides(story))}"
    )
    cards = [transcript(story, stretch) for stretch in report.shown_stretches]
    rest = _rest(report.stretches - len(cards), "shorter stretch", "shorter stretches")
    return section("stretches", title, element("p", intro), _folded(cards, "stretches"), rest)


def pitches(story: Story) -> Html:
    """Each pitch that moderators would have been shown."""
    report, title = story.report, "Pitches"
    if not report.pitches:
        return section("pitches", title, empty("Nobody pitched anything that Steward was sure about."))
    drive_bys = f"{report.drive_bys:,} of them drive-bys, by people who had talked with nobody here"
    intro = (
        f"{count_of(report.pitches, 'pitch', 'pitches')} that moderators would have been shown, "
        f"{drive_bys if report.drive_bys else 'none of them a drive-by'}. The same text in several channels within a "
        f"day counts once. Nothing is removed before a moderator says so."
    )
    cards = [_pitch(story, pitch) for pitch in report.shown_pitches]
    rest = _rest(report.pitches - len(cards), "pitch that is less sure", "pitches that are less sure")
    return section("pitches", title, element("p", intro), _folded(cards, "pitches"), rest)


def left_alone(story: Story) -> Html:
    """Hard cases: a bot that acted on these would be wrong too often."""
    title, cases = "Left alone on purpose", story.report.hard_cases
    if not cases:
        return section("alone", title, empty("There was no doubtful message."))
    intro = (
        f"Steward was not sure about {count_of(story.report.totals.unsure, 'message')}, and some it let pass because "
        f"of who wrote them. Nobody would have heard a word. These are the most doubtful:"
    )
    return section(
        "alone",
        title,
        element("p", intro),
        element("div", *(_case(story, case) for case in cases), class_="cases"),
    )


def _folded(cards: Sequence[Card], things: str) -> Html:
    """The first cards open, the others behind one line each."""
    shown = [element("article", element("h3", card.head), card.body, class_="card") for card in cards[:OPEN]]
    if len(cards) <= OPEN:
        return element("div", *shown, class_="cards")
    folded = [
        element(
            "details",
            element("summary", card.head, element("span", card.glimpse, class_="glimpse")),
            card.body,
        )
        for card in cards[OPEN:]
    ]
    more = element("h3", f"{len(folded)} more {things}", class_="more")
    return element("div", *shown, more, element("div", *folded, class_="folded"), class_="cards")


def _rest(number: int, thing: str, things: str) -> Html:
    return empty(f"{count_of(number, thing, things)} counted, but not shown.") if number > 0 else Html()


def _besides(story: Story) -> str:
    """Casual posts outside of stretches, or nothing."""
    lone, greetings = story.report.lone_posts, story.report.greetings
    parts = [count_of(lone, "lone casual post")] if lone else []
    parts += [f"{count_of(greetings, 'greeting')} by newcomers"] if greetings else []
    return f"{listed(parts)} {'was' if lone + greetings == 1 else 'were'} counted besides" if parts else ""


def _pitch(story: Story, pitch: PitchSeen) -> Card:
    at = story.local(pitch.at)
    channels = join([named(hashed(channel)) for channel in pitch.channels], ", ")
    badges = [badge("drive-by", "alert")] if pitch.drive_by else []
    badges += [badge(f"{pitch.posts} posts of one text", "alert")] if pitch.posts > 1 else []
    where = element("span", f"{day(at.date(), weekday=True)}, {clock(at)} · ", channels, class_="small")
    head = join([story.author(pitch.key), " ", *badges, " ", where])
    body = join(
        [
            element("blockquote", story.text(pitch.key)),
            element("ul", *(element("li", sentence(why)) for why in pitch.reasons), class_="reasons"),
            element("p", chances(pitch.probabilities), class_="small"),
        ]
    )
    return Card(head, story.glimpse(pitch.key), body)


def chances(probabilities: Probabilities) -> str:
    """The three probabilities in words, likeliest first."""
    named_shares = [
        (probabilities.pitch, "pitch"),
        (probabilities.chatter, "casual talk"),
        (probabilities.on_topic, "serves the purpose"),
    ]
    return " · ".join(f"{name} {percent(share)}" for share, name in sorted(named_shares, reverse=True))


def _case(story: Story, case: HardCase) -> Html:
    at = story.local(case.at)
    head = join(
        [
            story.author(case.key),
            element(
                "span", f" {day(at.date())}, {clock(at)} · ", named(hashed(case.channel_name)), class_="small"
            ),
        ]
    )
    why = "; ".join(case.reasons)
    doubt = "Steward abstained. " if case.abstained else ""
    return element(
        "article",
        element("h3", head),
        element("blockquote", story.text(case.key)),
        element("p", doubt, sentence(why), class_="why"),
        element("p", chances(case.probabilities), class_="small"),
        class_="card",
    )
