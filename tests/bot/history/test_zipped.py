"""zipped.py: zips as exporters, operating systems and enemies make them."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from bot.history import zipped
from bot.history.zipped import Zip
from moderation.errors import ExportError
from tests.bot.history.factories import write_zip

LIMIT = 10_000_000


def zip_with(path: Path, *entries: zipfile.ZipInfo, content: bytes = b"[]") -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path / "export.zip", "w") as archive:
        warnings.simplefilter("ignore")  # zipfile warns of names that are there already
        for entry in entries:
            archive.writestr(entry, content)
    return path / "export.zip"


def flags_set(path: Path, flags: int) -> Path:
    """Set general purpose flags of the one entry, in its header and in the directory."""
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", content, content.index(signature) + offset, flags)
    path.write_bytes(content)
    return path


def fault(path: Path) -> str:
    with pytest.raises(ExportError) as caught:
        read(path)
    return str(caught.value)


def read(path: Path, max_bytes: int = LIMIT) -> dict[str, bytes]:
    with closing(Zip(path, max_bytes)) as opened:
        return {name: b"".join(opened.chunks(name)) for name in opened.names}


def test_files_are_read_without_folders_and_junk(tmp_path: Path) -> None:
    files = {"a/": b"", "a/b.json": b"1", "__MACOSX/a/._b.json": b"x", "a/.DS_Store": b"x", "./c.json": b"2"}
    assert read(write_zip(tmp_path / "export.zip", files)) == {"a/b.json": b"1", "c.json": b"2"}


@pytest.mark.parametrize(
    "name", ["../a.json", "x/../../a.json", "/etc/a.json", "C:/a.json", "c:a.json", "x\\a.json", "..\\a.json"]
)
def test_an_entry_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    assert "leads out of the export" in fault(zip_with(tmp_path, zipfile.ZipInfo(name)))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("users.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "users.json is a link" in fault(zip_with(tmp_path, entry, content=b"/etc/passwd"))


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    entries = [zipfile.ZipInfo("a/b.json"), zipfile.ZipInfo("a//b.json")]
    assert "holds a/b.json twice" in fault(zip_with(tmp_path, *entries))


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04 and so on", b"\x1f\x8b\x08 gzip", b"x" * 100])
def test_what_is_no_zip_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "export.zip").write_bytes(content)
    assert "export.zip is not a zip or is cut off" in fault(tmp_path / "export.zip")


def test_a_cut_off_zip_is_said(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "export.zip", {"a.json": [1, 2, 3]})
    path.write_bytes(path.read_bytes()[:-10])
    assert "is not a zip or is cut off" in fault(path)


def test_a_wrong_checksum_is_said_with_its_file(tmp_path: Path) -> None:
    path = zip_with(tmp_path, zipfile.ZipInfo("a.json"), content=b'["hello"]')
    path.write_bytes(path.read_bytes().replace(b"hello", b"jello"))
    assert "export.zip is damaged at a.json (Bad CRC-32" in fault(path)


def test_damaged_deflate_is_said(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "export.zip", {"a.json": b"abc" * 1000})
    content = bytearray(path.read_bytes())
    content[36:46] = b"\xff" * 10
    path.write_bytes(content)
    assert "damaged at a.json" in fault(path)


def test_an_encrypted_zip_is_said(tmp_path: Path) -> None:
    assert "a.json is encrypted" in fault(flags_set(zip_with(tmp_path, zipfile.ZipInfo("a.json")), 0x1))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_without_a_bound_on_memory_is_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w", method) as archive:
        archive.writestr("a.json", b"[]")
    assert "packed by a rare method" in fault(tmp_path / "export.zip")


def test_the_limit_counts_unpacked_bytes(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "export.zip", {"a.json": b"x" * 600, "b.json": b"x" * 600})
    assert len(read(path, 1_200)) == 2
    with pytest.raises(ExportError, match=r"more than the limit of 1,199 bytes \(reached in b\.json\)"):
        read(path, 1_199)


def test_a_header_that_claims_less_is_damage(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "export.zip", {"a.json": bytes(range(256)) * 100})
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(content)
    assert "damaged at a.json" in fault(path)


def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "_RATIO_COUNTS_FROM", 1_000_000)
    assert "zip bomb" in fault(write_zip(tmp_path / "export.zip", {"a.json": b" " * 5_000_000}))


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "export.zip", {f"{number}.json": b"" for number in range(5)})
    monkeypatch.setattr(zipped, "MAX_ENTRIES", 4)
    assert "more than 4 entries" in fault(path)
    monkeypatch.setattr(zipped, "_MAX_DIRECTORY_BYTES", 100)  # seen before the directory is read
    assert "more than 4 entries" in fault(path)


def test_the_directory_of_a_large_zip_is_measured_too(tmp_path: Path) -> None:
    record = b"PK\x06\x06" + bytes(36) + (2**40).to_bytes(8, "little") + bytes(8)
    end = b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2)
    (tmp_path / "export.zip").write_bytes(record + b"PK\x06\x07" + bytes(16) + end)
    assert "entries" in fault(tmp_path / "export.zip")


def test_a_zip_inside_is_not_opened(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", {"a.json": b"[]"}).read_bytes()
    assert read(write_zip(tmp_path / "export.zip", {"inner.zip": inner})) == {"inner.zip": inner}


def test_a_missing_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    assert "no permission to read" in fault(tmp_path / "export.zip")
