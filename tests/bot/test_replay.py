"""A replay through its front door: what it writes, what it refuses, and going on after an interruption."""

import asyncio
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot import app
from bot.charters import read_charter
from bot.history import open_export
from bot.replay_folder import DATABASE, KEY, READABLE, STATE
from moderation.charter_file import render
from moderation.decisions import Verdict
from moderation.errors import BadInput, ExportError
from moderation.ports import Question
from tests.fakes.keyword_classifier import KeywordClassifier

SAMPLES = Path(app.__file__).parent / "samples"
SLACK = SAMPLES / "tidewater-books"
DISCORD = SAMPLES / "wick-and-wax"


class Interrupted(BaseException):
    """Ctrl-C, as far as the replay can tell."""


class ImpatientClassifier(KeywordClassifier):
    """Is interrupted after so many batches."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        if self._left == 0:
            raise Interrupted
        self._left -= 1
        await asyncio.sleep(0)
        return await super().judge(questions)


@pytest.fixture(autouse=True)
def keywords(monkeypatch: pytest.MonkeyPatch) -> KeywordClassifier:
    classifier = KeywordClassifier()
    monkeypatch.setattr(app, "load_classifier", lambda _model=None: classifier)
    return classifier


def rows(folder: Path) -> list[dict[str, object]]:
    return [
        json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    ]


@pytest.mark.parametrize("sample", [SLACK, DISCORD], ids=["slack", "discord"])
def test_a_row_for_every_message_in_order_and_a_report(sample: Path, tmp_path: Path) -> None:
    app.replay(export=sample / "export", charter_path=sample / "charter.toml", out=tmp_path / "out")
    found = rows(tmp_path / "out")
    with open_export(sample / "export") as export:
        wanted = [(message.key.channel, message.key.message) for message in export.messages()]
    assert [(row["channel_id"], row["message_id"]) for row in found] == wanted
    assert all((row["label"] is None) == bool(row["skipped"]) for row in found)
    assert {row["skipped"] for row in found} - {None} >= {"posted by a bot"}
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["totals"]["judged"] == sum(row["skipped"] is None for row in found)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert summary["community"].replace("&", "&amp;") in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert not list((tmp_path / "out").glob("*.part"))


def test_the_pitches_that_the_report_shows_are_explained_in_full(tmp_path: Path) -> None:
    app.replay(export=SLACK / "export", charter_path=SLACK / "charter.toml", out=tmp_path)
    pitches = [row for row in rows(tmp_path) if row["label"] == "pitch" and not row["abstained"]]
    assert pitches
    assert not [row for row in pitches if " words" in str(row["why"])]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(r", in \d+ words", page)


def test_the_database_and_its_key_are_kept_unless_told_otherwise(tmp_path: Path) -> None:
    app.replay(export=SLACK / "export", out=tmp_path / "kept")
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {*READABLE, DATABASE, KEY, STATE}
    assert (tmp_path / "kept" / KEY).stat().st_mode & 0o077 == 0
    app.replay(export=SLACK / "export", out=tmp_path / "bare", keep=False)
    assert {path.name for path in (tmp_path / "bare").iterdir()} == set(READABLE)


def test_no_text_lies_open_in_the_database(tmp_path: Path) -> None:
    app.replay(export=SLACK / "export", charter_path=SLACK / "charter.toml", out=tmp_path)
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("replay.db*"))
    with open_export(SLACK / "export") as export:
        texts = [message.text for message in export.messages() if len(message.text) > 30]
    assert len(texts) > 300
    assert not [text for text in texts if text.encode() in raw]


@pytest.mark.parametrize("batches", [0, 1, 4, 8])
def test_an_interrupted_replay_goes_on_and_ends_the_same(
    batches: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keywords: KeywordClassifier
) -> None:
    def replay(folder: Path) -> None:
        app.replay(export=SLACK / "export", charter_path=SLACK / "charter.toml", out=folder)

    replay(tmp_path / "whole")
    monkeypatch.setattr(app, "load_classifier", lambda _model=None: ImpatientClassifier(batches))
    with pytest.raises(Interrupted):
        replay(tmp_path / "broken")
    assert not (tmp_path / "broken" / "decisions.jsonl").exists()
    monkeypatch.setattr(app, "load_classifier", lambda _model=None: keywords)
    whole = list(keywords.batches)
    replay(tmp_path / "broken")
    assert rows(tmp_path / "broken") == rows(tmp_path / "whole")
    assert sum(keywords.batches) - sum(whole) == sum(whole[batches:])


def test_a_finished_replay_can_be_written_again_without_judging(
    tmp_path: Path, keywords: KeywordClassifier
) -> None:
    app.replay(export=SLACK / "export", out=tmp_path)
    first, judged = rows(tmp_path), sum(keywords.batches)
    app.replay(export=SLACK / "export", out=tmp_path)
    assert rows(tmp_path) == first
    assert sum(keywords.batches) == judged


def test_another_replay_is_not_mixed_in(tmp_path: Path) -> None:
    app.replay(export=SLACK / "export", out=tmp_path)
    with pytest.raises(BadInput, match="another charter and another policy: choose another folder"):
        app.replay(export=SLACK / "export", charter_path=SLACK / "charter.toml", out=tmp_path)
    with pytest.raises(BadInput, match="other limits"):
        app.replay(export=SLACK / "export", channels=("practice-talk",), out=tmp_path)
    app.replay(export=DISCORD / "export", out=tmp_path, overwrite=True)
    assert rows(tmp_path)[0]["platform"] == "discord"


def test_files_of_somebody_else_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match=r"already has a report\.html"):
        app.replay(export=SLACK / "export", out=tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(BadInput, match="is a file"):
        app.replay(export=SLACK / "export", out=tmp_path / "out")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be made"):
        app.replay(export=SLACK / "export", out=tmp_path / "file" / "out")


@pytest.mark.parametrize("name", [STATE, KEY])
def test_a_damaged_folder_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    app.replay(export=SLACK / "export", out=tmp_path)
    if name == STATE:
        (tmp_path / STATE).write_text("{", encoding="utf-8")
    else:
        (tmp_path / KEY).unlink()
    with pytest.raises(BadInput, match="--overwrite"):
        app.replay(export=SLACK / "export", out=tmp_path)


def test_an_unknown_channel_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ExportError):
        app.replay(export=SLACK / "export", channels=("nowhere",), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_broken_export_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = Path(shutil.copytree(SLACK / "export", tmp_path / "export"))
    next(broken.glob("practice-talk/*.json")).write_text('[{"ts": "1"', encoding="utf-8")
    with pytest.raises(ExportError, match="line 1"):
        app.replay(export=broken, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_a_charter_a_draft_is_made_and_the_report_says_so(tmp_path: Path) -> None:
    app.replay(export=SLACK / "export", out=tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["charter"]["draft"] is True
    assert any("draft" in note for note in summary["notes"])
    assert "draft" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_limits_of_time_and_channel(tmp_path: Path) -> None:
    with open_export(SLACK / "export") as export:
        middle = export.first + (export.last - export.first) / 2
        wanted = [m.key.message for m in export.messages(middle, None, ("practice-talk",))]
    app.replay(export=SLACK / "export", since=middle, channels=("practice-talk",), out=tmp_path)
    assert [row["message_id"] for row in rows(tmp_path)] == wanted


def test_only_watched_channels_are_read(tmp_path: Path) -> None:
    charter, policy = read_charter(SLACK / "charter.toml")
    assert charter.is_watched("", "practice-talk")
    narrowed = replace(charter, channels=tuple(c for c in charter.channels if c.name != "practice-talk"))
    (tmp_path / "narrow.toml").write_text(render(narrowed, policy), encoding="utf-8")
    app.replay(export=SLACK / "export", charter_path=tmp_path / "narrow.toml", out=tmp_path / "out")
    skipped = {row["skipped"] for row in rows(tmp_path / "out") if row["channel"] == "practice-talk"}
    assert skipped == {"the channel is not watched"}


def test_the_demo_replays_both_samples_and_says_where_the_reports_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.demo(tmp_path)
    said = capsys.readouterr().out
    for name in app.SAMPLES:
        assert (tmp_path / name / "report.html").exists()
        assert str(tmp_path / name / "report.html") in said
    assert "Tidewater Books" in said
