"""moderation.ports.Outbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from moderation.actions import Action, NudgeAuthor, NudgeStretch, Welcome
from moderation.ports import Community, Delivery, DeliveryState, Store
from tests.factories import MONDAY, a_message
from tests.moderation.storage.contract import LATER, OTHERS, TEAM, a_key, a_nudge, keeping

MINUTE = timedelta(minutes=1)


async def put(
    store: Store, action: Action, channel: str = "C1", due_at: datetime = MONDAY, community: Community = TEAM
) -> bool:
    async with keeping(store) as work:
        return await work.outbox.add(community, channel, action, due_at)


async def claim(store: Store, now: datetime = MONDAY, limit: int = 9) -> list[Delivery]:
    """Claim for a minute."""
    async with keeping(store) as work:
        return await work.outbox.claim(now, limit, now + MINUTE)


async def mark(store: Store, delivery: Delivery, state: DeliveryState, result: str = "") -> None:
    async with keeping(store) as work:
        await work.outbox.mark(delivery.id, state, result)


def markers(deliveries: list[Delivery]) -> list[str]:
    return [delivery.marker.removeprefix("nudge:") for delivery in deliveries]


async def test_an_action_comes_back_as_it_was(store: Store) -> None:
    action = Welcome("ann", "00001", "C3")
    assert await put(store, action, "C2", MONDAY + MINUTE)
    async with store.work() as work:
        (delivery,) = await work.outbox.all(TEAM)
        assert await work.outbox.find(TEAM, "welcome:ann") == delivery
        assert await work.outbox.find(TEAM, "welcome:bob") is None
        assert await work.outbox.find(OTHERS, "welcome:ann") is None
        assert await work.outbox.all(OTHERS) == []
    assert delivery == Delivery(delivery.id, TEAM, "C2", action, MONDAY + MINUTE)


async def test_a_marker_is_unique_in_its_community(store: Store) -> None:
    assert await put(store, a_nudge(1))
    assert not await put(store, a_nudge(1, "somebody", "else"), "C2")
    assert await put(store, a_nudge(1), community=OTHERS)
    async with keeping(store) as work:  # within one work too
        assert await work.outbox.add(TEAM, "C1", a_nudge(2), MONDAY)
        assert not await work.outbox.add(TEAM, "C1", a_nudge(2), MONDAY)
        assert [delivery.action for delivery in await work.outbox.all(TEAM)] == [a_nudge(1), a_nudge(2)]


async def test_a_marker_stays_taken_when_all_is_done(store: Store) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    await mark(store, delivery, DeliveryState.DONE)
    assert not await put(store, a_nudge(1))
    assert await claim(store) == []


async def test_deliveries_are_found_by_the_beginning_of_their_marker(store: Store) -> None:
    await put(store, a_nudge(1, channel="C_1"))
    await put(store, a_nudge(2, channel="C_1"))
    await put(store, a_nudge(1, channel="CX1"))
    await put(store, a_nudge(3, channel="c_1"))
    async with store.work() as work:
        assert markers(await work.outbox.beginning(TEAM, "nudge:C_1/")) == ["C_1/00001", "C_1/00002"]
        assert await work.outbox.beginning(TEAM, "nudge:%") == []
        assert await work.outbox.beginning(OTHERS, "nudge:") == []


async def test_those_due_at_a_moment_or_later_are_found(store: Store) -> None:
    for number in range(3):
        await put(store, a_nudge(number), due_at=MONDAY + number * MINUTE)
    async with store.work() as work:
        found = await work.outbox.beginning(TEAM, "nudge:", since=MONDAY + MINUTE)
    assert markers(found) == ["C1/00001", "C1/00002"]


async def test_the_oldest_is_claimed_first_and_one_of_each_channel(store: Store) -> None:
    for number, channel, due in ((1, "C1", 3), (2, "C1", 1), (3, "C2", 2), (4, "C3", 2), (5, "C4", 9)):
        await put(store, a_nudge(number, channel=channel), channel, MONDAY + due * MINUTE)
    claimed = await claim(store, MONDAY + 3 * MINUTE)
    assert markers(claimed) == ["C1/00002", "C2/00003", "C3/00004"]
    assert {delivery.state for delivery in claimed} == {DeliveryState.CLAIMED}
    assert {delivery.tries for delivery in claimed} == {0}


async def test_no_more_are_claimed_than_wanted(store: Store) -> None:
    for number in (1, 2, 3):
        await put(store, a_nudge(number), f"C{number}", MONDAY + number * MINUTE)
    assert markers(await claim(store, MONDAY + 9 * MINUTE, limit=2)) == ["C1/00001", "C1/00002"]
    assert markers(await claim(store, MONDAY + 9 * MINUTE, limit=2)) == ["C1/00003"]


async def test_what_is_not_due_is_left(store: Store) -> None:
    await put(store, a_nudge(1), due_at=MONDAY + MINUTE)
    assert await claim(store, MONDAY + MINUTE - timedelta(microseconds=1)) == []
    assert len(await claim(store, MONDAY + MINUTE)) == 1


async def test_what_is_not_due_holds_nothing_up(store: Store) -> None:
    await put(store, a_nudge(1), due_at=MONDAY + MINUTE)
    await put(store, a_nudge(2))
    assert markers(await claim(store)) == ["C1/00002"]


@pytest.mark.parametrize("state", [DeliveryState.CLAIMED, DeliveryState.SENDING])
async def test_a_channel_waits_for_what_is_under_way(store: Store, state: DeliveryState) -> None:
    await put(store, a_nudge(1))
    await put(store, a_nudge(2))
    await put(store, a_nudge(3), community=OTHERS)
    first, elsewhere = await claim(store)
    assert elsewhere.community == OTHERS
    await mark(store, first, state)
    assert await claim(store) == []
    await mark(store, first, DeliveryState.DONE)
    assert markers(await claim(store)) == ["C1/00002"]


@pytest.mark.parametrize(
    "state", [DeliveryState.GONE, DeliveryState.REFUSED, DeliveryState.LOST, DeliveryState.CANCELLED]
)
async def test_what_is_over_is_not_claimed_again(store: Store, state: DeliveryState) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    await mark(store, delivery, state, "so it is")
    assert await claim(store, MONDAY + 99 * MINUTE) == []
    async with store.work() as work:
        found = await work.outbox.find(TEAM, delivery.marker)
    assert found is not None
    assert (found.state, found.result, found.tries) == (state, "so it is", 0)


async def test_a_lapsed_lease_can_be_taken_again(store: Store) -> None:
    await put(store, a_nudge(1))
    (first,) = await claim(store)
    assert await claim(store, MONDAY + MINUTE - timedelta(microseconds=1)) == []
    assert await claim(store, MONDAY + MINUTE) == [first]
    assert await claim(store, MONDAY + MINUTE) == []


async def test_what_was_being_sent_when_its_claimer_died_comes_back_as_such(store: Store) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    await mark(store, delivery, DeliveryState.SENDING)
    (again,) = await claim(store, MONDAY + MINUTE)
    assert (again.id, again.state, again.tries) == (delivery.id, DeliveryState.SENDING, 1)
    assert await claim(store, MONDAY + MINUTE) == []


async def test_tries_count_the_sendings(store: Store) -> None:
    await put(store, a_nudge(1))
    for number in range(3):
        (delivery,) = await claim(store)
        assert delivery.tries == number
        await mark(store, delivery, DeliveryState.SENDING)
        async with keeping(store) as work:
            await work.outbox.postpone(delivery.id, MONDAY, "again")


async def test_a_postponed_delivery_waits_until_then_and_goes_behind(store: Store) -> None:
    await put(store, a_nudge(1))
    await put(store, a_nudge(2), due_at=MONDAY + MINUTE)
    (delivery,) = await claim(store)
    async with keeping(store) as work:
        await work.outbox.postpone(delivery.id, MONDAY + 2 * MINUTE, "slow down")
    async with store.work() as work:
        found = await work.outbox.find(TEAM, delivery.marker)
    assert found == Delivery(delivery.id, TEAM, "C1", a_nudge(1), MONDAY + 2 * MINUTE, result="slow down")
    (second,) = await claim(store, MONDAY + 2 * MINUTE)
    assert second.action == a_nudge(2)
    await mark(store, second, DeliveryState.DONE)
    assert markers(await claim(store, MONDAY + 2 * MINUTE)) == ["C1/00001"]


async def test_a_result_is_replaced(store: Store) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    await mark(store, delivery, DeliveryState.SENDING, "first \ud800")
    await mark(store, delivery, DeliveryState.DONE)
    async with store.work() as work:
        (found,) = await work.outbox.all(TEAM)
    assert (found.state, found.result, found.tries) == (DeliveryState.DONE, "", 1)


async def test_marking_the_unknown_does_nothing(store: Store) -> None:
    async with keeping(store) as work:
        await work.outbox.mark(77, DeliveryState.DONE)
        await work.outbox.postpone(77, MONDAY, "")
        assert await work.outbox.all(TEAM) == []


# --- whose it is -----------------------------------------------------------------------------------------------

LEASE = MONDAY + MINUTE
LONGER = MONDAY + 9 * MINUTE


async def begin(store: Store, delivery: Delivery, lease: datetime = LEASE) -> Delivery | None:
    async with keeping(store) as work:
        return await work.outbox.begin(delivery.id, lease, LONGER)


async def test_what_is_begun_is_ours_for_longer(store: Store) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    begun = await begin(store, delivery)
    assert begun == replace(delivery, state=DeliveryState.SENDING, tries=1)
    assert await claim(store, MONDAY + 8 * MINUTE) == []
    assert await claim(store, LONGER) == [begun]


async def test_what_was_claimed_by_another_is_not_begun(store: Store) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    (theirs,) = await claim(store, LEASE)
    assert await begin(store, delivery) is None
    assert await begin(store, theirs, LEASE + MINUTE) is not None


async def test_what_was_cancelled_or_erased_is_not_begun(store: Store) -> None:
    for number, who in ((1, "ann"), (2, "ben")):
        message = a_message(number, author=who, channel=f"C{number}")
        async with keeping(store) as work:
            await work.messages.add([message], LATER)
            word = NudgeAuthor(who, message.key.message, "C3")
            await work.outbox.add(TEAM, f"C{number}", word, MONDAY, message.key.message)
    first, second = await claim(store)
    async with keeping(store) as work:
        await work.messages.mark_deleted(a_key(1))
        await work.communities.erase_member(TEAM, "ben")
    assert await begin(store, first) is None
    assert await begin(store, second) is None


async def test_it_is_begun_as_it_is_by_now(store: Store) -> None:
    async with keeping(store) as work:
        await work.outbox.add(
            TEAM, "C1", NudgeStretch("C1/1", "C3", ("ann", "ben"), ("1", "2"), True), MONDAY
        )
    (delivery,) = await claim(store)
    async with keeping(store) as work:
        await work.communities.erase_member(TEAM, "ben")
    begun = await begin(store, delivery)
    assert begun is not None
    assert begun.action == NudgeStretch("C1/1", "C3", ("ann",), ("1", "2"), True)


async def test_only_whoever_has_it_says_how_it_ended(store: Store) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    await claim(store, LEASE)
    async with keeping(store) as work:
        assert not await work.outbox.mark(delivery.id, DeliveryState.DONE, "1", LEASE)
        assert not await work.outbox.postpone(delivery.id, MONDAY, "away", LEASE)
        assert await work.outbox.mark(delivery.id, DeliveryState.DONE, "2", LEASE + MINUTE)
        assert not await work.outbox.mark(delivery.id, DeliveryState.LOST, "", LEASE + MINUTE)
        (found,) = await work.outbox.all(TEAM)
    assert (found.state, found.result) == (DeliveryState.DONE, "2")


async def test_what_was_not_begun_is_given_back(store: Store) -> None:
    await put(store, a_nudge(1))
    (delivery,) = await claim(store)
    async with keeping(store) as work:
        assert await work.outbox.postpone(delivery.id, MONDAY, "", LEASE)
    assert await claim(store) == [delivery]


async def test_hands_that_look_at_the_same_moment_all_find_something(store: Store) -> None:
    for number in range(4):
        await put(store, a_nudge(number), f"C{number}")
    found = await asyncio.gather(*(claim(store, limit=1) for _ in range(4)))
    assert sorted(markers([each for some in found for each in some])) == [f"C1/{n:05d}" for n in range(4)]
