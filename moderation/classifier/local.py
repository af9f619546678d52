"""The classifier that ships: it reads a message against charter, channel, context and the moderators' examples."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from moderation.charter import Example
from moderation.classifier.cues import cues_of
from moderation.classifier.encoder import Encoder, Reading, Vector
from moderation.classifier.folder import Manifest
from moderation.classifier.reasons import TOUCHES, Carried, why
from moderation.classifier.spans import telling_span
from moderation.classifier.spelling import LATIN_ENDS
from moderation.decisions import Label, Probabilities, Verdict
from moderation.normalise import LONGEST, normalise
from moderation.ports import Question

BATCH = 64
"""Questions that one turn of the workers answers at most, so that shutting down never waits long."""
EXAMPLE_FROM = 0.6
"""Closeness from which on a moderator's example pulls a verdict towards its label ..."""
EXAMPLE_PULL = 10.0
"""... by so much a unit of closeness, in logits: the same text gains 4, which is nearly certain.

Read beside the message word by word, as context is, examples made verdicts worse (docs/benchmarks.md).
"""
_SENTENCE_ENDS = re.compile(r"(?<=[.!?;])\s+|\n+")
_LABELS = (Label.ON_TOPIC, Label.CHATTER, Label.PITCH)
_CHARTER, _CHANNEL, _CONTEXT = 0, 1, 2
_SOCIAL = "Casual talk is welcome here."
_PROMOTION = "Promotion is welcome here."
_normal = lru_cache(maxsize=4_096)(normalise)
Others = list[tuple[int, Reading]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it was read.

    The message and what stands beside it, the closest of the moderators' examples, and the sentences that say what the place is
    for.
    """

    text: str
    message: Reading
    others: Others
    closeness: float
    example: Example | None
    sentences: tuple[str, ...]

    def without(self, slots: range) -> _Asked:
        """The same question without what stands in these slots."""
        return replace(self, others=[other for other in self.others if other[0] not in slots])


class LocalClassifier:
    """Judges on this machine, off the event loop, in bounded batches; see `moderation.ports.Classifier`."""

    def __init__(self, manifest: Manifest, threads: int = 2) -> None:
        """Raise ModelError for a folder that cannot be loaded. `threads` is the number of cores to use."""
        self._manifest = manifest
        self._encoder = Encoder(manifest)
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="judge")

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
            verdicts += await asyncio.gather(
                *(loop.run_in_executor(self._workers, self._one, question) for question in part)
            )
        return verdicts

    def judge_now(self, questions: Sequence[Question]) -> list[Verdict]:
        """The same, for a caller without an event loop."""
        return list(self._workers.map(self._one, questions))

    def close(self) -> None:
        """Stop the threads."""
        self._workers.shutdown()

    def _one(self, question: Question) -> Verdict:
        asked = self._asked(question)
        probabilities = self._weigh(asked)
        unsure = self._unsure(question, asked.text, probabilities)
        # Reasons are looked for in what people see, where an address is still an address.
        shown = question.text[:LONGEST]
        carried = Carried() if unsure else self._carried(asked, probabilities, shown)
        reason = why(shown, probabilities, carried, unsure)
        return Verdict(probabilities, reason, self.version, bool(unsure))

    def _asked(self, question: Question) -> _Asked:
        text = _normal(question.text[:LONGEST])
        message = self._encoder.read(text, self._manifest.message_tokens)
        others = self._others(question)
        sentences = (
            *_sentences(question.charter.purpose),
            *_sentences(question.channel.purpose if question.channel else ""),
        )
        return _Asked(text, message, others, *self._closest(question, message), sentences)

    def _others(self, question: Question) -> Others:
        """Charter, channel and context as they were read, each in its slot; context newest first."""
        manifest = self._manifest
        texts = [(_CHARTER, purpose_text(question), manifest.charter_tokens)]
        texts += [(_CHANNEL, channel_text(question), manifest.other_tokens)]
        lines = [_normal(line.text[:LONGEST]) for line in question.context[-manifest.context_lines :]]
        texts += [
            (_CONTEXT + place, line, manifest.other_tokens) for place, line in enumerate(reversed(lines))
        ]
        return [(slot, self._encoder.read(text, longest)) for slot, text, longest in texts if text]

    def _closest(self, question: Question, message: Reading) -> tuple[float, Example | None]:
        """The closest of the examples that speak about this channel, and how close it is."""
        name = question.channel.name if question.channel else None
        found = [
            (
                message.closeness(
                    self._encoder.read(_normal(example.text[:LONGEST]), self._manifest.other_tokens)
                ),
                example,
            )
            for example in question.charter.examples
            if example.channel in (None, name)
        ]
        return max(found, key=lambda one: one[0], default=(0.0, None))

    def _weigh(self, asked: _Asked) -> Probabilities:
        logits = self._encoder.judge(asked.message, asked.others) / self._manifest.temperature
        if asked.example is not None and asked.closeness > EXAMPLE_FROM:
            logits[_LABELS.index(asked.example.label)] += EXAMPLE_PULL * (asked.closeness - EXAMPLE_FROM)
        return _probabilities(logits)

    def _carried(self, asked: _Asked, probabilities: Probabilities, shown: str) -> Carried:
        """What the verdict rests on: what it loses without a part, and which parts the message is close to."""
        label = probabilities.label
        sentence, touch = self._nearest(asked)
        carried = Carried(sentence=sentence, touch=touch, example=asked.example, closeness=asked.closeness)
        if label is Label.ON_TOPIC:
            # Nothing follows from it: further readings of each message would be wasted.
            return carried
        rests, lines = probabilities.of(label), range(_CONTEXT, _CONTEXT + self._manifest.context_lines)
        if label is Label.CHATTER and touch < TOUCHES:
            # That says it all; what else carries it need not be found out.
            return carried
        carried = replace(
            carried, charter=rests - self._weigh(asked.without(range(_CHARTER, _CONTEXT))).of(label)
        )
        if label is Label.PITCH:
            # Each place that is tried costs a reading: only where no plain sign of an offer can be named instead.
            return carried if cues_of(shown) else replace(carried, span=self._span(asked))
        return replace(carried, context=rests - self._weigh(asked.without(lines)).of(label))

    def _nearest(self, asked: _Asked) -> tuple[str, float]:
        """The sentence of charter or channel that the message is closest to."""
        longest = self._manifest.other_tokens
        close = ((asked.message.closeness(self._encoder.read(one, longest)), one) for one in asked.sentences)
        touch, sentence = max(close, default=(0.0, ""))
        return sentence, touch

    def _span(self, asked: _Asked) -> str:
        """The words that make it a pitch."""

        def without(text: str) -> float:
            message = self._encoder.read(text, self._manifest.message_tokens, keep=False)
            return self._weigh(replace(asked, message=message)).pitch

        return telling_span(asked.text, without)

    def _unsure(self, question: Question, text: str, probabilities: Probabilities) -> str:
        """Why nothing should follow from this verdict, or an empty text."""
        if not any(character.isalnum() for character in text):
            return "there is no text to read" if question.attachments else "there are no words in it"
        if not _in_latin_script(text):
            return "it is in a script that this model does not read"
        if len(text.split()) <= 2 and not question.context:
            return "too short without anything before it"
        if probabilities.of(probabilities.label) < self._manifest.least_sure:
            return "the labels are too close"
        return ""


def _in_latin_script(text: str) -> bool:
    """Whether most letters are Latin: of other scripts the model's vocabulary knows nothing."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(character < LATIN_ENDS for character in letters)
    return not letters or latin >= len(letters) / 2


def purpose_text(question: Question) -> str:
    """The charter as the model reads it: its name and purpose."""
    return _purpose(question.charter.name, question.charter.purpose)


@lru_cache(maxsize=256)
def _purpose(name: str, purpose: str) -> str:
    return normalise(f"{name}. {purpose}" if name and purpose else purpose)


@lru_cache(maxsize=1_024)
def _sentences(text: str) -> tuple[str, ...]:
    """The sentences of a purpose, as the model reads them."""
    return tuple(filter(None, (normalise(part) for part in _SENTENCE_ENDS.split(text))))


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
    return _normal(" ".join([about + ("." if welcome else ""), *welcome]))


def _probabilities(logits: Vector) -> Probabilities:
    exponents = np.exp(logits - logits.max())
    on_topic, chatter, pitch = (float(share) for share in exponents / exponents.sum())
    return Probabilities(on_topic, chatter, pitch)
