"""What was missed: who is drawn, and what the rulings on them say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.audit import (
    CHATTER,
    PITCH,
    Audit,
    Checked,
    Estimate,
    Population,
    Tally,
    estimate,
    interval,
    recall_of_both,
    relevance,
)
from moderation.audit_plan import Plan, Stratum, draw, part_of, plan, plan_of, stratum_of
from moderation.decisions import Decision, Outcome, Probabilities, Verdict
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.messages import Message
from moderation.policy import Policy
from tests.factories import CHATTER as CHATTER_VERDICT
from tests.factories import MONDAY, ON_TOPIC, UNSURE, a_charter, a_message
from tests.factories import PITCH as PITCH_VERDICT

WEEK: dict[str, int] = {
    Stratum.BELOW_2: 3_000,
    Stratum.BELOW_10: 600,
    Stratum.BELOW_30: 200,
    Stratum.ABOVE_30: 100,
    Stratum.ABSTAINED: 100,
    Stratum.AT_HOME: 0,
}


def decided(
    number: int = 1, verdict: Verdict | None = ON_TOPIC, outcome: Outcome = Outcome.LEFT_ALONE
) -> Decision:
    message = a_message(number)
    return Decision(message.key, 0, "ann", MONDAY, None, outcome, verdict, (), (), "charter-1", MONDAY)


def seemed(off_topic: float) -> Verdict:
    return Verdict(Probabilities(1 - off_topic, off_topic, 0.0), "", "test-model")


def one(
    number: int,
    truth: Label | None,
    *,
    held: Label = Label.ON_TOPIC,
    probability: float = 0.1,
    stratum: str = "",
) -> Checked:
    """A drawn message, flagged where it was held to be anything but on topic."""
    occasion = Occasion.NOT_FLAGGED if held is Label.ON_TOPIC else Occasion.FLAGGED
    stratum = stratum or (Stratum.BELOW_2 if occasion is Occasion.NOT_FLAGGED else "")
    drawn = Draw(
        a_message(number).key, 0, occasion, held, 0.5, probability, probability, MONDAY, "m", "c", stratum
    )
    return Checked(drawn, truth)


def several(
    number: int, truth: Label | None, held: Label = Label.ON_TOPIC, probability: float = 0.1
) -> list[Checked]:
    return [one(place, truth, held=held, probability=probability) for place in range(number)]


def of(chatter: int, pitches: int, others: int) -> Population:
    return Population({Label.CHATTER: chatter, Label.PITCH: pitches}, {Stratum.BELOW_2: others})


def rates(audit: Audit) -> list[Estimate]:
    return [*audit.recall.values(), audit.recall_of_both, audit.relevance, audit.wrong_flags]


USUAL = [
    *several(18, Label.CHATTER, Label.CHATTER),
    *several(2, Label.ON_TOPIC, Label.CHATTER),
    *several(18, Label.ON_TOPIC),
    *several(2, Label.CHATTER),
]


# Who is drawn


def test_the_usual_number_is_drawn_on_average() -> None:
    drawn_by = plan(WEEK, 20)
    assert sum(
        size * drawn_by.probabilities[Stratum(stratum)] for stratum, size in WEEK.items()
    ) == pytest.approx(20)


def test_more_are_drawn_where_misses_are_likelier_and_some_everywhere() -> None:
    chances = plan(WEEK).probabilities
    assert set(chances) == set(Stratum)
    assert 0 < chances[Stratum.BELOW_2] < chances[Stratum.BELOW_30] < chances[Stratum.ABOVE_30]
    assert plan(WEEK).least == chances[Stratum.BELOW_2]


def test_the_first_week_has_a_plan_and_a_quiet_one_is_read_whole() -> None:
    assert plan() == plan({}) == plan({Stratum.AT_HOME: 0})
    assert set(plan({Stratum.BELOW_2: 12}).probabilities.values()) == {1.0}


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(Stratum), st.integers(0, 20_000)), st.integers(1, 200))
def test_no_stratum_is_ever_left_out(sizes: dict[str, int], rulings: int) -> None:
    drawn_by = plan(sizes, rulings)
    assert all(0 < chance <= 1 for chance in drawn_by.probabilities.values())
    drawn = sum(size * drawn_by.probabilities[Stratum(stratum)] for stratum, size in sizes.items())
    assert drawn <= rulings * 1.001


@given(st.dictionaries(st.sampled_from(Stratum), st.integers(0, 20_000)), st.integers(1, 200))
def test_a_plan_can_be_made_again_from_its_lowest_probability(sizes: dict[str, int], rulings: int) -> None:
    drawn_by = plan(sizes, rulings)
    assert plan_of(drawn_by.least) == drawn_by


@pytest.mark.parametrize(
    "sizes, rulings", [(WEEK, 0), ({"elsewhere": 3}, 20), ({Stratum.AT_HOME: -1, Stratum.BELOW_2: 3}, 20)]
)
def test_a_plan_from_nonsense_is_refused(sizes: dict[str, int], rulings: int) -> None:
    with pytest.raises(ValueError, match=r"rulings a week|by stratum are wanted"):
        plan(sizes, rulings)


@pytest.mark.parametrize(
    "decision, stratum",
    [
        (decided(verdict=seemed(0.01)), Stratum.BELOW_2),
        (decided(verdict=seemed(0.05)), Stratum.BELOW_10),
        (decided(verdict=seemed(0.2)), Stratum.BELOW_30),
        (decided(verdict=seemed(0.45)), Stratum.ABOVE_30),
        (decided(verdict=seemed(0.6), outcome=Outcome.COUNTED), Stratum.ABOVE_30),
        (decided(verdict=UNSURE, outcome=Outcome.UNSURE), Stratum.ABSTAINED),
        (decided(verdict=CHATTER_VERDICT), Stratum.AT_HOME),
        (decided(verdict=PITCH_VERDICT, outcome=Outcome.COUNTED), Stratum.ABOVE_30),
        (decided(verdict=None, outcome=Outcome.SKIPPED), None),
    ],
)
def test_the_stratum_is_known_when_it_is_decided(decision: Decision, stratum: Stratum | None) -> None:
    assert stratum_of(decision) is stratum


@pytest.mark.parametrize(
    "message, decision, part",
    [
        (a_message(), decided(), Stratum.BELOW_10),
        (a_message(), decided(verdict=CHATTER_VERDICT, outcome=Outcome.LONE_CHATTER), Label.CHATTER),
        (a_message(), decided(verdict=PITCH_VERDICT, outcome=Outcome.PITCH), Label.PITCH),
        (a_message(), decided(verdict=UNSURE, outcome=Outcome.UNSURE), Stratum.ABSTAINED),
        (a_message(channel="C3"), decided(verdict=CHATTER_VERDICT), Stratum.AT_HOME),
        (a_message(channel="forgotten"), decided(verdict=CHATTER_VERDICT), Stratum.AT_HOME),
        (a_message(), decided(verdict=None, outcome=Outcome.SKIPPED), None),
        (a_message(author="mona"), decided(), None),
        (a_message(author="mona"), decided(verdict=PITCH_VERDICT, outcome=Outcome.COUNTED), None),
        (a_message(roles=("staff",)), decided(), None),
    ],
)
def test_a_message_counts_as_flagged_or_by_its_stratum_or_not_at_all(
    message: Message, decision: Decision, part: Label | Stratum | None
) -> None:
    policy = Policy(moderators=("mona",), exempt_roles=("staff",))
    assert part_of(message, decision, a_charter(), policy) is part


def test_a_draw_keeps_how_it_came_about() -> None:
    everything = Plan(dict.fromkeys(Stratum, 1.0) | {Stratum.BELOW_2: 0.25})
    drawn = draw(decided(verdict=seemed(0.2)), everything, "seed", "two-tiers")
    assert drawn is not None
    assert (drawn.stratum, drawn.probability, drawn.least) == (Stratum.BELOW_30, 1.0, 0.25)
    assert (drawn.occasion, drawn.label, drawn.model) == (Occasion.NOT_FLAGGED, Label.ON_TOPIC, "two-tiers")
    assert drawn.score == pytest.approx(0.2)


def test_what_was_never_judged_is_not_drawn() -> None:
    everything = Plan(dict.fromkeys(Stratum, 1.0))
    assert draw(decided(verdict=None, outcome=Outcome.SKIPPED), everything, "seed", "m") is None


def test_the_lot_falls_as_often_as_it_should_and_the_same_again() -> None:
    some = Plan(dict.fromkeys(Stratum, 0.2))
    drawn = [draw(decided(number), some, "seed", "m") for number in range(2_000)]
    assert 330 < sum(each is not None for each in drawn) < 470
    assert drawn == [draw(decided(number), some, "seed", "m") for number in range(2_000)]


# What the rulings say


def test_the_estimates_are_those_of_the_whole() -> None:
    audit = estimate(of(200, 0, 400), USUAL)
    # 180 of 200 flags are right, and 2 of 20 stand for 40 misses.
    assert audit.recall[Label.CHATTER].value == pytest.approx(180 / 220)
    assert audit.recall_of_both.value == pytest.approx(180 / 220)
    assert audit.relevance.value == pytest.approx((360 + 20) / 600)
    assert audit.wrong_flags.value == pytest.approx(0.1)
    assert audit.drawn == audit.ruled == {Occasion.FLAGGED: 20, Occasion.NOT_FLAGGED: 20}
    assert audit.recall_of_both.found == 20


def test_an_interval_is_about_as_wide_as_the_exact_one() -> None:
    # Clopper and Pearson for 2 of 20 say 0.012 to 0.317; mid-P is somewhat narrower, and a tenth of the messages is known.
    wrong = estimate(of(200, 0, 400), USUAL).wrong_flags
    assert 0.01 < wrong.low < 0.03
    assert 0.26 < wrong.high < 0.317


def test_nothing_found_says_nothing_about_recall() -> None:
    audit = estimate(of(0, 0, 400), several(20, Label.ON_TOPIC))
    for recall in (*audit.recall.values(), audit.recall_of_both):
        assert (recall.value, recall.low, recall.high, recall.found) == (None, 0, 1, 0)
    assert audit.relevance.value == 1
    assert audit.relevance.low < 0.95


def test_no_rulings_at_all_say_nothing() -> None:
    for checked in ([], several(5, None)):
        audit = estimate(of(20, 5, 400), checked)
        for rate in rates(audit):
            assert (rate.value, rate.low, rate.high, rate.found) == (None, 0, 1, 0)


def test_rulings_on_one_side_alone_give_limits_and_no_estimate() -> None:
    audit = estimate(of(200, 0, 400), several(20, Label.CHATTER, Label.CHATTER))
    assert audit.recall_of_both.value is None
    assert audit.recall_of_both.low < 0.4
    assert audit.recall_of_both.high == 1
    assert audit.wrong_flags.value == 0


def test_without_any_population_nothing_is_known() -> None:
    assert all(rate.found == 0 for rate in rates(estimate(Population({}, {}), [])))


def test_what_is_ruled_whole_is_certain() -> None:
    checked = [
        *several(9, Label.CHATTER, Label.CHATTER, 1.0),
        *several(1, Label.ON_TOPIC, Label.CHATTER, 1.0),
        *several(37, Label.ON_TOPIC, probability=1.0),
        *several(3, Label.CHATTER, probability=1.0),
    ]
    recall = estimate(of(10, 0, 40), checked).recall_of_both
    assert recall.value == pytest.approx(9 / 12)
    assert (recall.low, recall.high) == pytest.approx((9 / 12, 9 / 12), abs=1e-6)


def test_a_misnamed_flag_is_wrong_and_yet_no_miss() -> None:
    checked = [*several(10, Label.CHATTER, Label.PITCH, 1.0), *several(10, Label.ON_TOPIC, probability=1.0)]
    audit = estimate(of(0, 10, 10), checked)
    assert audit.wrong_flags.value == 1
    assert audit.recall[Label.CHATTER].value == 1


def test_who_was_drawn_more_rarely_stands_for_more() -> None:
    checked = [
        *(one(place, Label.CHATTER, probability=0.5) for place in range(10)),
        *(one(place, Label.ON_TOPIC, probability=0.05) for place in range(10, 20)),
    ]
    audit = estimate(of(0, 0, 220), checked)
    assert audit.relevance.value == pytest.approx(200 / 220)


def test_silence_widens_only_the_interval_that_fears_it() -> None:
    silent = [*USUAL, *several(5, None), *several(5, None, Label.CHATTER)]
    audit, full = estimate(of(200, 0, 400), silent), estimate(of(200, 0, 400), USUAL)
    for rate, before in zip(rates(audit), rates(full), strict=True):
        assert rate.lowest <= rate.low <= rate.high <= rate.highest
        assert rate.value == before.value
        assert (before.lowest, before.highest) == (before.low, before.high)
    assert audit.recall_of_both.lowest < audit.recall_of_both.low - 0.05


@settings(max_examples=25)  # each is some ten thousand draws
@given(
    st.lists(st.sampled_from([*Label, None]), max_size=12),
    st.lists(st.sampled_from([*Label, None]), max_size=12),
)
def test_limits_are_in_order_and_hold_the_estimate(
    flagged: list[Label | None], others: list[Label | None]
) -> None:
    checked = [one(place, truth, held=Label.PITCH) for place, truth in enumerate(flagged)]
    checked += [one(place, truth) for place, truth in enumerate(others)]
    for rate in rates(estimate(of(3, 30, 100), checked)):
        assert 0 <= rate.lowest <= rate.low <= rate.high <= rate.highest <= 1
        assert rate.value is None or rate.low - 0.01 <= rate.value <= rate.high + 0.01


def test_the_same_rulings_always_say_the_same() -> None:
    assert estimate(of(200, 0, 400), USUAL) == estimate(of(200, 0, 400), USUAL)


def test_more_certainty_is_wider() -> None:
    narrow, wide = (estimate(of(200, 0, 400), USUAL, sure).recall_of_both for sure in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    "population, checked, certainty, sentence",
    [
        (of(1, 0, 400), USUAL, 0.95, "were drawn of 1"),
        (of(200, 0, 400), USUAL, 1.0, "certainty"),
        (of(200, 0, 400), [one(1, None, probability=0.0)], 0.95, "a probability that is none"),
        (of(200, 0, 400), [one(1, None, stratum="elsewhere")], 0.95, "'elsewhere' were drawn of 0"),
    ],
)
def test_rulings_that_do_not_fit_are_refused(
    population: Population, checked: list[Checked], certainty: float, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        estimate(population, checked, certainty)


@pytest.mark.parametrize("messages", [50, 500, 5_000])
def test_the_truth_lies_within_as_often_as_promised(messages: int) -> None:
    chance, runs = np.random.default_rng(1), 600
    others = np.array([[0.64, 0.03, 0.02], [0.1, 0.04, 0.02]]) * messages
    flagged = np.array([[0.02, 0.08, 0.0], [0.01, 0.0, 0.04]]) * messages
    tallies = [
        Tally(
            held=np.array(held),
            size=np.tile(np.round(parts).sum(1), (runs, 1)),
            truths=chance.binomial(
                np.round(parts).astype(int), np.array(drawn)[:, None], (runs, 2, 3)
            ).astype(float),
            waiting=np.zeros((runs, 2)),
        )
        for parts, held, drawn in (
            (flagged, [CHATTER, PITCH], [min(1, 130 / messages)] * 2),
            (others, [0, 0], [min(1, 15 / messages), min(1, 60 / messages)]),
        )
    ]
    missed, found, wrong = (
        np.round(others)[:, 1:].sum(),
        np.round(flagged)[:, 1:].sum(),
        np.round(flagged)[:, 0].sum(),
    )
    whole = np.round(others).sum() + found + wrong
    truths = {recall_of_both: found / (found + missed), relevance: 1 - (found + missed) / whole}
    for rate, truth in truths.items():
        low, high = interval(rate, tallies[0], tallies[1], 0.95, chance, 300)
        assert np.mean((low <= truth) & (truth <= high)) >= 0.93
