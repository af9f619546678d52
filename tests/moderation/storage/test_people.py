"""moderation.ports.Moves, Rulings and Communities, but for erasing (test_erasing.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from moderation.charter import Example
from moderation.decisions import Ruled, Ruling
from moderation.labels import Label
from moderation.messages import Platform
from moderation.policy import Caps, Leave, Mode, Policy, QuietHours, Strictness
from moderation.ports import Community, MovedPost, MoveState, Store
from tests.factories import MONDAY, a_charter
from tests.moderation.storage.contract import OTHERS, TEAM, a_key, keeping

STRICT = Policy(
    mode=Mode.MOVE,
    strictness=Strictness.HIGH,
    promise="at most 2 in 100",
    caps=Caps(2, 4, 8),
    quiet_hours=QuietHours(time(22, 30), time(7)),
    time_zone="Europe/Paris",
    exempt_roles=("R1",),
    moderators=("mo", "max"),
    retention_days=3,
    lone_limit=5,
    act_in_threads=True,
)


def a_post(number: int, move: str = "move:C1/00001:ann", state: MoveState = MoveState.COPYING) -> MovedPost:
    return MovedPost(move, a_key(number), "ann", "C3", state)


async def test_moved_posts_come_in_the_order_in_which_they_were_put_first(store: Store) -> None:
    async with keeping(store) as work:
        await work.moves.put(TEAM, [a_post(2), a_post(1)])
        await work.moves.put(TEAM, [a_post(3), a_post(1, "move:other")])
        await work.moves.put(TEAM, [])
    done = replace(a_post(2, state=MoveState.MOVED), copy="00077", revision=4, to_channel="C9", author="bob")
    async with keeping(store) as work:
        await work.moves.put(TEAM, [done])
    async with store.work() as work:
        assert await work.moves.of(TEAM, "move:C1/00001:ann") == [done, a_post(1), a_post(3)]
        assert await work.moves.of(TEAM, "move:other") == [a_post(1, "move:other")]
        assert await work.moves.of(TEAM, "move:unknown") == []
        assert await work.moves.of(OTHERS, "move:other") == []


async def test_a_copy_knows_its_posts(store: Store) -> None:
    async with store.work() as work:
        await work.moves.put(TEAM, [replace(a_post(1), copy="77"), replace(a_post(2), copy="78"), a_post(3)])
        await work.commit()
    async with store.work() as work:
        assert await work.moves.with_copy(TEAM, "77") == [replace(a_post(1), copy="77")]
        assert await work.moves.with_copy(TEAM, "79") == []
        assert await work.moves.with_copy(OTHERS, "77") == []


async def test_a_message_knows_its_moves(store: Store) -> None:
    async with keeping(store) as work:
        await work.moves.put(TEAM, [a_post(1, "move:b"), a_post(2)])
        await work.moves.put(TEAM, [a_post(1, "move:a")])
    async with store.work() as work:
        assert await work.moves.with_original(a_key(1)) == [a_post(1, "move:b"), a_post(1, "move:a")]
        assert await work.moves.with_original(a_key(1, "C2")) == []


async def test_a_post_is_moved_in_its_own_community(store: Store) -> None:
    with pytest.raises(ValueError, match="must come from there"):
        async with keeping(store) as work:
            await work.moves.put(OTHERS, [a_post(1)])


def a_ruling(
    by: str = "mo", minutes: float = 0, what: Ruled = Ruled.FINE, subject: str = "card:C1/00001"
) -> Ruling:
    return Ruling(subject, what, by, MONDAY + timedelta(minutes=minutes), moderator=True)


async def test_rulings_on_a_subject_come_in_order(store: Store) -> None:
    rulings = [a_ruling("max", 2, Ruled.REMOVE), a_ruling("mo", 2), a_ruling("ann", 3), a_ruling("zoe", 1)]
    async with keeping(store) as work:
        for ruling in [*rulings, a_ruling(subject="card:C1/00002")]:
            await work.rulings.add(TEAM, ruling)
    async with store.work() as work:
        found = await work.rulings.of(TEAM, "card:C1/00001")
        assert await work.rulings.of(OTHERS, "card:C1/00001") == []
    assert found == [rulings[3], rulings[0], rulings[1], rulings[2]]


async def test_the_same_ruling_again_changes_nothing(store: Store) -> None:
    ruling = replace(a_ruling(), drawn=True, moderator=False)
    async with keeping(store) as work:
        await work.rulings.add(TEAM, ruling)
        await work.rulings.add(TEAM, replace(ruling, drawn=False, moderator=True))
    async with store.work() as work:
        assert await work.rulings.of(TEAM, ruling.subject) == [ruling]


async def test_a_ruling_keeps_how_it_came_about_and_whose_verdict_it_was_on(store: Store) -> None:
    volunteered = a_ruling("ann")
    asked_for = replace(a_ruling(), drawn=True, model="steward-e5-0.4.0", charter_version="abc")
    async with keeping(store) as work:
        await work.rulings.add(TEAM, volunteered)
        await work.rulings.add(TEAM, asked_for)
    async with store.work() as work:
        assert await work.rulings.of(TEAM, asked_for.subject) == [volunteered, asked_for]
        assert [ruling async for ruling in work.rulings.all(TEAM)] == [volunteered, asked_for]


async def test_a_changed_mind_is_kept_beside_the_first(store: Store) -> None:
    rulings = [a_ruling(minutes=1), a_ruling(minutes=2, what=Ruled.REMOVE), a_ruling(minutes=3)]
    async with keeping(store) as work:
        for ruling in rulings:
            await work.rulings.add(TEAM, ruling)
    async with store.work() as work:
        assert await work.rulings.of(TEAM, rulings[0].subject) == rulings


async def test_all_rulings_are_streamed_from_a_moment_on(store: Store) -> None:
    rulings = [a_ruling(f"m{number % 7}", number // 200) for number in range(1200)]
    rulings = [replace(ruling, subject=f"card:{number:05d}") for number, ruling in enumerate(rulings)]
    async with keeping(store) as work:
        for ruling in reversed(rulings):
            await work.rulings.add(TEAM, ruling)
        await work.rulings.add(OTHERS, a_ruling())
    in_order = sorted(rulings, key=lambda one: (one.at, one.by, one.subject))
    async with store.work() as work:
        assert [ruling async for ruling in work.rulings.all(TEAM)] == in_order
        late = [ruling async for ruling in work.rulings.all(TEAM, MONDAY + timedelta(minutes=5))]
    assert late == in_order[1000:]


async def test_before_set_up_there_are_no_rules(store: Store) -> None:
    async with store.work() as work:
        assert await work.communities.current(TEAM) is None
        assert await work.communities.all() == []


async def test_rules_come_back_as_they_were(store: Store) -> None:
    charter = replace(
        a_charter(
            examples=(
                Example(Label.PITCH, "DM me \N{PILE OF POO}", "workshop"),
                Example(Label.CHATTER, "hey"),
            )
        ),
        languages=("en", "fr"),
        draft=True,
    )
    async with keeping(store) as work:
        await work.communities.publish(TEAM, charter, STRICT, MONDAY)
        assert await work.communities.current(TEAM) == (charter, STRICT)
    async with store.work() as work:
        found = await work.communities.current(TEAM)
        assert found == (charter, STRICT)
        assert found[0].version == charter.version
        assert await work.communities.current(OTHERS) is None


async def test_what_was_published_last_is_in_force(store: Store) -> None:
    one, two = a_charter(), replace(a_charter(), purpose="other")
    for charter, policy in (
        (one, Policy()),
        (two, Policy()),
        (one, Policy()),
        (one, Policy()),
        (one, STRICT),
    ):
        async with keeping(store) as work:
            await work.communities.publish(TEAM, charter, policy, MONDAY)
            assert await work.communities.current(TEAM) == (charter, policy)


async def test_what_the_evidence_permits_is_not_published(store: Store) -> None:
    async with keeping(store) as work:
        await work.communities.publish(TEAM, a_charter(), STRICT, MONDAY)
        held_back = replace(STRICT, leave=Leave(acts=False, why="no evidence"))
        await work.communities.publish(TEAM, a_charter(), held_back, MONDAY)
        await work.communities.publish(OTHERS, a_charter(), held_back, MONDAY)
        for community in (TEAM, OTHERS):
            found = await work.communities.current(community)
            assert found is not None
            assert found[1].leave == Leave()


async def test_every_community_with_a_charter(store: Store) -> None:
    another = Community(Platform.DISCORD, "9")
    for community in (TEAM, another, OTHERS, TEAM):
        async with keeping(store) as work:
            await work.communities.publish(
                community, a_charter(), Policy(lone_limit=len(str(community))), MONDAY
            )
    async with store.work() as work:
        assert await work.communities.all() == [another, TEAM, OTHERS]


async def test_a_member_opts_out_and_in_again(store: Store) -> None:
    async def silent() -> set[str]:
        async with store.work() as work:
            found = await work.communities.opted_out(TEAM, ["ann", "bob"])
            assert await work.communities.opted_out(TEAM, ["cat"]) == set()
            assert await work.communities.opted_out(TEAM, []) == set()
            assert set((await work.decisions.past(TEAM, MONDAY)).opted_out) == found
            return found

    for wish, then in ((False, set()), (True, {"ann"}), (True, {"ann"}), (False, set())):
        async with keeping(store) as work:
            await work.communities.opt_out(TEAM, "ann", silent=wish)
            await work.communities.opt_out(OTHERS, "bob", silent=True)
        assert await silent() == then


async def test_a_member_chooses_direct_messages_and_no_longer(store: Store) -> None:
    async def direct() -> set[str]:
        async with store.work() as work:
            assert await work.communities.chose_direct(TEAM, []) == set()
            assert await work.communities.opted_out(TEAM, ["ann"]) == set()
            return await work.communities.chose_direct(TEAM, ["ann", "bob"])

    for wish, then in ((False, set()), (True, {"ann"}), (True, {"ann"}), (False, set())):
        async with keeping(store) as work:
            await work.communities.choose_direct(TEAM, "ann", direct=wish)
            await work.communities.choose_direct(OTHERS, "bob", direct=True)
        assert await direct() == then
