"""A digest's chart as a PNG image: the posts of each day by what they were, and the share that served the purpose.

Pillow's own font is used, so that the image is the same on every machine. It knows plain Latin letters only: names that people gave
stand in the alt text and in the digest itself, not in the image.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from bot.digest_phrases import count, say
from bot.digest_text import headline, title
from bot.figures import MONTHS, WEEKDAYS, day, percent, period, short_day, whole_percent
from moderation.digest import Digest, State
from moderation.stats import Counts

WIDTH, HEIGHT = 1200, 675
LEFT, RIGHT, TOP, BOTTOM = 90, 40, 170, 130
DAILY, WEEKLY = 31, 200
"""Days up to which a column is a day, and a week; beyond that it is a month."""
THICKEST, SHARE_OF_STEP = 90, 0.68
TOLD = 8
"""Columns up to which the alt text tells each."""
ROOM_FOR_SHARE = 64
"""Pixels from one column to the next that its share needs, `100 %` at most."""
HEADROOM = 1.12
"""The axis is so much higher than the highest column, so that its share has room."""


@dataclass(frozen=True, slots=True)
class Colours:
    """What the chart is painted with, as #rrggbb."""

    paper: str
    ink: str
    soft: str
    line: str
    on_topic: str
    chatter: str
    pitch: str
    unsure: str


LIGHT = Colours("#fffefb", "#20242a", "#5a616b", "#e2ded4", "#23907f", "#dd9a35", "#b93a6c", "#a7adb5")
DARK = Colours("#1c2024", "#e9e6df", "#a9b0b8", "#31373d", "#3eb09f", "#e0a34a", "#dd6a97", "#747c85")
KINDS = ("on_topic", "chatter", "pitch", "unsure")


@dataclass(frozen=True, slots=True)
class Column:
    """A day, a week or a month."""

    name: str
    short: str
    counts: Counts


def chart(digest: Digest, *, dark: bool = False) -> bytes:
    """The image as PNG, 1200 x 675; its alt text is in it as `Description`."""
    colours = DARK if dark else LIGHT
    image = Image.new("RGB", (WIDTH, HEIGHT), colours.paper)
    canvas = _Canvas(ImageDraw.Draw(image), colours)
    canvas.head(digest)
    if digest.report.totals.judged:
        canvas.columns(columns_of(digest))
        canvas.legend()
    else:
        canvas.text((WIDTH / 2, HEIGHT / 2), say("empty"), 32, colours.soft, "mm")
    about = PngImagePlugin.PngInfo()
    about.add_itxt("Description", alt_text(digest))
    file = io.BytesIO()
    image.save(file, "PNG", pnginfo=about)
    return file.getvalue()


def alt_text(digest: Digest) -> str:
    """What the image shows, in words, at most a thousand characters."""
    columns = columns_of(digest)
    if not digest.report.totals.judged:
        told = ""
    elif len(columns) <= TOLD:
        told = "; ".join(map(_told, columns)) + "."
    else:
        most = max(columns, key=lambda column: column.counts.judged)
        told = say("columns", number=len(columns), most=most.name, posts=count("posts", most.counts.judged))
    text = say(
        "alt",
        column=say(f"column_{_kind_of_column(digest)}"),
        title=title(digest),
        headline=headline(digest),
        columns=told,
    )
    return text.strip()[:1000]


def columns_of(digest: Digest) -> list[Column]:
    """The period cut into days, weeks or months, so that they fit side by side."""
    sums: dict[date, Counts] = {}
    kind = _kind_of_column(digest)
    for each, counts in digest.counts_by_day:
        first = {"day": each, "week": each - timedelta(days=each.weekday()), "month": each.replace(day=1)}[
            kind
        ]
        sums[first] = _added(sums.get(first, Counts()), counts)
    return [
        Column(_name(first, kind), _short(first, kind, digest.period.days), counts)
        for first, counts in sums.items()
    ]


def _name(first: date, kind: str) -> str:
    return f"{MONTHS[first.month - 1]} {first.year}" if kind == "month" else day(first)


def _short(first: date, kind: str, days: int) -> str:
    """What stands under a column."""
    if kind == "month":
        return MONTHS[first.month - 1][:3]
    if kind == "week":
        return short_day(first)
    return f"{WEEKDAYS[first.weekday()][:3]} {first.day}" if days <= TOLD else f"{first.day}"


