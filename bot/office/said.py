"""Who asks the office, and what it answers: values that a platform translates from and into its own form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.wording import Names
from moderation.messages import MessageKey
from moderation.notices import Notice
from moderation.ports import Community

LONGEST_QUOTE = 200
"""Characters of somebody's text that are shown beside others."""
LONGEST_TOKEN = 90
"""Characters that the token of a choice has at most, so that it fits into a button with a platform's own mark before it."""


class Surface(Names, Protocol):
    """How a platform writes what people wrote and where it stands."""

    def quote(self, text: str) -> str:
        """What somebody wrote, made harmless: it pings nobody, and its markup stays text."""
        ...

    def harmless(self, notice: Notice) -> Notice:
        """A notice to be worded: what people wrote in it is made harmless."""
        ...

    def message(self, key: MessageKey) -> str:
        """A link to a message, or an empty text."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `moderator` is what the platform says (roles, permissions) at this moment."""

    id: str
    name: str = ""
    moderator: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks where and when; `now` is aware UTC. `channel` is the id of the channel in which it is asked, or empty."""

    community: Community
    actor: Actor
    now: datetime
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button under an answer: its label, and the token by which a press comes back to `choices.choose`."""

    label: str
    token: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with an answer."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that goes with an answer, and what it shows in words."""

    name: str
    content: bytes
    alt_text: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is answered, shown to the asker alone unless it is not `private`.

    `text` holds what people wrote as the platform's own `quote` gives it; it may be longer than one post of the platform.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    files: tuple[File, ...] = ()
    image: Image | None = None
    private: bool = True


def quoted(surface: Surface, text: str, longest: int = LONGEST_QUOTE) -> str:
    """Somebody's text on one line, shortened and made harmless."""
    line = " ".join(text[: 8 * longest].split())
    return surface.quote(line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…")
