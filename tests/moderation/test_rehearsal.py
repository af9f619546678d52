"""The twelve combinations in three folds must count what twelve plain folds do."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import time as time_of_day
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions import Action, FloodHint, NudgeAuthor, NudgeStretch, PitchCard, Welcome
from moderation.charter import Charter
from moderation.decisions import Outcome
from moderation.experiment import Experiment
from moderation.labels import Label
from moderation.move_actions import MoveStretch
from moderation.policy import Caps, Mode, Policy, QuietHours, Strictness
from moderation.rehearsal import Rehearsal, Would
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, a_charter, a_message, a_verdict
from tests.moderation.plain_fold import Judged, every_decision

NAMES = {
    NudgeAuthor: "lone_nudges",
    Welcome: "welcomes",
    FloodHint: "flood_hints",
}


def rehearsed(judged: Sequence[Judged], charter: Charter, policy: Policy) -> Rehearsal:
    rehearsal = Rehearsal(charter, policy)
    for message, verdict in judged:
        rehearsal.add(message, verdict)
    if judged:
        rehearsal.settle(judged[-1][0].posted_at + timedelta(days=1))
    return rehearsal


def plainly(judged: Sequence[Judged], charter: Charter, policy: Policy) -> Would:
    """The actions of a plain fold, counted without any help from the rehearsal."""
    actions = [
        action for _, decision in every_decision(judged, charter, policy) for action in decision.actions
    ]
    counts: Counter[str] = Counter()
    people: set[str] = set()
    for action in actions:
        counts.update([_name(action)])
        if isinstance(action, NudgeStretch | MoveStretch):
            people.update(action.members)
        elif isinstance(action, NudgeAuthor | Welcome | FloodHint):
            people.add(action.member)
        if isinstance(action, MoveStretch):
            counts["moved_posts"] += len(action.messages)
    cards = {action.pitch for action in actions if isinstance(action, PitchCard)}
    del counts["card"]
    return Would(**counts, pitch_cards=len(cards), people=len(people))


def _name(action: Action) -> str:
    match action:
        case NudgeStretch(offer=offer):
            return "offers" if offer else "nudges"
        case MoveStretch():
            return "moves"
        case PitchCard():
            return "card"
    return NAMES[type(action)]


TEXTS = (
    "hi all, glad to be here!",
    "my dog ate the invoice",
    "book my course, twenty percent off today only",
)


@st.composite
def talks(draw: st.DrawFn) -> list[Judged]:
    """A few people in a few places, minutes apart, and verdicts of every kind and certainty."""
    minutes, judged = 0.0, []
    for number in range(draw(st.integers(1, 40))):
        minutes += draw(st.sampled_from((0.0, 0.3, 1.0, 1.9, 4.0, 29.0, 700.0)))
        message = a_message(
            number,
            author=draw(st.sampled_from(("ann", "ben", "cleo"))),
            text=draw(st.sampled_from(TEXTS)),
            minutes=minutes,
            channel=draw(st.sampled_from(("C1", "C1", "C2", "C3", "C4"))),
            thread=draw(st.sampled_from((None, None, None, "00000"))),
        )
        label = draw(st.sampled_from((Label.CHATTER, Label.CHATTER, Label.PITCH, Label.ON_TOPIC)))
        sure = draw(st.sampled_from((0.5, 0.65, 0.8, 0.97)))
        judged.append((message, a_verdict(label, sure, abstained=draw(st.integers(0, 9)) == 0)))
    return judged


POLICIES = (
    Policy(),
    Policy(mode=Mode.MOVE, strictness=Strictness.HIGH, lone_limit=1, act_in_threads=True),
    Policy(mode=Mode.NUDGE, caps=Caps(member=2, channel=1, day=2), time_zone="America/New_York"),
    Policy(quiet_hours=QuietHours(time_of_day(10), time_of_day(22)), moderators=("ann",), lone_limit=2),
    Policy(experiment=Experiment("a secret", 0.5, MONDAY - timedelta(days=7)), act_in_threads=True),
)


@given(talks(), st.sampled_from(POLICIES), st.booleans())
def test_every_combination_counts_what_its_own_plain_fold_does(
    judged: list[Judged], policy: Policy, social: bool
) -> None:
    charter = a_charter() if social else replace(a_charter(), channels=())
    counts = rehearsed(judged, charter, policy).counts()
    assert len(counts) == 12
    for (mode, strictness), would in counts.items():
        assert would == plainly(judged, charter, replace(policy, mode=mode, strictness=strictness)), mode


def long_talk() -> list[Judged]:
    """Sixteen posts that nobody answers, a drifted stretch, a lone poster, and one pitch in three channels."""
    judged = [(a_message(n, author="max", minutes=n), ON_TOPIC) for n in range(16)]
    judged += [(a_message(100 + n, author=("ann", "ben")[n % 2], minutes=100 + n), CHATTER) for n in range(5)]
    judged += [(a_message(200 + n, author="zoe", minutes=200 + 60 * n), CHATTER) for n in range(3)]
    text = "book my pricing course, ten seats left"
    judged += [
        (a_message(300 + n, author="eve", minutes=500 + n, channel=c, text=text), PITCH)
        for n, c in enumerate(("C1", "C2", "C3"))
    ]
    return judged


def test_the_counts_in_numbers() -> None:
    counts = rehearsed(long_talk(), a_charter(), Policy()).counts()
    assert counts[Mode.OBSERVE, Strictness.NORMAL] == Would(pitch_cards=1)
    moved = counts[Mode.MOVE, Strictness.NORMAL]
    assert moved == Would(moves=1, moved_posts=3, lone_nudges=1, flood_hints=1, pitch_cards=1, people=4)
    assert moved.times_spoken == 3
    offered = counts[Mode.OFFER, Strictness.NORMAL]
    assert offered == replace(moved, moves=0, moved_posts=0, offers=1)


def test_without_a_social_channel_a_move_is_a_nudge() -> None:
    counts = rehearsed(long_talk(), replace(a_charter(), channels=()), Policy()).counts()
    assert counts[Mode.MOVE, Strictness.NORMAL].nudges == 1
    assert counts[Mode.MOVE, Strictness.NORMAL].moves == 0


def test_a_fate_says_what_would_have_been_said_and_why() -> None:
    rehearsal = rehearsed(long_talk(), a_charter(), Policy())
    fate = rehearsal.fates()["C1/00100"]
    assert rehearsal.shown_mode is Mode.OFFER
    assert isinstance(fate.action, NudgeStretch)
    assert fate.action.offer
    assert fate.why == ("3 casual posts by 2 people",)


def test_a_fate_without_a_word_says_why() -> None:
    judged = [
        (a_message(n, author=("ann", "ben")[n % 2], minutes=n, thread="00099"), CHATTER) for n in range(4)
    ]
    fate = rehearsed(judged, a_charter(), Policy()).fates()["C1/00000"]
    assert fate.action is None
    assert fate.why[-1] == "in a thread: only counted"


def test_nothing_in_nothing_out() -> None:
    assert set(Rehearsal(a_charter(), Policy()).counts().values()) == {Would()}


def test_the_fates_are_those_of_stretches_that_were_decided() -> None:
    judged = long_talk()
    decided = every_decision(judged, a_charter(), Policy(mode=Mode.OFFER))
    named = {decision.stretch for _, decision in decided if decision.outcome is Outcome.STRETCH}
    assert set(rehearsed(judged, a_charter(), Policy()).fates()) == named


@pytest.mark.bench
def test_a_hundred_thousand_messages_take_less_than_25_seconds() -> None:
    talk = long_talk()
    rehearsal, started = Rehearsal(a_charter(), Policy()), time.perf_counter()
    for day in range(100_000 // len(talk)):
        for message, verdict in talk:
            key = replace(message.key, message=f"{message.key.message}-{day}")
            at = message.posted_at + timedelta(days=day)
            rehearsal.add(replace(message, key=key, posted_at=at), verdict)
    assert time.perf_counter() - started < 25
