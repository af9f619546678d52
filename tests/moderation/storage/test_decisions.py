"""moderation.ports.Decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from moderation.actions import FloodHint, PitchCard, Welcome
from moderation.decisions import Decision, Outcome, Probabilities, Verdict
from moderation.exchanges import Exchange
from moderation.ledger import Past
from moderation.messages import Attachment, Author, Kind, Message
from moderation.move_actions import MoveStretch
from moderation.ports import Community, Store, Stored
from moderation.storage.database import SqlStore
from tests.factories import MONDAY, UNSURE, a_message
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
)


def everything() -> Decision:
    """A decision in which no field has its default."""
    move = MoveStretch("C1/00001", "C3", ("00001", "00002"), ("ann", "bob"), by="policy")
    card = PitchCard(
        "C1/00001", "C1/00001", "ann", drive_by=True, exchanges=0, copies=("C1/00001", "C2/00004")
    )
    return replace(
        a_decision(
            a_message(1, thread="00009", revision=3),
            a_nudge(),
            move,
            card,
            reasons=("\N{PILE OF POO}", "two"),
        ),
        verdict=Verdict(
            Probabilities(0.1, 0.2, 0.7000000000000001), "said \udc00 so", "model-3", abstained=True
        ),
        outcome=Outcome.PITCH,
        stretch="C1/00001",
        skipped="why not",
        held_back=True,
    )


async def all_of(store: Store, community: Community = TEAM, **since: object) -> list[Stored]:
    async with store.work() as work:
        return [stored async for stored in work.decisions.all(community, **since)]  # type: ignore[arg-type] # datetime


async def test_a_decision_comes_back_as_it_was(store: Store) -> None:
    await decide(store, everything())
    async with store.work() as work:
        found = await work.decisions.get(everything().key)
    verdict = everything().verdict
    assert verdict is not None
    assert found == replace(everything(), verdict=replace(verdict, why="said \N{REPLACEMENT CHARACTER} so"))


@pytest.mark.parametrize("verdict", [None, UNSURE])
async def test_a_decision_without_verdict_actions_or_reasons(store: Store, verdict: Verdict | None) -> None:
    decision = a_decision(a_message(1), verdict=verdict, reasons=())
    await decide(store, decision)
    async with store.work() as work:
        assert await work.decisions.get(decision.key) == decision


async def test_nothing_was_decided_about_the_unknown(store: Store) -> None:
    async with keeping(store) as work:
        await work.decisions.add([], [])
        assert await work.decisions.get(a_key(1)) is None
        assert await work.decisions.count(TEAM) == 0


async def test_the_same_revision_again_replaces(store: Store) -> None:
    message = a_message(1)
    await decide(store, a_decision(message, a_nudge()))
    again = a_decision(message, outcome=Outcome.STRETCH, reasons=("settled",))
    await decide(store, a_decision(message), again)
    async with store.work() as work:
        assert await work.decisions.get(message.key) == again
        assert await work.decisions.count(TEAM) == 1


async def test_get_gives_the_newest_revision_that_has_a_decision(store: Store) -> None:
    revisions = [a_message(1, revision=number) for number in range(3)]
    await keep(store, revisions[2])
    await decide(store, a_decision(revisions[1]), a_decision(revisions[0]))
    async with store.work() as work:
        assert await work.decisions.get(a_key(1)) == a_decision(revisions[1])


async def test_all_come_with_their_messages_in_order_of_posting(store: Store) -> None:
    posted = [(1, 5.0, "C1"), (2, 1.0, "C1"), (4, 2.0, "C1"), (3, 2.0, "C2"), (4, 2.0, "C2")]
    messages = [a_message(number, minutes=at, channel=channel) for number, at, channel in posted]
    await keep(store, *messages)
    await decide(store, *(a_decision(message, a_nudge(number)) for number, message in enumerate(messages)))
    order = [messages[1], messages[3], messages[2], messages[4], messages[0]]
    assert await all_of(store) == [
        Stored(one, a_decision(one, a_nudge(messages.index(one)))) for one in order
    ]


async def test_all_since_a_moment_and_of_one_community(store: Store) -> None:
    messages = [a_message(number, minutes=number) for number in range(4)]
    await decide(store, *map(a_decision, messages), a_decision(a_message(7, minutes=7, community="T2")))
    found = await all_of(store, since=MONDAY + timedelta(minutes=2))
    assert [stored.decision.key for stored in found] == [a_key(2), a_key(3)]
    assert await all_of(store, OTHERS) == []


async def test_an_edited_message_comes_once_for_each_decision(store: Store) -> None:
    first, edited = a_message(1), a_message(1, revision=1, text="oak, I mean")
    await keep(store, first)
    await decide(store, a_decision(first, a_nudge()))
    await keep(store, edited)
    await decide(store, a_decision(edited))
    assert await all_of(store) == [
        Stored(edited, a_decision(first, a_nudge())),
        Stored(edited, a_decision(edited)),
    ]
    async with store.work() as work:
        assert await work.decisions.count(TEAM) == 2


async def test_a_decision_stands_for_a_message_that_was_never_stored(store: Store) -> None:
    message = a_message(1, thread="00009", revision=2)
    await decide(store, a_decision(message, verdict=None, skipped="posted by a bot"))
    (stored,) = await all_of(store)
    assert stored.message == Message(
        message.key, Author("ann", ""), "", message.posted_at, revision=2, thread="00009"
    )


async def test_however_many_there_are_all_are_streamed(store: Store) -> None:
    # More than two pages, and many of the same moment.
    messages = [a_message(number, minutes=number // 300) for number in range(1200)]
    await decide(store, *map(a_decision, messages))
    found = await all_of(store)
    assert [int(stored.decision.key.message) for stored in found] == list(range(1200))
    async with store.work() as work:
        assert await work.decisions.count(TEAM) == 1200


async def bare_of(store: Store, **limits: datetime) -> list[Stored]:
    async with store.work() as work:
        return [stored async for stored in work.decisions.bare(TEAM, **limits)]


async def test_bare_is_what_all_gives_without_what_people_wrote(store: Store) -> None:
    whole = a_message(1, thread="00009", reply_to="00008", revision=3, roles=("mod",), mentions=("Bob",))
    whole = replace(whole, kind=Kind.BOT, attachments=(Attachment("oak.png"),))
    whole = replace(whole, author=replace(whole.author, is_bot=True))
    unread, lost = a_message(2, minutes=1), a_message(3, minutes=2, thread="00009", revision=1)
    skipped = a_decision(unread, verdict=None, skipped="posted by a bot")
    await keep(store, whole, unread)
    await decide(store, everything(), skipped, a_decision(lost, verdict=UNSURE))
    bare = [
        Stored(
            replace(
                each.message,
                author=Author(each.message.author.id, "", each.message.author.is_bot),
                text="",
                channel_name="",
                mentions=(),
                attachments=(),
            ),
            replace(
                each.decision,
                verdict=each.decision.verdict and replace(each.decision.verdict, why=""),
                reasons=(),
            ),
        )
        for each in await all_of(store)
    ]
    assert await bare_of(store) == bare
    assert [len(each.decision.actions) for each in bare] == [3, 0, 0]
    assert (bare[0].message.reply_to, bare[0].message.kind) == ("00008", Kind.BOT)


async def test_bare_goes_from_one_moment_until_just_before_another(store: Store) -> None:
    await decide(store, *(a_decision(a_message(number, minutes=number)) for number in range(5)))
    since, until = MONDAY + timedelta(minutes=1), MONDAY + timedelta(minutes=3)
    found = await bare_of(store, since=since, until=until)
    assert [stored.decision.key for stored in found] == [a_key(1), a_key(2)]
    assert await bare_of(store, since=until, until=since) == []


async def test_bare_has_the_same_order_however_many_there_are(store: Store) -> None:
    # More than two pages, many of the same moment, some edited and some of the same number in two channels.
    messages = [a_message(number, minutes=number // 700) for number in range(2_000)]
    messages += [a_message(number, minutes=number // 700, channel="C2") for number in range(0, 2_000, 7)]
    messages += [a_message(number, minutes=number // 700, revision=1) for number in range(0, 2_000, 5)]
    await decide(store, *(a_decision(message, reasons=()) for message in messages))
    found = [(stored.decision.key, stored.decision.revision) for stored in await bare_of(store)]
    assert found == [(stored.decision.key, stored.decision.revision) for stored in await all_of(store)]
    assert len(found) == len(messages)


def an_exchange(giver: str, receiver: str, number: int, minutes: float = 0) -> Exchange:
    return Exchange(giver, receiver, MONDAY + timedelta(minutes=minutes), f"{number:05d}")


async def past(store: Store, minutes: float = 99) -> Past:
    async with store.work() as work:
        assert await work.decisions.past(OTHERS, LATER) == Past(
            welcomed=set(), flood_told=set(), opted_out=set()
        )
        return await work.decisions.past(TEAM, MONDAY + timedelta(minutes=minutes))


async def test_past_counts_judged_posts_before_a_moment(store: Store) -> None:
    await decide(
        store,
        a_decision(a_message(1)),
        a_decision(a_message(1, revision=1)),
        a_decision(a_message(1, channel="C2", author="bob")),
        a_decision(a_message(2, minutes=1)),
        a_decision(a_message(3), verdict=None, skipped="an empty message"),
        a_decision(a_message(4, community="T2")),
    )
    assert (await past(store)).posts == {"ann": 2, "bob": 1}
    assert (await past(store, 1)).posts == {"ann": 1, "bob": 1}
    assert (await past(store, 0)).posts == {}


async def test_past_counts_exchanges_before_a_moment(store: Store) -> None:
    first, second = a_message(1, author="bob"), a_message(2, author="ann", minutes=5)
    exchanges = [
        an_exchange("bob", "ann", 1),
        an_exchange("bob", "cy", 1),
        an_exchange("ann", "bob", 2, minutes=5),
        an_exchange("bob", "ann", 2, minutes=4),
    ]
    await decide(store, a_decision(first), a_decision(second), exchanges=exchanges)
    whole = await past(store)
    assert (whole.given, whole.received) == ({"bob": 3, "ann": 1}, {"ann": 2, "cy": 1, "bob": 1})
    half = await past(store, 4)
    assert (half.given, half.received) == ({"bob": 2}, {"ann": 1, "cy": 1})


async def test_an_exchange_counts_once_and_outlives_a_decision_made_again(store: Store) -> None:
    message = a_message(1, author="bob")
    for exchanges in ([an_exchange("bob", "ann", 1)] * 2, [an_exchange("bob", "ann", 1)], []):
        await decide(store, a_decision(message), exchanges=exchanges)
    assert (await past(store)).given == {"bob": 1}


async def test_an_exchange_belongs_to_the_community_of_its_decision(store: Store) -> None:
    here, there = a_message(1, author="bob"), a_message(1, author="cy", community="T2")
    exchanges = [an_exchange("cy", "dee", 1), an_exchange("bob", "ann", 1)]
    await decide(store, a_decision(here), a_decision(there), exchanges=exchanges)
    assert (await past(store)).given == {"bob": 1}


async def test_an_exchange_without_its_decision_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="No decision"):
        await decide(store, a_decision(a_message(1)), exchanges=[an_exchange("ann", "bob", 2)])
    assert await all_of(store) == []


async def test_past_knows_who_was_told_what_and_who_opted_out(store: Store) -> None:
    await decide(
        store,
        a_decision(a_message(1), Welcome("ann", "00001", "C3")),
        a_decision(a_message(2, author="bob", minutes=50), a_nudge(), FloodHint("bob", "00002")),
        a_decision(a_message(3, author="cy", community="T2"), Welcome("cy", "00003", "C3")),
    )
    async with keeping(store) as work:
        await work.communities.opt_out(TEAM, "dee", silent=True)
    told = await past(store, 0)
    assert (set(told.welcomed), set(told.flood_told), set(told.opted_out)) == ({"ann"}, {"bob"}, {"dee"})


async def test_what_is_streamed_stays_readable_while_others_write(sql_store: SqlStore) -> None:
    await decide(sql_store, *(a_decision(a_message(number)) for number in range(600)))
    seen = 0
    async with sql_store.work() as work:
        async for _ in work.decisions.all(TEAM):
            if seen == 0:
                await decide(sql_store, a_decision(a_message(700)))
            seen += 1
    assert seen == 601
