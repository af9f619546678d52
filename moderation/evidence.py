"""What the rulings of a live community say about its promise, and with which probability the next flagged messages are drawn.

Only draws of the present model and charter count: evidence about another one says nothing about this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from moderation.actions import ReportStanding
from moderation.agreement import were_wrong
from moderation.charter import Charter
from moderation.decisions import Decision
from moderation.draws import Draw, Occasion, is_flagged, lot
from moderation.labels import Label
from moderation.messages import Message
from moderation.policy import Leave, Policy
from moderation.ports import Community, Work
from moderation.promise import Drawn, Promise, Standing, promise_of, stand

A_DAY = 20
"""Drawn messages that moderators can be asked about in a day."""
LEAST_PROBABILITY = 0.05
FIRST_PROBABILITY = 0.2
"""Before anything is known of how much is flagged."""
LOOKED_BACK = 7
"""Local days from which it is known."""
REPORTED = "standing:"


@dataclass(frozen=True, slots=True)
class Standings:
    """How a promise stands for each kind of flag."""

    chatter: Standing
    pitch: Standing


async def standings(
    work: Work, community: Community, promise: Promise, model: str, charter_version: str, now: datetime
) -> Standings:
    """How a promise stands at `now` by what was drawn of this model and charter, in order of drawing."""
    draws = [
        draw
        async for draw in work.draws.all(community, occasion=Occasion.FLAGGED)
        if (draw.model, draw.charter_version) == (model, charter_version)
    ]
    since = draws[0].drawn_at if draws else now
    rulings = [ruling async for ruling in work.rulings.all(community, since)]
    drawn = [
        (draw.label, Drawn(draw.score, draw.drawn_at, wrong, draw.probability, draw.least))
        for draw, wrong in zip(draws, were_wrong(draws, rulings), strict=True)
    ]
    # With years of draws this takes longer than the event loop may pause.
    return await asyncio.to_thread(
        lambda: Standings(
            stand(promise, [one for label, one in drawn if label is Label.CHATTER], now),
            stand(promise, [one for label, one in drawn if label is Label.PITCH], now),
        )
    )


def leave_of(found: Standings) -> Leave:
    """What may be said to members. Pitches are only ever shown to moderators, so casual talk alone decides."""
    casual = found.chatter
    if casual.acts_from is not None:
        return Leave(casual_from=casual.acts_from)
    if casual.stepped_back is not None:
        return Leave(acts=False, why="the promise was broken: nothing is said to members")
    return Leave(acts=False, why="the promise is not shown to be kept yet: nothing is said to members")


async def keep_leave(
    work: Work, community: Community, charter: Charter, policy: Policy, model: str, now: datetime
) -> Leave:
    """What the evidence permits by now. Where that is something else than before, moderators are told once (uncommitted)."""
    try:
        promise = promise_of(policy.promise)
    except ValueError as error:  # stored before charters were refused for it
        return Leave(acts=False, why=str(error))
    if promise is None:
        return Leave()
    found = await standings(work, community, promise, model, charter.version, now)
    for label, standing in ((Label.CHATTER, found.chatter), (Label.PITCH, found.pitch)):
        await _report(work, community, label, standing, promise, now)
    return leave_of(found)


async def _report(
    work: Work, community: Community, label: Label, standing: Standing, promise: Promise, now: datetime
) -> None:
    """Tell moderators what is new. Reports are numbered, so that two who notice it at once tell it once."""
    told = await work.outbox.beginning(community, f"{REPORTED}{label}:")
    last = told[-1].action if told else None
    if standing.acts_from == (last.acts_from if isinstance(last, ReportStanding) else None):
        return
    report = ReportStanding(
        label,
        len(told) + 1,
        str(promise),
        standing.acts_from,
        standing.ruled,
        standing.wrong,
        broken=standing.stepped_back is not None,
    )
    await work.outbox.add(community, "", report, now)


# --- drawing ---------------------------------------------------------------------------------------------------


async def drawing_probability(work: Work, community: Community, policy: Policy, now: datetime) -> float:
    """The probability with which each flagged message of this local day is drawn; only days before it count.

    How many are flagged a day is estimated without bias from those drawn (Horvitz and Thompson, 1952).
    """
    today = policy.local(now).date()
    first: date | None = None
    async for draw in work.draws.all(community, occasion=Occasion.FLAGGED):
        first = policy.local(draw.drawn_at).date()
        break
    if first is None or first >= today:
        return FIRST_PROBABILITY
    midnight, since = (
        datetime.combine(day, time(), policy.zone) for day in (today, today - timedelta(days=LOOKED_BACK))
    )
    flagged = 0.0
    async for draw in work.draws.all(community, since, Occasion.FLAGGED):
        if draw.drawn_at < midnight:
            flagged += 1 / draw.probability
    days = min(LOOKED_BACK, (today - first).days)
    return max(LEAST_PROBABILITY, min(1.0, A_DAY * days / flagged)) if flagged else 1.0


@dataclass(slots=True)
class Lots:
    """Draws flagged messages by a secret seed. The probability of a community is fixed for a local day."""

    seed: str
    _known: dict[Community, tuple[date, float]] = field(default_factory=dict)

    async def draw(
        self,
        work: Work,
        community: Community,
        judged: Sequence[tuple[Message, Decision]],
        charter: Charter,
        policy: Policy,
        model: str,
    ) -> list[Draw]:
        """Which of these messages of a community are drawn, in order; none without a promise.

        `model` is the version of the whole classifier: a verdict may name but a part of it (see classifier.last_tier).
        """
        if not _is_promised(policy):
            return []
        drawn = []
        for message, decision in judged:
            verdict = decision.verdict
            if verdict is None or not is_flagged(message, verdict, charter, policy):
                continue
            probability = await self._probability(work, community, policy, decision.decided_at)
            if lot(self.seed, message.key, Occasion.FLAGGED) < probability:
                drawn.append(
                    Draw(
                        key=message.key,
                        revision=message.revision,
                        occasion=Occasion.FLAGGED,
                        label=verdict.label,
                        score=verdict.probabilities.of(verdict.label),
                        probability=probability,
                        least=probability,
                        drawn_at=decision.decided_at,
                        model=model,
                        charter_version=decision.charter_version,
                    )
                )
        return drawn

    async def _probability(self, work: Work, community: Community, policy: Policy, now: datetime) -> float:
        today = policy.local(now).date()
        known = self._known.get(community)
        if known is None or known[0] != today:
            known = self._known[community] = (
                today,
                await drawing_probability(work, community, policy, now),
            )
        return known[1]


def _is_promised(policy: Policy) -> bool:
    try:
        return promise_of(policy.promise) is not None
    except ValueError:
        return False
