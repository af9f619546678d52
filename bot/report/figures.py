"""Relevance over time and per channel, drift hours, and the table of what each setting would have done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, timedelta

from bot.report import charts
from bot.report.markup import Html, element, join, named
from bot.report.opening import MEANING
from bot.report.story import Story, badge, empty, section
from bot.report.words import MONTHS, WEEKDAYS, count_of, hashed, listed, percent, short_day
from moderation.policy import Mode, Strictness
from moderation.rehearsal import Would
from moderation.stats import ChannelCounts, Counts

LEGEND = (
    ("on_topic", "serves the purpose"),
    ("chatter", "casual talk"),
    ("pitch", "pitch"),
    ("unsure", "not sure"),
)
DAYS, WEEKS = 62, 430
"""Up to so many days are shown by day, and by week; beyond by month."""
MOST_CHANNELS = 30


def relevance(story: Story) -> Html:
    """Over time and per channel."""
    if not story.report.totals.judged:
        return section("relevance", "Relevance", empty("Nothing was read, so there is nothing to draw."))
    return section(
        "relevance",
        "Relevance",
        element("h3", "Over time"),
        _over_time(story),
        element("h3", "By channel"),
        _legend(),
        _channels(story),
    )


def points_of(days: Mapping[date, Counts]) -> list[charts.Point]:
    """A point for every day, week (from Monday) or month of the period; quiet ones are there with nothing in them."""
    first, last = min(days), max(days)
    span = (last - first).days + 1
    if span <= DAYS:
        return _grouped(days, lambda day: day, short_day)
    if span <= WEEKS:
        return _grouped(days, lambda day: day - timedelta(days=day.weekday()), short_day)
    return _grouped(
        days, lambda day: day.replace(day=1), lambda day: f"{MONTHS[day.month - 1][:3]} {day.year % 100:02}"
    )


def _grouped(
    days: Mapping[date, Counts], start: Callable[[date], date], label: Callable[[date], str]
) -> list[charts.Point]:
    groups: dict[date, Counts] = {}
    day = min(days)
    while day <= max(days):
        groups[start(day)] = _plus(groups.get(start(day), Counts()), days.get(day, Counts()))
        day += timedelta(days=1)
    return [charts.Point(label(day), counts) for day, counts in groups.items()]


def _plus(one: Counts, other: Counts) -> Counts:
    theirs = asdict(other)
    return Counts(**{name: number + theirs[name] for name, number in asdict(one).items()})


def _over_time(story: Story) -> Html:
    points = points_of(story.report.by_day)
    if len(points) < 2:
        return empty("Everything happened on one day: a line over time needs at least two.")
    rates = [(point.counts.relevance, point.label) for point in points if point.counts.relevance is not None]
    title = f"Relevance from {points[0].label} to {points[-1].label}"
    if rates:
        (low, low_day), (high, high_day) = min(rates), max(rates)
        title += f": lowest {percent(low)} ({low_day}), highest {percent(high)} ({high_day})"
    drawn = charts.for_both_widths(lambda width: charts.over_time(points, width, title))
    return join([_legend(), element("figure", drawn, element("figcaption", f"{title}.")), _as_table(points)])


def _as_table(points: list[charts.Point]) -> Html:
    head = element(
        "tr", *(element("th", name, scope="col") for name in ("When", "Relevance", *(n for _, n in LEGEND)))
    )
    rows = [
        element(
            "tr",
            element("th", point.label, scope="row"),
            element("td", percent(point.counts.relevance)),
            *(element("td", f"{getattr(point.counts, kind):,}") for kind, _ in LEGEND),
        )
        for point in points
    ]
    caption = element("caption", "Relevance rate and messages over time")
    table = element("table", caption, element("thead", head), element("tbody", *rows))
    return element("details", element("summary", "The same as a table"), _scroll(table, "Figures over time"))


def _legend() -> Html:
    items = [element("li", element("i", class_=f"swatch {kind}"), name) for kind, name in LEGEND]
    return element("ul", *items, class_="legend")


def _channels(story: Story) -> Html:
    shown = [channel for channel in story.report.by_channel if channel.counts.judged]
    items = [element("li", _channel(story, channel)) for channel in shown[:MOST_CHANNELS]]
    more = len(shown) - MOST_CHANNELS
    note = empty(f"{count_of(more, 'quieter channel')} not shown.") if more > 0 else ""
    return join([element("ul", *items, class_="channels"), note])


def _channel(story: Story, channel: ChannelCounts) -> Html:
    counts = channel.counts
    entry = story.charter.channel(channel.id, channel.name)
    role = "casual talk is at home here" if entry and entry.social else ""
    role = "offers are welcome here" if entry and entry.promotion_welcome else role
    said = [f"{number:,} {name}" for number, name in _kinds(counts) if number]
    title = f"{hashed(channel.name)}: {percent(counts.relevance)} served the purpose; {', '.join(said)}"
    return join(
        [
            element(
                "p", element("b", named(hashed(channel.name))), badge(role) if role else "", class_="name"
            ),
            element("p", percent(counts.relevance), class_="rate"),
            charts.share_bar(counts, title),
            element("p", " · ".join(said), class_="small"),
        ]
    )


def _kinds(counts: Counts) -> list[tuple[int, str]]:
    pitches = "pitch" if counts.pitch == 1 else "pitches"
    return [
        (counts.on_topic, "on purpose"),
        (counts.chatter, "casual"),
        (counts.pitch, pitches),
        (counts.unsure, "not sure"),
    ]


def drift_hours(story: Story) -> Html:
    """When people drift."""
    hours = story.report.drift_hours
    cells = sorted(((hours[d][h], -d, -h) for d in range(7) for h in range(24) if hours[d][h]), reverse=True)
    if not cells:
        return section(
            "hours", "When talk drifts", empty("There was no drifted stretch, so no hour stands out.")
        )
    best = [
        f"{WEEKDAYS[-d]} {-h:02}:00–{-h + 1:02}:00 ({count_of(number, 'casual post')})"
        for number, d, h in cells[:3]
    ]
    title = f"Casual posts in drifted stretches by weekday and hour; busiest: {listed(best)}"
    intro = f"Busiest: {listed(best)}. Hours are {story.policy.time_zone} time."
    drawn = charts.for_both_widths(lambda width: charts.week_heat(hours, width, title))
    return section("hours", "When talk drifts", element("p", intro), element("figure", drawn))


COLUMNS = (
    ("Kind lines", "nudges"),
    ("Offers to move", "offers"),
    ("Stretches moved", "moves"),
    ("Posts moved", "moved_posts"),
    ("Hints: lone posts", "lone_nudges"),
    ("Welcomes", "welcomes"),
    ("Hints: monologue", "flood_hints"),
    ("Pitch cards", "pitch_cards"),
    ("People spoken to", "people"),
)


def settings(story: Story) -> Html:
    """The twelve combinations of mode and strictness."""
    intro = (
        "The same messages, under every mode and strictness. The mode says how far Steward goes; strictness says how "
        "sure it must be: low acts only when it is very sure, high already when something is likely."
    )
    head = element(
        "tr", *(element("th", name, scope="col") for name in ("Strictness", *(name for name, _ in COLUMNS)))
    )
    caption = element("caption", "What each mode and strictness would have done")
    groups = [_group(story, mode) for mode in Mode]
    table = element("table", caption, element("thead", head), *groups, class_="settings")
    shown = _scroll(table, "What each mode and strictness would have done")
    return section("settings", "What other settings would have done", element("p", intro), shown)


def _group(story: Story, mode: Mode) -> Html:
    name = join([element("b", mode.value.capitalize()), f" – {MEANING[mode]}"])
    head = element(
        "tr", element("th", element("span", name), colspan=len(COLUMNS) + 1, scope="rowgroup"), class_="mode"
    )
    counts = story.rehearsal.counts()
    rows = [_setting(story, mode, strictness, counts[mode, strictness]) for strictness in Strictness]
    return element("tbody", head, *rows)


def _setting(story: Story, mode: Mode, strictness: Strictness, would: Would) -> Html:
    chosen = (mode, strictness) == (story.policy.mode, story.policy.strictness)
    name = join([strictness.value, " ", badge("your policy", "chosen") if chosen else ""])
    numbers = [getattr(would, field) for _, field in COLUMNS]
    cells = [element("td", f"{number:,}", class_=None if number else "zero") for number in numbers]
    return element("tr", element("th", name, scope="row"), *cells, class_="chosen" if chosen else None)


def _scroll(table: Html, label: str) -> Html:
    """A wide table scrolls by itself, also by keyboard, and never pushes the page wide."""
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)
