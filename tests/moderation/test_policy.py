"""What is decided: be sure, be kind, be rare."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions import FloodHint, NudgeAuthor, NudgeStretch, PitchCard, Welcome
from moderation.conversation import Stretch
from moderation.decisions import Decision, Outcome, Probabilities, Verdict
from moderation.experiment import HELD_BACK, Experiment, was_due
from moderation.labels import Label
from moderation.messages import Kind, Message
from moderation.move_actions import MoveStretch
from moderation.policy import STALE, Caps, Leave, Mode, Policy, QuietHours, Strictness, decide, skip_reason
from moderation.record import Record, Told
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE, a_charter, a_message, a_verdict

OFFER = Policy(mode=Mode.OFFER)
NOW = MONDAY + timedelta(minutes=5)
LOTS = Experiment("a secret", 0.5, datetime(2026, 3, 2, tzinfo=UTC))
"""In C1: no nudges on that Monday, nudges on Tuesday."""
TRIED = replace(OFFER, experiment=LOTS)
TUESDAY = timedelta(days=1)


def a_stretch(**changes: object) -> Stretch:
    """Four casual posts by two people that began at nine; the last is message 00001."""
    stretch = Stretch(
        "C1/a",
        "C1",
        None,
        MONDAY,
        MONDAY + timedelta(minutes=4),
        ("a", "b", "c", "00001"),
        ("bob", "ann", "bob", "ann"),
    )
    return replace(stretch, **changes)  # type: ignore[arg-type]  # the test names fields of Stretch


def decided(
    verdict: Verdict,
    *,
    message: Message | None = None,
    stretch: Stretch | None = None,
    record: Record | None = None,
    policy: Policy = OFFER,
    now: datetime = NOW,
) -> Decision:
    return decide(
        message or a_message(), verdict, stretch, record or Record(posts_before=5), a_charter(), policy, now
    )


def test_what_serves_the_purpose_is_left_alone() -> None:
    decision = decided(ON_TOPIC)
    assert decision.outcome is Outcome.LEFT_ALONE
    assert decision.actions == ()


def test_an_unsure_verdict_is_never_acted_on() -> None:
    decision = decided(UNSURE, stretch=a_stretch())
    assert decision.outcome is Outcome.UNSURE
    assert decision.actions == ()


def test_an_open_settled_stretch_is_offered_a_move_once() -> None:
    decision = decided(CHATTER, stretch=a_stretch())
    assert decision.outcome is Outcome.STRETCH
    assert decision.stretch == "C1/a"
    (nudge,) = decision.actions
    assert nudge == NudgeStretch("C1/a", "C3", ("bob", "ann"), ("a", "b", "c", "00001"), offer=True)
    again = decided(CHATTER, stretch=a_stretch(), record=Record(told=Told(stretch=True)))
    assert again.actions == ()


def test_mode_nudge_says_it_without_an_offer() -> None:
    (nudge,) = decided(CHATTER, stretch=a_stretch(), policy=Policy(mode=Mode.NUDGE)).actions
    assert isinstance(nudge, NudgeStretch)
    assert not nudge.offer


def test_mode_move_moves_the_whole_stretch() -> None:
    (move,) = decided(CHATTER, stretch=a_stretch(), policy=Policy(mode=Mode.MOVE)).actions
    assert isinstance(move, MoveStretch)
    assert move.messages == ("a", "b", "c", "00001")


def test_observe_is_the_default_and_says_nothing_to_members() -> None:
    assert Policy().mode is Mode.OBSERVE
    assert decided(CHATTER, stretch=a_stretch(), policy=Policy()).actions == ()


def test_a_stretch_younger_than_two_minutes_is_left_alone() -> None:
    young = a_stretch(last_at=MONDAY + timedelta(seconds=90))
    assert decided(CHATTER, stretch=young, now=MONDAY + timedelta(seconds=100)).actions == ()


def test_a_stretch_that_closed_by_itself_is_only_counted() -> None:
    assert decided(CHATTER, stretch=a_stretch(returned=True)).actions == ()
    late = MONDAY + timedelta(hours=2)
    assert decided(CHATTER, stretch=a_stretch(), now=late).actions == ()


def test_threads_are_only_counted_unless_the_policy_says_otherwise() -> None:
    inside = a_stretch(thread="r")
    message = a_message(thread="r")
    assert decided(CHATTER, stretch=inside, message=message).actions == ()
    act = replace(OFFER, act_in_threads=True)
    assert len(decided(CHATTER, stretch=inside, message=message, policy=act).actions) == 1


def test_quiet_hours_are_local_and_may_run_over_midnight() -> None:
    policy = replace(OFFER, quiet_hours=QuietHours(time(22), time(7)), time_zone="America/New_York")
    at_nine_utc_it_is_four_there = decided(CHATTER, stretch=a_stretch(), policy=policy)
    assert at_nine_utc_it_is_four_there.actions == ()
    assert (
        decided(CHATTER, stretch=a_stretch(), policy=replace(policy, time_zone="Europe/London")).actions != ()
    )


@pytest.mark.parametrize("told", [Told(channel_today=3), Told(community_today=10)])
def test_caps_hold_a_nudge_back(told: Told) -> None:
    assert decided(CHATTER, stretch=a_stretch(), record=Record(told=told)).actions == ()


def test_a_lone_casual_post_counts_and_only_the_third_in_a_week_is_spoken_to() -> None:
    assert decided(CHATTER, record=Record(posts_before=9, lone_here=2)).actions == ()
    decision = decided(CHATTER, record=Record(posts_before=9, lone_here=3))
    assert decision.outcome is Outcome.LONE_CHATTER
    assert isinstance(decision.actions[0], NudgeAuthor)


@pytest.mark.parametrize("told", [Told(member_today=1), Told(opted_out=True)])
def test_a_member_who_was_told_today_or_wants_no_more_is_left_alone(told: Told) -> None:
    assert decided(CHATTER, record=Record(posts_before=9, lone_here=5, told=told)).actions == ()


def test_a_newcomers_hello_is_welcomed_never_reproached() -> None:
    hello = a_message(text="hi guys, glad to be here!")
    decision = decided(CHATTER, message=hello, record=Record(posts_before=0))
    assert decision.outcome is Outcome.NEWCOMER_GREETING
    assert decision.actions == (Welcome("ann", "00001", "C3"),)
    assert decided(CHATTER, message=hello, record=Record(told=Told(welcomed=True))).actions == ()


def test_a_word_about_an_old_post_is_left_unsaid() -> None:
    hello = a_message(text="hi guys, glad to be here!")
    in_time, too_late = hello.posted_at + STALE, hello.posted_at + STALE + timedelta(seconds=1)
    assert decided(CHATTER, message=hello, record=Record(posts_before=0), now=in_time).actions
    assert decided(CHATTER, message=hello, record=Record(posts_before=0), now=too_late).actions == ()


def test_fifteen_unanswered_posts_in_an_hour_are_told_once() -> None:
    decision = decided(ON_TOPIC, record=Record(unanswered=15))
    assert decision.outcome is Outcome.MONOLOGUE
    assert decision.actions == (FloodHint("ann", "00001"),)
    assert decided(ON_TOPIC, record=Record(unanswered=16, told=Told(flood=True))).actions == ()


def test_a_pitch_by_someone_without_an_exchange_is_a_drive_by() -> None:
    (card,) = decided(PITCH, policy=Policy()).actions
    assert isinstance(card, PitchCard)
    assert card.drive_by
    (card,) = decided(PITCH, record=Record(given=1), policy=Policy()).actions
    assert isinstance(card, PitchCard)
    assert not card.drive_by


def test_the_record_softens_the_action_but_never_the_label() -> None:
    known = Record(given=5, received=5)
    fairly_sure = a_verdict(Label.PITCH, 0.8)
    softened = decided(fairly_sure, record=known)
    assert softened.outcome is Outcome.COUNTED
    assert softened.verdict is not None
    assert softened.verdict.label is Label.PITCH
    assert decided(fairly_sure, record=Record()).outcome is Outcome.PITCH
    assert decided(a_verdict(Label.PITCH, 0.97), record=known).outcome is Outcome.PITCH


def test_promotion_is_left_alone_where_it_is_welcome_and_casual_talk_where_it_is_at_home() -> None:
    assert decided(PITCH, message=a_message(channel="C4")).outcome is Outcome.LEFT_ALONE
    assert decided(CHATTER, message=a_message(channel="C3")).outcome is Outcome.LEFT_ALONE


@pytest.mark.parametrize(
    "policy", [replace(OFFER, moderators=("ann",)), replace(OFFER, exempt_roles=("staff",))]
)
def test_exempt_people_are_counted_and_never_spoken_to(policy: Policy) -> None:
    message = a_message(roles=("staff",))
    assert decided(PITCH, message=message, policy=policy).actions == ()
    assert (
        decided(CHATTER, message=message, record=Record(posts_before=9, lone_here=9), policy=policy).actions
        == ()
    )


@pytest.mark.parametrize(
    "message, why",
    [
        (a_message(channel="C5"), "the channel is not watched"),
        (a_message(channel="C9"), "the channel is not watched"),
        (a_message(kind=Kind.BOT), "posted by a bot"),
        (a_message(kind=Kind.JOIN), "a join or leave"),
        (a_message(kind=Kind.SYSTEM), "a system message"),
        (a_message(text="  "), "an empty message"),
        (a_message(), None),
    ],
)
def test_what_is_not_judged(message: Message, why: str | None) -> None:
    assert skip_reason(message, a_charter()) == why


shares = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).filter(lambda each: sum(each) > 0.01)


@given(
    shares,
    st.sampled_from(Mode),
    st.sampled_from(Strictness),
    st.builds(Record, given=st.integers(0, 9), received=st.integers(0, 9), lone_here=st.integers(0, 9)),
    st.booleans(),
)
def test_stricter_never_does_less_and_a_firmer_mode_never_hides_a_card(
    parts: tuple[float, float, float], mode: Mode, strictness: Strictness, record: Record, in_stretch: bool
) -> None:
    total = sum(parts)
    verdict = Verdict(Probabilities(*(part / total for part in parts)), "", "m")
    stretch = a_stretch() if in_stretch else None

    def actions(mode: Mode, strictness: Strictness) -> int:
        policy = Policy(mode=mode, strictness=strictness, caps=Caps())
        return len(decided(verdict, stretch=stretch, record=record, policy=policy).actions)

    assert actions(mode, Strictness.LOW) <= actions(mode, Strictness.NORMAL) <= actions(mode, Strictness.HIGH)
    assert actions(Mode.OBSERVE, strictness) <= actions(mode, strictness)
    again = decided(verdict, stretch=stretch, record=record, policy=Policy(mode=mode, strictness=strictness))
    assert again == decided(
        verdict, stretch=stretch, record=record, policy=Policy(mode=mode, strictness=strictness)
    )


def test_caps_count_by_the_communitys_own_day() -> None:
    policy = Policy(time_zone="Pacific/Auckland")
    assert policy.local(datetime(2026, 3, 2, 12, tzinfo=UTC)).date().day == 3


def on_tuesday(**changes: object) -> Stretch:
    return a_stretch(started_at=MONDAY + TUESDAY, last_at=MONDAY + TUESDAY + timedelta(minutes=4), **changes)


@pytest.mark.parametrize("mode", [Mode.NUDGE, Mode.OFFER, Mode.MOVE])
def test_on_a_day_without_nudges_what_would_have_been_said_is_held_back(mode: Mode) -> None:
    policy = replace(TRIED, mode=mode)
    decision = decided(CHATTER, stretch=a_stretch(), policy=policy)
    assert (decision.outcome, decision.actions, decision.stretch) == (Outcome.STRETCH, (), "C1/a")
    assert decision.reasons[-1] == HELD_BACK
    assert decision.held_back
    tuesday = decided(CHATTER, stretch=on_tuesday(), policy=policy, now=NOW + TUESDAY)
    plain = replace(policy, experiment=None)
    assert tuesday == decided(CHATTER, stretch=on_tuesday(), policy=plain, now=NOW + TUESDAY)
    assert was_due(tuesday)
    assert not tuesday.held_back


@pytest.mark.parametrize(
    "policy, record, stretch",
    [
        (replace(TRIED, mode=Mode.OBSERVE), Record(), a_stretch()),
        (replace(TRIED, leave=Leave(acts=False, why="no evidence")), Record(), a_stretch()),
        (replace(TRIED, quiet_hours=QuietHours(time(8), time(10))), Record(), a_stretch()),
        (TRIED, Record(told=Told(channel_today=3)), a_stretch()),
        (TRIED, Record(told=Told(community_today=10)), a_stretch()),
        (TRIED, Record(told=Told(stretch=True)), a_stretch()),
        (TRIED, Record(), a_stretch(last_at=MONDAY, started_at=NOW)),
        (TRIED, Record(), a_stretch(returned=True)),
        (TRIED, Record(), a_stretch(thread="r")),
    ],
)
def test_what_would_have_been_silent_anyway_is_not_held_back(
    policy: Policy, record: Record, stretch: Stretch
) -> None:
    decision = decided(CHATTER, stretch=stretch, record=record, policy=policy)
    assert decision.actions == ()
    assert not was_due(decision)


def test_only_nudges_to_a_talk_are_held_back() -> None:
    lone = Record(posts_before=9, lone_here=3)
    assert decided(CHATTER, record=lone, policy=TRIED) == decided(CHATTER, record=lone)
    assert decided(PITCH, policy=TRIED) == decided(PITCH)
    hello = a_message(text="hi guys, glad to be here!")
    assert len(decided(CHATTER, message=hello, record=Record(), policy=TRIED).actions) == 1
    assert len(decided(ON_TOPIC, record=Record(unanswered=15), policy=TRIED).actions) == 1


def test_the_lot_is_that_of_the_channel_and_of_the_local_day() -> None:
    held_back = {
        channel: decided(
            CHATTER, message=a_message(channel=channel), stretch=a_stretch(), policy=TRIED
        ).held_back
        for channel in ("C1", "C2", "C4", "C7", "C8")
    }
    assert held_back == {name: LOTS.holds_back(name, MONDAY.date()) for name in held_back}
    assert set(held_back.values()) == {True, False}
    far = replace(LOTS, time_zone="Pacific/Auckland")
    late = MONDAY + timedelta(hours=3)  # it is Tuesday there
    talk = a_stretch(started_at=late, last_at=late)
    policy = replace(TRIED, experiment=far)
    assert far.first_day == MONDAY.date() + TUESDAY
    assert decided(CHATTER, stretch=talk, policy=policy, now=late + timedelta(minutes=5)).held_back
    assert not decided(CHATTER, stretch=a_stretch(), policy=policy).held_back
