"""One drifted stretch as a small transcript, with Steward's own line where it would have spoken."""

from __future__ import annotations

from bot.report.markup import Html, element, join, named
from bot.report.story import Card, Story
from bot.report.words import clock, count_of, day, destination, hashed, lasting, sentence
from moderation.actions import NudgeStretch
from moderation.move_actions import MoveStretch
from moderation.rehearsal import Fate
from moderation.stats import Closing, DriftedStretch, Line


def transcript(story: Story, stretch: DriftedStretch) -> Card:
    """The card of one stretch."""
    start, span = story.local(stretch.started_at), stretch.ended_at - stretch.started_at
    where = join(
        [named(hashed(stretch.channel_name or stretch.channel)), ", in a thread" if stretch.thread else ""]
    )
    size = f"{count_of(stretch.posts, 'casual post')} by {count_of(stretch.people, 'person', 'people')} in {lasting(span)}"
    head = join(
        [
            f"{day(start.date(), weekday=True)}, {clock(start)} ",
            element("span", where, f" · {size}", class_="small"),
        ]
    )
    fate = story.rehearsal.fates().get(stretch.id)
    lines = _lines(story, stretch, fate)
    more = f"… and {count_of(stretch.more, 'more line')}, until {clock(story.local(stretch.ended_at))}"
    body = join(
        [
            element("ol", *lines, class_="transcript"),
            element("p", more, class_="small") if stretch.more else "",
            _quiet(fate),
            element("p", _ending(story, stretch), class_="ending"),
        ]
    )
    return Card(
        head, story.glimpse(stretch.lines[0].key if stretch.lines[0].casual else stretch.lines[1].key), body
    )


def _lines(story: Story, stretch: DriftedStretch, fate: Fate | None) -> list[Html]:
    """The lines, with Steward's own where it would have spoken."""
    items: list[Html] = []
    word = fate if fate is not None and fate.action is not None else None
    for line in stretch.lines:
        if word is not None and line.at > word.at:
            items.append(_word(story, word))
            word = None
        items.append(_line(story, line))
    return [*items, _word(story, word)] if word is not None else items


def _line(story: Story, line: Line) -> Html:
    at = story.local(line.at)
    note = (
        ""
        if line.casual
        else element("span", "(about the work)" if line.casual is False else "(not sure)", class_="hidden")
    )
    return element(
        "li",
        element("time", clock(at), datetime=at.isoformat()),
        element("b", story.author(line.key)),
        element("span", story.text(line.key), note, class_="words"),
        class_="casual" if line.casual else "aside",
    )


def _word(story: Story, fate: Fate) -> Html:
    at = story.local(fate.at)
    what = _doing(story, fate)
    return element(
        "li",
        element("time", clock(at), datetime=at.isoformat()),
        element("b", "Steward"),
        element("span", what, class_="words"),
        class_="steward",
    )


def _doing(story: Story, fate: Fate) -> str:
    action = fate.action
    why = f" Why: {fate.why[0]}." if fate.why else ""
    if isinstance(action, MoveStretch):
        to = destination(story.charter, action.to_channel)
        return f"would have moved {count_of(len(action.messages), 'post')} to {to}, with an undo button.{why}"
    if isinstance(action, NudgeStretch) and action.offer:
        to = destination(story.charter, action.to_channel)
        people = count_of(len(action.members), "person", "people")
        return f"would have offered {people} to move their own casual posts to {to}.{why}"
    if isinstance(action, NudgeStretch) and action.to_channel:
        to = destination(story.charter, action.to_channel)
        return f"would have said one kind line, and that {to} is the place for this.{why}"
    return f"would have said one kind line.{why}"


def _quiet(fate: Fate | None) -> Html:
    if fate is not None and fate.action is not None:
        return Html()
    why = sentence(fate.why[-1]) if fate is not None and fate.why else ""
    return element("p", element("b", "Steward would have kept quiet. "), why, class_="quiet")


def _ending(story: Story, stretch: DriftedStretch) -> str:
    ended = clock(story.local(stretch.ended_at))
    if stretch.closing is Closing.OPEN:
        return f"It was still going on when the export ends; the last casual post is from {ended}."
    if stretch.closing is Closing.RETURNED:
        return f"It closed by itself: after {ended} the talk returned to the work."
    return f"It closed by itself: after {ended} nobody went on."
