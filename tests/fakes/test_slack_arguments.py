"""The server takes what Slack's OpenAPI file names, and beyond it only what newer.py lists."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.slack.newer import ARGUMENTS, METHODS, described, deviations
from tests.fakes.slack.server import SlackServer

VARIABLE = "STEWARD_SLACK_OPENAPI"
DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "specs" / "slack_web_openapi_v2.json"
SOURCE = "https://github.com/slackapi/slack-api-specs (web-api/slack_web_openapi_v2.json)"


@pytest.fixture
def description() -> dict[str, Any]:
    file = Path(os.environ.get(VARIABLE) or DEFAULT)
    if not file.is_file():
        pytest.skip(f"Slack's description is not there. Get it from {SOURCE} and name it in {VARIABLE}.")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def test_every_method_and_argument_is_described_or_listed(description: dict[str, Any]) -> None:
    found = [
        each
        for endpoint in SlackServer().endpoints.values()
        for each in deviations(description, endpoint.method, endpoint.names - {"token"})
    ]
    assert found == []


def test_nothing_is_listed_that_the_file_knows(description: dict[str, Any]) -> None:
    assert [method for method in METHODS if described(description, method) is not None] == []
    for method, arguments in ARGUMENTS.items():
        known = described(description, method)
        assert known is not None
        assert not known & set(arguments)


def test_what_is_in_neither_is_found(description: dict[str, Any]) -> None:
    assert deviations(description, "chat.made_up", []) == ["chat.made_up: no such method"]
    assert deviations(description, "chat.delete", ["channel", "ts", "why"]) == [
        "chat.delete: no argument why"
    ]
