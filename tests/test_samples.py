"""The samples: frozen before any classifier was tuned, and judged by their own charters."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot import app
from bot.charters import read_charter
from moderation.charter_file import render

SAMPLES = Path(app.__file__).parent / "samples"
FROZEN = "445753c5656b5a4575a80b0d2c66047c0ecba2416ab070dfcc5e7d584e913d49"


def test_the_samples_are_as_they_were_frozen() -> None:
    digest = hashlib.sha256()
    for path in sorted(SAMPLES.rglob("*")):
        if path.suffix in {".json", ".toml"}:
            digest.update(path.relative_to(SAMPLES).as_posix().encode() + b"\0" + path.read_bytes())
    assert digest.hexdigest() == FROZEN


def labels(folder: Path) -> list[str | None]:
    lines = (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["label"] for line in lines]


def test_with_each_others_charters_the_reports_are_others(tmp_path: Path) -> None:
    """Shuffle the charters and the report changes."""
    first, second = (SAMPLES / name for name in app.SAMPLES)
    (tmp_path / "other.toml").write_text(_purpose_of(second, first), encoding="utf-8")
    app.replay(export=first / "export", charter_path=first / "charter.toml", out=tmp_path / "own", quiet=True)
    app.replay(
        export=first / "export", charter_path=tmp_path / "other.toml", out=tmp_path / "other", quiet=True
    )
    own, other = labels(tmp_path / "own"), labels(tmp_path / "other")
    changed = [(a, b) for a, b in zip(own, other, strict=True) if a != b]
    assert len(changed) >= 0.1 * len(own)
    # Most of it is what should be: talk about the one's work is beside the point in the other's.
    assert changed.count(("on_topic", "chatter")) > 0.5 * len(changed)
    reports = [json.loads((tmp_path / name / "summary.json").read_text()) for name in ("own", "other")]
    assert reports[0]["totals"] != reports[1]["totals"]


def _purpose_of(stranger: Path, here: Path) -> str:
    """The charter of `here` with name, purposes and examples of `stranger`, so that only what it is for differs."""
    mine, policy = read_charter(here / "charter.toml")
    theirs, _ = read_charter(stranger / "charter.toml")
    channels = tuple(
        replace(channel, purpose=other.purpose)
        for channel, other in zip(mine.channels, theirs.channels, strict=True)
    )
    return render(
        replace(mine, name=theirs.name, purpose=theirs.purpose, channels=channels, examples=()), policy
    )


@pytest.mark.parametrize("name", app.SAMPLES)
def test_the_samples_are_believable_in_size(name: str) -> None:
    gold = Path(__file__).parent.parent / "corpus" / "samples" / f"{name}.gold.jsonl"
    rows = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 400
    assert len({row["channel"] for row in rows}) == 5
    assert {row["label"] for row in rows} == {"on_topic", "chatter", "pitch"}
