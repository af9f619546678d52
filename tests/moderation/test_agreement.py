"""moderation/agreement.py: whose word counts, and what a disagreement means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.agreement import disagree, latest_words, were_wrong, words_of_moderators, words_on
from moderation.decisions import Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from tests.factories import MONDAY, a_message

CARD = "card:C1/00001"


def said(
    what: Ruled, by: str = "mo", minutes: float = 1, *, subject: str = CARD, moderator: bool = True
) -> Ruling:
    return Ruling(subject, what, by, MONDAY + timedelta(minutes=minutes), moderator=moderator)


def a_draw(occasion: Occasion = Occasion.FLAGGED, label: Label = Label.PITCH, number: int = 1) -> Draw:
    return Draw(a_message(number).key, 0, occasion, label, 0.9, 1.0, 1.0, MONDAY, "test-model", "abc")


def test_the_latest_word_of_each_person_counts() -> None:
    rulings = [said(Ruled.FINE, minutes=3), said(Ruled.REMOVE, minutes=1), said(Ruled.REMOVE, "max", 2)]
    assert latest_words(rulings) == [rulings[2], rulings[0]]


def test_subjects_are_kept_apart() -> None:
    rulings = [said(Ruled.FINE), said(Ruled.REMOVE, minutes=2, subject="card:C1/00002")]
    assert latest_words(rulings) == rulings


def test_not_now_takes_nothing_back() -> None:
    fine = said(Ruled.FINE)
    assert latest_words([fine, said(Ruled.NOT_NOW, minutes=2)]) == [fine]
    assert latest_words([said(Ruled.NOT_NOW)]) == []


def test_what_somebody_said_as_a_moderator_is_not_replaced_by_a_click_of_theirs_as_an_author() -> None:
    removed = said(Ruled.REMOVE)
    rulings = [removed, said(Ruled.BELONGS_HERE, minutes=2, moderator=False)]
    assert words_of_moderators(rulings) == [removed]


@pytest.mark.parametrize(
    "rulings, disagreed",
    [
        ([], False),
        ([said(Ruled.NOT_NOW)], False),
        ([said(Ruled.BELONGS_HERE, moderator=False)], False),
        ([said(Ruled.REMOVE)], False),
        ([said(Ruled.REMOVE), said(Ruled.PITCH, "max")], False),
        ([said(Ruled.FINE), said(Ruled.BELONGS_HERE, "max")], False),
        ([said(Ruled.REMOVE), said(Ruled.CHATTER, "max")], True),
        ([said(Ruled.REMOVE), said(Ruled.FINE, "max")], True),
        ([said(Ruled.REMOVE), said(Ruled.FINE, "max"), said(Ruled.REMOVE, "max", 2)], False),
    ],
)
def test_a_disagreement_is_seen_until_it_is_settled(rulings: list[Ruling], disagreed: bool) -> None:
    assert disagree(rulings) is disagreed


@pytest.mark.parametrize(
    "occasion, label, words, wrong",
    [
        (Occasion.FLAGGED, Label.PITCH, [], None),
        (Occasion.FLAGGED, Label.PITCH, [Ruled.NOT_NOW], None),
        (Occasion.FLAGGED, Label.PITCH, [Ruled.REMOVE, Ruled.PITCH], False),
        (Occasion.FLAGGED, Label.PITCH, [Ruled.FINE], True),
        (Occasion.FLAGGED, Label.PITCH, [Ruled.CHATTER], True),
        (Occasion.FLAGGED, Label.CHATTER, [Ruled.CHATTER], False),
        (Occasion.FLAGGED, Label.CHATTER, [Ruled.CHATTER, Ruled.PITCH], True),
        (Occasion.NOT_FLAGGED, Label.ON_TOPIC, [Ruled.FINE], False),
        (Occasion.NOT_FLAGGED, Label.ON_TOPIC, [Ruled.FINE, Ruled.CHATTER], True),
        (Occasion.NOT_FLAGGED, Label.CHATTER, [Ruled.FINE], False),
        (Occasion.NOT_FLAGGED, Label.CHATTER, [Ruled.CHATTER], True),
    ],
)
def test_a_drawn_verdict_was_wrong_where_anyone_says_so(
    occasion: Occasion, label: Label, words: list[Ruled], wrong: bool | None
) -> None:
    draw = a_draw(occasion, label)
    rulings = [said(what, f"m{number}", subject=draw.subject) for number, what in enumerate(words)]
    assert were_wrong([draw], rulings) == [wrong]


def test_only_words_on_the_draw_count_and_only_those_since() -> None:
    draw, other = a_draw(), a_draw(number=2)
    rulings = [
        said(Ruled.FINE, "early", -1, subject=draw.subject),
        said(Ruled.PITCH, "late", 0, subject=draw.subject),
        said(Ruled.FINE, "max", 1, subject=other.subject),
        said(Ruled.FINE, "author", 2, subject=draw.subject, moderator=False),
    ]
    assert words_on(draw, rulings) == [rulings[1]]
    assert were_wrong([other, draw, a_draw(number=3)], rulings) == [True, False, None]


words = st.builds(
    said,
    st.sampled_from(Ruled),
    st.sampled_from(["mo", "max", "zoe"]),
    st.integers(0, 9),
    subject=st.just(a_draw().subject),
    moderator=st.booleans(),
)


@given(st.lists(words), st.randoms(use_true_random=False))
def test_the_order_in_which_rulings_are_given_does_not_matter(rulings: list[Ruling], random: object) -> None:
    shuffled = list(rulings)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert were_wrong([a_draw()], shuffled) == were_wrong([a_draw()], rulings)
    assert disagree(shuffled) is disagree(rulings)


@given(st.lists(words), words)
def test_a_first_word_that_it_was_wrong_is_never_outvoted(rulings: list[Ruling], word: Ruling) -> None:
    fine = said(Ruled.FINE, "sole", subject=a_draw().subject)
    assert were_wrong([a_draw()], [*rulings, fine, word]) == [True]


@given(st.lists(words))
def test_each_person_has_at_most_one_word(rulings: list[Ruling]) -> None:
    found = latest_words(rulings)
    assert len({ruling.by for ruling in found}) == len(found)
    assert all(
        ruling.at <= last.at
        for last in found
        for ruling in rulings
        if ruling.by == last.by and ruling.what is not Ruled.NOT_NOW
    )
