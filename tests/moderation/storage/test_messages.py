"""moderation.ports.Messages, but for context (test_context.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.messages import Attachment, Author, Kind, Message
from moderation.ports import DeliveryState, Store
from tests.factories import MONDAY, a_message
from tests.moderation.storage.contract import (
    LATER,
    OTHERS,
    TEAM,
    a_decision,
    a_key,
    a_nudge,
    decide,
    keep,
    keeping,
    numbers,
)


def everything() -> Message:
    """A message in which no field has its default."""
    return replace(
        a_message(
            7,
            text="see <this> \N{PILE OF POO}",
            thread="00001",
            reply_to="00003",
            revision=2,
            mentions=("bob",),
        ),
        author=Author("ann", "Ann \N{LATIN SMALL LETTER E WITH ACUTE}", is_bot=True, roles=("R1", "R2")),
        posted_at=MONDAY + timedelta(microseconds=1),
        kind=Kind.BOT,
        attachments=(
            Attachment("plan.pdf", "file", "https://example.org/plan.pdf"),
            Attachment("cat", "sticker"),
        ),
    )


@pytest.mark.parametrize("message", [everything(), a_message()])
async def test_a_message_comes_back_as_it_was(store: Store, message: Message) -> None:
    assert await keep(store, message) == 1
    async with store.work() as work:
        assert await work.messages.get([message.key]) == [message]


async def test_the_same_message_again_is_not_new(store: Store) -> None:
    assert await keep(store, a_message(1), a_message(2)) == 2
    assert await keep(store, a_message(2, text="something else"), a_message(3)) == 1
    async with store.work() as work:
        (second,) = await work.messages.get([a_key(2)])
    assert second == a_message(2)


async def test_a_higher_revision_replaces_and_is_judged_again(store: Store) -> None:
    first, edited = a_message(1), a_message(1, text="which glue, please?", revision=1)
    await keep(store, first)
    await decide(store, a_decision(first))
    assert await keep(store, edited) == 1
    async with store.work() as work:
        assert await work.messages.get([first.key]) == [edited]
        assert await work.messages.unjudged(9) == [edited]


async def test_a_lower_revision_is_ignored(store: Store) -> None:
    edited = a_message(1, revision=2)
    await keep(store, edited)
    assert await keep(store, a_message(1, text="before", revision=1)) == 0
    async with store.work() as work:
        assert await work.messages.get([edited.key]) == [edited]


async def test_of_several_revisions_in_one_call_the_highest_counts(store: Store) -> None:
    revisions = [a_message(1, revision=number, text=f"take {number}") for number in (1, 2, 0)]
    assert await keep(store, *revisions) == 1
    async with store.work() as work:
        assert await work.messages.get([a_key(1)]) == [revisions[1]]


async def test_nothing_is_added_by_nothing(store: Store) -> None:
    assert await keep(store) == 0


async def test_get_answers_in_order_and_none_for_the_unknown(store: Store) -> None:
    await keep(store, a_message(1), a_message(2), a_message(1, channel="C2"))
    async with store.work() as work:
        found = await work.messages.get([a_key(2), a_key(9), a_key(1, "C2"), a_key(1), a_key(2)])
    assert found == [a_message(2), None, a_message(1, channel="C2"), a_message(1), a_message(2)]


async def test_get_takes_any_number_of_keys(store: Store) -> None:
    await keep(store, *(a_message(number) for number in range(1, 1201)))
    async with store.work() as work:
        found = await work.messages.get([a_key(number) for number in range(1, 1202)])
        assert await work.messages.get([]) == []
    assert [message is not None for message in found] == [True] * 1200 + [False]


async def test_unjudged_comes_in_order_of_posting(store: Store) -> None:
    # Stored out of order; 3 and 4 at the same moment, 5 in another channel.
    posted = {1: 5.0, 2: 1.0, 4: 2.0, 3: 2.0}
    await keep(store, *(a_message(number, minutes=at) for number, at in posted.items()))
    await keep(store, a_message(5, minutes=3, channel="C2"))
    async with store.work() as work:
        assert numbers(await work.messages.unjudged(99)) == [2, 3, 4, 5, 1]
        assert numbers(await work.messages.unjudged(2)) == [2, 3]


async def test_unjudged_of_one_community(store: Store) -> None:
    await keep(store, a_message(1), a_message(2, community="T2"))
    async with store.work() as work:
        assert numbers(await work.messages.unjudged(9, TEAM)) == [1]
        assert numbers(await work.messages.unjudged(9, OTHERS)) == []
        assert numbers(await work.messages.unjudged(9)) == [1, 2]


async def test_what_was_decided_waits_no_longer(store: Store) -> None:
    await keep(store, a_message(1), a_message(2), a_message(2, channel="C2"))
    await decide(store, a_decision(a_message(2)))
    async with store.work() as work:
        assert [message.key for message in await work.messages.unjudged(9)] == [a_key(1), a_key(2, "C2")]


async def test_a_late_decision_on_an_older_revision_leaves_the_newer_waiting(store: Store) -> None:
    first, edited = a_message(1), a_message(1, revision=1)
    await keep(store, first)
    await keep(store, edited)
    await decide(store, a_decision(first))
    async with store.work() as work:
        assert await work.messages.unjudged(9) == [edited]


async def test_a_deleted_message_is_gone_and_is_not_judged(store: Store) -> None:
    await keep(store, a_message(1), a_message(2))
    async with keeping(store) as work:
        await work.messages.mark_deleted(a_key(1))
        await work.messages.mark_deleted(a_key(9))  # never seen: nothing to do
    async with store.work() as work:
        assert await work.messages.get([a_key(1), a_key(2)]) == [None, a_message(2)]
        assert numbers(await work.messages.unjudged(9)) == [2]


async def test_a_deleted_message_stays_deleted(store: Store) -> None:
    await keep(store, a_message(1))
    async with keeping(store) as work:
        await work.messages.mark_deleted(a_key(1))
    assert await keep(store, a_message(1), a_message(1, revision=1)) == 0
    async with store.work() as work:
        assert await work.messages.get([a_key(1)]) == [None]


async def test_deletion_drops_text_and_reasons_and_keeps_the_decision(store: Store) -> None:
    message = a_message(1)
    await keep(store, message, a_message(2))
    await decide(store, a_decision(message), a_decision(a_message(2)))
    async with keeping(store) as work:
        await work.messages.mark_deleted(message.key)
    async with store.work() as work:
        stored, other = [stored async for stored in work.decisions.all(TEAM)]
    assert (stored.message.text, stored.message.author.name) == ("", "")
    assert stored.decision.verdict is not None
    assert (stored.decision.verdict.why, stored.decision.reasons) == ("", ())
    assert other.message == a_message(2)
    assert other.decision == a_decision(a_message(2))


@pytest.mark.parametrize(
    "about, channel, cancelled",
    [
        ("00001", "C1", True),
        ("C1/00001", "MODS", True),
        ("00001", "C2", False),  # the message of that name in another channel
        ("C2/00001", "C1", False),
        ("", "C1", False),
    ],
)
async def test_deletion_cancels_what_waits_for_this_message_alone(
    store: Store, about: str, channel: str, cancelled: bool
) -> None:
    await keep(store, a_message(1))
    async with keeping(store) as work:
        await work.outbox.add(TEAM, channel, a_nudge(), MONDAY, about)
        await work.outbox.add(OTHERS, channel, a_nudge(), MONDAY, about)
        await work.messages.mark_deleted(a_key(1))
    async with store.work() as work:
        (delivery,) = await work.outbox.all(TEAM)
        (elsewhere,) = await work.outbox.all(OTHERS)
    assert delivery.state is (DeliveryState.CANCELLED if cancelled else DeliveryState.WAITING)
    assert elsewhere.state is DeliveryState.WAITING


@pytest.mark.parametrize(
    "state, then",
    [
        (DeliveryState.CLAIMED, DeliveryState.CANCELLED),
        (DeliveryState.SENDING, DeliveryState.SENDING),
        (DeliveryState.DONE, DeliveryState.DONE),
    ],
)
async def test_deletion_calls_nothing_back(store: Store, state: DeliveryState, then: DeliveryState) -> None:
    async with keeping(store) as work:
        await work.outbox.add(TEAM, "C1", a_nudge(), MONDAY, "00001")
        (claimed,) = await work.outbox.claim(MONDAY, 9, LATER)
        await work.outbox.mark(claimed.id, state)
        await work.messages.mark_deleted(a_key(1))
    async with store.work() as work:
        assert [delivery.state for delivery in await work.outbox.all(TEAM)] == [then]


async def test_last_posted_is_by_channel_threads_and_deleted_messages_included(store: Store) -> None:
    await keep(
        store,
        a_message(1, minutes=1),
        a_message(2, minutes=9, thread="00001"),
        a_message(3, minutes=4, channel="C2"),
        a_message(4, minutes=5, channel="C2"),
        a_message(5, minutes=90, community="T2"),
    )
    async with keeping(store) as work:
        await work.messages.mark_deleted(a_key(4, "C2"))
    async with store.work() as work:
        last = await work.messages.last_posted(TEAM)
        assert dict(await work.messages.last_posted(OTHERS)) == {}
    assert dict(last) == {"C1": MONDAY + timedelta(minutes=9), "C2": MONDAY + timedelta(minutes=5)}


async def test_texts_are_forgotten_when_their_time_is_over(store: Store) -> None:
    await keep(store, everything(), until=MONDAY)
    await keep(store, a_message(2), until=MONDAY + timedelta(microseconds=1))
    async with keeping(store) as work:
        assert await work.messages.forget_texts(MONDAY) == 1
        assert await work.messages.forget_texts(MONDAY) == 0
    async with store.work() as work:
        found = await work.messages.get([everything().key, a_key(2)])
    bare = replace(
        everything(),
        author=Author("ann", "", is_bot=True),
        text="",
        channel_name="",
        mentions=(),
        attachments=(),
    )
    assert found == [bare, a_message(2)]


async def test_reasons_are_forgotten_with_the_text(store: Store) -> None:
    first, second = a_message(1), a_message(2)
    await keep(store, first, until=MONDAY)
    await keep(store, second)
    await decide(store, a_decision(first), a_decision(second))
    async with keeping(store) as work:
        await work.messages.forget_texts(MONDAY)
    async with store.work() as work:
        forgotten, kept = await work.decisions.get(first.key), await work.decisions.get(second.key)
    assert forgotten is not None
    assert forgotten.verdict is not None
    assert (forgotten.verdict.why, forgotten.reasons) == ("", ())
    assert replace(forgotten, verdict=None) == replace(a_decision(first, reasons=()), verdict=None)
    assert kept == a_decision(second)


async def test_reasons_that_come_after_the_text_is_gone_do_not_stay(store: Store) -> None:
    message = a_message(1)
    await keep(store, message, until=MONDAY)
    async with keeping(store) as work:
        await work.messages.forget_texts(MONDAY)
    await decide(store, a_decision(message), a_decision(a_message(2)))  # 2 was never stored
    async with keeping(store) as work:
        assert await work.messages.forget_texts(MONDAY) == 0
    async with store.work() as work:
        reasons = [stored.decision.reasons async for stored in work.decisions.all(TEAM)]
    assert reasons == [(), ()]


@pytest.mark.parametrize(
    "text, kept",
    [
        ("half \ud83d of a pair", "half \N{REPLACEMENT CHARACTER} of a pair"),
        ("\udfff\ud800", "\N{REPLACEMENT CHARACTER}" * 2),
        ("nul \0 inside", "nul \0 inside"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}abc\x07\r\n", "\N{RIGHT-TO-LEFT OVERRIDE}abc\x07\r\n"),
        ("\N{PILE OF POO}" * 10_000, "\N{PILE OF POO}" * 10_000),
        ("x" * 1_000_000, "x" * 1_000_000),
    ],
)
async def test_any_text_survives(store: Store, text: str, kept: str) -> None:
    await keep(store, a_message(1, text=text))
    async with store.work() as work:
        (message,) = await work.messages.get([a_key(1)])
    assert message is not None
    assert message.text == kept


async def test_an_id_may_be_odd_too(store: Store) -> None:
    odd = a_message(1, author="a\ud800b", channel="C\0\udfff", reply_to="\ud800")
    assert await keep(store, odd) == 1
    assert await keep(store, odd) == 0
    async with store.work() as work:
        (message,) = await work.messages.get([odd.key])
    assert message is not None
    assert message.author.id == "a\N{REPLACEMENT CHARACTER}b"
    assert message.key.channel == "C\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"
