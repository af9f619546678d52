"""What was missed in weeks that are made up: messages are judged, some are drawn, moderators rule in the evening, and the figures hold the truth."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground.memory import MemoryPlatform
from moderation.audit import Estimate
from moderation.audit_plan import Stratum, plan
from moderation.charter import Charter
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.missed import Missed, audit_of
from moderation.periods import Period, week_of
from moderation.pipeline import Pipeline
from moderation.policy import Policy
from moderation.ports import Button, Press, Store
from moderation.promise import Promise
from moderation.review import NextQuestion, next_question
from moderation.rulings import rule
from tests.factories import MONDAY, a_charter
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore
from tests.fakes.stores import KINDS, a_store, migrated
from tests.moderation.stage import Ticking
from tests.moderation.story import LiveClock

TEXTS = {
    "which glue holds oak outdoors?": (Label.ON_TOPIC, 30),
    "guess what we saw at the beach": (Label.CHATTER, 6),
    "write me for a bargain on saws": (Label.PITCH, 2),
    "hm, those clamps": (Label.ON_TOPIC, 3),
    "hm, what a sunset": (Label.CHATTER, 3),
    "my cat again": (Label.CHATTER, 6),
    "the coffee got into the planer": (Label.ON_TOPIC, 2),
    "buy my course": (Label.PITCH, 2),
}
"""What people say in the workshop: what it really is, and how often a day."""
AT_HOME = {"lunch, anyone?": (Label.ON_TOPIC, 6)}
"""The same in the social channel."""
TRUTHS = {text: label for text, (label, _) in (TEXTS | AT_HOME).items()}
FLAGGED = {"my cat again", "the coffee got into the planer", "buy my course"}
BUTTONS = {Label.ON_TOPIC: Button.BELONGS, Label.CHATTER: Button.CHATTER, Label.PITCH: Button.PITCH}
PROMISED = Policy(promise=str(Promise()), moderators=("mona", "max"))

Answers = Callable[[str, NextQuestion], Button | None]


def truth(text: str) -> Label:
    return TRUTHS[text.rpartition(" ")[0]]


def honestly(member: str, question: NextQuestion) -> Button | None:
    """Mona answers everything as it is."""
    return BUTTONS[truth(question.shown.text)] if member == "mona" else None


@dataclass
class Weeks:
    """A community that lives for some weeks, day by day."""

    store: Store
    charter: Charter = field(default_factory=a_charter)
    policy: Policy = PROMISED
    answers: Answers = honestly

    def __post_init__(self) -> None:
        self.clock = Ticking(MONDAY - timedelta(hours=9))
        self.platform = MemoryPlatform(self.clock)
        self.community = self.platform.community
        for name in ("ann", "ben", "cara", "mona", "max"):
            self.platform.add_member(name, moderator=name in self.policy.moderators)
        self.platform.add_channel("C1", name="workshop")
        self.platform.add_channel("C3", name="teabreak", social=True)
        self.posted: list[Message] = []
        self.chance = random.Random(7)
        self.restart()

    def restart(self) -> None:
        self.pipeline = Pipeline(self.store, KeywordClassifier(), LiveClock(self.clock), lots="a secret")

    async def begin(self, policy: Policy | None = None) -> None:
        self.policy = policy or self.policy
        await self.pipeline.publish(self.community, self.charter, self.policy, self.clock())

    async def live(self, days: int) -> None:
        """Each day everybody posts, and in the evening moderators look at what was drawn."""
        for _ in range(days):
            morning = self.clock.at
            said = [("C1", text) for text, (_, often) in TEXTS.items() for _ in range(often)]
            said += [("C3", text) for text, (_, often) in AT_HOME.items() for _ in range(often)]
            self.chance.shuffle(said)
            for channel, text in said:
                self.clock.pass_by(minutes=10)
                number = len(self.posted)
                who = ("ann", "ben", "cara")[number % 3]
                self.posted.append(await self.platform.post(who, channel, f"{text} {number}"))
            await self.pipeline.judge(await self.pipeline.receive(self.posted[-len(said) :]))
            self.restart()
            await self.look_through()
            self.clock.at = morning + timedelta(days=1)

    async def look_through(self) -> None:
        for member in ("mona", "max"):
            for occasion in Occasion:
                while (question := await self.question(occasion, member)) is not None:
                    button = self.answers(member, question)
                    if button is None:
                        break
                    at = self.clock()
                    press = Press(self.community, button, question.subject, member, at, "C9", moderator=True)
                    await rule(self.store, press)

    async def question(self, occasion: Occasion, member: str) -> NextQuestion | None:
        async with self.store.work() as work:
            return await next_question(work, self.community, occasion, member, self.clock())

    def week(self, number: int = 0) -> Period:
        return week_of(MONDAY + timedelta(days=7 * number), "UTC")

    async def draws(self, week: int | None = None) -> list[Draw]:
        async with self.store.work() as work:
            every = [draw async for draw in work.draws.all(self.community)]
        return [draw for draw in every if week is None or self.week(week).covers(draw.drawn_at)]

    async def audit(self, week: int, **rules: Charter | Policy) -> Missed:
        charter, policy = rules.get("charter", self.charter), rules.get("policy", self.policy)
        assert isinstance(charter, Charter)
        assert isinstance(policy, Policy)
        async with self.store.work() as work:
            missed = await audit_of(work, self.community, (charter, policy), self.week(week))
        assert missed is not None
        return missed

    def really(self, week: int) -> dict[str, float]:
        """The true rates of a week."""
        posted = [each for each in self.posted if self.week(week).covers(each.posted_at)]
        out = [each for each in posted if truth(each.text) is not Label.ON_TOPIC]
        found = [each for each in out if each.text.rpartition(" ")[0] in FLAGGED]
        return {"recall": len(found) / len(out), "relevance": 1 - len(out) / len(posted)}


def holds(estimate: Estimate, value: float) -> bool:
    return estimate.lowest <= estimate.low <= value <= estimate.high <= estimate.highest


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("migrated") / "steward.db")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, empty: Path, tmp_path: Path) -> AsyncIterator[Store]:
    async with a_store(request.param, empty, tmp_path / "steward.db") as opened:
        yield opened


async def test_the_figures_of_a_week_hold_the_truth(store: Store) -> None:
    weeks = Weeks(store)
    await weeks.begin()
    await weeks.live(14)
    missed = await weeks.audit(1)
    audit, really = missed.audit, weeks.really(1)
    assert audit.population.flagged == {Label.CHATTER: 56, Label.PITCH: 14}
    assert audit.population.not_flagged == {
        Stratum.BELOW_10: 7 * 38,
        Stratum.ABSTAINED: 7 * 6,
        Stratum.AT_HOME: 7 * 6,
    }
    assert holds(audit.recall_of_both, really["recall"])
    assert holds(audit.relevance, really["relevance"])
    assert holds(audit.wrong_flags, 14 / 70)
    assert audit.recall_of_both.high - audit.recall_of_both.low < 0.6
    drawn = await weeks.draws(1)
    assert audit.drawn == audit.ruled == Counter(draw.occasion for draw in drawn)
    assert 10 <= audit.drawn[Occasion.NOT_FLAGGED] <= 40
    assert sum(missed.found.values()) == audit.ruled[Occasion.NOT_FLAGGED]
    assert (missed.conflicts, missed.unshowable, missed.roles_forgotten) == (0, 0, False)


async def test_the_week_is_drawn_by_one_plan_however_often_it_starts_again(store: Store) -> None:
    weeks = Weeks(store)
    await weeks.begin()
    await weeks.live(14)
    others = [draw for draw in await weeks.draws(1) if draw.occasion is Occasion.NOT_FLAGGED]
    counts: dict[str, int] = {Stratum.BELOW_10: 7 * 38, Stratum.ABSTAINED: 7 * 6, Stratum.AT_HOME: 7 * 6}
    chances = plan(counts).probabilities
    assert all(draw.probability == chances[Stratum(draw.stratum)] for draw in others)
    assert {draw.probability for draw in await weeks.draws(0) if draw.occasion is Occasion.NOT_FLAGGED} <= {
        *plan().probabilities.values()
    }


async def test_without_a_promise_nothing_is_drawn_and_nothing_said() -> None:
    weeks = Weeks(MemoryStore())
    await weeks.begin(Policy())
    await weeks.live(7)
    assert await weeks.draws() == []
    async with weeks.store.work() as work:
        assert await audit_of(work, weeks.community, (weeks.charter, weeks.policy), weeks.week()) is None


async def test_what_was_posted_before_the_promise_counts_for_nothing() -> None:
    weeks = Weeks(MemoryStore())
    await weeks.begin(Policy())
    await weeks.live(5)
    await weeks.begin(PROMISED)
    await weeks.live(2)
    (first, *others) = await weeks.draws()
    population = (await weeks.audit(0)).audit.population
    size = sum(population.flagged.values()) + sum(population.not_flagged.values())
    async with weeks.store.work() as work:
        decided = [each async for each in work.decisions.all(weeks.community)]
    assert size == sum(each.decision.decided_at > first.drawn_at for each in decided)
    assert 60 <= size <= 120
    assert (await weeks.audit(0)).audit.drawn.total() == len(others)  # type: ignore[attr-defined] # a Counter


async def test_nobody_answers_so_nothing_is_known() -> None:
    weeks = Weeks(MemoryStore(), answers=lambda *_: None)
    await weeks.begin()
    await weeks.live(7)
    missed = await weeks.audit(0)
    assert missed.audit.recall_of_both == Estimate(None, 0.0, 1.0, 0.0, 1.0, 0)
    assert missed.found == {}
    assert missed.unshowable == 0
    async with weeks.store.work() as work:
        await work.messages.forget_texts(weeks.clock.at + timedelta(days=8))
        await work.commit()
    assert (await weeks.audit(0)).unshowable == missed.audit.drawn[Occasion.NOT_FLAGGED] > 0


async def test_what_moderators_disagree_about_is_open() -> None:
    weeks = Weeks(MemoryStore())
    await weeks.begin()
    await weeks.live(7)
    assert (await weeks.audit(0)).conflicts == 0
    draw = [each for each in await weeks.draws(0) if each.occasion is Occasion.NOT_FLAGGED][-1]
    for member, button in (("max", Button.BELONGS), ("mona", Button.PITCH)):
        at = weeks.clock()
        await rule(
            weeks.store, Press(weeks.community, button, draw.subject, member, at, "C9", moderator=True)
        )
    missed = await weeks.audit(0)
    assert missed.conflicts == 1
    assert sum(missed.found.values()) == missed.audit.drawn[Occasion.NOT_FLAGGED] - 1


async def test_an_edit_is_a_miss_no_more_where_it_was_flagged_and_else_changes_nothing() -> None:
    weeks = Weeks(MemoryStore())
    await weeks.begin()
    await weeks.live(7)
    before = (await weeks.audit(0)).audit
    draws = [draw for draw in await weeks.draws(0) if draw.stratum == Stratum.BELOW_10]
    edits = {draws[-1].key: "a tip about clamps", draws[-2].key: "buy my course"}
    for key, text in edits.items():
        await edit(weeks, key, text)
    after = (await weeks.audit(0)).audit
    flags = Counter(before.population.flagged) + Counter({Label.PITCH: 1})
    assert after.population.flagged == flags
    others = Counter(before.population.not_flagged) - Counter({Stratum.BELOW_10.value: 1})
    assert after.population.not_flagged == others
    assert after.drawn[Occasion.NOT_FLAGGED] == before.drawn[Occasion.NOT_FLAGGED] - 1


async def edit(weeks: Weeks, key: MessageKey, text: str) -> None:
    edited = await weeks.platform.edit(key.channel, key.message, text)
    await weeks.pipeline.judge(await weeks.pipeline.receive([edited]))


async def test_another_charter_begins_with_nothing() -> None:
    weeks = Weeks(MemoryStore())
    await weeks.begin()
    await weeks.live(7)
    other = replace(weeks.charter, purpose="something else")
    missed = await weeks.audit(0, charter=other)
    assert missed.audit.drawn == {}
    assert missed.audit.population.not_flagged == {}


async def test_who_became_exempt_since_leaves_the_draws_as_they_were() -> None:
    weeks = Weeks(MemoryStore())
    await weeks.begin()
    await weeks.live(7)
    before = (await weeks.audit(0)).audit
    after = (await weeks.audit(0, policy=replace(PROMISED, moderators=("mona", "ann")))).audit
    assert after.drawn == before.drawn
    assert sum(after.population.not_flagged.values()) < sum(before.population.not_flagged.values())


async def test_where_roles_exempt_it_is_said_once_they_are_forgotten() -> None:
    weeks = Weeks(MemoryStore())
    await weeks.begin(replace(PROMISED, exempt_roles=("staff",)))
    await weeks.live(7)
    assert not (await weeks.audit(0)).roles_forgotten
    async with weeks.store.work() as work:
        await work.messages.forget_texts(weeks.clock.at + timedelta(days=1))
        await work.commit()
    assert (await weeks.audit(0)).roles_forgotten


async def test_a_channel_known_by_name_is_known_by_what_was_decided_or_told() -> None:
    """Without ids in the charter, what is at home in the social channel is still not flagged once names are forgotten."""
    channels = tuple(replace(channel, id=None) for channel in a_charter().channels)
    weeks = Weeks(MemoryStore(), charter=replace(a_charter(), channels=channels))
    await weeks.begin()
    await weeks.live(7)
    assert (await weeks.audit(0)).audit.population.not_flagged[Stratum.AT_HOME] >= 6 * 6
