"""A zip as an Archive, with what a hostile or broken zip can do kept out."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from bot.history.archive import MAX_ENTRIES, Archive, is_junk, read_chunks, unreadable
from bot.history.clean import shown
from moderation.errors import ExportError

# Deflate can pack 1000 to 1, chat in JSON 5 to 30 to 1. A few monotonous texts pack better and do no harm.
MAX_RATIO = 300
_RATIO_COUNTS_FROM = 64 * 1024**2
# An entry of the directory takes 46 bytes and its name and extras; reading it costs Python ten times that.
_MAX_DIRECTORY_BYTES = MAX_ENTRIES * 160
_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1 | 0x40
# What zipfile and zlib raise for bytes that are no zip, seen by feeding them arbitrary ones.
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Zip(Archive):
    """A zip file: entries are checked when it is opened, their bytes when they are read."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__(path, max_bytes)
        self._file = _opened(path)
        try:
            self._zip = _directory(self._file, path)
            self._infos = _checked_infos(self._zip.infolist(), path)
        except BaseException:
            self._file.close()
            raise
        self.names = tuple(sorted(self._infos))

    def close(self) -> None:
        """Close the zip."""
        self._zip.close()
        self._file.close()

    def _chunks(self, name: str) -> Iterator[bytes]:
        info = self._infos[name]
        unpacked = 0
        try:
            with self._zip.open(info) as file:
                for chunk in read_chunks(file):
                    unpacked += len(chunk)
                    _check_ratio(info, name, unpacked)
                    yield chunk
        except OSError as error:
            raise unreadable(name, error) from error
        except _FAULTS as error:
            raise ExportError(
                f"{shown(self.path.name)} is damaged at {shown(name)} ({shown(str(error))}): "
                "download or copy it again."
            ) from error


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise unreadable(str(path), error) from error


def _directory(file: IO[bytes], path: Path) -> zipfile.ZipFile:
    """The zip's directory. Its size is looked at first, for zipfile reads all of it into memory."""
    try:
        if _directory_bytes(file) > _MAX_DIRECTORY_BYTES:
            raise _too_many(path)
        return zipfile.ZipFile(file)
    except OSError as error:
        raise unreadable(str(path), error) from error
    except _FAULTS as error:
        raise ExportError(
            f"{shown(path.name)} is not a zip or is cut off ({shown(str(error))}): download or copy it again."
        ) from error


def _directory_bytes(file: IO[bytes]) -> int:
    """Bytes of the central directory, told by the end record (APPNOTE 4.3.14 to 4.3.16); 0 without one."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 76 - 22 - 65_535))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        return 0
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if at >= 76 and tail[at - 76 : at - 72] == b"PK\x06\x06":  # zip64: its record and its locator come before
        return int.from_bytes(tail[at - 36 : at - 28], "little")
    return size


def _too_many(path: Path) -> ExportError:
    return ExportError(f"{shown(path.name)} holds more than {MAX_ENTRIES:,} entries: pack the export alone.")


def _checked_infos(infos: list[zipfile.ZipInfo], path: Path) -> dict[str, zipfile.ZipInfo]:
    """Files by clean name, without folders and junk; raises ExportError for what no exporter writes."""
    if len(infos) > MAX_ENTRIES:
        raise _too_many(path)
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        parts = _parts(info)
        if not parts or info.is_dir() or is_junk(parts):
            continue
        name = "/".join(parts)
        if name in found:
            raise ExportError(f"{shown(path.name)} holds {shown(name)} twice: pack the export again.")
        _check_packing(info, name)
        found[name] = info
    return found


def _parts(info: zipfile.ZipInfo) -> list[str]:
    """The entry's path in parts; raises ExportError for one that would lead out if it were extracted."""
    name = info.orig_filename
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if name.startswith("/") or "\\" in name or _DRIVE.match(name) or ".." in parts:
        raise ExportError(f"The zip's entry {shown(name)} leads out of the export: do not trust this file.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ExportError(f"The zip's entry {shown(name)} is a link: pack the export again without links.")
    return parts


def _check_packing(info: zipfile.ZipInfo, name: str) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise ExportError(f"{shown(name)} is encrypted: pack the export again without a password.")
    # bzip2 and LZMA are unpacked by zipfile without a bound on memory, and no exporter uses them.
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ExportError(
            f"{shown(name)} is packed by a rare method: pack the export again as an ordinary zip."
        )


def _check_ratio(info: zipfile.ZipInfo, name: str, unpacked: int) -> None:
    if unpacked > _RATIO_COUNTS_FROM and unpacked > MAX_RATIO * max(info.compress_size, 1):
        raise ExportError(
            f"{shown(name)} unpacks to more than {MAX_RATIO} times its size, as only a zip bomb does: "
            "unpack it yourself and give the folder if you trust it."
        )
