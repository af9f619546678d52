"""A Slack export looked through: the lists at its top and a folder of day files for each channel.

https://slack.com/help/articles/220556107
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath

from bot.history.archive import Archive
from bot.history.clean import Row, clean, id_in, listed, row_in, text_in
from bot.history.contents import MessageFile, Tally
from bot.history.doubles import DoubleIds
from bot.history.json_cursor import JsonCursor
from bot.history.mrkdwn import Names
from bot.history.slack_lists import is_day, is_list, read_lists
from bot.history.slack_messages import Workspace, message_from, name_from
from bot.history.times import slack_time
from moderation.messages import Channel, Message, Platform

_DIRECT = re.compile(r"mpdm-.*|D[A-Z0-9]{8,}", re.DOTALL)
_EXPORT_NAME = re.compile(r"\s*[-_]*\s*Slack export\b.*", re.IGNORECASE | re.DOTALL)


def is_slack(archive: Archive) -> bool:
    """Whether the files look like a Slack export, whole or not; without lists a day's file tells."""
    if any(is_list(PurePosixPath(name)) for name in archive.names):
        return True
    day = next((name for name in archive.names if is_day(PurePosixPath(name))), None)
    return day is not None and JsonCursor(day, archive.chunks(day)).peek() == "["


class Slack:
    """Contents of a Slack export. Raises ExportError for whatever is missing or broken anywhere in it."""

    platform = Platform.SLACK

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._lists = read_lists(archive)
        self._team = self._lists.team
        self._people = {author.id: author.name for author in self._lists.authors.values()}
        self._left_out: dict[str, None] = {}
        self.channels = self._lists.channels
        self.others = self._lists.files
        self.members: Mapping[str, str] = self._people
        self.community_name = clean(_EXPORT_NAME.sub("", archive.path.resolve().stem)) or "Slack"
        doubles = DoubleIds()
        self.files = tuple(self._survey(doubles))
        self.suspects = doubles.suspects()
        self.notes = tuple(self._notes())
        # Without a team id anywhere, the name of the file is all there is to tell communities apart.
        self.community = self._team or hashlib.sha256(self.community_name.encode()).hexdigest()[:16]
        names = Names(self._people, {channel.id: channel.name for channel in self.channels})
        self._workspace = Workspace(self.community, self._lists.authors, names)

    def read(self, file: MessageFile) -> Iterator[Message]:
        """The messages of one day in one channel."""
        for row, posted_at in self._rows(file.name):
            yield message_from(row, posted_at, file.channel, self._workspace)

    def _survey(self, doubles: DoubleIds) -> Iterator[MessageFile]:
        for name, channel in self._day_files():
            tally = Tally(doubles)
            for row, posted_at in self._rows(name):
                tally.note(channel.id, id_in(row, "ts"), posted_at)
                self._learn(row)
            file = tally.file(name, channel)
            if file is not None:
                yield file

    def _day_files(self) -> Iterator[tuple[str, Channel]]:
        """Day files of listed channels by name; a folder is called like its channel, or like its id."""
        folders = {channel.id: channel for channel in self.channels}
        folders |= {channel.name: channel for channel in reversed(self.channels)}
        for name in self._archive.names:
            path = PurePosixPath(name.removeprefix(self._lists.root))
            if not name.startswith(self._lists.root) or len(path.parts) != 2 or not is_day(path):
                continue
            if path.parts[0] in folders:
                yield name, folders[path.parts[0]]
            else:
                self._left_out[path.parts[0]] = None

    def _rows(self, name: str) -> Iterator[tuple[Row, datetime]]:
        cursor = JsonCursor(name, self._archive.chunks(name))
        for row in cursor.elements():
            posted_at = slack_time(id_in(row, "ts")) if isinstance(row, dict) else None
            if posted_at is None or not isinstance(row, dict):
                raise cursor.fault("a message with its time (ts) was expected")
            yield row, posted_at
        cursor.end()

    def _learn(self, row: Row) -> None:
        """Guests and members of shared channels may be missing in users.json but come with their posts."""
        self._team = self._team or text_in(row, "team")
        user = id_in(row, "user")
        if user and user not in self._people:
            profile = row_in(row, "user_profile")
            name = name_from(profile, profile)
            if name:
                self._people[user] = name

    def _notes(self) -> Iterator[str]:
        direct = [folder for folder in self._left_out if _DIRECT.fullmatch(folder)]
        unlisted = [folder for folder in self._left_out if folder not in direct]
        if direct:
            yield f"Direct messages are private and were not opened: {len(direct)} conversations."
        if unlisted:
            yield f"These folders are in no list of channels and were not read: {listed(unlisted)}."
