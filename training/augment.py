"""Changes that teach reading the charter instead of the style.

A community's own post is chatter in a community with another purpose; casual talk is at home in a social channel and
an offer where offers are welcome; and neither capitals, full stops nor a missing context should tell a label.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from training.rows import Row

FAR = 0.3
"""Cosine of two charters under which a post of the one is surely off topic in the other."""
_PLACELESS = frozenset(
    "ack_in_thread hard_negative introduction social_channel promotion_welcome programme_announcement "
    "business_talk_in_thread".split()
)
_SOCIAL = (
    "random: casual talk, anything goes. Casual talk is welcome here.",
    "off-topic: pets, weekend, memes. Casual talk is welcome here.",
    "watercooler: small talk and fun",
    "lounge: chat about whatever you like",
    "plauderecke: alles, was nichts mit der Arbeit zu tun hat",
    "hang out, jokes, hobbies, life outside work",
)
_PROMOTION = (
    "showcase: promote your own work here. Promotion is welcome here.",
    "self-promo: members may advertise their services",
    "offers: openings, deals and services of members. Promotion is welcome here.",
    "marketplace: buy, sell, promote",
)
_PLAIN = ("general: main discussion", "general", "discussion")


class Augmenter:
    """Changes rows at random, with a seed of its own."""

    def __init__(
        self, rows: Sequence[Row], purposes: Sequence[str], vectors: npt.NDArray[np.float32], seed: int
    ) -> None:
        self._random = random.Random(seed)
        self._posts: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row.label == "on_topic" and row.subtype not in _PLACELESS and len(row.text.split()) > 5:
                self._posts[row.purpose].append(row)
        near = vectors @ vectors.T
        self._far = {
            purpose: [
                other
                for column, other in enumerate(purposes)
                if near[place, column] < FAR and self._posts[other]
            ]
            for place, purpose in enumerate(purposes)
        }

    def __call__(self, row: Row) -> Row:
        """One row as it is read this time."""
        return self._restyle(self._rehome(row))

    def _rehome(self, row: Row) -> Row:
        chance = self._random.random()
        if chance < 0.12 and self._far.get(row.purpose):
            stranger = self._random.choice(self._posts[self._random.choice(self._far[row.purpose])])
            return replace(row, text=stranger.text, label="on_topic" if row.social else "chatter")
        if chance < 0.17 and row.label == "chatter":
            return replace(row, channel=self._random.choice(_SOCIAL), label="on_topic")
        if chance < 0.20 and row.label == "pitch":
            return replace(row, channel=self._random.choice(_PROMOTION), label="on_topic")
        # That a row has no channel must not tell where it is from.
        if not row.own and chance < 0.8:
            row = replace(row, channel=self._random.choice(_PLAIN))
        elif row.own and not row.social and not row.promotion and chance > 0.85:
            row = replace(row, channel="")
        return replace(row, context=()) if self._random.random() < 0.12 else row

    def _restyle(self, row: Row) -> Row:
        chance, text = self._random.random(), row.text
        if chance < 0.12:
            text = text.lower()
        elif chance < 0.20:
            text = re.sub(r"[.!,;]+", "", text)
        elif chance < 0.25:
            text = text.rstrip(".!")
        elif chance < 0.28:
            text = text.capitalize()
        return replace(row, text=text)
