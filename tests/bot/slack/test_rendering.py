"""What we post on Slack: harmless, within Slack's limits, and pressed as it was meant."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.mrkdwn import Names
from bot.slack import rendering
from bot.slack.fitting import LONGEST_LABEL, LONGEST_SECTION, LONGEST_VALUE, button, parts, sections
from bot.slack.markers import Place, marked, metadata
from bot.slack.names import SlackNames
from bot.wording import Voice, word
from moderation.messages import Attachment, Author, Message, MessageKey, Platform
from moderation.notices import Answer, Reply, TextReturned
from moderation.ports import Button
from tests.fakes.slack.blocks import check_message_blocks

AT = datetime(2026, 1, 1, tzinfo=UTC)
POST = Message(
    MessageKey(Platform.SLACK, "T0BENCH00", "C0BENCH00", "1767225600.000200"),
    Author("U0ANN0000", "ann"),
    "tea & <!channel> at https://cats.example/a?b=1&c=2, yes",
    AT,
)
SIGNS = re.compile(r"<(?!https?://)|&(?!amp;|lt;|gt;)")
"""What Slack would read as a sign of its own."""


@given(st.text(max_size=400))
def test_people_s_words_call_nobody(text: str) -> None:
    returned = rendering.harmless(TextReturned("C0BENCH00", text))
    assert isinstance(returned, TextReturned)
    assert not SIGNS.search(returned.text)
    assert all(line.startswith("> ") for line in returned.text.splitlines())
    assert not SIGNS.search(rendering.linked(text))
    answer = rendering.harmless(Answer(Reply.REASONS, reasons=(text,)))
    assert isinstance(answer, Answer)
    assert not SIGNS.search(answer.reasons[0])


def test_a_copy_says_what_was_written_and_keeps_links() -> None:
    assert rendering.copied(POST, None, Names(), Voice()) == (
        "tea &amp; &lt;!channel&gt; at <https://cats.example/a?b=1&amp;c=2>, yes"
    )
    source = {"ts": POST.key.message, "text": "tea &amp; <!channel> with <@U1|ben>, <https://a.example|here>"}
    written = rendering.copied(POST, source, Names({"U1": "ben"}), Voice())
    assert written == "tea &amp; @channel with @ben, <https://a.example|here>"
    edited = {**source, "edited": {"ts": "1767225700.000000"}}
    assert "ben" not in rendering.copied(POST, edited, Names(), Voice())


def test_what_was_forwarded_is_said_in_words() -> None:
    forward = replace(POST, text="", attachments=(Attachment("<!here> look", "forward"),))
    assert rendering.copied(forward, None, Names(), Voice()) == "_Forwarded: &lt;!here&gt; look_"


@given(
    st.text(max_size=200).map(lambda text: text * 40), st.integers(min_value=64, max_value=LONGEST_SECTION)
)
def test_pieces_are_short_enough_and_lose_nothing(text: str, limit: int) -> None:
    found = parts(text, limit)
    assert all(0 < len(part) <= limit for part in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)


def test_links_and_entities_stay_whole_and_quotations_too() -> None:
    link = f"<https://a.example/{'x' * 30}|here>"
    found = parts(f"> {'word ' * 20}{link} &amp;" * 9, 90)
    assert all(part.startswith("> ") for part in found)
    assert "".join(found).count(link) == 9
    assert not any(re.search(r"&[a-z]*$|<[^>]*$", part) for part in found)


def test_every_button_fits_and_is_known_again() -> None:
    blocks = rendering.shown("text", list(Button), "move:5:U0ANN0000", Voice())
    check_message_blocks(blocks)
    elements = [each for block in blocks for each in block.get("elements", [])]  # type: ignore[attr-defined]
    found = [rendering.pressed(each) for each in elements]
    assert [each.button for each in found if each] == list(Button)
    assert all(each and each.subject == "move:5:U0ANN0000" for each in found)
    assert all(rendering.ACTIONS.search(each["action_id"]) for each in elements)


@pytest.mark.parametrize(
    "action", [{}, {"action_id": "mm", "value": "x"}, {"action_id": "m"}, {"action_id": "=1", "value": "x"}]
)
def test_what_is_none_of_our_buttons(action: dict[str, object]) -> None:
    assert rendering.pressed(action) is None


def test_a_label_is_cut_and_a_value_is_not() -> None:
    assert len(str(button("x" * 200, "m", "v")["text"]["text"])) == LONGEST_LABEL  # type: ignore[index]
    with pytest.raises(ValueError, match="value"):
        button("x", "m", "v" * (LONGEST_VALUE + 1))


def test_the_longest_text_is_a_message() -> None:
    blocks = sections("word " * 60_000)
    check_message_blocks(blocks)


def test_a_marker_is_found_again() -> None:
    row = {"ts": "1.0", "thread_ts": "0.5", "metadata": metadata("move:5", ["F1", "F2"])}
    assert marked(row) == ("move:5", Place("1.0", "0.5", ("F1", "F2")))
    assert (
        marked({"ts": "1.0", "metadata": {"event_type": "others", "event_payload": {"marker": "x"}}}) is None
    )
    assert marked({"ts": "1.0"}) is None


def test_a_copy_whose_words_change_keeps_the_rest() -> None:
    blocks = rendering.copy_blocks("head", "old", ["_file_"], (Button.MINE,), "m", Voice())
    changed = rendering.changed_blocks({"blocks": blocks}, "new & more")
    assert [block.get("type") for block in changed] == ["context", "section", "section", "actions"]
    assert "old" not in str(changed)


def test_names_are_mentions_where_they_are_known() -> None:
    names = SlackNames({"tea": "C0TEA0000"}, {"U0BEN0000": "b<e>n"})
    assert names.channel("#Tea") == names.channel("C0TEA0000") == "<#C0TEA0000>"
    assert names.channel("a<b") == "#a&lt;b"
    assert names.member("U0ANN0000") == "<@U0ANN0000>"
    assert names.member("U0BEN0000") == "@b&lt;e&gt;n"
    assert names.time(AT) == "<!date^1767225600^{date_short_pretty}, {time}|2026-01-01 00:00 UTC>"
    assert "<#C0TEA0000>" in word(TextReturned("C0TEA0000", ""), Voice(), names)
