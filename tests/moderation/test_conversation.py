"""Stretches of casual talk, and what is context."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from moderation.conversation import (
    ASIDE_LINES,
    CONTEXT_LINES,
    LONGEST,
    SILENCE,
    Stretch,
    Turn,
    advance,
    context_of,
)
from tests.factories import MONDAY, a_message


def fold(*turns: tuple[str, bool | None, float]) -> list[Stretch | None]:
    """The stretch after each turn, given as (author, casual, minute)."""
    stretch: Stretch | None = None
    states: list[Stretch | None] = []
    for number, (author, casual, minute) in enumerate(turns):
        turn = Turn(str(number), author, MONDAY + timedelta(minutes=minute), casual)
        stretch = advance(stretch, turn, "C1", None)
        states.append(stretch)
        if stretch is not None and stretch.returned:
            stretch = None
    return states


def last(*turns: tuple[str, bool | None, float]) -> Stretch | None:
    return fold(*turns)[-1]


def test_three_casual_messages_by_two_people_are_a_drifted_stretch() -> None:
    stretch = last(("ann", True, 0), ("bob", True, 1), ("ann", True, 2))
    assert stretch is not None
    assert stretch.drifted
    assert stretch.id == "C1/0"
    assert stretch.members == ("ann", "bob")


def test_one_person_alone_does_not_drift() -> None:
    stretch = last(("ann", True, 0), ("ann", True, 1), ("ann", True, 2), ("ann", True, 3))
    assert stretch is not None
    assert not stretch.drifted


def test_two_casual_messages_are_not_yet_a_stretch() -> None:
    stretch = last(("ann", True, 0), ("bob", True, 1))
    assert stretch is not None
    assert not stretch.drifted


def test_an_aside_of_two_lines_is_tolerated_and_not_part_of_it() -> None:
    stretch = last(("ann", True, 0), ("bob", False, 1), ("cat", False, 2), ("bob", True, 3), ("cat", True, 4))
    assert stretch is not None
    assert stretch.drifted
    assert stretch.messages == ("0", "3", "4")


def test_three_lines_on_topic_in_a_row_close_it() -> None:
    stretch = last(
        ("ann", True, 0), ("bob", True, 1), ("cat", True, 2), *(("bob", False, 3.0 + n) for n in range(3))
    )
    assert stretch is not None
    assert stretch.returned
    assert not stretch.is_open(MONDAY + timedelta(minutes=6))


def test_silence_closes_it_and_later_casual_talk_is_a_new_one() -> None:
    minutes = SILENCE.total_seconds() / 60 + 3
    stretch = last(("ann", True, 0), ("bob", True, 1), ("cat", True, 2), ("ann", True, minutes))
    assert stretch is not None
    assert stretch.id == "C1/3"


def test_a_message_that_the_classifier_is_not_sure_of_neither_extends_nor_ends_it() -> None:
    stretch = last(("ann", True, 0), ("bob", None, 1), ("bob", None, 2), ("bob", None, 3), ("bob", True, 4))
    assert stretch is not None
    assert stretch.messages == ("0", "4")


def test_it_settles_two_minutes_after_its_start() -> None:
    stretch = last(("ann", True, 0), ("bob", True, 1))
    assert stretch is not None
    assert stretch.settled_at == MONDAY + timedelta(minutes=2)


def test_an_endless_talk_keeps_its_name_and_its_latest_posts() -> None:
    stretch = last(*(("ab"[n % 2], True, n) for n in range(3 * LONGEST)))
    assert stretch is not None
    assert stretch.id == "C1/0"
    assert len(stretch.messages) == LONGEST
    assert stretch.messages[-1] == str(3 * LONGEST - 1)


def test_without_takes_a_message_out() -> None:
    stretch = last(("ann", True, 0), ("bob", True, 1), ("cat", True, 2))
    assert stretch is not None
    assert stretch.without("1").members == ("ann", "cat")


turns = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([True, False, None]), st.floats(0, 20)), max_size=40
)


@given(turns)
def test_whatever_is_said_a_stretch_holds_only_casual_messages_in_order(
    steps: list[tuple[str, bool | None, float]],
) -> None:
    minute = 0.0
    timed: list[tuple[str, bool | None, float]] = []
    for author, casual, gap in steps:
        minute += gap
        timed.append((author, casual, minute))
    for stretch in filter(None, fold(*timed)):
        assert all(timed[int(message)][1] is True for message in stretch.messages)
        assert list(stretch.messages) == sorted(stretch.messages, key=int)
        assert len(stretch.messages) == len(stretch.authors)
        assert stretch.aside <= ASIDE_LINES + 1
        assert stretch.returned == (stretch.aside > ASIDE_LINES)


def test_context_is_the_last_lines_of_the_channel_oldest_first() -> None:
    earlier = [a_message(n, text=f"line {n}", minutes=n) for n in range(6)]
    context = context_of(a_message(9, minutes=9), earlier)
    assert [line.text for line in context] == ["line 3", "line 4", "line 5"]


def test_context_of_a_thread_is_its_root_and_replies_not_the_channel() -> None:
    root = a_message(1, text="root", minutes=0)
    reply = a_message(2, text="reply", minutes=1, thread="00001")
    aside = a_message(3, text="in the channel", minutes=2)
    context = context_of(a_message(4, minutes=3, thread="00001"), [root, reply, aside])
    assert [line.text for line in context] == ["root", "reply"]


def test_an_answered_message_is_context_even_if_it_is_far_up() -> None:
    earlier = [a_message(n, text=f"line {n}", minutes=n) for n in range(9)]
    context = context_of(a_message(20, minutes=20, reply_to="00002"), earlier)
    assert [line.text for line in context] == ["line 2", "line 7", "line 8"]
    assert len(context) == CONTEXT_LINES


def test_yesterdays_talk_is_not_context() -> None:
    context = context_of(a_message(2, minutes=24 * 60), [a_message(1, text="yesterday")])
    assert context == ()


def test_texts_that_were_forgotten_are_not_context() -> None:
    assert context_of(a_message(2, minutes=1), [a_message(1, text="")]) == ()
