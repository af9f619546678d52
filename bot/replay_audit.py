"""What a replay missed: messages that were not flagged, drawn at random, to be ruled on by a moderator; nothing is judged again.

A past history is known whole, so each stratum is a simple random sample without replacement: its messages come in the order of
their lots, whose seed is made of the replay's own key. The next message is always one of the stratum that is furthest behind its
share of the plan (Adams's method of apportionment), so wherever one stops, each stratum has been asked about, and about as often as
planned. Given how many of a stratum were drawn, each of its messages was equally likely to be among them: that is what the
estimates rest on, and why all draws of a stratum get one probability there, however many sittings they took.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from bot.replay_folder import ReplayFolder
from bot.ruling_desk import Judged, Kept, RulingDesk, Sheet, read_through
from moderation.audit import Audit, Checked, Population, estimate
from moderation.audit_plan import Stratum, part_of, plan
from moderation.charter import Charter
from moderation.decisions import Ruled
from moderation.draws import Draw, Occasion, lot
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.missed import checked, found_among
from moderation.policy import Policy
from moderation.ports import Store

Part = TypeVar("Part", bound=str)
_RULED = {Label.ON_TOPIC: Ruled.FINE, Label.CHATTER: Ruled.CHATTER, Label.PITCH: Ruled.PITCH}


@dataclass(frozen=True, slots=True)
class Unflagged:
    """A judged message that was not flagged, by somebody who is not exempt: all of its draw but how it is drawn.

    `shows` says whether its text is still there.
    """

    key: MessageKey
    revision: int
    stratum: Stratum
    label: Label
    score: float
    model: str
    charter_version: str
    shows: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """The messages to ask about, in order: first the `waiting` that were drawn before, then drawn ones of `candidates`.

    `probabilities` are those of a stratum's messages to be drawn in this sitting or one before, fixed before the first is shown.
    """

    messages: tuple[Message, ...]
    waiting: int
    candidates: int
    probabilities: Mapping[Stratum, float]


@dataclass(slots=True)
class ReplayAudit(RulingDesk):
    """The messages of a replay, flagged (as what) and not, and what was drawn and said of them until now.

    `draws` are those of messages that were not flagged, `flagged_draws` the calibration's.
    """

    unflagged: Mapping[MessageKey, Unflagged]
    flagged: Mapping[MessageKey, Label]
    flagged_draws: Sequence[Draw]

    @property
    def forgotten(self) -> bool:
        """Whether messages were judged and no text of them is left."""
        return bool(self.unflagged) and not any(case.shows for case in self.unflagged.values())

    @property
    def population(self) -> Population:
        """All judged messages, whether or not their texts are still there."""
        others = Counter(case.stratum.value for case in self.unflagged.values())
        return Population(Counter(self.flagged.values()), others)

    async def sample(self, count: int) -> Sample:
        """The next `count` messages to ask about."""
        drawn = {draw.key for draw in self.draws}
        showable = [case for case in self.unflagged.values() if case.shows and case.key not in drawn]
        wanted = (self.unflagged.get(draw.key) for draw in self._open())
        waiting = [case for case in wanted if case is not None and case.shows][:count]
        new = self._in_turn(showable, count - len(waiting))
        async with self.store.work() as work:
            found = await work.messages.get([case.key for case in (*waiting, *new)])
        return Sample(
            messages=tuple(message for message in found if message is not None),
            waiting=len(waiting),
            candidates=len(showable),
            probabilities=self._probabilities(new),
        )

    async def show(self, sample: Sample, place: int) -> Sheet:
        """The message at a place of the sample, which counts as drawn from now on, whatever is said of it."""
        message = sample.messages[place]
        case = self.unflagged[message.key]
        return await self._show(message, lambda now: _draw(case, sample.probabilities, now))

    async def rule(self, draw: Draw, truth: Label) -> None:
        """Keep what a drawn message is; it takes the place of what was said before."""
        await self._keep(draw, _RULED[truth])

    def checked(self) -> list[Checked]:
        """All drawn messages, flagged or not, and what moderators say that they are."""
        flagged = [draw for draw in self.flagged_draws if self.flagged.get(draw.key) is draw.label]
        others = [draw for draw in self.draws if draw.key in self.unflagged]
        sizes = self.population
        pooled = [
            *_pooled(flagged, lambda draw: draw.label, sizes.flagged),
            *_pooled(others, lambda draw: draw.stratum, sizes.not_flagged),
        ]
        return checked(pooled, self.rulings)

    def audit(self) -> Audit:
        """What the rulings say about the whole replay, 95 % sure."""
        return estimate(self.population, self.checked())

    def missed(self) -> Counter[Label]:
        """What the ruled messages that were not flagged are, by number."""
        return found_among(self.checked())

    def unshowable(self) -> int:
        """Drawn messages that nobody has ruled on and that can no longer be shown."""
        return sum(draw.key in self.unflagged and not self.unflagged[draw.key].shows for draw in self._open())

    def _in_turn(self, candidates: Iterable[Unflagged], number: int) -> list[Unflagged]:
        """The next `number`: strata take turns by the plan, and each goes in the order of its lots."""
        drawn = self._drawn()
        total = drawn.total() + number
        if number < 1:
            return []
        sizes = self.population.not_flagged
        share = plan(sizes, total).probabilities
        by_stratum: dict[Stratum, list[tuple[float, MessageKey]]] = defaultdict(list)
        for case in candidates:
            by_stratum[case.stratum].append((lot(self.seed, case.key, Occasion.NOT_FLAGGED), case.key))
        turns = [
            ((drawn[stratum] + place) / (share[stratum] * sizes[stratum]), *each)
            for stratum, lots in by_stratum.items()
            for place, each in enumerate(sorted(lots, key=lambda one: one[0]))
        ]
        return [self.unflagged[key] for *_, key in sorted(turns, key=lambda turn: turn[:2])[:number]]

    def _probabilities(self, new: Sequence[Unflagged]) -> dict[Stratum, float]:
        asked = self._drawn() + Counter(case.stratum for case in new)
        return {
            Stratum(name): asked[Stratum(name)] / size for name, size in self.population.not_flagged.items()
        }

    def _drawn(self) -> Counter[Stratum]:
        """Messages of each stratum that were drawn."""
        return Counter(self.unflagged[draw.key].stratum for draw in self.draws if draw.key in self.unflagged)


@dataclass(slots=True)
class AuditReader:
    """Sorts a replay that is read through into what was flagged and what was not."""

    _flagged: dict[MessageKey, Label] = field(default_factory=dict)
    _unflagged: dict[MessageKey, Unflagged] = field(default_factory=dict)

    def read(self, each: Judged, charter: Charter, policy: Policy) -> None:
        """Take in one judged message."""
        part = part_of(each.message, each.decision, charter, policy)
        if isinstance(part, Stratum):
            self._unflagged[each.message.key] = _unflagged(each, part)
        elif part is not None:
            self._flagged[each.message.key] = part

    def audit(self, kept: Kept) -> ReplayAudit:
        """All that the replay knows, now that it was read."""
        return ReplayAudit(
            store=kept.store,
            community=kept.community,
            charter=kept.charter,
            policy=kept.policy,
            draws=[draw for draw in kept.draws if draw.occasion is Occasion.NOT_FLAGGED],
            rulings=list(kept.rulings),
            seed=kept.seed,
            clock=kept.clock,
            unflagged=self._unflagged,
            flagged=self._flagged,
            flagged_draws=[draw for draw in kept.draws if draw.occasion is Occasion.FLAGGED],
        )


async def begin(store: Store, folder: ReplayFolder, clock: Callable[[], datetime]) -> ReplayAudit:
    """All that a replay knows. Raises BadInput where it never began."""
    reader = AuditReader()
    return reader.audit(await read_through(store, folder, clock, reader.read))


def _unflagged(each: Judged, stratum: Stratum) -> Unflagged:
    return Unflagged(
        key=each.message.key,
        revision=each.message.revision,
        stratum=stratum,
        label=each.verdict.label,
        score=1 - each.verdict.probabilities.on_topic,
        model=each.verdict.model,
        charter_version=each.decision.charter_version,
        shows=bool(each.message.text.strip()),
    )


def _draw(case: Unflagged, probabilities: Mapping[Stratum, float], now: datetime) -> Draw:
    return Draw(
        key=case.key,
        revision=case.revision,
        occasion=Occasion.NOT_FLAGGED,
        label=case.label,
        score=case.score,
        probability=probabilities[case.stratum],
        least=min(probabilities.values()),
        drawn_at=now,
        model=case.model,
        charter_version=case.charter_version,
        stratum=case.stratum.value,
    )


def _pooled(draws: Sequence[Draw], part_of: Callable[[Draw], Part], sizes: Mapping[Part, int]) -> list[Draw]:
    """The same draws, each with the share of its part that was drawn: they are the lowest lots of it, however many sittings they took."""
    counted = Counter(map(part_of, draws))
    return [replace(draw, probability=counted[part_of(draw)] / sizes[part_of(draw)]) for draw in draws]
