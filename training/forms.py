"""Charters in other words and languages, and messages in other languages, than they were written in.

Otherwise a network learns our few charters by heart, and the language tells a label.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from moderation.charter_draft import draft_from_channels
from moderation.messages import Channel
from moderation.normalise import normalise
from training.rows import Place, Row, places
from training.scripts import Script, ScriptChannel, read

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")
Forms = dict[str, list[tuple[str, dict[str, str]]]]
"""By a charter as it is read: its other forms, each with its channels' texts by those of the original."""


def charters_in_other_forms(scripts: Iterable[Path], paths: Iterable[Path]) -> Forms:
    """The charters of scripts as others wrote them, as a draft from the channels, and as their first sentence alone.

    A line of `paths` has community, purpose and, in another language, the channels' purposes by name.
    """
    homes = {script.slug: script for script in map(read, scripts)}
    others: dict[str, list[Script]] = defaultdict(list)
    for script in homes.values():
        draft = draft_from_channels(
            script.name, [Channel(one.name, one.name, one.purpose) for one in script.channels]
        )
        others[script.slug] += [
            replace(script, purpose=draft.purpose),
            replace(script, purpose=_SENTENCE_ENDS.split(script.purpose)[0]),
        ]
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            if (home := homes.get(raw["community"])) is not None:
                others[home.slug].append(_reworded(home, raw["purpose"], raw.get("channels", {})))
    return {
        _purpose(places(home)): [_form(home, other) for other in others[slug]] for slug, home in homes.items()
    }


def _form(home: Script, other: Script) -> tuple[str, dict[str, str]]:
    before, after = places(home), places(other)
    return _purpose(after), {before[name].channel: after[name].channel for name in before}


def _purpose(found: dict[str, Place]) -> str:
    (purpose,) = {place.purpose for place in found.values()}
    return purpose


def translated_rows(rows: Sequence[Row], path: Path) -> list[Row]:
    """Rows with their message in another language; charter, channel and context stay as they are."""
    known = {row.id: row for row in rows}
    found: list[Row] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        raw = json.loads(line)
        if (row := known.get(raw["id"])) is not None:
            language = raw["language"]
            found.append(
                replace(row, id=f"{row.id}-{language}", text=normalise(raw["text"]), language=language)
            )
    return found


def _reworded(script: Script, purpose: str, channels: dict[str, str]) -> Script:
    kept = tuple(
        ScriptChannel(one.name, channels.get(one.name, one.purpose), one.kind) for one in script.channels
    )
    return replace(script, purpose=purpose, channels=kept)
