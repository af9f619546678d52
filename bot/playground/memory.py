"""A chat platform that works and needs no network: for the playground page, the demo and the tests.

It does what Discord and Slack do, at the same port: people post, edit, delete and press (`crowd.py`); the bot says,
tells, copies, removes and shows cards. As there, a deletion comes back as an event, also one that the bot made. What
can go wrong there can be arranged here (`troubles`); all that happened stands in `world.journal`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from bot.playground.crowd import Crowd
from bot.playground.troubles import Troubles
from bot.playground.world import BOT, Note, Post, Room, What, World
from bot.wording import Voice, brought_back, moved_from, word
from moderation.errors import Gone, NotAllowed, NotReachable
from moderation.messages import Channel, Message, MessageKey
from moderation.notices import Notice
from moderation.ports import Abilities, Button, Community, Look, community_of

DELETE_OTHERS = "delete others' messages"
MODERATORS_CHANNEL = "a channel for moderators"


@dataclass(frozen=True, slots=True)
class _Names:
    """Channels as `#name`, members as `@Name`, times in UTC."""

    world: World

    def channel(self, channel: str) -> str:
        known = self.world.rooms.get(channel)
        return f"#{known.name if known else channel.removeprefix('#')}"

    def member(self, member: str) -> str:
        known = self.world.members.get(member)
        return f"@{known.name if known else member}"

    def time(self, moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M} UTC"


class MemoryPlatform(Crowd):
    """One community and the bot's hands in it: `ports.ChatPlatform`.

    Anything about another community raises Gone.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        community: Community | None = None,
        voice: Voice | None = None,
        abilities: Abilities | None = None,
    ) -> None:
        super().__init__(now, community, voice)
        self.troubles = Troubles()
        self._abilities = abilities or Abilities()
        self._names = _Names(self.world)

    def abilities(self, community: Community) -> Abilities:
        return self._abilities if community == self.community else Abilities(False, False)

    async def find(self, community: Community, channel: str, marker: str) -> str | None:
        with self._call("find", community, channel) as room:
            found = self.world.marked(room.id, marker)
            return found.id if found else None

    async def look(self, key: MessageKey) -> Look:
        with self._call("look", community_of(key), key.channel) as room:
            post = self.world.post(room.id, key.message)
            return Look(post.revision, self.world.has_thread(post), post.pinned, post.reactions)

    async def say(
        self,
        community: Community,
        channel: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
        thread: str | None = None,
    ) -> str:
        with self._call("say", community, channel) as room:
            post = replace(self._own(room, notice, buttons, marker), thread=thread)
            return self._once(post, What.SAID)

    async def tell(
        self,
        community: Community,
        channel: str,
        member: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
    ) -> str:
        with self._call("tell", community, channel) as room:
            person, own = self.world.member(member), self._own(room, notice, buttons, marker)
            if person.closed and not self._abilities.private_notes and member not in self._answered:
                raise NotReachable(f"{person.name} takes no direct messages.")
            note = Note(own.id, room.id, person.id, own.text, own.at, marker, own.buttons)
            self.world.note(note)
            return note.id

    async def copy(
        self,
        message: Message,
        to_channel: str,
        *,
        marker: str,
        buttons: Sequence[Button] = (),
        under: str = "",
    ) -> str:
        del under  # no channel here keeps its talks apart
        with self._call("copy", community_of(message.key), to_channel) as room:
            back = room.id == message.key.channel
            post = Post(
                self.world.next_id(),
                room.id,
                replace(BOT, name=message.author.name),
                message.text,
                self._now(),
                thread=message.thread if back else None,
                attachments=message.attachments,
                marker=marker,
                copied=message.author.id,
                line=self._line(message, back=back),
                buttons=tuple(buttons),
            )
            return self._once(post, What.COPIED)

    async def edit_copy(self, copy: MessageKey, message: Message) -> None:
        with self._call("edit_copy", community_of(copy), copy.channel) as room:
            post = self.world.post(room.id, copy.message)
            self.world.put(replace(post, text=message.text), What.COPY_EDITED)

    async def remove(self, key: MessageKey, *, reason: str) -> None:
        with self._call("remove", community_of(key), key.channel) as room:
            post = self.world.post(room.id, key.message)
            ours = post.author.id == BOT.id
            if not ours and not self._abilities.delete_others:
                raise NotAllowed("Only their authors can delete posts here.", DELETE_OTHERS)
            self.world.take(post, What.REMOVED, self._now(), reason)
            if not ours:
                await self._announce_deletion(post)

    async def show_card(
        self, community: Community, card: Notice, *, buttons: Sequence[Button], marker: str, known: str = ""
    ) -> str:
        with self._call("show_card", community, self._moderators_channel()) as room:
            new = self._own(room, card, buttons, marker)
            old = self.world.marked(room.id, marker) or self.world.posts.get(known)
            if old is None:
                self.world.put(new, What.CARD_SHOWN)
                return new.id
            self.world.put(replace(old, text=new.text, buttons=new.buttons), What.CARD_RENEWED)
            return old.id

    async def same_readers(self, community: Community, channel: str, other: str) -> bool:
        with (
            self._call("same_readers", community, other) as there,
            self._call("same_readers", community, channel) as here,
        ):
            return all(
                here.is_open_to(member) == there.is_open_to(member) for member in self.world.members.values()
            )

    async def channels(self, community: Community) -> list[Channel]:
        if community != self.community:
            raise Gone(f"{community} is not here.")
        return [Channel(room.id, room.name, room.purpose) for room in self.world.rooms.values()]

    async def history(
        self, community: Community, channel: str, after: datetime | None
    ) -> AsyncIterator[Message]:
        with self._call("history", community, channel) as room:
            there = [post for post in self.world.standing(room.id) if post.author.id != BOT.id]
        for post in there:
            if after is None or post.at > after:
                yield self.message(post)

    # --- what they share ---------------------------------------------------------------------------------------

    @contextmanager
    def _call(self, method: str, community: Community, channel: str) -> Iterator[Room]:
        """The channel of one call, with what was arranged to go wrong."""
        if community != self.community:
            raise Gone(f"{community} is not here.")
        room = self.world.room(channel)
        with self.troubles.call(method, room.id):
            yield room

    def _own(self, room: Room, notice: Notice, buttons: Sequence[Button], marker: str) -> Post:
        text = word(notice, self.voice, self._names)
        return Post(
            self.world.next_id(), room.id, BOT, text, self._now(), marker=marker, buttons=tuple(buttons)
        )

    def _once(self, post: Post, what: What) -> str:
        """Let a post of the bot's stand, unless one with its marker does; returns that one's id."""
        standing = self.world.marked(post.channel, post.marker)
        if standing is not None:
            return standing.id
        self.world.put(post, what)
        return post.id

    def _line(self, message: Message, *, back: bool) -> str:
        name, at = message.author.name, message.posted_at
        if back:
            return brought_back(name, at, self.voice, self._names)
        return moved_from(name, message.key.channel, at, self.voice, self._names)

    def _moderators_channel(self) -> str:
        room = next((room for room in self.world.rooms.values() if room.for_moderators), None)
        if room is None:
            raise NotAllowed("There is no channel for moderators.", MODERATORS_CHANNEL)
        return room.id
