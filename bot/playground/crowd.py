"""What people do and see in the playground: the half of the platform that is not the bot's."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from bot.playground.world import BOT, Member, Note, Post, Room, What, World
from bot.wording import Voice, label
from moderation.messages import Attachment, Author, Message, MessageKey, Platform
from moderation.ports import Button, Community, Press

MessageListener = Callable[[Message], Awaitable[object]]
DeletionListener = Callable[[MessageKey], Awaitable[object]]
PressListener = Callable[[Press], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a member sees in a channel now. `private` is for them alone; `labels` are its buttons' words."""

    id: str
    author: str
    text: str
    thread: str | None = None
    line: str = ""
    labels: tuple[str, ...] = ()
    private: bool = False


class Crowd:
    """One community of people. `now` is its clock, in aware UTC; listeners hear what people do, in order."""

    def __init__(
        self, now: Callable[[], datetime], community: Community | None = None, voice: Voice | None = None
    ) -> None:
        self.community = community or Community(Platform.PLAYGROUND, "playground")
        self.voice = voice or Voice()
        self.world = World()
        self._now = now
        self._on_message: list[MessageListener] = []
        self._on_deletion: list[DeletionListener] = []
        self._on_press: list[PressListener] = []
        self._answered: set[str] = set()

    # --- arranging ---------------------------------------------------------------------------------------------

    def add_member(
        self,
        member: str,
        *,
        roles: tuple[str, ...] = (),
        moderator: bool = False,
        present: bool = True,
        closed: bool = False,
    ) -> Member:
        """A person joins; the name is the id with a capital letter."""
        joined = Member(member, member.capitalize(), roles, moderator, present, closed=closed)
        self.world.members[member] = joined
        return joined

    def add_channel(
        self,
        channel: str,
        *,
        name: str = "",
        purpose: str = "",
        social: bool = False,
        for_moderators: bool = False,
        private_to: Sequence[str] = (),
    ) -> Room:
        """A channel is made; with `private_to` only those members see it."""
        members = frozenset(private_to)
        room = Room(channel, name or channel, purpose, social, bool(members), for_moderators, members)
        self.world.rooms[channel] = room
        return room

    def leave(self, member: str) -> None:
        """A person leaves; what they posted stays."""
        self.world.members[member] = replace(self.world.members[member], gone=True)

    def on_message(self, listener: MessageListener) -> None:
        """Call `listener` with what people post and edit."""
        self._on_message.append(listener)

    def on_deletion(self, listener: DeletionListener) -> None:
        """Call `listener` with the key of each post of a person that is deleted, by whomever."""
        self._on_deletion.append(listener)

    def on_press(self, listener: PressListener) -> None:
        """Call `listener` with each press of a button."""
        self._on_press.append(listener)

    # --- what people do ----------------------------------------------------------------------------------------

    async def post(
        self,
        member: str,
        channel: str,
        text: str,
        *,
        thread: str | None = None,
        reply_to: str | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> Message:
        """Somebody posts; listeners hear it. Raises Gone for unknown members and channels."""
        person, room = self.world.member(member), self.world.room(channel)
        author = Author(person.id, person.name, roles=person.roles)
        post = Post(
            self.world.next_id(),
            room.id,
            author,
            text,
            self._now(),
            thread=thread,
            reply_to=reply_to,
            attachments=tuple(attachments),
        )
        self.world.put(post, What.POSTED, member)
        return await self._announce(post)

    async def edit(self, channel: str, post: str, text: str) -> Message:
        """The author edits a post; listeners hear it at a higher revision."""
        old = self.world.post(channel, post)
        new = replace(old, text=text, revision=old.revision + 1)
        self.world.put(new, What.EDITED, old.author.id)
        return await self._announce(new)

    async def delete(self, channel: str, post: str) -> None:
        """The author or a moderator deletes a post, by hand."""
        found = self.world.post(channel, post)
        self.world.take(found, What.DELETED, self._now(), member=found.author.id)
        await self._announce_deletion(found)

    def react(self, channel: str, post: str, times: int = 1) -> None:
        """People react to a post."""
        found = self.world.post(channel, post)
        self.world.posts[post] = replace(found, reactions=found.reactions + times)

    def pin(self, channel: str, post: str) -> None:
        """Somebody pins a post."""
        self.world.posts[post] = replace(self.world.post(channel, post), pinned=True)

    async def press(self, post: str, button: Button, member: str) -> Press:
        """Somebody presses a button under a post, card or note; raises LookupError where they see no such button."""
        person = self.world.member(member)
        channel, marker = self._button(post, button, person)
        press = Press(self.community, button, marker, member, self._now(), channel, person.moderator)
        with self.answering(member):
            for listener in self._on_press:
                await listener(press)
        return press

    @contextmanager
    def answering(self, member: str) -> Iterator[None]:
        """While it lasts, a press of this member's can be answered, also where notes are not private and they are closed."""
        self._answered.add(member)
        try:
            yield
        finally:
            self._answered.discard(member)

    def _button(self, post: str, button: Button, person: Member) -> tuple[str, str]:
        """Where a button is, and the marker of what it belongs to."""
        notes = {note.id: note for note in self.world.notes if note.member == person.id}
        there = self.world.posts.get(post) or notes.get(post)
        if there is None or button not in there.buttons:
            raise LookupError(f"there is no button {button} at {post} for {person.id}")
        if not self.world.room(there.channel).is_open_to(person):
            raise LookupError(f"{person.id} cannot see {post}")
        return there.channel, there.marker

    # --- what people see ---------------------------------------------------------------------------------------

    def view(self, channel: str, as_member: str) -> list[Seen]:
        """What a member sees in a channel now, oldest first; nothing where it is not open to them."""
        person, room = self.world.members[as_member], self.world.room(channel)
        if not room.is_open_to(person):
            return []
        seen = [(post.at, post.id, self._seen(post)) for post in self.world.standing(room.id)]
        seen += [
            (note.at, note.id, self._seen(note))
            for note in self.world.notes
            if note.channel == room.id and note.member == as_member and person.present
        ]
        return [each for _, _, each in sorted(seen, key=lambda entry: entry[:2])]

    def _seen(self, what: Post | Note) -> Seen:
        labels = tuple(label(button, self.voice) for button in what.buttons)
        if isinstance(what, Note):
            return Seen(what.id, BOT.name, what.text, labels=labels, private=True)
        return Seen(what.id, what.author.name, what.text, what.thread, what.line, labels)

    # --- translating -------------------------------------------------------------------------------------------

    def key(self, post: Post) -> MessageKey:
        """The key of a post."""
        return MessageKey(self.community.platform, self.community.id, post.channel, post.id)

    def message(self, post: Post) -> Message:
        """A post as the pipeline reads it."""
        named = re.findall(r"@(\w+)", post.text)
        ids = {member.name.casefold(): member.id for member in self.world.members.values()}
        return Message(
            self.key(post),
            post.author,
            post.text,
            post.at,
            channel_name=self.world.room(post.channel).name,
            revision=post.revision,
            thread=post.thread,
            reply_to=post.reply_to,
            mentions=tuple(ids[name.casefold()] for name in named if name.casefold() in ids),
            attachments=post.attachments,
        )

    async def _announce(self, post: Post) -> Message:
        message = self.message(post)
        for listener in self._on_message:
            await listener(message)
        return message

    async def _announce_deletion(self, post: Post) -> None:
        for listener in self._on_deletion:
            await listener(self.key(post))
