"""The classifier that ships: it reads a message against charter, channel, context and the moderators' examples."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np

from moderation.classifier.asking import CHARTER, CONTEXT, Asked, read_questions
from moderation.classifier.cues import cues_of
from moderation.classifier.encoder import AT_ONCE, Encoder
from moderation.classifier.folder import Manifest
from moderation.classifier.packing import Vector
from moderation.classifier.reasons import TOUCHES, Carried, why
from moderation.classifier.spans import telling_span
from moderation.classifier.spelling import LATIN_ENDS
from moderation.decisions import Probabilities, Verdict
from moderation.labels import Label
from moderation.normalise import LONGEST
from moderation.ports import Question

PARTS, FEWEST = 2, 4
"""Parts of a batch for each thread, and questions that are worth a part of their own."""
BATCH = 64
"""Questions that one turn of the workers answers at most, so that shutting down never waits long."""
EXAMPLE_FROM = 0.6
"""Closeness from which on a moderator's example pulls a verdict towards its label ..."""
EXAMPLE_PULL = 10.0
"""... by so much a unit of closeness, in logits: the same text gains 4, which is nearly certain.

Read beside the message word by word, as context is, examples made verdicts worse (docs/benchmarks.md).
"""
_LABELS = (Label.ON_TOPIC, Label.CHATTER, Label.PITCH)
Item = TypeVar("Item")
Found = TypeVar("Found")


