"""The classifier that ships: charter, channel, context and message become vectors, a small network weighs them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from moderation.charter import Example
from moderation.classifier.encoder import Encoder, Vector
from moderation.classifier.folder import Manifest
from moderation.classifier.reasons import Nearness, why
from moderation.decisions import Label, Probabilities, Verdict
from moderation.normalise import LONGEST, normalise
from moderation.ports import Question

BATCH = 64
"""Questions that one turn of the worker answers at most, so that shutting down never waits long."""
EXAMPLE_FROM = 0.5
"""Cosine from which on a moderator's example pulls a verdict towards its label ..."""
EXAMPLE_PULL = 8.0
"""... by so much a unit of cosine, in logits: an identical text gains 4, which is nearly certain."""
_LABELS = (Label.ON_TOPIC, Label.CHATTER, Label.PITCH)
_SOCIAL = "Casual talk is welcome here."
_PROMOTION = "Promotion is welcome here."


class LocalClassifier:
    """Judges on this machine, off the event loop, in bounded batches; see `moderation.ports.Classifier`."""

    def __init__(self, manifest: Manifest, threads: int = 2) -> None:
        """Raise ModelError for a folder that cannot be loaded. `threads` is the number of cores to use."""
        self._manifest = manifest
        self._encoder = Encoder(manifest, threads)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="judge")

    @property
    def version(self) -> str:
        """Name and version of the model."""
        return self._manifest.version

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """One verdict a question, in order."""
        loop = asyncio.get_running_loop()
        verdicts: list[Verdict] = []
        for start in range(0, len(questions), BATCH):
            part = questions[start : start + BATCH]
            verdicts += await loop.run_in_executor(self._worker, self.judge_now, part)
        return verdicts

    def judge_now(self, questions: Sequence[Question]) -> list[Verdict]:
        """The same, in the calling thread."""
        if not questions:
            return []
        texts = [normalise(question.text) for question in questions]
        messages = self._encoder.vectors(texts, self._manifest.message_tokens)
        others = self._others(questions)
        slots, absent = self._slots(questions, messages, others)
        logits = self._encoder.fuse(slots, absent) / self._manifest.temperature
        verdicts: list[Verdict] = []
        for question, text, vector, row in zip(questions, texts, messages, logits, strict=True):
            near = self._nearness(question, vector, others)
            verdicts.append(self._verdict(question, text, row, near))
        return verdicts

    def close(self) -> None:
        """Stop the threads."""
        self._worker.shutdown()
        self._encoder.close()

    def _others(self, questions: Sequence[Question]) -> dict[str, Vector]:
        """Vectors of everything but the messages, by text; mostly kept from earlier."""
        wanted: dict[str, None] = {}
        for question in questions:
            wanted[purpose_text(question)] = None
            wanted[channel_text(question)] = None
            wanted.update(dict.fromkeys(self._lines(question)))
            wanted.update((normalise(example.text), None) for example in _examples(question))
        wanted.pop("", None)
        texts = list(wanted)
        return dict(zip(texts, self._encoder.vectors(texts, self._manifest.other_tokens), strict=True))

    def _lines(self, question: Question) -> list[str]:
        """Context lines, newest first, as many as the model reads."""
        lines = [normalise(line.text) for line in question.context[-self._manifest.context_lines :]]
        return lines[::-1]

    def _slots(
        self, questions: Sequence[Question], messages: Sequence[Vector], others: dict[str, Vector]
    ) -> tuple[Vector, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
        """Message, charter, channel, then context newest first; shape (rows, 3 + context lines, dimension)."""
        shape = (len(questions), 3 + self._manifest.context_lines, self._manifest.dimension)
        slots, absent = np.zeros(shape, dtype=np.float32), np.ones(shape[:2], dtype=np.bool_)
        for row, (question, message) in enumerate(zip(questions, messages, strict=True)):
            slots[row, 0], absent[row, 0] = message, False
            texts = [purpose_text(question), channel_text(question), *self._lines(question)]
            for slot, text in enumerate(texts, 1):
                if text:
                    slots[row, slot], absent[row, slot] = others[text], False
        return slots, absent

    def _nearness(self, question: Question, message: Vector, others: dict[str, Vector]) -> Nearness:
        def cosine(text: str) -> float | None:
            return float(message @ others[text]) if text else None

        lines = [line for line in self._lines(question) if line]
        examples = [(cosine(normalise(example.text)) or 0.0, example) for example in _examples(question)]
        best, example = max(examples, key=lambda pair: pair[0], default=(0.0, None))
        return Nearness(
            purpose=cosine(purpose_text(question)),
            channel=cosine(channel_text(question)),
            context=max((cosine(line) or 0.0 for line in lines), default=None),
            example=example,
            example_cosine=best,
        )

    def _verdict(self, question: Question, text: str, logits: Vector, near: Nearness) -> Verdict:
        if near.example is not None and near.example_cosine > EXAMPLE_FROM:
            logits = logits.copy()
            logits[_LABELS.index(near.example.label)] += EXAMPLE_PULL * (near.example_cosine - EXAMPLE_FROM)
        exponents = np.exp(logits - logits.max())
        on_topic, chatter, pitch = (float(share) for share in exponents / exponents.sum())
        probabilities = Probabilities(on_topic, chatter, pitch)
        unsure = self._unsure(question, text, probabilities)
        # Reasons are looked for in what people see, where an address is still an address.
        reason = why(question.text[:LONGEST], probabilities, near, unsure)
        return Verdict(probabilities, reason, self.version, bool(unsure))

    def _unsure(self, question: Question, text: str, probabilities: Probabilities) -> str:
        """Why nothing should follow from this verdict, or an empty text."""
        if not any(character.isalnum() for character in text):
            return "there is no text to read" if question.attachments else "there are no words in it"
        if len(text.split()) <= 2 and not question.context:
            return "too short without anything before it"
        if (
            max(probabilities.on_topic, probabilities.chatter, probabilities.pitch)
            < self._manifest.least_sure
        ):
            return "the labels are too close"
        return ""


def purpose_text(question: Question) -> str:
    """The charter as the model reads it: its name and purpose."""
    charter = question.charter
    return normalise(
        f"{charter.name}. {charter.purpose}" if charter.name and charter.purpose else charter.purpose
    )


def channel_text(question: Question) -> str:
    """The channel as the model reads it: its name and purpose, and what is welcome there."""
    channel = question.channel
    if channel is None:
        return ""
    about = (
        f"{channel.name}: {channel.purpose}"
        if channel.name and channel.purpose
        else channel.purpose or channel.name
    )
    welcome = [_SOCIAL] if channel.social else []
    welcome += [_PROMOTION] if channel.promotion_welcome else []
    return normalise(" ".join([about + ("." if welcome else ""), *welcome]))


def _examples(question: Question) -> tuple[Example, ...]:
    """The examples that speak about this channel."""
    name = question.channel.name if question.channel else None
    return tuple(example for example in question.charter.examples if example.channel in (None, name))
