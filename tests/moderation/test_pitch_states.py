"""moderation/pitch_states.py: how a pitch stands, and who looks at it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.decisions import Ruled, Ruling
from moderation.pitch_states import (
    CLAIM_STANDS,
    Claim,
    PitchFacts,
    Stage,
    claims_alive,
    ruled_against,
    state_of,
)
from tests.factories import MONDAY

MINUTE = timedelta(minutes=1)


def ruled(minutes: float, what: Ruled = Ruled.FINE, by: str = "mona") -> Ruling:
    return Ruling("card:C1/1", what, by, MONDAY + minutes * MINUTE, moderator=True)


def claim(minutes: float, by: str = "mona") -> Claim:
    return Claim(by, MONDAY + minutes * MINUTE)


@pytest.mark.parametrize(
    "facts, stage",
    [
        (PitchFacts(), Stage.OPEN),
        (PitchFacts([ruled(0, Ruled.NOT_NOW)]), Stage.OPEN),
        (PitchFacts(claims=[claim(-1)]), Stage.CLAIMED),
        (PitchFacts(claims=[claim(-31)]), Stage.OPEN),
        (PitchFacts([ruled(-1)], [claim(-2)], is_open=False), Stage.RULED),
        (PitchFacts([ruled(-1, Ruled.NOT_NOW)], [claim(-2)]), Stage.OPEN),
        (PitchFacts([ruled(-2, Ruled.REMOVE)], [claim(-1)]), Stage.CLAIMED),
        (PitchFacts([ruled(-2, Ruled.REMOVE)]), Stage.AGAIN),
        (PitchFacts([ruled(-2, Ruled.REMOVE)], is_open=False, appealed_at=MONDAY), Stage.APPEALED),
        (PitchFacts([ruled(-2)], is_open=False, back_at=MONDAY), Stage.BROUGHT_BACK),
        (PitchFacts([ruled(1)], is_open=False, back_at=MONDAY), Stage.RULED),
        (PitchFacts(back_at=MONDAY), Stage.OPEN),
    ],
)
def test_the_latest_of_what_happened_says_how_a_pitch_stands(facts: PitchFacts, stage: Stage) -> None:
    assert state_of(facts, MONDAY + 2 * MINUTE if facts.rulings else MONDAY).stage is stage


def test_two_who_look_at_once_are_both_named() -> None:
    state = state_of(PitchFacts(claims=[claim(-2), claim(-1, "max")]), MONDAY)
    assert state.by == ("mona", "max")
    assert state.until == MONDAY - MINUTE + CLAIM_STANDS


def test_a_ruling_ends_all_claims_and_tells_against_whose_it_was() -> None:
    claims = [claim(0), claim(1, "max")]
    ruling = ruled(2, by="zoe")
    assert claims_alive(claims, [ruling], MONDAY + 3 * MINUTE) == []
    assert ruled_against(ruling, [ruling], claims) == ("mona", "max")
    assert ruled_against(ruled(2, by="max"), [ruling], claims) == ("mona",)
    assert ruled_against(ruled(2, by="zoe"), [ruled(1.5), ruling], claims) == ()


@given(st.lists(st.integers(0, 120)), st.lists(st.integers(0, 120)), st.integers(0, 240))
def test_no_claim_outlives_its_time_or_a_ruling(claimed: list[int], said: list[int], minute: int) -> None:
    rulings, now = [ruled(each) for each in sorted(said)], MONDAY + minute * MINUTE
    for alive in claims_alive([claim(each) for each in sorted(claimed)], rulings, now):
        assert timedelta(0) <= now - alive.at < CLAIM_STANDS
        assert not any(alive.at <= ruling.at <= now for ruling in rulings)
