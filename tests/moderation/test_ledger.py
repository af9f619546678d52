"""The memory behind a decision: exchanges, stretches, lone posts, copies, what was told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions import NudgeStretch, PitchCard
from moderation.decisions import Decision, Outcome
from moderation.experiment import Experiment
from moderation.labels import Label
from moderation.ledger import Ledger, Past, Situation
from moderation.messages import Message
from moderation.policy import Caps, Mode, Policy, decide
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, a_charter, a_message, a_verdict


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(a_charter(), Policy(mode=Mode.OFFER))


def say(ledger: Ledger, message: Message, label: Label = Label.ON_TOPIC) -> Situation:
    return ledger.observe(message, a_verdict(label))


def judge(ledger: Ledger, message: Message, label: Label) -> Decision:
    verdict = a_verdict(label)
    situation = ledger.observe(message, verdict)
    decision = decide(
        message,
        verdict,
        situation.stretch,
        situation.record,
        ledger.charter,
        ledger.policy,
        message.posted_at,
    )
    ledger.note(decision)
    return decision


def test_a_reply_is_an_exchange_for_both(ledger: Ledger) -> None:
    say(ledger, a_message(1, author="ann"))
    answer = say(ledger, a_message(2, author="bob", minutes=300, reply_to="00001"))
    assert [(e.giver, e.receiver) for e in answer.exchanges] == [("bob", "ann")]
    assert say(ledger, a_message(3, author="ann", minutes=600)).record.received == 1
    assert say(ledger, a_message(4, author="bob", minutes=900)).record.given == 1


def test_a_thread_reply_answers_the_one_who_spoke_before_in_it(ledger: Ledger) -> None:
    say(ledger, a_message(1, author="ann"))
    first = say(ledger, a_message(2, author="bob", minutes=1, thread="00001"))
    second = say(ledger, a_message(3, author="cat", minutes=2, thread="00001"))
    assert [(e.giver, e.receiver) for e in first.exchanges] == [("bob", "ann")]
    assert [(e.giver, e.receiver) for e in second.exchanges] == [("cat", "bob")]


def test_a_mention_of_a_member_counts_and_of_a_stranger_does_not(ledger: Ledger) -> None:
    say(ledger, a_message(1, author="ann"))
    assert say(ledger, a_message(2, author="bob", minutes=60, mentions=("ann",))).exchanges
    assert not say(ledger, a_message(3, author="bob", minutes=120, mentions=("zed",))).exchanges


def test_a_pitch_gives_no_exchange_however_it_is_addressed(ledger: Ledger) -> None:
    say(ledger, a_message(1, author="ann"))
    pitched = say(ledger, a_message(2, author="eve", minutes=1, reply_to="00001"), Label.PITCH)
    assert pitched.exchanges == ()
    assert pitched.record.exchanges == 0


def test_what_becomes_a_stretch_was_not_lone(ledger: Ledger) -> None:
    say(ledger, a_message(1, author="ann"), Label.CHATTER)
    say(ledger, a_message(2, author="bob", minutes=1), Label.CHATTER)
    assert say(ledger, a_message(3, author="ann", minutes=2), Label.CHATTER).record.lone_here == 0
    later = say(ledger, a_message(4, author="ann", minutes=300), Label.CHATTER)
    assert later.record.lone_here == 1


def test_casual_talk_in_the_social_channel_is_no_stretch(ledger: Ledger) -> None:
    for n, author in enumerate(["ann", "bob", "ann", "bob"]):
        situation = say(ledger, a_message(n, author=author, minutes=n, channel="C3"), Label.CHATTER)
        assert situation.stretch is None


def test_a_post_without_a_mark_answers_who_takes_turns_with_its_author(ledger: Ledger) -> None:
    for n, author in enumerate(["ann", "bob", "ann"]):
        situation = say(ledger, a_message(n, author=author, minutes=n))
    assert [(e.giver, e.receiver) for e in situation.exchanges] == [("bob", "ann"), ("ann", "bob")]
    assert situation.record.exchanges == 2


def test_posts_in_a_row_are_in_the_record_until_somebody_speaks(ledger: Ledger) -> None:
    for n in range(14):
        assert say(ledger, a_message(n, author="ann", minutes=n)).record.unanswered == n + 1
    say(ledger, a_message(50, author="bob", minutes=15))
    assert say(ledger, a_message(51, author="ann", minutes=16)).record.unanswered == 1


def test_a_post_that_is_not_casual_leaves_the_count_of_lone_ones(ledger: Ledger) -> None:
    labels = [Label.CHATTER, Label.ON_TOPIC, Label.CHATTER, Label.ON_TOPIC]
    counts = [
        say(ledger, a_message(n, author="ann", minutes=100 * n), label).record.lone_here
        for n, label in enumerate(labels)
    ]
    assert counts == [1, 1, 2, 2]


def test_the_same_text_in_several_channels_is_one_pitch(ledger: Ledger) -> None:
    text = "Grow your workshop with ten new leads a week, ask me how!"
    first = say(ledger, a_message(1, author="eve", text=text), Label.PITCH)
    second = say(ledger, a_message(2, author="eve", text=text.upper(), channel="C2", minutes=5), Label.PITCH)
    assert first.record.pitch == second.record.pitch == "C1/00001"
    assert second.record.copies == ("C1/00001", "C2/00002")


def test_an_edited_copy_stays_with_the_first_until_it_is_another_offer(ledger: Ledger) -> None:
    text = "Grow your workshop with ten new leads a week, ask me how!"
    judge(ledger, a_message(1, author="eve", text=text), Label.PITCH)
    copy = a_message(2, author="eve", text=text, channel="C2", minutes=5)
    judge(ledger, copy, Label.PITCH)
    same, other = f"{text} Today only.", "Followers on sale, the promo code is in my profile"
    for revision, now, pitch in ((1, same, "C1/00001"), (2, other, "C2/00002"), (3, same, "C2/00002")):
        judged = judge(ledger, replace(copy, text=now, revision=revision), Label.PITCH)
        assert [card.pitch for card in judged.actions if isinstance(card, PitchCard)] == [pitch]


def test_a_settled_stretch_becomes_due_and_is_spoken_to_once(ledger: Ledger) -> None:
    for n, author in enumerate(["ann", "bob", "ann"]):
        assert judge(ledger, a_message(n, author=author, minutes=n / 4), Label.CHATTER).actions == ()
    assert ledger.next_due() == MONDAY + timedelta(minutes=2)
    assert ledger.due(MONDAY + timedelta(minutes=1)) == []
    (due,) = ledger.due(MONDAY + timedelta(minutes=2))
    situation = ledger.situation(due.message, due.at)
    decision = decide(
        due.message, due.verdict, situation.stretch, situation.record, ledger.charter, ledger.policy, due.at
    )
    assert isinstance(decision.actions[0], NudgeStretch)
    ledger.note(decision)
    assert judge(ledger, a_message(9, author="bob", minutes=4), Label.CHATTER).actions == ()
    assert ledger.next_due() is None


def test_a_stretch_that_returns_before_it_settles_is_never_due(ledger: Ledger) -> None:
    for n, author in enumerate(["ann", "bob", "ann"]):
        judge(ledger, a_message(n, author=author, minutes=n / 6), Label.CHATTER)
    for n in range(3):
        judge(ledger, a_message(10 + n, author="cat", minutes=0.6 + n / 6), Label.ON_TOPIC)
    assert ledger.due(MONDAY + timedelta(minutes=3)) == []


def test_a_deleted_message_leaves_the_stretch(ledger: Ledger) -> None:
    for n, author in enumerate(["ann", "bob", "ann"]):
        judge(ledger, a_message(n, author=author, minutes=n / 4), Label.CHATTER)
    ledger.withdraw("C1", "00001")
    situation = ledger.situation(a_message(2, author="ann", minutes=0.5), MONDAY)
    assert situation.stretch is not None
    assert not situation.stretch.drifted


def test_an_edit_counts_no_second_time_and_can_leave_the_stretch(ledger: Ledger) -> None:
    for n, author in enumerate(["ann", "bob", "ann"]):
        say(ledger, a_message(n, author=author, minutes=n / 4), Label.CHATTER)
    edited = say(ledger, a_message(1, author="bob", minutes=0.25, revision=1), Label.ON_TOPIC)
    assert edited.stretch is None
    assert say(ledger, a_message(5, author="bob", minutes=3)).record.posts_before == 1


def test_caps_are_per_local_day() -> None:
    ledger = Ledger(a_charter(), Policy(mode=Mode.OFFER, caps=Caps(channel=1)))

    def stretch(first: int, minute: float) -> list[Decision]:
        people = ["ann", "bob", "ann", "bob"]
        steps = enumerate(people)
        return [
            judge(ledger, a_message(first + n, author=a, minutes=minute + n), Label.CHATTER) for n, a in steps
        ]

    assert sum(len(d.actions) for d in stretch(1, 0)) == 1
    assert sum(len(d.actions) for d in stretch(11, 120)) == 0
    assert sum(len(d.actions) for d in stretch(21, 24 * 60)) == 1


def test_the_past_is_known_again_after_a_start() -> None:
    ledger = Ledger(a_charter(), Policy(), Past(posts={"ann": 4}, given={"ann": 2}, welcomed=["ann"]))
    record = say(ledger, a_message(1, author="ann")).record
    assert (record.posts_before, record.given, record.told.welcomed) == (4, 2, True)


def test_a_forgotten_member_is_a_stranger(ledger: Ledger) -> None:
    say(ledger, a_message(1, author="ann"))
    say(ledger, a_message(2, author="bob", minutes=1, reply_to="00001"))
    ledger.forget("bob")
    record = say(ledger, a_message(3, author="bob", minutes=30)).record
    assert (record.posts_before, record.exchanges) == (0, 0)


steps = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cat"]),
        st.sampled_from([CHATTER, ON_TOPIC, PITCH]),
        st.floats(0.01, 60),
        st.sampled_from(["C1", "C2", "C3"]),
    ),
    max_size=60,
)


@given(steps)
def test_no_stretch_is_ever_spoken_to_twice_and_counts_never_run_backwards(
    steps: list[tuple[str, object, float, str]],
) -> None:
    ledger = Ledger(a_charter(), Policy(mode=Mode.OFFER, caps=Caps(9, 99, 99)))
    minute, spoken = 0.0, []
    exchanges = dict.fromkeys(["ann", "bob", "cat"], 0)
    for number, (author, verdict, gap, channel) in enumerate(steps):
        minute += gap
        message = a_message(number, author=author, minutes=minute, channel=channel)
        decision = judge(ledger, message, verdict.label)  # type: ignore[attr-defined]  # it is a Verdict
        record = ledger.situation(message, message.posted_at).record
        assert record.exchanges >= exchanges[author]
        exchanges[author] = record.exchanges
        spoken += [action.stretch for action in decision.actions if isinstance(action, NudgeStretch)]
        assert decision.outcome is not Outcome.SKIPPED
    assert len(spoken) == len(set(spoken))


def test_a_stretch_that_settles_after_midnight_does_not_bring_yesterday_back() -> None:
    ledger = Ledger(a_charter(), Policy(mode=Mode.OFFER, caps=Caps(day=1)))
    midnight = 15 * 60  # minutes after nine
    for n, author in enumerate(["ann", "bob", "ann"]):
        judge(ledger, a_message(n, author=author, minutes=midnight - 1 + n / 4), Label.CHATTER)
    for n, author in enumerate(["cat", "dan", "cat", "dan"]):
        judge(ledger, a_message(10 + n, author=author, minutes=midnight + n, channel="C2"), Label.CHATTER)
    told = ledger.situation(
        a_message(13, author="dan", minutes=midnight + 3), MONDAY + timedelta(minutes=midnight + 3)
    )
    assert told.record.told.community_today == 1
    (due,) = ledger.due(MONDAY + timedelta(minutes=midnight + 5))
    assert ledger.situation(due.message, due.at).record.told.community_today == 1


def test_what_settles_is_decided_about_the_post_as_it_was_edited_last(ledger: Ledger) -> None:
    for n, author in enumerate(["ann", "bob", "ann"]):
        judge(ledger, a_message(n, author=author, minutes=n / 4), Label.CHATTER)
    edited = a_message(2, author="ann", minutes=2 / 4, revision=1, text="a cat, said otherwise")
    judge(ledger, edited, Label.CHATTER)
    (due,) = ledger.due(MONDAY + timedelta(minutes=2))
    assert due.message == edited


TRIED = Policy(mode=Mode.OFFER, experiment=Experiment("a secret", 0.5, datetime(2026, 3, 2, tzinfo=UTC)))
"""Its lots in C1 are: no nudges on that Monday, nudges on Tuesday."""


def talk(ledger: Ledger, first: int, minutes: float, channel: str = "C1") -> list[Decision]:
    """Four casual posts by ann and bob, the last of them after the talk has settled."""
    return [
        judge(ledger, a_message(first + n, author=who, minutes=minutes + n, channel=channel), Label.CHATTER)
        for n, who in enumerate(["ann", "bob", "ann", "bob"])
    ]


def test_a_talk_that_was_held_back_before_midnight_is_not_nudged_after_it() -> None:
    ledger = Ledger(a_charter(), TRIED)
    before = talk(ledger, 1, 14 * 60 + 50)
    assert [decision.held_back for decision in before] == [False, False, True, False]
    after = judge(ledger, a_message(9, author="ann", minutes=15 * 60 + 1), Label.CHATTER)
    assert after.actions == ()
    assert after.reasons[-1] == "this talk was already spoken to or held back"
    assert ledger.next_due() is None
    assert any(each.actions for each in talk(ledger, 20, 15 * 60 + 50))


def test_a_settling_talk_is_held_back_once() -> None:
    ledger = Ledger(a_charter(), TRIED)
    for n, who in enumerate(["ann", "bob", "ann"]):
        judge(ledger, a_message(n, author=who, minutes=n / 4), Label.CHATTER)
    (due,) = ledger.due(MONDAY + timedelta(minutes=2))
    found = ledger.situation(due.message, due.at)
    decision = decide(due.message, due.verdict, found.stretch, found.record, a_charter(), TRIED, due.at)
    assert decision.held_back
    ledger.note(decision)
    assert ledger.situation(due.message, due.at).record.told.stretch
    assert ledger.next_due() is None


@pytest.mark.parametrize("experiment", [None, TRIED.experiment])
def test_what_was_held_back_counts_towards_the_caps_like_what_was_said(experiment: Experiment | None) -> None:
    policy = replace(TRIED, experiment=experiment, caps=Caps(member=1, channel=2, day=3))
    ledger = Ledger(a_charter(), policy)
    treated = [talk(ledger, 10 * n, 60 * n, channel) for n, channel in enumerate(["C1", "C1", "C1", "C2"])]
    spoken = [any(each.actions or each.held_back for each in decisions) for decisions in treated]
    assert spoken == [True, True, False, True]
    record = say(ledger, a_message(91, author="bob", minutes=401)).record.told
    assert (record.member_today, record.channel_today, record.community_today) == (3, 2, 3)
    said = [each for decisions in treated[:2] for each in decisions if each.actions]
    assert bool(said) is (experiment is None)
