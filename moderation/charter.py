"""The charter: what a community is for, in its moderators' own words.

It holds only what people wrote. How strictly and how gently it is applied is the Policy (`moderation.policy`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from moderation.labels import Label


@dataclass(frozen=True, slots=True)
class ChannelCharter:
    """One channel's purpose. A social channel is where casual talk belongs."""

    name: str
    purpose: str = ""
    id: str | None = None
    watched: bool = True
    social: bool = False
    promotion_welcome: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A message that moderators wrote to show what they mean. `channel` limits it to one channel."""

    label: Label
    text: str
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Charter:
    """What the community is for. `languages` are ISO 639-1 codes; `draft` marks one that nobody has confirmed."""

    name: str
    purpose: str
    languages: tuple[str, ...] = ("en",)
    tone: str = "friendly"
    channels: tuple[ChannelCharter, ...] = ()
    examples: tuple[Example, ...] = ()
    draft: bool = False
    version: str = field(init=False, repr=False, compare=False)
    """Twelve hexadecimal digits that change whenever anything that is read changes."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", hashlib.sha256(repr(self).encode()).hexdigest()[:12])

    def channel(self, channel_id: str, name: str = "") -> ChannelCharter | None:
        """The entry of a channel: by id where the charter names ids, else by name."""
        for entry in self.channels:
            if entry.id == channel_id:
                return entry
        wanted = name.lstrip("#").casefold()
        for entry in self.channels:
            if entry.id is None and wanted and entry.name.lstrip("#").casefold() == wanted:
                return entry
        return None

    def is_watched(self, channel_id: str, name: str = "") -> bool:
        """Whether messages of this channel are read at all.

        A charter that lists no channels watches all of them; one that lists some watches only those.
        """
        entry = self.channel(channel_id, name)
        return entry.watched if entry else not self.channels

    @property
    def social_channel(self) -> ChannelCharter | None:
        """Where casual talk is at home: the first social channel."""
        return next((entry for entry in self.channels if entry.social), None)

    @property
    def promotion_channel(self) -> ChannelCharter | None:
        """Where members may present what they offer: the first such channel."""
        return next((entry for entry in self.channels if entry.promotion_welcome), None)
