"""What the rulings of a live community say about its promise, and what may be said to members because of it.

Only draws of the present model and charter count: evidence about another one says nothing about this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.agreement import were_wrong
from moderation.charter import Charter
from moderation.draws import Occasion, drawn_of
from moderation.labels import Label
from moderation.policy import Leave, Policy
from moderation.ports import Community, Delivery, DeliveryState, Work
from moderation.promise import Promise, Standing, promise_of, stand
from moderation.report_actions import ReportStanding

REPORTED = "standing:"
TOLD_AGAIN = timedelta(days=1)
"""After so long a report that moderators could not be shown is tried again."""
SHOWN = (DeliveryState.DONE, DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)
"""What moderators have been shown, or will be."""


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
        (draw.label, drawn_of(draw, wrong))
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
    """What may be said to members: casual talk alone decides. Whether pitches may be held is a question of its own."""
    casual, holds_from = found.chatter, found.pitch.acts_from
    if casual.acts_from is not None:
        return Leave(casual_from=casual.acts_from, holds_from=holds_from)
    why = "the promise is not shown to be kept yet: nothing is said to members"
    if casual.stepped_back is not None:
        why = "the promise was broken: nothing is said to members"
    return Leave(acts=False, why=why, holds_from=holds_from)


def leave_undrawn(policy: Policy) -> Leave:
    """What may be said to members where nothing is drawn, so that nobody will ever know whether a promise is kept."""
    try:
        promised = promise_of(policy.promise) is not None
    except ValueError as error:
        return Leave(acts=False, why=str(error))
    if promised:
        return Leave(
            acts=False, why="nothing is drawn to show that the promise is kept: nothing is said to members"
        )
    return Leave()


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
    reports = await work.outbox.beginning(community, f"{REPORTED}{label}:")
    shown = [report for report in reports if report.state in SHOWN]
    if standing.acts_from == _acts_from(shown[-1:]) or _was_tried(reports[-1:], standing.acts_from, now):
        return
    report = ReportStanding(
        label,
        len(reports) + 1,
        str(promise),
        standing.acts_from,
        standing.ruled,
        standing.wrong,
        broken=standing.stepped_back is not None,
    )
    await work.outbox.add(community, "", report, now)


def _acts_from(latest: Sequence[Delivery]) -> float | None:
    """From where on Steward acts by the latest report, if there is one."""
    return next((each.action.acts_from for each in latest if isinstance(each.action, ReportStanding)), None)


def _was_tried(latest: Sequence[Delivery], acts_from: float | None, now: datetime) -> bool:
    """Whether the latest report says the same and was tried in vain not long ago."""
    return any(
        each.state not in SHOWN and _acts_from([each]) == acts_from and now - each.due_at < TOLD_AGAIN
        for each in latest
    )
