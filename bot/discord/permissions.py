"""What Steward asks to be allowed, each permission with its reason: for the invitation, for `steward doctor` and for the page on Discord.

Bits and meanings: https://docs.discord.com/developers/topics/permissions
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum

import discord

from bot.discord.places import permission_name


class Place(Enum):
    """What a channel is to Steward. A channel may be several of these."""

    WATCHED = "watched channels"
    SPOKEN_TO = "watched channels, in every mode but observe"
    THREADS = "their threads"
    CARDS = "the moderators' channel"
    HOME = "the social and the promotion channel"
    LOG = "the log channel"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One permission: discord.py's name of it, where it is needed, and what for."""

    permission: str
    places: frozenset[Place]
    reason: str

    @property
    def name(self) -> str:
        """As Discord's settings show it."""
        return permission_name(self.permission)


SEEN = frozenset({Place.WATCHED, Place.CARDS, Place.HOME, Place.LOG})
WANTED = (
    Wanted("view_channel", SEEN, "to see the channel at all, and to be told of what is posted there"),
    Wanted(
        "read_message_history",
        SEEN,
        "to read what was posted while Steward was away, to look at a post before it is moved, and to find its own posts again "
        "so that nothing is posted twice",
    ),
    Wanted(
        "send_messages",
        frozenset({Place.SPOKEN_TO, Place.CARDS, Place.HOME, Place.LOG}),
        "to nudge, to show cards, and to say at both ends that something was moved",
    ),
    Wanted(
        "send_messages_in_threads",
        frozenset({Place.THREADS}),
        "the same in threads and in forums, where posts are threads",
    ),
    Wanted(
        "embed_links",
        frozenset({Place.CARDS}),
        "a card that quotes a long post is an embed, which holds twice as much as a message",
    ),
    Wanted("attach_files", frozenset({Place.CARDS}), "the chart of the digest is a picture"),
    Wanted(
        "manage_messages",
        frozenset({Place.WATCHED, Place.HOME}),
        "to take away the original of a moved post, its copy when the move is undone, or a pitch that a moderator ruled out",
    ),
    Wanted(
        "manage_webhooks",
        frozenset({Place.WATCHED, Place.HOME}),
        "to post a moved post under its author's name and picture, and to bring it back; one webhook in each such channel",
    ),
    Wanted(
        "pin_messages",
        frozenset({Place.WATCHED}),
        "to pin the one line which says that messages here are read by a machine; you can also pin it yourself",
    ),
)
"""The least that the whole work needs. What is not here is not asked for."""

BY_HAND = frozenset({"pin_messages"})
"""What people can do themselves: where such a permission is missing nothing is wrong."""


def invited() -> discord.Permissions:
    """All that the invitation asks for."""
    permissions = discord.Permissions.none()
    permissions.update(**{wanted.permission: True for wanted in WANTED})
    return permissions


def missing(have: discord.Permissions, places: Collection[Place]) -> Iterator[Wanted]:
    """What is needed in a channel that is `places`, and is not there."""
    for wanted in WANTED:
        if not wanted.places.isdisjoint(places) and not getattr(have, wanted.permission):
            yield wanted
