"""moderation/exchanges.py: who takes turns with whom, and who speaks alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from moderation.exchanges import Floors
from tests.factories import MONDAY

CHANNEL, THREAD = ("C1", None), ("C1", "00001")


def at(minute: float) -> datetime:
    return MONDAY + timedelta(minutes=minute)


def talk(*turns: tuple[str, float]) -> list[set[tuple[str, str]]]:
    """Who answers whom with each post: author and minute of posts in one channel."""
    floors, found = Floors(), []
    for author, minute in turns:
        exchanges = floors.turns_taken(CHANNEL, author, at(minute), "m")
        found.append({(each.giver, each.receiver) for each in exchanges})
        floors.take(CHANNEL, author, at(minute))
    return found


def test_speaking_after_somebody_is_no_exchange_but_taking_turns_is() -> None:
    assert talk(("ann", 0), ("bob", 1), ("ann", 2), ("bob", 3)) == [
        set(),
        set(),
        {("bob", "ann"), ("ann", "bob")},
        {("bob", "ann")},
    ]


@pytest.mark.parametrize(
    "turns",
    [
        [("ann", 0), ("bob", 11), ("ann", 12)],
        [("ann", 0), ("bob", 1), ("ann", 12)],
        [("ann", 0), ("bob", 1), ("cat", 2)],
        [("ann", 0), ("ann", 1), ("ann", 2)],
    ],
    ids=["late", "later", "three people", "alone"],
)
def test_late_or_other_people_take_no_turns(turns: list[tuple[str, float]]) -> None:
    assert talk(*turns) == [set(), set(), set()]


def test_posts_in_a_row_within_an_hour_count_until_somebody_speaks() -> None:
    floors = Floors()
    assert [floors.take(CHANNEL, "ann", at(n)) for n in range(14)] == list(range(1, 15))
    assert floors.take(THREAD, "ann", at(14)) == 1
    assert floors.take(CHANNEL, "bob", at(15)) == 1
    assert floors.take(CHANNEL, "ann", at(16)) == 1
    assert floors.take(CHANNEL, "ann", at(76)) == 2
    assert floors.take(CHANNEL, "ann", at(90)) == 2


def test_the_speaker_before_is_somebody_else() -> None:
    floors = Floors()
    assert floors.speaker_before(THREAD, "ann") == ""
    floors.take(THREAD, "ann", at(0))
    assert (floors.speaker_before(THREAD, "ann"), floors.speaker_before(THREAD, "bob")) == ("", "ann")
    floors.take(THREAD, "bob", at(1))
    assert (floors.speaker_before(THREAD, "ann"), floors.speaker_before(THREAD, "bob")) == ("bob", "ann")


def test_a_forgotten_member_has_not_spoken() -> None:
    floors = Floors()
    floors.take(CHANNEL, "ann", at(0))
    floors.take(CHANNEL, "bob", at(1))
    floors.take(THREAD, "ann", at(1))
    floors.forget("bob")
    assert floors.speaker_before(CHANNEL, "cat") == ""
    assert floors.turns_taken(CHANNEL, "ann", at(2), "m") == ()
    assert floors.speaker_before(THREAD, "cat") == "ann"


def test_places_where_nobody_speaks_are_dropped() -> None:
    floors = Floors()
    floors.take(CHANNEL, "ann", at(0))
    floors.take(THREAD, "ann", at(1))
    assert floors.prune(at(61), timedelta(hours=1)) == {THREAD}
    assert len(floors) == 1
