"""Which messages would be treated otherwise under another charter, policy or model.

Both sides are folded as the pipeline folds them (`Ledger` and `decide`), over the same messages, each side with its own
verdicts. Compared is what becomes of each message in the end, not when: a talk that is nudged one post later is nudged
all the same. No text is kept, but reasons may quote a few words.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from moderation.actions import Action, FloodHint, NudgeAuthor, NudgeStretch, PitchCard, Welcome
from moderation.agreement import words_of_moderators
from moderation.charter import Charter
from moderation.decisions import Decision, Outcome, Ruling, Verdict
from moderation.draws import TRUTHS, Occasion
from moderation.labels import Label
from moderation.ledger import Ledger, Past, Situation
from moderation.messages import Message, MessageKey
from moderation.move_actions import MoveStretch
from moderation.policy import Policy, decide, skip_reason

Rules = tuple[Charter, Policy]
Judged = tuple[Message, Verdict | None, Verdict | None]
"""A message with the verdict of before and of after; None where that side does not read it."""


class Treatment(StrEnum):
    """What becomes of a message in the end, from what nobody notices to what changes most."""

    NOT_READ = "not_read"
    LEFT_ALONE = "left_alone"
    COUNTED = "counted"
    WELCOMED = "welcomed"
    SHOWN = "shown"
    HINTED = "hinted"
    NUDGED = "nudged"
    OFFERED = "offered"
    MOVED = "moved"

    @property
    def rank(self) -> int:
        """How far it goes, from 0 on."""
        return _RANK[self]

    @property
    def acts(self) -> bool:
        """Whether somebody is told something, moderators included."""
        return self.rank >= Treatment.WELCOMED.rank


_RANK = {treatment: rank for rank, treatment in enumerate(Treatment)}
_COUNTED = (Outcome.STRETCH, Outcome.LONE_CHATTER)


@dataclass(frozen=True, slots=True)
class Treated:
    """What becomes of one message on one side, by which verdict (None where it is not read), and why in words."""

    treatment: Treatment
    verdict: Verdict | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """A message that would be treated otherwise.

    `doubt` is the probability, by the verdict of after, that the flip is wrong: that what is acted on does not have the
    label for which it is, or that what is let go has it still. `against_ruling` says that moderators ruled otherwise.
    """

    key: MessageKey
    channel_name: str
    posted_at: datetime
    before: Treated
    after: Treated
    doubt: float
    against_ruling: bool = False

    @property
    def goes_further(self) -> bool:
        """Whether more would be done than before."""
        return self.after.treatment.rank > self.before.treatment.rank


@dataclass(frozen=True, slots=True)
class Change:
    """How many messages of one channel would flip in the same way."""

    channel: str
    channel_name: str
    before: Treatment
    after: Treatment
    messages: int


@dataclass(frozen=True, slots=True)
class Said:
    """How often something would be said in one way; `newly` and `no_longer` count what only one side says.

    A talk that is nudged counts once, and so does a pitch, however often its text was posted within a day. `example` is
    the first action of those that are new.
    """

    treatment: Treatment
    before: int
    after: int
    newly: int
    no_longer: int
    example: Action | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """Two sets of rules compared on the same messages.

    `flips` has those first that are likeliest to be wrong; `changes` counts them, most first. `read_before` and
    `read_after` count messages that are judged at all, `people_before` and `people_after` members who are told
    something at least once.
    """

    messages: int
    read_before: int
    read_after: int
    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    said: tuple[Said, ...]
    people_before: int
    people_after: int


class _Fold:
    """One side: the pipeline's own steps, and what became of each message."""

    def __init__(self, rules: Rules, past: Past | None) -> None:
        self._charter, self._policy = rules
        self._ledger = Ledger(self._charter, self._policy, past)
        self.treated: dict[MessageKey, Treated] = {}
        self.said: dict[tuple[Treatment, str], Action] = {}
        self.people: set[str] = set()
        self.subjects: defaultdict[MessageKey, set[str]] = defaultdict(set)

    def add(self, message: Message, verdict: Verdict | None) -> None:
        why = skip_reason(message, self._charter)
        if verdict is None or why is not None:
            self.treated[message.key] = Treated(Treatment.NOT_READ, None, (why or "it was not judged",))
            return
        self.settle(message.posted_at)
        self._decide(message, verdict, self._ledger.observe(message, verdict), message.posted_at)

    def settle(self, now: datetime) -> None:
        for due in self._ledger.due(now):
            self._decide(due.message, due.verdict, self._ledger.situation(due.message, due.at), due.at)

    def _decide(self, message: Message, verdict: Verdict, situation: Situation, now: datetime) -> None:
        decision = decide(
            message, verdict, situation.stretch, situation.record, self._charter, self._policy, now
        )
        self._ledger.note(decision)
        quiet = Treatment.COUNTED if decision.outcome in _COUNTED else Treatment.LEFT_ALONE
        self._treat(message.key, Treated(quiet, verdict, decision.reasons))
        for action in decision.actions:
            self._act(decision, action)

    def _act(self, decision: Decision, action: Action) -> None:
        """Note an action with everything that it is about: a talk is nudged or moved as a whole."""
        treatment, name = _treatment_of(action), _name_of(action)
        self.said.setdefault((treatment, name), action)
        self.people.update(_members(action))
        about = action.messages if isinstance(action, NudgeStretch | MoveStretch) else (decision.key.message,)
        for message in about:
            key = replace(decision.key, message=message)
            self.subjects[key].add(name)
            if (known := self.treated.get(key)) is not None:
                reasons = (*known.reasons[:1], *decision.reasons[1:])
                self._treat(key, Treated(treatment, known.verdict, reasons))

    def _treat(self, key: MessageKey, treated: Treated) -> None:
        """What was done stays done, whatever is decided later."""
        known = self.treated.get(key)
        if known is None or known.treatment.rank <= treated.treatment.rank:
            self.treated[key] = treated


