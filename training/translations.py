"""Charters and messages in other languages than they were written in, so that language does not tell a label."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from moderation.normalise import normalise
from training.rows import Row, places
from training.scripts import Script, ScriptChannel, read

Translations = dict[str, list[tuple[str, dict[str, str]]]]
"""By a charter as it is read: its other forms, each with its channels' texts by those of the original."""


def charters_in_other_languages(scripts: Iterable[Path], path: Path) -> Translations:
    """The translated charters of scripts: community, language, purpose, and the channels' purposes by name."""
    homes = {script.slug: script for script in map(read, scripts)}
    found: Translations = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        if (script := homes.get(raw["community"])) is None:
            continue
        original, other = places(script), places(_translated(script, raw["purpose"], raw["channels"]))
        (purpose,) = {place.purpose for place in original.values()}
        (translated,) = {place.purpose for place in other.values()}
        found[purpose].append(
            (translated, {original[name].channel: other[name].channel for name in original})
        )
    return dict(found)


def translated_rows(rows: Sequence[Row], path: Path) -> list[Row]:
    """Rows with their message in another language; charter, channel and context stay as they are."""
    known = {row.id: row for row in rows}
    found: list[Row] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        if (row := known.get(raw["id"])) is not None:
            found.append(replace(row, id=f"{row.id}-{raw['language']}", text=normalise(raw["text"])))
    return found


def _translated(script: Script, purpose: str, channels: dict[str, str]) -> Script:
    kept = tuple(
        ScriptChannel(one.name, channels.get(one.name, one.purpose), one.kind) for one in script.channels
    )
    return replace(script, purpose=purpose, channels=kept)
