"""A day under a promise, undisturbed and dying everywhere: what is drawn, shown, told and brought back stays the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.playground.world import What
from moderation.agreement import were_wrong
from moderation.draws import Draw, Occasion
from moderation.evidence import Standings, standings
from moderation.labels import Label
from moderation.ports import Button, Press, Store
from moderation.promise import promise_of
from tests.factories import a_charter, a_message
from tests.fakes.memory_store import MemoryStore
from tests.fakes.mortal_store import Crash, CrashPlan
from tests.fakes.stores import KINDS, a_store, migrated
from tests.moderation.promised_story import PromisedStory, know_that_little_is_flagged
from tests.moderation.stage import BUSINESS, MODERATORS, WORK
from tests.moderation.story import MENDED, PITCH
from tests.moderation.test_story import differences

Opener = Callable[[str], AbstractAsyncContextManager[Store]]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("migrated") / "steward.db")


@pytest.fixture
def opened(empty: Path, tmp_path: Path) -> Opener:
    numbers: Iterator[int] = iter(range(10_000))

    def fresh(kind: str) -> AbstractAsyncContextManager[Store]:
        return a_store(kind, empty, tmp_path / f"{next(numbers)}.db")

    return fresh


@pytest.fixture(params=KINDS)
async def story(request: pytest.FixtureRequest, opened: Opener) -> AsyncIterator[PromisedStory]:
    async with opened(request.param) as store:
        yield PromisedStory(store)


async def test_it_speaks_only_while_the_rulings_bear_the_promise(story: PromisedStory) -> None:
    ending = await story.play()
    world = story.platform.world
    nudges = [event for event in world.journal if event.what is What.SAID and "nudge:" in event.marker]
    assert len(nudges) == 1
    cards = [str(row[1]) for row in ending.seen[MODERATORS]]
    reports = [card for card in cards if "promise “" in card]
    assert [report.partition(":")[0] for report in reports] == ["Casual talk"] * 2
    assert "From now on I act" in reports[0]
    assert "From now on I only show cards" in reports[1]
    assert sum(card.startswith("Drawn at random") for card in cards) == 9
    assert sum("@Mona: casual talk" in card for card in cards) == 2
    assert sum("You see this differently." in card for card in cards) == 1
    assert not ending.unfinished
    # The pitch that was removed has come back, and its author has heard of it.
    assert [row[1] for row in ending.seen[BUSINESS]] == [PITCH]
    notes = [note.text for note in world.notes if note.member == "pete"]
    assert notes[1:] == [
        "Thank you. The moderators will look at it again, and you will hear from me.",
        "The moderators have looked again, and the post in #business is back.",
    ]
    assert any("Answered: it is back." in card for card in cards)
    assert sum("@Mona: fine as it is" in card for card in cards) == 2  # on the pitch's card and on the appeal


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "step", [pytest.param(7, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
@pytest.mark.timeout(300)
async def test_dying_anywhere_changes_nothing(opened: Opener, after: bool, step: int) -> None:
    async with opened("memory") as store:
        whole = PromisedStory(store)
        expected = await whole.play()
    wrong: list[str] = []
    deaths = [("commit", number) for number in range(step // 2, whole.plan.commits, step)]
    deaths += [("call", number) for number in range(step // 2, whole.platform.troubles.calls, step)]
    for what, number in deaths:
        async with opened("memory") as store:
            story = PromisedStory(store)
            if what == "commit":
                story.plan = story.store.plan = CrashPlan(number, after)
            else:
                story.platform.troubles.fail_next("", Crash(), after=after, skip=number)
            try:
                ending = await story.play()
            except (AssertionError, LookupError) as error:
                wrong.append(f"{what} {number}: the day stopped: {error!r}")
                continue
            wrong += [f"{what} {number}: {each}" for each in differences(ending, expected)]
    assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:20])


async def test_a_drawn_pitch_without_a_card_is_asked_about(story: PromisedStory) -> None:
    """Known members' doubtful pitches are only counted; one with a card needs no second."""
    await know_that_little_is_flagged(story.inner)
    await story.survive(story._start)
    await story.post("pete", BUSINESS, PITCH)
    await story.wait(seconds=5)
    assert markers(story) == {"card"}
    story.sureness = 0.7  # not sure enough for a card
    await story.survive(story._start)
    await story.post("ann", WORK, PITCH)
    await story.wait(seconds=5)
    assert markers(story) == {"card", "drawn"}


