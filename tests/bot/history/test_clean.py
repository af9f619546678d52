"""clean.py: what may be stored and shown, and rows whose shape is not trusted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.history.clean import clean, id_in, listed, row_in, rows_in, shown, text_in, without_query

ANY_TEXT = st.text(alphabet=st.characters(codec=None))


def test_lone_surrogates_are_replaced_and_nul_is_dropped() -> None:
    assert clean("a\ud800b\x00c") == "a\ufffdbc"


def test_control_characters_direction_marks_and_emoji_stay() -> None:
    text = "a\x07\x1b[31m\u202eb\u200f" + "🙂" * 10_000
    assert clean(text) == text


@given(ANY_TEXT)
def test_clean_text_can_be_stored(text: str) -> None:
    assert "\x00" not in clean(text).encode().decode()


@given(ANY_TEXT)
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    line = shown(text)
    assert len(line) <= 120
    assert line.isprintable()
    line.encode()


def test_a_list_names_the_first_and_counts_the_rest() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_the_first_text_that_is_not_empty_is_taken() -> None:
    assert text_in({"a": "", "b": 3, "c": "x\x00"}, "a", "b", "c") == "x"
    assert text_in({}, "a") == ""


def test_ids_may_be_numbers_but_not_booleans() -> None:
    assert [id_in({"id": value}, "id") for value in ("7", 7, True, None, [7])] == ["7", "7", "", "", ""]


def test_wrong_shapes_are_empty() -> None:
    assert row_in({"a": [1]}, "a") == {}
    assert rows_in({"a": [1, {"b": 2}, None]}, "a") == [{"b": 2}]
    assert rows_in({"a": {"b": 2}}, "a") == []


def test_tokens_behind_an_address_are_cut_off() -> None:
    assert without_query("https://files.example/a.png?t=xoxe-1") == "https://files.example/a.png"
