"""markup.py: Discord's markup reads live as it does in exported history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.markup import Named, decode, mentioned
from bot.history import discord_markup as exported

KNOWN = {
    Named.MEMBER: {"11": "Mara"},
    Named.CHANNEL: {"500": "general"},
    Named.ROLE: {"91": "Regular"},
}
EXPORTED = exported.Names(KNOWN[Named.MEMBER], KNOWN[Named.CHANNEL], KNOWN[Named.ROLE])
PIECES = (
    "<@11>",
    "<@!12>",
    "<@&91>",
    "<#500>",
    "<:wave:1>",
    "<t:1714554000:R>",
    "</report user:1>",
    "<https://a.example>",
)
MARKUP = st.lists(st.sampled_from([*PIECES, *"<>@!&#:at/19_ \\`"]), max_size=40).map("".join)


def name_of(named: Named, identity: str) -> str | None:
    return KNOWN[named].get(identity)


@given(st.text() | MARKUP)
def test_any_text_reads_as_in_exported_history(text: str) -> None:
    assert decode(text, name_of) == exported.decode(text, EXPORTED)
    assert mentioned(text) == exported.mentioned(text)


@pytest.mark.parametrize(
    "text, seen",
    [
        ("<@11> <@!12> <@&92> <#500>", "@Mara @12 @92 #general"),
        ("<:wave:1> <a:party_1:2> <t:1714554000>", ":wave: :party_1: 2024-05-01 09:00 UTC"),
        ("<t:999999999999:R> \\*plain\\* List<String>", "<t:999999999999:R> \\*plain\\* List<String>"),
    ],
)
def test_markup_reads_as_people_see_it(text: str, seen: str) -> None:
    assert decode(text, name_of) == seen
