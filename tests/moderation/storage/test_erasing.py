"""Communities.erase_member and Communities.erase, and the pure part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from moderation.actions import (
    Action,
    Answered,
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    PitchCard,
    RemovePitch,
    RenewCard,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    TakeBack,
    TellAppealAnswer,
    Welcome,
)
from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.exchanges import Exchange
from moderation.labels import Label
from moderation.messages import Attachment
from moderation.move_actions import DeleteCopy, EditCopy, MoveStretch, TellOfReply, UndoMove
from moderation.pitch_actions import (
    ClaimPitch,
    HoldPitch,
    News,
    PromotePitch,
    ReleasePitch,
    ShowBacklog,
    TellNews,
)
from moderation.policy import Policy
from moderation.ports import Community, MovedPost, MoveState, Store
from moderation.report_actions import (
    AskAboutDrawn,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    ShowObjection,
)
from moderation.storage.erasing import Erasing
from tests.factories import MONDAY, a_charter, a_message
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

ANN = Erasing("ann", {"C1/00001", "C2/00009"}, {"move:C1/00001:2": "move:C1/00001:bob"})


def a_move(*members: str, by: str = "policy") -> MoveStretch:
    names = {"ann": "00001", "bob": "00002", "cy": "00003"}
    return MoveStretch("C1/00001", "C3", tuple(names[member] for member in members), members, by)


@pytest.mark.parametrize(
    "action",
    [
        NudgeAuthor("ann", "00001", "C3"),
        Welcome("ann", "00001", "C3"),
        FloodHint("ann", "00001"),
        PitchCard("C1/00001", "C1/00001", "ann", drive_by=True, exchanges=0),
        ReturnText("C1/00001", "C1/00001", "ann"),
        ShowObjection("nudge:C1/00001", "C1", "ann"),
        RemovePitch("C1/00001", ("C1/00001",), "ann", by="mo"),
        NudgeStretch("C1/00001", "C3", ("ann",), ("00001",), offer=True),
        a_move("ann"),
        UndoMove("move:C1/00001:ann", ("ann",), by="mo"),
        RenewCard("C1/00001", "fine:mo:2026-03-02T09:00:00+00:00"),
        RenewCard("C1/00002", "fine:ann:2026-03-02T09:00:00+00:00"),
        AskAboutDrawn("drawn:flagged:C1/00001", "C1/00001", 0, Label.CHATTER, 0.9),
        RenewQuestion("drawn:flagged:C1/00001", "C1/00001", "fine:mo:2026-03-02T09:00:00+00:00"),
        RenewQuestion("drawn:flagged:C1/00002", "C1/00002", "fine:ann:2026-03-02T09:00:00+00:00"),
        ShowAppeal("C1/00001", "C1/00001", "ann"),
        RestorePitch("C1/00001", "C1/00001", "ann", by="mo"),
        TellAppealAnswer("C1/00001", "ann", Answered.STANDS),
        OfferNote("returned:C1/00001", "ann"),
        TakeBack("lone:00001", "", "ann"),
        EditCopy("move:C1/00001:ann:copy:00001", "C1/00001", "ann", 1),
        DeleteCopy("move:C1/00001:ann:copy:00001", "C1/00001", "ann"),
        TellOfReply("ann", "C1/00001", "00009", "C3"),
        PromotePitch("C1/00001", ("C1/00001",), "C4", "ann", by="mo"),
        HoldPitch("C1/00001", "C1/00001", 0, "ann"),
        ReleasePitch("C1/00001", "C1/00001", 0, "ann"),
        TellNews("C1/00001", "ann", News.HELD, "C1"),
        ClaimPitch("C1/00002", "ann", "2026-03-02T09:00:00+00:00"),
        ClaimPitch("C1/00001", "mo", "2026-03-02T09:00:00+00:00"),
        RenewCard("C1/00002", "unclaimed:ann:2026-03-02T09:00:00+00:00"),
    ],
)
def test_an_action_about_one_person_goes_with_them(action: Action) -> None:
    assert ANN.without(action) is None


@pytest.mark.parametrize(
    "action, rest",
    [
        (
            NudgeStretch("C1/00001", "C3", ("ann", "bob"), ("00001", "00002", "00009"), offer=True),
            NudgeStretch("C1/00001", "C3", ("bob",), ("00002", "00009"), offer=True),  # 9 is hers in C2 only
        ),
        (a_move("ann", "bob", by="ann"), a_move("bob", by="")),
        (UndoMove("move:C1/00001:2", ("bob", "ann"), "ann"), UndoMove("move:C1/00001:bob", ("bob",), "")),
        (
            RemovePitch("C1/00002", ("C1/00002",), "bob", by="ann"),
            RemovePitch("C1/00002", ("C1/00002",), "bob", by=""),
        ),
        (
            RestorePitch("C1/00002", "C1/00002", "bob", by="ann"),
            RestorePitch("C1/00002", "C1/00002", "bob", by=""),
        ),
        (TakeBack("lone:00001", "00077", "ann"), TakeBack("", "00077")),
        (
            PromotePitch("C1/00002", ("C1/00002",), "C4", "bob", by="ann"),
            PromotePitch("C1/00002", ("C1/00002",), "C4", "bob", by=""),
        ),
    ],
)
def test_an_action_about_others_too_is_kept_without_them(action: Action, rest: Action) -> None:
    assert ANN.without(action) == rest


@pytest.mark.parametrize(
    "action",
    [
        NudgeAuthor("bob", "00002", "C3"),
        a_move("bob", "cy"),
        UndoMove("move:C1/00002:bob", ("bob",), by="mo"),
        RemovePitch("C1/00002", ("C1/00002",), "bob", by="mo"),
        RenewCard("C1/00002", "fine:annette:2026-03-02T09:00:00+00:00"),
        ReportPermission("slack:T1", "chat:write", "C1", "missing_scope"),
        ReportStanding(Label.CHATTER, 1, "at most 5 wrong nudges in 100, 95 % sure", 0.9, 60, 0),
        AskAboutDrawn("drawn:flagged:C1/00002", "C1/00002", 0, Label.CHATTER, 0.9),
        ShowAppeal("C1/00002", "C1/00002", "bob"),
        OfferNote("returned:C1/00002", "bob"),
        TakeBack("lone:00002", "00077", "bob"),
        TakeBack("nudge:C1/00001", "00077"),
        ClaimPitch("C1/00002", "mo", "2026-03-02T09:00:00+00:00"),
        HoldPitch("C1/00002", "C1/00002", 0, "bob"),
        ShowBacklog("2026-03-02T09", "2026-03-02T09:05"),
    ],
)
def test_an_action_about_others_stays(action: Action) -> None:
    assert ANN.without(action) == action


def test_a_move_goes_by_another_name_without_one_of_its_people() -> None:
    together = a_move("ann", "bob")
    assert ANN.new_markers([together, a_move("ann"), a_move("bob"), Welcome("ann", "1", "C3")]) == {
        together.marker: a_move("bob").marker
    }


@pytest.mark.parametrize(
    "subject, hers",
    [
        ("card:C1/00001", True),
        ("lone:00001", True),
        ("lone:00002", False),
        ("nudge:C1/00001", False),
        ("drawn:flagged:C1/00001", True),
        ("drawn:not_flagged:C2/00009", True),
        ("drawn:flagged:C1/00009", False),
    ],
)
def test_rulings_on_their_posts_are_known(subject: str, hers: bool) -> None:
    assert ANN.concerns(subject) is hers


async def put(store: Store, *actions: Action) -> None:
    async with keeping(store) as work:
        for action in actions:
            assert await work.outbox.add(TEAM, "C1", action, MONDAY)


async def erase(store: Store, member: str = "ann", community: Community = TEAM) -> None:
    async with keeping(store) as work:
        await work.communities.erase_member(community, member)


async def actions_in_outbox(store: Store) -> list[Action]:
    async with store.work() as work:
        deliveries = await work.outbox.all(TEAM)
        for delivery in deliveries:
            assert await work.outbox.find(TEAM, delivery.action.marker) == delivery
    return [delivery.action for delivery in deliveries]


async def test_messages_decisions_and_exchanges_of_one_person_go(store: Store) -> None:
    hers, his = a_message(1), replace(a_message(2, author="bob"), attachments=(Attachment("plan"),))
    await keep(store, hers, his)
    exchanges = [Exchange("bob", "ann", MONDAY, "00002"), Exchange("bob", "cy", MONDAY, "00002")]
    await decide(store, a_decision(hers), a_decision(his), exchanges=exchanges)
    async with keeping(store) as work:
        await work.communities.opt_out(TEAM, "ann", silent=True)
        await work.communities.opt_out(TEAM, "bob", silent=True)
        for member in ("ann", "bob"):
            await work.communities.choose_direct(TEAM, member, direct=True)
    await erase(store)
    async with store.work() as work:
        assert await work.communities.chose_direct(TEAM, ["ann", "bob"]) == {"bob"}
        assert await work.messages.get([hers.key, his.key]) == [None, his]
        assert [stored.decision async for stored in work.decisions.all(TEAM)] == [a_decision(his)]
        past = await work.decisions.past(TEAM, LATER)
    assert (past.posts, past.given, past.received) == ({"bob": 1}, {"bob": 1}, {"cy": 1})
    assert set(past.opted_out) == {"bob"}


async def test_only_in_this_community(store: Store) -> None:
    elsewhere = a_message(1, community="T2")
    await keep(store, a_message(1), elsewhere)
    await decide(store, a_decision(a_message(1)), a_decision(elsewhere))
    await erase(store)
    async with store.work() as work:
        assert await work.messages.get([a_key(1), elsewhere.key]) == [None, elsewhere]
        assert await work.decisions.get(elsewhere.key) == a_decision(elsewhere)


async def test_mentions_by_others_go_and_nothing_else_of_their_messages(store: Store) -> None:
    messages = [a_message(number, author="bob", mentions=("cy", "ann")) for number in range(1, 251)]
    await keep(store, *messages)
    await erase(store)
    async with store.work() as work:
        found = await work.messages.get([message.key for message in messages])
    assert found == [replace(message, mentions=("cy",)) for message in messages]


async def test_others_decisions_are_kept_without_the_person(store: Store) -> None:
    await decide(
        store, a_decision(a_message(2, author="bob"), a_move("ann", "bob"), Welcome("bob", "00002", "C3"))
    )
    await decide(store, a_decision(a_message(3, author="cy"), ShowObjection("lone:00003", "C1", "ann")))
    await keep(store, a_message(1))
    await erase(store)
    async with store.work() as work:
        actions = [stored.decision.actions async for stored in work.decisions.all(TEAM)]
    assert actions == [(a_move("bob"), Welcome("bob", "00002", "C3")), ()]


async def test_the_outbox_is_kept_without_the_person(store: Store) -> None:
    together, alone = a_move("ann", "bob", "cy"), a_move("ann")
    undo = UndoMove(together.marker, ("ann", "cy"), by="ann")
    await put(store, together, alone, undo, Welcome("ann", "00001", "C3"), Welcome("bob", "00002", "C3"))
    await keep(store, a_message(1))
    await erase(store)
    rest = a_move("bob", "cy")
    assert await actions_in_outbox(store) == [
        rest,
        UndoMove(rest.marker, ("cy",), by=""),
        Welcome("bob", "00002", "C3"),
    ]


async def test_a_line_to_the_person_is_still_taken_away(store: Store) -> None:
    await put(store, NudgeAuthor("ann", "00001", "C3"), TakeBack("lone:00001", "00077", "ann"))
    await erase(store)
    assert await actions_in_outbox(store) == [TakeBack("", "00077")]


@pytest.mark.parametrize("first", [True, False])
async def test_two_actions_that_become_the_same_are_one(store: Store, first: bool) -> None:
    actions = [a_move("ann", "bob", by="ann"), a_move("bob", by="bob")]
    await put(store, *(actions if first else reversed(actions)))
    await erase(store)
    assert await actions_in_outbox(store) == [a_move("bob", by="bob")]


async def test_a_result_that_names_the_person_is_blanked(store: Store) -> None:
    await put(store, Welcome("bob", "00002", "C3"), Welcome("cy", "00003", "C3"))
    async with keeping(store) as work:
        for delivery, result in zip(await work.outbox.all(TEAM), ("told ann", "told cy"), strict=True):
            await work.outbox.postpone(delivery.id, MONDAY, result)
    await erase(store)
    async with store.work() as work:
        assert [delivery.result for delivery in await work.outbox.all(TEAM)] == ["", "told cy"]


async def test_moved_posts_follow_the_new_name_of_their_move(store: Store) -> None:
    together, rest = a_move("ann", "bob"), a_move("bob")
    other = a_move("bob", "cy")
    posts = [
        MovedPost(move, a_key(number), author, "C3", MoveState.MOVED, "copy")
        for move, number, author in (
            (together.marker, 1, "ann"),
            (together.marker, 2, "bob"),
            (other.marker, 2, "bob"),
        )
    ]
    await put(store, together, other)
    async with keeping(store) as work:
        await work.moves.put(TEAM, posts)
    await erase(store)
    async with store.work() as work:
        assert await work.moves.of(TEAM, together.marker) == []
        assert await work.moves.of(TEAM, rest.marker) == [replace(posts[1], move=rest.marker)]
        assert await work.moves.with_original(a_key(1)) == []
        assert await work.moves.with_original(a_key(2)) == [replace(posts[1], move=rest.marker), posts[2]]


async def test_a_post_that_is_in_the_other_move_already_stays_once(store: Store) -> None:
    together, rest = a_move("ann", "bob"), a_move("bob")
    post = MovedPost(rest.marker, a_key(2), "bob", "C3", MoveState.COPIED, "copy")
    await put(store, together, rest)
    async with keeping(store) as work:
        await work.moves.put(TEAM, [replace(post, move=together.marker, state=MoveState.UNDONE), post])
    await erase(store)
    async with store.work() as work:
        assert await work.moves.with_original(a_key(2)) == [post]


async def test_their_rulings_and_those_on_their_posts_go(store: Store) -> None:
    subjects = [
        ("card:C1/00001", "mo"),
        ("card:C1/00002", "ann"),
        ("card:C1/00002", "mo"),
        ("lone:00001", "mo"),
    ]
    rulings = [Ruling(subject, Ruled.FINE, by, MONDAY) for subject, by in subjects]
    await keep(store, a_message(1), a_message(2, author="bob"))
    async with keeping(store) as work:
        for ruling in rulings:
            await work.rulings.add(TEAM, ruling)
            await work.rulings.add(OTHERS, ruling)
    await erase(store)
    async with store.work() as work:
        assert [ruling async for ruling in work.rulings.all(TEAM)] == [rulings[2]]
        assert len([ruling async for ruling in work.rulings.all(OTHERS)]) == 4


async def test_erasing_the_unknown_changes_nothing(store: Store) -> None:
    await keep(store, a_message(1))
    await erase(store, "nobody")
    async with store.work() as work:
        assert await work.messages.get([a_key(1)]) == [a_message(1)]


async def furnish(store: Store, community: Community) -> None:
    """One of everything."""
    message = replace(a_message(1, author="bob"), key=replace(a_key(1), platform=community.platform))
    await keep(store, message)
    await decide(store, a_decision(message), exchanges=[Exchange("bob", "ann", MONDAY, "00001")])
    async with keeping(store) as work:
        await work.outbox.add(community, "C1", Welcome("bob", "00001", "C3"), MONDAY)
        await work.moves.put(community, [MovedPost("move:x", message.key, "bob", "C3", MoveState.MOVED)])
        await work.rulings.add(community, Ruling("lone:x", Ruled.FINE, "mo", MONDAY))
        drawn = Draw(
            message.key, 0, Occasion.FLAGGED, Label.PITCH, 0.9, 1.0, 1.0, MONDAY, "test-model", "abc"
        )
        await work.draws.add([drawn])
        await work.communities.opt_out(community, "bob", silent=True)
        await work.communities.choose_direct(community, "bob", direct=True)
        await work.communities.publish(community, a_charter(), Policy(), MONDAY)


async def contents(store: Store, community: Community) -> Sequence[object]:
    """Whatever there is of a community."""
    async with store.work() as work:
        past = await work.decisions.past(community, LATER)
        return [
            await work.messages.get([replace(a_key(1), platform=community.platform)]),
            dict(await work.messages.last_posted(community)),
            [stored async for stored in work.decisions.all(community)],
            dict(past.given),
            set(past.opted_out),
            await work.communities.chose_direct(community, ["bob"]),
            await work.outbox.all(community),
            await work.moves.of(community, "move:x"),
            [ruling async for ruling in work.rulings.all(community)],
            [draw async for draw in work.draws.all(community)],
            await work.communities.current(community),
            [one for one in await work.communities.all() if one == community],
        ]


async def test_a_community_is_erased_everywhere_and_another_is_not(store: Store) -> None:
    nothing = await contents(store, TEAM)
    for community in (TEAM, OTHERS):
        await furnish(store, community)
    other = await contents(store, OTHERS)
    async with keeping(store) as work:
        await work.communities.erase(TEAM)
    assert await contents(store, TEAM) == nothing
    assert await contents(store, OTHERS) == other
    assert not any(one == two for one, two in zip(nothing[1:], other[1:], strict=True))
