"""What a message looks like and not what it says: length, capitals, marks, emoji, digits, links, slips of the keyboard."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.labelled import LABELLED
from benchmarks.scores import CORPUS
from training.rows import Row
from training.scripts import read

_COUNTED = tuple(
    re.compile(pattern)
    for pattern in (
        r"\?",
        r"!",
        r"\.{3}|…",
        r"\.(?:\s|$)",
        r",",
        r"[:;]",
        r"[-–—]",
        r"[\"'“”‘’«»]",
        r"[()\[\]{}]",
        r"[$€£%]",
        r"[`*_~/\\<>|=+#@&]",
        r"\n",
        r"\d+",
        r"https?://|www\.|\w\.(?:com|net|org|io|example|test|app|shop)\b",
        r":[a-z][a-z0-9_+-]*:",
        r"\b[A-Z]{2,}\b",
    )
)
"""Question and exclamation marks, stops and the like; line breaks; numbers; links; written emoji; words in capitals."""
_SLIPS = re.compile(
    r"\b(?:i|im|ive|dont|doesnt|didnt|cant|wont|isnt|wasnt|thats|whats|theres|youre|theyre|teh|alot|recieve|"
    r"definately|seperate|u|ur|r|thx|pls|plz|gonna|wanna|cuz)\b|([a-z])\1\1|[a-z][.,][a-z]| [.,!?]"
)


def surface(rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """Features (rows, 28) of the messages as they were written; nothing of charter, channel or context."""
    return np.array([_features(_written(row)) for row in rows])


def _features(text: str) -> list[float]:
    long, words = max(1, len(text)), text.split()
    letters = [character for character in text if character.isalpha()]
    kinds = [unicodedata.category(character) for character in text]
    return [
        len(text),
        len(words),
        sum(map(len, words)) / max(1, len(words)),
        sum(letter.isupper() for letter in letters) / max(1, len(letters)),
        text[:1].isupper(),
        text[-1:] in ".!?…",
        text[-1:] == "?",
        sum(kind.startswith("P") for kind in kinds) / long,
        sum(kind == "So" for kind in kinds),
        sum(character.isdigit() for character in text) / long,
        sum(ord(character) > 127 for character in text) / long,
        len(_SLIPS.findall(text)) / max(1, len(words)),
        *(len(pattern.findall(text)) for pattern in _COUNTED),
    ]


def _written(row: Row) -> str:
    """Rows hold texts as the classifier reads them, without line breaks and addresses."""
    texts = _texts()
    return texts.get(row.id) or texts.get(row.id.rpartition("-")[0]) or row.text


@cache
def _texts() -> dict[str, str]:
    """All texts by id; those of a pair's readings by that of the pair."""
    labelled = os.environ.get(LABELLED)
    files = [*CORPUS.rglob("*.jsonl"), *(Path(labelled).glob("*.jsonl") if labelled else ())]
    lines = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    found = {str(line["id"]): str(line["text"]) for line in lines if "id" in line and "text" in line}
    for script in map(read, CORPUS.glob("*/*.script")):
        found |= {f"{script.slug}-{line.number:04d}": line.text for line in script.lines}
    return found
