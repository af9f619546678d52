"""What a digest counts: periods, rates with intervals, what followed nudges, rulings, shared words, and honest gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.actions import NudgeStretch, PitchCard, RemovePitch, Welcome
from moderation.deeds import Deed, Followed, Wish
from moderation.digest import Digest, DigestReader, State, Trust
from moderation.messages import Author, Kind, Message
from moderation.move_actions import MoveStretch, UndoMove
from moderation.periods import Period, period_of, week_of
from moderation.policy import Mode, Policy
from moderation.stats import Answered, Conversations, Newcomers
from moderation.stats.interval import (
    Share,
    beta_quantile,
    change,
    exact_interval,
    share_over_days,
    student_quantile,
)
from moderation.stats.words import PEOPLE, drift_words
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE, a_charter, a_message
from tests.moderation.plain_fold import Judged, stored

WEEK = week_of(MONDAY, "UTC")
DAY = 24 * 60
POLICY = Policy(mode=Mode.OFFER)


def digest_of(
    judged: Sequence[Judged],
    *,
    period: Period = WEEK,
    channel: str = "",
    known: set[str] | None = None,
    deeds: Sequence[Deed] = (),
    kept: bool = True,
) -> Digest:
    """The digest of judged messages; `kept` says whether their texts still are."""
    reader = DigestReader(a_charter(), POLICY, period, channel=channel, known=known)
    decided = stored(judged, a_charter(), POLICY)
    for message, decision in decided:
        reader.add(message, decision)
    texts = {message.key: message for message, _ in decided} if kept else {}
    return reader.digest([texts.get(key) for key in reader.keys_to_read()], deeds)


def talk(
    first: int, minutes: float, *, texts: Sequence[str] = ("lol same",), people: int = 3
) -> list[Judged]:
    """A casual talk: `people` people post once each, a minute apart."""
    return [
        (
            a_message(first + n, author=f"p{n}", minutes=minutes + n, text=texts[n % len(texts)]),
            CHATTER,
        )
        for n in range(people)
    ]


# --- how much there is to tell ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "judged, state",
    [
        ([], State.NOTHING),
        ([(a_message(1, kind=Kind.JOIN), ON_TOPIC)], State.NOTHING_JUDGED),
        ([(a_message(1), UNSURE)], State.NOTHING_SURE),
        ([(a_message(1), ON_TOPIC)], State.QUIET),
        ([(a_message(n, minutes=n), ON_TOPIC) for n in range(30)], State.USUAL),
    ],
)
def test_a_digest_says_how_much_there_is_to_tell(judged: Sequence[Judged], state: State) -> None:
    digest = digest_of(judged)
    assert digest.state is state
    assert digest.before is None
    assert digest.trust == Trust()


def test_the_first_week_has_nothing_to_be_compared_with() -> None:
    week = [(a_message(n, minutes=n * 400), ON_TOPIC) for n in range(20)]
    later = replace(WEEK, start=WEEK.end, end=WEEK.end + timedelta(days=7))
    assert digest_of(week).change is None
    assert digest_of(week, period=later).before is not None
    assert digest_of(week, period=later).state is State.NOTHING


def test_messages_outside_of_the_period_count_only_for_the_comparison() -> None:
    judged = [(a_message(n, minutes=n * DAY), ON_TOPIC if n < 7 else CHATTER) for n in range(21)]
    digest = digest_of(judged, period=week_of(MONDAY + timedelta(days=7), "UTC"))
    assert digest.report.totals.chatter == digest.report.totals.judged == 7
    assert digest.before is not None
    assert digest.before.totals.on_topic == digest.before.totals.judged == 7
    assert digest.change is not None
    assert digest.change.difference == -1
    assert digest.change.clear


def test_a_day_without_a_message_is_a_day_too() -> None:
    digest = digest_of([(a_message(1), ON_TOPIC)])
    assert [counts.judged for _, counts in digest.counts_by_day] == [1, 0, 0, 0, 0, 0, 0]
    assert digest.counts_by_day[0][0] == date(2026, 3, 2)


def test_one_channel_alone_and_the_whole_community() -> None:
    judged = [
        (a_message(1), ON_TOPIC),
        (a_message(2, minutes=60, channel="C2"), CHATTER),
        (a_message(3, minutes=90, channel="C3"), CHATTER),
    ]
    whole, workshop = digest_of(judged), digest_of(judged, channel="C1")
    assert [line.channel.name for line in whole.channels] == ["business", "teabreak", "workshop"]
    assert not whole.one_channel
    assert (workshop.channel, workshop.report.totals.judged, workshop.one_channel) == ("workshop", 1, True)


def test_what_is_at_home_stays_so_when_the_channel_s_name_is_forgotten() -> None:
    decided = stored([(a_message(1, channel="C3"), CHATTER)], a_charter(), POLICY)
    charter = replace(
        a_charter(), channels=tuple(replace(channel, id=None) for channel in a_charter().channels)
    )
    reader = DigestReader(charter, POLICY, WEEK, names={"C3": "teabreak"})
    for message, decision in decided:
        reader.add(replace(message, channel_name=""), decision)
    digest = reader.digest([])
    assert digest.report.totals.on_topic == 1
    assert digest.channels[0].channel.name == "teabreak"


def test_an_edited_message_counts_once_with_its_last_decision_and_with_all_that_was_done() -> None:
    [*_, (message, decision)] = stored(talk(1, 0) + talk(4, 3), a_charter(), POLICY)
    [(_, calm)] = stored([(message, ON_TOPIC)], a_charter(), POLICY)
    reader = DigestReader(a_charter(), POLICY, WEEK)
    card = PitchCard("C1/1", "C1/1", "eve", drive_by=True, exchanges=0)
    reader.add(message, replace(decision, actions=(card,)))
    reader.add(message, replace(calm, revision=1))
    report = reader.digest([]).report
    assert (report.totals.judged, report.totals.on_topic, report.pitches) == (1, 1, 1)


# --- intervals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "share, posts, low, high",
    [(0.5, 10, 0.1871, 0.8129), (0.9, 50, 0.7819, 0.9667), (0.0, 20, 0.0, 0.1684), (1.0, 100, 0.9638, 1.0)],
)
def test_the_exact_interval_is_the_one_in_the_tables(
    share: float, posts: float, low: float, high: float
) -> None:
    """Clopper and Pearson's 95 % limits, as every table has them."""
    assert exact_interval(share, posts, 0.025) == pytest.approx((low, high), abs=1e-4)


