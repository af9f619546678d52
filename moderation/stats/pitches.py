"""Pitches by text and day, and the hard cases that were left alone."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime

from moderation.actions import PitchCard
from moderation.copies import DAY
from moderation.decisions import Decision, Outcome, Probabilities
from moderation.messages import Message
from moderation.stats.report import HardCase, PitchSeen

NOBODY_SURE = Probabilities(0.0, 0.0, 0.0)
SETTLED = 2 * DAY
"""Copies count within a day of the first post; twice that leaves room for posts told out of order."""


class PitchWatch:
    """Counts pitches, one per text and day, and keeps the `shown` surest."""

    def __init__(self, shown: int) -> None:
        self._shown = shown
        self._recent: OrderedDict[str, PitchSeen] = OrderedDict()
        self._surest: list[tuple[float, int, PitchSeen]] = []
        self._kept = 0
        self.pitches = self.drive_bys = 0

    def add(self, message: Message, decision: Decision) -> None:
        """Take in one judged message, in the order of posting."""
        for action in decision.actions:
            if isinstance(action, PitchCard):
                self._settle(message.posted_at)
                self._card(action, message, decision)

    def close(self) -> None:
        """The period is over."""
        while self._recent:
            self._keep(self._recent.popitem(last=False)[1])

    def shown(self) -> tuple[PitchSeen, ...]:
        """The surest, in order of time."""
        return tuple(sorted((entry[2] for entry in self._surest), key=lambda p: (p.at, p.key)))

    def _card(self, card: PitchCard, message: Message, decision: Decision) -> None:
        seen = self._recent.get(card.pitch)
        channel = message.channel_name or message.key.channel
        if seen is None:
            self._recent[card.pitch] = _seen(card, message, decision, channel)
            self.pitches += 1
            self.drive_bys += card.drive_by
        else:
            channels = tuple(dict.fromkeys((*seen.channels, channel)))
            self._recent[card.pitch] = replace(
                seen, channels=channels, posts=max(seen.posts, len(card.copies))
            )

    def _settle(self, now: datetime) -> None:
        while self._recent and now - next(iter(self._recent.values())).at > SETTLED:
            self._keep(self._recent.popitem(last=False)[1])

    def _keep(self, seen: PitchSeen) -> None:
        self._kept += 1
        heapq.heappush(self._surest, (seen.probabilities.pitch, -self._kept, seen))
        if len(self._surest) > self._shown:
            heapq.heappop(self._surest)


def _seen(card: PitchCard, message: Message, decision: Decision, channel: str) -> PitchSeen:
    return PitchSeen(
        key=message.key,
        at=message.posted_at,
        channels=(channel,),
        posts=len(card.copies) or 1,
        drive_by=card.drive_by,
        exchanges=card.exchanges,
        probabilities=decision.verdict.probabilities if decision.verdict else NOBODY_SURE,
        reasons=decision.reasons,
    )


class HardCases:
    """Keeps the `shown` most doubtful of what was read as casual or a pitch and left alone."""

    def __init__(self, shown: int) -> None:
        self._shown = shown
        self._added = 0
        self._kept: list[tuple[float, int, HardCase]] = []

    def add(self, message: Message, decision: Decision) -> None:
        """Take in one judged message."""
        verdict = decision.verdict
        if verdict is None or decision.outcome not in (Outcome.UNSURE, Outcome.COUNTED):
            return
        self._added += 1
        doubt = 1.0 - verdict.probabilities.on_topic
        if len(self._kept) == self._shown and doubt <= self._kept[0][0]:
            return
        case = HardCase(
            key=message.key,
            at=message.posted_at,
            channel_name=message.channel_name or message.key.channel,
            label=verdict.label,
            abstained=verdict.abstained,
            probabilities=verdict.probabilities,
            reasons=decision.reasons,
        )
        heapq.heappush(self._kept, (doubt, -self._added, case))
        if len(self._kept) > self._shown:
            heapq.heappop(self._kept)

    def shown(self) -> tuple[HardCase, ...]:
        """In order of time."""
        return tuple(sorted((entry[2] for entry in self._kept), key=lambda c: (c.at, c.key)))
