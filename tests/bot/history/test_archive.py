"""archive.py: folders and files, read within limits and never left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.history import archive
from bot.history.archive import Folder, SingleFile, kind_of, unreadable
from moderation.errors import ExportError
from tests.bot.history.factories import write_folder

LIMIT = 1_000


def folder(path: Path, files: dict[str, object]) -> Folder:
    return Folder(write_folder(path / "export", files), LIMIT)


def content(opened: archive.Archive, name: str) -> bytes:
    return b"".join(opened.chunks(name))


def test_files_of_a_folder_have_relative_names_in_order(tmp_path: Path) -> None:
    opened = folder(tmp_path, {"b.json": b"1", "a/c.json": b"2", "a/b/d.json": b"3"})
    assert opened.names == ("a/b/d.json", "a/c.json", "b.json")
    assert content(opened, "a/c.json") == b"2"


def test_what_systems_leave_behind_is_not_there(tmp_path: Path) -> None:
    junk: dict[str, object] = {"__MACOSX/a.json": b"", ".DS_Store": b"", "x/._a.json": b"", "Thumbs.db": b""}
    assert folder(tmp_path, {**junk, "a.json": b"1"}).names == ("a.json",)


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_bytes(b"1")
    export = write_folder(tmp_path / "export", {"a.json": b"1"})
    (export / "link.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(ExportError, match=r"link\.json is a link that leads out"):
        Folder(export, LIMIT)


def test_a_link_to_a_folder_outside_is_refused(tmp_path: Path) -> None:
    export = write_folder(tmp_path / "export", {"a.json": b"1"})
    (export / "up").symlink_to(tmp_path)
    with pytest.raises(ExportError, match="leads out"):
        Folder(export, LIMIT)


def test_a_link_to_itself_is_no_endless_loop(tmp_path: Path) -> None:
    export = write_folder(tmp_path / "export", {"a.json": b"1"})
    (export / "round").symlink_to(export / "round")
    (export / "here").symlink_to(export)
    try:
        names = Folder(export, LIMIT).names
    except ExportError as error:
        assert "leads out" in str(error)  # noqa: PT017  Python 3.12 and older cannot resolve such a link
    else:
        assert names == ("a.json",)


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    export = write_folder(tmp_path / "export", {"a.json": b"1"})
    (export / "b.json").symlink_to(export / "a.json")
    assert content(Folder(export, LIMIT), "b.json") == b"1"


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    export = write_folder(tmp_path / "export", {"a.json": b"1"})
    os.mkfifo(export / "pipe.json")
    assert Folder(export, LIMIT).names == ("a.json",)


def test_reading_stops_past_the_limit_over_all_files(tmp_path: Path) -> None:
    opened = folder(tmp_path, {"a.json": b"x" * 600, "b.json": b"x" * 600})
    content(opened, "a.json")
    content(opened, "a.json")  # read twice, counted once
    with pytest.raises(ExportError, match=r"more than the limit of 1,000 bytes \(reached in b\.json\)"):
        content(opened, "b.json")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    with pytest.raises(ExportError, match="more than 3 files"):
        folder(tmp_path, {f"{number}.json": b"" for number in range(4)})


@pytest.fixture
def none_kept_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file of a folder is opened anew for each piece of ten bytes."""
    monkeypatch.setattr(archive, "MOST_KEPT_OPEN", 0)
    monkeypatch.setattr(archive, "CHUNK", 10)


@pytest.mark.usefixtures("none_kept_open")
@pytest.mark.parametrize("size", [0, 9, 10, 11, 20, 95])
def test_a_file_that_is_opened_for_each_piece_is_read_whole(tmp_path: Path, size: int) -> None:
    whole = bytes(range(size))
    assert content(folder(tmp_path, {"a.json": whole}), "a.json") == whole


@pytest.mark.usefixtures("none_kept_open")
@pytest.mark.parametrize("now", [b"x" * 30, b"y" * 29], ids=["as long as before", "shorter"])
def test_a_file_that_changes_between_two_pieces_is_said(tmp_path: Path, now: bytes) -> None:
    opened = folder(tmp_path, {"a.json": b"x" * 30})
    pieces = opened.chunks("a.json")
    next(pieces)
    place = tmp_path / "export" / "a.json"
    later = place.stat().st_mtime_ns + 1_000_000_000
    place.write_bytes(now)
    os.utime(place, ns=(later, later))
    with pytest.raises(ExportError, match="changed while it was read"):
        next(pieces)


@pytest.mark.usefixtures("none_kept_open")
def test_a_file_that_vanishes_between_two_pieces_is_said(tmp_path: Path) -> None:
    pieces = folder(tmp_path, {"a.json": b"x" * 30}).chunks("a.json")
    next(pieces)
    (tmp_path / "export" / "a.json").unlink()
    with pytest.raises(ExportError, match=r"There is no a\.json"):
        next(pieces)


def test_few_files_are_kept_open_and_a_place_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_KEPT_OPEN", 2)
    monkeypatch.setattr(archive, "CHUNK", 1)
    opened = folder(tmp_path, {f"{number}.json": b"123" for number in range(5)})
    files = [opened.chunks(name) for name in opened.names]
    for _ in range(2):
        for pieces in files:
            next(pieces)
            assert opened._kept_open <= 2
    assert opened._kept_open == 2
    for pieces in files:
        pieces.close()  # type: ignore[attr-defined]  # it is a generator
    assert opened._kept_open == 0


def test_a_digest_tells_what_was_read(tmp_path: Path) -> None:
    opened = folder(tmp_path, {"a.json": b"1", "b.json": b"1", "c.json": b"2"})
    for name in opened.names:
        content(opened, name)
    assert opened.digest("a.json") == opened.digest("b.json") != opened.digest("c.json")


def test_a_single_file_is_all_there_is(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"x" * 50_000)
    with pytest.raises(ExportError, match="unpacks to more"):
        content(SingleFile(tmp_path / "a.json", LIMIT), "a.json")
    assert content(SingleFile(tmp_path / "a.json", 50_000), "a.json") == b"x" * 50_000


def test_a_file_that_vanished_is_an_export_error(tmp_path: Path) -> None:
    opened = folder(tmp_path, {"a.json": b"1"})
    (tmp_path / "export" / "a.json").unlink()
    with pytest.raises(ExportError, match=r"There is no a\.json"):
        content(opened, "a.json")


def test_a_missing_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = folder(tmp_path, {"a.json": b"1"})

    def refused(*_: object, **__: object) -> Iterator[bytes]:  # the administrator may read files of any mode
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ExportError, match=r"no permission to read a\.json"):
        content(opened, "a.json")


def test_a_folder_that_may_not_be_listed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(ExportError, match="no permission to read"):
        Folder(tmp_path, LIMIT)


def test_other_faults_of_the_system_are_said() -> None:
    assert "(Input/output error)" in str(unreadable("a.json", OSError(5, "Input/output error")))


def test_a_path_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="There is no"):
        kind_of(tmp_path / "nothing.zip")
    with pytest.raises(ExportError, match="is no path"):
        kind_of(Path("a\x00b"))
