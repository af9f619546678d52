"""A diff must say exactly what two plain folds, laid side by side, say."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions import Action, FloodHint, NudgeStretch, PitchCard, Welcome
from moderation.decisions import Outcome, Ruled, Ruling, Verdict
from moderation.diff import Change, Diff, Judged, Rules, Treatment, diff
from moderation.labels import Label
from moderation.ledger import Past
from moderation.messages import Message
from moderation.move_actions import MoveStretch
from moderation.policy import Caps, Mode, Policy, QuietHours, Strictness
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE, a_charter, a_message, a_verdict
from tests.moderation.plain_fold import every_decision

LIVELY = Policy(mode=Mode.NUDGE)
WITHOUT_WORKSHOP = replace(
    a_charter(), channels=tuple(replace(c, watched=c.id != "C1") for c in a_charter().channels)
)
RULES: tuple[Rules, ...] = (
    (a_charter(), Policy()),
    (a_charter(), LIVELY),
    (a_charter(), Policy(mode=Mode.MOVE, strictness=Strictness.HIGH, lone_limit=1, act_in_threads=True)),
    (a_charter(), Policy(mode=Mode.OFFER, caps=Caps(member=2, channel=1, day=2), time_zone="America/New_York")),
    (
        replace(a_charter(), channels=()),
        Policy(mode=Mode.OFFER, quiet_hours=QuietHours(time(10), time(22)), moderators=("ann",), lone_limit=2),
    ),
    (WITHOUT_WORKSHOP, LIVELY),
)  # fmt: skip
TEXTS = (
    "hi all, glad to be here!",
    "my dog ate the invoice",
    "book my course, twenty percent off today only",
)
LABELS = (Label.CHATTER, Label.CHATTER, Label.PITCH, Label.ON_TOPIC)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    sure = draw(st.sampled_from((0.5, 0.65, 0.8, 0.97)))
    return a_verdict(draw(st.sampled_from(LABELS)), sure, abstained=draw(st.integers(0, 9)) == 0)


@st.composite
def talks(draw: st.DrawFn) -> list[Judged]:
    """A few people in a few places, minutes apart; the verdicts of both sides are mostly the same."""
    minutes, judged = 0.0, list[Judged]()
    for number in range(draw(st.integers(0, 40))):
        minutes += draw(st.sampled_from((0.0, 0.3, 1.0, 1.9, 4.0, 29.0, 700.0)))
        message = a_message(
            number,
            author=draw(st.sampled_from(("ann", "ben", "cleo"))),
            text=draw(st.sampled_from(TEXTS)),
            minutes=minutes,
            channel=draw(st.sampled_from(("C1", "C1", "C2", "C3", "C4"))),
            thread=draw(st.sampled_from((None, None, None, "00000"))),
        )
        before = draw(verdicts())
        judged.append((message, before, draw(verdicts()) if draw(st.integers(0, 3)) == 0 else before))
    return judged


def plainly(judged: Sequence[tuple[Message, Verdict]], rules: Rules) -> dict[str, Treatment]:
    """What becomes of each message by the decisions of a plain fold, read without any help from the diff."""
    found: dict[str, list[Treatment]] = {}
    for message, decision in every_decision(judged, *rules):
        casual = decision.outcome in (Outcome.STRETCH, Outcome.LONE_CHATTER)
        quiet = Treatment.COUNTED if casual else Treatment.LEFT_ALONE
        alone = Treatment.NOT_READ if decision.verdict is None else quiet
        found.setdefault(message.key.message, []).append(alone)
        for action in decision.actions:
            talk = action.messages if isinstance(action, NudgeStretch | MoveStretch) else ()
            for name in talk or (message.key.message,):
                found[name].append(_plain_treatment(action))
    order = list(Treatment)
    return {name: max(each, key=order.index) for name, each in found.items()}


def _plain_treatment(action: Action) -> Treatment:
    if isinstance(action, NudgeStretch) and action.offer:
        return Treatment.OFFERED
    named = {
        MoveStretch: Treatment.MOVED,
        PitchCard: Treatment.SHOWN,
        Welcome: Treatment.WELCOMED,
        FloodHint: Treatment.HINTED,
    }
    return named.get(type(action), Treatment.NUDGED)


@given(talks(), st.sampled_from(RULES), st.sampled_from(RULES))
def test_the_flips_are_those_of_two_plain_folds(judged: list[Judged], before: Rules, after: Rules) -> None:
    was = plainly([(message, verdict) for message, verdict, _ in judged if verdict], before)
    now = plainly([(message, verdict) for message, _, verdict in judged if verdict], after)
    found = diff(judged, before, after)
    flips = {flip.key.message: (flip.before.treatment, flip.after.treatment) for flip in found.flips}
    assert flips == {name: (was[name], now[name]) for name in was if was[name] != now[name]}
    assert sum(change.messages for change in found.changes) == len(found.flips) == len(flips)
    assert found.messages == len(judged)
    assert found.read_after == sum(each is not Treatment.NOT_READ for each in now.values())


@given(talks(), st.sampled_from(RULES), st.sampled_from(RULES))
def test_what_is_said_is_what_two_plain_folds_say(judged: list[Judged], before: Rules, after: Rules) -> None:
    def said(rules: Rules, plain: Sequence[tuple[Message, Verdict]]) -> dict[Treatment, set[str]]:
        names: dict[Treatment, set[str]] = {}
        for action in itertools.chain(*(d.actions for _, d in every_decision(plain, *rules))):
            name = action.pitch if isinstance(action, PitchCard) else action.marker
            names.setdefault(_plain_treatment(action), set()).add(name)
        return names

    was = said(before, [(message, verdict) for message, verdict, _ in judged if verdict])
    now = said(after, [(message, verdict) for message, _, verdict in judged if verdict])
    assert {each.treatment: (each.before, each.after, each.newly, each.no_longer) for each in diff(judged, before, after).said} == {
        way: (len(a), len(b), len(b - a), len(a - b))
        for way in was.keys() | now.keys()
        for a, b in [(was.get(way, set()), now.get(way, set()))]
    }  # fmt: skip


@given(talks(), st.sampled_from(RULES))
def test_a_diff_of_a_thing_with_itself_is_empty(judged: list[Judged], rules: Rules) -> None:
    same = diff([(message, before, before) for message, before, _ in judged], rules, rules)
    assert (same.flips, same.changes) == ((), ())
    assert (same.read_before, same.people_before) == (same.read_after, same.people_after)
    assert all((said.newly, said.no_longer, said.example) == (0, 0, None) for said in same.said)


@given(talks(), st.sampled_from(RULES), st.sampled_from(RULES))
def test_backwards_it_is_the_same_the_other_way_round(
    judged: list[Judged], before: Rules, after: Rules
) -> None:
    there = diff(judged, before, after)
    back = diff([(message, second, first) for message, first, second in judged], after, before)
    assert {(f.key, f.before, f.after) for f in there.flips} == {(f.key, f.after, f.before) for f in back.flips}  # fmt: skip
    assert (there.people_before, there.people_after) == (back.people_after, back.people_before)


def a_talk(*labels: Verdict, start: int = 0, channel: str = "C1") -> list[tuple[Message, Verdict]]:
    """Ann and Ben in turn, a minute apart."""
    return [
        (
            a_message(start + n, author=("ann", "ben")[n % 2], minutes=start + n, channel=channel),
            verdict,
        )
        for n, verdict in enumerate(labels)
    ]


def both(talk: Sequence[tuple[Message, Verdict]]) -> list[Judged]:
    return [(message, verdict, verdict) for message, verdict in talk]


def flips_of(found: Diff) -> list[tuple[str, str, str]]:
    return [(flip.key.message, flip.before.treatment.value, flip.after.treatment.value) for flip in found.flips]  # fmt: skip


def test_a_nudge_that_is_new_is_told_of_the_whole_talk() -> None:
    judged = both(a_talk(CHATTER, CHATTER, CHATTER, CHATTER))
    found = diff(judged, (a_charter(), Policy()), (a_charter(), LIVELY))
    assert found.changes == (Change("C1", "workshop", Treatment.COUNTED, Treatment.NUDGED, 3),)
    (said,) = found.said
    assert (said.treatment, said.before, said.after, said.newly) == (Treatment.NUDGED, 0, 1, 1)
    assert isinstance(said.example, NudgeStretch)
    assert (found.people_before, found.people_after) == (0, 2)
    assert found.flips[0].after.reasons == ("looks like chatter", "3 casual posts by 2 people")


def test_a_nudge_that_only_comes_later_is_no_flip() -> None:
    """One more casual post is not sure enough under the new strictness; the talk is nudged all the same."""
    talk = a_talk(CHATTER, CHATTER, a_verdict(Label.CHATTER, 0.8), CHATTER)
    found = diff(both(talk), (a_charter(), LIVELY), (a_charter(), replace(LIVELY, strictness=Strictness.LOW)))
    assert flips_of(found) == [("00003", "counted", "nudged"), ("00002", "nudged", "left_alone")]
    assert [(said.newly, said.no_longer) for said in found.said] == [(0, 0)]


def test_the_least_sure_new_act_comes_first_and_what_is_let_go_last() -> None:
    sure, less, least = (a_verdict(Label.PITCH, share) for share in (0.99, 0.9, 0.8))
    posts = [a_message(n, author=f"a{n}", text=f"offer {n}", minutes=60 * n) for n in range(5)]
    judged: list[Judged] = [
        (posts[0], ON_TOPIC, sure),
        (posts[1], ON_TOPIC, least),
        (posts[2], PITCH, a_verdict(Label.ON_TOPIC, 0.9)),
        (posts[3], ON_TOPIC, less),
        (posts[4], PITCH, UNSURE),
    ]
    found = diff(judged, (a_charter(), Policy()), (a_charter(), Policy()))
    assert [flip.key.message for flip in found.flips] == ["00001", "00003", "00000", "00004", "00002"]
    assert [round(flip.doubt, 2) for flip in found.flips] == [0.2, 0.1, 0.01, 0.3, 0.05]
    assert [flip.goes_further for flip in found.flips] == [True, True, True, False, False]


def ruled(subject: str, what: Ruled, *, moderator: bool = True) -> Ruling:
    return Ruling(subject, what, "mo", MONDAY, moderator=moderator)


NEWLY_SHOWN: list[Judged] = [(a_message(7, text="ten seats left"), ON_TOPIC, PITCH)]
NO_LONGER_SHOWN: list[Judged] = [(a_message(7, text="ten seats left"), PITCH, ON_TOPIC)]


@pytest.mark.parametrize(
    "judged, ruling, against",
    [
        (NEWLY_SHOWN, ruled("card:C1/00007", Ruled.FINE), True),
        (NEWLY_SHOWN, ruled("drawn:flagged:C1/00007", Ruled.FINE), True),
        (NEWLY_SHOWN, ruled("drawn:not_flagged:C1/00007", Ruled.PITCH), False),
        (NEWLY_SHOWN, ruled("card:C1/00007", Ruled.REMOVE), False),
        (NEWLY_SHOWN, ruled("card:C1/00007", Ruled.NOT_NOW), False),
        (NEWLY_SHOWN, ruled("card:C1/00007", Ruled.FINE, moderator=False), False),
        (NEWLY_SHOWN, ruled("card:C1/00008", Ruled.FINE), False),
        (NO_LONGER_SHOWN, ruled("card:C1/00007", Ruled.REMOVE), True),
        (NO_LONGER_SHOWN, ruled("card:C1/00007", Ruled.FINE), False),
    ],
)
def test_what_moderators_ruled_otherwise_is_marked(judged: list[Judged], ruling: Ruling, against: bool) -> None:  # fmt: skip
    rules = (a_charter(), Policy())
    (flip,) = diff(judged, rules, rules, rulings=[ruling]).flips
    assert flip.against_ruling is against


def test_what_is_against_a_ruling_comes_before_what_is_less_sure() -> None:
    judged = [*NO_LONGER_SHOWN, (a_message(8, text="x", minutes=9), ON_TOPIC, a_verdict(Label.PITCH, 0.8))]
    rules = (a_charter(), Policy())
    found = diff(judged, rules, rules, rulings=[ruled("card:C1/00007", Ruled.REMOVE)])
    assert [flip.key.message for flip in found.flips] == ["00007", "00008"]


def test_a_moderator_s_word_on_a_nudge_counts_for_the_whole_talk() -> None:
    judged = both(a_talk(CHATTER, CHATTER, CHATTER))
    rulings = [ruled("nudge:C1/00000", Ruled.BELONGS_HERE)]
    found = diff(judged, (a_charter(), Policy()), (a_charter(), LIVELY), rulings=rulings)
    assert [flip.against_ruling for flip in found.flips] == [True] * 3


def test_what_one_side_does_not_read_is_told_apart_and_seldom_wrong() -> None:
    talk = [*a_talk(ON_TOPIC, CHATTER), *a_talk(ON_TOPIC, start=90, channel="C2")]
    judged: list[Judged] = [(message, verdict, None) for message, verdict in talk[:2]] + both(talk[2:])
    found = diff(judged, (a_charter(), Policy()), (WITHOUT_WORKSHOP, Policy()))
    assert flips_of(found) == [("00001", "counted", "not_read"), ("00000", "left_alone", "not_read")]
    assert (found.messages, found.read_before, found.read_after) == (3, 3, 1)
    assert found.flips[0].after.reasons == ("the channel is not watched",)
    assert [round(flip.doubt, 2) for flip in found.flips] == [0.95, 0.0]


def test_the_past_keeps_its_word() -> None:
    judged = both([(a_message(text="hi all!", author="zoe"), CHATTER)])
    rules = ((a_charter(), Policy()), (a_charter(), LIVELY))
    assert flips_of(diff(judged, *rules)) == [("00001", "left_alone", "welcomed")]
    assert not diff(judged, *rules, past=Past(opted_out=("zoe",))).flips


def test_a_monologue_has_no_label_to_be_wrong_about() -> None:
    judged = both([(a_message(n, author="max", minutes=n), ON_TOPIC) for n in range(16)])
    (flip,) = diff(judged, (a_charter(), Policy()), (a_charter(), LIVELY)).flips
    assert (flip.after.treatment, flip.doubt) == (Treatment.HINTED, 0.0)


def test_copies_of_a_pitch_are_one_card() -> None:
    posts = [a_message(n, author="eve", minutes=n, channel=c, text="book my pricing course, ten seats left") for n, c in enumerate(("C1", "C2"))]  # fmt: skip
    rules = (a_charter(), Policy())
    found = diff([(post, ON_TOPIC, PITCH) for post in posts], rules, rules)
    (said,) = found.said
    assert (said.treatment, said.after, len(found.flips)) == (Treatment.SHOWN, 1, 2)


def test_changes_are_counted_by_channel_and_kind_the_most_first() -> None:
    talk = [*a_talk(CHATTER, CHATTER), *a_talk(CHATTER, start=90, channel="C2")]
    rules = (a_charter(), Policy())
    found = diff([(message, ON_TOPIC, verdict) for message, verdict in talk], rules, rules)
    assert [(c.channel_name, c.after.value, c.messages) for c in found.changes] == [("workshop", "counted", 2), ("business", "counted", 1)]  # fmt: skip


def test_treatments_stand_in_order_of_how_far_they_go() -> None:
    assert [treatment.rank for treatment in Treatment] == list(range(len(Treatment)))
    assert [treatment for treatment in Treatment if not treatment.acts] == [Treatment.NOT_READ, Treatment.LEFT_ALONE, Treatment.COUNTED]  # fmt: skip


def test_nothing_in_nothing_out() -> None:
    found = diff([], (a_charter(), Policy()), (a_charter(), LIVELY))
    assert (found.messages, found.flips, found.changes, found.said) == (0, (), (), ())
