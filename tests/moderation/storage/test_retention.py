"""moderation.retention: what is forgotten is not in the file any more, neither in the clear nor sealed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from moderation.actions import NudgeStretch, Welcome
from moderation.charter import Example
from moderation.decisions import Outcome, Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.exchanges import Exchange
from moderation.labels import Label
from moderation.messages import Attachment, Author, Message
from moderation.move_actions import MoveStretch, UndoMove
from moderation.policy import Policy
from moderation.ports import MovedPost, MoveState, Store
from moderation.retention import erase_community, erase_member, forget_texts
from moderation.storage.database import SqlStore
from tests.factories import MONDAY, a_charter, a_message
from tests.moderation.storage.contract import LATER, TEAM, a_decision, a_key, decide, keep, keeping

ZORA = "U-zora-7391"
WORDS = "quixotic marmalade dovetails"


def personal(number: int, author: str = ZORA, **more: object) -> Message:
    """A message with something personal in every field."""
    return replace(
        a_message(number),
        author=Author(author, f"Zorabella {author}", roles=("R-secretive",)),
        text=f"{WORDS} number {number}",
        channel_name="hush-hush",
        mentions=("U-mentioned-5",),
        attachments=(Attachment("blueprint.pdf", "file", "https://example.org/blueprint"),),
        **more,  # type: ignore[arg-type] # fields of a message
    )


SECRETS = (WORDS, "Zorabella", "R-secretive", "hush-hush", "U-mentioned-5", "blueprint", "dovetails it says")


def bytes_of(database: Path) -> bytes:
    """The database and its log of changes as they lie on the disk."""
    files = [database, *(Path(f"{database}-{end}") for end in ("wal", "journal"))]
    return b"".join(file.read_bytes() for file in files if file.exists())


async def found_in(database: Path, *words: str) -> set[str]:
    content = await asyncio.to_thread(bytes_of, database)
    assert content.startswith(b"SQLite format 3")
    return {word for word in words if word.encode() in content}


async def sealed_in(store: SqlStore, table: str, column: str) -> list[bytes]:
    """The sealed values of a column."""
    async with store._engine.connect() as connection:
        rows = (await connection.exec_driver_sql(f"SELECT {column} FROM {table}")).all()  # noqa: S608 - our words
    return [bytes(row[0]) for row in rows if row[0] is not None]


async def test_nothing_personal_is_ever_stored_in_the_clear(sql_store: SqlStore, database: Path) -> None:
    await keep(sql_store, personal(1))
    await decide(sql_store, a_decision(personal(1), reasons=(f"dovetails it says: {WORDS}",)))
    async with keeping(sql_store) as work:
        charter = a_charter(examples=(Example(Label.PITCH, WORDS),))
        await work.communities.publish(TEAM, charter, Policy(), MONDAY)
    assert await found_in(database, *SECRETS) == set()
    assert await found_in(database, ZORA) == {ZORA}  # an id is no secret as long as the person is known here


async def test_forgotten_texts_are_gone_even_for_who_has_the_key(sql_store: SqlStore, database: Path) -> None:
    messages = [personal(number) for number in range(1, 200)]
    await keep(sql_store, *messages)
    await decide(sql_store, *(a_decision(message) for message in messages))
    sealed = await sealed_in(sql_store, "messages", "payload")
    notes = await sealed_in(sql_store, "decisions", "notes")
    before = await asyncio.to_thread(bytes_of, database)
    assert all(value in before for value in sealed + notes)
    assert await forget_texts(sql_store, LATER) == 199
    after = await asyncio.to_thread(bytes_of, database)
    assert not any(value in after for value in sealed + notes)


async def test_texts_that_are_still_kept_are_not_touched(store: Store) -> None:
    await keep(store, personal(1))
    assert await forget_texts(store, MONDAY) == 0
    async with store.work() as work:
        assert await work.messages.get([a_key(1)]) == [personal(1)]


async def test_that_a_nudge_was_held_back_outlasts_its_reasons_and_goes_with_the_person(store: Store) -> None:
    messages = [a_message(number, author=who) for number, who in ((1, "bob"), (2, "bob"), (3, ZORA))]
    await keep(store, *messages)
    marked = [replace(a_decision(one), outcome=Outcome.STRETCH, held_back=True) for one in messages]
    await decide(store, *marked)
    async with keeping(store) as work:
        await work.messages.mark_deleted(a_key(2))
    assert await forget_texts(store, LATER) == 2
    await erase_member(store, TEAM, ZORA)
    async with store.work() as work:
        left = [stored.decision async for stored in work.decisions.bare(TEAM)]
    assert [(one.key, one.held_back, one.reasons) for one in left] == [
        (a_key(1), True, ()),
        (a_key(2), True, ()),
    ]


async def furnish(store: Store) -> None:
    """Zora everywhere: her own posts, and others' that name her."""
    hers, his = personal(1), replace(a_message(2, author="bob", mentions=(ZORA,)), text=f"hi {ZORA}")
    await keep(store, hers, his)
    together = MoveStretch("C1/00001", "C3", ("00001", "00002"), (ZORA, "bob"), by=ZORA)
    nudge = NudgeStretch("C1/00001", "C3", ("bob", ZORA), ("00001", "00002"), offer=True)
    welcome = Welcome(ZORA, "00001", "C3")
    undo = UndoMove(together.marker, ("bob",), by=ZORA)
    exchanges = [Exchange("bob", ZORA, MONDAY, "00002"), Exchange(ZORA, "bob", MONDAY, "00001")]
    await decide(store, a_decision(hers, welcome), a_decision(his, nudge, together), exchanges=exchanges)
    async with keeping(store) as work:
        for action in (welcome, nudge, together, replace(together, members=(ZORA,)), undo):
            await work.outbox.add(TEAM, "C1", action, MONDAY, "00001")
        (claimed,) = await work.outbox.claim(MONDAY, 1, LATER)
        await work.outbox.postpone(claimed.id, MONDAY, f"{ZORA} is not here")
        posts = [(1, ZORA), (2, "bob")]
        await work.moves.put(
            TEAM, [MovedPost(together.marker, a_key(n), who, "C3", MoveState.MOVED) for n, who in posts]
        )
        await work.rulings.add(TEAM, Ruling("lone:00002", Ruled.BELONGS_HERE, ZORA, MONDAY))
        await work.communities.opt_out(TEAM, ZORA, silent=True)
        drawn = [
            Draw(key, 0, Occasion.FLAGGED, Label.PITCH, 0.9, 1.0, 1.0, MONDAY, "test-model", "abc", "rare")
            for key in (hers.key, his.key)
        ]
        await work.draws.add(drawn)
        await work.rulings.add(TEAM, Ruling(drawn[1].subject, Ruled.PITCH, ZORA, MONDAY, moderator=True))


