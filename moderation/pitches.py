"""Which card an edited copy belongs to: while it still makes the offer of the card that it was on, it stays there.

Texts are compared by a sample of hashes and never kept. After a restart the newest texts and the cards are seen again,
and that is all that counts here.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from heapq import nsmallest

from moderation.actions import PitchCard

PIECE = 4
"""Letters and digits in a row that are compared: it works without spaces, and a changed word costs a few pieces."""
SAMPLE = 64
"""Pieces kept of a text, those with the smallest hashes: of two texts these tell what share is the same (Broder 1997)."""
ALIKE = 0.3
"""Share of pieces in common from which on an edited text makes the same offer: a line more is not another one."""
REMEMBERED_PITCHES = 1_000

Sample = frozenset[int]


class Pitches:
    """What is pitched in one community, and on whose card each copy stands. Posts go by `channel/message` names."""

    def __init__(self) -> None:
        self._said: OrderedDict[str, Sample] = OrderedDict()
        self._cards: OrderedDict[str, PitchCard] = OrderedDict()

    def read(self, name: str, text: str) -> None:
        """Remember what a post says by now."""
        self._said[name] = _sample(text)
        if len(self._said) > REMEMBERED_PITCHES:
            self._said.popitem(last=False)

    def show(self, card: PitchCard) -> None:
        """Remember on which card a post stands."""
        self._cards[card.message] = card
        if len(self._cards) > REMEMBERED_PITCHES:
            self._cards.popitem(last=False)

    def card_of(self, name: str, text: str) -> PitchCard | None:
        """The card that the post was on, if with this text it still says much the same as the first copy there."""
        card = self._cards.get(name)
        first = self._said.get(card.pitch) if card is not None else None
        return card if first and _are_alike(first, _sample(text)) else None

    def forget(self, name: str) -> None:
        """A post was deleted."""
        self._said.pop(name, None)
        self._cards.pop(name, None)


def _sample(text: str) -> Sample:
    letters = "".join(filter(str.isalnum, text.casefold()))
    pieces = {letters[start : start + PIECE] for start in range(len(letters) - PIECE + 1)}
    return frozenset(nsmallest(SAMPLE, (zlib.crc32(piece.encode(errors="replace")) for piece in pieces)))


def _are_alike(one: Sample, other: Sample) -> bool:
    both = nsmallest(SAMPLE, one | other)
    return len(one & other & set(both)) >= ALIKE * len(both)
