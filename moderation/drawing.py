"""Which judged messages of a live community are drawn for a ruling, and with which probability: flagged ones and others.

Nothing is drawn without a promise. How likely a flagged message is to be drawn is fixed for a local day, how likely another one is for a
local week, each by what came before. After a restart both are read from the first message that was drawn in that day or week, so
nothing that is edited or erased meanwhile changes them. As long as nothing was drawn in it, they are worked out again; no edit changes
what comes out, but an erasure may, by a little: then some of the messages before the restart had another chance, and none of them was drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from moderation import audit_plan
from moderation.actions import PitchCard
from moderation.audit_plan import Plan, Stratum, part_of, plan, plan_of
from moderation.charter import Charter
from moderation.decisions import Decision, Verdict
from moderation.draws import Draw, Occasion, lot
from moderation.messages import Message, MessageKey
from moderation.periods import Period, week_of
from moderation.policy import Policy
from moderation.ports import Community, Work, community_of
from moderation.promise import promise_of
from moderation.report_actions import AskAboutDrawn

A_DAY = 20
"""Flagged messages that moderators can be asked about in a day."""
LEAST_PROBABILITY = 0.05
FIRST_PROBABILITY = 0.2
"""Before anything is known of how much is flagged."""
LOOKED_BACK = 7
"""Local days from which it is known."""
KNOWN_FROM = timedelta(days=1)
"""A week of which less than this is known tells nothing about the next."""

Judged = tuple[Message, Decision]


async def drawing_probability(work: Work, community: Community, policy: Policy, now: datetime) -> float:
    """The probability with which each flagged message of this local day is drawn; only days before it count.

    How many are flagged a day is estimated without bias from those drawn (Horvitz and Thompson, 1952).
    """
    today = policy.local(now).date()
    midnight, since = (
        datetime.combine(day, time(), policy.zone) for day in (today, today - timedelta(days=LOOKED_BACK))
    )
    drawn_today = await work.draws.first(community, midnight, Occasion.FLAGGED)
    if drawn_today is not None:
        return drawn_today.probability
    first = await work.draws.first(community, occasion=Occasion.FLAGGED)
    if first is None:
        return FIRST_PROBABILITY
    drawn = [draw async for draw in work.draws.all(community, since, Occasion.FLAGGED)]
    flagged = sum(1 / draw.probability for draw in drawn)
    days = min(LOOKED_BACK, (today - policy.local(first.drawn_at).date()).days)
    return max(LEAST_PROBABILITY, min(1.0, A_DAY * days / flagged)) if flagged else 1.0


async def weekly_plan(
    work: Work, community: Community, charter: Charter, policy: Policy, now: datetime
) -> Plan:
    """The probabilities with which messages of this local week that are not flagged are drawn; only the week before it counts."""
    week = week_of(now, policy.time_zone)
    drawn = await work.draws.first(community, week.start, Occasion.NOT_FLAGGED)
    if drawn is not None:
        return plan_of(drawn.least)
    return plan(await _counted(work, community, charter, policy, week.before()))


async def _counted(
    work: Work, community: Community, charter: Charter, policy: Policy, week: Period
) -> Counter[str]:
    """Messages of a week that were not flagged, by stratum; where it began late, as many more as the rest of it suggests.

    Each message counts by what was decided first, so that no edit changes the number.
    """
    counted: Counter[str] = Counter()
    latest: MessageKey | None = None
    begun: datetime | None = None
    async for stored in work.decisions.bare(community, week.start, week.end):
        decision = stored.decision
        if decision.key == latest:
            continue
        latest, begun = decision.key, begun or decision.posted_at
        part = part_of(stored.message, decision, charter, policy)
        if isinstance(part, Stratum):
            counted[part.value] += 1
    if begun is None or week.end - begun < KNOWN_FROM:
        return Counter()
    share = (week.end - begun) / (week.end - week.start)
    return Counter({stratum: round(number / share) for stratum, number in counted.items()})


@dataclass(frozen=True, slots=True)
class Odds:
    """With which probability the messages of a local day are drawn: each flagged one, and the others."""

    day: date
    flagged: float
    others: Plan


@dataclass(slots=True)
class Lots:
    """Draws messages by a secret seed; what the odds of a day are is read once."""

    seed: str
    _known: dict[Community, Odds] = field(default_factory=dict)

    async def draw(
        self,
        work: Work,
        community: Community,
        judged: Sequence[Judged],
        charter: Charter,
        policy: Policy,
        model: str,
    ) -> list[Draw]:
        """Which of these messages of a community are drawn, in order, before their decisions are stored; none without a promise.

        What was drawn before is not drawn again. `model` is the version of the whole classifier: a verdict may name but a part of it
        (see classifier.last_tier).
        """
        if not is_promised(policy):
            return []
        found: list[Draw] = []
        for message, decision in judged:
            part = part_of(message, decision, charter, policy)
            if part is None or decision.verdict is None:
                continue
            odds = await self._odds(work, community, charter, policy, decision.decided_at)
            if isinstance(part, Stratum):
                drawn = audit_plan.draw(decision, odds.others, self.seed, model)
            else:
                drawn = self._flagged(decision, decision.verdict, odds.flagged, model)
            if drawn is not None and await _is_new(work, drawn):
                found.append(drawn)
        return found

    def _flagged(self, decision: Decision, verdict: Verdict, probability: float, model: str) -> Draw | None:
        if lot(self.seed, decision.key, Occasion.FLAGGED) >= probability:
            return None
        return Draw(
            key=decision.key,
            revision=decision.revision,
            occasion=Occasion.FLAGGED,
            label=verdict.label,
            score=verdict.probabilities.of(verdict.label),
            probability=probability,
            least=probability,
            drawn_at=decision.decided_at,
            model=model,
            charter_version=decision.charter_version,
        )

    async def _odds(
        self, work: Work, community: Community, charter: Charter, policy: Policy, now: datetime
    ) -> Odds:
        today = policy.local(now).date()
        known = self._known.get(community)
        if known is None or known.day != today:
            flagged = await drawing_probability(work, community, policy, now)
            same_week = known is not None and known.day.isocalendar()[:2] == today.isocalendar()[:2]
            others = (
                known.others
                if known is not None and same_week
                else await weekly_plan(work, community, charter, policy, now)
            )
            known = self._known[community] = Odds(today, flagged, others)
        return known


async def keep_drawn(work: Work, draws: Sequence[Draw], decisions: Sequence[Decision]) -> None:
    """Store draws; moderators are asked about each flagged one that has no card anyway. Others wait until somebody asks for them."""
    await work.draws.add(draws)
    decided = {decision.key: decision for decision in decisions}
    for draw in draws:
        has_card = any(isinstance(action, PitchCard) for action in decided[draw.key].actions)
        if draw.occasion is Occasion.FLAGGED and not has_card:
            question = AskAboutDrawn(draw.subject, draw.key.name, draw.revision, draw.label, draw.score)
            about = draw.key.message
            await work.outbox.add(community_of(draw.key), draw.key.channel, question, draw.drawn_at, about)


async def _is_new(work: Work, draw: Draw) -> bool:
    """Whether it was not drawn before, and, where it was not flagged, not judged before.

    An edit gets no second chance to be drawn for what was missed: else messages of a stratum would not be equally likely to be.
    """
    (earlier,) = await work.draws.get([draw.key], draw.occasion)
    if earlier is not None:
        return False
    # Most messages are never edited, so that few are looked up.
    if draw.occasion is Occasion.FLAGGED or draw.revision == 0:
        return True
    return await work.decisions.get(draw.key) is None


def is_promised(policy: Policy) -> bool:
    """Whether a policy makes a promise; words that are none make none."""
    try:
        return promise_of(policy.promise) is not None
    except ValueError:
        return False
