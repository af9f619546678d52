"""A little chat community, held in memory: members, channels, posts, private notes, and a journal of all that happened.

It knows nothing of moderation: who may delete what and what a notice says is the business of `memory.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from moderation.errors import Gone
from moderation.messages import Attachment, Author
from moderation.ports import Button

BOT = Author("steward", "Steward", is_bot=True)


@dataclass(frozen=True, slots=True)
class Member:
    """A person. One who is not `present` never sees a private note; one who is `gone` has left the community.

    Whoever is `closed` takes no direct messages.
    """

    id: str
    name: str
    roles: tuple[str, ...] = ()
    moderator: bool = False
    present: bool = True
    gone: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A channel. A private one is seen by `members` alone, the moderators' one by moderators alone."""

    id: str
    name: str
    purpose: str = ""
    social: bool = False
    private: bool = False
    for_moderators: bool = False
    members: frozenset[str] = frozenset()

    def is_open_to(self, member: Member) -> bool:
        """Whether a member can read it."""
        if member.gone:
            return False
        if self.for_moderators:
            return member.moderator
        return not self.private or member.id in self.members


@dataclass(frozen=True, slots=True)
class Post:
    """What stands in a channel. One of the bot's has a `marker`; a copy also names whose words it holds (`copied`).

    `line` is what stands over a copy: where it comes from. `revision` counts edits.
    """

    id: str
    channel: str
    author: Author
    text: str
    at: datetime
    thread: str | None = None
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()
    revision: int = 0
    marker: str = ""
    buttons: tuple[Button, ...] = ()
    copied: str = ""
    line: str = ""
    pinned: bool = False
    reactions: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """What one member alone sees, in a channel."""

    id: str
    channel: str
    member: str
    text: str
    at: datetime
    marker: str
    buttons: tuple[Button, ...] = ()


class What(StrEnum):
    """What can happen; the first three are done by people, all others by the bot."""

    POSTED = "posted"
    EDITED = "edited"
    DELETED = "deleted"
    SAID = "said"
    TOLD = "told"
    COPIED = "copied"
    COPY_EDITED = "copy edited"
    REMOVED = "removed"
    CARD_SHOWN = "card shown"
    CARD_RENEWED = "card renewed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: to which post or note, and with which marker if it was the bot's.

    A removal's marker is the reason that was given.
    """

    what: What
    channel: str
    id: str
    at: datetime
    marker: str = ""
    member: str = ""


@dataclass(slots=True)
class World:
    """The state of one community. Ids are counted up and sort in order of making."""

    members: dict[str, Member] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    journal: list[Event] = field(default_factory=list)
    made: int = 0

    def next_id(self) -> str:
        self.made += 1
        return f"{self.made:06d}"

    def member(self, member: str) -> Member:
        """A member who is here; raises Gone for one who left or never came."""
        found = self.members.get(member)
        if found is None or found.gone:
            raise Gone(f"{member} is not a member here.")
        return found

    def room(self, channel: str) -> Room:
        """A channel by id, else by name; raises Gone where there is none."""
        name = channel.removeprefix("#").casefold()
        if channel in self.rooms:
            return self.rooms[channel]
        for room in self.rooms.values():
            if room.name.casefold() == name:
                return room
        raise Gone(f"There is no channel {channel}.")

    def post(self, channel: str, post: str) -> Post:
        """A post that stands in a channel; raises Gone for one deleted."""
        found = self.posts.get(post)
        if found is None or found.channel != self.room(channel).id:
            raise Gone(f"There is no post {post} in {channel}.")
        return found

    def put(self, post: Post, what: What, member: str = "") -> None:
        """Make a post stand, new or in place of what it was."""
        self.posts[post.id] = post
        self._note_down(what, post.channel, post.id, post.at, post.marker, member)

    def take(self, post: Post, what: What, at: datetime, marker: str = "", member: str = "") -> None:
        """Delete a post. What hangs on it as a thread stays."""
        del self.posts[post.id]
        self._note_down(what, post.channel, post.id, at, marker, member)

    def note(self, note: Note) -> None:
        self.notes.append(note)
        self._note_down(What.TOLD, note.channel, note.id, note.at, note.marker, note.member)

    def marked(self, channel: str, marker: str) -> Post | None:
        """The bot's own post with this marker that stands in a channel."""
        return next((post for post in self.standing(channel) if post.marker == marker), None)

    def standing(self, channel: str) -> Iterator[Post]:
        """What stands in a channel and its threads, oldest first."""
        room = self.room(channel)
        there = [post for post in self.posts.values() if post.channel == room.id]
        yield from sorted(there, key=lambda post: (post.at, post.id))

    def has_thread(self, post: Post) -> bool:
        """Whether anything hangs on a post."""
        return any(other.thread == post.id for other in self.posts.values() if other.channel == post.channel)

    def count(self, what: What, marker: str | None = None, post: str | None = None) -> int:
        """How often something happened, in all or with one marker or to one post."""
        return sum(
            event.what is what and marker in (None, event.marker) and post in (None, event.id)
            for event in self.journal
        )

    def _note_down(self, what: What, channel: str, post: str, at: datetime, marker: str, member: str) -> None:
        self.journal.append(Event(what, channel, post, at, marker, member))
