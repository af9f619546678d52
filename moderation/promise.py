"""The error promise: how sure a verdict must be before Steward acts, chosen from rulings on randomly drawn messages.

A promise says that at most a share of what is flagged is flagged wrongly, with a certainty. For every threshold the
opposite ("its error is that share or more") is bet against, message by message, in the order in which they were drawn: the stakes
grow with each one that was right and shrink with each that was wrong. If the opposite were true, stakes that begin at 1 would
ever reach 1 / (1 - certainty) with a probability of at most 1 - certainty, however often one looks (Ville's inequality; Waudby-Smith and
Ramdas, "Estimating means of bounded random variables by betting", 2024). Thresholds are tried from the strictest on, each only when
those before it have passed, which needs no further correction (fixed-sequence testing; Angelopoulos et al., "Learn then Test", 2021).

What keeps it honest: only drawn messages count, and one that nobody has ruled on counts as wrong. Stakes only fall when a
right becomes a wrong, so no order of answering, and no silence about the embarrassing ones, can raise them too high.

Once it acts, another bet runs against the promise being kept, and restarts with every message (an e-detector; Shin, Ramdas and
Rinaldo, "E-detectors", 2024): where it wins, Steward steps back and begins again from nothing, with a part of the doubt that it kept back for that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

THRESHOLDS = (0.90, 0.75, 0.60)
"""From the strictest on; those of the strictness low, normal and high."""
PATIENCE = timedelta(days=3)
"""A drawn message that nobody ruled on for so long counts against a promise that is being kept."""
ALARM = 400.0
"""How many drawn messages a promise that is just kept lasts on average until a false alarm, at least."""
HOPEFUL = np.array([0.0, 0.15, 0.3, 0.5, 0.7])
"""Errors that are bet on, as shares of the promised one ..."""
BELIEF = np.array([0.1, 0.5, 0.25, 0.1, 0.05])
"""... and how the stakes are split among them: the likelier it is that none is wrong, the sooner a flawless record is enough."""
FEARED = np.array([0.1, 0.25, 0.5])
"""Of the stakes, what is put on each message being wrong once Steward acts."""
FIRST = 0.8
"""Of the doubt that a promise leaves, the part that the first attempt may use; each later one has half of what is left."""
FARTHEST = 100_000
"""Rulings beyond which nobody waits."""
LEAST = 1e-300
"""Stakes that are lost for good."""
Array = npt.NDArray[np.float64]

_WORDS = re.compile(
    r"\s*at most (?P<wrong>\d+(?:\.\d+)?) wrong nudges? in (?P<of>\d+),\s*(?P<sure>\d+(?:\.\d+)?)\s*% sure\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Promise:
    """At most `share` of what is flagged is wrong, with a certainty of `certainty` (both between 0 and 1)."""

    share: float = 0.05
    certainty: float = 0.95

    def __str__(self) -> str:
        return f"at most {100 * self.share:g} wrong nudges in 100, {100 * self.certainty:g} % sure"


def promise_of(words: str) -> Promise | None:
    """The promise that the words say; None for `off`. Raises ValueError with what to write instead."""
    if words.strip().casefold() == "off":
        return None
    found = _WORDS.fullmatch(words)
    if found is None:
        raise ValueError(f'{words!r} is no promise: write "{Promise()}", or "off"')
    of = int(found["of"])
    promise = Promise(float(found["wrong"]) / of if of else 1.0, float(found["sure"]) / 100)
    if not 0 < promise.share <= 0.5:
        raise ValueError(f"{words!r}: a promise is about more than none and at most half of the nudges")
    if not 0.5 <= promise.certainty <= 0.999:
        raise ValueError(f"{words!r}: certainty goes from 50 % to 99.9 %")
    return promise


@dataclass(frozen=True, slots=True)
class Drawn:
    """A flagged message that was drawn, in order of drawing.

    `score` is the probability by which it was flagged; `probability` that of being drawn, and `least` the lowest that any flagged
    message had at that moment (fixed before it came). `wrong` is None while no moderator has ruled.
    """

    score: float
    at: datetime
    wrong: bool | None
    probability: float = 1.0
    least: float = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a promise stands for one label.

    `acts_from` is the threshold from which on Steward may act, None where it only shows. `drawn`, `ruled` and `wrong` count the
    messages of the present attempt from `acts_from` (or the strictest threshold) on; `needed` says how many rulings are still missing
    at the error seen so far (0 where it acts, None where they would never be enough); `strongest` is the least share that these
    rulings support with the same certainty, `stepped_back` when it last fell silent by itself.
    """

    acts_from: float | None
    drawn: int
    ruled: int
    wrong: int
    needed: int | None
    strongest: float | None
    stepped_back: datetime | None = None

    @property
    def error(self) -> float | None:
        """The share of the ruled ones that were wrong."""
        return self.wrong / self.ruled if self.ruled else None


