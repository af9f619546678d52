"""DiscordChatExporter's JSON looked through: a file for each channel or thread, in any folders.

https://github.com/Tyrrrz/DiscordChatExporter
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.history.archive import Archive, SingleFile
from bot.history.clean import Row, id_in, listed, rows_in, shown, text_in
from bot.history.contents import MessageFile, Tally
from bot.history.discord_markup import Names
from bot.history.discord_messages import Place, author_from, message_from
from bot.history.doubles import DoubleIds
from bot.history.json_cursor import JsonCursor
from bot.history.times import iso_time
from moderation.errors import ExportError
from moderation.messages import Channel, Message, Platform

_DIRECT = {"DirectTextChat", "DirectGroupTextChat", "1", "3"}
_THREADS = {"GuildNewsThread", "GuildPublicThread", "GuildPrivateThread", "10", "11", "12"}


class Discord:
    """Contents of DiscordChatExporter's JSON; raises ExportError for a broken file or one of another guild.

    `files` is empty where nothing is such an export; `strangers` are the JSON files that are something else.
    """

    platform = Platform.DISCORD

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._people: dict[str, str] = {}
        self._roles: dict[str, str] = {}
        self._channels: dict[str, Channel] = {}
        self._threads: dict[str, str] = {}
        self._direct = 0
        self.community = ""
        self.community_name = ""
        self.strangers: list[str] = []
        doubles = DoubleIds()
        self.files = tuple(self._survey(doubles))
        self.suspects = doubles.suspects()
        self.channels = tuple(self._channels.values())
        self.members: Mapping[str, str] = self._people
        self.others: tuple[str, ...] = ()
        self.notes = tuple(self._notes())
        # One for all files: thousands of them are read at the same time.
        channels = {channel.id: channel.name for channel in self.channels} | self._threads
        self._names = Names(self._people, channels, self._roles)

    def read(self, file: MessageFile) -> Iterator[Message]:
        """The messages of one file."""
        place = Place(self.community, file.channel, file.thread, self._names)
        for key, cursor in _members(self._archive, file.name):
            if key != "messages":
                cursor.value()
                continue
            for row, posted_at in _rows(cursor):
                yield message_from(row, posted_at, place)

    def _survey(self, doubles: DoubleIds) -> Iterator[MessageFile]:
        alone = isinstance(self._archive, SingleFile)
        for name in self._archive.names:
            if alone or name.lower().endswith(".json"):
                file = self._look_through(name, Tally(doubles))
                if file is not None:
                    yield file

    def _look_through(self, name: str, tally: Tally) -> MessageFile | None:
        """The file if it holds messages to be read. Guild and channel are written before the messages."""
        header: dict[str, Row] = {}
        place: Place | None = None
        for key, cursor in _members(self._archive, name):
            if key != "messages":
                value = cursor.value()
                header |= {key: value} if isinstance(value, dict) else {}
                continue
            place = self._place(header, cursor)
            if place is None:
                return None
            for row, posted_at in _rows(cursor):
                tally.note(place.channel.id, id_in(row, "id"), posted_at)
                self._learn(row)
        if place is None:
            self.strangers.append(name)
            return None
        return tally.file(name, place.channel, place.thread)

    def _place(self, header: Mapping[str, Row], cursor: JsonCursor) -> Place | None:
        """Where the messages that follow were posted; None if they are private or this is no export."""
        guild, channel = header.get("guild"), header.get("channel")
        if guild is None or channel is None:
            self.strangers.append(cursor.name)
            return None
        if not id_in(guild, "id") or not id_in(channel, "id"):
            raise cursor.fault("guild and channel with their ids were expected before the messages")
        if id_in(channel, "type") in _DIRECT:
            self._direct += 1
            return None
        self._join(guild, cursor.name)
        return self._channel(channel)

    def _join(self, guild: Row, name: str) -> None:
        """The first file names the community; all others must be of the same."""
        community = id_in(guild, "id")
        if self.community not in {"", community}:
            raise ExportError(
                f"{shown(name)} is of another community ({shown(text_in(guild, 'name') or community)}) than "
                f"the files before it ({shown(self.community_name)}): give one community at a time."
            )
        self.community = community
        self.community_name = text_in(guild, "name") or community

    def _channel(self, channel: Row) -> Place:
        """A thread belongs to its parent channel, which the exporter writes as its category."""
        identity, parent = id_in(channel, "id"), id_in(channel, "categoryId")
        name = text_in(channel, "name") or identity
        if id_in(channel, "type") in _THREADS and parent:
            self._threads[identity] = name
            above = Channel(parent, text_in(channel, "category") or parent)
            return Place(self.community, self._channels.setdefault(parent, above), identity)
        self._channels[identity] = Channel(identity, name, text_in(channel, "topic"))
        return Place(self.community, self._channels[identity])

    def _learn(self, row: Row) -> None:
        """There is no list of members or roles: whoever posts or is mentioned is one."""
        author = row.get("author")
        for user in ([author] if isinstance(author, dict) else []) + rows_in(row, "mentions"):
            known = author_from(user)
            if known is not None:
                self._people[known.id] = known.name
            self._roles |= {id_in(role, "id"): text_in(role, "name") for role in rows_in(user, "roles")}

    def _notes(self) -> Iterator[str]:
        if self._direct:
            yield f"Direct messages are private and were not read: {self._direct} files."
        if self.strangers and self.files:
            yield f"These files are no exports and were not read: {listed(self.strangers)}."


def _members(archive: Archive, name: str) -> Iterator[tuple[str, JsonCursor]]:
    """The keys of the file's object with the cursor at each value; nothing where the file holds a list."""
    cursor = JsonCursor(name, archive.chunks(name))
    if cursor.peek() == "[":
        return
    for key in cursor.members():
        yield key, cursor
    cursor.end()


def _rows(cursor: JsonCursor) -> Iterator[tuple[Row, datetime]]:
    for row in cursor.elements():
        posted_at = iso_time(text_in(row, "timestamp")) if isinstance(row, dict) else None
        if posted_at is None or not isinstance(row, dict) or not id_in(row, "id").isdecimal():
            raise cursor.fault(
                "a message with its id and its timestamp (with an offset such as +00:00) was expected"
            )
        yield row, posted_at
