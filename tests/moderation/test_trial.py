"""A fortnight on the playground with days without nudges: what is counted from storage is what really happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path

import pytest

from bot.playground.memory import MemoryPlatform
from bot.playground.world import Post, What
from moderation.decisions import Decision
from moderation.effect import Effect, Finding
from moderation.experiment import whole_days
from moderation.messages import Message, MessageKey
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Button, Store
from moderation.retention import forget_texts
from moderation.trial import effect_of
from tests.factories import MONDAY, a_charter
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import KINDS, a_store, migrated

PEOPLE = {"C1": ("ann", "ben", "cara"), "C2": ("dora", "emil", "finn")}
FIRST_DAY, DAYS = MONDAY.date(), 14
LAST_DAY = FIRST_DAY + timedelta(days=DAYS - 1)
TRIED = Policy(mode=Mode.OFFER, experiment=whole_days("", 0.5, FIRST_DAY, LAST_DAY, "UTC"))
AFTERWARDS = datetime.combine(LAST_DAY, time(8), MONDAY.tzinfo) + timedelta(days=1)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("migrated") / "steward.db")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, empty: Path, tmp_path: Path) -> AsyncIterator[Store]:
    async with a_store(request.param, empty, tmp_path / "steward.db") as opened:
        yield opened


@dataclass
class HandClock:
    """Goes on when it is told to."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def time_of(self, message: Message) -> datetime:
        return message.posted_at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


class Reaction(Enum):
    """What people do when their talk is two minutes old: stop, go on, or go on after one has moved over."""

    STOP = "stop"
    GO_ON = "go on"
    MOVE = "move"


NUDGED = (Reaction.STOP, Reaction.MOVE, Reaction.GO_ON)
LEFT = (Reaction.STOP, Reaction.GO_ON, Reaction.GO_ON, Reaction.GO_ON)
"""What they do in turn on days with a nudge, and on days without."""


@dataclass(frozen=True)
class Truth:
    """How the first talk of a day in a channel went, as whoever was there saw it."""

    channel: str
    day: date
    nudged: bool
    ended: bool
    off_topic: float


@dataclass
class Fortnight:
    store: Store
    policy: Policy = TRIED
    restarting: bool = False
    seen: list[Truth] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = HandClock()
        self.platform = MemoryPlatform(self.clock.now)
        self.turns: Counter[tuple[str, bool]] = Counter()
        for channel, people in PEOPLE.items():
            self.platform.add_channel(channel)
            for name in people:
                self.platform.add_member(name)
        self.platform.add_channel("C3", social=True)
        self.platform.add_channel("C9", for_moderators=True)
        self.platform.on_message(self._hear)
        self.platform.on_deletion(self._forget)
        self.platform.on_press(lambda press: self.pipeline.answer(self.platform, press))
        self._start()

    def _start(self) -> None:
        self.pipeline = Pipeline(self.store, KeywordClassifier(), self.clock)

    async def _hear(self, message: Message) -> None:
        if self.restarting:
            self._start()
        await self.pipeline.judge(await self.pipeline.receive([message]))

    async def _forget(self, key: MessageKey) -> None:
        await self.pipeline.withdraw(key)

    async def _tick(self) -> None:
        if self.restarting:
            self._start()
        await self.pipeline.reconsider(self.platform.community, self.clock.at)
        await self.pipeline.deliver(self.platform)

    async def play(self) -> None:
        await self.pipeline.publish(self.platform.community, a_charter(), self.policy, self.clock.at)
        for number in range(DAYS):
            day = FIRST_DAY + timedelta(days=number)
            for hour, channel in ((10, "C1"), (12, "C2")):
                self.seen.append(await self._first_talk(channel, day, hour))
            for hour, channel in ((15, "C1"), (17, "C2")):
                await self._drift(channel, day, hour)
                await self._go_on(channel)
            await forget_texts(self.store, self.clock.at)

    async def _drift(self, channel: str, day: date, hour: int) -> Post | None:
        """A talk wanders off; what was said to it two minutes later."""
        self.clock.at = datetime.combine(day, time(hour), MONDAY.tzinfo)
        before = self._nudges(channel)
        await self._say(channel, "which glue for oak?", "planed timber, and its price")
        await self._say(channel, "my cat again", "haha", "coffee?")
        self.clock.pass_by(minutes=2)
        await self._tick()
        return next((post for post in self._nudges(channel) if post not in before), None)

    async def _first_talk(self, channel: str, day: date, hour: int) -> Truth:
        nudge = await self._drift(channel, day, hour)
        choices = NUDGED if nudge else LEFT
        reaction = choices[self.turns[channel, nudge is not None] % len(choices)]
        self.turns[channel, nudge is not None] += 1
        if nudge is not None and reaction is Reaction.MOVE:
            await self.platform.press(nudge.id, Button.MOVE_MINE, PEOPLE[channel][0])
            await self._tick()
        if reaction is not Reaction.STOP:
            await self._go_on(channel)
        self.clock.pass_by(minutes=45)
        await self._say(channel, "which glue for ash?", "the same timber glue")
        went_on = reaction is not Reaction.STOP
        return Truth(channel, day, nudge is not None, reaction is not Reaction.GO_ON, went_on * 2 / 4)

    async def _go_on(self, channel: str) -> None:
        for minutes in (12, 25):
            self.clock.pass_by(minutes=minutes)
            await self._say(channel, "haha, the weekend")

    async def _say(self, channel: str, *texts: str) -> None:
        for who, text in zip(PEOPLE[channel], texts, strict=False):
            await self.platform.post(who, channel, text)
            self.clock.pass_by(seconds=10)

    def _nudges(self, channel: str) -> list[Post]:
        standing = self.platform.world.standing(channel)
        return [post for post in standing if post.marker.startswith("nudge:")]

    async def effect(self, now: datetime = AFTERWARDS) -> Effect:
        async with self.store.work() as work:
            found = await effect_of(work, self.platform.community, self.policy, now)
        assert found is not None
        return found

    async def decisions(self) -> list[Decision]:
        async with self.store.work() as work:
            return [each.decision async for each in work.decisions.all(self.platform.community)]

    def of(self, *, nudged: bool) -> list[Truth]:
        return [each for each in self.seen if each.nudged is nudged]


