"""One work is one transaction."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from moderation.policy import Policy
from moderation.ports import Store
from tests.factories import MONDAY, a_charter, a_message
from tests.moderation.storage.contract import LATER, TEAM, a_decision, a_key, a_nudge, keep, keeping, numbers


async def stored(store: Store) -> list[int]:
    async with store.work() as work:
        return numbers(await work.messages.unjudged(99))


async def test_without_a_commit_nothing_is_kept(store: Store) -> None:
    await keep(store, a_message(1))
    async with store.work() as work:
        await work.messages.add([a_message(2)], LATER)
        await work.messages.mark_deleted(a_key(1))
        await work.decisions.add([a_decision(a_message(2))], [])
        await work.outbox.add(TEAM, "C1", a_nudge(), MONDAY)
        await work.communities.opt_out(TEAM, "ann", silent=True)
    async with store.work() as work:
        assert await work.messages.get([a_key(1), a_key(2)]) == [a_message(1), None]
        assert await work.decisions.count(TEAM) == 0
        assert await work.outbox.all(TEAM) == []
        assert not (await work.decisions.past(TEAM, LATER)).opted_out


async def test_an_error_drops_everything(store: Store) -> None:
    with pytest.raises(LookupError):  # noqa: PT012 - the error comes from within a work
        async with store.work() as work:
            await work.messages.add([a_message(1)], LATER)
            raise LookupError
    assert await stored(store) == []


async def test_a_work_sees_what_it_wrote_and_others_do_not(store: Store) -> None:
    async with store.work() as work:
        await work.messages.add([a_message(1)], LATER)
        assert numbers(await work.messages.unjudged(9)) == [1]
        assert await stored(store) == []
        await work.commit()
        assert await stored(store) == [1]


async def test_a_work_that_only_reads_sees_what_others_commit(store: Store) -> None:
    async with store.work() as work:
        assert await work.messages.unjudged(9) == []
        await keep(store, a_message(1))
        assert numbers(await work.messages.unjudged(9)) == [1]
        await work.messages.add([a_message(2)], LATER)  # and may write after all
        await work.commit()
    assert await stored(store) == [1, 2]


async def test_after_a_commit_a_work_may_go_on(store: Store) -> None:
    async with store.work() as work:
        await work.messages.add([a_message(1)], LATER)
        await work.commit()
        await work.messages.add([a_message(2)], LATER)
        await work.commit()
        await work.messages.add([a_message(3)], LATER)
    assert await stored(store) == [1, 2]


async def test_writers_take_turns(store: Store) -> None:
    async def write(number: int) -> None:
        async with keeping(store) as work:
            await work.messages.unjudged(1)
            await work.messages.add([a_message(number)], LATER)
            await asyncio.sleep(0)
            await work.outbox.add(TEAM, "C1", a_nudge(number), MONDAY)

    await asyncio.gather(*(write(number) for number in range(40)))
    assert await stored(store) == list(range(40))


async def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    async with store.work() as writing:
        await writing.messages.add([a_message(1)], LATER)
        await asyncio.gather(*(stored(store) for _ in range(20)))


async def test_a_task_that_would_wait_for_itself_is_told(store: Store) -> None:
    async with store.work() as work:
        await work.messages.add([a_message(1)], LATER)
        with pytest.raises(RuntimeError, match="in this task already"):
            await keep(store, a_message(2))
        await work.commit()
    assert await stored(store) == [1]


@pytest.mark.parametrize("pauses", range(8))
async def test_a_work_that_is_cancelled_keeps_nothing_and_holds_nobody_up(store: Store, pauses: int) -> None:
    async def write() -> None:
        async with store.work() as work:
            for number in itertools.count(1):
                await work.messages.add([a_message(number)], LATER)
                await asyncio.sleep(0)

    task = asyncio.create_task(write())
    for _ in range(pauses * 3):
        await asyncio.sleep(0.0005 * pauses)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await keep(store, a_message(7)) == 1
    assert await stored(store) == [7]


async def test_a_charter_is_part_of_the_work_too(store: Store) -> None:
    async with store.work() as work:
        await work.communities.publish(TEAM, a_charter(), Policy(), MONDAY)
    async with store.work() as work:
        assert await work.communities.current(TEAM) is None
