"""Why a verdict was given, in a sentence that a moderator can check against the message."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.charter import Example
from moderation.classifier.cues import cues_of
from moderation.decisions import Label, Probabilities

NEAR = 0.55
"""Cosine from which on two texts are called close."""
FAR = 0.15
"""Cosine under which a text does not touch another."""
_NAMES = {Label.ON_TOPIC: "on topic", Label.CHATTER: "casual talk", Label.PITCH: "a pitch"}


@dataclass(frozen=True, slots=True)
class Nearness:
    """How close a message is to what it is read against; cosines, None where there is nothing to compare with."""

    purpose: float | None
    channel: float | None
    context: float | None
    example: Example | None
    example_cosine: float


def why(text: str, probabilities: Probabilities, near: Nearness, abstained: str) -> str:
    """One sentence without a full stop: what it looks like, and what carries that. `abstained` comes first."""
    label = probabilities.label
    if abstained:
        return f"not sure: {abstained}"
    carried = [*_by_example(label, near), *_by_label(label, text, near)]
    return f"{_NAMES[label]}: {'; '.join(carried)}"


def _by_example(label: Label, near: Nearness) -> list[str]:
    if near.example is None or near.example.label is not label or near.example_cosine < NEAR:
        return []
    text = near.example.text if len(near.example.text) <= 60 else near.example.text[:57] + "..."
    return [f'closest to the example "{text}" ({near.example_cosine:.2f})']


def _by_label(label: Label, text: str, near: Nearness) -> list[str]:
    if label is Label.PITCH:
        cues = cues_of(text)
        return [" + ".join(cues)] if cues else ["it reads like an offer that nobody asked for"]
    closest = _closest(near)
    if label is Label.ON_TOPIC:
        return [closest or "it reads like talk about the work"]
    if near.purpose is not None and max(near.purpose, near.channel or 0.0) < FAR:
        return [f"nothing in it touches the purpose ({near.purpose:.2f})"]
    if near.context is not None and near.context >= NEAR:
        return ["it goes on with the casual talk before it"]
    return ["it reads like casual talk rather than the channel's work"]


def _closest(near: Nearness) -> str:
    """What an on-topic message is close to, the closest first."""
    named = (
        (near.channel, "close to the channel's purpose"),
        (near.purpose, "close to the charter's purpose"),
        (near.context, "goes on with the conversation before it"),
    )
    cosine, words = max(((cosine or 0.0, words) for cosine, words in named), key=lambda pair: pair[0])
    return f"{words} ({cosine:.2f})" if cosine >= FAR else ""
