"""moderation/ruling_counts.py: what counts as one case, whose word counts, and what is said when moderators disagree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions import PitchCard
from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.ruling_counts import RulingCounts, count_rulings
from tests.factories import MONDAY, a_message

CHATTER, PITCH = Label.CHATTER, Label.PITCH


def a_draw(number: int, label: Label = CHATTER, occasion: Occasion = Occasion.FLAGGED) -> Draw:
    key = a_message(number).key
    return Draw(key, 0, occasion, label, 0.9, 1.0, 1.0, MONDAY - timedelta(days=30), "test-model", "abc")


def unflagged(number: int) -> Draw:
    return a_draw(number, Label.ON_TOPIC, Occasion.NOT_FLAGGED)


def said(
    about: str | Draw, what: Ruled, by: str = "mo", minutes: float = 1, *, moderator: bool = True
) -> Ruling:
    subject = about if isinstance(about, str) else about.subject
    at = MONDAY + timedelta(minutes=minutes)
    return Ruling(subject, what, by, at, moderator=moderator, drawn=not isinstance(about, str))


def counted(
    rulings: Sequence[Ruling],
    *draws: Draw,
    cards: Sequence[PitchCard] = (),
    counts: Callable[[Ruling], bool] = lambda _: True,
) -> RulingCounts:
    return count_rulings(rulings, draws, cards, counts)


@pytest.mark.parametrize(
    "draw, words, found",
    [
        (a_draw(1), [Ruled.CHATTER], RulingCounts(right=1, drawn=1)),
        (a_draw(1), [Ruled.FINE], RulingCounts(wrong=1, drawn=1)),
        (a_draw(1), [Ruled.PITCH], RulingCounts(wrong=1, drawn=1)),
        (a_draw(1, PITCH), [Ruled.CHATTER], RulingCounts(wrong=1, drawn=1)),
        (a_draw(1, PITCH), [Ruled.REMOVE, Ruled.PITCH], RulingCounts(right=1, drawn=1)),
        (a_draw(1), [Ruled.CHATTER, Ruled.FINE], RulingCounts(wrong=1, drawn=1, disputed=1)),
        (a_draw(1), [Ruled.CHATTER, Ruled.PITCH], RulingCounts(wrong=1, drawn=1, disputed=1)),
        (unflagged(1), [Ruled.FINE], RulingCounts(fine=1, drawn=1)),
        (unflagged(1), [Ruled.PITCH], RulingCounts(missed=1, drawn=1)),
        (unflagged(1), [Ruled.CHATTER, Ruled.PITCH], RulingCounts(missed=1, drawn=1, disputed=1)),
        (a_draw(1), [Ruled.NOT_NOW], RulingCounts(open=1)),
        (a_draw(1), [Ruled.CHATTER, Ruled.NOT_NOW], RulingCounts(right=1, drawn=1)),
    ],
)
def test_a_drawn_message_is_one_case(draw: Draw, words: Sequence[Ruled], found: RulingCounts) -> None:
    rulings = [said(draw, what, f"m{number}") for number, what in enumerate(words)]
    assert counted(rulings, draw) == found


@pytest.mark.parametrize(
    "subject, what, found",
    [
        ("card:C1/1", Ruled.REMOVE, RulingCounts(right=1)),
        ("card:C1/1", Ruled.FINE, RulingCounts(wrong=1)),
        ("card:C1/1", Ruled.CHATTER, RulingCounts(wrong=1)),
        ("card:C1/1", Ruled.NOT_NOW, RulingCounts(open=1)),
        ("nudge:C1/1", Ruled.BELONGS_HERE, RulingCounts(wrong=1)),
        ("lone:1", Ruled.BELONGS_HERE, RulingCounts(wrong=1)),
    ],
)
def test_what_was_volunteered_is_a_case_too_but_not_a_drawn_one(
    subject: str, what: Ruled, found: RulingCounts
) -> None:
    assert counted([said(subject, what)]) == found


def test_the_latest_word_of_each_moderator_counts_and_not_now_takes_nothing_back() -> None:
    rulings = [
        said("card:C1/1", Ruled.FINE, minutes=1),
        said("card:C1/1", Ruled.REMOVE, minutes=2),
        said("card:C1/1", Ruled.NOT_NOW, minutes=3),
    ]
    assert counted(rulings) == RulingCounts(right=1)


def test_a_press_on_a_card_is_one_case_however_many_of_its_copies_are_drawn() -> None:
    draws = [a_draw(number, PITCH) for number in (1, 2, 3)]
    copies = tuple(draw.key.name for draw in draws)
    cards = [PitchCard(copies[0], name, "eve", drive_by=True, exchanges=0, copies=copies) for name in copies]
    press = [said("card:C1/00001", Ruled.REMOVE), *(said(draw, Ruled.REMOVE) for draw in draws)]
    assert counted(press, *draws, cards=cards) == RulingCounts(right=1, drawn=1)
    another = said("card:C1/00001", Ruled.FINE, "max", 5)
    assert counted([*press, another], *draws, cards=cards) == RulingCounts(wrong=1, drawn=1, disputed=1)


def test_authors_are_counted_apart() -> None:
    rulings = [
        said("nudge:C1/1", Ruled.BELONGS_HERE, "ann", moderator=False),
        said("nudge:C1/1", Ruled.BELONGS_HERE, "ann", 2, moderator=False),
        said("nudge:C1/1", Ruled.BELONGS_HERE, "ben", moderator=False),
    ]
    assert counted(rulings) == RulingCounts(objections=2)
    assert counted(rulings, counts=lambda ruling: ruling.by == "ben") == RulingCounts(objections=1)


def test_a_case_counts_where_something_was_said_and_then_with_all_that_was_ever_said_of_it() -> None:
    old = said("card:C1/1", Ruled.REMOVE, "mo", -9_000)
    new = said("card:C1/1", Ruled.FINE, "max")
    elsewhere = said("card:C1/2", Ruled.REMOVE, "mo", -9_000)
    found = counted([old, new, elsewhere], counts=lambda ruling: ruling.at >= MONDAY)
    assert found == RulingCounts(wrong=1, disputed=1)


def test_what_was_said_before_the_draw_or_of_an_erased_one_says_nothing() -> None:
    early = replace(said(a_draw(1), Ruled.FINE), at=MONDAY - timedelta(days=40))
    assert counted([early], a_draw(1)) == RulingCounts()
    assert counted([said(a_draw(1), Ruled.FINE)]) == RulingCounts()


words = st.builds(
    said,
    st.sampled_from(["card:C1/00001", "nudge:C1/00005", a_draw(1, PITCH), a_draw(2), unflagged(3)]),
    st.sampled_from(Ruled),
    st.sampled_from(["mo", "max", "zoe"]),
    st.integers(0, 9),
    moderator=st.booleans(),
)


@given(st.lists(words))
def test_the_counts_fit_together(rulings: list[Ruling]) -> None:
    card = PitchCard("C1/00001", "C1/00001", "eve", drive_by=True, exchanges=0)
    found = counted(rulings, a_draw(1, PITCH), a_draw(2), unflagged(3), cards=[card])
    cases = {ruling.subject for ruling in rulings if ruling.moderator}
    assert found.ruled + found.open <= len(cases)
    assert max(found.drawn, found.disputed) <= found.ruled
    assert found.objections <= len({(r.subject, r.by) for r in rulings if not r.moderator})