async def test_an_erased_person_is_nowhere_in_the_file(sql_store: SqlStore, database: Path) -> None:
    await furnish(sql_store)
    (payload, _) = await sealed_in(sql_store, "messages", "payload")
    assert await found_in(database, ZORA) == {ZORA}
    await erase_member(sql_store, TEAM, ZORA)
    assert await found_in(database, ZORA, "bob") == {"bob"}
    assert payload not in await asyncio.to_thread(bytes_of, database)
    async with sql_store._engine.connect() as connection:
        await connection.exec_driver_sql("VACUUM")
    assert await found_in(database, ZORA, "bob") == {"bob"}


async def test_an_erased_person_is_in_no_answer(store: Store) -> None:
    await furnish(store)
    await erase_member(store, TEAM, ZORA)
    async with store.work() as work:
        answers = [
            await work.messages.get([a_key(1)]),
            [stored.decision async for stored in work.decisions.all(TEAM)],
            await work.outbox.all(TEAM),
            await work.moves.with_original(a_key(1)),
            await work.moves.with_original(a_key(2)),
            [ruling async for ruling in work.rulings.all(TEAM)],
            [draw async for draw in work.draws.all(TEAM)],
            await work.decisions.past(TEAM, LATER),
        ]
        (his,) = await work.messages.get([a_key(2)])
    assert ZORA not in repr(answers)
    assert his is not None
    assert his.mentions == ()


async def test_an_erased_community_is_nowhere_in_the_file(sql_store: SqlStore, database: Path) -> None:
    async with keeping(sql_store) as work:
        await work.communities.publish(TEAM, a_charter(), Policy(), MONDAY)
    await furnish(sql_store)
    await erase_community(sql_store, TEAM)
    assert await found_in(database, ZORA, "bob", "00001", "playground", "T1") == set()


async def test_closing_leaves_one_file(sql_store: SqlStore, database: Path) -> None:
    await keep(sql_store, personal(1))
    await sql_store.close()
    names = await asyncio.to_thread(lambda: sorted(path.name for path in database.parent.iterdir()))
    assert names == ["steward.db"]
    assert await found_in(database, *SECRETS) == set()
