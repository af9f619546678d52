"""What a check found, in plain words, a line each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Whether something is right. What cannot be told is not wrong."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` names what was looked at; `sentence` says how it is and, where it is wrong, what to do."""

    state: State
    about: str
    sentence: str


def fine(about: str, sentence: str) -> Finding:
    """Something is right."""
    return Finding(State.OK, about, sentence)


def problem(about: str, sentence: str) -> Finding:
    """Something is wrong; the sentence says what to do."""
    return Finding(State.PROBLEM, about, sentence)


def unknown(about: str, sentence: str) -> Finding:
    """Something cannot be told."""
    return Finding(State.UNKNOWN, about, sentence)