def _kind_of_column(digest: Digest) -> str:
    days = digest.period.days
    return "day" if days <= DAILY else "week" if days <= WEEKLY else "month"


def _added(one: Counts, other: Counts) -> Counts:
    return Counts(
        one.on_topic + other.on_topic,
        one.chatter + other.chatter,
        one.pitch + other.pitch,
        one.unsure + other.unsure,
        one.skipped + other.skipped,
    )


def _told(column: Column) -> str:
    if not column.counts.judged:
        return say("column_silent", name=column.name)
    posts = count("posts", column.counts.judged)
    return say("column", name=column.name, posts=posts, share=percent(column.counts.relevance))


@dataclass(frozen=True, slots=True)
class _Canvas:
    """Where and in which colours is drawn."""

    draw: ImageDraw.ImageDraw
    colours: Colours

    def text(self, at: tuple[float, float], text: str, size: int, colour: str, anchor: str = "ls") -> None:
        self.draw.text(at, plain(text), fill=colour, font=ImageFont.load_default(size), anchor=anchor)

    def head(self, digest: Digest) -> None:
        """The share and the days; small, what the columns are."""
        days = period(digest.period.first_day, digest.period.last_day)
        shown = digest.state in (State.QUIET, State.USUAL)
        share = f"{percent(digest.report.totals.relevance)} {say('kind_on_topic')}" if shown else ""
        self.text((LEFT - 50, 66), share or days, 40, self.colours.ink)
        caption = say("chart", column=say(f"column_{_kind_of_column(digest)}"))
        self.text((LEFT - 50, 108), f"{days}. {caption}." if share else f"{caption}.", 22, self.colours.soft)

    def columns(self, columns: Sequence[Column]) -> None:
        most = _round_up(round(HEADROOM * max(column.counts.judged for column in columns)))
        self._grid(most)
        step = (WIDTH - LEFT - RIGHT) / len(columns)
        thick = min(THICKEST, step * SHARE_OF_STEP)
        every = -(-len(columns) * 70 // (WIDTH - LEFT - RIGHT))
        for place, column in enumerate(columns):
            middle = LEFT + step * (place + 0.5)
            top = self._column(column.counts, middle, thick, most)
            share = column.counts.relevance
            if step >= ROOM_FOR_SHARE and share is not None:
                self.text((middle, top - 10), f"{whole_percent(share)} %", 20, self.colours.ink, "ms")
            if place % max(1, every) == 0:
                self.text((middle, HEIGHT - BOTTOM + 28), column.short, 20, self.colours.soft, "ms")

    def legend(self) -> None:
        x = float(LEFT)
        for kind in KINDS:
            y = HEIGHT - 46
            self.draw.rounded_rectangle((x, y, x + 22, y + 22), 5, fill=getattr(self.colours, kind))
            name = say(f"kind_{kind}")
            self.text((x + 32, y + 19), name, 22, self.colours.ink)
            x += 32 + ImageFont.load_default(22).getlength(plain(name)) + 40

    def _grid(self, most: int) -> None:
        for share in (0.0, 0.5, 1.0) if most % 2 == 0 else (0.0, 1.0):
            y = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
            self.draw.line((LEFT, y, WIDTH - RIGHT, y), fill=self.colours.line, width=2)
            self.text((LEFT - 14, y), f"{round(most * share):,}", 20, self.colours.soft, "rm")

    def _column(self, counts: Counts, middle: float, thick: float, most: int) -> float:
        """Draw one column from below; returns where it ends."""
        base = float(HEIGHT - BOTTOM)
        for kind in KINDS:
            height = getattr(counts, kind) / most * (HEIGHT - TOP - BOTTOM)
            if height:
                box = (middle - thick / 2, base - height, middle + thick / 2, base)
                self.draw.rectangle(box, fill=getattr(self.colours, kind))
            base -= height
        return base


def plain(text: str) -> str:
    """Text in the letters that the font has: accents fall away, other signs become the nearest plain one."""
    text = (
        text.replace("\u00a0", " ").replace("–", "-").replace("−", "-").replace("’", "'").replace("ß", "ss")
    )
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _round_up(number: int) -> int:
    """The next number that reads well on an axis."""
    size = 1
    while True:
        for step in (1, 2, 4, 5, 6, 8):
            if step * size >= number:
                return step * size
        size *= 10
