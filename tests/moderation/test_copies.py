"""moderation/copies.py: one author's same text again within a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from moderation.copies import SHORTEST_COPY, Copies
from tests.factories import MONDAY

OFFER = "Grow your workshop with ten new leads a week, ask me how!"
FIRST, SECOND, THIRD = "C1/00001", "C2/00002", "C1/00003"


@pytest.fixture
def known() -> Copies:
    known = Copies()
    known.add(FIRST, "eve", OFFER, MONDAY)
    return known


def after(**time: float) -> datetime:
    return MONDAY + timedelta(**time)


@pytest.mark.parametrize(
    "text", [OFFER, OFFER.upper(), OFFER.replace(" ", " - "), f"{OFFER}\U0001f680\ud83d"]
)
def test_the_same_letters_and_digits_are_a_copy(known: Copies, text: str) -> None:
    assert known.add(SECOND, "eve", text, after(minutes=5)) == (FIRST, SECOND)
    assert known.add(THIRD, "eve", OFFER, after(minutes=6)) == (FIRST, SECOND, THIRD)


def test_another_text_and_another_author_are_none(known: Copies) -> None:
    assert known.add(SECOND, "eve", f"{OFFER} Today only.", after(minutes=5)) == (SECOND,)
    assert known.add(THIRD, "pete", OFFER, after(minutes=5)) == (THIRD,)


def test_after_a_day_it_begins_anew(known: Copies) -> None:
    assert known.add(SECOND, "eve", OFFER, after(hours=24)) == (FIRST, SECOND)
    assert known.add(THIRD, "eve", OFFER, after(hours=24, seconds=1)) == (THIRD,)


def test_what_is_older_than_a_day_is_not_remembered(known: Copies) -> None:
    known.add(SECOND, "ann", "thanks", after(hours=25))
    assert not known._texts


def test_short_phrases_are_not_copies() -> None:
    known = Copies()
    for letters, copies in ((SHORTEST_COPY - 1, 1), (SHORTEST_COPY, 2)):
        text = "thanks " * 2 + "a" * (letters - 12)
        known.add(FIRST, "ann", text, MONDAY)
        assert len(known.add(SECOND, "ann", text, after(minutes=5))) == copies


def test_half_a_letter_is_no_error(known: Copies) -> None:
    assert known.add(SECOND, "eve", f"{OFFER} \ud83d", MONDAY) == (FIRST, SECOND)


def test_of_an_erased_member_nothing_is_left(known: Copies) -> None:
    known.add(SECOND, "pete", OFFER, after(minutes=1))
    known.forget("eve")
    assert known.add(THIRD, "eve", OFFER, after(minutes=5)) == (THIRD,)
    assert known.add("C3/00004", "pete", OFFER, after(minutes=6)) == (SECOND, "C3/00004")
