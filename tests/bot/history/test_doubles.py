"""doubles.py: every key once."""

from __future__ import annotations

from collections.abc import Sequence

from bot.history.doubles import DoubleIds, without_doubles
from moderation.messages import Message
from tests.bot.history.test_order import message


def unique(messages: Sequence[Message]) -> list[Message]:
    doubles = DoubleIds()
    for each in messages:
        doubles.note(each.key.channel, each.key.message)
    return list(without_doubles(messages, doubles.suspects()))


def test_the_same_id_by_the_same_author_is_one_message() -> None:
    assert unique([message(1, "a"), message(2, "b"), message(1, "a")]) == [message(1, "a"), message(2, "b")]


def test_the_same_id_by_others_gets_a_suffix() -> None:
    found = unique([message(1, "a", author) for author in ("U1", "U2", "U1", "U3", "U2")])
    assert [each.key.message for each in found] == ["a", "a~2", "a~3"]
    assert [each.author.id for each in found] == ["U1", "U2", "U3"]


def test_many_different_ids_all_stay() -> None:
    messages = [message(number, str(number)) for number in range(20_000)]
    assert unique(messages) == messages
