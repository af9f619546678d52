"""`steward diff` through its front door, on a replay of a sample community."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import app, cli
from bot.charters import read_charter
from bot.history import open_export
from bot.replay_folder import DATABASE, KEY, STATE
from bot.report.flips import plain
from moderation.charter_file import render
from moderation.decisions import Ruled, Ruling, Verdict
from moderation.diff import Treatment
from moderation.errors import ModelError
from moderation.labels import Label
from moderation.messages import Platform
from moderation.policy import Mode, Strictness
from moderation.ports import Community, Question
from moderation.retention import forget_texts
from moderation.storage.crypto import Vault
from moderation.storage.database import SqlStore, open_store
from tests.fakes.keyword_classifier import KeywordClassifier

ROOT = Path(__file__).parents[2]
SAMPLE = Path(app.__file__).parent / "samples" / "tidewater-books"
CHARTER = SAMPLE / "charter.toml"
TALK = "practice-talk"
FEW = "hello, coffee, lunch, weather, weekend, football and movie"


class Recorder(KeywordClassifier):
    """Remembers what it was asked; of another version if it is told so."""

    def __init__(self, version: str = "keyword-1", sureness: float = 0.96) -> None:
        super().__init__(sureness)
        self.version = version
        self.asked: list[tuple[str, object]] = []

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        self.asked += [(question.text, question.context) for question in questions]
        return [replace(verdict, model=self.version) for verdict in await super().judge(questions)]


class Interrupted(KeywordClassifier):
    """Somebody presses Ctrl-C while it judges."""

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        del questions
        await asyncio.sleep(0)
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, object]]]:
    """The folder of a replay, and what was asked in it."""
    folder, classifier = tmp_path_factory.mktemp("original") / "replay", Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "load_classifier", lambda _model=None: classifier)
        app.replay(export=SAMPLE / "export", charter_path=CHARTER, out=folder, quiet=True)
    return folder, classifier.asked


@pytest.fixture
def folder(original: tuple[Path, object], tmp_path: Path) -> Path:
    return Path(shutil.copytree(original[0], tmp_path / "replay"))


@pytest.fixture(autouse=True)
def classifier(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The one that the replay used, for every model folder but `other` and `missing`."""
    usual, other = Recorder(), Recorder("keyword-2", sureness=0.7)

    def load(model: Path | None = None) -> KeywordClassifier:
        if model is not None and model.name == "missing":
            raise ModelError(f"{model} is no folder")
        return other if model is not None and model.name == "other" else usual

    monkeypatch.setattr(app, "load_classifier", load)
    return usual


def a_charter_file(
    path: Path, *, purpose: str = "", channel: tuple[str, str] = ("", ""), drop: str = "", **policy: object
) -> Path:
    """The sample's charter with another purpose, one channel's other purpose, a channel dropped, another policy."""
    charter, rules = read_charter(CHARTER)
    channels = tuple(
        replace(each, purpose=channel[1]) if each.name == channel[0] else each
        for each in charter.channels
        if each.name != drop
    )
    charter = replace(charter, purpose=purpose or charter.purpose, channels=channels)
    path.write_text(render(charter, replace(rules, **policy)), encoding="utf-8")  # type: ignore[arg-type]  # any of its fields
    return path


