"""The words of a message that a verdict rests on most, by leaving words out and judging again."""

from __future__ import annotations

from collections.abc import Generator, Sequence

LONGEST_SPAN = 3
"""Words of the span that is named; of a short message at most half."""
ALL_TRIED = 10
"""Places up to which every one is tried."""
FIRST_TRIED, MOST_TRIED = 10, 14
"""Places of a longer message that are tried at most: first, evenly spread, and in all. Each costs a reading."""
BEST = 3
"""Of the places that are tried first, those around which is looked on ..."""
WORTH = 0.3
"""... where it costs the verdict at least this share of what the best place found so far does."""

Search = Generator[list[str], Sequence[float], str]
"""Yields texts, is sent what each leaves of the verdict, and returns the words."""


def telling_span(text: str, whole: float) -> Search:
    """The words in a row whose absence lowers a verdict's probability `whole` most, or an empty text where nothing does.

    This is leave-one-out attribution, as in Li, Monroe and Jurafsky, "Understanding Neural Networks through Representation
    Erasure", 2016. Of a longer message places far apart are tried first and then those beside the best; a better span may go
    unseen (docs/benchmarks.md says how often).
    """
    words = text.split()
    size = min(LONGEST_SPAN, len(words) // 2)
    if not size:
        return ""
    places = len(words) - size + 1
    left: dict[int, float] = {}
    wanted = _first(places, size)
    while wanted:
        found = yield [" ".join(words[:place] + words[place + size :]) for place in wanted]
        left.update(zip(wanted, found, strict=True))
        wanted = [place for place in _beside(left, whole) if 0 <= place < places]
        wanted = wanted[: MOST_TRIED - len(left)]
    best = min(sorted(left), key=left.__getitem__)
    return " ".join(words[best : best + size]) if left[best] < whole else ""


def _first(places: int, size: int) -> list[int]:
    """All places of a short message; of a longer one so many that each word is left out once, or evenly spread ones."""
    if places <= ALL_TRIED:
        return list(range(places))
    step = max(size, -(-places // (FIRST_TRIED - 1)))
    return sorted({*range(0, places, step), places - 1})


def _beside(left: dict[int, float], whole: float) -> list[int]:
    """Untried neighbours of the best places, the best one's first: a climb goes on where there is a better neighbour."""
    best, *others = sorted(left, key=left.__getitem__)[:BEST]
    worth = [place for place in others if whole - left[place] >= WORTH * (whole - left[best])]
    near = [beside for place in (best, *worth) for beside in (place - 1, place + 1)]
    return [place for place in dict.fromkeys(near) if place not in left]
