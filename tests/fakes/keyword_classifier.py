"""A classifier that goes by words, so that a test can see in its text what the verdict will be.

- A word of `PITCH` in the text: pitch. Else a word of `CASUAL`: chatter. Else: on topic.
- A word of the charter's or the channel's purpose (four letters or more) in the text outweighs a casual word.
- `hm` as a word: the same label, but abstained. A text without any letter is abstained too.
- The likeliest label gets `sureness`, the other two share the rest.

`batches` records how many questions each call was given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from moderation.decisions import Probabilities, Verdict
from moderation.labels import Label
from moderation.ports import Question

PITCH = frozenset("buy offer offering discount followers dm promo coupon earn invest sale".split())
CASUAL = frozenset("lol haha hi hello cat dog lunch coffee weather weekend football joke movie pizza".split())
UNSURE = "hm"

_WORD = re.compile(r"[^\W\d_]+")


class KeywordClassifier:
    """Deterministic, and a verdict depends on its own question alone."""

    version = "keyword-1"

    def __init__(self, sureness: float = 0.96) -> None:
        self._sureness = sureness
        self.batches: list[int] = []

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """One verdict for each question, in order."""
        self.batches.append(len(questions))
        return [self._verdict(question) for question in questions]

    async def explain(self, questions: Sequence[Question], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The same verdicts; those of pitches say of how many words they are."""
        return [
            replace(verdict, why=f"{verdict.why}, in {len(question.text.split())} words")
            if verdict.label is Label.PITCH
            else verdict
            for question, verdict in zip(questions, verdicts, strict=True)
        ]

    def _verdict(self, question: Question) -> Verdict:
        words = set(_WORD.findall(question.text.casefold()))
        label, why = _reading(words, _purpose(question))
        abstained = UNSURE in words or not words
        return Verdict(self._probabilities(label), why, self.version, abstained)

    def _probabilities(self, label: Label) -> Probabilities:
        rest = (1 - self._sureness) / 2
        likely = {each.value: self._sureness if each is label else rest for each in Label}
        return Probabilities(**likely)


def _purpose(question: Question) -> set[str]:
    purposes = [question.charter.purpose, question.channel.purpose if question.channel else ""]
    return {word for word in _WORD.findall(" ".join(purposes).casefold()) if len(word) >= 4}


def _reading(words: set[str], purpose: set[str]) -> tuple[Label, str]:
    if offers := sorted(words & PITCH):
        return Label.PITCH, f'it offers something: "{offers[0]}"'
    if served := sorted(words & purpose):
        return Label.ON_TOPIC, f'it touches the purpose: "{served[0]}"'
    if casual := sorted(words & CASUAL):
        return Label.CHATTER, f'a casual word: "{casual[0]}"'
    return Label.ON_TOPIC, "nothing in it is casual and nothing is offered"
