"""What each mode and strictness would have done with the same messages, counted.

A rehearsal folds the pipeline's own steps (`Ledger` and `decide`) and counts their actions; nothing is acted out and
no text is kept. Three folds are enough for the twelve combinations: strictness changes what counts as casual talk,
but nudge, offer and move say something at the very same moments and differ only in what they say, and observe says
nothing that could be remembered. Where something is said, every mode is asked for its own words. The test compares
all twelve with twelve plain folds, so a policy that breaks this will be noticed.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from moderation.actions import Action, FloodHint, NudgeAuthor, NudgeStretch, PitchCard, Welcome
from moderation.charter import Charter
from moderation.decisions import Decision, Outcome, Verdict
from moderation.labels import Label
from moderation.ledger import REMEMBERED_AUTHORS, Ledger, Past, Situation
from moderation.messages import Message
from moderation.move_actions import MoveStretch
from moderation.policy import MONOLOGUE, Mode, Policy, Strictness, decide

Combination = tuple[Mode, Strictness]


@dataclass(frozen=True, slots=True)
class Would:
    """How often each thing would have been done.

    `nudges` are for stretches and carry no button, `offers` do; `moves` counts stretches, `moved_posts` their posts.
    `pitch_cards` counts a text once a day, however often it was posted. `people` are those who would have been
    spoken to at least once, moderators' cards aside.
    """

    nudges: int = 0
    offers: int = 0
    moves: int = 0
    moved_posts: int = 0
    lone_nudges: int = 0
    welcomes: int = 0
    flood_hints: int = 0
    pitch_cards: int = 0
    people: int = 0

    @property
    def times_spoken(self) -> int:
        """How often members would have read something of Steward's."""
        return self.nudges + self.offers + self.moves + self.lone_nudges + self.welcomes + self.flood_hints


@dataclass(frozen=True, slots=True)
class Fate:
    """What would have become of one drifted stretch: `action` at `at`, or nothing (None), and why."""

    at: datetime
    action: NudgeStretch | MoveStretch | None
    why: tuple[str, ...]


class _Tally:
    """The actions of one combination, counted as they come."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._people: set[str] = set()
        self._cards: OrderedDict[str, None] = OrderedDict()

    def add(self, action: Action) -> None:
        match action:
            case NudgeStretch(members=members, offer=offer):
                self._speak("offers" if offer else "nudges", members)
            case MoveStretch(members=members, messages=messages):
                self._speak("moves", members)
                self._counts["moved_posts"] += len(messages)
            case NudgeAuthor(member=member):
                self._speak("lone_nudges", (member,))
            case Welcome(member=member):
                self._speak("welcomes", (member,))
            case FloodHint(member=member):
                self._speak("flood_hints", (member,))
            case PitchCard(pitch=pitch):
                self._show(pitch)

    def would(self) -> Would:
        return Would(**self._counts, people=len(self._people))

    def _speak(self, what: str, members: tuple[str, ...]) -> None:
        self._counts[what] += 1
        self._people.update(members)

    def _show(self, pitch: str) -> None:
        if pitch not in self._cards:
            self._counts["pitch_cards"] += 1
        self._cards[pitch] = None
        if len(self._cards) > REMEMBERED_AUTHORS:
            self._cards.popitem(last=False)


class _Stage:
    """One strictness: a fold in the mode that does most, and every mode's words where something is done."""

    def __init__(self, charter: Charter, policy: Policy, shown: Mode, past: Past | None) -> None:
        self._charter, self._shown = charter, shown
        self._policies = {mode: replace(policy, mode=mode) for mode in Mode}
        self._ledger = Ledger(charter, self._policies[Mode.MOVE], past)
        self.tallies = {mode: _Tally() for mode in Mode}
        self.fates: dict[str, Fate] = {}

    def add(self, message: Message, verdict: Verdict) -> None:
        self.settle(message.posted_at)
        situation = self._ledger.observe(message, verdict)
        if _may_matter(verdict, situation):
            self._decide(message, verdict, situation, message.posted_at)

    def settle(self, now: datetime) -> None:
        for due in self._ledger.due(now):
            self._decide(due.message, due.verdict, self._ledger.situation(due.message, due.at), due.at)

    def _decide(self, message: Message, verdict: Verdict, situation: Situation, now: datetime) -> None:
        def under(mode: Mode) -> Decision:
            policy = self._policies[mode]
            return decide(message, verdict, situation.stretch, situation.record, self._charter, policy, now)

        loudest = under(Mode.MOVE)
        self._ledger.note(loudest)
        if loudest.actions:
            for mode, tally in self.tallies.items():
                for action in (loudest if mode is Mode.MOVE else under(mode)).actions:
                    tally.add(action)
        if loudest.outcome is Outcome.STRETCH:
            self._remember(under(self._shown) if loudest.actions else loudest)

    def _remember(self, decision: Decision) -> None:
        """Keep what was said to a stretch, or else the latest reason why nothing was."""
        action = next((a for a in decision.actions if isinstance(a, NudgeStretch | MoveStretch)), None)
        name = decision.stretch or ""
        if action is not None or name not in self.fates or self.fates[name].action is None:
            self.fates[name] = Fate(decision.decided_at, action, decision.reasons[1:])


def _may_matter(verdict: Verdict, situation: Situation) -> bool:
    """Whether an action is possible at all; most messages are on topic, and deciding about them costs the most."""
    if situation.record.unanswered >= MONOLOGUE:
        return True
    return not verdict.abstained and verdict.label is not Label.ON_TOPIC


class Rehearsal:
    """Counts for every mode and strictness. Feed it judged messages in order of posting, then `settle` once.

    Memory: three ledgers, and for each drifted stretch what would have become of it (ids and reasons, no text).
    """

    def __init__(self, charter: Charter, policy: Policy, past: Past | None = None) -> None:
        self._strictness = policy.strictness
        self.shown_mode = Mode.OFFER if policy.mode is Mode.OBSERVE else policy.mode
        self._stages = {
            strictness: _Stage(charter, replace(policy, strictness=strictness), self.shown_mode, past)
            for strictness in Strictness
        }

    def add(self, message: Message, verdict: Verdict) -> None:
        """Take in one judged message, exactly as the pipeline's ledger would."""
        for stage in self._stages.values():
            stage.add(message, verdict)

    def settle(self, now: datetime) -> None:
        """Decide about stretches that have settled by `now`, as the pipeline's `reconsider` does at the end."""
        for stage in self._stages.values():
            stage.settle(now)

    def counts(self) -> dict[Combination, Would]:
        """What each combination would have done so far, modes in order of how far they go."""
        return {
            (mode, strictness): stage.tallies[mode].would()
            for mode in Mode
            for strictness, stage in self._stages.items()
        }

    def fates(self) -> Mapping[str, Fate]:
        """By stretch id under the policy's own strictness: what `shown_mode` would have said to it, or why not.

        `shown_mode` is the policy's mode; for observe, which says nothing, it is offer.
        """
        return self._stages[self._strictness].fates
