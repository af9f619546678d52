"""Slack as the pipeline sees it: moderation.ports.ChatPlatform over slack_sdk.

A message is named by its ts, a thread by the ts of its root. Everything that we post carries its marker in its metadata (see
`bot.slack.markers`), so that nothing is done twice; what is shown to one person alone carries none.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.history.clean import Row, rows_in, text_in
from bot.history.mrkdwn import Names
from bot.slack import rendering
from bot.slack.copies import Copy, finish_copy, post_copy
from bot.slack.failures import Unanswered
from bot.slack.files import fits, share, upload
from bot.slack.fitting import LONGEST_MESSAGE
from bot.slack.inbound import revision_of
from bot.slack.markers import Markers, Place, marked
from bot.slack.people import People
from bot.slack.phrases import phrase
from bot.slack.places import Places, Room
from bot.slack.posting import Poster
from bot.slack.private import Private
from bot.slack.reading import answers, one, ours, posted_since
from bot.slack.removing import Remover
from bot.slack.translating import Translator
from bot.slack.workspaces import Workspace, Workspaces
from bot.wording import Voice, word
from moderation.charter import Charter
from moderation.errors import Gone, NotAllowed, PlatformError
from moderation.messages import Channel, Message, MessageKey
from moderation.notices import DigestShown, MovePointer, Notice
from moderation.policy import Policy
from moderation.ports import Abilities, Button, Community, Look, Store, community_of

MODERATORS_CHANNEL = "Moderators' channel"
"""The name under which its absence is reported."""
LONGEST_TITLE = 250
ROOM_FOR_MORE = 2_000
"""Characters that a copy may say besides its author's words."""
POINTER, HEADER = ":pointer", ":header"
"""How the markers of a move's two lines end."""


