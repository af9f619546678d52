"""Which posts are copies: one author's same text again within a day, in whatever channels.

Letters and digits count, spaces, marks and capitals do not. Texts are compared by a hash and never kept.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)
"""Copies count within this time of the first one."""
SHORTEST_COPY = 20
"""Characters from which on two equal texts are copies rather than the same short phrase."""


@dataclass(slots=True)
class _SameText:
    """One text within a day."""

    author: str
    first_at: datetime
    posts: list[str]


class Copies:
    """The texts of the last day in one community. Posts go by `channel/message` names."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, _SameText] = OrderedDict()

    def add(self, name: str, author: str, text: str, at: datetime) -> tuple[str, ...]:
        """Take in a post; return all posts of this text within a day, the first one first and this one last."""
        while self._texts and at - next(iter(self._texts.values())).first_at > DAY:
            self._texts.popitem(last=False)
        words = "".join(filter(str.isalnum, text.casefold()))
        if len(words) < SHORTEST_COPY:
            return (name,)
        digest = hashlib.sha256(f"{author}\n{words}".encode(errors="replace")).hexdigest()
        same = self._texts.setdefault(digest, _SameText(author, at, []))
        same.posts.append(name)
        return tuple(same.posts)

    def forget(self, author: str) -> None:
        """Erase one person's texts."""
        for digest in [digest for digest, same in self._texts.items() if same.author == author]:
            del self._texts[digest]
