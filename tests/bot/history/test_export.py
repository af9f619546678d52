"""export.py: opening whatever is given, and choosing from it."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.history import Export, open_export
from moderation.errors import ExportError
from tests.bot.history.factories import (
    START,
    Files,
    discord_file,
    discord_message,
    packed,
    slack_files,
    slack_message,
    write_folder,
    write_zip,
)

DAY = timedelta(days=1)


def three_days(path: Path) -> Export:
    days = {
        f"{channel}/2024-05-0{day}.json": [slack_message((day - 1) * 86_400, f"{channel} {day}")]
        for channel in ("general", "tools")
        for day in (1, 2, 3)
    }
    return open_export(write_zip(path / "export.zip", slack_files(days)))


def test_since_is_included_and_until_is_not(tmp_path: Path) -> None:
    with three_days(tmp_path) as export:
        found = [each.text for each in export.messages(START + DAY, START + 2 * DAY)]
        assert found == ["general 2", "tools 2"]
        assert export.estimate(START + DAY, START + 2 * DAY) == 2
        assert export.estimate() == export.total == 6
        assert (export.first, export.last) == (START, START + 2 * DAY)


def test_a_moment_within_a_day_cuts_it(tmp_path: Path) -> None:
    rows = [slack_message(seconds, str(seconds)) for seconds in range(5)]
    with open_export(write_zip(tmp_path / "e.zip", slack_files({"general/2024-05-01.json": rows}))) as export:
        second = timedelta(seconds=1)
        assert [each.text for each in export.messages(START + second, START + 3 * second)] == ["1", "2"]


def test_naive_times_are_refused(tmp_path: Path) -> None:
    with three_days(tmp_path) as export, pytest.raises(ValueError, match="aware"):
        list(export.messages(datetime(2024, 5, 1)))  # noqa: DTZ001  the fault that is looked for


def test_channels_are_chosen_by_name_or_id(tmp_path: Path) -> None:
    with three_days(tmp_path) as export:
        for chosen in ("tools", "#tools", "C2"):
            assert [each.text for each in export.messages(channels=[chosen])] == [
                "tools 1",
                "tools 2",
                "tools 3",
            ]
        assert len(list(export.messages(channels=["tools", "general"]))) == 6


def test_an_unknown_channel_is_said_with_the_nearest(tmp_path: Path) -> None:
    with three_days(tmp_path) as export:
        with pytest.raises(ExportError, match=r"no channel genral: did you mean general\?"):
            list(export.messages(channels=["genral"]))
        with pytest.raises(ExportError, match=r"no channel xyz: it has general, tools\."):
            list(export.messages(channels=["xyz"]))


def test_an_export_can_be_read_again_and_at_the_same_time(tmp_path: Path) -> None:
    with three_days(tmp_path) as export:
        pairs = list(zip(export.messages(), export.messages(), strict=True))
        assert len(pairs) == 6
        assert all(one == other for one, other in pairs)


def fingerprint(path: Path) -> str:
    with open_export(path) as export:
        return export.fingerprint()


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    files = slack_files()
    top: Files = {f"Acme/{name}": content for name, content in files.items()}
    same = {
        fingerprint(write_zip(tmp_path / "a.zip", files)),
        fingerprint(write_folder(tmp_path / "b", files)),
        fingerprint(write_zip(tmp_path / "c.zip", top)),
        fingerprint(write_zip(tmp_path / "d.zip", dict(reversed(files.items())) | {"more.txt": b"x"})),
    }
    assert len(same) == 1
    other = slack_files({"general/2024-05-01.json": [slack_message(text="other")]})
    assert fingerprint(write_zip(tmp_path / "e.zip", other)) not in same


def test_one_file_zip_and_folder_are_the_same_export(tmp_path: Path) -> None:
    export = discord_file([discord_message(1), discord_message(2, seconds=1)])
    (tmp_path / "a.json").write_bytes(packed(export))
    paths = [
        tmp_path / "a.json",
        write_zip(tmp_path / "z.zip", {"a.json": export}),
        write_folder(tmp_path / "d", {"a.json": export}),
    ]
    assert len({fingerprint(path) for path in paths}) == 1


def test_a_zip_is_known_by_its_content_and_a_file_needs_no_suffix(tmp_path: Path) -> None:
    export = discord_file([discord_message(1)])
    (tmp_path / "export").write_bytes(packed(export))
    assert open_export(tmp_path / "export").total == 1
    with open_export(write_zip(tmp_path / "export.dat", {"a.json": export})) as zipped:
        assert zipped.total == 1


@pytest.mark.parametrize("given", [b"hello", b"", b"\x1f\x8b\x08\x00", b"%PDF-1.7", b'"text"'])
def test_a_file_that_is_no_json_is_said(tmp_path: Path, given: bytes) -> None:
    (tmp_path / "export.json").write_bytes(given)
    with pytest.raises(ExportError, match=r"^export\.json is neither a zip nor JSON: expected is"):
        open_export(tmp_path / "export.json")


def test_a_file_in_another_encoding_is_said(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_bytes("{}".encode("utf-16"))
    with pytest.raises(ExportError, match=r"^export\.json is not UTF-8 at byte 0"):
        open_export(tmp_path / "export.json")


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_bytes(b"\xef\xbb\xbf" + packed(discord_file([discord_message(1)])))
    assert open_export(tmp_path / "export.json").total == 1


@pytest.mark.parametrize("given", [{}, [], {"messages": []}, {"guild": {}, "channel": {}}])
def test_json_of_something_else_is_said_with_what_is_expected(tmp_path: Path, given: object) -> None:
    (tmp_path / "export.json").write_bytes(packed(given))
    with pytest.raises(
        ExportError, match=r"no known export: found is export\.json; expected is a Slack export"
    ):
        open_export(tmp_path / "export.json")


def test_a_folder_of_something_else_is_said_with_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"found is a\.txt, b\.txt, c\.txt and 1 more"):
        open_export(write_folder(tmp_path / "export", {f"{letter}.txt": b"" for letter in "abcd"}))


def test_a_zip_inside_a_zip_is_said(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "inner.zip", slack_files()).read_bytes()
    with pytest.raises(ExportError, match=r"a zip inside \(inner\.zip\), to be unpacked first"):
        open_export(write_zip(tmp_path / "export.zip", {"inner.zip": inner}))


def test_nothing_at_all_is_said(tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    with pytest.raises(ExportError, match="export is empty"):
        open_export(tmp_path / "export")
    with pytest.raises(ExportError, match=r"export\.zip is empty"):
        open_export(write_zip(tmp_path / "export.zip", {"__MACOSX/a": b""}))
    with pytest.raises(ExportError, match="There is no"):
        open_export(tmp_path / "nothing")


def test_a_folder_called_zip_is_a_folder_and_a_pipe_is_nothing(tmp_path: Path) -> None:
    with open_export(write_folder(tmp_path / "export.zip", slack_files())) as export:
        assert export.total == 1
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(ExportError, match=r"pipe\.json is neither a file nor a folder"):
        open_export(tmp_path / "pipe.json")


def test_the_limit_is_the_callers(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "export.zip", slack_files())
    with pytest.raises(ExportError, match="more than the limit of 100 bytes"):
        open_export(path, max_bytes=100)


def test_a_missing_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "export.zip", slack_files())

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ExportError, match="no permission to read"):
        open_export(path)


def test_an_export_that_changes_while_it_is_read_is_said(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "export", slack_files())
    with open_export(folder) as export:
        write_folder(folder, {"general/2024-05-01.json": [slack_message(-10_000)]})
        with pytest.raises(ExportError, match="changed while it was read"):
            list(export.messages())
