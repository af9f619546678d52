"""In which language and tone members are spoken to, and how a platform writes names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.phrases import de, en, es, fr, it, nl, pt
from moderation.charter import Charter
from moderation.policy import Policy
from moderation.ports import Button

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl")
TONES = ("friendly", "formal", "playful")

FRIENDLY: Mapping[str, Mapping[str, str]] = {
    "en": en.FRIENDLY,
    "de": de.FRIENDLY,
    "es": es.FRIENDLY,
    "fr": fr.FRIENDLY,
    "pt": pt.FRIENDLY,
    "it": it.FRIENDLY,
    "nl": nl.FRIENDLY,
}
TONED: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("en", "formal"): en.FORMAL,
    ("en", "playful"): en.PLAYFUL,
    ("de", "formal"): de.FORMAL,
    ("es", "formal"): es.FORMAL,
    ("fr", "formal"): fr.FORMAL,
    ("pt", "formal"): pt.FORMAL,
    ("it", "formal"): it.FORMAL,
    ("nl", "formal"): nl.FORMAL,
}


class Names(Protocol):
    """How a platform writes what has a name: a mention, a link, its own form of a time."""

    def channel(self, channel: str) -> str:
        """A channel by id or name, as `#watercooler`."""
        ...

    def member(self, member: str) -> str:
        """A member by id, as `@ann`."""
        ...

    def time(self, moment: datetime) -> str:
        """A moment for people to read."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """In which words a community is spoken to. `own` replaces single phrases by a community's own.

    An unknown language is spoken to in English, an unknown tone in the friendly one.
    """

    language: str = "en"
    tone: str = "friendly"
    own: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, charter: Charter, policy: Policy | None = None) -> Voice:
        """The first language of the charter that we speak, and its tone; with a policy also the community's own words."""
        spoken = (language for language in charter.languages if language in LANGUAGES)
        return cls(next(spoken, "en"), charter.tone, dict(policy.wording) if policy is not None else {})

    def phrase(self, key: str) -> str:
        """One phrase with its names still in braces; KeyError for one that does not exist."""
        language = self.language if self.language in FRIENDLY else "en"
        toned = TONED.get((language, self.tone.casefold()), {})
        return self.own.get(key) or toned.get(key) or FRIENDLY[language][key]

    def say(self, key: str, **values: str) -> str:
        """One phrase, filled in. A name in braces that is not known stays as it is."""
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), self.phrase(key))


def label(button: Button, voice: Voice) -> str:
    """What stands on a button."""
    return voice.say(f"press_{button.value}")
