"""From questions to what the model reads: which texts stand beside a message, in which slot, and what they are compared with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from moderation.charter import Example
from moderation.classifier.encoder import Encoder
from moderation.classifier.folder import Manifest
from moderation.classifier.packing import Reading, Vector
from moderation.normalise import LONGEST, normalise
from moderation.ports import Question

_SENTENCE_ENDS = re.compile(r"(?<=[.!?;])\s+|\n+")
CHARTER, CHANNEL, CONTEXT = 0, 1, 2
_SOCIAL = "Casual talk is welcome here."
_PROMOTION = "Promotion is welcome here."
_normal = lru_cache(maxsize=4_096)(normalise)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was read.

    The message and what stands beside it, each in its slot, and with their closeness (0.0 and None where there is none) the
    closest of the moderators' examples and of the sentences that say what the place is for.
    """

    question: Question
    text: str
    message: Reading
    beside: list[tuple[int, Reading]]
    example: tuple[float, Example | None]
    sentence: tuple[float, str | None]

    @property
    def shown(self) -> str:
        """The message as people see it."""
        return self.question.text[:LONGEST]

    def without(self, slots: range) -> Asked:
        """The same question without what stands in these slots."""
        return replace(self, beside=[one for one in self.beside if one[0] not in slots])


def read_questions(encoder: Encoder, manifest: Manifest, questions: Sequence[Question]) -> list[Asked]:
    """The questions with all their texts read, those of all of them together."""
    read, vectors = encoder.read_all, encoder.vectors
    texts = [_normal(question.text[:LONGEST]) for question in questions]
    messages = read([(text, manifest.message_tokens) for text in texts])
    besides = [_texts_beside(question, manifest) for question in questions]
    beside = iter(read([text for one in besides for _, text in one]))
    sentences = [(one, manifest.other_tokens) for question in questions for one in _sentences_of(question)]
    examples = [
        (_normal(example.text[:LONGEST]), manifest.other_tokens)
        for question in questions
        for example in _examples(question)
    ]
    close, alike = iter(vectors(sentences)), iter(vectors(examples))
    return [
        Asked(
            question,
            text,
            message,
            [(slot, next(beside)) for slot, _ in one],
            _nearest(message, [(example, next(alike)) for example in _examples(question)]),
            _nearest(message, [(sentence, next(close)) for sentence in _sentences_of(question)]),
        )
        for question, text, message, one in zip(questions, texts, messages, besides, strict=True)
    ]


def _texts_beside(question: Question, manifest: Manifest) -> list[tuple[int, tuple[str, int]]]:
    """Charter, channel and context, each with its slot and the tokens that are read of it; context newest first."""
    lines = [_normal(line.text[:LONGEST]) for line in question.context[-manifest.context_lines :]]
    texts = [
        (CHARTER, (purpose_text(question), manifest.charter_tokens)),
        (CHANNEL, (channel_text(question), manifest.other_tokens)),
        *((CONTEXT + n, (line, manifest.other_tokens)) for n, line in enumerate(reversed(lines))),
    ]
    return [(slot, text) for slot, text in texts if text[0]]


def _nearest(message: Reading, vectors: Sequence[tuple[Item, Vector]]) -> tuple[float, Item | None]:
    """The closest of some texts, and how close it is."""
    return max(
        ((message.closeness(vector), one) for one, vector in vectors),
        key=lambda found: found[0],
        default=(0.0, None),
    )


def _examples(question: Question) -> list[Example]:
    """The moderators' examples that speak about this channel."""
    name = question.channel.name if question.channel else None
    return [example for example in question.charter.examples if example.channel in (None, name)]


def _sentences_of(question: Question) -> tuple[str, ...]:
    """The sentences that say what the place is for, as the model reads them."""
    return (
        *_sentences(question.charter.purpose),
        *_sentences(question.channel.purpose if question.channel else ""),
    )


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
