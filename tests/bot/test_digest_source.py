"""What a digest reads from a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.digest_source import read_digest
from moderation.charter import Charter
from moderation.decisions import Outcome
from moderation.digest import Digest, week_of
from moderation.policy import Policy
from tests.factories import CHATTER, MONDAY, a_charter, a_message
from tests.fakes.memory_store import MemoryStore
from tests.moderation.storage.contract import TEAM, a_decision, decide, keep


async def told(charter: Charter, **options: str) -> Digest:
    """The digest of two casual posts in the social channel, the older of which is forgotten."""
    store = MemoryStore()
    forgotten, known = a_message(1, channel="C3"), a_message(2, minutes=60, channel="C3")
    await keep(store, forgotten, until=MONDAY)
    await keep(store, known)
    async with store.work() as work:
        await work.messages.forget_texts(MONDAY + timedelta(hours=2))
        await work.commit()
    await decide(
        store, *(a_decision(one, verdict=CHATTER, outcome=Outcome.COUNTED) for one in (forgotten, known))
    )
    return await read_digest(store, TEAM, (charter, Policy()), week_of(MONDAY, "UTC"), names=options)


def by_name() -> Charter:
    """A charter that knows its channels by name alone."""
    charter = a_charter()
    return replace(charter, channels=tuple(replace(channel, id=None) for channel in charter.channels))


async def test_a_channel_whose_id_the_charter_knows() -> None:
    (line,) = (await told(a_charter())).channels
    assert (line.channel.name, line.channel.counts.on_topic) == ("teabreak", 2)


async def test_a_channel_that_only_its_messages_name() -> None:
    (line,) = (await told(by_name())).channels
    assert (line.channel.name, line.channel.counts.on_topic) == ("teabreak", 2)


async def test_a_channel_whose_name_was_told() -> None:
    (line,) = (await told(by_name(), C3="Teabreak")).channels
    assert line.channel.counts.on_topic == 2
