"""One view of a folder, a zip or a single file: names and bytes. Nothing is ever extracted to disk.

Names are relative, with `/`, sorted, and free of junk that systems leave behind. Whatever cannot be read
raises ExportError.
"""

from __future__ import annotations

import hashlib
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from bot.history.clean import shown
from moderation.errors import ExportError

DEFAULT_MAX_BYTES = 2 * 1024**3
MAX_ENTRIES = 200_000
# Small, for a large community has thousands of channels that are read at the same time.
CHUNK = 16 * 1024
# Systems let a process have few files open, macOS 256. Beyond these a file is opened anew for each chunk.
MOST_KEPT_OPEN = 64

_JUNK_FOLDERS = {"__MACOSX", ".git", "@eaDir"}
_JUNK_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}


class Archive(ABC):
    """Files by name. At most `max_bytes` bytes are read of all of them, counted as they are unpacked."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self.names: tuple[str, ...] = ()
        self._max_bytes = max_bytes
        self._unpacked: dict[str, int] = {}
        self._total = 0
        self._digests: dict[str, str] = {}

    @abstractmethod
    def _chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of `name`, a little at a time; raises ExportError for whatever goes wrong."""

    def close(self) -> None:
        """Let go of what is open; reading is over."""
        return

    def chunks(self, name: str) -> Iterator[bytes]:
        """The unpacked bytes of `name`, a little at a time; raises ExportError past the limit of bytes."""
        digest = hashlib.sha256()
        read = 0
        for chunk in self._chunks(name):
            read += len(chunk)
            self._count(name, read)
            digest.update(chunk)
            yield chunk
        self._digests[name] = digest.hexdigest()

    def digest(self, name: str) -> str:
        """SHA-256 of a file that was read to its end, in hexadecimal."""
        return self._digests[name]

    def _count(self, name: str, read: int) -> None:
        """A file read twice counts once; sizes that a header claims count for nothing."""
        before = self._unpacked.get(name, 0)
        if read <= before:
            return
        self._unpacked[name] = read
        self._total += read - before
        if self._total > self._max_bytes:
            raise ExportError(
                f"{shown(self.path.name)} unpacks to more than the limit of {self._max_bytes:,} bytes "
                f"(reached in {shown(name)}): raise the limit with --max-bytes if you trust this export."
            )


class Folder(Archive):
    """A folder with everything below it. Links that lead out of it are refused."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__(path, max_bytes)
        self._root = path.resolve()
        self._files = dict(self._walk())
        self._kept_open = 0
        self.names = tuple(sorted(self._files))

    def _walk(self) -> Iterator[tuple[str, Path]]:
        folders, found = [self._root], 0
        while folders:
            for entry in _entries(folders.pop()):
                found = _one_more(found, self.path)
                place = Path(entry.path)
                if entry.is_symlink():
                    self._check_link(place)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(place)
                elif _is_file(entry):
                    yield place.relative_to(self._root).as_posix(), place

    def _check_link(self, place: Path) -> None:
        try:
            inside = place.resolve().is_relative_to(self._root)
        except (OSError, RuntimeError):  # a link to itself: RuntimeError up to Python 3.12
            inside = False
        if not inside:
            raise ExportError(
                f"{shown(place.relative_to(self._root).as_posix())} is a link that leads out of the export's "
                "folder: replace it by the file itself."
            )

    def _chunks(self, name: str) -> Iterator[bytes]:
        if self._kept_open >= MOST_KEPT_OPEN:
            yield from _chunks_of_closed(self._files[name], name)
            return
        self._kept_open += 1
        try:
            yield from _file_chunks(self._files[name], name)
        finally:
            self._kept_open -= 1


class SingleFile(Archive):
    """One file that is the whole export."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__(path, max_bytes)
        self.names = (path.name,)

    def _chunks(self, name: str) -> Iterator[bytes]:
        yield from _file_chunks(self.path, name)


def is_junk(parts: list[str]) -> bool:
    """What macOS, Windows and network drives leave behind and no exporter writes."""
    return not _JUNK_FOLDERS.isdisjoint(parts) or parts[-1] in _JUNK_FILES or parts[-1].startswith("._")


def unreadable(name: str, error: OSError) -> ExportError:
    """The sentence for a file that the system does not let us read."""
    if isinstance(error, PermissionError):
        return ExportError(f"There is no permission to read {shown(name)}: give yourself read access to it.")
    if isinstance(error, FileNotFoundError):
        return ExportError(f"There is no {shown(name)}: check the path.")
    return ExportError(
        f"{shown(name)} cannot be read ({error.strerror or error}): check the disk or copy it anew."
    )


def changed() -> ExportError:
    """The sentence for an export that is not what it was a moment ago."""
    return ExportError("The export was changed while it was read: start again when nothing writes to it.")


def kind_of(path: Path) -> int:
    """The file type bits of what `path` leads to; raises ExportError where it leads nowhere."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        raise unreadable(str(path), error) from error
    except ValueError as error:  # a NUL inside the path
        raise ExportError(f"{shown(str(path))} is no path: check its spelling.") from error


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (entry for entry in entries if not is_junk([entry.name])), key=lambda entry: entry.name
            )
    except OSError as error:
        raise unreadable(str(folder), error) from error


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether this is, or links to, an ordinary file: opening a pipe would wait for ever."""
    try:
        return entry.is_file()
    except OSError:  # a link to itself, from Python 3.13 on
        return False


def _one_more(found: int, path: Path) -> int:
    if found >= MAX_ENTRIES:
        raise ExportError(
            f"{shown(path.name)} holds more than {MAX_ENTRIES:,} files: point to the export alone."
        )
    return found + 1


def _file_chunks(path: Path, name: str) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from read_chunks(file)
    except OSError as error:
        raise unreadable(name, error) from error


def _chunks_of_closed(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of a file that is open only while a chunk is read; raises ExportError if it changes meanwhile."""
    at = 0
    before: tuple[int, int] | None = None
    while True:
        try:
            with path.open("rb") as file:
                state = os.fstat(file.fileno())
                file.seek(at)
                chunk = file.read(CHUNK)
        except OSError as error:
            raise unreadable(name, error) from error
        version = (state.st_size, state.st_mtime_ns)
        if before not in {None, version}:
            raise changed()
        if chunk:
            yield chunk
        if len(chunk) < CHUNK:
            return
        at, before = at + len(chunk), version


def read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """`file` to its end, CHUNK bytes at a time."""
    while chunk := file.read(CHUNK):
        yield chunk
