"""The error promise: when it may act, when it steps back, and how often it would be wrong about that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.promise import PATIENCE, Drawn, Promise, promise_of, stand

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIVE = Promise(0.05, 0.95)
LATE = START + timedelta(days=365)


def drawn(*wrong: bool | None, score: float = 0.95, after: int = 0) -> list[Drawn]:
    return [Drawn(score, START + timedelta(hours=after + place), one) for place, one in enumerate(wrong)]


def acts_after(wrong: list[bool], promise: Promise = FIVE) -> int | None:
    """How many rulings it takes until it may act."""
    for number in range(len(wrong) + 1):
        if stand(promise, drawn(*wrong[:number]), LATE).acts_from is not None:
            return number
    return None


@pytest.mark.parametrize(
    "words", ["at most 5 wrong nudges in 100, 95 % sure", "At most 5 wrong nudges in 100,95% sure"]
)
def test_a_promise_is_read_from_words(words: str) -> None:
    assert promise_of(words) == FIVE


def test_off_is_no_promise() -> None:
    assert promise_of(" Off ") is None


@pytest.mark.parametrize(
    "words",
    [
        "",
        "never wrong",
        "at most 0 wrong nudges in 100, 95 % sure",
        "at most 60 wrong nudges in 100, 95 % sure",
        "at most 5 wrong nudges in 0, 95 % sure",
        "at most 5 wrong nudges in 100, 100 % sure",
        "at most 5 wrong nudges in 100, 20 % sure",
    ],
)
def test_words_that_promise_nothing_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"promise|certainty"):
        promise_of(words)


@given(st.integers(1, 50), st.integers(50, 99))
def test_a_promise_is_read_back_from_its_own_words(share: int, certainty: int) -> None:
    promise = Promise(share / 100, certainty / 100)
    assert str(promise_of(str(promise))) == str(promise)


def test_without_rulings_it_only_shows() -> None:
    standing = stand(FIVE, [], START)
    assert standing.acts_from is None
    assert standing.needed is not None
    assert 59 <= standing.needed <= 80
    assert standing.error is None


def test_a_flawless_record_is_enough_after_somewhat_more_than_the_fixed_sample_needs() -> None:
    assert 59 <= (acts_after([False] * 200) or 0) <= 80


def test_one_error_costs_rulings_and_never_frees_them() -> None:
    with_one = acts_after([False] * 20 + [True] + [False] * 300)
    assert with_one is not None
    assert 93 <= with_one <= 140


def test_what_waits_for_a_ruling_counts_as_wrong() -> None:
    standing = stand(FIVE, drawn(*[None] * 10, *[False] * 80), START + timedelta(days=4))
    assert standing.acts_from is None
    assert standing.ruled == 80
    assert standing.drawn == 90


def test_it_says_how_many_rulings_are_missing() -> None:
    half = stand(FIVE, drawn(*[False] * 40), START)
    assert half.needed is not None
    there = stand(FIVE, drawn(*[False] * (40 + half.needed)), LATE)
    assert there.acts_from is not None
    assert there.needed == 0


def test_a_promise_out_of_reach_says_which_one_is_not() -> None:
    seen = [place % 8 == 0 for place in range(200)]
    standing = stand(FIVE, drawn(*seen), LATE)
    assert standing.needed is None
    assert standing.strongest is not None
    assert standing.strongest > 0.125
    assert stand(Promise(standing.strongest, 0.95), drawn(*seen), LATE).acts_from is not None


def test_thresholds_are_tried_from_the_strictest_on() -> None:
    sure = drawn(*[False] * 160, score=0.95)
    middling = drawn(*[False] * 80, score=0.80)
    doubtful = drawn(*[place % 3 == 0 for place in range(80)], score=0.65)
    mixed = [one for three in zip(sure[::2], middling, doubtful, strict=True) for one in three]
    assert stand(FIVE, mixed, START).acts_from == 0.75


def test_many_doubtful_ones_never_make_up_for_wrong_sure_ones() -> None:
    sure = drawn(*[True] * 12, score=0.95)
    middling = drawn(*[False] * 400, score=0.80, after=100)
    assert stand(FIVE, [*sure, *middling], LATE).acts_from is None


def test_a_rarely_drawn_message_weighs_as_much_as_it_stands_for() -> None:
    often = [Drawn(0.95, START, False, probability=1.0, least=0.1) for _ in range(100)]
    rarely = [Drawn(0.95, START, False, probability=0.1, least=0.1) for _ in range(100)]
    assert stand(FIVE, often, LATE).acts_from is None
    assert stand(FIVE, rarely, LATE).acts_from is not None


def test_it_steps_back_when_the_promise_breaks_and_says_when() -> None:
    broken = [*drawn(*[False] * 100), *drawn(*[True, False, False] * 20, after=100)]
    standing = stand(FIVE, broken, LATE)
    assert standing.acts_from is None
    assert standing.stepped_back is not None
    assert START + timedelta(hours=100) <= standing.stepped_back <= START + timedelta(hours=130)


def test_after_stepping_back_it_needs_new_evidence() -> None:
    broken = [*drawn(*[False] * 100), *drawn(*[True] * 4, after=100)]
    mended = [*broken, *drawn(*[False] * 300, after=200)]
    assert stand(FIVE, mended, LATE).acts_from is not None
    assert stand(FIVE, mended[:160], LATE).acts_from is None


def test_silence_of_the_moderators_ends_the_acting_but_not_at_once() -> None:
    quiet = [*drawn(*[False] * 100), *drawn(*[None] * 15, after=100)]
    assert stand(FIVE, quiet, quiet[-1].at).acts_from is not None
    assert stand(FIVE, quiet, quiet[-1].at + PATIENCE).acts_from is None


@given(
    st.lists(st.sampled_from([False, False, False, False, False, False, True, None]), max_size=150), st.data()
)
def test_no_silence_ever_helps(rulings: list[bool | None], data: st.DataObject) -> None:
    """Whoever leaves a message without a ruling never makes it act where a ruling of right would not."""
    place = data.draw(st.integers(0, max(0, len(rulings) - 1)))
    less = [*rulings[:place], None, *rulings[place + 1 :]]
    more = [*rulings[:place], False, *rulings[place + 1 :]]
    if stand(FIVE, drawn(*less), START).acts_from is not None:
        assert stand(FIVE, drawn(*more), START).acts_from is not None


@pytest.mark.parametrize("error", [0.05, 0.08])
def test_it_is_rarely_wrong_however_often_one_looks(error: float) -> None:
    """Of 400 communities whose error is what is promised or more, about one in twenty ever acts at most."""
    chance = np.random.default_rng(11)
    standings = [stand(FIVE, drawn(*(chance.random(300) < error).tolist()), START) for _ in range(400)]
    assert sum(one.acts_from is not None or one.stepped_back is not None for one in standings) <= 28