class SlackPlatform:
    """moderation.ports.ChatPlatform. `store` gives the rules by which it words things, and the threads of messages."""

    def __init__(self, workspaces: Workspaces, store: Store) -> None:
        self.workspaces, self._store = workspaces, store
        self.people, self.places = People(), Places()
        self.translator = Translator(self.people, self.places)
        self.markers = Markers(self._scan)
        self.private = Private(store)
        self._poster = Poster(self.markers)
        self._remover = Remover(self.markers, self.people)
        self._homes: dict[str, Workspace] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def abilities(self, community: Community) -> Abilities:
        try:
            admin = self.workspaces.of(community).admin
        except Gone:
            admin = None
        return Abilities(delete_others=admin is not None, private_notes=True)

    # --- what is there ------------------------------------------------------------------------------------------

    async def find(self, community: Community, channel: str, marker: str) -> str | None:
        _, room = await self._room(community, channel)
        place = await self.markers.find(room.id, marker)
        return place.message if place else None

    async def look(self, key: MessageKey) -> Look:
        """As the port says. Never `whole` is what a copy cannot hold, and what a member of another organisation posted."""
        workspace, room = await self._room(community_of(key), key.channel)
        row = await self._row(workspace, room, key)
        foreign = await self._remover.is_foreign(workspace, row)
        return Look(
            revision=revision_of(row),
            has_thread=answers(row) > 0,
            pinned=bool(row.get("pinned_to")),
            reactions=sum(_count(each) for each in rows_in(row, "reactions")),
            whole=fits(row) and len(text_in(row, "text")) <= LONGEST_MESSAGE - ROOM_FOR_MORE and not foreign,
        )

    async def same_readers(self, community: Community, channel: str, other: str) -> bool:
        """By who is in a private channel; a public one is open to all members. Organisations that share one count, too."""
        workspace, here = await self._room(community, channel)
        _, there = await self._room(community, other)
        return await self.places.same_readers(workspace, here, there)

    async def channels(self, community: Community) -> list[Channel]:
        workspace = self.workspaces.of(community)
        return [
            room.channel for room in await self.places.rooms(workspace) if room.member or not room.private
        ]

    async def history(
        self, community: Community, channel: str, after: datetime | None
    ) -> AsyncIterator[Message]:
        workspace, room = await self._room(community, channel)
        for row in await posted_since(workspace, room.id, after):
            yield await self.translator.message(workspace, room.id, row)

    async def join_watched(self, community: Community) -> list[str]:
        """Join the public channels that the charter watches. Returns those that we cannot enter without an invitation, by id or name.

        Raises PlatformError.
        """
        workspace = self.workspaces.of(community)
        charter, _ = await self.rules(community)
        listed = [entry.id or entry.name for entry in charter.channels if entry.watched]
        wanted = listed or [room.id for room in await self.places.rooms(workspace)]
        return [each for each in wanted if not await self._joined(workspace, each)]

    async def _joined(self, workspace: Workspace, channel: str) -> bool:
        try:
            await self.places.join(workspace, await self.places.room(workspace, channel))
        except (Gone, NotAllowed):
            return False
        return True

    # --- what is said -------------------------------------------------------------------------------------------

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
        workspace, room = await self._room(community, channel)
        voice = await self.voice(community)
        names = self.places.names(workspace)
        if isinstance(notice, MovePointer):
            names = replace(names, quiet=await self._in_peace(workspace, notice))
        text = word(rendering.harmless(notice), voice, names)
        if isinstance(notice, MovePointer):
            text += await self._way(workspace, notice, marker, voice)
        async with self._turns[room.id]:
            there = await self._there(workspace, room, marker, thread)
            if there is not None:
                return there.message
            blocks = rendering.shown(text, buttons, marker, voice)
            return await self._poster.send(workspace, room, text, blocks, marker, thread)

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
        """In the channel or thread, seen by them alone, or by direct message: see `bot.slack.private`."""
        workspace, room = await self._room(community, channel)
        voice = await self.voice(community)
        text = word(rendering.harmless(notice), voice, self.places.names(workspace))
        blocks = rendering.shown(text, buttons, marker, voice)
        try:
            return await self.private.tell(workspace, room, member, notice, text, blocks)
        except Unanswered as error:
            raise PlatformError(str(error)) from error  # perhaps it was seen: it is not told again

    async def show_card(
        self, community: Community, card: Notice, *, buttons: Sequence[Button], marker: str, known: str = ""
    ) -> str:
        charter, policy = await self.rules(community)
        if not policy.moderators_channel:
            raise NotAllowed("No moderators' channel is set: /relevance setup.", MODERATORS_CHANNEL)
        workspace, room = await self._room(community, policy.moderators_channel)
        voice = Voice.of(charter, policy)
        text = word(rendering.harmless(card), voice, self.places.names(workspace))
        blocks = rendering.shown(text, buttons, marker, voice)
        async with self._turns[room.id]:
            there = await self.markers.find(room.id, marker) or (Place(known) if known else None)
            if there is not None and await self._poster.renewed(workspace, room, there, text, blocks, marker):
                return there.message
            posted = await self._poster.send(workspace, room, text, blocks, marker)
        if isinstance(card, DigestShown):
            chart = await upload(workspace, "digest.png", card.chart, card.alt[:LONGEST_TITLE])
            await share(workspace, [chart], room.id, posted)
        return posted

    async def _there(self, workspace: Workspace, room: Room, marker: str, thread: str | None) -> Place | None:
        """Our post with this marker; a scan of the channel sees only its latest threads, so that the thread itself is looked into."""
        found = await self.markers.find(room.id, marker)
        if found is None and thread is not None:
            for mark, place in await ours(workspace, room.id, thread):
                self.markers.put(room.id, mark, place)
            found = await self.markers.find(room.id, marker)
        return found

    async def _way(self, workspace: Workspace, pointer: MovePointer, marker: str, voice: Voice) -> str:
        """A link to where the talk goes on, where the line is known that stands above it there."""
        header = f"{marker.removesuffix(POINTER)}{HEADER}"
        found = await self.find(workspace.community, pointer.to_channel, header)
        if found is None:
            return ""
        _, room = await self._room(workspace.community, pointer.to_channel)
        return f" <{workspace.link(room.id, found)}|{phrase('there', voice.language)}>"

    async def _in_peace(self, workspace: Workspace, pointer: MovePointer) -> dict[str, str]:
        """The names of those whom the line tells without notifying them."""
        quiet = [each for each in pointer.told if each not in pointer.pinged]
        authors = await self.people.named(workspace, quiet)
        return {each: authors[each].name if each in authors else each for each in quiet}

    # --- what is moved and taken away -----------------------------------------------------------------------------

    async def copy(
        self,
        message: Message,
        to_channel: str,
        *,
        marker: str,
        buttons: Sequence[Button] = (),
        under: str = "",
    ) -> str:
        """As the port says. Slack has no forums, so `under` says nothing here."""
        del under
        community, back = community_of(message.key), to_channel == message.key.channel
        workspace, room = await self._room(community, to_channel)
        thread = message.thread if back else None
        source = await self._source(workspace, message)
        stays = not back and not self.abilities(community).delete_others
        key = message.key
        copy = Copy(
            message,
            source,
            room.id,
            thread,
            marker,
            back,
            tuple(buttons),
            await self._picture(workspace, message),
            workspace.link(key.channel, key.message, message.thread) if stays else "",
        )
        known = await self.translator.names(workspace, source or {})
        names, voice = self.places.names(workspace), await self.voice(community)
        async with self._turns[room.id]:
            there = await self._there(workspace, room, marker, thread)
            if there is None:
                return await post_copy(workspace, copy, names, known, voice, self.markers)
            await finish_copy(workspace, copy, there, self.markers)
            return there.message

    async def edit_copy(self, copy: MessageKey, message: Message) -> None:
        workspace, room = await self._room(community_of(copy), copy.channel)
        row = await self._row(workspace, room, copy)
        place = await self.markers.place_of(room.id, copy.message)
        known = marked(row)
        if known is None:
            raise Gone("The copy was taken back.")
        text = rendering.copied(message, None, Names(), await self.voice(workspace.community))
        head = text_in(row, "text").partition("\n")[0]
        blocks = rendering.changed_blocks(row, text)
        await self._poster.edit(workspace, room, place or known[1], f"{head}\n{text}", blocks, known[0])

    async def remove(self, key: MessageKey, *, reason: str) -> None:
        """As the port says. Slack has no place for the reason."""
        del reason
        community = community_of(key)
        workspace, room = await self._room(community, key.channel)
        place = await self.markers.place_of(room.id, key.message)
        language = (await self.voice(community)).language
        if place is None:
            row = await self._row(workspace, room, key)
            await self._remover.remove_seen(workspace, room, row, language)
        else:
            await self._remover.remove_ours(workspace, room, place, language)

    async def _picture(self, workspace: Workspace, message: Message) -> str:
        try:
            return (await self.people.of(workspace, message.author.id)).picture
        except PlatformError:
            return ""

    async def _source(self, workspace: Workspace, message: Message) -> Row | None:
        """What Slack has of a post by now: itself, or after a move its copy, for the files that hang on it."""
        async with self._store.work() as work:
            moves = await work.moves.with_original(message.key)
        places = [(message.key.channel, message.key.message, message.thread)]
        places += [(post.to_channel, post.copy, None) for post in moves if post.copy]
        for channel, ts, thread in places:
            try:
                room = await self.places.room(workspace, channel)
                return await one(workspace, room.id, ts, thread)
            except Gone:
                continue
        return None

    # --- helpers --------------------------------------------------------------------------------------------------

    async def rules(self, community: Community) -> tuple[Charter, Policy]:
        """The rules in force. Raises Gone where there are none any more."""
        async with self._store.work() as work:
            rules = await work.communities.current(community)
        if rules is None:
            raise Gone(f"{community} has no charter any more.")
        return rules

    async def voice(self, community: Community) -> Voice:
        """In which words it is spoken to."""
        return Voice.of(*await self.rules(community))

    async def _room(self, community: Community, channel: str) -> tuple[Workspace, Room]:
        workspace = self.workspaces.of(community)
        room = await self.places.room(workspace, channel)
        self._homes[room.id] = workspace
        return workspace, room

    async def _row(self, workspace: Workspace, room: Room, key: MessageKey) -> Row:
        """A message as it is now: its thread is known from what is stored, or from our own post."""
        place = await self.markers.place_of(room.id, key.message)
        if place is not None:
            return await one(workspace, room.id, key.message, place.thread or None)
        async with self._store.work() as work:
            stored = (await work.messages.get([key]))[0]
        return await one(workspace, room.id, key.message, stored.thread if stored else None)

    async def _scan(self, room: str) -> Iterable[tuple[str, Place]]:
        return await ours(self._homes[room], room)


def _count(reaction: Row) -> int:
    count = reaction.get("count")
    return count if isinstance(count, int) else 0
