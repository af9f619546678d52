"""bot.inbox: what is told is stored in order, in few transactions, before anybody is told so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

import bot.inbox
from bot.inbox import AT_ONCE, Inbox
from moderation.errors import StoreError
from moderation.messages import Message, MessageKey
from tests.factories import a_message


@dataclass
class Shelf:
    """Keeps what is stored and withdrawn, a group at a time; it is slow, and refuses what is in `bad`."""

    groups: list[list[str]] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)
    full: int = 0
    announced: int = 0

    async def store(self, messages: Sequence[Message]) -> None:
        await asyncio.sleep(0)
        if self.full:
            self.full -= 1
            raise StoreError("The disk is full.")
        if self.bad & {message.text for message in messages}:
            raise LookupError("It has no charter any more.")
        self.groups.append([message.text for message in messages])

    async def withdraw(self, keys: Sequence[MessageKey]) -> None:
        await asyncio.sleep(0)
        self.groups.append([f"without {key.message}" for key in keys])

    def announce(self) -> None:
        self.announced += 1

    def inbox(self) -> Inbox:
        return Inbox(self.store, self.withdraw, self.announce)


def named(text: str) -> Message:
    return a_message(1, text=text)


async def test_what_waits_together_is_stored_together_and_in_order() -> None:
    shelf = Shelf()
    inbox = shelf.inbox()
    await asyncio.gather(*(inbox.receive(named(str(number))) for number in range(2 * AT_ONCE + 50)))
    assert [text for group in shelf.groups for text in group] == [str(n) for n in range(2 * AT_ONCE + 50)]
    assert len(shelf.groups) <= 4
    assert shelf.announced == len(shelf.groups)
    assert inbox.waiting == 0


async def test_nobody_hears_that_it_was_received_before_it_is_stored() -> None:
    shelf = Shelf()
    inbox = shelf.inbox()
    told = asyncio.create_task(inbox.receive(named("a")))
    await asyncio.sleep(0)
    assert not told.done()
    await told
    assert shelf.groups == [["a"]]


async def test_a_deletion_waits_behind_the_message_that_it_is_about() -> None:
    shelf = Shelf()
    inbox = shelf.inbox()
    message = named("a")
    await asyncio.gather(inbox.receive(message), inbox.deleted(message.key), inbox.receive(named("b")))
    assert shelf.groups == [["a"], [f"without {message.key.message}"], ["b"]]


async def test_one_that_cannot_be_stored_takes_no_other_with_it() -> None:
    shelf = Shelf(bad={"bad"})
    inbox = shelf.inbox()
    told = await asyncio.gather(
        *(inbox.receive(named(text)) for text in ("a", "bad", "b")), return_exceptions=True
    )
    assert [type(each) for each in told] == [type(None), LookupError, type(None)]
    assert [text for group in shelf.groups for text in group] == ["a", "b"]


async def test_while_the_database_is_away_what_is_told_waits_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bot.inbox, "PATIENCE", (0.0, 0.0, 0.0))
    shelf = Shelf(full=2)
    inbox = shelf.inbox()
    message = named("a")
    await asyncio.gather(inbox.receive(message), inbox.deleted(message.key), inbox.receive(named("b")))
    assert shelf.groups == [["a"], [f"without {message.key.message}"], ["b"]]


async def test_when_it_stays_away_whoever_told_it_hears_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.inbox, "PATIENCE", (0.0,))
    shelf = Shelf(full=2)
    inbox = shelf.inbox()
    with pytest.raises(StoreError, match="disk"):
        await inbox.receive(named("a"))
    await inbox.receive(named("b"))
    assert shelf.groups == [["b"]]


async def test_one_who_no_longer_waits_loses_nothing() -> None:
    shelf = Shelf()
    inbox = shelf.inbox()
    impatient = asyncio.create_task(inbox.receive(named("a")))
    await asyncio.sleep(0)
    impatient.cancel()
    await inbox.receive(named("b"))
    assert [text for group in shelf.groups for text in group] == ["a", "b"]
