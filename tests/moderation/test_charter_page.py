"""docs/charter.md tells every key, with the default that the code has, and its examples are charters."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from moderation.charter import ChannelCharter, Charter
from moderation.charter_file import KEYS, parse
from moderation.policy import Caps, Mode, Policy, Strictness

PAGE = (Path(__file__).parents[2] / "docs" / "charter.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SUBTABLES = {"channels", "examples", "policy", "caps", "experiment", "wording"}


def _rows(table: str) -> dict[str, str]:
    """Key and default, as the section of a table tells them."""
    heading = f"`{table}`" if table else "At the top"
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", section, re.MULTILINE))


@pytest.mark.parametrize("table", KEYS)
def test_every_key_is_told(table: str) -> None:
    assert tuple(_rows(table)) == tuple(key for key in KEYS[table] if key not in SUBTABLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_charter(example: str) -> None:
    charter, _ = parse(example, "docs/charter.md")
    assert charter.name


def test_one_example_has_every_key() -> None:
    values = tomllib.loads(EXAMPLES[1])
    assert set(values) == set(KEYS[""])
    assert {key for each in values["channels"] for key in each} == set(KEYS["[[channels]]"])
    assert {key for each in values["examples"] for key in each} == set(KEYS["[[examples]]"])
    assert set(values["policy"]) == set(KEYS["[policy]"])
    assert set(values["policy"]["caps"]) == set(KEYS["[policy.caps]"])
    assert set(values["policy"]["experiment"]) == set(KEYS["[policy.experiment]"])
    assert set(values["wording"]) == set(KEYS["[wording]"])


@pytest.mark.parametrize(
    "table, usual",
    [
        ("", Charter("", "")),
        ("[[channels]]", ChannelCharter("")),
        ("[policy]", Policy()),
        ("[policy.caps]", Caps()),
    ],
)
def test_the_defaults_are_those_of_the_code(table: str, usual: object) -> None:
    told = {key: default for key, default in _rows(table).items() if default[0] == "`" and default != "`[]`"}
    for key, default in told.items():
        value = "en" if key == "language" else getattr(usual, key)
        assert tomllib.loads(f"it = {default.strip('`')}")["it"] == value


@pytest.mark.parametrize("word", [*Mode, *Strictness])
def test_every_choice_is_told(word: str) -> None:
    assert f"`{word}`" in PAGE
