"""Whether the words that a reason names are those that the verdict rests on: against every other run of so many words.

The messages are those of the locked communities that the classifier takes for pitches or casual talk and is sure of. Only
pitches name a span; what it would be for casual talk, and what it would cost, is measured all the same.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.measures import Row
from benchmarks.scores import CORPUS, asked
from moderation.classifier.cues import cues_of
from moderation.classifier.folder import SHIPPED, open_folder
from moderation.classifier.local import LocalClassifier
from moderation.classifier.reasons import TOUCHES
from moderation.classifier.spans import Search, telling_span
from moderation.labels import Label
from moderation.ports import Question
from training.scripts import read

MESSAGES = 200
FEWEST_WORDS = 5
LITTLE = 0.01
"""Probability: a span whose absence costs less says little."""
_NAMES = {Label.PITCH: "pitches", Label.CHATTER: "casual talk"}


@dataclass(frozen=True, slots=True)
class Told:
    """What one verdict names.

    `span` is empty where nothing lowers it. `readings` were made to find that, in `seconds`; `cost` is the probability that the
    label loses without it, and `others` what it loses without each other run of so many words. `nothing_touches` says that a
    reason for casual talk has said enough, `shown` that one for a pitch names the words, since it has no plain sign to name.
    """

    label: Label
    span: str
    readings: int
    seconds: float
    cost: float
    others: tuple[float, ...]
    nothing_touches: bool
    shown: bool

    @property
    def right(self) -> bool:
        """Whether no other span costs as much."""
        return bool(self.span) and all(self.cost > other for other in self.others)

    @property
    def by_chance(self) -> float:
        """How often a span that is drawn blindly would be right; none is drawn where none is named."""
        return 1 / (1 + len(self.others)) if self.span else 0.0


class TellingClassifier(LocalClassifier):
    """The shipped classifier, which says of a message how sure it is without some of its words."""

    def label(self, question: Question) -> Label | None:
        """Which label it gives; None where it is not sure."""
        (read,) = self._read([question])
        (probabilities,) = self._weigh([read])
        return None if self._unsure(question, read.text, probabilities) else probabilities.label

    def words(self, question: Question) -> list[str]:
        """The words of a message as they are read."""
        return self._read([question])[0].text.split()

    def tell(self, question: Question) -> Told:
        """What a search for words names, whether or not the reason would need one."""
        (read,) = self._read([question])
        (probabilities,) = self._weigh([read])
        label, readings = probabilities.label, 0

        def without(texts: Sequence[str]) -> list[float]:
            nonlocal readings
            readings += len(texts)
            longest = self._manifest.message_tokens
            messages = self._encoder.read_all([(text, longest) for text in texts], keep=False)
            return [one.of(label) for one in self._weigh([replace(read, message=one) for one in messages])]

        begun = time.perf_counter()
        named = _found(telling_span(read.text, probabilities.of(label)), without)
        seconds, searched = time.perf_counter() - begun, readings
        cost, others = _costs(read.text, named, probabilities.of(label), without)
        shown = label is Label.PITCH and not cues_of(question.text)
        return Told(label, named, searched, seconds, cost, others, read.sentence[0] < TOUCHES, shown)


def _found(search: Search, without: Callable[[Sequence[str]], list[float]]) -> str:
    """What a search returns when it is sent what it wants to know."""
    answers: list[float] | None = None
    while True:
        try:
            wanted = next(search) if answers is None else search.send(answers)
        except StopIteration as end:
            return str(end.value)
        answers = without(wanted)


def _costs(
    text: str, named: str, whole: float, without: Callable[[Sequence[str]], list[float]]
) -> tuple[float, tuple[float, ...]]:
    """What the named span costs, and what each other one of that length does; two that leave the same rest count once."""
    words, size = text.split(), len(named.split())
    if not size:
        return 0.0, ()
    rests: dict[str, set[str]] = {}
    for start in range(len(words) - size + 1):
        rest = " ".join(words[:start] + words[start + size :])
        rests.setdefault(rest, set()).add(" ".join(words[start : start + size]))
    costs = {rest: whole - left for rest, left in zip(rests, without(list(rests)), strict=True)}
    best = max((rest for rest, spans in rests.items() if named in spans), key=costs.__getitem__)
    return costs[best], tuple(cost for rest, cost in costs.items() if rest != best)


def reasons(messages: int = MESSAGES) -> list[Row]:
    """How often removing the named span lowers the label more than removing any other, and what finding it costs."""
    classifier = TellingClassifier(open_folder(SHIPPED), threads=1)
    told = [classifier.tell(question) for question in _flagged(classifier, messages)]
    classifier.close()
    rows = [_share("both", told, "0.80")]
    if named := [one for one in told if one.shown]:
        rows.append(_share("pitches of which the reason names words", named, "0.80"))
    for label, name in _NAMES.items():
        part = [one for one in told if one.label is label]
        if part:
            rows += [_share(name, part, "0.80" if label is Label.PITCH else "-"), *_lines(name, part)]
    if talk := [one for one in told if one.label is Label.CHATTER]:
        silent = sum(one.nothing_touches for one in talk) / len(talk)
        rows.append(
            ("casual talk of which the reason is that nothing touches the purpose", f"{silent:.2f}", "-")
        )
    return rows


def _flagged(classifier: TellingClassifier, messages: int) -> list[Question]:
    """Messages taken for pitches or casual talk, drawn by a fixed seed from all of them."""
    paths = sorted((CORPUS / "locked").glob("*.script"))
    questions = [question for path in paths for question in asked(read(path))]
    random.Random(0).shuffle(questions)
    found: list[Question] = []
    for question in questions:
        if len(found) == messages:
            break
        if classifier.label(question) in _NAMES and len(classifier.words(question)) >= FEWEST_WORDS:
            found.append(question)
    return found


def _share(name: str, told: Sequence[Told], wanted: str) -> Row:
    right, chance = (
        statistics.mean(found) for found in zip(*((o.right, o.by_chance) for o in told), strict=True)
    )
    return (
        f"{name}: no other span costs as much ({len(told)}; {chance:.2f} by chance)",
        f"{right:.3f}",
        wanted,
    )


def _lines(name: str, told: Sequence[Told]) -> list[Row]:
    readings = [one.readings for one in told]
    milliseconds = 1000 * sum(one.seconds for one in told) / sum(readings)
    return [
        (
            f"{name}: probability lost without it, median",
            f"{statistics.median(one.cost for one in told):.3f}",
            "-",
        ),
        (f"{name}: under {LITTLE} lost", f"{statistics.mean(one.cost < LITTLE for one in told):.2f}", "-"),
        (f"{name}: readings to find it", f"{statistics.mean(readings):.1f}, {max(readings)} at most", "-"),
        (f"{name}: a reading", f"{milliseconds:.1f} ms", "-"),
    ]
