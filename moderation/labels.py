"""The three things that a message can be to a community."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    """What a message is to this community."""

    ON_TOPIC = "on_topic"
    CHATTER = "chatter"
    PITCH = "pitch"
