"""No statement reads a whole table: SQLite is asked how it would do each one that the repositories send."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from moderation.actions import Welcome
from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.exchanges import Exchange
from moderation.labels import Label
from moderation.policy import Policy
from moderation.ports import DeliveryState, MovedPost, MoveState
from moderation.storage.database import SqlStore
from tests.factories import MONDAY, a_charter, a_message
from tests.moderation.storage.contract import LATER, TEAM, a_decision, a_key, a_nudge, keeping

FIRST, SECOND = a_message(1), a_message(2, author="bob", minutes=1, thread="00001", reply_to="00001")
RULING = Ruling("lone:00001", Ruled.FINE, "mo", MONDAY)
DRAW = Draw(a_key(2), 0, Occasion.FLAGGED, Label.PITCH, 0.9, 1.0, 1.0, MONDAY, "test-model", "abc")


@contextmanager
def watched(store: SqlStore) -> Iterator[dict[str, object]]:
    """Every statement sent meanwhile, with one set of its parameters."""
    sent: dict[str, object] = {}

    def note(_c: object, _cursor: object, statement: str, parameters: object, _x: object, many: bool) -> None:
        sent[statement] = parameters[0] if many and isinstance(parameters, list) else parameters

    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


async def everything(store: SqlStore) -> None:
    """Each method of each repository, but for erasing, which is rare and thorough."""
    async with keeping(store) as work:
        await work.communities.publish(TEAM, a_charter(), Policy(), MONDAY)
        await work.communities.current(TEAM)
        await work.communities.opt_out(TEAM, "ann", silent=True)
        await work.communities.opted_out(TEAM, ["ann", "bob"])
        await work.communities.choose_direct(TEAM, "ann", direct=True)
        await work.communities.chose_direct(TEAM, ["ann", "bob"])
        await work.messages.add([FIRST, SECOND], LATER)
        await work.messages.get([a_key(1), a_key(2), a_key(1, "C2")])
        await work.messages.unjudged(9)
        await work.messages.unjudged(9, TEAM)
        await work.messages.before_many([FIRST, SECOND], 9)
        await work.messages.last_posted(TEAM)
    async with keeping(store) as work:
        exchange = Exchange("bob", "ann", MONDAY, "00002")
        await work.decisions.add([a_decision(FIRST, a_nudge()), a_decision(SECOND)], [exchange])
        await work.decisions.get(a_key(1))
        assert len([stored async for stored in work.decisions.all(TEAM)]) == 2
        assert len([stored async for stored in work.decisions.all(TEAM, MONDAY)]) == 2
        assert len([stored async for stored in work.decisions.bare(TEAM)]) == 2
        assert len([stored async for stored in work.decisions.bare(TEAM, MONDAY, LATER)]) == 2
        await work.decisions.count(TEAM)
        await work.decisions.past(TEAM, LATER)
        await work.outbox.add(TEAM, "C1", Welcome("ann", "00001", "C3"), MONDAY, "00001")
        (claimed,) = await work.outbox.claim(MONDAY, 9, MONDAY + timedelta(minutes=1))
        await work.outbox.mark(claimed.id, DeliveryState.SENDING)
        await work.outbox.postpone(claimed.id, LATER, "")
        await work.outbox.find(TEAM, "welcome:ann")
        await work.outbox.beginning(TEAM, "welcome:")
        await work.outbox.all(TEAM)
        await work.moves.put(TEAM, [MovedPost("move:x", a_key(1), "ann", "C3", MoveState.MOVED)])
        await work.moves.of(TEAM, "move:x")
        await work.moves.with_original(a_key(1))
        await work.rulings.add(TEAM, RULING)
        await work.rulings.of(TEAM, RULING.subject)
        assert [ruling async for ruling in work.rulings.all(TEAM, MONDAY)] == [RULING]
        await work.draws.add([DRAW])
        await work.draws.of(TEAM, DRAW.subject)
        assert await work.draws.get([a_key(1), a_key(2)], Occasion.FLAGGED) == [None, DRAW]
        assert [draw async for draw in work.draws.all(TEAM)] == [DRAW]
        assert [draw async for draw in work.draws.all(TEAM, MONDAY, Occasion.FLAGGED)] == [DRAW]
        assert await work.draws.waiting(TEAM, Occasion.FLAGGED, 9) == [DRAW]
        assert await work.draws.waiting(TEAM, Occasion.FLAGGED, 9, MONDAY) == [DRAW]
        assert await work.draws.first(TEAM, MONDAY, Occasion.FLAGGED) == DRAW
        await work.messages.mark_deleted(a_key(1))
        await work.messages.forget_texts(LATER)


async def test_every_statement_uses_an_index(sql_store: SqlStore) -> None:
    with watched(sql_store) as sent:
        await everything(sql_store)
    whole: dict[str, str] = {}
    async with sql_store._engine.connect() as connection:
        for statement, parameters in sent.items():
            if statement.split()[0] not in ("SELECT", "UPDATE", "DELETE"):
                continue
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type] # as they were sent
            for step in plan.mappings().all():
                # A sub-query's own rows may be read one by one; a table's may not.
                is_table = any(step["detail"].startswith(f"SCAN {table}") for table in growing())
                if is_table and " INDEX " not in step["detail"]:
                    whole[statement] = step["detail"]
    assert len(sent) > 43
    assert whole == {}


def growing() -> list[str]:
    """The tables that grow with what people write."""
    people = ["opt_outs", "direct_messages"]
    return ["messages", "decisions", "exchanges", "outbox", "moves", "rulings", "draws", *people, "other"]


async def test_a_batch_takes_few_statements(sql_store: SqlStore) -> None:
    batch = [a_message(number, channel=f"C{number % 3}", reply_to="00001") for number in range(64)]
    with watched(sql_store) as sent:
        async with keeping(sql_store) as work:
            await work.messages.add(batch, LATER)
            assert len(sent) == 2  # BEGIN and the insert
            await work.messages.before_many(batch, 6)
            await work.decisions.add([a_decision(message) for message in batch], [])
    assert len(sent) <= 8