async def test_who_edits_a_drawn_pitch_changes_neither_the_question_nor_the_counts(
    story: PromisedStory,
) -> None:
    story.sureness = 0.7
    await know_that_little_is_flagged(story.inner)
    await story.survive(story._start)
    post = await story.post("ann", WORK, PITCH)
    await story.wait(seconds=5)
    subject = f"drawn:flagged:{WORK}/{post}"
    await story.press("mona", Button.WRONG, subject, MODERATORS)
    before = await every_draw(story)
    (pitch,) = [draw for draw in before if draw.label is Label.PITCH]
    for text in (MENDED, "my cat", PITCH):
        await story.survive(lambda text=text: story.platform.edit(WORK, post, text))  # type: ignore[misc]
        await story.wait(seconds=5)
    assert await every_draw(story) == before
    assert (pitch.revision, pitch.subject) == (0, subject)
    assert story.platform.world.count(What.CARD_SHOWN, subject) == 1
    async with story.store.work() as work:
        asked = await work.outbox.beginning(story.community, "ask:")
        (ruling,) = await work.rulings.of(story.community, subject)
    assert len(asked) == 1
    assert were_wrong([pitch], [ruling]) == [True]


async def test_a_rehearsal_draws_nothing_and_shows_what_the_mode_would_do() -> None:
    story = PromisedStory(MemoryStore(), rehearse=True)
    await know_that_little_is_flagged(story.inner)
    await story.survive(story._start)
    await story.talk()
    story.marker("nudge:", WORK)
    assert markers(story) == set()


async def test_without_a_seed_a_promise_keeps_it_silent() -> None:
    story = PromisedStory(MemoryStore(), lots="")
    await story.survive(story._start)
    await story.talk()
    assert not story.platform.world.count(What.SAID)
    assert (await story.pipeline.keep_promise(story.community, story.clock.at)).why.startswith(
        "nothing is drawn"
    )
    assert await every_draw(story) == []


async def test_only_what_moderators_ruled_on_flagged_ones_makes_the_evidence_be_read_again() -> None:
    story = PromisedStory(MemoryStore())
    await know_that_little_is_flagged(story.inner)
    await story.survive(story._start)
    name = (await story.talk())[0]
    passed = Draw(
        *(a_message(7, community="playground").key, 0, Occasion.NOT_FLAGGED, Label.ON_TOPIC, 0.1, 0.5, 0.5),
        *(story.clock(), "keyword-1", a_charter().version),
    )
    async with story.inner.work() as work:
        await work.draws.add([passed])
        await work.commit()

    async def works(button: Button, subject: str, member: str = "mona") -> int:
        """In how many works a press is taken in."""
        before = story.store.works
        press = Press(story.community, button, subject, member, story.clock(), MODERATORS, member == "mona")
        await story.pipeline.rule(press)
        return story.store.works - before

    flagged = f"drawn:flagged:{name}"
    assert await works(Button.RIGHT, flagged, "ann") == 1  # not a moderator
    assert await works(Button.NOT_NOW, flagged) == 1
    assert await works(Button.RIGHT, "drawn:flagged:C1/unknown") == 1
    assert await works(Button.BELONGS, passed.subject) == 1
    assert await works(Button.RIGHT, flagged) > 1
    assert (await standings_of(story)).chatter.ruled == 1


async def every_draw(story: PromisedStory) -> list[Draw]:
    async with story.store.work() as work:
        return [draw async for draw in work.draws.all(story.community)]


async def test_a_deleted_message_is_not_asked_about_and_stays_drawn(story: PromisedStory) -> None:
    await know_that_little_is_flagged(story.inner)
    await story.survive(story._start)
    post = await story.post("ann", WORK, "my cat")
    await story.survive(lambda: story.platform.delete(WORK, post))
    await story.wait(seconds=5)
    assert markers(story) == set()
    async with story.store.work() as work:
        drawn = await work.draws.of(story.community, f"drawn:flagged:{WORK}/{post}")
    assert drawn is not None
    assert drawn.probability == drawn.least == 1.0


def markers(story: PromisedStory) -> set[str]:
    """The kinds of cards that moderators have."""
    return {post.marker.partition(":")[0] for post in story.platform.world.standing(MODERATORS)}


async def test_an_author_who_clicks_as_often_as_they_like_changes_nothing() -> None:
    story = PromisedStory(MemoryStore())
    await know_that_little_is_flagged(story.inner)
    await story.survive(story._start)
    first = await story.talk()
    for name in first[:2]:
        await story.rule(Button.RIGHT, name)
    await story.wait(hours=1)
    second = await story.talk()
    before = await standings_of(story)
    nudge = story.marker("nudge:", WORK)
    for _ in range(20):
        await story.send("ann", Button.BELONGS_HERE, nudge, WORK)
        await story.send("ann", Button.WRONG, f"drawn:flagged:{second[0]}", WORK)
        await story.wait(minutes=2)
    assert await standings_of(story) == before
    assert before.chatter.acts_from == 0.6


async def standings_of(story: PromisedStory) -> Standings:
    promise = promise_of(story.policy.promise)
    assert promise is not None
    charter, now = a_charter(), story.clock.at
    async with story.store.work() as work:
        return await standings(work, story.community, promise, "keyword-1", charter.version, now)
