"""What people said in a period, counted by case: a message, a talk, or a pitch with all its copies.

Whose word counts, and what a disagreement means, is `moderation.agreement`'s to say. A card and the drawn ones among its copies are
one case, since one press rules on all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from moderation.actions import PitchCard
from moderation.agreement import by_subject, disagree, latest_words, were_wrong, words_of_moderators, words_on
from moderation.decisions import Ruled, Ruling
from moderation.draws import DRAWN, TRUTHS, Draw, Occasion
from moderation.labels import Label


@dataclass(frozen=True, slots=True)
class RulingCounts:
    """Cases on which moderators ruled, each once; until they agree on one, the stricter reading counts.

    `right` and `wrong` are about what was flagged, `fine` and `missed` about messages that were not flagged and drawn to look
    again. `drawn` of all these were drawn at random; about `disputed` of them moderators say different things. `objections` are
    authors who say that it belongs there. `open` are cases on which moderators said "not now" only.
    """

    right: int = 0
    wrong: int = 0
    fine: int = 0
    missed: int = 0
    drawn: int = 0
    disputed: int = 0
    objections: int = 0
    open: int = 0

    @property
    def ruled(self) -> int:
        """Cases on which a moderator said something."""
        return self.right + self.wrong + self.fine + self.missed


def count_rulings(
    rulings: Sequence[Ruling],
    draws: Iterable[Draw],
    cards: Iterable[PitchCard],
    counts: Callable[[Ruling], bool],
) -> RulingCounts:
    """Count the cases and objections on which there is a ruling that `counts`.

    `rulings` are all that were made until now, in any order: what is said of a case today may contradict what was said last
    month. `draws` and `cards` are those that the rulings may be about.
    """
    pitches = {name: card.pitch for card in cards for name in (*card.copies, card.message, card.pitch)}
    cases: dict[str, list[_Subject]] = defaultdict(list)
    for subject in _subjects(by_subject(rulings), draws):
        cases[subject.case(pitches)].append(subject)
    counted: Counter[str] = Counter()
    for name, case in cases.items():
        if any(counts(ruling) for subject in case for ruling in subject.rulings):
            counted.update(_fields(name, case))
    authors = latest_words(ruling for ruling in rulings if not ruling.moderator and counts(ruling))
    return RulingCounts(**counted, objections=len(authors))


@dataclass(frozen=True, slots=True)
class _Subject:
    """Something that rulings name, with all of them and with those that say by now what it is."""

    name: str
    rulings: Sequence[Ruling]
    words: Sequence[Ruling]
    wrong: bool | None
    draw: Draw | None = None

    def case(self, pitches: Mapping[str, str]) -> str:
        """The case that it is, or that it belongs to; `pitches` has what each copy is a copy of."""
        draw = self.draw
        if draw is None or draw.occasion is not Occasion.FLAGGED or draw.label is not Label.PITCH:
            return self.name
        pitch = pitches.get(draw.key.name)
        return f"card:{pitch}" if pitch else self.name


def _subjects(said: Mapping[str, Sequence[Ruling]], draws: Iterable[Draw]) -> list[_Subject]:
    """What was ruled on; without what was drawn and erased since."""
    ruled = [draw for draw in draws if draw.subject in said]
    wrong = were_wrong(ruled, [ruling for draw in ruled for ruling in said[draw.subject]])
    drawn = [
        _Subject(draw.subject, said[draw.subject], words_on(draw, said[draw.subject]), one, draw)
        for draw, one in zip(ruled, wrong, strict=True)
    ]
    others = [
        _Subject(name, rulings, words := words_of_moderators(rulings), _was_wrong(name, words))
        for name, rulings in said.items()
        if not name.startswith(DRAWN)
    ]
    return [*drawn, *others]


def _was_wrong(subject: str, words: Sequence[Ruling]) -> bool | None:
    """Whether a card or nudge was wrong: where anyone says that it is something else than it was taken for."""
    held = Label.PITCH if subject.startswith("card:") else Label.CHATTER
    return any(TRUTHS[word.what] is not held for word in words) if words else None


def _fields(name: str, case: Sequence[_Subject]) -> Counter[str]:
    """Where a case counts."""
    ruled = [subject for subject in case if subject.words]
    if not ruled:
        said = [ruling for subject in case for ruling in subject.rulings if ruling.moderator]
        return Counter(open=int(any(ruling.what is Ruled.NOT_NOW for ruling in said)))
    wrong = any(subject.wrong for subject in ruled)
    flagged = all(subject.draw is None or subject.draw.occasion is Occasion.FLAGGED for subject in ruled)
    field = ("wrong" if wrong else "right") if flagged else ("missed" if wrong else "fine")
    words = [replace(word, subject=name) for subject in ruled for word in subject.words]
    return Counter({field: 1, "drawn": int(any(s.draw for s in ruled)), "disputed": int(disagree(words))})
