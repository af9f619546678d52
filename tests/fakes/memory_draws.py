"""Drawn messages of the in-memory store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from moderation.decisions import Ruled
from moderation.draws import Draw, Occasion
from moderation.messages import MessageKey
from moderation.ports import Community, community_of
from tests.fakes.memory_state import cleaned
from tests.fakes.memory_transaction import MemoryTransaction


class MemoryDraws:
    """moderation.ports.Draws."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction

    async def add(self, draws: Sequence[Draw]) -> None:
        known = (await self._transaction.write()).draws
        for draw in map(cleaned, draws):
            known.setdefault((draw.key, draw.occasion), draw)

    async def of(self, community: Community, subject: str) -> Draw | None:
        return next((draw for draw in self._sorted(community) if draw.subject == subject), None)

    async def get(self, keys: Sequence[MessageKey], occasion: Occasion) -> list[Draw | None]:
        return [self._transaction.state.draws.get((cleaned(key), occasion)) for key in keys]

    async def all(
        self, community: Community, since: datetime | None = None, occasion: Occasion | None = None
    ) -> AsyncIterator[Draw]:
        for draw in self._sorted(community, since, occasion):
            yield draw

    async def first(
        self, community: Community, since: datetime | None = None, occasion: Occasion | None = None
    ) -> Draw | None:
        return next(iter(self._sorted(community, since, occasion)), None)

    async def waiting(
        self, community: Community, occasion: Occasion, limit: int, since: datetime | None = None
    ) -> list[Draw]:
        return [draw for draw in self._sorted(community, since, occasion) if self._waits(draw)][:limit]

    def _sorted(
        self, community: Community, since: datetime | None = None, occasion: Occasion | None = None
    ) -> list[Draw]:
        chosen = [
            draw
            for draw in self._transaction.state.draws.values()
            if community_of(draw.key) == community
            and (since is None or draw.drawn_at >= since)
            and occasion in (None, draw.occasion)
        ]
        return sorted(chosen, key=lambda one: (one.drawn_at, one.key.channel, one.key.message, one.occasion))

    def _waits(self, draw: Draw) -> bool:
        state = self._transaction.state
        kept = state.messages.get(draw.key)
        is_deleted = kept is not None and kept.deleted
        said = [
            ruling
            for (community, subject, *_), ruling in state.rulings.items()
            if (community, subject) == (community_of(draw.key), draw.subject)
            and ruling.moderator
            and ruling.what is not Ruled.NOT_NOW
            and ruling.at >= draw.drawn_at
        ]
        return not is_deleted and not said
