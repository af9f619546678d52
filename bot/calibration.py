"""Fast calibration: flagged messages of a replay, drawn at random, to be ruled on by a moderator; nothing is judged again.

Flagged messages come in the order of their lots, whose seed is made of the replay's own key: everyone who goes on later goes on
in the same order. In it every message is equally likely to be first, second or last, so wherever one stops, those drawn so
far are a fair sample. A message counts as drawn from the moment in which it is shown: to quit in front of it does not hide it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.replay_folder import ReplayFolder
from bot.ruling_desk import Judged, Kept, RulingDesk, Sheet, read_through
from moderation.agreement import were_wrong
from moderation.charter import Charter
from moderation.decisions import Ruled, Verdict
from moderation.draws import Draw, Occasion, drawn_of, is_flagged, lot
from moderation.errors import BadInput
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.policy import Policy
from moderation.ports import Store
from moderation.promise import THRESHOLDS, Promise, Standing, promise_of, stand

LABELS = (Label.CHATTER, Label.PITCH)


class Said(StrEnum):
    """What a moderator says of a message: what it was flagged as, something that belongs, or the other kind."""

    RIGHT = "right"
    WRONG = "wrong"
    OTHER = "other"


_RULED = {
    (Said.RIGHT, Label.CHATTER): Ruled.CHATTER,
    (Said.RIGHT, Label.PITCH): Ruled.PITCH,
    (Said.WRONG, Label.CHATTER): Ruled.FINE,
    (Said.WRONG, Label.PITCH): Ruled.FINE,
    (Said.OTHER, Label.CHATTER): Ruled.PITCH,
    (Said.OTHER, Label.PITCH): Ruled.CHATTER,
}


class Origin(StrEnum):
    """Whose a promise is: asked for just now, the charter's, or the usual one because there is none."""

    ASKED = "asked"
    CHARTER = "charter"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Flagged:
    """A message that was flagged where it is not at home, and whose text is still there."""

    message: Message
    verdict: Verdict
    charter_version: str

    @property
    def label(self) -> Label:
        """What it was flagged as."""
        return self.verdict.label

    @property
    def score(self) -> float:
        """The probability by which it was flagged."""
        return self.verdict.probabilities.of(self.label)


