"""A member's record in this community: exchanges given and received, not days and not a score.

It is recomputed from what was seen within retention and never stored as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ESTABLISHED = 3
"""Exchanges in each direction from which on a member counts as known here."""


class CardTold(StrEnum):
    """What moderators see of a pitch."""

    SHOWN = "shown"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Told:
    """What was already said, so that nobody hears it twice and nobody hears too much. Counts are per local day.

    `card` says whether this pitch has a card already, or waits without one (None: neither); `many_cards_since` is when the earliest
    of the latest policy.CARDS_AN_HOUR cards was shown.
    """

    member_today: int = 0
    channel_today: int = 0
    community_today: int = 0
    stretch: bool = False
    welcomed: bool = False
    flood: bool = False
    opted_out: bool = False
    card: CardTold | None = None
    many_cards_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of the author when a message is decided, this message included where it says so.

    `given` and `received` count replies to and from others. `posts_before` counts earlier posts here. `lone_here`
    counts this author's lone casual posts in this channel within seven days (with this one). `unanswered` counts
    posts in a row by this author in this channel within the hour (with this one). `pitch` names (as
    `channel/message`) the first message within a day with this very text, and `copies` all of them.
    """

    given: int = 0
    received: int = 0
    posts_before: int = 0
    lone_here: int = 0
    unanswered: int = 1
    pitch: str = ""
    copies: tuple[str, ...] = ()
    told: Told = Told()

    @property
    def exchanges(self) -> int:
        """Replies given and received; a pitch by someone who has none is a drive-by."""
        return self.given + self.received

    @property
    def established(self) -> bool:
        """Known here by dialogue in both directions."""
        return self.given >= ESTABLISHED and self.received >= ESTABLISHED
