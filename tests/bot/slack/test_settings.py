"""What Steward connects to Slack with: what is wrong is told in sentences, and no secret with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import PREFIX, SHORTEST_SECRET, load_settings, load_settings_to_run
from moderation.errors import SettingsError


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STEWARD_SECRET_KEY", "k" * SHORTEST_SECRET)


def problems() -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings_to_run()
    return str(caught.value).split("\n")


def test_slack_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_SLACK_BOT_TOKEN", "xoxb-1-hush")
    monkeypatch.setenv("STEWARD_SLACK_APP_TOKEN", "xapp-1-hush")
    monkeypatch.setenv("STEWARD_SLACK_ADMIN_TOKEN", "xoxp-1-hush")
    monkeypatch.setenv("STEWARD_SLACK_SIGNING_SECRET", "0123456789abcdef")
    monkeypatch.setenv("STEWARD_HTTP_BIND", "[::]:8080")
    settings = load_settings_to_run()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-hush"
    assert settings.discord_token is None
    assert settings.http_bind == "[::]:8080"
    assert "hush" not in repr(settings)
    assert "abcdef" not in repr(settings)


@pytest.mark.parametrize("name", ["BOT", "APP", "ADMIN"])
def test_tokens_are_told_apart(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"STEWARD_SLACK_{name}_TOKEN", "xoxe-hush")
    with pytest.raises(SettingsError, match=f"STEWARD_SLACK_{name}_TOKEN is no such token") as caught:
        load_settings()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "name, value",
    [
        ("STEWARD_SLACK_SIGNING_SECRET", "hush"),
        ("STEWARD_SLACK_API_URL", "slack.example/api"),
        ("STEWARD_HTTP_BIND", "3000"),
        ("STEWARD_HTTP_BIND", "localhost:0"),
        ("STEWARD_HTTP_BIND", "localhost:99999"),
    ],
)
def test_what_is_wrong_is_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name} (is|must be)"):
        load_settings()


def test_a_bot_needs_a_way_to_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_SLACK_BOT_TOKEN", "xoxb-1-hush")
    (found,) = problems()
    assert "STEWARD_SLACK_APP_TOKEN or STEWARD_SLACK_SIGNING_SECRET" in found
    monkeypatch.setenv("STEWARD_SLACK_SIGNING_SECRET", "0123456789abcdef")
    load_settings_to_run()


def test_a_way_to_hear_needs_a_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_SLACK_APP_TOKEN", "xapp-1-hush")
    assert problems()[0].startswith("STEWARD_SLACK_BOT_TOKEN is not set")
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", "MTIz.Gabcde.hush")
    assert problems()[0].startswith("STEWARD_SLACK_BOT_TOKEN is not set")


def test_what_is_wrong_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_SLACK_BOT_TOKEN", "hush")
    monkeypatch.setenv("STEWARD_SLACK_APP_TOKEN", "hush")
    assert [sentence.partition(" ")[0] for sentence in problems()] == [
        "STEWARD_SLACK_APP_TOKEN",
        "STEWARD_SLACK_BOT_TOKEN",
    ]