def test_quantiles_are_those_in_the_tables() -> None:
    assert student_quantile(0.975, 6) == pytest.approx(2.446912, abs=1e-5)
    assert student_quantile(0.975, 1) == pytest.approx(12.706205, abs=1e-4)
    assert student_quantile(0.975, 100_000) == pytest.approx(1.959988, abs=1e-5)
    assert beta_quantile(0.5, 2, 2) == pytest.approx(0.5)
    assert beta_quantile(0.25, 1, 1) == pytest.approx(0.25)


days = st.lists(
    st.integers(0, 80).flatmap(lambda posts: st.tuples(st.integers(0, posts), st.just(posts))), max_size=9
)


@given(days, st.integers(0, 100))
def test_an_interval_holds_its_share_and_is_never_narrower_than_posts_alone_would_give(
    days: list[tuple[int, int]], conversations: int
) -> None:
    found = share_over_days(days, conversations)
    with_posts = [day for day in days if day[1]]
    if len(with_posts) < 2:
        assert found is None
        return
    assert found is not None
    assert 0 <= found.low <= found.share <= found.high <= 1
    low, high = exact_interval(found.share, sum(posts for _, posts in days), 0.025)
    assert found.low <= low + 1e-6
    assert found.high >= high - 1e-6


def test_days_that_differ_and_few_conversations_make_it_wider() -> None:
    alike = share_over_days([(45, 50)] * 7, 350)
    unlike = share_over_days([(50, 50), (25, 50), *[(48, 50)] * 5], 350)
    few_talks = share_over_days([(45, 50)] * 7, 20)
    assert alike
    assert unlike
    assert few_talks
    assert alike.high - alike.low < unlike.high - unlike.low
    assert alike.high - alike.low < few_talks.high - few_talks.low


def test_a_change_is_clear_only_when_the_intervals_leave_no_doubt() -> None:
    later, earlier = Share(0.9, 0.85, 0.94, 7), Share(0.7, 0.62, 0.78, 7)
    assert change(later, earlier).clear
    assert change(later, earlier).low == pytest.approx(0.2 - np.hypot(0.05, 0.08))
    assert not change(later, Share(0.88, 0.8, 0.93, 7)).clear


