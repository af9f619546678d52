"""Opens exported history: a Slack export or DiscordChatExporter's JSON, as a zip, a folder or a file."""

from __future__ import annotations

import codecs
import difflib
import hashlib
import stat
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from bot.history.archive import DEFAULT_MAX_BYTES, Archive, Folder, SingleFile, kind_of, unreadable
from bot.history.clean import clean, listed, shown
from bot.history.contents import Contents, MessageFile
from bot.history.discord import Discord
from bot.history.doubles import without_doubles
from bot.history.order import Run, in_time_order, sorted_runs
from bot.history.slack import Slack, is_slack
from bot.history.zipped import Zip
from moderation.errors import ExportError
from moderation.messages import Channel, Message, Platform

_EXPECTED = (
    "expected is a Slack export (users.json, channels.json and a folder of days for each channel) or JSON "
    "files made by DiscordChatExporter (each with guild, channel and messages)"
)
# Let through to the reader, which names the encoding as the fault.
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Export:
    """History of one community. A context manager; `close` lets go of the file.

    It was looked through from end to end when it was opened, so that nothing broken is a surprise later.
    """

    def __init__(self, archive: Archive, contents: Contents) -> None:
        self._archive = archive
        self._contents = contents
        self.platform: Platform = contents.platform
        self.community: str = contents.community
        self.community_name: str = contents.community_name
        self.channels: tuple[Channel, ...] = contents.channels
        self.members: Mapping[str, str] = contents.members
        self.notes: tuple[str, ...] = contents.notes
        self.first: datetime = min(file.first for file in contents.files)
        self.last: datetime = max(file.last for file in contents.files)
        self.total: int = sum(file.count for file in contents.files)

    def messages(
        self, since: datetime | None = None, until: datetime | None = None, channels: Collection[str] = ()
    ) -> Iterator[Message]:
        """Messages with `since <= posted_at < until`, oldest first over all channels, each key once.

        Times are aware; ValueError for naive ones. `channels` are ids or names, all where there are none;
        ExportError for one that the export does not have.
        """
        files = self._chosen(since, until, channels)
        runs = (run for file in files for run in self._runs(file))
        for message in without_doubles(in_time_order(runs), self._contents.suspects):
            if until is not None and message.posted_at >= until:
                return
            if since is None or message.posted_at >= since:
                yield message

    def estimate(
        self, since: datetime | None = None, until: datetime | None = None, channels: Collection[str] = ()
    ) -> int:
        """At most so many messages will come; exact to the day for Slack, to the file for Discord."""
        return sum(file.count for file in self._chosen(since, until, channels))

    def fingerprint(self) -> str:
        """A digest of all that was read, the same for an export as a zip, packed anew or as a folder."""
        labels = {
            file.name: f"{file.channel.id}/{PurePosixPath(file.name).name}" for file in self._contents.files
        }
        labels |= {name: PurePosixPath(name).name for name in self._contents.others}
        lines = sorted(f"{clean(label)} {self._archive.digest(name)}\n" for name, label in labels.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def close(self) -> None:
        """Close the file underneath; `messages` may not be used after it."""
        self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _chosen(
        self, since: datetime | None, until: datetime | None, channels: Collection[str]
    ) -> list[MessageFile]:
        for moment in (since, until):
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"{moment!r} must be an aware time")
        wanted = {self._channel_id(name) for name in channels}
        return [
            file
            for file in self._contents.files
            if (not wanted or file.channel.id in wanted)
            and (since is None or file.last >= since)
            and (until is None or file.first < until)
        ]

    def _channel_id(self, wanted: str) -> str:
        name = wanted.removeprefix("#")
        for channel in self.channels:
            if name in {channel.id, channel.name}:
                return channel.id
        names = [channel.name for channel in self.channels]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {shown(near[0])}?" if near else f"it has {listed(sorted(names), 10)}."
        raise ExportError(f"The export has no channel {shown(name)}: {hint}")

    def _runs(self, file: MessageFile) -> list[Run]:
        if file.tidy:
            return [Run(file.first, partial(self._contents.read, file))]
        return [Run(file.first, lambda: in_time_order(sorted_runs(self._contents.read(file))))]


def open_export(path: Path, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Export:
    """The export at `path`, of which no more than `max_bytes` bytes are unpacked.

    Raises ExportError, one sentence with the place and what to do, for anything that is not a whole export.
    """
    archive = _open_archive(path, max_bytes)
    try:
        return Export(archive, _contents(archive))
    except BaseException:
        archive.close()
        raise


def _open_archive(path: Path, max_bytes: int) -> Archive:
    kind = kind_of(path)
    if stat.S_ISDIR(kind):
        return Folder(path, max_bytes)
    if not stat.S_ISREG(kind):
        raise ExportError(f"{shown(path.name)} is neither a file nor a folder: give the export itself.")
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise unreadable(str(path), error) from error
    if start.startswith(b"PK") or path.suffix.lower() == ".zip":
        return Zip(path, max_bytes)
    if not start.removeprefix(codecs.BOM_UTF8).lstrip().startswith((b"{", b"[", *_OTHER_ENCODINGS)):
        raise ExportError(f"{shown(path.name)} is neither a zip nor JSON: {_EXPECTED}.")
    return SingleFile(path, max_bytes)


def _contents(archive: Archive) -> Contents:
    """The contents by what they look like; raises ExportError for something else and for an empty export."""
    if not archive.names:
        raise ExportError(f"{shown(archive.path.name)} is empty: {_EXPECTED}.")
    contents = Slack(archive) if is_slack(archive) else Discord(archive)
    if contents.files:
        return contents
    if not contents.community and not contents.notes:
        raise _unknown(archive)
    reason = f" ({contents.notes[0].rstrip('.')})" if contents.notes else ""
    raise ExportError(f"{shown(archive.path.name)} holds no messages to read{reason}: export again.")


def _unknown(archive: Archive) -> ExportError:
    zips = [name for name in archive.names if name.lower().endswith(".zip")]
    found = f"a zip inside ({listed(zips)}), to be unpacked first" if zips else listed(list(archive.names))
    return ExportError(f"{shown(archive.path.name)} is no known export: found is {found}; {_EXPECTED}.")
