"""The check itself, on a made-up description."""

from __future__ import annotations

import pytest

from tests.conformance.__main__ import report
from tests.conformance.description import Asked, Description

ID = {"type": "string", "pattern": "^[0-9]+$"}
BUTTON = {
    "type": "object",
    "properties": {"type": {"const": 2}, "label": {"type": "string", "maxLength": 5}},
    "required": ["type"],
}
MENU = {
    "type": "object",
    "properties": {"type": {"const": 3}, "options": {"type": "array"}},
    "required": ["type"],
}
DESCRIPTION = Description(
    {
        "components": {"schemas": {"Id": ID, "Button": BUTTON, "Menu": MENU}},
        "paths": {
            "/rooms/{room}": {
                "parameters": [
                    {
                        "name": "room",
                        "in": "path",
                        "required": True,
                        "schema": {"$ref": "#/components/schemas/Id"},
                    }
                ],
                "get": {
                    "parameters": [
                        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                        {"name": "wait", "in": "query", "schema": {"type": "boolean"}},
                    ]
                },
                "post": {
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "parts": {
                                            "type": "array",
                                            "items": {
                                                "oneOf": [
                                                    {"$ref": "#/components/schemas/Button"},
                                                    {"$ref": "#/components/schemas/Menu"},
                                                ]
                                            },
                                        },
                                        "names": {
                                            "type": "object",
                                            "additionalProperties": {"type": "string"},
                                        },
                                    },
                                }
                            }
                        },
                    }
                },
            },
            "/rooms/all": {"get": {}},
        },
    }
)


def found(asked: Asked) -> list[tuple[str, str]]:
    return [(each.place, each.says) for each in DESCRIPTION.deviations(asked)]


@pytest.mark.parametrize(
    "asked",
    [
        Asked("GET", "/rooms/12", {"limit": "100", "wait": "1"}),
        Asked("GET", "/rooms/all"),
        Asked(
            "POST",
            "/rooms/12",
            body={"parts": [{"type": 2, "label": "Yes"}, {"type": 3}], "names": {"de": "x"}},
        ),
    ],
)
def test_what_is_as_described_passes(asked: Asked) -> None:
    assert found(asked) == []


@pytest.mark.parametrize(
    "asked, place, says",
    [
        (Asked("GET", "/houses"), "", "no such route"),
        (Asked("DELETE", "/rooms/12"), "", "no such route"),
        (Asked("GET", "/rooms/kitchen"), "path.room", "pattern"),
        (Asked("GET", "/rooms/12", {"colour": "red"}), "query.colour", "no such parameter"),
        (Asked("GET", "/rooms/12", {"limit": "101"}), "query.limit", "maximum"),
        (Asked("GET", "/rooms/12", {"limit": "many"}), "query.limit", "'integer', it is str"),
        (Asked("GET", "/rooms/12", {"wait": "yes"}), "query.wait", "'boolean', it is str"),
        (Asked("GET", "/rooms/12", body={}), "body", "has none"),
        (Asked("POST", "/rooms/12"), "body", "required"),
        (Asked("POST", "/rooms/12", body={"colour": "red"}), "body.colour", "no such field"),
        (Asked("POST", "/rooms/12", body={"parts": [{"type": 2}, {"type": 3, "label": ""}]}), "body.parts[].label", ""),
        (Asked("POST", "/rooms/12", body={"parts": [{"type": 2, "label": "No, no"}]}), "body.parts[].label", "maxLen"),
    ],
)  # fmt: skip
def test_what_is_not_is_found_where_it_is(asked: Asked, place: str, says: str) -> None:
    ((where, what),) = found(asked)
    assert where == place
    assert says in what


def test_a_deviation_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(DESCRIPTION, [Asked("GET", f"/rooms/{room}", {"limit": "101"}) for room in range(9)])
    said = capsys.readouterr().out
    assert said.count("query.limit") == 1
    assert "9 requests, 1 deviations" in said
