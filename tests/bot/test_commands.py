"""What `replay`, `demo` and `migrate` hand over to the composition root."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from tests.bot.steward_with_keywords import app

Calls = list[tuple[str, tuple[Any, ...], dict[str, Any]]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Calls:
    """Every call that reaches the composition root."""
    made: Calls = []

    def noted(name: str) -> Callable[..., None]:
        return lambda *arguments, **named: made.append((name, arguments, named))

    monkeypatch.chdir(tmp_path)
    stand_in = app(replay=noted("replay"), demo=noted("demo"), migrate=noted("migrate"))
    monkeypatch.setitem(sys.modules, "bot.app", stand_in)
    return made


def test_a_replay_with_nothing_said_is_as_usual(calls: Calls) -> None:
    assert cli.run(["replay", "export.zip", "--out", "found"]) == 0
    ((name, arguments, named),) = calls
    assert (name, arguments) == ("replay", ())
    assert named == {
        "export": Path("export.zip"),
        "charter_path": None,
        "out": Path("found"),
        "since": None,
        "until": None,
        "channels": (),
        "max_bytes": None,
        "keep": True,
        "overwrite": False,
        "model": None,
        "quiet": False,
    }


def test_a_replay_gets_all_that_was_said(calls: Calls) -> None:
    line = (
        "replay export --charter c.toml --out found --since 2026-03-01 --until 2026-03-31 --channel a --channel b "
        "--max-bytes 2G --no-keep --overwrite --model m --quiet"
    )
    assert cli.run(line.split()) == 0
    assert calls[0][2] == {
        "export": Path("export"),
        "charter_path": Path("c.toml"),
        "out": Path("found"),
        "since": datetime(2026, 3, 1, tzinfo=UTC),
        "until": datetime(2026, 4, 1, tzinfo=UTC),
        "channels": ("a", "b"),
        "max_bytes": 2 * 2**30,
        "keep": False,
        "overwrite": True,
        "model": Path("m"),
        "quiet": True,
    }


@pytest.mark.parametrize("until", ["2026-02-28", "2026-03-01T00:00"])
def test_a_replay_of_no_time_is_refused(calls: Calls, capsys: pytest.CaptureFixture[str], until: str) -> None:
    assert cli.run(["replay", "x", "--out", "y", "--since", "2026-03-01", "--until", until]) == 2
    assert "--since is not before --until" in capsys.readouterr().err
    assert not calls


def test_the_demo_knows_where(calls: Calls) -> None:
    cli.run(["demo"])
    cli.run(["demo", "--out", "there"])
    assert [arguments for _, arguments, _ in calls] == [(Path("out/demo"),), (Path("there"),)]


def test_migrate_takes_the_url_of_the_option_or_of_the_settings(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.run(["migrate"])
    monkeypatch.setenv("STEWARD_DATABASE_URL", "postgresql+asyncpg://me:hush@db/steward")
    cli.run(["migrate"])
    cli.run(["migrate", "--database-url", "sqlite+aiosqlite:///other.db"])
    assert [arguments[0] for _, arguments, _ in calls] == [
        "sqlite+aiosqlite:///steward.db",
        "postgresql+asyncpg://me:hush@db/steward",
        "sqlite+aiosqlite:///other.db",
    ]


def test_migrate_refuses_a_database_that_steward_cannot_use(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["migrate", "--database-url", "mysql://me:hush@db"]) == 2
    said = capsys.readouterr().err
    assert "STEWARD_DATABASE_URL must begin with sqlite+aiosqlite:// or postgresql+asyncpg://" in said
    assert "hush" not in said
    assert not calls
