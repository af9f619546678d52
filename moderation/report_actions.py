"""What moderators shall be asked and told beside pitches, as data. See moderation.actions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from moderation.labels import Label

LONGEST_ID = 20
"""Characters of a channel's id."""
LONGEST_PERMISSION = 30
"""Characters of what is missing, so that a marker has room for it."""


def _short(text: str, longest: int) -> str:
    """`text`, or a hash of one that is longer."""
    return text if len(text) <= longest else hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class ShowObjection:
    """Show moderators, once a nudge, that an author says it belongs there. `nudge` is the nudge's marker."""

    nudge: str
    channel: str
    member: str

    @property
    def marker(self) -> str:
        return f"objection:{self.nudge}"


@dataclass(frozen=True, slots=True)
class ReportPermission:
    """Tell moderators once that a permission is missing; `community` is its text form, `why` the platform's words."""

    community: str
    permission: str
    channel: str
    why: str

    @property
    def marker(self) -> str:
        # A channel may be given by its name, and a name can be as long as all of a marker may be; so can what is missing.
        what, place = _short(self.permission, LONGEST_PERMISSION), _short(self.channel, LONGEST_ID)
        return f"permission:{self.community}:{what}:{place}"


@dataclass(frozen=True, slots=True)
class AskAboutDrawn:
    """Ask moderators whether a drawn message (`channel/message`) was flagged rightly, as `label` with probability `score`.

    `subject` is the draw's, `revision` the one that was drawn: an edit is never asked about again.
    """

    subject: str
    message: str
    revision: int
    label: Label
    score: float

    @property
    def marker(self) -> str:
        return f"ask:{self.subject}:{self.revision}"


@dataclass(frozen=True, slots=True)
class RenewQuestion:
    """Show the card of a drawn message again with what was ruled. `ruling` names the ruling that is the occasion."""

    subject: str
    message: str
    ruling: str

    @property
    def marker(self) -> str:
        return f"renew:{self.subject}:{self.ruling}"


@dataclass(frozen=True, slots=True)
class ReportStanding:
    """Tell moderators once that Steward begins or ceases to act on flags of `label`, by what the rulings show of `promise`.

    `acts_from` is the probability from which on it acts, None where it does not; `broken` says that it fell silent by itself.
    `number` counts the reports about this label.
    """

    label: Label
    number: int
    promise: str
    acts_from: float | None
    ruled: int
    wrong: int
    broken: bool = False

    @property
    def marker(self) -> str:
        return f"standing:{self.label}:{self.number}"


@dataclass(frozen=True, slots=True)
class ShowReport:
    """Show moderators a pitch that members told of, or show it again when one more did. `case` names it, `people` counts them."""

    case: str
    people: int

    @property
    def marker(self) -> str:
        return f"report:{self.case}:{self.people}"


@dataclass(frozen=True, slots=True)
class PostDigest:
    """Show moderators the digest of a period, from the local day `first` until the day before `end` (ISO 8601)."""

    first: str
    end: str
    time_zone: str

    @property
    def marker(self) -> str:
        return f"digest:{self.first}"


@dataclass(frozen=True, slots=True)
class LogDeed:
    """Say in the log channel how something ended that was to be done; `deed` is its marker."""

    deed: str

    @property
    def marker(self) -> str:
        return f"log:{hashlib.sha256(self.deed.encode()).hexdigest()[:16]}"
