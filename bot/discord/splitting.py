"""A text that is too long for one message, cut where it hurts least. Pure.

Discord counts code points, as Python does (a Discord engineer in discord/discord-api-docs#1315), trims what stands around a message,
and refuses one that is blank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 2_000
"""Code points of one message of a bot or webhook."""

_BLOCK = re.compile(r"(?P<open>```(?:[a-z0-9_+\-.#]{1,20}\n)?)(?P<body>.*?)```", re.DOTALL | re.IGNORECASE)
_WHOLE = re.compile(r"\[[^\]\n]{1,300}\]\([^\s)]+\)|https?://\S+|<[^<>\s]{1,100}>|\|\|.+?\|\|", re.DOTALL)
"""What is no longer itself when it is cut: links, mentions and emoji, spoilers."""
_PLACES = ("\n\n", "\n", ". ", " ")
"""Where to cut, the best first: behind it."""
_CLOSE = "\n```"
_LEAST = 64
"""Less than a fence opened and closed again, with room for something in between."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A code block of the text: `open` is its first line; from `start` to `stop` it can be cut."""

    open: str
    start: int
    stop: int


def parts(text: str, limit: int = LIMIT) -> list[str]:
    """`text` in pieces of at most `limit` characters, none of them blank; nothing for a blank text.

    Joined they are `text`, but for the fences that close and open again a code block that is cut, and for blanks that alone would
    fill a piece. Links, mentions and spoilers stay whole where one piece can hold them. Raises ValueError for a limit below 64.
    """
    if limit < _LEAST:
        raise ValueError(f"A limit of {limit} characters leaves no room for a code block.")
    blocks, whole = _looked_through(text)
    found: list[str] = []
    start, opening = 0, ""
    while text[start:].strip():
        if len(opening) + len(text) - start <= limit:
            found.append(opening + text[start:])
            break
        end = _cut(text, start, start + limit - len(opening) - len(_CLOSE), whole)
        block = next((block for block in blocks if block.start <= end <= block.stop), None)
        if text[start:end].strip():
            found.append(opening + text[start:end] + (_CLOSE if block else ""))
        start, opening = end, block.open if block else ""
    return found


def _looked_through(text: str) -> tuple[list[_Block], list[tuple[int, int]]]:
    """Code blocks, and spans from start to end that are not to be cut: fences with the blanks next to them, links and so on."""
    blocks: list[_Block] = []
    whole: list[tuple[int, int]] = []
    for match in _BLOCK.finditer(text):
        body = match["body"]
        if not body.strip():
            whole.append(match.span())
            continue
        start = match.end("open") + len(body) - len(body.lstrip()) + 1
        stop = match.end("body") - (len(body) - len(body.rstrip())) - 1
        opening = match["open"] if match["open"].endswith("\n") else f"{match['open']}\n"
        blocks.append(_Block(opening, match.end("open"), match.end("body")))
        whole += [(match.start(), start), (stop, match.end())]
    inside = [match.span() for match in _WHOLE.finditer(text)]
    return blocks, sorted([*whole, *inside])


def _cut(text: str, start: int, end: int, whole: Sequence[tuple[int, int]]) -> int:
    """Where the piece from `start` ends, at most at `end`: at the best place in its second half, else as late as nothing breaks."""
    middle = (start + end) // 2
    for place in _PLACES:
        at = text.rfind(place, middle, end)
        while at >= 0:
            if _is_between(at + len(place), whole):
                return at + len(place)
            at = text.rfind(place, middle, at + len(place) - 1)
    return next((at for at in range(end, start, -1) if _is_between(at, whole) and _may_part(text, at)), end)


def _is_between(at: int, whole: Sequence[tuple[int, int]]) -> bool:
    return not any(first < at < last for first, last in whole)


def _may_part(text: str, at: int) -> bool:
    """Whether what is seen as one letter or emoji stays whole."""
    joined = ("\u200d", "\ufe0f", "\u20e3")
    return not (text[at] in joined or text[at - 1] == "\u200d" or "\U0001f3fb" <= text[at] <= "\U0001f3ff")