def test_intervals_cover_the_rate_of_such_weeks() -> None:
    """Talks drift as a whole and days differ; benchmarks/digests.py has more settings and 2,000 runs each."""
    chance = np.random.default_rng(3)

    def week() -> tuple[list[tuple[int, int]], int]:
        found, talks = [], 0
        for _ in range(7):
            lengths = 1 + chance.geometric(0.2, chance.poisson(12) + 1)
            rate = 1 / (1 + np.exp(-2 - 0.5 * chance.normal()))
            kept = lengths * (chance.random(len(lengths)) < rate)
            found.append((int(kept.sum()), int(lengths.sum())))
            talks += len(lengths)
        return found, talks

    many = [week() for _ in range(1_200)]
    truth = sum(hits for found, _ in many for hits, _ in found) / sum(
        n for found, _ in many for _, n in found
    )
    shares = [share_over_days(*one) for one in many[:120]]
    assert np.mean([share is not None and share.low <= truth <= share.high for share in shares]) >= 0.93
    assert np.mean([share.high - share.low for share in shares if share]) < 0.35


# --- what drift was about --------------------------------------------------------------------------------------------


def said(texts: Sequence[str], *, names: Sequence[str] = ()) -> list[Message]:
    return [
        replace(
            a_message(n, author=f"p{n}", text=text), author=Author(f"p{n}", names[n] if names else f"P{n}")
        )
        for n, text in enumerate(texts)
    ]


def test_a_word_is_told_when_five_different_people_used_it() -> None:
    four, five = said(["Football!"] * 4), said(["the football was great"] * 5)
    again = [replace(four[0], key=replace(four[0].key, message=f"x{n}")) for n in range(9)]
    assert drift_words([*four, *again], 13).words == ()
    assert drift_words(five, 5).words == (("football", 5),)


def test_names_mentions_addresses_and_small_words_are_left_out() -> None:
    texts = [
        (
            "@Nora Field says martina and Zoë watched football with the dog at football.example.com #random :tada: 42 "
            "mail me@dogs.org und nicht auch pour avec para mais perché voor niet"
        )
    ] * PEOPLE
    messages = [
        replace(message, mentions=("Nora Field",)) for message in said(texts, names=["Martina B."] * PEOPLE)
    ]
    words = dict(drift_words(messages, PEOPLE, names=("Zoë",)).words)
    assert set(words) <= {"says", "watched", "football", "dog", "mail"}
    assert words["football"] == PEOPLE


def test_what_was_forgotten_is_not_told_and_said_so() -> None:
    judged = talk(1, 0, people=5, texts=["football tonight"])
    assert digest_of(judged).words.words == (("football", 5), ("tonight", 5))
    gone = digest_of(judged, kept=False).words
    assert (gone.words, gone.read, gone.posts) == ((), 0, 5)


def test_only_drift_is_looked_at() -> None:
    judged = [(a_message(n, author=f"p{n}", minutes=n, text="veneer presses"), ON_TOPIC) for n in range(9)]
    assert digest_of(judged).words.words == ()


def test_busiest_hours_are_local() -> None:
    digest = digest_of(talk(1, 0) + talk(11, 4 * 60, people=4))
    assert [(busy.weekday, busy.hour, busy.posts) for busy in digest.busy_hours] == [(0, 13, 4), (0, 9, 3)]


# --- what Steward did ------------------------------------------------------------------------------------------------


def nudge(stretch: str, minutes: float = 3) -> Deed:
    action = NudgeStretch(stretch, "C3", ("p0", "p1"), ("00001",), offer=True)
    return Deed(action, "C1", MONDAY + timedelta(minutes=minutes))


def test_what_followed_a_nudge() -> None:
    back = [(a_message(50 + n, author="dora", minutes=1_004 + n), ON_TOPIC) for n in range(3)]
    judged: list[Judged] = [
        *talk(1, 0, people=4),  # silent afterwards
        *talk(11, 500, people=4),
        *[(a_message(20 + n, author="ann", minutes=510 + 20 * n), CHATTER) for n in range(4)],
        *talk(41, 1_000, people=4),
        *back,
        *talk(61, 2_000, people=4),
    ]
    deeds = [nudge("C1/00001"), nudge("C1/00011", 503), nudge("C1/00041", 1_003), nudge("C1/00061", 2_003)]
    deeds.append(Deed(MoveStretch("C1/00061", "C3", ("00061",), ("p0",), by="p0"), "C1", deeds[-1].at))
    found = digest_of(judged, deeds=deeds).deeds
    assert found.stretch_nudges == 4
    assert found.followed == {
        Followed.QUIET: 1,
        Followed.WENT_ON: 1,
        Followed.RETURNED: 1,
        Followed.MOVED: 1,
    }