def flips(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, object]]:
    capsys.readouterr()
    assert cli.run(["diff", *map(str, arguments), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    capsys.readouterr()
    assert cli.run(["diff", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    capsys.readouterr()
    assert cli.run(["diff", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert (said.out, "Traceback" in said.err) == ("", False)
    return said.err


def test_the_same_charter_twice_flips_nothing_and_judges_nothing(
    folder: Path, classifier: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no messages would be treated otherwise" in told(capsys, CHARTER, CHARTER, "--replay", folder)
    assert flips(capsys, CHARTER, CHARTER, "--replay", folder) == []
    assert not classifier.asked


def test_another_policy_flips_without_judging(
    folder: Path, classifier: Recorder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = a_charter_file(tmp_path / "b.toml", mode=Mode.OBSERVE)
    found = flips(capsys, CHARTER, quiet, "--replay", folder)
    assert found
    assert {flip["after"]["treatment"] for flip in found} == {"counted", "left_alone"}  # type: ignore[index]  # JSON
    assert not classifier.asked
    said = told(capsys, CHARTER, quiet, "--replay", folder, "--limit", 3)
    assert "0 people would be told something" in said.replace("no people", "0 people")
    assert f"and {len(found) - 3:,} more" in said


def test_only_what_reads_otherwise_is_judged_again_and_only_once(
    folder: Path,
    original: tuple[Path, list[tuple[str, object]]],
    classifier: Recorder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed = a_charter_file(tmp_path / "b.toml", channel=(TALK, FEW))
    found = flips(capsys, CHARTER, changed, "--replay", folder)
    assert found
    assert {flip["channel"] for flip in found} == {TALK}
    in_talk = [each["text"] for each in texts(TALK)]
    assert sorted(text for text, _ in classifier.asked) == sorted(in_talk)
    assert set(map(str, classifier.asked)) <= set(map(str, original[1]))
    classifier.asked.clear()
    stricter = a_charter_file(tmp_path / "c.toml", channel=(TALK, FEW), strictness=Strictness.HIGH)
    flips(capsys, changed, stricter, "--replay", folder)
    assert len(classifier.asked) == len(in_talk)


def texts(channel: str) -> list[dict[str, str]]:
    """What people posted in a channel of the sample."""
    with open_export(SAMPLE / "export") as export:
        return [
            {"text": message.text}
            for message in export.messages(None, None, (channel,))
            if message.kind.value == "post"
            and not message.author.is_bot
            and (message.text.strip() or message.attachments)
        ]


def test_all_that_is_judged_again_is_asked_as_the_replay_asked(
    folder: Path,
    original: tuple[Path, list[tuple[str, object]]],
    classifier: Recorder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed = a_charter_file(tmp_path / "b.toml", purpose="Cats, dogs, coffee, weather and the weekend")
    found = flips(capsys, CHARTER, changed, "--replay", folder)
    assert found
    assert classifier.asked == original[1]


def test_another_model_judges_its_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = flips(capsys, CHARTER, CHARTER, "--replay", folder, "--model-b", "other")
    assert found
    models = {(flip["before"]["model"], flip["after"]["model"]) for flip in found}  # type: ignore[index]  # JSON
    assert models == {("keyword-1", "keyword-2")}
    back = flips(capsys, CHARTER, CHARTER, "--replay", folder, "--model-a", "other")
    assert {flip["message_id"] for flip in back} == {flip["message_id"] for flip in found}


def test_a_channel_that_is_dropped_is_not_read_any_more(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = flips(capsys, CHARTER, a_charter_file(tmp_path / "b.toml", drop=TALK), "--replay", folder)
    unread = [flip for flip in found if flip["after"]["treatment"] == "not_read"]  # type: ignore[index]  # JSON
    assert len(unread) == len(texts(TALK))
    assert {flip["channel"] for flip in unread} == {TALK}


def test_what_the_replay_never_read_is_said(
    tmp_path: Path, classifier: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow = a_charter_file(tmp_path / "a.toml", drop=TALK)
    app.replay(export=SAMPLE / "export", charter_path=narrow, out=tmp_path / "out", quiet=True)
    classifier.asked.clear()
    said = told(capsys, narrow, CHARTER, "--replay", tmp_path / "out")
    assert re.search(
        r"\d+ messages could not be compared, since the replay did not read their channels", said
    )
    assert not classifier.asked


def test_a_ruling_in_the_folder_counts(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = a_charter_file(tmp_path / "b.toml", mode=Mode.OBSERVE)
    last = flips(capsys, CHARTER, quiet, "--replay", folder)[-1]
    subject = f"drawn:flagged:{last['channel_id']}/{last['message_id']}"

    async def rule(store: SqlStore) -> None:
        community = Community(Platform.SLACK, (await _communities(store))[0].id)
        async with store.work() as work:
            now = datetime.now(UTC)
            await work.rulings.add(community, Ruling(subject, Ruled.CHATTER, "mo", now, moderator=True))
            await work.commit()

    in_store(folder, rule)
    first = flips(capsys, CHARTER, quiet, "--replay", folder)[0]
    assert (first["message_id"], first["against_ruling"]) == (last["message_id"], True)
    assert "moderators ruled otherwise" in told(capsys, CHARTER, quiet, "--replay", folder, "--limit", 1)


async def _communities(store: SqlStore) -> list[Community]:
    async with store.work() as work:
        return await work.communities.all()


def in_store(folder: Path, deed: object) -> None:
    async def run() -> None:
        secret = (folder / KEY).read_text("ascii")
        store = await open_store(f"sqlite+aiosqlite:///{folder / DATABASE}", Vault(secret))
        try:
            await deed(store)  # type: ignore[operator]  # a coroutine function
        finally:
            await store.close()

    asyncio.run(run())


def test_texts_are_quoted_on_one_line_and_only_in_the_terminal(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = a_charter_file(tmp_path / "b.toml", mode=Mode.OBSERVE)
    said = told(capsys, CHARTER, quiet, "--replay", folder, "--limit", 1_000)
    quotes = re.findall(r"^     “(.+)”$", said, re.MULTILINE)
    rows = flips(capsys, CHARTER, quiet, "--replay", folder)
    assert len(quotes) == len(rows)
    assert len({quote for quote in quotes if len(quote) > 40}) >= 3
    raw = json.dumps(rows, ensure_ascii=False)
    assert not [quote for quote in quotes if len(quote) > 40 and quote in raw]


def test_what_could_harm_a_terminal_is_spelled_out() -> None:
    assert plain("a\x1b[31m\n\n b\u202e \x9b") == r"a\x1b[31m b\u202e \x9b"


def test_the_words_that_members_would_read_are_shown(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    observing = a_charter_file(tmp_path / "a.toml", mode=Mode.OBSERVE)
    for mode, words in ((Mode.NUDGE, "nudge"), (Mode.OFFER, "offer"), (Mode.MOVE, "moved")):
        after = a_charter_file(tmp_path / "b.toml", mode=mode)
        said = told(capsys, observing, after, "--replay", folder)
        assert re.search(
            rf"0 before, now \d+ .*{words}.*: \d+ new, 0 no longer\n      “.*#kitchen-table", said
        )


def test_another_tone_is_told_though_nothing_flips(
    folder: Path, tmp_path: Path, classifier: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    charter, policy = read_charter(CHARTER)
    (tmp_path / "b.toml").write_text(render(replace(charter, tone="formal"), policy), encoding="utf-8")
    said = told(capsys, CHARTER, tmp_path / "b.toml", "--replay", folder)
    assert "no messages would be treated otherwise" in said
    assert "Tone or languages change" in said
    assert not classifier.asked


# --- what goes wrong ---------------------------------------------------------------------------------------------


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no folder" in refused(capsys, CHARTER, CHARTER, "--replay", tmp_path / "nowhere")
    assert "is not the folder of a replay" in refused(capsys, CHARTER, CHARTER, "--replay", tmp_path)


def test_without_a_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / DATABASE).unlink()
    assert "--no-keep" in refused(capsys, CHARTER, CHARTER, "--replay", folder)
    assert not (folder / DATABASE).exists()


@pytest.mark.parametrize("name", [KEY, STATE])
@pytest.mark.parametrize("content", [None, "{", "\xff" * 40])
def test_a_damaged_folder(
    folder: Path, name: str, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content, encoding="latin-1")
    refused(capsys, CHARTER, CHARTER, "--replay", folder)


def test_forgotten_texts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def forget(store: SqlStore) -> None:
        await forget_texts(store, datetime.now(UTC) + timedelta(days=8))

    in_store(folder, forget)
    said = refused(capsys, CHARTER, CHARTER, "--replay", folder)
    assert "are forgotten, as promised, 7 days after the replay" in said


def test_another_community_s_charter(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = SAMPLE.parent / "wick-and-wax" / "charter.toml"
    bare = tmp_path / "bare.toml"
    bare.write_text('name = "Bakers"\npurpose = "Bread"\n', encoding="utf-8")
    assert f"{other} names no channel of the replay" in refused(capsys, CHARTER, other, "--replay", folder)
    assert 'is the charter of "Bakers"' in refused(capsys, bare, CHARTER, "--replay", folder)
    bare.write_text('name = "Tidewater Books"\npurpose = "Bookkeeping"\n', encoding="utf-8")
    assert cli.run(["diff", str(CHARTER), str(bare), "--replay", str(folder)]) == 0


def test_a_charter_or_model_that_cannot_be_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "cannot be read" in refused(capsys, CHARTER, tmp_path / "none.toml", "--replay", folder)
    (tmp_path / "bad.toml").write_text('name = "x"', encoding="utf-8")
    assert '"purpose" is missing' in refused(capsys, tmp_path / "bad.toml", CHARTER, "--replay", folder)
    assert "is no folder" in refused(capsys, CHARTER, CHARTER, "--replay", folder, "--model-b", "missing")


def test_an_unfinished_replay_is_compared_as_far_as_it_got(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "report.html").unlink()
    assert "only its beginning is compared" in told(capsys, CHARTER, CHARTER, "--replay", folder)


def test_ctrl_c_is_a_sentence_and_harms_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = a_charter_file(tmp_path / "b.toml", purpose="Cats and dogs")
    with monkeypatch.context() as patch:
        patch.setattr(app, "load_classifier", lambda _model=None: Interrupted())
        assert cli.run(["diff", str(CHARTER), str(changed), "--replay", str(folder)]) == 130
    assert capsys.readouterr().err.endswith("steward: stopped before it was done\n")
    assert flips(capsys, CHARTER, changed, "--replay", folder)


# --- docs/diff.md ------------------------------------------------------------------------------------------------


def _first_cells(heading: str, number: int = 0) -> list[str]:
    """The first column of a table under a heading of docs/diff.md."""
    text = (ROOT / "docs" / "diff.md").read_text("utf-8")
    tables = re.findall(r"(?:^\|.*\n)+", text[text.index(heading) :], re.MULTILINE)
    return re.findall(r"^\| `(\w+)` \|", tables[number], re.MULTILINE)


def test_every_key_and_treatment_is_documented(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = flips(capsys, CHARTER, a_charter_file(tmp_path / "b.toml", mode=Mode.OBSERVE), "--replay", folder)[
        0
    ]
    assert _first_cells("## `--json`") == list(row)
    assert isinstance(row["before"], dict)
    assert _first_cells("## `--json`", 1) == list(row["before"])
    assert set(row["before"]["probabilities"]) == {label.value for label in Label}
    assert _first_cells("## How it compares") == [treatment.value for treatment in Treatment]
