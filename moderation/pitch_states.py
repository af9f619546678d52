"""How a pitch stands with the moderators: who looks at it, what was ruled, whether its post is held or came back. Pure.

A claim binds nobody: it lets moderators see each other. It ends by itself, or with any ruling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.decisions import Ruled, Ruling

CLAIM_STANDS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Claim:
    """A moderator said that they are looking at a card."""

    by: str
    at: datetime


class Stage(StrEnum):
    """OPEN waits for a ruling; AGAIN does so once more, since another copy came after one."""

    OPEN = "open"
    AGAIN = "again"
    CLAIMED = "claimed"
    RULED = "ruled"
    APPEALED = "appealed"
    BROUGHT_BACK = "brought_back"


@dataclass(frozen=True, slots=True)
class PitchState:
    """How a pitch stands. `by` are those who look at it (CLAIMED); `until` is when their claims are over.

    `ruling` is the latest one that says something. `held_until` is set while the post is held. `back_at` is when it was brought back.
    """

    stage: Stage = Stage.OPEN
    by: tuple[str, ...] = ()
    until: datetime | None = None
    ruling: Ruling | None = None
    held_until: datetime | None = None
    back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PitchFacts:
    """What is known of a pitch. `rulings` and `claims` are oldest first; `is_open` says whether all can still be ruled.

    `appealed_at` is when an appeal came that has no answer yet; `back_at` is when the post was brought back last.
    """

    rulings: Sequence[Ruling] = ()
    claims: Sequence[Claim] = ()
    is_open: bool = True
    appealed_at: datetime | None = None
    held_until: datetime | None = None
    back_at: datetime | None = None


def state_of(facts: PitchFacts, now: datetime) -> PitchState:
    """How a pitch stands at `now`."""
    said = [ruling for ruling in facts.rulings if ruling.what is not Ruled.NOT_NOW]
    latest = said[-1] if said else None
    alive = claims_alive(facts.claims, facts.rulings, now)
    state = PitchState(ruling=latest, held_until=facts.held_until, back_at=facts.back_at)
    if alive:
        until = max(claim.at for claim in alive) + CLAIM_STANDS
        by = tuple(dict.fromkeys(claim.by for claim in alive))
        return _staged(state, Stage.CLAIMED, by, until)
    if facts.appealed_at is not None:
        return _staged(state, Stage.APPEALED)
    if facts.is_open:
        return _staged(state, Stage.OPEN if latest is None else Stage.AGAIN)
    came_back = facts.back_at is not None and (latest is None or facts.back_at >= latest.at)
    return _staged(state, Stage.BROUGHT_BACK if came_back else Stage.RULED)


def claims_alive(claims: Iterable[Claim], rulings: Iterable[Ruling], now: datetime) -> list[Claim]:
    """The claims that hold at `now`, oldest first: not over yet, and with no ruling since."""
    ruled_at = max((ruling.at for ruling in rulings if ruling.at <= now), default=None)
    return [
        claim
        for claim in claims
        if claim.at <= now < claim.at + CLAIM_STANDS and (ruled_at is None or claim.at > ruled_at)
    ]


def ruled_against(ruling: Ruling, rulings: Iterable[Ruling], claims: Iterable[Claim]) -> tuple[str, ...]:
    """Who else was looking at it when somebody ruled."""
    before = [other for other in rulings if other.at < ruling.at]
    alive = claims_alive(claims, before, ruling.at)
    return tuple(dict.fromkeys(claim.by for claim in alive if claim.by != ruling.by))


def _staged(
    state: PitchState, stage: Stage, by: tuple[str, ...] = (), until: datetime | None = None
) -> PitchState:
    return PitchState(stage, by, until, state.ruling, state.held_until, state.back_at)
