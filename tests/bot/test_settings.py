"""Settings: where they come from, what is wrong with them, and that no secret is shown."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.settings import (
    AN_ENDPOINT,
    HOW_TO_MAKE_ONE,
    PREFIX,
    READ_ELSEWHERE,
    SHORTEST_SECRET,
    WHERE_TO_COPY_IT,
    Settings,
    checked_database_url,
    chosen_model,
    load_settings,
    load_settings_to_run,
)
from moderation.errors import SettingsError

SECRET = "k" * SHORTEST_SECRET
PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


def problems() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    return str(caught.value).split("\n")


def test_nothing_has_to_be_set() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite+aiosqlite:///steward.db"
    assert (settings.secret_key, settings.model_dir) == (None, None)
    assert (settings.log_level, settings.log_format) == ("info", "plain")
    assert (settings.judge_url, settings.judge_model, settings.judge_key) == (None, None, None)
    assert (settings.judge_calls_a_day, settings.judge_timeout, settings.judge_below) == (200, 10, 0.7)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", "postgresql+asyncpg://me:hush@db/steward")
    monkeypatch.setenv("STEWARD_SECRET_KEY", SECRET)
    monkeypatch.setenv("STEWARD_MODEL_DIR", "models/mine")
    monkeypatch.setenv("STEWARD_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("STEWARD_LOG_FORMAT", "json")
    settings = load_settings()
    assert settings.database_url == "postgresql+asyncpg://me:hush@db/steward"
    assert settings.needed_secret_key() == SECRET
    assert settings.model_dir == chosen_model() == Path("models/mine")
    assert (settings.log_level, settings.log_format) == ("debug", "json")


def test_a_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("STEWARD_LOG_LEVEL=error\nSTEWARD_LOG_FORMAT=json\nOTHERS=1\n", "utf-8")
    monkeypatch.setenv("STEWARD_LOG_LEVEL", "warning")
    settings = load_settings()
    assert (settings.log_level, settings.log_format) == ("warning", "json")


def test_an_empty_value_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", "")
    monkeypatch.setenv("STEWARD_MODEL_DIR", "")
    assert load_settings() == Settings()
    assert chosen_model() is None


def test_all_that_is_wrong_is_said_at_once_and_no_secret_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", "mysql://me:hush@db/steward")
    monkeypatch.setenv("STEWARD_SECRET_KEY", "hush")
    monkeypatch.setenv("STEWARD_LOG_LEVEL", "hush")
    monkeypatch.setenv("STEWARD_LOG_FORMATT", "hush")
    found = problems()
    assert found == [
        "STEWARD_LOG_FORMATT is not known; did you mean STEWARD_LOG_FORMAT?",
        "STEWARD_DATABASE_URL must begin with sqlite+aiosqlite:// or postgresql+asyncpg://",
        f"STEWARD_SECRET_KEY must have at least 32 characters; make one with: {HOW_TO_MAKE_ONE}",
        "STEWARD_LOG_LEVEL must be debug, info, warning or error",
    ]


def test_settings_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_PROJECT_BOARD", "1")
    monkeypatch.setenv("STEWARD_DEBUG", "1")
    load_settings()


def test_a_missing_secret_is_a_sentence() -> None:
    with pytest.raises(SettingsError, match=r"^STEWARD_SECRET_KEY is not set; make one with: python"):
        load_settings().needed_secret_key()


def test_a_file_that_is_no_text_is_a_sentence() -> None:
    Path(".env").write_bytes(b"STEWARD_LOG_LEVEL=\xff\n")
    assert problems() == [".env is not UTF-8 text"]


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", "postgresql+asyncpg://me:hush@db/steward")
    monkeypatch.setenv("STEWARD_SECRET_KEY", SECRET)
    shown = f"{load_settings()!r} {load_settings()}"
    assert "hush" not in shown
    assert SECRET not in shown


def test_a_wrong_database_does_not_keep_anyone_from_judging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DATABASE_URL", "mysql://db")
    assert chosen_model() is None


@pytest.mark.parametrize("url", ["sqlite:///x.db", "postgres://db", "", "steward.db"])
def test_a_database_must_be_one_that_steward_can_use(url: str) -> None:
    with pytest.raises(SettingsError, match="must begin with"):
        checked_database_url(url)


def test_an_owner_s_model_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_JUDGE_URL", f"{AN_ENDPOINT}?version=1")
    monkeypatch.setenv("STEWARD_JUDGE_MODEL", "tiny-judge")
    monkeypatch.setenv("STEWARD_JUDGE_KEY", "sk-hush")
    monkeypatch.setenv("STEWARD_JUDGE_CALLS_A_DAY", "5")
    monkeypatch.setenv("STEWARD_JUDGE_TIMEOUT", "30")
    monkeypatch.setenv("STEWARD_JUDGE_BELOW", "0.6")
    settings = load_settings()
    assert settings.judge_url == f"{AN_ENDPOINT}?version=1"
    assert (settings.judge_model, settings.judge_calls_a_day) == ("tiny-judge", 5)
    assert (settings.judge_timeout, settings.judge_below) == (30, 0.6)
    assert settings.judge_key is not None
    assert settings.judge_key.get_secret_value() == "sk-hush"
    assert "hush" not in repr(settings)
    assert AN_ENDPOINT not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434/v1",
        "127.0.0.1:11434/v1/chat/completions",
        "ftp://hush/v1/chat/completions",
        "https:///v1/chat/completions",
        "https://me:hush@judge.example/v1/chat/completions",
        "https://judge.example:hush/v1/chat/completions",
        "https://[hush/v1/chat/completions",
        "https://judge.example/hush hush/chat/completions",
        "https://judge.example/hush\n/chat/completions",
    ],
)
def test_an_endpoint_is_a_whole_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("STEWARD_JUDGE_URL", url)
    found = f"STEWARD_JUDGE_URL must be a whole address, such as {AN_ENDPOINT}, without a user or password"
    assert problems() == [found]


def test_what_is_wrong_with_an_owner_s_model_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_JUDGE_URL", AN_ENDPOINT)
    monkeypatch.setenv("STEWARD_JUDGE_KEY", "hush hush")
    monkeypatch.setenv("STEWARD_JUDGE_CALLS_A_DAY", "0")
    monkeypatch.setenv("STEWARD_JUDGE_TIMEOUT", "ten")
    monkeypatch.setenv("STEWARD_JUDGE_BELOW", "nan")
    assert problems() == [
        "STEWARD_JUDGE_MODEL is not set; STEWARD_JUDGE_URL needs the name of a model",
        "STEWARD_JUDGE_KEY must have plain letters, digits and signs only, and no spaces",
        "STEWARD_JUDGE_CALLS_A_DAY must be greater than or equal to 1",
        "STEWARD_JUDGE_TIMEOUT must be a valid integer, unable to parse string as an integer",
        "STEWARD_JUDGE_BELOW must be a finite number",
    ]


def test_discord_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", "MTIz.G-hush.hu_sh")
    monkeypatch.setenv("STEWARD_DISCORD_API_URL", "http://127.0.0.1:8080/api/v10")
    monkeypatch.setenv("STEWARD_DISCORD_GATEWAY_URL", "ws://127.0.0.1:8080/")
    settings = load_settings()
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "MTIz.G-hush.hu_sh"
    assert settings.discord_api_url == "http://127.0.0.1:8080/api/v10"
    assert settings.discord_gateway_url == "ws://127.0.0.1:8080/"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    "token", ["hush", "Bot MTIz.G-hush.hush", '"MTIz.G-hush.hush"', "hush.hush.hush.hush"]
)
def test_what_is_no_token_is_told_without_showing_it(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", token)
    (found,) = problems()
    assert found.startswith("STEWARD_DISCORD_TOKEN is no bot token: copy it from the Bot page")
    assert "hush" not in found


def test_where_discord_is_must_be_a_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_DISCORD_API_URL", "127.0.0.1:8080")
    monkeypatch.setenv("STEWARD_DISCORD_GATEWAY_URL", "http://127.0.0.1:8080")
    assert problems() == [
        "STEWARD_DISCORD_API_URL must be a whole address that begins with http:// or https://",
        "STEWARD_DISCORD_GATEWAY_URL must be a whole address that begins with ws:// or wss://",
    ]


def test_what_a_running_bot_lacks_is_told_with_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as caught:
        load_settings_to_run()
    slack = "to run on Slack alone set STEWARD_SLACK_BOT_TOKEN (docs/install-slack.md)"
    assert sorted(str(caught.value).split("\n")) == [
        f"STEWARD_DISCORD_TOKEN is not set; {WHERE_TO_COPY_IT}, or {slack}",
        "STEWARD_LOG_LEVEL must be debug, info, warning or error",
        f"STEWARD_SECRET_KEY is not set; make one with: {HOW_TO_MAKE_ONE}",
    ]


def test_a_running_bot_s_secrets_have_the_same_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_SECRET_KEY", "hush")
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", "hush")
    with pytest.raises(SettingsError) as caught:
        load_settings_to_run()
    assert len(str(caught.value).split("\n")) == 2
    monkeypatch.setenv("STEWARD_SECRET_KEY", SECRET)
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", "MTIz.Gabcde.hush")
    settings = load_settings_to_run()
    assert settings.needed_secret_key() == SECRET
    assert "hush" not in repr(settings)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(STEWARD_\w+)` \|.*\| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    fields = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}
    assert set(rows) == set(fields) | READ_ELSEWHERE
    for name, field in fields.items():
        if field.default is not None:
            assert rows[name] == f"`{field.default}`"


def test_every_choice_is_documented() -> None:
    text = PAGE.read_text("utf-8")
    for choice in (
        "debug",
        "info",
        "warning",
        "error",
        "plain",
        "json",
        f"at least {SHORTEST_SECRET} characters",
    ):
        assert choice in text