async def a_fortnight(store: Store, policy: Policy = TRIED, *, restarting: bool = False) -> Fortnight:
    fortnight = Fortnight(store, policy, restarting)
    await fortnight.play()
    return fortnight


def share(values: Sequence[float]) -> float:
    return sum(values) / len(values)


async def test_what_is_counted_is_what_happened(store: Store) -> None:
    fortnight = await a_fortnight(store)
    await _check_lots(fortnight)
    nudged, left = fortnight.of(nudged=True), fortnight.of(nudged=False)
    found = await fortnight.effect()
    assert len(fortnight.seen) == 28
    assert (found.nudged_days, found.held_back_days) == (len(nudged), len(left)) == (14, 14)
    assert (found.channels, found.days, found.over, found.undelivered_days) == (2, 14, True, 0)
    # Each channel has as many days of either kind, so that weighing by channel changes nothing.
    assert found.ended.nudged == pytest.approx(share([each.ended for each in nudged])) == 10 / 14
    assert found.ended.held_back == pytest.approx(share([each.ended for each in left])) == 4 / 14
    assert found.off_topic.nudged == pytest.approx(share([each.off_topic for each in nudged]))
    assert found.off_topic.held_back == pytest.approx(share([each.off_topic for each in left]))
    assert found.ended.finding is Finding.BETTER


async def _check_lots(fortnight: Fortnight) -> None:
    """Every talk of a day has the day's lot, also where its text is long forgotten."""
    marked = [
        (each.key.channel, each.decided_at.date()) for each in await fortnight.decisions() if each.held_back
    ]
    assert Counter(marked) == {(each.channel, each.day): 2 for each in fortnight.of(nudged=False)}
    said = [
        each.marker
        for each in fortnight.platform.world.journal
        if each.what is What.SAID and each.marker.startswith("nudge:")
    ]
    assert len(said) == 2 * len(fortnight.of(nudged=True))


async def test_a_process_that_dies_again_and_again_decides_the_same() -> None:
    whole, other = await a_fortnight(MemoryStore()), await a_fortnight(MemoryStore(), restarting=True)
    assert await other.decisions() == await whole.decisions()
    assert other.seen == whole.seen
    assert await other.effect() == await whole.effect()


async def test_a_look_in_between_counts_the_days_that_are_over() -> None:
    fortnight = await a_fortnight(MemoryStore())
    noon = datetime.combine(FIRST_DAY, time(13, 30), MONDAY.tzinfo) + timedelta(days=3)
    found = await fortnight.effect(noon)
    assert (found.days, found.over) == (3, False)
    assert found.nudged_days + found.held_back_days == 2 * 3 + 1


async def test_a_nudge_that_cannot_be_said_leaves_its_day_where_it_was_drawn() -> None:
    fortnight = Fortnight(MemoryStore())
    fortnight.platform.troubles.forbid("C1", "speak", "say")
    await fortnight.play()
    found = await fortnight.effect()
    assert not fortnight._nudges("C1")
    assert (found.nudged_days, found.held_back_days, found.undelivered_days) == (14, 14, 7)


async def test_what_the_policy_moves_by_itself_is_no_proof_of_itself() -> None:
    fortnight = await a_fortnight(MemoryStore(), replace(TRIED, mode=Mode.MOVE))
    found = await fortnight.effect()
    assert found.undelivered_days == 0
    # Nobody sees a nudge, so people go on three times in four, moved or not.
    assert found.nudged_days == 14
    assert found.ended.nudged is not None
    assert found.ended.nudged < 0.5


async def test_without_an_experiment_there_is_nothing_to_say() -> None:
    fortnight = Fortnight(MemoryStore())
    async with fortnight.store.work() as work:
        assert await effect_of(work, fortnight.platform.community, Policy(), AFTERWARDS) is None
        empty = await effect_of(work, fortnight.platform.community, TRIED, AFTERWARDS)
    assert empty is not None
    assert (empty.nudged_days, empty.held_back_days, empty.days) == (0, 0, 14)