def test_moves_are_counted_by_whose_wish_they_were() -> None:
    at = MONDAY
    deeds = [
        Deed(MoveStretch("s1", "C3", ("1", "2"), ("ann",), by="ann"), "C1", at),
        Deed(MoveStretch("s1", "C3", ("3",), ("ben",), by="ben"), "C1", at),
        Deed(MoveStretch("s2", "C3", ("4",), ("ann", "ben"), by="policy"), "C1", at),
        Deed(MoveStretch("s3", "C3", ("5",), ("ann",), by="mod"), "C2", at),
        Deed(UndoMove("move:s2:x", ("ann",), by="ann"), "C1", at),
        Deed(Welcome("new", "9", "C3"), "C1", at),
        Deed(PitchCard("C1/7", "C1/7", "eve", drive_by=True, exchanges=0), "C1", at),
        Deed(PitchCard("C1/7", "C2/8", "eve", drive_by=True, exchanges=0), "C2", at),
        Deed(RemovePitch("C1/7", ("C1/7", "C2/8"), "eve", by="mod"), "C1", at),
        Deed(Welcome("late", "10", "C3"), "C1", WEEK.end),
    ]
    found = digest_of([], deeds=deeds).deeds
    assert found.moved == {Wish.AUTHOR: 1, Wish.POLICY: 1, Wish.MODERATOR: 1}
    assert (found.moved_posts, found.brought_back, found.welcomes) == (5, 1, 1)
    assert (found.cards, found.removed) == (1, 1)
    assert digest_of([], deeds=deeds, channel="C2").deeds.moved == {Wish.MODERATOR: 1}


# --- dialogue --------------------------------------------------------------------------------------------------------


def test_conversations_end_with_silence_and_threads_go_on() -> None:
    judged: list[Judged] = [
        (a_message(1, author="ann"), ON_TOPIC),
        (a_message(2, author="ben", minutes=5), ON_TOPIC),
        (a_message(3, author="eve", minutes=6), PITCH),
        (a_message(4, author="cleo", minutes=100), ON_TOPIC),
        (a_message(5, author="dora", minutes=900, thread="00004"), ON_TOPIC),
        (a_message(6, author="eve", minutes=2_000, thread="00004"), ON_TOPIC),
    ]
    talks = digest_of(judged).report.conversations
    assert talks == Conversations(count=3, people=2 + 1 + 3, shared=2)
    assert talks.people_each == 2


def test_newcomers_are_told_only_where_somebody_can_tell() -> None:
    judged: list[Judged] = [
        (a_message(1, author="new"), ON_TOPIC),
        (a_message(2, author="old", minutes=5), ON_TOPIC),
        (a_message(3, author="shy", minutes=500), ON_TOPIC),
        (a_message(4, author="spam", minutes=900), PITCH),
    ]
    assert digest_of(judged).report.newcomers is None
    digest = digest_of(judged, known={"old"})
    assert digest.report.newcomers == Newcomers(count=2, answered=1)
    assert digest.report.dialogue == Answered(turns=3, answered=1)


def test_nobody_is_named_in_a_digest() -> None:
    """But for whoever wrote a channel's or the community's name."""
    judged = [*talk(1, 0, people=6), (a_message(30, author="eve", minutes=400), PITCH)]
    digest = digest_of(judged, known=set(), deeds=[nudge("C1/00001")])
    shown = replace(digest, report=replace(digest.report, drift_posts=()))
    assert "eve" not in repr(shown)
    assert "'p0'" not in repr(shown)


def test_a_period_has_local_days() -> None:
    period = period_of(date(2026, 3, 23), date(2026, 3, 30), "Europe/Berlin")
    assert period.is_week
    assert (period.first_day, period.last_day) == (date(2026, 3, 23), date(2026, 3, 29))
    assert period.end - period.start == timedelta(days=7, hours=-1)
    assert not period_of(date(2026, 3, 24), date(2026, 3, 31), "UTC").is_week
