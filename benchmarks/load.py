"""A large Slack export, made of the texts of our own corpus in their order, over and over, with time going on."""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from training.scripts import Script, read

COMMUNITIES = Path(__file__).parent.parent / "corpus" / "communities"
CHANNELS = ("general", "questions", "trade", "tools", "watercooler")
BEGIN = datetime(2025, 1, 6, 8, tzinfo=UTC)


def write_export(path: Path, messages: int) -> None:
    """A zip with so many messages in five channels, four in a minute, by 200 people."""
    days: dict[str, list[dict[str, object]]] = defaultdict(list)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        users = [{"id": f"U{n:04d}", "name": f"member{n}", "team_id": "T0BENCH"} for n in range(200)]
        archive.writestr("users.json", json.dumps(users))
        channels = [
            {"id": f"C{n}", "name": name, "purpose": {"value": f"{name} of a business community"}}
            for n, name in enumerate(CHANNELS)
        ]
        archive.writestr("channels.json", json.dumps(channels))
        for number, (person, text) in enumerate(islice(_posts(), messages)):
            at = BEGIN + timedelta(seconds=15 * number)
            days[f"{CHANNELS[number // 40 % len(CHANNELS)]}/{at:%Y-%m-%d}.json"].append(
                {
                    "type": "message",
                    "user": f"U{person:04d}",
                    "text": text,
                    "ts": f"{at.timestamp():.0f}.{number:06d}",
                }
            )
        for name, rows in days.items():
            archive.writestr(name, json.dumps(rows, ensure_ascii=False))


def _posts() -> Iterator[tuple[int, str]]:
    """Author number and text. Each round of the corpus numbers its lines, so that no text is a copy of an old one."""
    scripts: list[Script] = [read(path) for path in sorted(COMMUNITIES.glob("*.script"))]
    for turn, script in enumerate(cycle(scripts)):
        people = {name: n for n, name in enumerate(dict.fromkeys(line.author for line in script.lines))}
        for line in script.lines:
            mark = f" ({turn // len(scripts)})" if turn >= len(scripts) else ""
            yield (people[line.author] + 16 * turn) % 200, line.text + mark
