"""What a community's experiment shows by now, from what is stored: read once, nothing kept, nothing written."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moderation.actions import NudgeStretch
from moderation.effect import Effect, effect
from moderation.experiment import DayReader
from moderation.move_actions import MoveStretch
from moderation.policy import Policy
from moderation.ports import Community, Delivery, DeliveryState, Work

MARKERS = ("nudge:", "move:")
POLICY = "policy"
"""Whose wish a move is that nobody asked for."""
AROUND = timedelta(days=1)
"""A talk may have begun, and been spoken to, before the experiment's first day, and one of its last day may go on after that."""


async def effect_of(work: Work, community: Community, policy: Policy, now: datetime) -> Effect | None:
    """The effect of nudges in a community at `now` (aware); None where its policy has no experiment."""
    if policy.experiment is None:
        return None
    experiment = policy.experiment.in_community(community.platform, community.id)
    reader = DayReader(experiment)
    until = None if experiment.ends_at is None else experiment.ends_at + AROUND
    async for stored in work.decisions.bare(community, experiment.started_at - AROUND, until):
        reader.add(stored.decision)
    done = _Done()
    for prefix in MARKERS:
        for delivery in await work.outbox.beginning(community, prefix):
            done.add(delivery)
    # With years of days this takes longer than the event loop may pause.
    return await asyncio.to_thread(
        lambda: effect(experiment, reader.channel_days(done.moved, done.delivered, now), now)
    )


@dataclass(slots=True)
class _Done:
    """What was really done about talks, by their ids."""

    moved: dict[str, datetime] = field(default_factory=dict)
    """When posts of it were first moved because somebody wished so."""
    delivered: set[str] = field(default_factory=set)
    """Those that a nudge, or the policy's own move, reached."""

    def add(self, delivery: Delivery) -> None:
        action = delivery.action
        if delivery.state is not DeliveryState.DONE or not isinstance(action, NudgeStretch | MoveStretch):
            return
        if isinstance(action, NudgeStretch) or action.by == POLICY:
            self.delivered.add(action.stretch)
        else:
            at = self.moved.get(action.stretch, delivery.due_at)
            self.moved[action.stretch] = min(at, delivery.due_at)
