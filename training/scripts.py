"""Reader of community scripts: the plain-text form in which our own communities are written (corpus/README.md)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)
"""Day 1 of every script; a Monday."""


@dataclass(frozen=True, slots=True)
class ScriptChannel:
    """A channel line: `channel: name | purpose | watched, social or promotion`."""

    name: str
    purpose: str
    kind: str = "watched"


@dataclass(frozen=True, slots=True)
class Line:
    """One message: `number` counts from 1; `thread` is a tag or None; `root` says whether it opens its thread."""

    number: int
    at: datetime
    channel: str
    author: str
    thread: str | None
    root: bool
    label: str
    subtype: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """One community with its messages in order of time."""

    slug: str
    name: str
    purpose: str
    language: str
    tone: str
    channels: tuple[ScriptChannel, ...]
    lines: tuple[Line, ...] = field(repr=False)

    def channel(self, name: str) -> ScriptChannel:
        """The channel of that name; raises KeyError."""
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise KeyError(f"{self.slug}: no channel {name!r}")

    def contexts(self, limit: int = 3) -> Iterator[tuple[Line, tuple[Line, ...]]]:
        """Each line with the up to `limit` lines that stood before it in its thread, or else in its channel."""
        seen: dict[tuple[str, str | None], list[Line]] = defaultdict(list)
        for line in self.lines:
            inside = line.thread if line.thread and not line.root else None
            yield line, tuple(seen[line.channel, inside][-limit:])
            seen[line.channel, inside].append(line)
            if line.root:
                seen[line.channel, line.thread].append(line)


def read(path: Path) -> Script:
    """Read a script. Raises ValueError with file and row for what does not fit the form."""
    head, separator, body = path.read_text(encoding="utf-8").partition("\n---\n")
    if not separator:
        raise ValueError(f"{path}: no line `---` between the head and the messages")
    fields: dict[str, str] = {}
    channels: list[ScriptChannel] = []
    for row in filter(str.strip, head.splitlines()):
        key, _, value = row.partition(":")
        if key == "channel":
            channels.append(ScriptChannel(*(part.strip() for part in value.split("|", 2))))
        else:
            fields[key] = value.strip()
    lines = tuple(_lines(path, body, fields["language"]))
    return Script(
        path.stem,
        fields["name"],
        fields["purpose"],
        fields["language"],
        fields["tone"],
        tuple(channels),
        lines,
    )


def _lines(path: Path, body: str, language: str) -> Iterator[Line]:
    threads: set[tuple[str, str]] = set()
    for number, row in enumerate(filter(str.strip, body.splitlines()), 1):
        parts = row.split(" | ", 5)
        when = re.fullmatch(r"(\d+) (\d\d):(\d\d)", parts[0].strip())
        if len(parts) != 6 or when is None:
            raise ValueError(f"{path}, message {number}: six columns are wanted, the first `day HH:MM`")
        channel, author, tag, kind = (part.strip() for part in parts[1:5])
        label, _, rest = kind.partition("/")
        subtype, _, other = rest.partition("@")
        # Seconds are told by the row's number, so that lines within one minute keep their order.
        day, hour, minute = (int(group) for group in when.groups())
        at = FIRST_DAY + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=number * 7 % 60)
        root = tag != "-" and (channel, tag) not in threads
        threads.add((channel, tag))
        text = parts[5].strip().replace("\\n", "\n")
        yield Line(
            number,
            at,
            channel,
            author,
            None if tag == "-" else tag,
            root,
            label,
            subtype,
            other or language,
            text,
        )
