"""A line as a question, and a verdict as a line; docs/classify.md tells both."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.classify.lines import LONGEST
from bot.classify.rows import BadRow, read_row, write_row
from bot.classify.stream import BATCH
from moderation.charter import ChannelCharter, Charter
from moderation.decisions import Probabilities, Verdict
from moderation.messages import ContextLine

BAKERS = Charter("Bakers", "Bread as a trade")
ROOT = Path(__file__).parents[3]


def line(**values: object) -> bytes:
    return json.dumps(values).encode()


def test_a_row_is_a_question() -> None:
    row = read_row(
        line(
            id=7,
            text="Which flour?",
            channel_purpose="Suppliers",
            context=[{"author": "ana", "text": "Hello"}, {"author": None, "text": "Hi"}],
            author="ben",
        ),
        BAKERS,
    )
    assert row is not None
    assert row.id == 7
    assert not row.own_charter
    assert row.question.charter is BAKERS
    assert row.question.channel == ChannelCharter("", "Suppliers")
    assert row.question.context == (ContextLine("ana", "Hello"), ContextLine("", "Hi"))
    assert (row.question.text, row.question.author) == ("Which flour?", "ben")


def test_a_row_s_own_charter_overrides_and_is_read_once() -> None:
    rows = [read_row(line(id=i, text="x", charter="Bees"), BAKERS) for i in range(2)]
    first, second = (row.question.charter for row in rows if row)
    assert first.purpose == "Bees"
    assert first is second


@pytest.mark.parametrize("blank", [b"", b"  \t\r", b"\xef\xbb\xbf"])
def test_a_blank_line_is_no_row(blank: bytes) -> None:
    assert read_row(blank, BAKERS) is None


def test_keys_of_others_are_ignored_and_null_is_missing() -> None:
    labelled = line(id="a", text="x", label="pitch", subtype=None, context=None, charter=None, author=None)
    row = read_row(labelled, BAKERS)
    assert row is not None
    assert row.question.context == ()
    assert row.question.channel is None


@pytest.mark.parametrize(
    "content, why",
    [
        (b'{"id": 1}', '"text" is missing'),
        (b'{"id": 1, "text": null}', '"text" is missing'),
        (b'{"text": "x"}', '"id" is missing'),
        (b'{"id": null, "text": "x"}', '"id" is missing'),
        (b'{"id": true, "text": "x"}', '"id" must be text or a number, not true or false'),
        (b'{"id": [1], "text": "x"}', '"id" must be text or a number, not a list'),
        (b'{"id": 1e999, "text": "x"}', '"id" is too large a number'),
        (b'{"id": 1, "text": 5}', '"text" must be text, not a number'),
        (b'{"id": 1, "text": "x", "author": {}}', '"author" must be text, not an object'),
        (b'{"id": 1, "text": "x", "charter": ["x"]}', '"charter" must be text, not a list'),
        (b'{"id": 1, "text": "x", "channel_purpose": 1}', '"channel_purpose" must be text, not a number'),
        (b'{"id": 1, "text": "x", "context": "y"}', '"context" must be a list, not text'),
        (b'{"id": 1, "text": "x", "context": ["y"]}', '"context", entry 1: it must be an object, not text'),
        (b'{"id": 1, "text": "x", "context": [{"author": "y"}]}', '"context", entry 1: "text" is missing'),
        (b'{"id": 1, "text": "x", "context": [{"text": 1}]}', '"context", entry 1: "text" must be text, not a number'),
        (b'["id"]', "this must be an object, not a list"),
        (b"null", "this must be an object, not null"),
        (b'{"id": 1,', "this is not JSON (Expecting property name enclosed in double quotes at column 10)"),
        (b'{"id": 1, "text": "x", "score": NaN}', "this is not JSON (NaN is no JSON value)"),
        (b'{"id": -Infinity, "text": "x"}', "this is not JSON (-Infinity is no JSON value)"),
        (b'{"id": 1, "text": "caf\xe9"}', "byte 23 is not UTF-8"),
        ('{"id": 1}'.encode("utf-16"), "byte 1 is not UTF-8"),
        (b"[" * 100_000, "this is nested too deep"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "a number is too long"),
    ],
)  # fmt: skip
def test_a_bad_row_says_why(content: bytes, why: str) -> None:
    with pytest.raises(BadRow) as caught:
        read_row(content, BAKERS)
    assert str(caught.value) == why


def test_half_a_character_never_reaches_the_classifier() -> None:
    row = read_row(b'{"id": "\\ud800", "text": "a\\ud83d", "author": "\\udc00"}', BAKERS)
    assert row is not None
    assert (row.question.text, row.question.author) == ("a\ufffd", "\ufffd")


VERDICT = Verdict(Probabilities(0.2, 0.5, 0.3), "weather, it says “schön”\u2028", "m", abstained=True)


@pytest.mark.parametrize("identity", ["x", "", "ä 🙂", 7, -1, 10**30, 1.5, "\ud800", "a\u2028b\x85\n"])
def test_an_answer_is_one_line_with_the_id_as_it_came(identity: str | float) -> None:
    row = read_row(line(id=identity, text="x"), BAKERS)
    assert row is not None
    answer = write_row(row, VERDICT)
    assert len(answer.decode().splitlines()) == 1
    assert answer.endswith(b"\n")
    assert json.loads(answer) == {
        "id": identity,
        "label": "chatter",
        "probabilities": {"on_topic": 0.2, "chatter": 0.5, "pitch": 0.3},
        "abstained": True,
        "why": "weather, it says “schön”\u2028",
    }


def test_what_the_page_shows_is_so() -> None:
    page = (ROOT / "docs" / "classify.md").read_text("utf-8")
    shown = page.split("```json\n")[1].split("\n```")[0].encode()
    row = read_row(shown, BAKERS)
    assert row is not None
    keys = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    answer = json.loads(write_row(row, VERDICT))
    assert keys == ["id", "text", "charter", "channel_purpose", "context", "author", *answer]
    assert set(json.loads(page.split("charter.toml\n")[1].split("\n```")[0])) == set(answer)
    assert 'steward: line 17: "text" is missing: skipped' in page
    assert f"longer than {LONGEST // 2**20} MiB" in page
    assert f"groups of up to {BATCH}" in page
