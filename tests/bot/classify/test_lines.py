"""Bytes as lines, as soon as they are there."""

from __future__ import annotations

import os
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.classify.lines import Line, LineFeed, LineSplitter


@given(
    st.binary(max_size=60).map(lambda data: data.replace(b"x", b"\n")),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_however_a_file_arrives_its_lines_are_the_same(data: bytes, cuts: list[int]) -> None:
    splitter = LineSplitter()
    ends = [0, *sorted(cuts), len(data)]
    found = [each for start, end in pairwise(ends) for each in splitter.feed(data[start:end])]
    found += splitter.finish()
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert [each.content for each in found] == expected
    assert [each.number for each in found] == list(range(1, len(expected) + 1))


def test_a_line_that_is_too_long_is_not_held() -> None:
    splitter = LineSplitter(longest=4)
    assert splitter.feed(b"1234\n123") == [Line(1, b"1234")]
    assert splitter.feed(b"45") == []
    assert splitter.feed(b"6\nx\n12345") == [Line(2, None), Line(3, b"x")]
    assert splitter.finish() == [Line(4, None)]


class Typist:
    """A reader that gives one chunk at a time, when the test says so."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()

    def type(self, data: bytes) -> None:
        os.write(self._in, data)

    def end(self) -> None:
        os.close(self._in)

    def read(self, most: int) -> bytes:
        return os.read(self._out, most)


async def test_what_is_there_is_taken_without_waiting_for_more() -> None:
    typist = Typist()
    feed = LineFeed(typist.read)
    typist.type(b"a\nb\nc")
    assert [each.content for each in await feed.take(9)] == [b"a", b"b"]
    typist.type(b"\nd\n")
    assert [each.content for each in await feed.take(1)] == [b"c"]
    assert [each.content for each in await feed.take(9)] == [b"d"]
    typist.end()
    assert await feed.take(9) == []
    assert await feed.take(9) == []
    feed.close()


async def test_what_reading_raises_is_raised() -> None:
    def refuse(_most: int) -> bytes:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await LineFeed(refuse).take(1)


async def test_a_reader_never_runs_far_ahead() -> None:
    asked: list[int] = []

    def endless(most: int) -> bytes:
        asked.append(most)
        return b"x\n" * 10

    feed = LineFeed(endless)
    for _ in range(5):
        await feed.take(10)
    assert len(asked) < 20
    feed.close()


async def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    chunks = iter([None, b"a\n", None, b""])
    feed = LineFeed(lambda _most: next(chunks))
    assert [each.content for each in await feed.take(9)] == [b"a"]
    assert await feed.take(9) == []
