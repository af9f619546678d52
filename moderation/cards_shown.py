"""Which pitches of one community have a card, and when the latest cards were shown: for the question whether there is room for one more."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime

from moderation.actions import PitchCard
from moderation.policy import CARDS_AN_HOUR
from moderation.record import CardTold

REMEMBERED = 1_000


class CardsShown:
    """By pitch, for as long as copies of it may come; of the newest cards also the time."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, CardTold] = OrderedDict()
        self._latest: deque[datetime] = deque(maxlen=CARDS_AN_HOUR)

    def note(self, card: PitchCard, at: datetime) -> None:
        """A card was decided; only the first one of a pitch counts."""
        if card.pitch in self._told:
            return
        self._told[card.pitch] = CardTold.WAITS if card.waits else CardTold.SHOWN
        if not card.waits:
            self._latest.append(at)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)

    def told(self, pitch: str) -> CardTold | None:
        """What moderators see of a pitch; None for a new one."""
        return self._told.get(pitch)

    @property
    def many_since(self) -> datetime | None:
        """When the earliest of the latest CARDS_AN_HOUR cards was shown; None where there were fewer."""
        return self._latest[0] if len(self._latest) == CARDS_AN_HOUR else None
