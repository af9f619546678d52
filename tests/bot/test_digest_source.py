"""What a digest reads from a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.digest_source import Asked, read_digest
from moderation.actions import PitchCard
from moderation.charter import Charter
from moderation.decisions import Outcome, Ruled, Ruling
from moderation.digest import Digest, Trust
from moderation.draws import Draw, Occasion
from moderation.evidence import standings
from moderation.labels import Label
from moderation.messages import Message
from moderation.periods import week_of
from moderation.policy import Policy
from moderation.ports import Store
from moderation.promise import Promise
from moderation.ruling_counts import RulingCounts
from tests.factories import CHATTER, MONDAY, a_charter, a_message
from tests.fakes.memory_store import MemoryStore
from tests.moderation.storage.contract import TEAM, a_decision, decide, keep, keeping

MODEL = "test-model"
PROMISED = Policy(promise=str(Promise()))
NOW = MONDAY + timedelta(days=7)
ASKED = Asked(TEAM, a_charter(), PROMISED, week_of(MONDAY, "UTC"), NOW, MODEL)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


# --- the names of channels -------------------------------------------------------------------------------------------


async def told(store: Store, charter: Charter, **names: str) -> Digest:
    """The digest of two casual posts in the social channel, the older of which is forgotten."""
    forgotten, known = a_message(1, channel="C3"), a_message(2, minutes=60, channel="C3")
    await keep(store, forgotten, until=MONDAY)
    await keep(store, known)
    async with store.work() as work:
        await work.messages.forget_texts(MONDAY + timedelta(hours=2))
        await work.commit()
    await decide(
        store, *(a_decision(one, verdict=CHATTER, outcome=Outcome.COUNTED) for one in (forgotten, known))
    )
    return await read_digest(store, replace(ASKED, charter=charter, policy=Policy(), names=names or None))


def by_name() -> Charter:
    """A charter that knows its channels by name alone."""
    charter = a_charter()
    return replace(charter, channels=tuple(replace(channel, id=None) for channel in charter.channels))


async def test_a_channel_whose_id_the_charter_knows(store: MemoryStore) -> None:
    (line,) = (await told(store, a_charter())).channels
    assert (line.channel.name, line.channel.counts.on_topic) == ("teabreak", 2)


async def test_a_channel_that_only_its_messages_name(store: MemoryStore) -> None:
    (line,) = (await told(store, by_name())).channels
    assert (line.channel.name, line.channel.counts.on_topic) == ("teabreak", 2)


async def test_a_channel_whose_name_was_told(store: MemoryStore) -> None:
    (line,) = (await told(store, by_name(), C3="Teabreak")).channels
    assert line.channel.counts.on_topic == 2


# --- rulings and the promise -----------------------------------------------------------------------------------------


def a_draw(message: Message, *, days: float = 0, model: str = MODEL) -> Draw:
    at, charter = message.posted_at + timedelta(days=days), a_charter().version
    return Draw(message.key, 0, Occasion.FLAGGED, Label.CHATTER, 0.95, 1.0, 1.0, at, model, charter)


def said(draw: Draw, what: Ruled, by: str = "mona", *, days: float = 0) -> Ruling:
    at = draw.drawn_at + timedelta(days=days, minutes=1)
    return Ruling(draw.subject, what, by, at, moderator=True, drawn=True)


async def drawn(store: Store, draws: Sequence[Draw], rulings: Sequence[Ruling]) -> None:
    async with keeping(store) as work:
        await work.draws.add(draws)
        for ruling in rulings:
            await work.rulings.add(TEAM, ruling)


async def trust(store: Store, **asked: object) -> Trust:
    return (await read_digest(store, replace(ASKED, **asked))).trust  # type: ignore[arg-type] # fields of Asked


async def test_standings_are_those_by_which_steward_acts(store: MemoryStore) -> None:
    draws = [a_draw(a_message(number, minutes=number)) for number in range(1, 90)]
    others = [a_draw(a_message(number, minutes=number), model="another") for number in range(90, 100)]
    await drawn(
        store,
        [*draws, *others],
        [said(draw, Ruled.CHATTER) for draw in draws[:-1]] + [said(draws[-1], Ruled.FINE)],
    )
    found = await trust(store)
    async with store.work() as work:
        wanted = await standings(work, TEAM, Promise(), MODEL, a_charter().version, NOW)
    assert found.promise == Promise()
    assert found.standings == {Label.CHATTER: wanted.chatter, Label.PITCH: wanted.pitch}
    assert (found.standings[Label.CHATTER].ruled, found.standings[Label.CHATTER].wrong) == (89, 1)
    assert found.rulings == RulingCounts(right=88, wrong=1, drawn=89)


async def test_without_a_promise_there_are_no_standings(store: MemoryStore) -> None:
    assert await trust(store, policy=Policy()) == Trust()


async def test_a_stored_promise_that_cannot_be_read_is_no_failure(store: MemoryStore) -> None:
    found = await trust(store, policy=Policy(promise="the moon"))
    assert "'the moon' is no promise" in found.unreadable
    assert found.promise is None


async def test_live_rulings_belong_to_the_week_in_which_they_were_made(store: MemoryStore) -> None:
    old, new = (a_draw(a_message(number, minutes=number), days=-20) for number in (1, 2))
    await drawn(
        store,
        [old, new],
        [said(old, Ruled.CHATTER), said(new, Ruled.CHATTER), said(new, Ruled.FINE, "max", days=22)],
    )
    assert (await trust(store)).rulings == RulingCounts(wrong=1, drawn=1, disputed=1)


async def test_live_rulings_after_the_week_are_those_of_the_next(store: MemoryStore) -> None:
    draw = a_draw(a_message(1))
    await drawn(store, [draw], [said(draw, Ruled.FINE), said(draw, Ruled.CHATTER, days=8)])
    assert (await trust(store)).rulings == RulingCounts(wrong=1, drawn=1)


async def test_rulings_on_a_replay_belong_to_the_week_of_their_messages(store: MemoryStore) -> None:
    there, elsewhere, later = (
        a_message(1),
        a_message(2, minutes=5, channel="C2"),
        a_message(3, minutes=8 * 24 * 60),
    )
    await keep(store, there, elsewhere, later)
    draws = [a_draw(message, days=700, model="of the replay") for message in (there, elsewhere, later)]
    await drawn(store, draws, [said(draw, Ruled.CHATTER) for draw in draws])
    now = MONDAY + timedelta(days=800)
    found = await trust(store, rehearsed=True, model="", now=now)
    assert found.rulings == RulingCounts(right=2, drawn=2)
    assert found.standings[Label.CHATTER].ruled == 3
    assert (await trust(store, rehearsed=True, now=now, channel="C2")).rulings == RulingCounts(
        right=1, drawn=1
    )


async def test_a_press_on_a_card_is_one_case(store: MemoryStore) -> None:
    messages = [a_message(number, minutes=number, channel=f"C{number}") for number in (1, 2)]
    draws = [replace(a_draw(message), label=Label.PITCH) for message in messages]
    copies = tuple(draw.key.name for draw in draws)
    async with keeping(store) as work:
        for name in copies:
            card = PitchCard(copies[0], name, "eve", drive_by=True, exchanges=0, copies=copies)
            await work.outbox.add(TEAM, "C1", card, MONDAY)
    press = replace(said(draws[0], Ruled.REMOVE), subject=f"card:{copies[0]}", drawn=False)
    await drawn(store, draws, [press, *(replace(press, subject=draw.subject, drawn=True) for draw in draws)])
    assert (await trust(store)).rulings == RulingCounts(right=1, drawn=1)
