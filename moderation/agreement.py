"""What people say about something by now, and whether moderators agree.

Every ruling is kept; of what one person said on one subject, the latest counts. NOT_NOW says nothing, so it takes nothing back. Until a
disagreement of moderators is settled it is shown, and the stricter reading counts: that the verdict was wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from moderation.decisions import Ruled, Ruling
from moderation.draws import TRUTHS, Draw, Occasion
from moderation.labels import Label


def latest_words(rulings: Iterable[Ruling]) -> list[Ruling]:
    """The latest ruling of each person on each subject that says something, in order of (at, by, subject)."""
    said = {
        (ruling.subject, ruling.by): ruling for ruling in sorted(rulings, key=_order) if ruling.what in TRUTHS
    }
    return sorted(said.values(), key=_order)


def words_of_moderators(rulings: Iterable[Ruling]) -> list[Ruling]:
    """The latest of what each moderator said as a moderator, as `latest_words` gives it."""
    return latest_words(ruling for ruling in rulings if ruling.moderator)


def words_on(draw: Draw, rulings: Iterable[Ruling]) -> list[Ruling]:
    """The latest word of each moderator on a drawn message, in order of (at, by).

    What was said before it was drawn is no answer to the draw and does not count.
    """
    return words_of_moderators(
        ruling for ruling in rulings if ruling.subject == draw.subject and ruling.at >= draw.drawn_at
    )


def truth_of(draw: Draw, rulings: Iterable[Ruling]) -> Label | None:
    """What a drawn message is by what moderators say; None where nobody said anything, or they disagree."""
    said = _readings(words_on(draw, rulings))
    return said.pop() if len(said) == 1 else None


def by_subject(rulings: Iterable[Ruling]) -> Mapping[str, list[Ruling]]:
    """Rulings on each subject, in their order."""
    found: dict[str, list[Ruling]] = defaultdict(list)
    for ruling in rulings:
        found[ruling.subject].append(ruling)
    return found


def disagree(rulings: Iterable[Ruling]) -> bool:
    """Whether moderators say by now that one subject is different things; `rulings` are those on it."""
    return len(_readings(rulings)) > 1


def were_wrong(draws: Sequence[Draw], rulings: Iterable[Ruling]) -> list[bool | None]:
    """For each drawn message whether its verdict was wrong, None while no moderator said anything; any order of rulings will do.

    A flag was wrong where anyone says that the message is something else than the label for which it was flagged: a pitch card on mere
    chatter is a mistake too. A message that was not flagged was judged wrongly where anyone says that it does not belong.
    """
    said = by_subject(rulings)
    return [_was_wrong(draw, said.get(draw.subject, ())) for draw in draws]


def _was_wrong(draw: Draw, rulings: Iterable[Ruling]) -> bool | None:
    said = _readings(words_on(draw, rulings))
    held = draw.label if draw.occasion is Occasion.FLAGGED else Label.ON_TOPIC
    return said != {held} if said else None


def _readings(rulings: Iterable[Ruling]) -> set[Label]:
    return {TRUTHS[ruling.what] for ruling in words_of_moderators(rulings)}


def _order(ruling: Ruling) -> tuple[datetime, str, str, Ruled]:
    return ruling.at, ruling.by, ruling.subject, ruling.what
