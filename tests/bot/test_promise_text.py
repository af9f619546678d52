"""A standing in plain words: each kind of it, and numbers that agree with their nouns."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.promise_text import (
    PHRASES,
    conflicts_text,
    counts_text,
    forgotten_text,
    mode_text,
    promise_text,
    standing_text,
)
from moderation.labels import Label
from moderation.policy import Mode, Policy, Strictness
from moderation.promise import Drawn, Promise, Standing, stand

FIVE = Promise()
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_standing(
    acts_from: float | None = None,
    drawn: int = 0,
    ruled: int = 0,
    wrong: int = 0,
    needed: int | None = 78,
    strongest: float | None = None,
    stepped_back: datetime | None = None,
) -> Standing:
    return Standing(acts_from, drawn, ruled, wrong, needed, strongest, stepped_back)


@pytest.mark.parametrize(
    "acts_from, said",
    [
        (0.90, "at strictness low: where it is at least 90 % sure."),
        (0.75, "at strictness low or normal: where it is at least 75 % sure."),
        (0.60, "at any strictness: where it is at least 60 % sure."),
    ],
)
def test_from_which_strictness_it_may_act(acts_from: float, said: str) -> None:
    text = standing_text(a_standing(acts_from, 80, 80, needed=0), FIVE, Label.CHATTER)
    assert text == f"Under this promise Steward may act {said}"


@pytest.mark.parametrize(
    "standing, said",
    [
        (a_standing(), "It takes about 78 rulings"),
        (a_standing(drawn=30, ruled=30, needed=48), "About 48 more rulings are needed"),
        (
            a_standing(drawn=70, ruled=70, wrong=1, needed=130),
            "if 1 in 70 were flagged wrongly, as until now",
        ),
        (a_standing(drawn=31, ruled=30, needed=48), "1 of them waits already."),
        (a_standing(drawn=50, ruled=30, needed=20), "20 of them wait already."),
    ],
)
def test_how_many_rulings_are_missing(standing: Standing, said: str) -> None:
    text = standing_text(standing, FIVE, Label.PITCH)
    assert text.startswith("Under this promise Steward only shows cards for now.")
    assert said in text


def test_a_history_that_is_too_short_is_said() -> None:
    standing = a_standing(drawn=35, ruled=30, needed=48)
    assert "replay a longer one" not in standing_text(standing, FIVE, Label.CHATTER)
    assert "replay a longer one" not in standing_text(standing, FIVE, Label.CHATTER, left=43)
    assert "only 42 more of them: replay" in standing_text(standing, FIVE, Label.CHATTER, left=42)
    assert "no more of them: replay" in standing_text(standing, FIVE, Label.CHATTER, left=0)


def test_a_promise_that_cannot_be_reached_and_the_strongest_that_can() -> None:
    standing = a_standing(drawn=30, ruled=30, wrong=3, needed=None, strongest=0.315)
    text = standing_text(standing, FIVE, Label.CHATTER)
    assert "(3 of 30 flagged wrongly), the promise cannot be reached." in text
    assert "“at most 31.5 wrong nudges in 100, 95 % sure”" in text
    none = standing_text(
        a_standing(drawn=2, ruled=2, wrong=2, needed=None), Promise(0.05, 0.9), Label.CHATTER
    )
    assert none.endswith("These rulings support no promise yet.")


def test_a_step_back_is_said_with_its_day() -> None:
    text = standing_text(a_standing(stepped_back=NOW), FIVE, Label.CHATTER)
    assert "fell silent by itself on 2026-03-02" in text


@pytest.mark.parametrize(
    "policy, standing, said",
    [
        (Policy(), None, "observe, as the charter says"),
        (Policy(mode=Mode.NUDGE), None, "nudge, at once and on the moderators' own word"),
        (Policy(mode=Mode.NUDGE), a_standing(), "observe. The charter asks for nudge"),
        (Policy(mode=Mode.MOVE), a_standing(0.9, needed=0), "move, where it is at least 90 % sure"),
        (Policy(Mode.MOVE, Strictness.LOW), a_standing(0.6), "move, where it is at least 90 % sure"),
        (Policy(Mode.MOVE, Strictness.HIGH), a_standing(0.6), "move, where it is at least 60 % sure"),
    ],
)
def test_the_mode_in_force(policy: Policy, standing: Standing | None, said: str) -> None:
    assert mode_text(policy, standing).startswith(said)


def test_counts_agree_with_their_nouns() -> None:
    assert counts_text(5, 3, 1) == "5 drawn, 3 ruled, 1 wrong, 2 open"
    assert "none of the drawn" in conflicts_text(0)
    assert "1 drawn message:" in conflicts_text(1)
    assert "2 drawn messages:" in conflicts_text(2)
    assert forgotten_text(1).startswith("1 drawn message without")
    assert forgotten_text(2).startswith("2 drawn messages without")
    assert promise_text(FIVE, "charter") == "at most 5 wrong nudges in 100, 95 % sure (the charter's)"


@given(st.lists(st.sampled_from([True, False, None]), max_size=120), st.integers(0, 200))
def test_every_standing_can_be_said(wrong: list[bool | None], left: int) -> None:
    drawn = [Drawn(0.95, NOW + timedelta(hours=n), one) for n, one in enumerate(wrong)]
    standing = stand(FIVE, drawn, NOW + timedelta(days=90))
    if standing.needed:
        assert standing.needed >= standing.drawn - standing.ruled  # what waits is among what is needed
    text = standing_text(standing, FIVE, Label.CHATTER, left)
    assert text.endswith((".", "”."))
    assert "{" not in text
    assert "None" not in text


def test_no_phrase_has_a_gap_that_nobody_fills() -> None:
    for phrase in PHRASES.values():
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(phrase))
