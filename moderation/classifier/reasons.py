"""Why a verdict was given, in a sentence that a moderator can check against the message."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.charter import Example
from moderation.classifier.cues import cues_of
from moderation.decisions import Probabilities
from moderation.labels import Label

LIKE_EXAMPLE = 0.5
"""Closeness from which on a message is said to be like an example."""
TOUCHES = 0.15
"""Closeness from which on a message is said to touch a sentence of the charter."""
CARRIES = 0.1
"""Probability that the label must lose without a part for that part to be named."""
SHOWN = 60
"""Characters that are quoted at most."""
_NAMES = {Label.ON_TOPIC: "on topic", Label.CHATTER: "casual talk", Label.PITCH: "a pitch"}


@dataclass(frozen=True, slots=True)
class Carried:
    """What a verdict rests on.

    `charter` and `context` are how much probability its label loses when charter and channel, or the lines before it,
    are taken away. `sentence` is the closest sentence of charter or channel and `touch` its closeness; `example` and
    `closeness` are the same of the moderators' examples; `span` has the words without which the label is least likely.
    """

    charter: float = 0.0
    context: float = 0.0
    sentence: str = ""
    touch: float = 0.0
    example: Example | None = None
    closeness: float = 0.0
    span: str = ""


def why(text: str, probabilities: Probabilities, carried: Carried, abstained: str) -> str:
    """One sentence without a full stop: what it looks like, and what carries that. `abstained` comes first."""
    label = probabilities.label
    if abstained:
        return f"not sure: {abstained}"
    reasons = [*_by_example(label, carried), *_BY_LABEL[label](text, carried)]
    return f"{_NAMES[label]}: {'; '.join(reasons)}"


def _by_example(label: Label, carried: Carried) -> list[str]:
    example = carried.example
    if example is None or example.label is not label or carried.closeness < LIKE_EXAMPLE:
        return []
    return [f"closest to the example {_quoted(example.text)} ({carried.closeness:.2f})"]


def _pitch(text: str, carried: Carried) -> list[str]:
    cues = cues_of(text)
    reasons = [" + ".join(cues) if cues else "it reads like an offer that nobody asked for"]
    if carried.span:
        reasons.append(f"most of all {_quoted(carried.span)}")
    if carried.charter >= CARRIES:
        reasons.append("such offers are not what this place is for")
    return reasons


def _chatter(_text: str, carried: Carried) -> list[str]:
    if carried.touch < TOUCHES:
        return [f"nothing in it touches the purpose ({carried.touch:.2f})"]
    if carried.context >= max(CARRIES, carried.charter):
        return ["it goes on with the casual talk before it"]
    return ["it reads like casual talk rather than the channel's work"]


def _on_topic(_text: str, carried: Carried) -> list[str]:
    if carried.touch >= TOUCHES:
        return [f"close to {_quoted(carried.sentence)} ({carried.touch:.2f})"]
    return ["it reads like talk about the work"]


_BY_LABEL = {Label.ON_TOPIC: _on_topic, Label.CHATTER: _chatter, Label.PITCH: _pitch}


def _quoted(text: str) -> str:
    return f'"{text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."}"'
