"""What the domain needs from the world, as Protocols. Every one has a fake that works and a real one."""

from moderation.ports.communities import Community, community_of
from moderation.ports.judging import Classifier, Clock, Question
from moderation.ports.platform import Abilities, Button, ChatPlatform, Look, Press, Show
from moderation.ports.storage import (
    Communities,
    Decisions,
    Delivery,
    DeliveryState,
    Draws,
    Messages,
    MovedPost,
    Moves,
    MoveState,
    Outbox,
    Reports,
    Rulings,
    Store,
    Stored,
    Work,
)

__all__ = [
    "Abilities",
    "Button",
    "ChatPlatform",
    "Classifier",
    "Clock",
    "Communities",
    "Community",
    "Decisions",
    "Delivery",
    "DeliveryState",
    "Draws",
    "Look",
    "Messages",
    "MoveState",
    "MovedPost",
    "Moves",
    "Outbox",
    "Press",
    "Question",
    "Reports",
    "Rulings",
    "Show",
    "Store",
    "Stored",
    "Work",
    "community_of",
]
