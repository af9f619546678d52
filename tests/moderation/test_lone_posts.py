"""moderation/lone_posts.py: casual posts that nobody joined, counted over a week."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from moderation.lone_posts import BURST, WEEK, LonePosts
from tests.factories import MONDAY

DAY = timedelta(days=1)


def at(days: float) -> datetime:
    return MONDAY + days * DAY


@pytest.fixture
def known() -> LonePosts:
    """Two posts of ann's and one of bob's in one channel, one of ann's in another."""
    known = LonePosts()
    known.add("C1", "ann", "1", MONDAY)
    known.add("C1", "ann", "2", at(1))
    known.add("C1", "bob", "3", at(1))
    known.add("C2", "ann", "1", MONDAY)
    return known


def counts(known: LonePosts, days: float = 1) -> tuple[int, int, int]:
    """Those of ann and bob in the first channel, ann's in the second."""
    places = (("C1", "ann"), ("C1", "bob"), ("C2", "ann"))
    ann, bob, elsewhere = (known.count(*place, at(days)) for place in places)
    return ann, bob, elsewhere


def test_they_count_for_a_week_and_a_burst_is_one() -> None:
    known = LonePosts()
    days = [0, 2 / 24 / 60, 1, 2, 8]
    assert [known.add("C1", "ann", str(n), at(day)) for n, day in enumerate(days)] == [1, 1, 2, 3, 3]


def test_the_bounds_belong_to_it() -> None:
    known = LonePosts()
    known.add("C1", "ann", "1", MONDAY)
    assert known.add("C1", "ann", "2", MONDAY + BURST) == 1
    assert known.add("C1", "ann", "3", MONDAY + 2 * BURST + timedelta(seconds=1)) == 2
    assert known.count("C1", "ann", MONDAY + BURST + WEEK) == 2
    assert known.count("C1", "ann", MONDAY + BURST + WEEK + timedelta(seconds=1)) == 1


def test_authors_and_channels_are_counted_apart(known: LonePosts) -> None:
    assert counts(known) == (2, 1, 1)
    assert counts(known, 7.5) == (1, 1, 0)


def test_what_becomes_a_stretch_was_not_lone(known: LonePosts) -> None:
    known.join("C1", ("ann", "bob", "cat"), ("2", "3", "4"))
    assert counts(known) == (1, 0, 1)


def test_who_was_told_begins_anew(known: LonePosts) -> None:
    known.clear("C1", "ann")
    known.clear("C1", "nobody")
    assert counts(known) == (0, 1, 1)


def test_a_deleted_post_does_not_count(known: LonePosts) -> None:
    known.withdraw("C1", "1")
    assert counts(known) == (1, 1, 1)


def test_a_forgotten_author_has_none(known: LonePosts) -> None:
    known.forget("ann")
    assert counts(known) == (0, 1, 0)


def test_only_a_week_is_remembered(known: LonePosts) -> None:
    known.prune(at(7.5))
    assert set(known._posts) == {("C1", "ann"), ("C1", "bob")}
    known.prune(at(9))
    assert not known._posts
