"""How it was measured, and what the figures do not say."""

from __future__ import annotations

from bot.report.markup import Html, element, join, named
from bot.report.story import Story, section
from bot.report.words import count_of, listed, percent, sentence
from moderation.policy import SURE_CHATTER, SURE_PITCH

SERVED = (
    "Share of messages that serve the purpose, or stand where they are welcome (casual talk in a social channel, offers "
    "where offers are welcome), among those that Steward was sure about. Unsure and unread messages count neither way."
)
ANSWERED = (
    "Of all contributions (what one person says in one go, pitches left out): somebody else replied, wrote next in the "
    "thread, or wrote next in the channel within ten minutes."
)
PEOPLE = (
    "There is no score or ranking of members. Exchanges are replies given and received here; they can only soften what "
    "is done, never make something a pitch."
)
HERE = "No message left this machine. This page loads nothing from the internet and runs no script."


def method(story: Story) -> Html:
    """Definitions and limits, in plain words."""
    items = [element("div", element("dt", name), element("dd", text)) for name, text in _entries(story)]
    return section("method", "How this was made", element("dl", *items, class_="method"), _purpose(story))


def _entries(story: Story) -> list[tuple[str, object]]:
    return [
        ("Served the purpose", SERVED),
        ("Sure", _sure(story)),
        ("Not read", _skipped(story)),
        ("Answered", ANSWERED),
        ("What would have been", _replayed(story)),
        ("People", PEOPLE),
        ("On this machine", HERE),
        ("Made with", _made(story)),
    ]


def _sure(story: Story) -> str:
    strictness = story.policy.strictness
    unsure = count_of(story.report.totals.unsure, "message")
    return (
        f"With {strictness.value} strictness, casual talk counts from {percent(SURE_CHATTER[strictness])} probability "
        f"and a pitch from {percent(SURE_PITCH[strictness])}. {sentence(unsure + ' stayed below')} A wrong word to a "
        f"member costs more than a missed one, so in doubt nothing is said."
    )


def _replayed(story: Story) -> str:
    caps = story.policy.caps
    return (
        f"The messages were decided one after another with their own clock, as on a live day, with at most "
        f"{count_of(caps.member, 'hint')} to a person, {caps.channel} in a channel and {caps.day} in the community a "
        f"day. How people would have reacted, no replay can tell."
    )


def _skipped(story: Story) -> str:
    skipped = story.report.skipped
    if not skipped:
        return "Every message was read."
    reasons = listed([f"{number:,} × {why}" for why, number in skipped.items()])
    return f"{count_of(story.report.totals.skipped, 'message')}: {reasons}."


def _made(story: Story) -> Html:
    facts = story.facts
    parts: list[object] = [f"Model {facts.model}, charter {story.charter.version}"]
    if story.charter.draft:
        parts.append(" (a draft that nobody has confirmed)")
    parts.append(f", {story.policy.time_zone} time. Export ")
    parts.append(named(facts.export))
    if facts.took is not None and facts.took > 0:
        speed = story.report.totals.judged / facts.took
        parts.append(f", read in {facts.took:,.1f} seconds ({speed:,.0f} messages a second)")
    return join([*parts, "."])


def _purpose(story: Story) -> Html:
    purpose = story.charter.purpose.strip()
    if not purpose:
        return Html()
    return join([element("h3", "The purpose it was held against"), element("blockquote", purpose)])
