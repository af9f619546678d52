"""bot.workers and bot.living: what is told is judged and answered by tasks of its own, which outlive their failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

import bot.workers
from bot.living import LiveClock, Living
from bot.playground.memory import MemoryPlatform
from bot.workers import Workers
from moderation.errors import StoreError
from moderation.messages import Message, Platform
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Button, Community, DeliveryState, Press, Store
from tests.factories import a_charter
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore
from tests.moderation.stage import BUSINESS, MODERATORS, SOCIAL, WORK

PITCH = "ten leads a day, dm me for a discount"


@dataclass
class House:
    """A community whose platform tells a living line of what is posted, as an adapter does."""

    platform: MemoryPlatform
    pipeline: Pipeline
    workers: Workers
    living: Living
    store: Store

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until it is to be seen, at most five seconds."""
        async with asyncio.timeout(5):
            while not seen():  # noqa: ASYNC110 - it looks at a platform that tells nobody of its changes
                await asyncio.sleep(0.01)

    def cards(self) -> list[str]:
        return [post.marker for post in self.platform.world.standing(MODERATORS)]


@asynccontextmanager
async def a_house(store: Store) -> AsyncIterator[House]:
    platform = MemoryPlatform(lambda: datetime.now(UTC))
    platform.add_member("pete")
    platform.add_member("mona", moderator=True)
    platform.add_channel(WORK, name="workshop")
    platform.add_channel(BUSINESS, name="business")
    platform.add_channel(SOCIAL, name="teabreak", social=True)
    platform.add_channel(MODERATORS, name="moderators", for_moderators=True)
    clock = LiveClock()
    pipeline = Pipeline(store, KeywordClassifier(), clock)
    workers = Workers(pipeline, store, platform, clock.now)
    living = Living(pipeline, store, workers)
    platform.on_message(living.receive)
    platform.on_deletion(living.deleted)
    await pipeline.publish(platform.community, a_charter(), Policy(mode=Mode.OFFER), clock.now())
    working = asyncio.create_task(workers.run())
    try:
        yield House(platform, pipeline, workers, living, store)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_a_pitch_becomes_a_card_and_a_ruling_takes_it_down() -> None:
    async with a_house(MemoryStore()) as house:
        await house.platform.post("pete", BUSINESS, PITCH)
        await house.until(lambda: bool(house.cards()))
        (card,) = house.cards()
        shown: list[object] = []
        press = Press(
            house.platform.community,
            Button.REMOVE,
            card,
            "mona",
            datetime.now(UTC),
            MODERATORS,
            moderator=True,
        )

        async def show(*told: object) -> None:
            shown.append(told)

        await house.living.pressed(press, show)
        assert shown
        await house.until(
            lambda: not any(post.text == PITCH for post in house.platform.world.standing(BUSINESS))
        )


async def test_a_task_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.workers, "AFTER_FAILURE", (0.01,))
    failures = [StoreError("The database is locked."), RuntimeError("a bug")]

    class Failing(Pipeline):
        async def sweep(self, limit: int = 64) -> list[object]:  # type: ignore[override]
            if failures:
                raise failures.pop()
            return list(await super().sweep(limit))

    monkeypatch.setattr("tests.bot.test_workers.Pipeline", Failing)
    async with a_house(MemoryStore()) as house:
        await house.platform.post("pete", BUSINESS, PITCH)
        await house.until(lambda: bool(house.cards()))
    assert not failures


async def test_who_is_told_to_stop_finishes_the_delivery_that_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = asyncio.Event()

    class Slow(MemoryPlatform):
        async def show_card(self, *what: Any, **how: Any) -> str:
            begun.set()
            await asyncio.sleep(0.05)
            return await super().show_card(*what, **how)

    monkeypatch.setattr("tests.bot.test_workers.MemoryPlatform", Slow)
    async with a_house(MemoryStore()) as house:
        await house.platform.post("pete", BUSINESS, PITCH)
        await begun.wait()
    assert house.cards()
    async with house.store.work() as work:
        deliveries = await work.outbox.all(house.platform.community)
    assert not any(each.state in (DeliveryState.CLAIMED, DeliveryState.SENDING) for each in deliveries)


async def test_one_community_that_fails_keeps_no_other_waiting(caplog: pytest.LogCaptureFixture) -> None:
    store, clock = MemoryStore(), LiveClock()
    first, second = (Community(Platform.PLAYGROUND, name) for name in ("one", "two"))
    seen: list[Community] = []
    came = asyncio.Event()

    class Failing(Pipeline):
        async def follow(self, community: Community) -> None:
            seen.append(community)
            if community == first:
                raise RuntimeError("a bug")
            came.set()

    pipeline = Failing(store, KeywordClassifier(), clock)
    for community in (first, second):
        await pipeline.publish(community, a_charter(), Policy(), clock.now())
    workers = Workers(pipeline, store, MemoryPlatform(clock.now), clock.now)
    running = asyncio.create_task(workers.run())
    async with asyncio.timeout(5):
        await came.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert seen == [first, second]
    failed = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [vars(record)["community"] for record in failed] == ["playground:one"]


async def test_one_chore_that_fails_keeps_no_other_waiting() -> None:
    done = asyncio.Event()

    async def fails(now: datetime) -> None:
        raise RuntimeError(f"a bug at {now}")

    async def works(now: datetime) -> None:
        del now
        done.set()

    store, clock = MemoryStore(), LiveClock()
    pipeline = Pipeline(store, KeywordClassifier(), clock)
    workers = Workers(pipeline, store, MemoryPlatform(clock.now), clock.now, [fails, works])
    running = asyncio.create_task(workers.run())
    async with asyncio.timeout(5):
        await done.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_of_a_community_that_sent_us_away_nothing_is_left() -> None:
    async with a_house(MemoryStore()) as house:
        message: list[Message] = []
        await house.platform.post("pete", BUSINESS, PITCH)
        await house.until(lambda: bool(house.cards()))
        await house.living.left(house.platform.community)
        async with house.store.work() as work:
            assert await work.communities.all() == []
            message += [each.message async for each in work.decisions.all(house.platform.community)]
        assert message == []
