"""decisions.jsonl and summary.json: their values, and that docs/replay.md explains every key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.report.rows import Facts, action_row, decision_row, summary
from moderation.actions import FloodHint, NudgeAuthor, NudgeStretch, PitchCard, Welcome
from moderation.messages import Kind
from moderation.move_actions import MoveStretch
from moderation.policy import Policy
from tests.bot.report.stories import FACTS, OFFER, a_week, decided, reported
from tests.factories import MONDAY, PITCH, a_charter, a_message, a_verdict

DOCS = (Path(__file__).parents[3] / "docs" / "replay.md").read_text("utf-8")
FREE = {"skipped", "endings", "actions"}  # their keys are reasons, endings and kinds, not names of ours
COUNTS = {"on_topic", "chatter", "pitch", "unsure", "skipped", "judged", "relevance"}


def documented(title: str) -> set[str]:
    """The keys in the first table of a section of the docs."""
    section = DOCS.split(f"## {title}\n")[1].split("\n## ")[0]
    table = section.split("| --- | --- |\n")[1].split("\n\n")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))


def keys_of(value: object, path: str = "") -> Iterator[str]:
    """Every path to a key: `a.b`, and `a[].b` within lists."""
    if isinstance(value, dict) and path not in FREE and path.rpartition(".")[2] not in FREE:
        for key, inner in value.items():
            below = f"{path}.{key}" if path else str(key)
            yield below
            yield from keys_of(inner, below)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner, f"{path}[]")


def test_a_judged_row() -> None:
    [(message, decision)] = decided([(a_message(7, author="eve"), a_verdict(sure=0.123456))])
    verdict = replace(PITCH, why="an offer")
    row = decision_row(message, replace(decision, verdict=verdict))
    assert row == {
        "platform": "playground",
        "channel_id": "C1",
        "channel": "workshop",
        "message_id": "00007",
        "author_id": "eve",
        "timestamp": "2026-03-02T09:00:00Z",
        "label": "pitch",
        "probabilities": {"on_topic": 0.025, "chatter": 0.025, "pitch": 0.95},
        "abstained": False,
        "outcome": decision.outcome.value,
        "stretch": None,
        "actions": [],
        "why": "; ".join(decision.reasons),
        "skipped": None,
    }


def test_a_row_of_a_pitch_carries_its_card_and_reasons() -> None:
    [(message, decision)] = decided([(a_message(7, author="eve"), PITCH)])
    row = decision_row(message, decision)
    assert row["why"] == "looks like pitch; no exchange with anyone here"
    assert row["actions"] == [
        {
            "kind": "pitch_card",
            "pitch": "C1/00007",
            "message": "C1/00007",
            "member": "eve",
            "drive_by": True,
            "exchanges": 0,
            "copies": ["C1/00007"],
            "waits": False,
            "marker": "card:C1/00007:C1/00007",
        }
    ]


def test_a_skipped_row_has_no_label() -> None:
    [(message, decision)] = decided([(a_message(1, kind=Kind.JOIN), PITCH)])
    row = decision_row(message, decision)
    assert (row["label"], row["probabilities"], row["abstained"]) == (None, None, None)
    assert row["skipped"] == "a join or leave"
    assert row["why"] == "not judged: a join or leave"
    assert row["outcome"] == "skipped"


def test_every_row_is_json_and_has_the_documented_keys() -> None:
    for message, decision in decided(a_week()):
        row = json.loads(json.dumps(decision_row(message, decision)))
        found = {key for key in keys_of(row) if not key.startswith("actions[]")}
        assert found == documented("decisions.jsonl")


def test_every_kind_of_action_is_documented() -> None:
    actions = (
        NudgeStretch("s", "C3", ("ann",), ("1",), offer=True),
        MoveStretch("s", "C3", ("1",), ("ann",), by="policy"),
        NudgeAuthor("ann", "1", "C3"),
        Welcome("ann", "1", "C3"),
        FloodHint("ann", "1"),
        PitchCard("C1/1", "C1/1", "ann", drive_by=True, exchanges=0),
    )
    for action in actions:
        row = action_row(action)
        [line] = re.findall(rf"^\| `{row['kind']}` \| (.+) \|$", DOCS, re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", line)) == row.keys() - {"kind", "marker"}


def test_the_summary_has_the_documented_keys_and_no_others() -> None:
    report, rehearsal = reported(a_week())
    figures = json.loads(json.dumps(summary(report, rehearsal.counts(), a_charter(), OFFER, FACTS)))
    found = {key for key in keys_of(figures) if "[]" not in key or key.rpartition(".")[2] not in COUNTS}
    wanted = {key.removesuffix("[]") for key in documented("summary.json")}
    groups = {"charter", "policy", "policy.caps", "asked", "totals", "stretches", "pitches", "dialogue"}
    groups |= {"days", "channels"}
    detailed = {key for key in found if not re.search(r"probabilities\.", key)}
    assert detailed == wanted | groups


def test_the_summary_in_numbers() -> None:
    report, rehearsal = reported(a_week())
    facts = Facts("x.zip", "m", since=MONDAY, channels=("workshop",), took=1.234)
    figures = summary(report, rehearsal.counts(), a_charter(), OFFER, facts)
    assert figures["asked"] == {"since": "2026-03-02T09:00:00Z", "until": None, "channels": ["workshop"]}
    assert figures["seconds"] == 1.23
    assert figures["first"] == "2026-03-02T09:00:00Z"
    assert isinstance(figures["would"], list)
    assert len(figures["would"]) == 12
    assert figures["greetings"] == 1


def test_an_empty_summary_is_still_whole() -> None:
    report, rehearsal = reported([])
    figures = summary(report, rehearsal.counts(), a_charter(), Policy(), Facts("x.zip", "m"))
    assert json.loads(json.dumps(figures))["totals"]["relevance"] is None
    assert figures["first"] is None


def test_times_keep_their_fractions() -> None:
    at = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)
    [(message, decision)] = decided([(replace(a_message(1), posted_at=at), PITCH)])
    assert decision_row(message, decision)["timestamp"] == "2026-03-02T09:00:00.250000Z"
