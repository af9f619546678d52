"""splitting.py: long texts in pieces that Discord takes, from which nothing is missing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.splitting import LIMIT, parts

LIMITS = st.integers(64, 300)
WORDS = st.lists(
    st.text(max_size=90) | st.sampled_from(["\n", "\n\n", " ", ". ", "😂", "https://a.example/x?y=1"]),
    max_size=40,
)
CODE = st.lists(
    st.sampled_from(
        ["```py\n", "```", "x = 1\n", "\n", "    deep\n", "words and words ", "||", "long" * 30, "<@1>"]
    ),
    max_size=40,
).map("".join)


@given(WORDS.map("".join).filter(lambda text: "```" not in text), LIMITS)
def test_the_pieces_are_the_text(text: str, limit: int) -> None:
    found = parts(text, limit)
    assert all(piece.strip() and len(piece) <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    if not re.search(r"\s{30}", text):  # blanks that alone would fill a piece are left out
        assert text.startswith("".join(found))


@given(CODE, LIMITS)
def test_with_code_blocks_nothing_but_fences_is_added(text: str, limit: int) -> None:
    found = parts(text, limit)
    assert all(piece.strip() and len(piece) <= limit for piece in found)
    bare = re.compile(r"```(?:py\n)?|\s")
    assert bare.sub("", "".join(found)) == bare.sub("", text)


@pytest.mark.parametrize("text", ["", " \n ", "\n" * 5_000])
def test_a_blank_text_is_no_message(text: str) -> None:
    assert parts(text) == []


def test_a_short_text_is_one_message() -> None:
    assert parts("hello\n") == ["hello\n"]
    assert parts("x" * LIMIT) == ["x" * LIMIT]
    assert [len(piece) for piece in parts("😂" * (LIMIT + 1))] == [LIMIT - 4, 5]


def test_it_is_cut_between_paragraphs_lines_sentences_or_words() -> None:
    assert parts("a" * 50 + "\n\n" + "b" * 5 + "\n" + "c" * 40, 80) == [
        "a" * 50 + "\n\n",
        "b" * 5 + "\n" + "c" * 40,
    ]
    assert parts("One two. Three " + "four" * 15, 70) == [
        "One two. Three " + "four" * 12 + "fou",
        "rfourfour",
    ]
    assert parts("w" * 40 + " " + "v" * 40, 64) == ["w" * 40 + " ", "v" * 40]


def test_a_code_block_is_closed_and_opened_again() -> None:
    line = "print('a line of code')\n"
    found = parts("Look:\n```python\n" + line * 20 + "```\nThat was it.", 200)
    assert len(found) > 2
    assert found[0].startswith("Look:\n```python\nprint")
    assert found[1].startswith("```python\nprint")
    assert found[-1].endswith("```\nThat was it.")
    assert all(piece.count("```") % 2 == 0 for piece in found)
    assert sum(piece.count(line.strip()) for piece in found) == 20


@pytest.mark.parametrize(
    "whole",
    [
        "https://a.example/" + "x" * 40,
        "[read this](https://a.example/x)",
        "||a b c d e||",
        "<:wave:1200000000000000700>",
    ],
)
def test_links_spoilers_and_emoji_stay_whole(whole: str) -> None:
    for before in range(20, 90):
        assert any(whole in piece for piece in parts("語" * before + whole + "語" * 60, 100))


def test_an_emoji_of_several_code_points_stays_whole() -> None:
    family = "👩‍👩‍👧‍👦"
    for before in range(64):
        assert any(family in piece for piece in parts("語" * before + family + "語" * 60, 64))


def test_too_small_a_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="63"):
        parts("hello", 63)
