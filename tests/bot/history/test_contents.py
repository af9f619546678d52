"""contents.py: what is counted while a file is looked through."""

from __future__ import annotations

from datetime import timedelta

from bot.history.contents import MessageFile, Tally
from bot.history.doubles import DoubleIds
from moderation.messages import Channel
from tests.bot.history.factories import START

GENERAL = Channel("C1", "general")


def tallied(*seconds: int) -> MessageFile | None:
    tally = Tally(DoubleIds())
    for second in seconds:
        tally.note("C1", str(second), START + timedelta(seconds=second))
    return tally.file("day.json", GENERAL)


def test_a_file_knows_its_span_and_its_order() -> None:
    assert tallied(1, 1, 4) == MessageFile(
        "day.json", GENERAL, 3, START + timedelta(seconds=1), START + timedelta(seconds=4), tidy=True
    )
    untidy = tallied(3, 1, 2)
    assert untidy is not None
    assert (untidy.first, untidy.last) == (START + timedelta(seconds=1), START + timedelta(seconds=3))
    assert not untidy.tidy


def test_a_file_without_messages_is_none() -> None:
    assert tallied() is None
