"""Messages.before and Messages.before_many: what stood in the same place just before."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.messages import Message
from moderation.ports import Store
from moderation.storage.database import SqlStore
from tests.factories import a_message
from tests.fakes.memory_store import MemoryStore
from tests.moderation.storage.contract import LATER, a_key, keep, keeping, numbers


async def before(store: Store, message: Message, limit: int = 9) -> list[int]:
    """The numbers of what stood before; asked both ways."""
    async with store.work() as work:
        found = await work.messages.before(message, limit)
        assert await work.messages.before_many([message], limit) == [found]
    return numbers(found)


async def test_the_latest_before_it_oldest_first(store: Store) -> None:
    await keep(store, *(a_message(number, minutes=number) for number in range(1, 7)))
    assert await before(store, a_message(5, minutes=5), limit=3) == [2, 3, 4]
    assert await before(store, a_message(1, minutes=1)) == []
    assert await before(store, a_message(5, minutes=5), limit=0) == []


async def test_at_the_same_moment_the_id_decides(store: Store) -> None:
    await keep(store, *(a_message(number) for number in (3, 1, 4, 2)))
    assert await before(store, a_message(3)) == [1, 2]


async def test_messages_come_whole(store: Store) -> None:
    earlier = a_message(1, text="dovetails?", mentions=("bob",))
    await keep(store, earlier)
    async with store.work() as work:
        assert await work.messages.before(a_message(2, minutes=1), 5) == [earlier]


async def test_other_places_are_left_out(store: Store) -> None:
    await keep(
        store,
        a_message(1),
        a_message(2, channel="C2"),
        a_message(3, community="T2"),
        a_message(4, thread="00001"),
    )
    assert await before(store, a_message(9, minutes=9)) == [1]


async def test_a_thread_is_read_with_its_root(store: Store) -> None:
    await keep(
        store,
        a_message(1),
        a_message(2, minutes=1),
        a_message(3, minutes=2, thread="00001"),
        a_message(4, minutes=3, thread="00002"),
        a_message(5, minutes=4, thread="00001"),
    )
    answer = a_message(6, minutes=5, thread="00001")
    assert await before(store, answer) == [1, 3, 5]
    assert await before(store, answer, limit=2) == [3, 5]


async def test_what_is_answered_comes_first(store: Store) -> None:
    await keep(store, *(a_message(number, minutes=number) for number in range(1, 8)))
    answer = a_message(9, minutes=9, reply_to="00002")
    assert await before(store, answer, limit=3) == [2, 6, 7]
    assert await before(store, answer, limit=1) == [2]
    assert await before(store, answer, limit=6) == [2, 3, 4, 5, 6, 7]


async def test_what_is_answered_from_a_thread_may_stand_in_the_channel(store: Store) -> None:
    await keep(store, a_message(1), a_message(2, minutes=1), a_message(3, minutes=2, thread="00001"))
    assert await before(store, a_message(4, minutes=3, thread="00001", reply_to="00002")) == [2, 1, 3]


@pytest.mark.parametrize("reply_to", ["00099", "00005", "00006"])
async def test_an_answer_to_the_unknown_to_itself_or_to_the_future_is_just_a_message(
    store: Store, reply_to: str
) -> None:
    await keep(store, a_message(1), a_message(5, minutes=5), a_message(6, minutes=6))
    assert await before(store, a_message(5, minutes=5, reply_to=reply_to)) == [1]


async def test_deleted_messages_are_left_out(store: Store) -> None:
    await keep(store, *(a_message(number, minutes=number) for number in range(1, 5)))
    await keep(store, a_message(5, minutes=5, thread="00001"))
    async with keeping(store) as work:
        await work.messages.mark_deleted(a_key(1))
        await work.messages.mark_deleted(a_key(3))
    assert await before(store, a_message(6, minutes=6, reply_to="00003"), limit=2) == [2, 4]
    assert await before(store, a_message(6, minutes=6, thread="00001")) == [5]


async def test_messages_of_one_batch_are_each_others_context(store: Store) -> None:
    batch = [a_message(number, minutes=number, channel=f"C{number % 3}") for number in range(1, 200)]
    await keep(store, *batch)
    async with store.work() as work:
        found = await work.messages.before_many(batch, 4)
        assert await work.messages.before_many([], 4) == []
    expected = [
        [earlier for earlier in range(number - 12, number, 3) if earlier > 0] for number in range(1, 200)
    ]
    assert [numbers(lines) for lines in found] == expected


MESSAGES = st.builds(
    a_message,
    st.integers(1, 12),
    minutes=st.integers(0, 4),
    channel=st.sampled_from(["C1", "C2"]),
    thread=st.sampled_from([None, None, "00001", "00002"]),
    reply_to=st.sampled_from([None, None, "00003", "00001"]),
    revision=st.integers(0, 2),
)


# The store is one for all examples, each in a work that is never committed: that keeps them apart.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(MESSAGES, min_size=1, max_size=20), deleted=st.integers(1, 12), limit=st.integers(0, 5)
)
async def test_both_stores_agree(
    sql_store: SqlStore, messages: list[Message], deleted: int, limit: int
) -> None:
    async with sql_store.work() as real, MemoryStore().work() as fake:
        for work in (real, fake):
            await work.messages.add(messages, LATER)
            await work.messages.mark_deleted(a_key(deleted))
        assert await real.messages.before_many(messages, limit) == await fake.messages.before_many(
            messages, limit
        )
        assert await real.messages.unjudged(99) == await fake.messages.unjudged(99)
        keys = [message.key for message in messages]
        assert await real.messages.get(keys) == await fake.messages.get(keys)
