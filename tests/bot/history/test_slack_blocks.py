"""slack_blocks.py: text that lives in blocks or attachments alone."""

from __future__ import annotations

import pytest

from bot.history.clean import Row
from bot.history.mrkdwn import Names, decode
from bot.history.slack_blocks import attachments_text, blocks_text

NAMES = Names({"U1": "mara"}, {"C1": "general"})


def rich(*elements: object) -> Row:
    return {"blocks": [{"type": "rich_text", "elements": list(elements)}]}


def section(*elements: object, kind: str = "rich_text_section") -> Row:
    return {"type": kind, "elements": list(elements)}


def text(said: str) -> Row:
    return {"type": "text", "text": said}


def test_a_section_reads_in_one_line() -> None:
    row = rich(
        section(
            text("hi <b> "),
            {"type": "user", "user_id": "U1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "broadcast", "range": "here"},
            {"type": "emoji", "name": "tada"},
            {"type": "link", "url": "https://a.example/?a&b"},
            {"type": "link", "url": "https://a.example", "text": "course"},
            {"type": "date", "timestamp": 1, "fallback": "Feb 18"},
            {"type": "color", "value": "#FFF"},
        )
    )
    seen = "hi <b> @mara#general@S1@here:tada:https://a.example/?a&bcourse (https://a.example)Feb 18#FFF"
    assert decode(blocks_text(row), NAMES) == seen


def test_lists_quotes_and_code_stand_on_lines_of_their_own() -> None:
    row = rich(
        section(text("first")),
        section(section(text("one")), section(text("two")), kind="rich_text_list"),
        section(text("said"), kind="rich_text_quote"),
        section(text("x = 1"), kind="rich_text_preformatted"),
    )
    assert blocks_text(row) == "first\none\ntwo\nsaid\nx = 1"


def test_other_blocks_give_their_text() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "A & B"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "<@U1>"},
            "fields": [{"type": "mrkdwn", "text": "f"}],
        },
        {
            "type": "context",
            "elements": [{"type": "plain_text", "text": "small"}, {"type": "image", "alt_text": "x"}],
        },
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]},
        {"type": "image", "title": {"type": "plain_text", "text": "chart"}, "alt_text": "a chart"},
        {"type": "image", "alt_text": "a cat"},
        {"type": "markdown", "text": "**bold**"},
        {"type": "divider"},
    ]
    assert (
        decode(blocks_text({"blocks": blocks}), NAMES) == "A & B\n@mara\nf\nsmall\nGo\nchart\na cat\n**bold**"
    )


def test_attachments_give_their_text_or_else_their_fallback() -> None:
    attachments = [
        {
            "pretext": "new",
            "title": "Build",
            "text": "failed",
            "fields": [{"title": "branch", "value": "main"}],
        },
        {"fallback": "a preview"},
        {
            "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "in blocks"}}],
            "fallback": "not this",
        },
    ]
    assert (
        attachments_text({"attachments": attachments})
        == "new\nBuild\nfailed\nbranch\nmain\na preview\nin blocks"
    )


@pytest.mark.parametrize(
    "blocks", [None, "x", [1], [{}], [{"type": "rich_text", "elements": "x"}], [{"text": 3}]]
)
def test_wrong_shapes_say_nothing(blocks: object) -> None:
    assert blocks_text({"blocks": blocks}) == attachments_text({"attachments": blocks}) == ""


def test_nesting_without_end_says_nothing() -> None:
    element: dict[str, object] = {"type": "text", "text": "deep"}
    for _ in range(500):
        element = {"type": "rich_text_section", "elements": [element]}
    assert blocks_text(rich(element)) == ""
