"""moderation.ports.Draws, on the fake and on SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.messages import MessageKey, Platform
from moderation.ports import Community, Store
from tests.factories import MONDAY, a_message
from tests.moderation.storage.contract import (
    LATER,
    OTHERS,
    TEAM,
    a_decision,
    a_key,
    decide,
    keep,
    keeping,
)

FLAGGED, NOT_FLAGGED = Occasion.FLAGGED, Occasion.NOT_FLAGGED


def a_draw(
    number: int = 1,
    occasion: Occasion = FLAGGED,
    *,
    minutes: float = 0,
    channel: str = "C1",
    revision: int = 0,
    stratum: str = "",
) -> Draw:
    """A draw of message `number`, `minutes` after nine on that Monday."""
    return Draw(
        key=a_key(number, channel),
        revision=revision,
        occasion=occasion,
        label=Label.PITCH,
        score=0.1 + 0.2,
        probability=1 / 3,
        least=0.05,
        drawn_at=MONDAY + timedelta(minutes=minutes),
        model="test-model",
        charter_version="abc",
        stratum=stratum,
    )


async def draw(store: Store, *draws: Draw) -> None:
    async with keeping(store) as work:
        await work.draws.add(draws)


async def rule(
    store: Store,
    subject: Draw,
    what: Ruled = Ruled.FINE,
    *,
    minutes: float = 60,
    by: str = "mo",
    moderator: bool = True,
    community: Community = TEAM,
) -> None:
    at = MONDAY + timedelta(minutes=minutes)
    async with keeping(store) as work:
        await work.rulings.add(
            community, Ruling(subject.subject, what, by, at, moderator=moderator, drawn=True)
        )


async def every(store: Store) -> list[Draw]:
    async with store.work() as work:
        return [one async for one in work.draws.all(TEAM)]


async def waiting(store: Store, limit: int = 9) -> list[Draw]:
    async with store.work() as work:
        return await work.draws.waiting(TEAM, FLAGGED, limit)


async def test_a_draw_comes_back_as_it_was(store: Store) -> None:
    flagged, passed = a_draw(1, stratum="C1 90-100"), a_draw(1, NOT_FLAGGED, minutes=1)
    await draw(store, flagged, passed)
    await draw(store)
    async with store.work() as work:
        assert await work.draws.of(TEAM, flagged.subject) == flagged
        assert await work.draws.of(TEAM, passed.subject) == passed
        assert await work.draws.of(OTHERS, flagged.subject) is None
        assert await work.draws.of(TEAM, "drawn:flagged:C1/00002") is None
        assert await work.draws.of(TEAM, "nonsense") is None


async def test_many_are_found_by_their_keys(store: Store) -> None:
    draws = [a_draw(number, channel=f"C{number % 3}") for number in range(1200)]
    await draw(store, *draws, a_draw(5000, NOT_FLAGGED))
    keys = [one.key for one in reversed(draws)]
    async with store.work() as work:
        assert await work.draws.get(keys, FLAGGED) == draws[::-1]
        assert await work.draws.get([a_key(5000), keys[0], a_key(1, "C9")], FLAGGED) == [
            None,
            draws[-1],
            None,
        ]
        assert await work.draws.get([], FLAGGED) == []


async def test_an_odd_id_is_found_again(store: Store) -> None:
    odd = replace(a_draw(), key=MessageKey(Platform.PLAYGROUND, "T1", "C\0\ud8001", "1"))
    await draw(store, odd)
    async with store.work() as work:
        (found,) = await work.draws.get([odd.key], FLAGGED)
        assert found is not None
        assert await work.draws.of(TEAM, found.subject) == found


async def test_the_same_again_changes_nothing(store: Store) -> None:
    await draw(store, a_draw())
    await draw(store, replace(a_draw(minutes=9), score=0.9, probability=1.0, model="another"))
    assert await every(store) == [a_draw()]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("revisions", [(0, 2, 1), (2, 1, 0), (0, 1, 2)])
async def test_what_was_drawn_first_stays(store: Store, revisions: Iterable[int], at_once: bool) -> None:
    edits = [replace(a_draw(revision=n, minutes=n), probability=0.5 + n / 10) for n in revisions]
    for some in [edits] if at_once else [[edit] for edit in edits]:
        await draw(store, *some)
    assert await every(store) == edits[:1]


async def test_all_are_streamed_in_order_of_drawing(store: Store) -> None:
    draws = [
        a_draw(number, occasion, minutes=number // 300, channel=f"C{number % 2}")
        for number in range(600)
        for occasion in Occasion
    ]
    await draw(store, *reversed(draws))
    await draw(store, replace(a_draw(), key=replace(a_key(1), platform=OTHERS.platform)))
    in_order = sorted(draws, key=lambda one: (one.drawn_at, one.key.channel, one.key.message, one.occasion))
    late = MONDAY + timedelta(minutes=1)
    async with store.work() as work:
        assert [one async for one in work.draws.all(TEAM)] == in_order
        assert [one async for one in work.draws.all(TEAM, late)] == in_order[600:]
        assert [one async for one in work.draws.all(TEAM, occasion=FLAGGED)] == in_order[::2]
        assert [one async for one in work.draws.all(TEAM, late, NOT_FLAGGED)] == in_order[601::2]


async def test_what_waits_comes_in_order_of_drawing(store: Store) -> None:
    draws = [a_draw(number, minutes=-number) for number in range(1, 6)]
    await draw(store, *draws, a_draw(9, NOT_FLAGGED))
    assert await waiting(store) == draws[::-1]
    assert await waiting(store, 2) == [draws[4], draws[3]]
    async with store.work() as work:
        since = MONDAY - timedelta(minutes=2)
        assert await work.draws.waiting(TEAM, FLAGGED, 9, since) == [draws[1], draws[0]]
        assert await work.draws.waiting(OTHERS, FLAGGED, 9) == []


@pytest.mark.parametrize("what", [what for what in Ruled if what is not Ruled.NOT_NOW])
async def test_what_a_moderator_ruled_on_waits_no_more(store: Store, what: Ruled) -> None:
    await draw(store, a_draw(1), a_draw(2))
    await rule(store, a_draw(1), what)
    assert await waiting(store) == [a_draw(2)]
    assert await every(store) == [a_draw(1), a_draw(2)]


async def test_what_says_nothing_about_it_leaves_it_waiting(store: Store) -> None:
    await draw(store, a_draw(1), a_draw(1, NOT_FLAGGED))
    await rule(store, a_draw(1), Ruled.NOT_NOW)
    await rule(store, a_draw(1), Ruled.BELONGS_HERE, by="ann", moderator=False)
    await rule(store, a_draw(1, NOT_FLAGGED))
    await rule(store, a_draw(1), community=OTHERS)
    assert await waiting(store) == [a_draw(1)]


async def test_putting_it_off_takes_no_ruling_back(store: Store) -> None:
    await draw(store, a_draw())
    await rule(store, a_draw(), Ruled.PITCH)
    await rule(store, a_draw(), Ruled.NOT_NOW, minutes=61)
    assert await waiting(store) == []


async def test_an_edit_of_what_was_ruled_waits_no_more(store: Store) -> None:
    await draw(store, a_draw())
    await rule(store, a_draw())
    await draw(store, a_draw(revision=1, minutes=90))
    assert await waiting(store) == []


async def test_the_first_is_the_earliest_of_its_kind_and_time(store: Store) -> None:
    draws = [a_draw(number, list(Occasion)[number % 2], minutes=-number) for number in range(1, 6)]
    await draw(store, *draws)
    since = MONDAY - timedelta(minutes=4)
    async with store.work() as work:
        assert await work.draws.first(TEAM) == draws[4]
        assert await work.draws.first(TEAM, since) == draws[3]
        assert await work.draws.first(TEAM, occasion=FLAGGED) == draws[3]
        assert await work.draws.first(TEAM, since, NOT_FLAGGED) == draws[2]
        assert await work.draws.first(TEAM, MONDAY) is None
        assert await work.draws.first(OTHERS) is None


async def test_a_deleted_message_stays_drawn_and_unruled(store: Store) -> None:
    """Authors delete what they are told off for: dropped draws would leave a sample that is no longer random."""
    await keep(store, a_message(1), a_message(2))
    await decide(store, a_decision(a_message(1)), a_decision(a_message(2)))
    await draw(store, a_draw(1, stratum="a"), a_draw(2, stratum="a"))
    await rule(store, a_draw(2))
    async with keeping(store) as work:
        await work.messages.mark_deleted(a_key(1))
        await work.messages.mark_deleted(a_key(2))
    assert await every(store) == [a_draw(1, stratum="a"), a_draw(2, stratum="a")]
    assert await waiting(store) == []  # nobody can look at it any more
    async with store.work() as work:
        assert await work.rulings.of(TEAM, a_draw(1).subject) == []
        assert len(await work.rulings.of(TEAM, a_draw(2).subject)) == 1


async def test_forgetting_texts_forgets_no_draw(store: Store) -> None:
    await keep(store, a_message(1))
    await decide(store, a_decision(a_message(1)))
    await draw(store, a_draw(1))
    async with keeping(store) as work:
        assert await work.messages.forget_texts(LATER) == 1
    assert await every(store) == [a_draw(1)]
    assert await waiting(store) == [a_draw(1)]


async def test_draws_of_an_erased_member_go_with_the_rulings_on_them(store: Store) -> None:
    hers, his = a_message(1), a_message(2, author="bob")
    forgotten, elsewhere = a_message(3), a_message(1, channel="C2", author="bob")
    await keep(store, hers, his, elsewhere)
    await decide(store, a_decision(forgotten), a_decision(his))
    kept = [a_draw(2), a_draw(1, channel="C2"), a_draw(8)]
    await draw(store, *kept, a_draw(1), a_draw(1, NOT_FLAGGED), a_draw(3))
    for one in (*kept, a_draw(1), a_draw(1, NOT_FLAGGED), a_draw(3)):
        await rule(store, one)
    await rule(store, a_draw(2), by="ann", what=Ruled.PITCH)
    async with keeping(store) as work:
        await work.communities.erase_member(TEAM, "ann")
    assert set(await every(store)) == set(kept)
    async with store.work() as work:
        left = {(ruling.subject, ruling.by) async for ruling in work.rulings.all(TEAM)}
    assert left == {(one.subject, "mo") for one in kept}


async def test_without_the_only_ruling_it_waits_again(store: Store) -> None:
    await draw(store, a_draw())
    await rule(store, a_draw(), by="mo")
    async with keeping(store) as work:
        await work.communities.erase_member(TEAM, "mo")
    assert await waiting(store) == [a_draw()]


async def test_draws_of_an_erased_community_go(store: Store) -> None:
    other = replace(a_draw(), key=replace(a_key(1), platform=OTHERS.platform))
    await draw(store, a_draw(1), a_draw(1, NOT_FLAGGED), other)
    async with keeping(store) as work:
        await work.communities.erase(TEAM)
    assert await every(store) == []
    async with store.work() as work:
        assert await work.draws.of(OTHERS, other.subject) == other


async def test_without_a_commit_nothing_is_drawn(store: Store) -> None:
    async with store.work() as work:
        await work.draws.add([a_draw()])
        assert await work.draws.of(TEAM, a_draw().subject) == a_draw()
    assert await every(store) == []
