"""mrkdwn.py: Slack's markup as people see it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.mrkdwn import Names, decode, escape, mentioned

NAMES = Names({"U1": "mara", "U2": "Joe <b>"}, {"C1": "general"})
MARKUP = st.text(alphabet=st.sampled_from(list("<>@#!|&;^amplgt:/U1C ")), max_size=60)


@pytest.mark.parametrize(
    "text, seen",
    [
        ("<@U1> hi", "@mara hi"),
        ("<@U1|old>", "@mara"),
        ("<@U9|guest>", "@guest"),
        ("<@U9>", "@U9"),
        ("<@U2>", "@Joe <b>"),
        ("<#C1|was-general>", "#general"),
        ("<#C9|other>", "#other"),
        ("<#C9|>", "#C9"),
        ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!here|@here>", "@here"),
        ("<!subteam^S1|@sales> <!subteam^S1>", "@sales @S1"),
        ("<!date^1392734382^Posted {date}^https://a.example|Feb 18>", "Feb 18"),
        ("<!unknown|shown>", "shown"),
        ("<https://a.example>", "https://a.example"),
        ("<https://a.example|https://a.example>", "https://a.example"),
        ("<http://a.example/|a.example>", "a.example"),
        ("<https://a.example/?a=1&amp;b=2|my course>", "my course (https://a.example/?a=1&b=2)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<mailto:a@b.example>", "a@b.example"),
        ("<mailto:a@b.example|write me>", "write me (a@b.example)"),
        ("<tel:+4412|+4412>", "+4412"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt;", "&lt;"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("&nbsp; &", "&nbsp; &"),
        ("a <b> c", "a <b> c"),
        ("a < b > c <> <", "a < b > c <> <"),
    ],
)
def test_markup_reads_as_people_see_it(text: str, seen: str) -> None:
    assert decode(text, NAMES) == seen


@given(st.text() | MARKUP)
def test_any_text_can_be_decoded(text: str) -> None:
    decode(text, NAMES)
    mentioned(text)


@given(st.text(alphabet=st.characters(exclude_characters="<&")))
def test_plain_text_comes_back(text: str) -> None:
    assert decode(text, NAMES) == text
    assert decode(decode(text, NAMES), NAMES) == text


@given(st.text() | MARKUP)
def test_escaped_text_comes_back(text: str) -> None:
    assert decode(escape(text), NAMES) == text


def test_many_open_brackets_take_linear_time() -> None:
    text = "<@" * 300_000
    assert decode(text, NAMES) == text


def test_mentioned_people_are_listed_once_in_order() -> None:
    assert mentioned("<@U2> and <@U1|mara>, <@U2>! &lt;@U3&gt;") == ("U2", "U1")
