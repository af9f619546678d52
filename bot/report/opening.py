"""The top of the page: what was read, in plain words, and what would have followed from it."""

from __future__ import annotations

from bot.report.markup import Html, element, join, named
from bot.report.story import Story
from bot.report.words import count_of, listed, percent, period
from moderation.policy import Mode
from moderation.rehearsal import Would

MEANING = {
    Mode.OBSERVE: "only moderators see something",
    Mode.NUDGE: "one kind line where talk drifts",
    Mode.OFFER: "a kind line with a button that moves one’s own posts",
    Mode.MOVE: "casual talk is moved to the social channel, and can be brought back",
}


def header(story: Story) -> Html:
    """Name, period and the sentence to remember."""
    first, last = story.first_day, story.last_day
    when = period(first, last) if first and last else "nothing in it"
    facts = join([when, " · from ", named(story.facts.export)])
    return element(
        "header",
        element("p", "Steward · relevance report", class_="eyebrow"),
        element("h1", named(story.charter.name)),
        element("p", facts, class_="meta"),
        element("p", headline(story), class_="headline"),
        _tiles(story) if story.report.totals.judged else "",
        _notes(story),
    )


def headline(story: Story) -> Html:
    """The period in two or three sentences."""
    counts = story.report.totals
    if not counts.judged:
        return _nothing(story)
    places = sum(1 for channel in story.report.by_channel if channel.counts.judged)
    read = element("strong", count_of(counts.judged, "message"))
    people, channels = count_of(story.report.people, "person", "people"), count_of(places, "channel")
    span = "one day" if story.days == 1 else f"{story.days:,} days"
    return join(
        [
            f"In {span} Steward read ",
            read,
            f" by {people} in {channels}. ",
            *_shares(story),
            _unsure(counts.unsure),
        ]
    )


def _shares(story: Story) -> list[object]:
    counts = story.report.totals
    if not counts.sure:
        return ["It was not sure about a single one. "]
    served = element("strong", f"{percent(counts.relevance)} served the purpose")
    rest = f"; {percent(counts.chatter / counts.sure)} was casual talk in channels for work"
    if counts.pitch:
        return [served, rest, f" and {percent(counts.pitch / counts.sure)} were pitches. "]
    return [served, rest, ", and nobody pitched anything. "]


def _unsure(number: int) -> str:
    if not number:
        return "It was sure about every one."
    return f"About {count_of(number, 'message')} it was not sure enough, so it left {'it' if number == 1 else 'them'} alone."


def _nothing(story: Story) -> Html:
    skipped = story.report.totals.skipped
    if not skipped:
        return join(["There was no message to read."])
    reasons = listed([f"{number:,} × {why}" for why, number in story.report.skipped.items()])
    return join([f"Steward read nothing here: {count_of(skipped, 'message')} passed by unread ({reasons})."])


def _tiles(story: Story) -> Html:
    report = story.report
    left = max(report.stretches - to_stretches(story.shown_would), 0)
    tiles = [
        (
            "Served the purpose",
            percent(report.totals.relevance),
            f"of {count_of(report.totals.sure, 'sure verdict')}",
        ),
        (
            "Stretches of casual talk",
            f"{report.stretches:,}",
            f"{left:,} it would leave alone" if report.stretches else "nobody drifted",
        ),
        (
            "Pitches",
            f"{report.pitches:,}",
            f"{count_of(report.drive_bys, 'drive-by')}" if report.pitches else "nobody sold anything",
        ),
        (
            "Answered",
            percent(report.dialogue.share),
            f"of {count_of(report.dialogue.turns, 'contribution')} got a reply",
        ),
    ]
    return element("dl", *(_tile(*tile) for tile in tiles), class_="tiles")


def _tile(name: str, figure: str, note: str) -> Html:
    return element("div", element("dt", name), element("dd", element("b", figure), element("span", note)))


def _notes(story: Story) -> Html:
    items = [element("li", note) for note in story.facts.notes]
    return element("ul", *items, class_="notes", aria_label="Please note") if items else Html()


def under_policy(story: Story) -> Html:
    """What the policy in the charter would have done, and what one step further would."""
    policy = story.policy
    rule = element(
        "p",
        "The policy is ",
        element("strong", policy.mode.value),
        f" ({MEANING[policy.mode]}) with ",
        element("strong", policy.strictness.value),
        " strictness. ",
        "" if story.report.totals.judged else "There was nothing to apply it to.",
    )
    if not story.report.totals.judged:
        return rule
    members = [_to_members(story, story.would)]
    if policy.mode is Mode.OBSERVE:
        members += [
            element("p", "With ", element("strong", "offer"), " instead:"),
            _to_members(story, story.shown_would),
        ]
    cards = [_card("To members", join(members)), _card("To moderators", _to_moderators(story))]
    return join([rule, element("div", *cards, class_="cases")])


def _card(title: str, content: Html) -> Html:
    return element("div", element("h3", title), content, class_="card")


def to_stretches(would: Would) -> int:
    """How many stretches would have heard something."""
    return would.nudges + would.offers + would.moves


def _to_members(story: Story, would: Would) -> Html:
    if not would.times_spoken:
        return element("p", "They would have heard nothing.")
    done = [
        (would.offers, "offer to move casual posts", "offers to move casual posts"),
        (would.moves, "stretch of casual talk moved", "stretches of casual talk moved"),
        (would.nudges, "kind line to a stretch", "kind lines to stretches"),
        (would.lone_nudges, "hint about repeated casual posts", "hints about repeated casual posts"),
        (would.welcomes, "welcome to a newcomer", "welcomes to newcomers"),
        (would.flood_hints, "hint about a long monologue", "hints about long monologues"),
    ]
    times = "once" if would.times_spoken == 1 else f"{would.times_spoken:,} times"
    people = f"{would.people:,} of {count_of(story.report.people, 'person', 'people')}"
    kinds = [element("li", count_of(number, one, many)) for number, one, many in done if number]
    span = "one day" if story.days == 1 else f"{story.days:,} days"
    return join(
        [element("p", f"Steward would have spoken {times} in {span}, to {people}:"), element("ul", *kinds)]
    )


def _to_moderators(story: Story) -> Html:
    cards = story.would.pitch_cards
    if not cards:
        return element("p", "They would have had nothing to rule on.")
    shown = f"They would have been shown {count_of(cards, 'card')} about {'a pitch' if cards == 1 else 'pitches'}. "
    return element(
        "p", shown, "A pitch stays visible until one of them rules, and its author gets the text back."
    )
