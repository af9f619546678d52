"""The stream: order, batches, bad lines, and that no line can stop it."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.classify.lines import LONGEST, LineFeed
from bot.classify.stream import BATCH, WITHOUT_CHARTER, Tally, classify_lines
from moderation.charter import Charter
from tests.fakes.keyword_classifier import KeywordClassifier

BAKERS = Charter("Bakers", "Bread as a trade")


def line(**values: object) -> bytes:
    return json.dumps(values).encode()


class Desk:
    """Everything that a stream needs, and what came of it."""

    def __init__(self, data: bytes, charter: Charter | None = BAKERS) -> None:
        self.data, self.charter = data, charter
        self.classifier = KeywordClassifier()
        self.written: list[bytes] = []
        self.complaints: list[str] = []

    async def run(self) -> Tally:
        async def write(answers: bytes) -> None:
            self.written.append(answers)

        feed = LineFeed(BytesIO(self.data).read)
        return await classify_lines(feed, self.classifier, self.charter, write, self.complaints.append)

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in b"".join(self.written).splitlines()]


async def test_answers_come_in_the_order_of_the_lines_and_in_batches() -> None:
    desk = Desk(b"".join(line(id=i, text="bread" if i % 2 else "lol") + b"\n" for i in range(150)))
    assert await desk.run() == Tally(judged=150)
    assert [each["id"] for each in desk.answers] == list(range(150))
    assert [each["label"] for each in desk.answers] == ["chatter", "on_topic"] * 75
    assert desk.classifier.batches == [BATCH, BATCH, 150 - 2 * BATCH]
    assert len(desk.written) == 3


async def test_a_bad_line_is_told_and_the_rest_is_judged() -> None:
    desk = Desk(b'{"id": 1, "text": "x"}\n\n{"id": 2}\n\xff\n{"id": 3, "text": "y"}')
    assert await desk.run() == Tally(judged=2, bad=2)
    assert [each["id"] for each in desk.answers] == [1, 3]
    assert desk.complaints == ['line 3: "text" is missing: skipped', "line 4: byte 1 is not UTF-8: skipped"]


async def test_a_huge_line_is_refused_with_its_number() -> None:
    huge = b'{"id": 2, "text": "' + b"x" * LONGEST + b'"}'
    desk = Desk(b'{"id": 1, "text": "x"}\n' + huge + b'\n{"id": 3, "text": "y"}')
    assert await desk.run() == Tally(judged=2, bad=1)
    assert desk.complaints == ["line 2: longer than 4 MiB: skipped"]


async def test_without_any_charter_it_is_said_once() -> None:
    rows = [line(id=i, text="x", **({"charter": "Bees"} if i < 3 else {})) for i in range(200)]
    desk = Desk(b"\n".join(rows), charter=None)
    await desk.run()
    assert desk.complaints == [WITHOUT_CHARTER]


async def test_with_a_charter_in_every_row_nothing_is_missing() -> None:
    desk = Desk(line(id=1, text="x", charter="Bees"), charter=None)
    await desk.run()
    assert desk.complaints == []


async def test_nothing_in_is_nothing_out() -> None:
    desk = Desk(b"\n \n")
    assert await desk.run() == Tally()
    assert desk.classifier.batches == []


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_rows = st.dictionaries(
    st.sampled_from(["id", "text", "charter", "channel_purpose", "context", "author", "label"]), _json
).map(lambda row: json.dumps(row).encode())


@given(st.lists(_rows | st.binary(max_size=40), max_size=8))
def test_no_line_can_stop_the_stream(lines: list[bytes]) -> None:
    desk = Desk(b"\n".join(lines))
    tally = asyncio.run(desk.run())
    assert tally.judged == len(desk.answers)
    assert tally.bad == len(desk.complaints)
    assert all(set(each) == {"id", "label", "probabilities", "abstained", "why"} for each in desk.answers)
