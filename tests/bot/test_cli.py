"""The front door: what is listed, how quick it opens, and how what goes wrong leaves it."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from bot import cli
from moderation.errors import CharterError, Gone, StoreError
from tests.bot.steward_with_keywords import app

ROOT = Path(__file__).parents[2]


def _commands(group: click.Group, path: str = "steward") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(_commands(cli.steward))


def test_the_commands_are_these() -> None:
    assert list(COMMANDS) == [
        "steward demo",
        "steward run",
        "steward doctor",
        "steward invite",
        "steward slack manifest",
        "steward review-pack",
        "steward replay",
        "steward diff",
        "steward digest",
        "steward calibrate",
        "steward audit",
        "steward status",
        "steward classify",
        "steward charter apply",
        "steward charter check",
        "steward charter init",
        "steward model card",
        "steward model check",
        "steward migrate",
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md has no section {name}"
    section = found[1]
    said = set(re.findall(r"^- `(--[\w-]+)", section, re.MULTILINE))
    synopsis = section.split("```")[1]
    options = {each for each in COMMANDS[name].params if isinstance(each, click.Option)}
    assert said == {option.opts[0] for option in options}
    assert all(f"{option.opts[0]} {option.metavar or ''}".strip() in synopsis for option in options)
    arguments = (each for each in COMMANDS[name].params if isinstance(each, click.Argument))
    assert all(each.make_metavar(click.Context(COMMANDS[name])) in synopsis for each in arguments)
    assert f"](#{name.replace(' ', '-')})" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_a_help_text(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


HEAVY = "asyncio numpy onnxruntime pydantic rich sqlalchemy tokenizers transformers tempfile moderation.policy bot.app"


def test_help_imports_nothing_heavy() -> None:
    look = f"import sys; from bot.cli import run; run(['--help']); sys.exit([m for m in {HEAVY.split()} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - ours
    assert done.stderr == b"[]\n"


def test_help_answers_at_once() -> None:
    def seconds() -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, capture_output=True, check=True)
        return time.perf_counter() - begun

    assert min(seconds() for _ in range(5)) < 0.4


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("steward")


@pytest.mark.parametrize(
    "arguments", [["demoo"], ["replay"], ["classify", "--chater", "x"], ["charter", "chek"]]
)
def test_a_slip_of_the_pen_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


# --- what goes wrong ---------------------------------------------------------------------------------------------


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[BaseException], int]:
    """Run a command that fails in a given way; returns its exit code."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv("STEWARD_DEBUG", raising=False)

    def run(error: BaseException) -> int:
        def demo(_out: Path) -> None:
            raise error

        monkeypatch.setitem(sys.modules, "bot.app", app(demo=demo))
        return cli.run(["demo"])

    return run


@pytest.mark.parametrize(
    "error, code, said",
    [
        (CharterError("a.toml: this\na.toml: that"), 2, "steward: a.toml: this\nsteward: a.toml: that\n"),
        (StoreError("ev\x1b[31mil \ud800"), 2, "steward: ev\\x1b[31mil \\ud800\n"),
        (Gone("the channel is gone"), 2, "steward: the channel is gone\n"),
        (KeyboardInterrupt(), 130, "\nsteward: stopped before it was done\n"),
        (click.Abort(), 130, "steward: stopped before it was done\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "steward: No space left on device\n"),
        (PermissionError(errno.EACCES, "Permission denied", "x/y"), 2, "steward: x/y: Permission denied\n"),
        (
            PermissionError(errno.EACCES, "Permission denied", b"x\xff"),
            2,
            "steward: x\\udcff: Permission denied\n",
        ),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_a_code(
    failing: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    said: str,
) -> None:
    assert failing(error) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "error", [ValueError("what a member wrote"), FileNotFoundError(errno.ENOENT, "no such file")]
)
def test_a_bug_is_a_sentence_and_a_file(
    failing: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    error: Exception,
) -> None:
    assert failing(error) == 70
    (kept,) = tmp_path.glob("steward-bug-*.txt")
    kind = type(error).__name__
    said = capsys.readouterr().err
    assert (
        said == f"steward: this is a bug in Steward ({kind}); please report it with the details in {kept}\n"
    )
    assert "Traceback" in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o077 == 0


def test_a_bug_without_a_place_for_its_details_is_still_a_sentence(
    failing: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    assert failing(RuntimeError("x")) == 70
    assert "STEWARD_DEBUG=1 shows them" in capsys.readouterr().err


def test_debug_shows_the_traceback(
    failing: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STEWARD_DEBUG", "1")
    assert failing(ValueError("x")) == 70
    assert "Traceback" in capsys.readouterr().err


def test_help_into_a_pipe_that_is_gone_is_quiet() -> None:
    script = f'"{sys.executable}" -m bot replay --help | true'
    done = subprocess.run(["/bin/sh", "-c", script], cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - ours
    assert done.stderr == b""


def test_a_terminal_without_letters_is_no_reason_to_fail(tmp_path: Path) -> None:
    charter = tmp_path / "charter.toml"
    charter.write_text('name = "Łódź"\npurpose = "Brot"\n', "utf-8")
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bot", "charter", "check", str(charter)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 0
    assert b"\\u0141\xf3d\\u017a" in done.stdout


def test_completion_is_offered() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env=os.environ | {"_STEWARD_COMPLETE": "zsh_source"},
    )
    assert b"#compdef steward" in done.stdout
