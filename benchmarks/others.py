"""Other ways to tell the labels, side by side in one run: the same rows to learn from, the same test parts, the same figures.

Needs the extra `bench`; without it only ours is measured. STEWARD_LABELLED_ROWS names a folder of labelled rows of other
sources, STEWARD_CHECKPOINT a checkpoint of a training; both may be left out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.few_shot import EXAMPLES, frozen_head, later_halves, set_fit
from benchmarks.judges import Array, Judge, NotMeasured, of_communities
from benchmarks.labelled import NEVER_TRAINED_ON, labelled_rows, questions_of
from benchmarks.measures import Row as Line
from benchmarks.other_ways import plain_torch, surface_alone, vectors_head, words_head, zero_shot
from benchmarks.scores import CORPUS, shares_of
from bot.app import load_classifier
from training.measure import figures, flipped
from training.rows import Row, other_rows, own_rows, pair_rows

TIMED = 500
SHOWN: Mapping[str, str] = {
    "macro_f1": "macro-F1",
    "chatter_recall": "chatter at 2 %",
    "pitch_recall": "pitches at 2 %",
    "pairs_flipped": "both right",
    "hard_negatives_flagged": "hard negatives flagged",
    "calibration_error": "calibration error",
}
ALL = ("macro_f1", "chatter_recall", "pitch_recall", "hard_negatives_flagged", "calibration_error")


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that nothing was trained on, and which figures of them are shown; `few`: examples of their communities are known."""

    title: str
    rows: Sequence[Row]
    keys: tuple[str, ...]
    few: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How a way is made ready, which may take minutes; `few`: it can only judge communities that it has examples of."""

    name: str
    ready: Callable[[], Judge]
    few: bool = False


def ours() -> Judge:
    """The classifier that ships, reasons and all."""
    classifier = load_classifier()

    def judge(rows: Sequence[Row]) -> Array:
        verdicts = asyncio.run(classifier.judge(questions_of(rows)))
        return np.array([shares_of(verdict) for verdict in verdicts])

    return judge


def ours_with_examples() -> Judge:
    """The same, told the examples that the few-shot ways learn from."""
    classifier = load_classifier()
    examples = {half.community: half.examples for half in later_halves()}

    def of(community: str) -> Judge:
        def judge(rows: Sequence[Row]) -> Array:
            questions = [
                replace(one, charter=replace(one.charter, examples=examples[community]))
                for one in questions_of(rows)
            ]
            return np.array([shares_of(verdict) for verdict in asyncio.run(classifier.judge(questions))])

        return judge

    return of_communities({community: of(community) for community in examples})


WAYS = (
    Way("ours", ours),
    Way("ours as plain torch, batches of 64, bfloat16", plain_torch),
    Way("TF-IDF and logistic regression", words_head),
    Way("MiniLM, frozen, and logistic regression", vectors_head),
    Way("MiniLM, zero-shot", zero_shot),
    Way("surface features alone, boosted trees", surface_alone),
    Way(f"ours, {EXAMPLES} examples a label", ours_with_examples, few=True),
    Way(f"MiniLM, frozen, {EXAMPLES} examples a label", frozen_head, few=True),
    Way(f"SetFit on MiniLM, {EXAMPLES} examples a label", set_fit, few=True),
)


def others() -> list[Line]:
    """Each part with one line a way, then the pace of each."""
    return side_by_side(WAYS, parts())


def parts() -> list[Part]:
    """What is measured: locked communities and pairs, hard negatives, and labelled rows where a folder is named."""
    locked = own_rows((CORPUS / "locked").glob("*.script"))
    hard = [row for row in other_rows(CORPUS) if row.label == "on_topic"]
    found = [
        Part("locked communities", locked, ALL),
        Part("their later halves", [row for half in later_halves() for row in half.rows], ALL[:3], few=True),
        Part("locked pairs", pair_rows((CORPUS / "locked").glob("pairs_*.jsonl")), ("pairs_flipped",)),
        Part("hard negatives of our own", hard, ("hard_negatives_flagged",)),
    ]
    if rows := [row for row in labelled_rows() if row.community.startswith(NEVER_TRAINED_ON)]:
        found.append(Part("Clojurians, Elm, Racket", rows, ALL))
    return found


def side_by_side(ways: Sequence[Way], parts: Sequence[Part]) -> list[Line]:
    """The lines of these ways on these parts; the pace is that on the first rows of the first part."""
    by_part: dict[str, list[Line]] = {f"{part.title} ({len(part.rows)})": [] for part in parts}
    timed = parts[0].rows[:TIMED]
    paces: list[Line] = []
    missing: list[Line] = []
    for way in ways:
        try:
            judge = way.ready()
        except NotMeasured as why:
            missing.append((way.name, f"not measured: {why}", "-"))
            continue
        except ModuleNotFoundError as why:
            missing.append((way.name, f"not measured: needs the extra bench ({why.name})", "-"))
            continue
        paces.append((f"pace: {way.name}", f"{_pace(judge, timed):.0f} rows/s", "-"))
        for part, lines in zip(parts, by_part.values(), strict=True):
            if part.few or not way.few:
                title = f"{part.title} ({len(part.rows)}): {way.name}"
                lines.append((title, _figures(judge, part), "-"))
    return [*(line for lines in by_part.values() for line in lines), *paces, *missing]


def _pace(judge: Judge, rows: Sequence[Row]) -> float:
    """Rows a second, nothing of them read before."""
    begun = time.perf_counter()
    judge(rows)
    return len(rows) / (time.perf_counter() - begun)


def _figures(judge: Judge, part: Part) -> str:
    shares = judge(part.rows)
    found = figures(shares, part.rows) | flipped(shares, part.rows)
    shown = [(SHOWN[key], found.get(key)) for key in part.keys]
    return ", ".join(f"{name} {figure:.3f}" for name, figure in shown if figure is not None)
