"""Reader of rooms: short stretches of a public room under a charter of one sentence (corpus/README.md).

A room is a head line `## slug | language | charter` and below it one message a line, `o | text`, in order of time: `o` is on topic, `c`
chatter, `p` a pitch; a subtype may follow (`o/answer | text`), and ` / ` stands for a line break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_HEAD = re.compile(r"## (?P<slug>[\w-]+) \| (?P<language>[a-z]{2}) \| (?P<charter>\S.*)")
_LINE = re.compile(r"(?P<label>[ocp])(?:/(?P<subtype>\w+))? \| (?P<text>\S.*)")
_LABELS = {"o": "on_topic", "c": "chatter", "p": "pitch"}


@dataclass(frozen=True, slots=True)
class RoomLine:
    """One message; `subtype` is empty where none was given."""

    label: str
    subtype: str
    text: str


@dataclass(frozen=True, slots=True)
class Room:
    """A room with its messages in order of time."""

    slug: str
    language: str
    charter: str
    lines: tuple[RoomLine, ...]


def read_rooms(paths: Iterable[Path]) -> Iterator[Room]:
    """The rooms of files, in order; raises ValueError with file and line for what does not fit."""
    for path in sorted(paths):
        head: re.Match[str] | None = None
        lines: list[RoomLine] = []
        for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not row.strip():
                continue
            if row.startswith("##"):
                if head is not None:
                    yield _room(head, lines)
                head, lines = _HEAD.fullmatch(row.rstrip()), []
                if head is None:
                    raise ValueError(f"{path.name}, line {number}: not `## slug | language | charter`")
                continue
            found = _LINE.fullmatch(row.rstrip())
            if found is None or head is None:
                raise ValueError(f"{path.name}, line {number}: not `o | text`, `c | text` or `p | text`")
            text = found["text"].replace(" / ", "\n")
            lines.append(RoomLine(_LABELS[found["label"]], found["subtype"] or "", text))
        if head is not None:
            yield _room(head, lines)


def _room(head: re.Match[str], lines: list[RoomLine]) -> Room:
    return Room(head["slug"], head["language"], head["charter"], tuple(lines))
