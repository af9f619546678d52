"""A step on a connection comes to its end whatever happens to the task that waits for it."""

from __future__ import annotations

import asyncio

import pytest

from moderation.ports import Store
from moderation.storage.database import SqlStore
from moderation.storage.undisturbed import undisturbed
from tests.factories import a_message
from tests.moderation.storage.contract import LATER, keep


class Step:
    """Something that takes until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.ended = False

    async def run(self, error: Exception | None = None) -> str:
        await self.go.wait()
        self.ended = True
        if error is not None:
            raise error
        return "done"


async def test_it_returns_what_the_step_returns() -> None:
    step = Step()
    step.go.set()
    assert await undisturbed(step.run()) == "done"


async def test_it_raises_what_the_step_raises() -> None:
    step = Step()
    step.go.set()
    with pytest.raises(LookupError):
        await undisturbed(step.run(LookupError()))


@pytest.mark.parametrize("error", [None, LookupError()])
async def test_who_is_cancelled_waits_for_the_end(error: Exception | None) -> None:
    step = Step()
    waiting = asyncio.create_task(undisturbed(step.run(error)))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    step.go.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert step.ended


async def cancel_at(store: Store, pauses: int) -> bool:
    """Begin to store a message, and cancel after so many turns of the loop; whether it was stored before."""

    async def write() -> None:
        async with store.work() as work:
            await work.messages.add([a_message(1)], LATER)
            await work.messages.unjudged(9)

    task = asyncio.create_task(write())
    for _ in range(pauses):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True


async def test_wherever_a_work_is_cancelled_the_next_one_gets_its_turn(sql_store: SqlStore) -> None:
    pauses = 0
    while not await cancel_at(sql_store, pauses):
        assert await keep(sql_store, a_message(100 + pauses)) == 1
        pauses += 1
        assert pauses < 500
    async with sql_store.work() as work:
        assert len(await work.messages.unjudged(999)) == pauses
