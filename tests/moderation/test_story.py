"""One day on the playground through the real pipeline, which dies at every commit and at every call in turn.

However it dies, members and moderators see the same at the end: nothing twice, nothing missing, no text lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.playground.world import What
from moderation.ports import Abilities, Button, Store
from tests.fakes.mortal_store import Crash, CrashPlan
from tests.fakes.stores import KINDS, a_store, migrated
from tests.moderation.open_story import OpenStory
from tests.moderation.stage import BUSINESS, MODERATORS, SOCIAL, WORK
from tests.moderation.story import MENDED, PITCH, Ending, Story

FREE, BOUND, OPEN = Abilities(), Abilities(delete_others=False), Abilities(private_notes=False)
BOTH = pytest.mark.parametrize("abilities", [FREE, BOUND], ids=["free", "bound"])
ENDS = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])

Opener = Callable[[str], AbstractAsyncContextManager[Store]]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("migrated") / "steward.db")


@pytest.fixture
def opened(empty: Path, tmp_path: Path) -> Opener:
    """Opens a new store of a kind, as often as it is asked to."""
    numbers: Iterator[int] = iter(range(10_000))

    def fresh(kind: str) -> AbstractAsyncContextManager[Store]:
        return a_store(kind, empty, tmp_path / f"{next(numbers)}.db")

    return fresh


@dataclass
class Deaths:
    """Plays the day again and again with one death each, and compares how it ends."""

    opened: Opener
    kind: str
    abilities: Abilities
    story: type[Story] = Story
    wrong: list[str] = field(default_factory=list)

    async def undisturbed(self) -> tuple[Story, Ending]:
        async with self.opened(self.kind) as store:
            story = self.story(store, self.abilities)
            return story, await story.play()

    async def at_commits(self, numbers: Iterable[int], expected: Ending, *, after: bool) -> None:
        for number in numbers:
            async with self.opened(self.kind) as store:
                story = self.story(store, self.abilities, CrashPlan(number, after))
                await self._compare(story, expected, f"commit {number}")

    async def at_calls(self, numbers: Iterable[int], expected: Ending, *, after: bool) -> None:
        for number in numbers:
            async with self.opened(self.kind) as store:
                story = self.story(store, self.abilities)
                story.platform.troubles.fail_next("", Crash(), after=after, skip=number)
                await self._compare(story, expected, f"call {number}")

    async def _compare(self, story: Story, expected: Ending, death: str) -> None:
        try:
            ending = await story.play()
        except (AssertionError, LookupError) as error:
            self.wrong.append(f"{death}: the day stopped: {error!r}")
            return
        if story.restarts != 1:
            self.wrong.append(f"{death}: started again {story.restarts} times")
        self.wrong += [f"{death}: {difference}" for difference in differences(ending, expected)]

    def check(self) -> None:
        assert not self.wrong, f"{len(self.wrong)} differences:\n" + "\n".join(self.wrong[:20])


def differences(ending: Ending, expected: Ending) -> Iterator[str]:
    """What one day ended differently in, in words."""
    for room, seen in expected.seen.items():
        if ending.seen[room] != seen:
            yield f"in {room} stands {ending.seen[room]} instead of {seen}"
    if ending.done != expected.done:
        yield f"too often {ending.done - expected.done}, too rarely {expected.done - ending.done}"
    if surplus := ending.told - expected.told:
        yield f"told again: {surplus}"
    if _notes(ending) + ending.lost_notes < _notes(expected):
        yield f"{_notes(ending)} notes told and {ending.lost_notes} counted as lost"
    if ending.lost_texts or ending.unfinished:
        yield f"lost {ending.lost_texts}, unfinished {ending.unfinished}"


def _notes(ending: Ending) -> int:
    """How many private notes were told, without the answers to presses."""
    return sum(times for (_, marker), times in ending.told.items() if not marker.startswith("answer:"))


# --- undisturbed -----------------------------------------------------------------------------------------------


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, opened: Opener) -> AsyncIterator[Store]:
    async with opened(request.param) as store:
        yield store


async def test_one_nudge_appears_after_two_minutes_and_names_nobody(store: Store) -> None:
    story = Story(store)
    await story.survive(story._start)
    await story.drift()
    nudges = [post for post in story.platform.world.standing(WORK) if post.marker.startswith("nudge:")]
    assert len(nudges) == 1
    assert nudges[0].buttons == (Button.MOVE_MINE, Button.BELONGS_HERE, Button.WHY, Button.NO_MORE)
    assert not any(name in nudges[0].text.casefold() for name in story.platform.world.members)


async def test_only_posts_of_those_who_agreed_are_moved(store: Store) -> None:
    story = Story(store)
    await story.survive(story._start)
    await story.drift()
    await story.press("ann", Button.MOVE_MINE, story.marker("nudge:", WORK), WORK)
    await story.wait(seconds=5)
    there = [post for post in story.platform.world.standing(SOCIAL) if post.copied]
    assert [(post.copied, post.text) for post in there] == [
        ("ann", "my cat ate the sandpaper"),
        ("ann", "lunch then?"),
    ]
    here = [post.text for post in story.platform.world.standing(WORK) if not post.marker]
    assert "my cat ate the sandpaper" not in here
    assert {"haha what a cat", "and a movie after", "mine prefers planed timber"} <= set(here)
    story.marker("move:", WORK)


async def test_the_day_ends_as_everybody_wished(store: Store) -> None:
    story = Story(store)
    ending = await story.play()
    texts = {room: [str(row[1]) for row in rows] for room, rows in ending.seen.items()}
    assert texts[WORK][:2] == ["which glue for outdoor timber?", "epoxy, and clamp such jobs overnight"]
    assert texts[WORK][-2:] == ["my cat ate the sandpaper", "lunch then?"]
    assert "and a movie after" not in texts[WORK]
    assert texts[SOCIAL] == ["A talk from #workshop goes on here.", "and a movie after"]
    assert texts[BUSINESS][0] == "hi everyone, glad to be here"
    assert "@Nora" in texts[BUSINESS][1]
    assert len(texts[BUSINESS]) == 2
    assert len(texts[MODERATORS]) == 1
    assert PITCH in texts[MODERATORS][0]
    assert "1 more time: #workshop" in texts[MODERATORS][0]
    notes = [note.text for note in story.platform.world.notes if note.member == "pete"]
    assert len(notes) == 1
    assert MENDED in notes[0]
    assert not ending.lost_texts
    assert not ending.unfinished
    assert not ending.lost_notes


async def test_where_others_posts_stay_they_are_copied_and_a_pitch_is_reported(store: Store) -> None:
    story = Story(store, BOUND)
    ending = await story.play()
    texts = {room: [str(row[1]) for row in rows] for room, rows in ending.seen.items()}
    # Ours alone: the nudge and two copies. Header and pointer are for the other one's posts too.
    assert story.platform.world.count(What.REMOVED) == 3
    assert "and a movie after" in texts[WORK]
    assert texts[SOCIAL] == ["A talk from #workshop goes on here.", "and a movie after"]
    assert texts[WORK].count("my cat ate the sandpaper") == 1
    assert MENDED in texts[WORK]
    assert any("delete others' messages" in text for text in texts[MODERATORS])
    assert not ending.unfinished


async def test_where_no_note_is_private_lines_go_again_and_a_note_reaches_its_reader(store: Store) -> None:
    story = OpenStory(store)
    ending = await story.play()
    ours = {room: [row for row in rows if row[0] == "Steward"] for room, rows in ending.seen.items()}
    assert [ours[room] for room in (WORK, BUSINESS)] == [ours[WORK][:1], []]
    assert "goes on in #teabreak" in str(ours[WORK][0])
    said = [event.marker for event in story.platform.world.journal if event.what is What.SAID]
    assert Counter(marker.partition(":")[0] for marker in said) == {
        "nudge": 1,
        "lone": 2,
        "note": 2,
        "move": 2,
    }
    notes = [note.text for note in story.platform.world.notes if note.member == "pete"]
    assert [PITCH in note for note in notes] == [True, False, False]
    assert "stays down" in notes[-1]
    assert not ending.unfinished
    assert not ending.lost_notes


async def test_a_day_that_is_over_does_not_go_on_by_itself(store: Store) -> None:
    story = Story(store)
    before = await story.play()
    await story.survive(story._start)
    assert (await story.delivered_again()).claimed == 0
    assert list(differences(await story.ending(), before)) == []


# --- dying -----------------------------------------------------------------------------------------------------


@BOTH
@ENDS
async def test_dying_at_any_commit_changes_nothing(opened: Opener, abilities: Abilities, after: bool) -> None:
    deaths = Deaths(opened, "memory", abilities)
    story, expected = await deaths.undisturbed()
    await deaths.at_commits(range(story.plan.commits), expected, after=after)
    deaths.check()


@BOTH
@ENDS
async def test_dying_at_any_call_changes_nothing(opened: Opener, abilities: Abilities, after: bool) -> None:
    deaths = Deaths(opened, "memory", abilities)
    story, expected = await deaths.undisturbed()
    await deaths.at_calls(range(story.platform.troubles.calls), expected, after=after)
    deaths.check()


EVERY = [pytest.param(29, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("step", EVERY)
@pytest.mark.timeout(600)
@BOTH
@ENDS
async def test_dying_on_sqlite_changes_nothing(
    opened: Opener, abilities: Abilities, after: bool, step: int
) -> None:
    deaths = Deaths(opened, "sqlite", abilities)
    story, expected = await deaths.undisturbed()
    commits, calls = story.plan.commits, story.platform.troubles.calls
    await deaths.at_commits(range(step // 3, commits, step), expected, after=after)
    await deaths.at_calls(range(step // 2, calls, step), expected, after=after)
    deaths.check()


SOME_OPEN = [
    pytest.param("memory", 9, id="some"),
    pytest.param("memory", 1, id="all", marks=pytest.mark.slow),
    pytest.param("sqlite", 5, id="sqlite", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("kind, step", SOME_OPEN)
@pytest.mark.timeout(600)
@ENDS
async def test_dying_where_no_note_is_private_changes_nothing(
    opened: Opener, kind: str, step: int, after: bool
) -> None:
    deaths = Deaths(opened, kind, OPEN, OpenStory)
    story, expected = await deaths.undisturbed()
    await deaths.at_commits(range(step // 3, story.plan.commits, step), expected, after=after)
    await deaths.at_calls(range(step // 2, story.platform.troubles.calls, step), expected, after=after)
    deaths.check()
