"""order.py: one order of time out of many runs, opened only when their time has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.order import Run, in_time_order, sorted_runs
from moderation.errors import ExportError
from moderation.messages import Author, Message, MessageKey, Platform
from tests.bot.history.factories import START


def message(second: int, identity: str = "m", author: str = "U1") -> Message:
    key = MessageKey(Platform.SLACK, "T1", "C1", identity)
    return Message(key, Author(author, author), "hello", START + timedelta(seconds=second))


def run(*seconds: int) -> Run:
    messages = [message(second) for second in seconds]
    return Run(messages[0].posted_at, lambda: iter(messages))


SECONDS = st.lists(st.integers(0, 50), min_size=1, max_size=8)


@given(st.lists(SECONDS, max_size=8))
def test_runs_are_merged_by_time(runs: list[list[int]]) -> None:
    merged = list(in_time_order(run(*sorted(seconds)) for seconds in runs))
    assert [each.posted_at for each in merged] == sorted(each.posted_at for each in merged)
    assert len(merged) == sum(map(len, runs))


def test_a_run_is_opened_only_when_its_time_has_come() -> None:
    opened: list[int] = []

    def late() -> Iterator[Message]:
        opened.append(10)
        yield message(10)

    merged = in_time_order([Run(START + timedelta(seconds=10), late), run(1, 2)])
    assert next(merged).posted_at == START + timedelta(seconds=1)
    assert opened == []
    assert len(list(merged)) == 2
    assert opened == [10]


def test_a_run_that_breaks_its_promise_is_an_export_error() -> None:
    with pytest.raises(ExportError, match="changed while it was read"):
        list(in_time_order([run(5, 3)]))
    with pytest.raises(ExportError, match="changed while it was read"):
        list(in_time_order([Run(START + timedelta(seconds=9), lambda: iter([message(1)]))]))


def test_messages_in_any_order_become_runs() -> None:
    backwards = [message(second, str(second)) for second in range(5_000, 0, -1)]
    runs = sorted_runs(backwards)
    assert len(runs) == 3
    assert list(in_time_order(runs)) == backwards[::-1]


def test_no_messages_are_no_runs() -> None:
    assert sorted_runs([]) == []
    assert list(in_time_order([])) == []
