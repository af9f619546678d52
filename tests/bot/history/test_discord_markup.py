"""discord_markup.py: Discord's markup, resolved by the exporter or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.discord_markup import Names, decode, mentioned

NAMES = Names({"11": "Mara"}, {"500": "general"}, {"91": "Regular"})
MARKUP = st.text(alphabet=st.sampled_from(list("<>@!&#:at/19_ ")), max_size=60)


@pytest.mark.parametrize(
    "text, seen",
    [
        ("<@11> <@!11> <@12>", "@Mara @Mara @12"),
        ("<@&91> <@&92>", "@Regular @92"),
        ("<#500> <#501>", "#general #501"),
        ("<:wave:1> <a:party_1:2>", ":wave: :party_1:"),
        ("<t:1714554000> <t:1714554000:R>", "2024-05-01 09:00 UTC 2024-05-01 09:00 UTC"),
        ("<t:999999999999:R>", "<t:999999999999:R>"),
        ("</report user:123>", "/report user"),
        ("<https://a.example/?x=1>", "https://a.example/?x=1"),
        ("@Mara #general :wave:", "@Mara #general :wave:"),
        ("List<String> a <b> <@x> <", "List<String> a <b> <@x> <"),
    ],
)
def test_markup_reads_as_people_see_it(text: str, seen: str) -> None:
    assert decode(text, NAMES) == seen


@given(st.text() | MARKUP)
def test_any_text_can_be_decoded(text: str) -> None:
    decode(text, NAMES)
    mentioned(text)


@given(st.text(alphabet=st.characters(exclude_characters="<")))
def test_plain_text_comes_back(text: str) -> None:
    assert decode(text, NAMES) == text


def test_mentioned_people_are_listed() -> None:
    assert mentioned("<@11> <@!12> <@&13> <#14>") == ["11", "12"]