class Comparison:
    """Compares two sets of rules. Feed it messages in order of posting, each once; then ask for `diff`.

    `past` is what storage knows of the time before the first message. Memory: for each message what became of it on
    both sides.
    """

    def __init__(self, before: Rules, after: Rules, past: Past | None = None) -> None:
        self._before, self._after = _Fold(before, past), _Fold(after, past)
        self._posted: dict[MessageKey, tuple[str, datetime]] = {}
        self._last: datetime | None = None

    def add(self, message: Message, before: Verdict | None, after: Verdict | None) -> None:
        """Take in one message with the verdict of each side, None where that side does not read it."""
        self._before.add(message, before)
        self._after.add(message, after)
        self._posted[message.key] = (message.channel_name, message.posted_at)
        self._last = message.posted_at

    def diff(self, rulings: Iterable[Ruling] = ()) -> Diff:
        """Let the last talks settle and say what is different; nothing can be added afterwards."""
        sides = (self._before, self._after)
        if self._last is not None:
            for side in sides:
                side.settle(self._last + timedelta(days=1))
        flips = self._flips(_readings_by_subject(rulings))
        return Diff(
            messages=len(self._posted),
            read_before=_read(self._before),
            read_after=_read(self._after),
            changes=_changes(flips),
            flips=tuple(flips),
            said=_said(*(side.said for side in sides)),
            people_before=len(self._before.people),
            people_after=len(self._after.people),
        )

    def _flips(self, ruled: Mapping[str, set[Label]]) -> list[Flip]:
        flips: list[Flip] = []
        for key, (channel_name, posted_at) in self._posted.items():
            before, after = self._before.treated[key], self._after.treated[key]
            if before.treatment is not after.treatment:
                flip = Flip(key, channel_name, posted_at, before, after, _doubt(before, after))
                readings: set[Label] = set().union(
                    *(ruled.get(subject, set()) for subject in self._subjects(key))
                )
                flips.append(replace(flip, against_ruling=_is_against(flip, readings)))
        return sorted(flips, key=_likely_wrong_first)

    def _subjects(self, key: MessageKey) -> set[str]:
        """Under which names moderators may have ruled on a message."""
        drawn = {f"drawn:{occasion}:{key.channel}/{key.message}" for occasion in Occasion}
        return drawn | self._before.subjects.get(key, set()) | self._after.subjects.get(key, set())


def diff(
    judged: Iterable[Judged],
    before: Rules,
    after: Rules,
    *,
    rulings: Iterable[Ruling] = (),
    past: Past | None = None,
) -> Diff:
    """What would be different after a change of charter, policy or model.

    `judged` comes in order of posting, each message once, as its newest revision. `rulings` are those on these
    messages, of which only moderators' count; `past` is what storage knows of the time before.
    """
    comparison = Comparison(before, after, past)
    for message, verdict_before, verdict_after in judged:
        comparison.add(message, verdict_before, verdict_after)
    return comparison.diff(rulings)


