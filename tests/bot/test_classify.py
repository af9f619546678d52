"""`steward classify` as people use it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.classify.lines import CHUNK
from bot.cli import run as steward
from bot.commands.classify import command
from moderation.errors import BadInput, ModelError
from tests.bot.steward_with_keywords import app
from tests.fakes.keyword_classifier import KeywordClassifier

ROOT = Path(__file__).parents[2]


def line(**values: object) -> bytes:
    return json.dumps(values).encode()


GOOD = b'{"id": 1, "text": "lol"}\n{"id": "b", "text": "buy my course"}\n'
CHARTER = 'name = "Bakers"\npurpose = "Bread as a trade"\n'


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "bot.app", app())
    Path("charter.toml").write_text(CHARTER, "utf-8")


def classify(*arguments: str, data: bytes = b"") -> Result:
    return CliRunner().invoke(command, arguments, input=data)


def labels(data: bytes) -> list[str]:
    return [json.loads(each)["label"] for each in data.splitlines()]


def test_from_pipe_to_pipe() -> None:
    result = classify("--charter", "charter.toml", data=GOOD)
    assert (result.exit_code, result.stderr) == (0, "")
    assert labels(result.stdout_bytes) == ["chatter", "pitch"]


def test_a_dash_is_a_pipe() -> None:
    assert labels(classify("-", "--out", "-", data=GOOD).stdout_bytes) == ["chatter", "pitch"]


def test_from_file_to_file() -> None:
    Path("in.jsonl").write_bytes(GOOD)
    result = classify("in.jsonl", "--out", "out.jsonl", "--charter", "charter.toml")
    assert (result.exit_code, result.output) == (0, "")
    assert labels(Path("out.jsonl").read_bytes()) == ["chatter", "pitch"]


def test_the_charter_s_purpose_is_read() -> None:
    row = b'{"id": 1, "text": "bread for lunch"}'
    assert labels(classify("--charter", "charter.toml", data=row).stdout_bytes) == ["on_topic"]
    assert labels(classify(data=row).stdout_bytes) == ["chatter"]


def test_a_bad_line_makes_the_exit_code_1() -> None:
    result = classify("--out", "out.jsonl", data=b'{"id": 0}\n' + GOOD)
    assert result.exit_code == 1
    assert 'steward: line 1: "text" is missing: skipped\n' in result.stderr
    assert labels(Path("out.jsonl").read_bytes()) == ["chatter", "pitch"]


def test_no_lines_are_no_mistake() -> None:
    assert classify(data=b"").exit_code == 0


def one_sentence(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The last sentence on stderr of a command that could do nothing."""
    assert steward(["classify", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return said.err.splitlines()[-1]


def test_where_every_line_is_bad_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.jsonl").write_bytes(b"x\ny\n")
    Path("out.jsonl").write_bytes(b"of yesterday")
    said = one_sentence(capsys, "in.jsonl", "--out", "out.jsonl")
    assert said == "steward: no line could be judged: nothing was written"
    assert Path("out.jsonl").read_bytes() == b"of yesterday"
    assert not list(Path().glob(".*"))


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["missing.jsonl"], "steward: missing.jsonl cannot be read: No such file or directory"),
        (["."], "steward: . cannot be read: Is a directory"),
        (["in.jsonl", "--out", "no/such/folder"], "steward: no/such/folder cannot be written: No such file or directory"),
        (["in.jsonl", "--out", "."], "steward: . cannot be written: Is a directory"),
        (["in.jsonl", "--charter", "missing.toml"], "steward: missing.toml cannot be read: No such file or directory"),
        (["in.jsonl", "--charter", "."], "steward: . cannot be read: Is a directory"),
        (["in.jsonl", "--charter", "bad.toml"], 'steward: bad.toml: "purpose" is missing'),
        (["in.jsonl", "--out", "/dev/full"], "steward: the output cannot be written: No space left on device"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    Path("in.jsonl").write_bytes(GOOD)
    Path("bad.toml").write_text('name = "x"', "utf-8")
    assert one_sentence(capsys, *arguments) == sentence


def test_without_a_model_nothing_is_left_behind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(model: Path | None) -> object:
        raise ModelError(f"{model} holds no model")

    monkeypatch.setitem(sys.modules, "bot.app", app(load_classifier=refuse))
    Path("in.jsonl").write_bytes(GOOD)
    said = one_sentence(capsys, "in.jsonl", "--out", "out.jsonl", "--model", "m")
    assert said == "steward: m holds no model"
    assert sorted(path.name for path in Path().iterdir()) == ["charter.toml", "in.jsonl"]


@pytest.mark.parametrize("given, expected", [(["--model", "mine"], "mine"), ([], "of-settings")])
def test_the_model_is_that_of_the_option_or_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, given: Sequence[str], expected: str
) -> None:
    asked: list[Path | None] = []

    def load(model: Path | None) -> KeywordClassifier:
        asked.append(model)
        return KeywordClassifier()

    monkeypatch.setitem(sys.modules, "bot.app", app(load_classifier=load))
    monkeypatch.setenv("STEWARD_MODEL_DIR", "of-settings")
    classify(*given, data=GOOD)
    assert asked == [Path(expected)]


def test_the_output_may_be_the_input() -> None:
    Path("same.jsonl").write_bytes(GOOD)
    Path("same.jsonl").chmod(0o640)
    assert classify("same.jsonl", "--out", "same.jsonl").exit_code == 0
    assert labels(Path("same.jsonl").read_bytes()) == ["chatter", "pitch"]
    assert stat.S_IMODE(Path("same.jsonl").stat().st_mode) == 0o640


def test_a_link_stays_a_link_and_a_device_a_device() -> None:
    Path("real.jsonl").write_bytes(b"")
    Path("link.jsonl").symlink_to("real.jsonl")
    classify("--out", "link.jsonl", data=GOOD)
    assert Path("link.jsonl").is_symlink()
    assert labels(Path("real.jsonl").read_bytes()) == ["chatter", "pitch"]
    assert classify("--out", "/dev/null", data=GOOD).exit_code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


# --- as a process ------------------------------------------------------------------------------------------------

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `steward classify` as people do; what still runs at the end is ended."""
    started: list[subprocess.Popen[bytes]] = []

    def run(
        *arguments: str, stdin: int = subprocess.PIPE, stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "tests.bot.steward_with_keywords", "classify", *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()


def test_one_line_is_answered_without_waiting_for_another(start: Start) -> None:
    process = start("--charter", "charter.toml")
    assert process.stdin
    assert process.stdout
    for word, label in (("lol", "chatter"), ("buy", "pitch"), ("bread", "on_topic")):
        process.stdin.write(line(id=1, text=word) + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["label"] == label
    process.stdin.close()
    assert process.wait() == 0


def test_ctrl_c_is_a_sentence_and_leaves_nothing_behind(start: Start) -> None:
    process = start("--out", "out.jsonl")
    assert process.stdin
    assert process.stderr
    process.stdin.write(line(id=1, text="lol") + b"\n")
    process.stdin.flush()
    process.stderr.readline()  # it says that there is no charter: now it waits for the next line
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert process.stderr.read().strip() == b"steward: stopped before it was done"
    assert [path.name for path in Path().iterdir()] == ["charter.toml"]


def test_a_reader_who_leaves_is_no_mistake(start: Start) -> None:
    Path("in.jsonl").write_bytes(b"".join(line(id=i, text="lol") + b"\n" for i in range(20_000)))
    process = start("in.jsonl", "--charter", "charter.toml")
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


def test_a_terminal_is_told_what_to_type(start: Start) -> None:
    ours, theirs = os.openpty()
    process = start("--charter", "charter.toml", stdin=theirs)
    assert process.stdout
    assert process.stderr
    assert process.stderr.readline() == b"steward: reading JSON lines from the terminal; end with Ctrl-D\n"
    os.write(ours, line(id=1, text="lol") + b"\n")
    assert json.loads(process.stdout.readline())["label"] == "chatter"
    os.write(ours, b"\x04")
    assert process.wait() == 0
    os.close(ours)
    os.close(theirs)


def test_a_closed_input_is_a_sentence() -> None:
    script = f'exec "{sys.executable}" -m tests.bot.steward_with_keywords classify <&-'
    done = subprocess.run(  # noqa: S603 - our own command
        ["/bin/sh", "-c", script],
        check=False,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 2
    assert done.stderr == b"steward: there is no input: stdin is closed\n"


def test_a_million_bytes_in_one_text_are_judged() -> None:
    assert CHUNK < 1_000_000
    result = classify(data=line(id=1, text="lol " * 250_000))
    assert labels(result.stdout_bytes) == ["chatter"]


def test_an_error_of_the_reader_names_no_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks inside the block is not taken for a file that cannot be written."""

    def broken(_model: Path | None) -> object:
        raise ValueError("a bug")

    monkeypatch.setitem(sys.modules, "bot.app", app(load_classifier=broken))
    result = classify("--out", "out.jsonl", data=GOOD)
    assert isinstance(result.exception, ValueError)
    assert not isinstance(result.exception, BadInput)
    assert not Path("out.jsonl").exists()
