"""The span that is named is the one whose absence costs most."""

from hypothesis import given
from hypothesis import strategies as st

from moderation.classifier.spans import LONGEST_SPAN, MOST_TRIED, telling_span

WORDS = st.lists(st.sampled_from("please buy my new course now friends and thanks a lot".split()), max_size=7)


def weight(text: str) -> float:
    """A made-up judge: it dislikes two words."""
    return 0.1 + 0.4 * ("buy" in text.split()) + 0.2 * ("course" in text.split())


def test_it_names_what_carries_the_verdict() -> None:
    text = "friends please buy my course today"
    assert "buy my course" in telling_span(text, weight)


@given(WORDS)
def test_no_other_span_of_that_length_costs_more(words: list[str]) -> None:
    text = " ".join(words)
    span = telling_span(text, weight)
    size = min(LONGEST_SPAN, len(words) // 2)
    rests = (
        [" ".join(words[:start] + words[start + size :]) for start in range(len(words) - size + 1)]
        if size
        else []
    )
    lowest = min(map(weight, rests), default=weight(text))
    if not span:
        assert lowest >= weight(text)
    else:
        assert any(
            " ".join(words[start : start + size]) == span and weight(rest) == lowest
            for start, rest in enumerate(rests)
        )


def test_one_word_has_no_span() -> None:
    assert telling_span("buy", weight) == ""


def test_a_long_message_costs_no_more_readings() -> None:
    asked: list[str] = []

    def noted(text: str) -> float:
        asked.append(text)
        return weight(text)

    telling_span("buy my course " * 100, noted)
    assert len(asked) <= MOST_TRIED + 1
