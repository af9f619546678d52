"""Pitches that members tell of: which of them are the same one, by their text or by their sender.

What one person tells is theirs alone; only from the second person on is there something to show to moderators. Texts are kept for a week.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.normalise import normalise

KEPT = timedelta(days=7)
SHORTEST = 20
"""Letters and digits from which on two equal texts are one pitch rather than the same short phrase."""
ENOUGH = 2
"""People who must tell of the same pitch before moderators see it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a member told of: a private message, or a public post (`message`, a `channel/message` name, else empty).

    `case` names the pitch that it is about. `sender` is an id or a name as it was told, empty where nobody knows.
    """

    case: str
    reporter: str
    text: str
    sender: str
    at: datetime
    message: str = ""


def new_case(reporter: str, at: datetime) -> str:
    """A name for a case that nobody told of before."""
    return hashlib.sha256(f"{reporter}\n{at.isoformat()}".encode(errors="replace")).hexdigest()[:16]


def case_of(text: str, sender: str, message: str, earlier: Iterable[Report]) -> str | None:
    """The case of the first of `earlier` that is about the same post, text or sender; None where none is."""
    words, who = _words(text), _name(sender)
    for report in earlier:
        same_post = bool(message) and message == report.message
        same_sender = bool(who) and who == _name(report.sender)
        same_text = len(words) >= SHORTEST and words == _words(report.text)
        if same_post or same_sender or same_text:
            return report.case
    return None


def reporters(case: str, reports: Sequence[Report]) -> frozenset[str]:
    """Who told of a case; a sender does not count for their own."""
    return frozenset(each.reporter for each in reports if each.case == case and each.reporter != each.sender)


def _words(text: str) -> str:
    return "".join(filter(str.isalnum, normalise(text).casefold()))


def _name(sender: str) -> str:
    return sender.strip().lstrip("@").casefold()