class LocalClassifier:
    """Judges on this machine, off the event loop, in bounded batches; see `moderation.ports.Classifier`."""

    def __init__(self, manifest: Manifest, threads: int = 2) -> None:
        """Raise ModelError for a folder that cannot be loaded. `threads` is the number of cores to use."""
        self._manifest = manifest
        self._encoder = Encoder(manifest)
        self._threads = threads
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="judge")

    @property
    def version(self) -> str:
        """Name and version of the model."""
        return self._manifest.version

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """One verdict a question, in order."""
        return await self._spread(questions, self._verdicts)

    def judge_now(self, questions: Sequence[Question]) -> list[Verdict]:
        """The same, for a caller without an event loop."""
        return [one for found in self._workers.map(self._verdicts, self._parts(questions)) for one in found]

    async def explain(self, questions: Sequence[Question], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """See `Classifier`: of pitches in which no plain sign of an offer can be named, the words that make them one."""
        found = list(verdicts)
        places = [
            n for n, verdict in enumerate(found) if self._is_ours(verdict) and verdict.label is Label.PITCH
        ]
        told = await self._spread([(questions[n], found[n]) for n in places], self._with_spans)
        for n, reason in zip(places, told, strict=True):
            found[n] = replace(found[n], why=reason)
        return found

    def _is_ours(self, verdict: Verdict) -> bool:
        return verdict.model == self.version and not verdict.abstained

    async def _spread(
        self, asked: Sequence[Item], work: Callable[[Sequence[Item]], list[Found]]
    ) -> list[Found]:
        """What `work` finds of each, in the threads; of many no more than a batch is waiting for them."""
        loop = asyncio.get_running_loop()
        found: list[Found] = []
        for start in range(0, len(asked), BATCH):
            parts = self._parts(asked[start : start + BATCH])
            done = await asyncio.gather(*(loop.run_in_executor(self._workers, work, part) for part in parts))
            found += [one for part in done for one in part]
        return found

    def _parts(self, asked: Sequence[Item]) -> list[Sequence[Item]]:
        """What follows each other, since that shares its context; several a thread, since some take longer."""
        size = max(FEWEST, -(-min(len(asked), BATCH) // (PARTS * self._threads)))
        return [asked[start : start + size] for start in range(0, len(asked), size)]

    def close(self) -> None:
        """Stop the threads."""
        self._workers.shutdown()

    def _verdicts(self, questions: Sequence[Question]) -> list[Verdict]:
        asked = self._read(questions)
        weighed = self._judged(asked)
        unsure = [
            self._unsure(one.question, one.text, probabilities)
            for one, probabilities in zip(asked, weighed, strict=True)
        ]
        sure = [number for number, reason in enumerate(unsure) if not reason]
        carried = [Carried()] * len(asked)
        for number, found in zip(sure, self._carried([(asked[n], weighed[n]) for n in sure]), strict=True):
            carried[number] = found
        # Reasons are looked for in what people see, where an address is still an address.
        return [
            Verdict(shares, why(one.shown, shares, found, doubt), self.version, bool(doubt))
            for one, shares, found, doubt in zip(asked, weighed, carried, unsure, strict=True)
        ]

    def _read(self, questions: Sequence[Question]) -> list[Asked]:
        return read_questions(self._encoder, self._manifest, questions)

    def _judged(self, asked: Sequence[Asked]) -> list[Probabilities]:
        """What the first tier settles, and of all else a reading beside the other texts."""
        settled = self._settled(asked)
        rest = iter(self._weigh([one for one, shares in zip(asked, settled, strict=True) if shares is None]))
        return [next(rest) if shares is None else shares for shares in settled]

    def _settled(self, asked: Sequence[Asked]) -> list[Probabilities | None]:
        """The first tier only settles that a message belongs, and never where a moderator's example is close."""
        logits = self._encoder.settle([(one.message, one.beside) for one in asked])
        if logits is None:
            return [None] * len(asked)
        found = [_probabilities(row) for row in logits]
        return [
            shares
            if shares.on_topic >= self._manifest.settles_from and one.example[0] <= EXAMPLE_FROM
            else None
            for one, shares in zip(asked, found, strict=True)
        ]

    def _weigh(self, asked: Sequence[Asked]) -> list[Probabilities]:
        if not asked:
            return []
        logits = (
            self._encoder.judge([(one.message, one.beside) for one in asked]) / self._manifest.temperature
        )
        for one, row in zip(asked, logits, strict=True):
            closeness, example = one.example
            if example is not None and closeness > EXAMPLE_FROM:
                row[_LABELS.index(example.label)] += EXAMPLE_PULL * (closeness - EXAMPLE_FROM)
        return [_probabilities(row) for row in logits]

    def _carried(self, judged: Sequence[tuple[Asked, Probabilities]]) -> list[Carried]:
        """What the verdicts rest on: what they lose without a part, and which parts the messages are close to.

        Nothing follows from on topic, and of casual talk that touches nothing this says it all: no more is found out of these.
        """
        found = [
            Carried(
                sentence=one.sentence[1] or "",
                touch=one.sentence[0],
                example=one.example[1],
                closeness=one.example[0],
            )
            for one, _ in judged
        ]
        drift = [
            n
            for n, (_, shares) in enumerate(judged)
            if shares.label is Label.CHATTER and found[n].touch >= TOUCHES
        ]
        pitches = [n for n, (_, shares) in enumerate(judged) if shares.label is Label.PITCH]
        lines = range(CONTEXT, CONTEXT + self._manifest.context_lines)
        without = [judged[n][0].without(range(CHARTER, CONTEXT)) for n in (*drift, *pitches)]
        weighed = self._weigh([*without, *(judged[n][0].without(lines) for n in drift)])
        lost = [
            judged[n][1].of(judged[n][1].label) - shares.of(judged[n][1].label)
            for n, shares in zip((*drift, *pitches, *drift), weighed, strict=True)
        ]
        for n, charter in zip((*drift, *pitches), lost, strict=False):
            found[n] = replace(found[n], charter=charter)
        for n, context in zip(drift, lost[len(without) :], strict=True):
            found[n] = replace(found[n], context=context)
        return found

    def _with_spans(self, pitches: Sequence[tuple[Question, Verdict]]) -> list[str]:
        """The reasons of pitches, with the words that they rest on.

        Not where a plain sign can be named, nor where what is known now (a text is gone, one before it was edited) makes it
        something else.
        """
        told = [verdict.why for _, verdict in pitches]
        plain = [n for n, (question, _) in enumerate(pitches) if not cues_of(question.text[:LONGEST])]
        asked = self._read([pitches[n][0] for n in plain])
        still = [
            (n, one, shares)
            for n, one, shares in zip(plain, asked, self._weigh(asked), strict=True)
            if shares.label is Label.PITCH
        ]
        judged = [(one, shares) for _, one, shares in still]
        for (n, one, _), carried, span in zip(still, self._carried(judged), self._spans(judged), strict=True):
            told[n] = why(one.shown, pitches[n][1].probabilities, replace(carried, span=span), "")
        return told

    def _spans(self, pitches: Sequence[tuple[Asked, Probabilities]]) -> list[str]:
        """The words that make each a pitch; in each round the texts that all searches want are judged together."""
        spans = [""] * len(pitches)
        longest = self._manifest.message_tokens
        searches = {
            n: telling_span(self._encoder.words_read(one.text, longest), shares.pitch)
            for n, (one, shares) in enumerate(pitches)
        }
        wanted = {n: next(search, None) for n, search in searches.items()}
        while waiting := {n: texts for n, texts in wanted.items() if texts}:
            asked = [(n, text) for n, texts in waiting.items() for text in texts]
            answers: dict[int, list[float]] = {n: [] for n in waiting}
            for start in range(0, len(asked), AT_ONCE):
                part = asked[start : start + AT_ONCE]
                read = self._encoder.read_all([(text, longest) for _, text in part], keep=False)
                tried = [replace(pitches[n][0], message=one) for (n, _), one in zip(part, read, strict=True)]
                for (n, _), shares in zip(part, self._weigh(tried), strict=True):
                    answers[n].append(shares.pitch)
            for n, answer in answers.items():
                try:
                    wanted[n] = searches[n].send(answer)
                except StopIteration as end:
                    wanted[n], spans[n] = None, end.value
        return spans

    def _unsure(self, question: Question, text: str, probabilities: Probabilities) -> str:
        """Why nothing should follow from this verdict, or an empty text."""
        if not any(character.isalnum() for character in text):
            return "there is no text to read" if question.attachments else "there are no words in it"
        if not _in_latin_script(text):
            return "it is in a script that this model does not read"
        if len(text.split()) <= 2 and not question.context:
            return "too short without anything before it"
        # Turned round, so that no number at all is not sure either.
        if not probabilities.of(probabilities.label) >= self._manifest.least_sure:
            return "the labels are too close"
        return ""


def _in_latin_script(text: str) -> bool:
    """Whether most letters are Latin: of other scripts the model's vocabulary knows nothing."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character < LATIN_ENDS for character in letters)
    return not letters or latin >= len(letters) / 2


def _probabilities(logits: Vector) -> Probabilities:
    exponents = np.exp(logits - logits.max())
    on_topic, chatter, pitch = (float(share) for share in exponents / exponents.sum())
    return Probabilities(on_topic, chatter, pitch)