def stand(promise: Promise, drawn: Sequence[Drawn], now: datetime) -> Standing:
    """How the promise stands at `now` by the drawn messages, given in order of drawing."""
    attempt, tries = list(drawn), 0
    stepped_back: datetime | None = None
    while True:
        doubt = (1 - promise.certainty) * _spent(tries)
        certified = _certified(promise.share, attempt, doubt)
        broken = certified and _broken(promise.share, attempt, certified, now)
        if not broken:
            acts_from = certified.threshold if certified else None
            return _standing(promise, attempt, acts_from, doubt, stepped_back)
        stepped_back = broken.at
        attempt = attempt[broken.after :]
        tries += 1


def _spent(tries: int) -> float:
    """The part of the whole doubt that an attempt may use, so that all together use no more than the whole."""
    return FIRST if tries == 0 else (1 - FIRST) / 2**tries


@dataclass(frozen=True, slots=True)
class _Certified:
    """From `threshold` on it may act, since the first `after` drawn messages."""

    threshold: float
    after: int


@dataclass(frozen=True, slots=True)
class _Broken:
    """The promise was found broken at `at`, when the first `after` messages had been drawn."""

    at: datetime
    after: int


def _certified(share: float, drawn: Sequence[Drawn], doubt: float) -> _Certified | None:
    """The laxest threshold all of whose stricter ones have passed, and itself; it need not hold their stakes for ever."""
    found: _Certified | None = None
    for threshold in THRESHOLDS:
        places = [place for place, one in enumerate(drawn) if one.score >= threshold]
        stakes = _stakes(share, [drawn[place] for place in places])
        passed = np.flatnonzero(stakes >= -np.log(doubt))
        if not len(passed):
            break
        after = places[int(passed[0])] + 1
        found = _Certified(threshold, max(after, found.after if found else 0))
    return found


def _stakes(share: float, drawn: Sequence[Drawn]) -> Array:
    """Logarithms (messages) of the stakes after each message, betting that the error is less than `share`."""
    if not drawn:
        return np.zeros(0)
    wrong = np.array([one.wrong is not False for one in drawn], dtype=np.float64)
    weight = np.array([one.least / one.probability for one in drawn])
    # With probability 1 a right one multiplies the stakes of an error q by (1 - q) / (1 - share), a wrong one by q / share.
    bets = 1 - np.outer(weight * (wrong - share) / (1 - share), 1 - HOPEFUL)
    each = np.log(np.maximum(bets, LEAST)).cumsum(0) + np.log(BELIEF)
    return _sum_of_powers(each)


def _broken(share: float, drawn: Sequence[Drawn], certified: _Certified, now: datetime) -> _Broken | None:
    """Where the promise was found broken since it acts."""
    stakes = np.zeros(len(FEARED))
    for place in range(certified.after, len(drawn)):
        one = drawn[place]
        wrong = one.at + PATIENCE <= now if one.wrong is None else one.wrong
        if one.score < certified.threshold or (one.wrong is None and not wrong):
            continue
        weight = one.least / one.probability
        stakes = (stakes + 1) * (1 + FEARED * weight * ((1 - share) / share if wrong else -1))
        if stakes.mean() >= ALARM:
            return _Broken(one.at, place + 1)
    return None


def _standing(
    promise: Promise,
    drawn: Sequence[Drawn],
    acts_from: float | None,
    doubt: float,
    stepped_back: datetime | None,
) -> Standing:
    counted = [one for one in drawn if one.score >= (acts_from or THRESHOLDS[0])]
    ruled = [one for one in counted if one.wrong is not None]
    wrong = sum(bool(one.wrong) for one in ruled)
    needed = 0 if acts_from is not None else _needed(promise.share, len(counted), ruled, doubt)
    return Standing(
        acts_from, len(counted), len(ruled), wrong, needed, _strongest(counted, doubt), stepped_back
    )


def _needed(share: float, drawn: int, ruled: Sequence[Drawn], doubt: float) -> int | None:
    """How many more rulings would be enough if as many were wrong as until now; all that wait are among them."""
    wrong = sum(bool(one.wrong) for one in ruled)
    error = wrong / len(ruled) if ruled else 0.0
    right = np.log((1 - HOPEFUL * share) / (1 - share))
    # Nobody is ever wholly without errors; a bet on that is lost with the first.
    fallen = np.log(np.maximum(HOPEFUL, LEAST))

    def enough(more: int) -> bool:
        total = len(ruled) + more
        stakes = total * (error * fallen + (1 - error) * right) if error else total * right
        return bool(_sum_of_powers((stakes + np.log(BELIEF))[None])[0] >= -np.log(doubt))

    if not enough(FARTHEST):
        return None
    low, high = 0, FARTHEST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return max(low, drawn - len(ruled))


def _strongest(drawn: Sequence[Drawn], doubt: float) -> float | None:
    """The least share that the drawn messages support, in steps of half a percent; None where not even half."""
    for share in np.arange(0.005, 0.5001, 0.005):
        stakes = _stakes(float(share), drawn)
        if len(stakes) and stakes.max() >= -np.log(doubt):
            return round(float(share), 3)
    return None


def _sum_of_powers(logarithms: Array) -> Array:
    """The logarithm of the sum of the exponentials of each row."""
    most = logarithms.max(1, keepdims=True)
    total: Array = most[:, 0] + np.log(np.exp(logarithms - most).sum(1))
    return total
