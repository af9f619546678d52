"""`steward invite`: a link with the least permissions, made without asking anybody; and the page that explains each of them."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from bot import cli
from bot.discord.permissions import WANTED, Place, invited, missing
from bot.settings import PREFIX

BOT = "1234567890123456789"
PAGE = Path(__file__).parents[2] / "docs" / "install-discord.md"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)


def token(first: bytes = BOT.encode()) -> str:
    return base64.urlsafe_b64encode(first).decode().rstrip("=") + ".Gabcde.not-a-real_one"


def test_the_link_follows_from_the_token(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", token())
    assert cli.run(["invite"]) == 0
    said = capsys.readouterr().out
    link = urlsplit(said.strip())
    asked = parse_qs(link.query)
    assert (link.scheme, link.hostname, link.path) == ("https", "discord.com", "/oauth2/authorize")
    assert asked["client_id"] == [BOT]
    assert set(asked["scope"][0].split()) == {"bot", "applications.commands"}
    assert int(asked["permissions"][0]) == invited().value
    assert "not-a-real_one" not in said


def test_nothing_is_asked_for_that_has_no_reason() -> None:
    granted = {name for name, allowed in invited() if allowed}
    assert granted == {
        "read_messages",  # discord.py's first name for View Channel
        "send_messages",
        "send_messages_in_threads",
        "manage_messages",
        "manage_webhooks",
        "read_message_history",
        "embed_links",
        "attach_files",
        "pin_messages",
    }
    assert invited().pin_messages
    assert invited().value & 1 << 51
    assert all(wanted.reason and wanted.places for wanted in WANTED)


def test_who_was_invited_lacks_nothing() -> None:
    assert not list(missing(invited(), set(Place)))
    assert [wanted.name for wanted in missing(discord.Permissions.none(), {Place.LOG})] == [
        "View Channel",
        "Read Message History",
        "Send Messages",
    ]


@pytest.mark.parametrize("first", [b"not a number", b"\xff\xfe\xfd", b""])
def test_a_token_of_nobody_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], first: bytes
) -> None:
    monkeypatch.setenv("STEWARD_DISCORD_TOKEN", token(first) if first else "a.b.c")
    assert cli.run(["invite"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("steward: STEWARD_DISCORD_TOKEN does not begin with a bot's id")
    assert "not-a-real_one" not in said


def test_without_a_token_there_is_no_link(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["invite"]) == 2
    assert "STEWARD_DISCORD_TOKEN is not set; copy it" in capsys.readouterr().err


def test_the_page_says_the_same_as_the_code() -> None:
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [
        (wanted.name, "; ".join(place.value for place in Place if place in wanted.places), wanted.reason)
        for wanted in WANTED
    ]
