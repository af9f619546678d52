"""What a live community's rulings say about what was missed in a period, from what is stored: read once, nothing written.

The population is all that was judged under the present charter, as it was posted: an edit counts only where it made a message be
flagged. So each message had the one chance to be drawn that is stored with those that were.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from moderation.agreement import by_subject, disagree, truth_of, words_on
from moderation.audit import Audit, Checked, Population, estimate
from moderation.audit_plan import part_of
from moderation.cards import text_as_drawn
from moderation.charter import Charter
from moderation.decisions import Ruling
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.messages import MessageKey
from moderation.periods import Period
from moderation.policy import Policy
from moderation.ports import Community, Stored, Work


@dataclass(frozen=True, slots=True)
class Missed:
    """The audit of a period and what it rests on.

    `found` counts what the ruled messages are that were not flagged, `conflicts` the drawn ones about which moderators disagree,
    `unshowable` those that were not flagged, have no ruling, and can no longer be shown. With `roles_forgotten` members whose role
    exempts them are counted like all others.
    """

    audit: Audit
    found: Mapping[Label, int]
    conflicts: int
    unshowable: int
    roles_forgotten: bool


async def audit_of(
    work: Work,
    community: Community,
    rules: tuple[Charter, Policy],
    period: Period,
    names: Mapping[str, str] | None = None,
) -> Missed | None:
    """The audit of a community's period under its present charter and policy; None where nothing was ever drawn.

    `names` are those of channels by id, for a charter that knows no ids: messages forget theirs with their text.
    """
    begun = await work.draws.first(community)
    if begun is None:
        return None
    counted = _Counted(*rules, names or {}, begun.drawn_at)
    async for stored in _posted(work, community, rules[1], period.start):
        if stored.decision.posted_at >= period.end:
            break
        counted.add(stored)
    draws = counted.drawn([draw async for draw in work.draws.all(community, period.start)])
    rulings = [ruling async for ruling in work.rulings.all(community, period.start)]
    answers = checked(draws, rulings)
    return Missed(
        # Thousands of draws from distributions take longer than the event loop may pause.
        audit=await asyncio.to_thread(estimate, counted.population(), answers),
        found=found_among(answers),
        conflicts=conflicts(draws, rulings),
        unshowable=await _unshowable(work, answers),
        roles_forgotten=counted.roles_forgotten,
    )


def checked(draws: Sequence[Draw], rulings: Iterable[Ruling]) -> list[Checked]:
    """Drawn messages with what moderators say that they are."""
    said = by_subject(rulings)
    return [Checked(draw, truth_of(draw, said.get(draw.subject, ()))) for draw in draws]


def found_among(every: Iterable[Checked]) -> Counter[Label]:
    """What the ruled messages that were not flagged are, by number."""
    others = (one for one in every if one.draw.occasion is Occasion.NOT_FLAGGED)
    return Counter(one.truth for one in others if one.truth is not None)


def conflicts(draws: Iterable[Draw], rulings: Iterable[Ruling]) -> int:
    """About how many drawn messages moderators disagree."""
    said = by_subject(rulings)
    return sum(disagree(words_on(draw, said.get(draw.subject, ()))) for draw in draws)


class _Counted:
    """What each message of a period counts as: its label where it was flagged, else the name of its stratum."""

    def __init__(self, charter: Charter, policy: Policy, names: Mapping[str, str], begun: datetime) -> None:
        self._charter, self._policy, self._names, self._begun = charter, policy, names, begun
        self._parts: dict[MessageKey, Label | str | None] = {}
        self.roles_forgotten = False

    def add(self, stored: Stored) -> None:
        """One decision, after those on earlier revisions."""
        message, decision = stored.message, stored.decision
        if not message.channel_name:
            message = replace(message, channel_name=self._names.get(message.key.channel, ""))
        self.roles_forgotten |= bool(self._policy.exempt_roles) and not message.author.name
        counts = self._counts(decision.charter_version, decision.decided_at)
        part = part_of(message, decision, self._charter, self._policy) if counts else None
        known = self._parts.setdefault(decision.key, part)
        if known is not None and isinstance(part, Label):
            self._parts[decision.key] = known if isinstance(known, Label) else part

    def drawn(self, draws: Sequence[Draw]) -> list[Draw]:
        """Those of the period's messages; what was drawn of it counts as what it was drawn as.

        A message that was not flagged when it was drawn, and was after an edit, is no miss.
        """
        counting = [draw for draw in draws if self._counts(draw.charter_version, draw.drawn_at)]
        flagged = {draw.key: draw for draw in counting if draw.occasion is Occasion.FLAGGED}
        others = {draw.key: draw for draw in counting if draw.occasion is Occasion.NOT_FLAGGED}
        chosen: list[Draw] = []
        for key, part in self._parts.items():
            draw = flagged.get(key)
            if draw is None and not isinstance(part, Label):
                draw = others.get(key)
            if draw is not None:
                self._parts[key] = draw.label if draw.occasion is Occasion.FLAGGED else draw.stratum
                chosen.append(draw)
        return chosen

    def _counts(self, charter_version: str, at: datetime) -> bool:
        """Whether it was judged under the present charter, and since the first draw: what came before had no chance to be drawn."""
        return charter_version == self._charter.version and at > self._begun

    def population(self) -> Population:
        """All of them; those whose author is exempt, or that another charter judged, are left out."""
        parts = [part for part in self._parts.values() if part is not None]
        return Population(
            Counter(part for part in parts if isinstance(part, Label)),
            Counter(str(part) for part in parts if not isinstance(part, Label)),
        )


def _posted(work: Work, community: Community, policy: Policy, since: datetime) -> AsyncIterator[Stored]:
    """Decisions on what was posted from a moment on. Roles are sealed with the texts, and reading those takes longer."""
    if policy.exempt_roles:
        return work.decisions.all(community, since)
    return work.decisions.bare(community, since)


async def _unshowable(work: Work, every: Sequence[Checked]) -> int:
    waiting = [one.draw for one in every if one.truth is None and one.draw.occasion is Occasion.NOT_FLAGGED]
    found = await work.messages.get([draw.key for draw in waiting])
    return sum(not text_as_drawn(draw, message).strip() for draw, message in zip(waiting, found, strict=True))
