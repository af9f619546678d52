"""What was shown to a moderator and waits for a press: a change of the rules, a move.

It is kept in memory for an hour. After a restart a press is answered that it must be asked again: nothing is lost but a preview.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.charter import Charter
from moderation.move_actions import MoveStretch
from moderation.policy import Policy
from moderation.ports import Community

KEPT = timedelta(hours=1)
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """New rules, and those in whose place they come."""

    before: tuple[Charter, Policy]
    after: tuple[Charter, Policy]


@dataclass(frozen=True, slots=True)
class Move:
    """A move that was previewed; `channel` is where the posts stand."""

    channel: str
    action: MoveStretch


Draft = Change | Move


class Drafts:
    """What waits for a press, by a name that no later draft has again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Community, str], tuple[Draft, datetime]] = OrderedDict()

    def keep(self, community: Community, draft: Draft, now: datetime) -> str:
        """Keep a draft until an hour from `now`; return its name."""
        name = hashlib.sha256(
            f"{community}\n{draft!r}\n{now.isoformat()}".encode(errors="replace")
        ).hexdigest()[:16]
        self._kept[community, name] = (draft, now)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return name

    def take(self, community: Community, name: str, now: datetime) -> Draft | None:
        """A draft, which is gone then; None where it is too old or not known."""
        draft, kept_at = self._kept.pop((community, name), (None, now))
        return draft if now - kept_at <= KEPT else None
