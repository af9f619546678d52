"""The manifest: within Slack's limits, and the same as the code, the documents and the listeners."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot import cli
from bot.slack.door import PATH
from bot.slack.listeners import CHANGED
from bot.slack.manifest import (
    ADMIN_SCOPES,
    APP_SCOPES,
    EVENTS,
    EVENTS_PATH,
    SCOPES,
    SHORTCUTS,
    Scope,
    manifest,
)
from moderation.errors import BadInput

PAGE = Path(__file__).parents[3] / "docs" / "install-slack.md"


def _text(longest: int, shortest: int = 1, pattern: str = "") -> dict[str, object]:
    found: dict[str, object] = {"type": "string", "minLength": shortest, "maxLength": longest}
    return {**found, "pattern": pattern} if pattern else found


def _object(needed: str, **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": needed.split(),
        "properties": properties,
    }


def _list(items: object, most: int, least: int = 1) -> dict[str, object]:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most, "uniqueItems": True}


ADDRESS = _text(3_000, pattern="^https?://")
FLAG = {"type": "boolean"}
# By hand from https://docs.slack.dev/reference/app-manifest and github.com/slackapi/manifest-schema, schemas/manifest.schema.1.0.0.json;
# only what we use, so that anything else is refused.
SCHEMA = _object(
    "display_information features oauth_config settings",
    display_information=_object(
        "name",
        name=_text(35),
        description=_text(140),
        long_description=_text(4_000, 175),
        background_color=_text(7, 4, "^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"),
    ),
    features=_object(
        "",
        app_home=_object(
            "", home_tab_enabled=FLAG, messages_tab_enabled=FLAG, messages_tab_read_only_enabled=FLAG
        ),
        bot_user=_object("display_name", display_name=_text(80), always_online=FLAG),
        shortcuts=_list(
            _object(
                "name type callback_id description",
                name=_text(24),
                type={"enum": ["message", "global"]},
                callback_id=_text(255),
                description=_text(150),
            ),
            10,
        ),
        slash_commands=_list(
            _object(
                "command description",
                command=_text(32, 2, "^/"),
                url=ADDRESS,
                description=_text(2_000),
                usage_hint=_text(1_000),
                should_escape=FLAG,
            ),
            50,
        ),
    ),
    oauth_config=_object(
        "",
        redirect_urls=_list(_text(2_500), 1_000),
        scopes=_object("", bot=_list(_text(50), 255), user=_list(_text(50), 255)),
    ),
    settings=_object(
        "",
        event_subscriptions=_object("", request_url=ADDRESS, bot_events=_list(_text(50), 100)),
        interactivity=_object("is_enabled", is_enabled=FLAG, request_url=ADDRESS),
        org_deploy_enabled=FLAG,
        socket_mode_enabled=FLAG,
        token_rotation_enabled=FLAG,
    ),
)


@pytest.mark.parametrize("admin", [False, True])
@pytest.mark.parametrize("http", [None, "https://steward.example.com", "https://steward.example.com:8443/"])
def test_it_is_within_slacks_limits(http: str | None, admin: bool) -> None:
    jsonschema.validate(manifest(http, admin=admin), SCHEMA)


def test_without_an_address_slack_is_reached_by_socket() -> None:
    found: Any = manifest()
    assert found["settings"]["socket_mode_enabled"] is True
    assert "url" not in json.dumps(found).replace("usage", "")


def test_with_an_address_all_comes_there() -> None:
    found: Any = manifest("https://steward.example.com/")
    address = "https://steward.example.com/slack/events"
    assert found["settings"]["socket_mode_enabled"] is False
    assert found["settings"]["event_subscriptions"]["request_url"] == address
    assert found["settings"]["interactivity"]["request_url"] == address
    assert {each["url"] for each in found["features"]["slash_commands"]} == {address}


def test_an_admins_scope_is_only_asked_for_when_wanted() -> None:
    plain: Any = manifest()
    admin: Any = manifest(admin=True)
    assert "user" not in plain["oauth_config"]["scopes"]
    assert admin["oauth_config"]["scopes"]["user"] == ["chat:write"]
    assert plain["oauth_config"]["scopes"]["bot"] == admin["oauth_config"]["scopes"]["bot"]


@pytest.mark.parametrize(
    "address",
    [
        "http://steward.example.com",
        "steward.example.com",
        "https://",
        "https://a.example/slack",
        "",
        "https://a.example?b",
        "https://[",
        "https://a.example:port",
        "https://me@a.example",
    ],
)
def test_an_address_that_slack_would_not_take_is_refused(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadInput, match="--http wants"):
        manifest(address)
    assert cli.run(["slack", "manifest", "--http", address]) == 2
    assert capsys.readouterr().err.startswith("steward: --http wants")


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["slack", "manifest", "--admin"]) == 0
    assert json.loads(capsys.readouterr().out) == manifest(admin=True)


def test_everything_that_is_listened_to_is_told() -> None:
    listened = {*CHANGED, "app_home_opened", "app_uninstalled", "tokens_revoked"}
    assert {each for each in EVENTS if not each.startswith("message.")} == listened
    assert EVENTS_PATH == PATH


def test_the_shortcuts_are_those_of_discord() -> None:
    assert [name for name, _, _ in SHORTCUTS] == [
        "Why this verdict?",
        "Move to social channel",
        "It belongs here",
        "It's a pitch",
    ]


@pytest.mark.parametrize(
    "heading, scopes",
    [
        ("the bot's scopes", SCOPES),
        ("the admin's scope", ADMIN_SCOPES),
        ("the app token's scope", APP_SCOPES),
    ],
)
def test_the_page_gives_each_scope_with_its_reason(heading: str, scopes: tuple[Scope, ...]) -> None:
    text = PAGE.read_text("utf-8")
    table = re.search(rf"^\| {heading} \| what for \|\n\| --- \| --- \|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table, f"no table of {heading}"
    rows = [tuple(cell.strip() for cell in line.strip("|\n").split("|")) for line in table[1].splitlines()]
    assert rows == [(f"`{scope.name}`", scope.reason) for scope in scopes]