@dataclass(frozen=True, slots=True)
class Plan:
    """The messages to ask about, in order: first the `waiting` that were drawn before, then drawn ones of `candidates`."""

    cases: tuple[Flagged, ...]
    waiting: int
    candidates: int
    stratum: str = ""

    @property
    def probability(self) -> float:
        """That of each candidate to be drawn, fixed before the first is shown."""
        return min(1.0, (len(self.cases) - self.waiting) / self.candidates) if self.candidates else 1.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the promise stands for one label, and on what that rests.

    `drawn`, `ruled` and `wrong` count all draws of the label. `left` are the candidates that the strictest threshold flags and that
    were not drawn yet; `forgotten` the drawn ones without a ruling that can no longer be shown.
    """

    label: Label
    standing: Standing
    drawn: int
    ruled: int
    wrong: int
    left: int
    forgotten: int


@dataclass(slots=True)
class Calibration(RulingDesk):
    """What a replay flagged, and what was drawn and said of it until now.

    `unshowable` counts flagged messages whose texts are forgotten.
    """

    flagged: Mapping[MessageKey, Flagged]
    unshowable: int

    def plan(self, count: int, label: Label | None = None) -> Plan:
        """The next `count` messages to ask about, of one label where one is named."""
        drawn = {draw.key for draw in self.draws}
        wanted = {key: case for key, case in self.flagged.items() if label in (None, case.label)}
        waiting = [wanted[draw.key] for draw in self._open() if draw.key in wanted]
        candidates = sorted(
            (case for key, case in wanted.items() if key not in drawn),
            key=lambda case: lot(self.seed, case.message.key, Occasion.FLAGGED),
        )
        first = waiting[:count]
        cases = (*first, *candidates[: count - len(first)])
        return Plan(cases, len(first), len(candidates), label.value if label else "")

    async def show(self, plan: Plan, place: int) -> Sheet:
        """The message at a place of the plan, which counts as drawn from now on, whatever is said of it."""
        case = plan.cases[place]
        return await self._show(case.message, lambda now: _draw(case, plan, now))

    async def rule(self, draw: Draw, said: Said) -> None:
        """Keep a word on a drawn message; it takes the place of what was said before."""
        await self._keep(draw, _RULED[said, draw.label])

    def evidence(self, promise: Promise, label: Label) -> Evidence:
        """How a promise stands for one label by now."""
        draws = [draw for draw in self.draws if draw.label is label]
        wrong = were_wrong(draws, self.rulings)
        drawn = [drawn_of(draw, one) for draw, one in zip(draws, wrong, strict=True)]
        keys = {draw.key for draw in draws}
        sure = [case for case in self.flagged.values() if case.label is label and case.score >= THRESHOLDS[0]]
        return Evidence(
            label=label,
            standing=stand(promise, drawn, self.clock()),
            drawn=len(draws),
            ruled=sum(one is not None for one in wrong),
            wrong=sum(bool(one) for one in wrong),
            left=sum(case.message.key not in keys for case in sure),
            forgotten=sum(
                one is None and draw.key not in self.flagged for draw, one in zip(draws, wrong, strict=True)
            ),
        )


@dataclass(slots=True)
class FlagReader:
    """Picks what was flagged out of a replay that is read through."""

    _flagged: dict[MessageKey, Flagged] = field(default_factory=dict)
    _unshowable: int = 0

    def read(self, each: Judged, charter: Charter, policy: Policy) -> None:
        """Take in one judged message."""
        if not is_flagged(each.message, each.verdict, charter, policy):
            return
        if each.message.text.strip():
            self._flagged[each.message.key] = Flagged(
                each.message, each.verdict, each.decision.charter_version
            )
        else:
            self._unshowable += 1

    def calibration(self, kept: Kept) -> Calibration:
        """All that the replay knows, now that it was read."""
        return Calibration(
            store=kept.store,
            community=kept.community,
            charter=kept.charter,
            policy=kept.policy,
            flagged=self._flagged,
            unshowable=self._unshowable,
            draws=[draw for draw in kept.draws if draw.occasion is Occasion.FLAGGED],
            rulings=list(kept.rulings),
            seed=kept.seed,
            clock=kept.clock,
        )


async def begin(store: Store, folder: ReplayFolder, clock: Callable[[], datetime]) -> Calibration:
    """All that a replay knows. Raises BadInput where it never began."""
    reader = FlagReader()
    return reader.calibration(await read_through(store, folder, clock, reader.read))


def promise_asked(words: str | None) -> Promise | None:
    """The promise that is asked for on the command line; None where none is. Raises BadInput."""
    if words is None:
        return None
    promise = _read(words)
    if promise is None:
        raise BadInput(f'"off" leaves nothing to work out: write "{Promise()}"')
    return promise


def promise_kept(policy: Policy) -> Promise | None:
    """The promise that a policy makes, None where it is off. Raises BadInput for words that are none."""
    try:
        return _read(policy.promise)
    except BadInput as error:
        raise BadInput(f"the replay's charter: {error}") from None


def chosen_promise(asked: Promise | None, policy: Policy) -> tuple[Promise, Origin]:
    """The promise to work out, and whose it is. Raises BadInput."""
    if asked is not None:
        return asked, Origin.ASKED
    kept = promise_kept(policy)
    return (kept, Origin.CHARTER) if kept is not None else (Promise(), Origin.USUAL)


def mode_standing(calibration: Calibration) -> Standing | None:
    """By what the mode goes: casual talk's standing by the policy's own promise, None where that is off. Raises BadInput."""
    promise = promise_kept(calibration.policy)
    return calibration.evidence(promise, Label.CHATTER).standing if promise else None


def _read(words: str) -> Promise | None:
    try:
        return promise_of(words)
    except ValueError as error:
        raise BadInput(str(error)) from None


def _draw(case: Flagged, plan: Plan, now: datetime) -> Draw:
    return Draw(
        key=case.message.key,
        revision=case.message.revision,
        occasion=Occasion.FLAGGED,
        label=case.label,
        score=case.score,
        probability=plan.probability,
        least=plan.probability,
        drawn_at=now,
        model=case.verdict.model,
        charter_version=case.charter_version,
        stratum=plan.stratum,
    )
