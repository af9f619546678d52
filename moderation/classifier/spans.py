"""The words of a message that a verdict rests on most, by leaving words out and judging again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

LONGEST_SPAN = 3
"""Words of the span that is named; of a short message at most half."""
MOST_TRIED = 5
"""Places that are tried in a long message, evenly spread: each costs a reading."""


def telling_span(text: str, without: Callable[[str], float]) -> str:
    """The words in a row whose absence lowers the verdict most, or an empty text where nothing does.

    `without` gives the verdict's probability for another text; it is called once for each place and once for the whole.
    This is leave-one-out attribution, as in Li, Monroe and Jurafsky, "Understanding Neural Networks through Representation
    Erasure", 2016.
    """
    best, lowest = "", without(text)
    for span, rest in _left_out(text):
        if (left := without(rest)) < lowest:
            best, lowest = span, left
    return best


def _left_out(text: str) -> Iterator[tuple[str, str]]:
    """Each run of words, and the text without it."""
    words = text.split()
    size = min(LONGEST_SPAN, len(words) // 2)
    if not size:
        return
    places = len(words) - size + 1
    for start in range(0, places, -(-places // MOST_TRIED)):
        yield " ".join(words[start : start + size]), " ".join(words[:start] + words[start + size :])
