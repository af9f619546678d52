"""Text as the classifier reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.normalise import LONGEST, normalise


@pytest.mark.parametrize(
    "text, read",
    [
        ("plain words", "plain words"),
        ("  many\n\n  lines\t here ", "many lines here"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("zero\u200bwidth", "zerowidth"),
        ("right\u202eleft", "rightleft"),
        ("nul\x00byte", "nul byte"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("🎉" * 10_000, "🎉" * 7),
        ("soooooooooooooo", "sooooooo"),
        ("wait...", "wait..."),
        ("see https://shop.example/a?b=c#d, ok", "see link ok"),
        ("(www.shop.example)", "(link)"),
        ("my site growth.io is up", "my site link is up"),
        ("write to ann.lee@firm.co.uk please", "write to mail please"),
        ("numpy.io.open and node.js and 3.com", "numpy.io.open and node.js and link"),
        ("at 14.20 it was v2.1.3", "at 14.20 it was v2.1.3"),
    ],
)
def test_one_form_for_what_looks_the_same(text: str, read: str) -> None:
    assert normalise(text) == read


@given(st.text(max_size=300))
def test_reading_twice_is_reading_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode()


def test_a_wall_of_text_is_read_up_to_a_limit() -> None:
    assert len(normalise("word " * 100_000)) <= LONGEST


def test_characters_that_unfold_take_no_longer() -> None:
    """U+FDFA becomes eighteen letters: the limit holds for what is read, too."""
    assert len(normalise("\ufdfa" * 4_000)) <= LONGEST
