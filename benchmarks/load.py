"""A large Slack export: the sample community of bookkeepers over and over, with time going on.

Its own charter goes with it. Under another one most of the texts would be off topic, and what is flagged costs more time.
"""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from training.scripts import Script, read

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "corpus" / "samples" / "tidewater-books.script"
CHARTER = ROOT / "bot" / "samples" / "tidewater-books" / "charter.toml"
BEGIN = datetime(2025, 1, 6, 8, tzinfo=UTC)


def write_export(path: Path, messages: int) -> None:
    """A zip with so many messages in five channels, four in a minute, by 200 people."""
    script = read(SCRIPT)
    days: dict[str, list[dict[str, object]]] = defaultdict(list)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        users = [{"id": f"U{n:04d}", "name": f"member{n}", "team_id": "T0BENCH"} for n in range(200)]
        archive.writestr("users.json", json.dumps(users))
        channels = [
            {"id": f"C{n}", "name": channel.name, "purpose": {"value": channel.purpose}}
            for n, channel in enumerate(script.channels)
        ]
        archive.writestr("channels.json", json.dumps(channels))
        for number, (person, channel, text) in enumerate(islice(_posts(script), messages)):
            at = BEGIN + timedelta(seconds=15 * number)
            days[f"{channel}/{at:%Y-%m-%d}.json"].append(
                {
                    "type": "message",
                    "user": f"U{person:04d}",
                    "text": text,
                    "ts": f"{at.timestamp():.0f}.{number:06d}",
                }
            )
        for name, rows in days.items():
            archive.writestr(name, json.dumps(rows, ensure_ascii=False))


def _posts(script: Script) -> Iterator[tuple[int, str, str]]:
    """Author number, channel and text. Each round numbers its lines, so that no text is a copy of an old one."""
    people = {name: n for n, name in enumerate(dict.fromkeys(line.author for line in script.lines))}
    for turn in count():
        for line in script.lines:
            yield (people[line.author] + 16 * turn) % 200, line.channel, f"{line.text} ({turn})"
