"""`steward digest` from a replay to its files, and what it refuses."""

from __future__ import annotations

import csv
import gc
import json
from pathlib import Path

import pytest

from bot import app, cli
from bot.commands.digest import FILES
from bot.digest_rows import HEAD, digest_csv, digest_row
from moderation.policy import Mode, Policy
from moderation.promise import Promise
from tests.bot.calibrations import publish, steward
from tests.bot.calibrations import replayed as small_replay
from tests.bot.test_digest_text import busy
from tests.fakes.keyword_classifier import KeywordClassifier

SAMPLE = Path(app.__file__).parent / "samples" / "tidewater-books"


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A replay of the sample community with a classifier that goes by words."""
    folder = tmp_path_factory.mktemp("replay")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "load_classifier", lambda _model=None: KeywordClassifier())
        app.replay(export=SAMPLE / "export", charter_path=SAMPLE / "charter.toml", out=folder, quiet=True)
    return folder


def test_a_digest_of_the_latest_whole_week(
    replayed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "found"
    assert cli.run(["digest", "--replay", str(replayed), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Tidewater Books: the week of ")
    assert {path.name for path in out.iterdir()} == set(FILES)
    text = (out / "digest.txt").read_text("utf-8")
    assert said.startswith(text)
    row = json.loads((out / "digest.json").read_text("utf-8"))
    assert row["rehearsed"] is True
    assert row["totals"]["judged"] > 0
    assert row["before"]["totals"]["judged"] > 0


def test_days_and_a_channel_can_be_chosen(replayed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "--from 2026-01-12 --to 2026-01-14 --channel #Practice-Talk"
    assert cli.run(["digest", "--replay", str(replayed), *line.split()]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Tidewater Books, #practice-talk: 12–14 January 2026\n")
    assert "Channels" not in said


def test_a_time_without_messages_is_no_failure(replayed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["digest", "--replay", str(replayed), "--to", "2030-01-01"]) == 0
    assert "Quiet is fine." in capsys.readouterr().out


@pytest.mark.parametrize(
    "options, said",
    [
        ("--channel nowhere", "no channel 'nowhere' was replayed; there are #"),
        ("--from 2026-01-14 --to 2026-01-12", "--from is after --to"),
        ("--from 2030-01-01", "a digest needs at least one day"),
        ("--from soon", "'soon' is no day; write 2026-03-31"),
        ("--from 0001-01-01", "'0001-01-01' is out of reach: years go from 1970 to 2999"),
        ("--to 1969-12-31", "'1969-12-31' is out of reach"),
        ("--to 9999-12-31", "'9999-12-31' is out of reach"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    replayed: Path, capsys: pytest.CaptureFixture[str], options: str, said: str
) -> None:
    assert cli.run(["digest", "--replay", str(replayed), *options.split()]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("days", ["--to 1970-01-01", "--from 2999-12-31 --to 2999-12-31"])
def test_the_farthest_days_can_be_told(replayed: Path, days: str) -> None:
    assert cli.run(["digest", "--replay", str(replayed), *days.split()]) == 0


def test_a_channel_is_known_by_the_name_that_only_its_messages_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small_replay(tmp_path)
    (folder / "summary.json").unlink()
    assert cli.run(["digest", "--replay", str(folder), "--channel", "kitchen"]) == 0
    assert "Ledger Lane, #kitchen: " in capsys.readouterr().out


def test_rulings_and_standings_are_those_of_calibration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(small_replay(tmp_path, Policy(mode=Mode.OFFER, promise=str(Promise()))))
    steward("calibrate", folder, "--label", "chatter", "--count", "30", keys="r" * 28 + "wo")
    steward("audit", folder, "--count", "3", keys="bbc")
    capsys.readouterr()
    steward("status", folder)
    status = capsys.readouterr().out.splitlines()
    casual = next(number for number, line in enumerate(status) if line.startswith("Casual talk: 30 drawn"))
    assert cli.run(["digest", "--replay", folder, "--to", "2024-05-02"]) == 0
    said = capsys.readouterr().out
    assert (
        "Moderators ruled on 33 cases: 28 flags were right, 2 flags were wrong, "
        "2 unflagged messages were fine and one was missed." in said
    )
    assert "Drawn at random among these: 33." in said
    assert f"Casual talk: {status[casual + 1].strip()}" in said
    assert cli.run(["digest", "--replay", folder, "--to", "2025-05-01"]) == 0
    assert "Moderators ruled" not in capsys.readouterr().out


def test_a_stored_promise_that_cannot_be_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = small_replay(tmp_path)
    publish(folder, Policy(promise="the moon"))
    assert cli.run(["digest", "--replay", str(folder)]) == 0
    assert (
        "cannot be read, so nothing is said to members: 'the moon' is no promise" in capsys.readouterr().out
    )


def test_what_is_no_replay_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["digest", "--replay", str(tmp_path / "none")]) == 2
    assert cli.run(["digest", "--replay", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "is no folder" in said
    assert "it is not the folder of a replay" in said


def test_a_folder_that_cannot_be_made_is_refused(
    replayed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    out = tmp_path / "file" / "out"
    assert cli.run(["digest", "--replay", str(replayed), "--out", str(out)]) == 2
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.parametrize("channel", ["practice-talk", "nowhere"])
def test_it_leaves_the_search_for_unused_objects_as_it_was(replayed: Path, channel: str) -> None:
    cli.run(["digest", "--replay", str(replayed), "--channel", channel])
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_rows_hold_the_same_figures_as_the_object() -> None:
    row = digest_row(busy())
    rows = list(csv.reader(digest_csv(busy()).splitlines()))
    assert tuple(rows[0]) == HEAD
    assert ["days", "2026-03-11", "chatter", "6"] in rows
    assert ["words.shared", "football", "people", "6"] in rows
    assert ["deeds.moved", "", "author", "1"] in rows
    assert {line[0].partition(".")[0] for line in rows[1:]} == set(row) - {"alt"}


def test_a_name_is_no_formula() -> None:
    made = busy()
    object.__setattr__(made, "community", "=HYPERLINK(1)")
    assert "community,,,'=HYPERLINK(1)" in digest_csv(made)


def test_every_key_is_explained() -> None:
    page = (Path(app.__file__).parent.parent / "docs" / "digest.md").read_text("utf-8")
    assert [key for key in digest_row(busy()) if f"`{key}`" not in page] == []
