"""The chart of a digest: an image of the promised size in two palettes, with words for those who do not see it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from bot.digest_chart import DARK, HEIGHT, LIGHT, WIDTH, alt_text, chart, columns_of, plain
from moderation.digest import Digest
from moderation.periods import period_of
from tests.bot.test_digest_text import WORK, busy
from tests.factories import MONDAY
from tests.moderation.test_digest import digest_of


def image_of(digest: Digest, *, dark: bool = False) -> Image.Image:
    return Image.open(io.BytesIO(chart(digest, dark=dark)))


def over(days: int) -> Digest:
    first = MONDAY.date()
    return replace(digest_of(WORK), period=period_of(first, first + timedelta(days=days), "UTC"))


@pytest.mark.parametrize("dark, paper", [(False, LIGHT.paper), (True, DARK.paper)])
def test_an_image_in_both_palettes_with_its_alt_text(dark: bool, paper: str) -> None:
    image = image_of(busy(), dark=dark).convert("RGB")
    assert image.size == (WIDTH, HEIGHT)
    assert image.getpixel((2, 2)) == tuple(bytes.fromhex(paper[1:]))
    assert image_of(busy(), dark=dark).info["Description"] == alt_text(busy())


def test_every_kind_that_was_written_is_painted() -> None:
    image = image_of(busy()).convert("RGB")
    colours = {colour for _, colour in image.getcolors(WIDTH * HEIGHT) or []}
    assert {tuple(bytes.fromhex(one[1:])) for one in (LIGHT.on_topic, LIGHT.chatter, LIGHT.pitch)} <= colours


def test_the_same_digest_gives_the_same_image() -> None:
    assert chart(busy()) == chart(busy())
    assert chart(busy()) != chart(busy(), dark=True)


@pytest.mark.parametrize("days, columns", [(1, 1), (7, 7), (31, 31), (32, 5), (200, 29), (201, 7), (730, 24)])
def test_columns_are_days_weeks_or_months(days: int, columns: int) -> None:
    digest = over(days)
    assert len(columns_of(digest)) == columns
    assert sum(column.counts.judged for column in columns_of(digest)) == (50 if days > 6 else 5)
    assert image_of(digest).size == (WIDTH, HEIGHT)


def test_nothing_is_an_image_too() -> None:
    assert image_of(digest_of([])).size == (WIDTH, HEIGHT)
    assert "Quiet is fine." in alt_text(digest_of([]))


def test_the_alt_text_tells_the_columns_or_the_fullest() -> None:
    assert "9 March: 5 posts, 100\u00a0% served the purpose; 10 March:" in alt_text(busy())
    assert "31 columns, the fullest 3 March with 8 posts." in alt_text(over(31))
    assert len(alt_text(replace(busy(), community="x" * 5_000))) == 1_000


def test_letters_that_the_font_does_not_have_are_written_plainly() -> None:
    assert plain("2–8 März, 50\u00a0%, größer") == "2-8 Marz, 50 %, grosser"
