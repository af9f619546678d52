"""Which community something is about."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.messages import MessageKey, Platform


@dataclass(frozen=True, slots=True)
class Community:
    """One team's place on one platform."""

    platform: Platform
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"


def community_of(key: MessageKey) -> Community:
    """The community that a message belongs to."""
    return Community(key.platform, key.community)