def _treatment_of(action: Action) -> Treatment:
    match action:
        case MoveStretch():
            return Treatment.MOVED
        case NudgeStretch(offer=True):
            return Treatment.OFFERED
        case PitchCard():
            return Treatment.SHOWN
        case Welcome():
            return Treatment.WELCOMED
        case FloodHint():
            return Treatment.HINTED
        case _:
            return Treatment.NUDGED


def _name_of(action: Action) -> str:
    """What tells an action from others, and what a ruling on it names: the copies of a pitch share theirs."""
    return f"card:{action.pitch}" if isinstance(action, PitchCard) else action.marker


def _members(action: Action) -> tuple[str, ...]:
    if isinstance(action, NudgeStretch | MoveStretch):
        return action.members
    return (action.member,) if isinstance(action, NudgeAuthor | Welcome | FloodHint) else ()


def _read(side: _Fold) -> int:
    return sum(treated.treatment is not Treatment.NOT_READ for treated in side.treated.values())


def _doubt(before: Treated, after: Treated) -> float:
    """See `Flip`; 0 where no label is at stake."""
    further = after.treatment.rank > before.treatment.rank
    label = _at_stake(after if further else before)
    # Where it is not read any more, nobody says anything new about it.
    verdict = after.verdict or before.verdict
    if label is None or verdict is None:
        return 0.0
    return 1 - verdict.probabilities.of(label) if further else verdict.probabilities.of(label)


def _at_stake(treated: Treated) -> Label | None:
    """The label for which something is made of a message; a monologue has none."""
    if treated.verdict is None or treated.treatment is Treatment.HINTED:
        return None
    return treated.verdict.label if treated.treatment.rank >= Treatment.COUNTED.rank else None


def _is_against(flip: Flip, readings: set[Label]) -> bool:
    """Whether moderators said that what is done more about belongs, or that what is let go does not."""
    most = max(flip.before.treatment.rank, flip.after.treatment.rank)
    if not readings or most < Treatment.COUNTED.rank:
        return False
    return (Label.ON_TOPIC in readings) is flip.goes_further


def _readings_by_subject(rulings: Iterable[Ruling]) -> dict[str, set[Label]]:
    """What moderators say by now that each thing is."""
    found: defaultdict[str, set[Label]] = defaultdict(set)
    for ruling in words_of_moderators(rulings):
        found[ruling.subject].add(TRUTHS[ruling.what])
    return found


def _likely_wrong_first(flip: Flip) -> tuple[bool, bool, float, datetime, MessageKey]:
    """Against a ruling first, then what is newly acted on, then the rest; each by doubt."""
    newly_acted_on = flip.goes_further and flip.after.treatment.acts
    return not flip.against_ruling, not newly_acted_on, -flip.doubt, flip.posted_at, flip.key


def _changes(flips: Iterable[Flip]) -> tuple[Change, ...]:
    names: dict[str, str] = {}
    counts: Counter[tuple[str, Treatment, Treatment]] = Counter()
    for flip in flips:
        names[flip.key.channel] = flip.channel_name
        counts[flip.key.channel, flip.before.treatment, flip.after.treatment] += 1
    changes = [
        Change(channel, names[channel], before, after, count)
        for (channel, before, after), count in counts.items()
    ]
    return tuple(
        sorted(changes, key=lambda c: (-c.messages, c.channel_name, c.channel, c.before.rank, c.after.rank))
    )


def _said(
    before: Mapping[tuple[Treatment, str], Action], after: Mapping[tuple[Treatment, str], Action]
) -> tuple[Said, ...]:
    """Each way of saying something that either side uses, in order of how far it goes."""
    said: list[Said] = []
    for way in Treatment:
        was = {name for treatment, name in before if treatment is way}
        now = {name: action for (treatment, name), action in after.items() if treatment is way}
        new = [action for name, action in now.items() if name not in was]
        if was or now:
            gone = len(was - now.keys())
            said.append(Said(way, len(was), len(now), len(new), gone, new[0] if new else None))
    return tuple(said)
