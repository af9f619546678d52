"""The span that is named is the one whose absence costs most."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from moderation.classifier.spans import ALL_TRIED, LONGEST_SPAN, MOST_TRIED, telling_span

WORDS = st.lists(st.sampled_from("please buy my new course now friends and thanks a lot".split()))


def weight(text: str) -> float:
    """A made-up judge: it dislikes two words."""
    return 0.1 + 0.4 * ("buy" in text.split()) + 0.2 * ("course" in text.split())


def told(text: str, judge: Callable[[str], float] = weight) -> str:
    """What the search returns when each text that it wants is judged."""
    search = telling_span(text, judge(text))
    answers: list[float] | None = None
    while True:
        try:
            wanted = next(search) if answers is None else search.send(answers)
        except StopIteration as end:
            return str(end.value)
        answers = [judge(one) for one in wanted]


def test_it_names_what_carries_the_verdict() -> None:
    assert "buy my course" in told("friends please buy my course today")


@given(WORDS.filter(lambda words: len(words) < ALL_TRIED + LONGEST_SPAN))
def test_of_a_short_message_no_other_span_of_that_length_costs_more(words: list[str]) -> None:
    text = " ".join(words)
    span = told(text)
    size = min(LONGEST_SPAN, len(words) // 2)
    starts = range(len(words) - size + 1) if size else ()
    left = {start: weight(" ".join(words[:start] + words[start + size :])) for start in starts}
    lowest = min(left.values(), default=weight(text))
    if not span:
        assert lowest >= weight(text)
    else:
        named = [start for start in starts if " ".join(words[start : start + size]) == span]
        assert lowest in [left[start] for start in named]


@given(WORDS)
def test_what_is_named_stands_in_the_text_and_costs_something(words: list[str]) -> None:
    text = " ".join(words)
    if span := told(text):
        assert span in text
        assert (
            any(
                weight(f"{before} {after}") < weight(text)
                for before, found, after in [text.partition(span)]
                if found
            )
            or text.count(span) > 1
        )


def test_in_a_long_message_a_lone_word_is_found_wherever_it_stands() -> None:
    words = "we met at the fair and talked about the weather for a while until lunch came".split()
    for place in range(len(words)):
        assert "buy" in told(" ".join([*words[:place], "buy", *words[place:]]))


def test_one_word_has_no_span() -> None:
    assert told("buy") == ""


def test_a_long_message_costs_no_more_readings() -> None:
    asked: list[str] = []

    def noted(text: str) -> float:
        asked.append(text)
        return weight(text)

    told("buy my course " * 100, noted)
    assert len(asked) <= MOST_TRIED + 1
