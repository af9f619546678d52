"""Puts back letters that a spelling hides from a reader by machine: l33t, sp.lit words. Needs a tokenizer's vocabulary.

A word is only respelled when that makes far fewer pieces of it, so that `k8s`, `log4j`, `b2b` and `node.js` stay.
"""

from __future__ import annotations

import re

from tokenizers import Tokenizer

_SUSPECT = re.compile(r"(?=\S*[^\W\d_])\S*(?:[0134578@$!|€+]|(?<=\w)[.*_\-~'|/](?=\w))\S*")
_LEET = str.maketrans(
    {
        "0": "o",
        "1": "i",
        "3": "e",
        "4": "a",
        "5": "s",
        "7": "t",
        "8": "b",
        "@": "a",
        "$": "s",
        "!": "i",
        "|": "i",
        "€": "e",
        "+": "t",
    }
)
_LEET_L = str.maketrans({"1": "l", "|": "l"})
_SPLIT = re.compile(r"(?<=\w)[.*_\-~|/](?=\w)")
_TAIL = re.compile(r"[.,!?;:)\]]+$")
SHORTEST = 4
LATIN_ENDS = "\u0250"
"""The first letter behind those of Latin script that the vocabulary has."""
SAVED = 2
"""Pieces that a respelling must save."""
MOST_PIECES = 2


def respell(text: str, tokenizer: Tokenizer) -> str:
    """`text` with disguised words as their plain ones; the rest untouched."""
    if not _SUSPECT.search(text):
        return text
    return _SUSPECT.sub(lambda match: _plain(match[0], tokenizer), text)


def _plain(word: str, tokenizer: Tokenizer) -> str:
    tail = _TAIL.search(word)
    end = tail[0] if tail else ""
    body = word[: len(word) - len(end)]
    if len(body) < SHORTEST or max(body) >= LATIN_ENDS:
        return word
    pieces = _pieces(body, tokenizer)
    best, fewest = word, min(MOST_PIECES, pieces - SAVED)
    unsplit = _SPLIT.sub("", body)
    for candidate in (unsplit, body.translate(_LEET_L).translate(_LEET), unsplit.translate(_LEET)):
        if candidate == body or not candidate.isalpha():
            continue
        found = _pieces(candidate, tokenizer)
        # Several figures for letters that make one common word of it are no accident, however few pieces they save.
        whole = found == 1 < pieces and len(candidate) == len(body) and _changes(candidate, body) > 1
        if found <= fewest or (whole and best == word):
            best, fewest = candidate + end, found - 1
    return best


def _changes(first: str, second: str) -> int:
    return sum(a != b for a, b in zip(first, second, strict=True))


def _pieces(word: str, tokenizer: Tokenizer) -> int:
    return len(tokenizer.encode(word, add_special_tokens=False).ids)
