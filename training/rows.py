"""What the classifier learns from: our own corpus, and labelled rows of other sources where a folder of them is given.

A row is one message with charter, channel and context exactly as the running classifier reads them.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from bot.history import open_export
from moderation.charter import ChannelCharter, Charter
from moderation.classifier.asking import channel_text, purpose_text
from moderation.messages import ContextLine
from moderation.normalise import normalise
from moderation.ports import Question
from training.rooms import read_rooms
from training.scripts import Script, read

LABELS = ("on_topic", "chatter", "pitch")
CONTEXT = 3
PAIR = "pair"
"""The subtype of rows whose text stands under several charters."""
FOREIGN = "foreign"
"""The subtype of rows that careful readers judged under another community's charter."""
ONCE = "once"
"""The subtype of rows that careful readers judged under a charter written for these few messages."""
ROOMS = "rooms"
"""The source of rows of rooms."""
FIXED = frozenset({PAIR, FOREIGN, ONCE})
"""Subtypes of rows whose label holds for just this charter, channel and context."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message. `own` says that we wrote it; `context` is newest first, as the model reads it.

    `social` and `promotion` say what the channel welcomes; `source` names where the message (not its window) is from;
    rows of one `place` follow each other in one conversation; `home` is the charter as it was written where `purpose` is a
    form of it; `language` is the message's where it is known; `target` has the probabilities of a careful reading, if any.
    """

    id: str
    community: str
    source: str
    purpose: str
    channel: str
    context: tuple[str, ...]
    text: str
    label: str
    subtype: str
    own: bool
    train_ok: bool = True
    social: bool = False
    promotion: bool = False
    place: str = ""
    home: str = ""
    language: str = ""
    target: tuple[float, float, float] | None = None


def own_rows(paths: Iterable[Path]) -> list[Row]:
    """Rows of community scripts."""
    return [row for path in sorted(paths) for row in _script_rows(read(path))]


def other_rows(folder: Path) -> list[Row]:
    """Rows of labelled JSON-lines files: id, source, community, charter, text, label, context, train_ok."""
    rows: list[Row] = []
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            rows += [_other_row(json.loads(line)) for line in lines]
    return rows


def pair_rows(paths: Iterable[Path]) -> list[Row]:
    """Rows of minimal pairs: one text under several charters, each with charter, channel_purpose and label.

    They stand as a list `readings`, or as `first` and `second`.
    """
    rows: list[Row] = []
    for path in sorted(paths):
        for line in path.read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            for number, reading in enumerate(item.get("readings") or [item["first"], item["second"]]):
                raw = {
                    **item,
                    **reading,
                    "id": f"{item['id']}-{number}",
                    "community": item["id"],
                    "subtype": PAIR,
                }
                rows.append(replace(_other_row(raw), own=True, train_ok=True))
    return rows


def single_rows(paths: Iterable[Path]) -> list[Row]:
    """Rows of single messages, each with charter, channel and context of its own."""
    rows: list[Row] = []
    for path in sorted(paths):
        for line in path.read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            channel = {
                "social": raw["subtype"] == "social_channel",
                "promotion": raw["subtype"] == "promotion_welcome",
            }
            rows.append(replace(_other_row(raw), own=True, train_ok=True, **channel))
    return rows


def room_rows(paths: Iterable[Path]) -> list[Row]:
    """Rows of rooms, each with the three messages before it."""
    rows: list[Row] = []
    for room in read_rooms(paths):
        charter, before = Charter("", room.charter), [ContextLine("", line.text) for line in room.lines]
        for number, line in enumerate(room.lines):
            context = tuple(before[max(0, number - CONTEXT) : number])
            question = Question(line.text, charter, ChannelCharter("", ""), context)
            rows.append(
                Row(
                    id=f"{room.slug}-{number:03d}",
                    community=room.slug,
                    source=ROOMS,
                    **_as_read(question),
                    text=normalise(line.text),
                    label=line.label,
                    subtype=line.subtype,
                    own=True,
                    place=room.slug,
                    language=room.language,
                )
            )
    return rows


def foreign_rows(rows: Sequence[Row], scripts: Iterable[Path], readings: Path) -> list[Row]:
    """Messages of one community as careful readers judged them under another's charter.

    `readings` has the columns id, community, channel, context (1 where the message's own was shown) and whole percents.
    """
    known = {row.id: row for row in rows}
    homes = {script.slug: script for script in map(read, scripts)}
    found: list[Row] = []
    with readings.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            row, script = known.get(line["id"]), homes.get(line["community"])
            if row is None or script is None:
                continue
            place = Place.of(script, line["channel"])
            target = _percents(line)
            found.append(
                replace(
                    row,
                    id=f"{row.id}@{script.slug}",
                    community=f"{script.slug}@",
                    purpose=place.purpose,
                    channel=place.channel,
                    context=row.context if line["context"] == "1" else (),
                    label=LABELS[target.index(max(target))],
                    subtype=FOREIGN,
                    social=place.social,
                    promotion=place.promotion,
                    place="",
                    target=target,
                )
            )
    return found


def once_rows(rows: Sequence[Row], charters: Path, readings: Path) -> list[Row]:
    """Messages as careful readers judged them under charters that stand nowhere else: a charter met once cannot be learnt by heart.

    `charters` has an object a line: id, charter, channel, kind (watched, social or promotion); `readings` the columns id, charter,
    context (1 where the message's own was shown) and whole percents.
    """
    known = {row.id: row for row in rows}
    homes = {raw["id"]: raw for raw in map(json.loads, charters.read_text(encoding="utf-8").splitlines())}
    found: list[Row] = []
    with readings.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            row, home = known.get(line["id"]), homes[line["charter"]]
            if row is None:
                continue
            social, promotion = home["kind"] == "social", home["kind"] == "promotion"
            entry = ChannelCharter("", home["channel"], social=social, promotion_welcome=promotion)
            question = Question("", Charter("", home["charter"]), entry, ())
            target = _percents(line)
            found.append(
                replace(
                    row,
                    id=f"{row.id}@{home['id']}",
                    community=home["id"],
                    purpose=purpose_text(question),
                    channel=channel_text(question),
                    context=row.context if line["context"] == "1" else (),
                    label=LABELS[target.index(max(target))],
                    subtype=ONCE,
                    social=social,
                    promotion=promotion,
                    place="",
                    home="",
                    target=target,
                )
            )
    return found


def log_rows(export: Path, community: str, charter: str, readings: Path) -> list[Row]:
    """Rows of a chronological log in Slack's export form; their labels are those of the careful readings."""
    rows: list[Row] = []
    before: list[ContextLine] = []
    with open_export(export) as history:
        for message in history.messages():
            if message.text:
                question = Question(
                    message.text, Charter("", charter), ChannelCharter("", ""), tuple(before[-CONTEXT:])
                )
                rows.append(_log_row(f"stream-{message.key.message}", community, question))
                before.append(ContextLine(message.author.name, message.text))
    read_ones = [row for row in with_readings(rows, readings) if row.target]
    return [replace(row, label=LABELS[row.target.index(max(row.target))]) for row in read_ones if row.target]


def _log_row(name: str, community: str, question: Question) -> Row:
    return Row(
        id=name,
        community=community,
        source="log",
        **_as_read(question),
        text=normalise(question.text),
        label="on_topic",
        subtype="",
        own=False,
    )


def with_readings(rows: Sequence[Row], path: Path) -> list[Row]:
    """The rows with the probabilities of careful readings, the mean where there are two: columns id and whole percents."""
    found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            found[line["id"]].append(_percents(line))
    return [replace(row, target=_mean(found[row.id])) if row.id in found else row for row in rows]


def _percents(line: dict[str, str]) -> tuple[float, float, float]:
    on_topic, chatter, pitch = (float(line[label]) / 100 for label in LABELS)
    return on_topic, chatter, pitch


def _mean(readings: Sequence[tuple[float, ...]]) -> tuple[float, float, float]:
    on_topic, chatter, pitch = (sum(shares) / len(readings) for shares in zip(*readings, strict=True))
    return on_topic, chatter, pitch


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a script as the running classifier would read it."""

    purpose: str
    channel: str
    social: bool
    promotion: bool

    @classmethod
    def of(cls, script: Script, name: str) -> Place:
        """Raises KeyError where there is no such channel."""
        channel = script.channel(name)
        social, promotion = channel.kind == "social", channel.kind == "promotion"
        entry = ChannelCharter(channel.name, channel.purpose, social=social, promotion_welcome=promotion)
        question = Question("", Charter(script.name, script.purpose), entry, ())
        return cls(purpose_text(question), channel_text(question), social, promotion)


def places(script: Script) -> dict[str, Place]:
    """All channels of a script by name."""
    return {channel.name: Place.of(script, channel.name) for channel in script.channels}


def _script_rows(script: Script) -> Iterator[Row]:
    found = places(script)
    for line, before in script.contexts(CONTEXT):
        place = found[line.channel]
        yield Row(
            id=f"{script.slug}-{line.number:04d}",
            community=script.slug,
            source=script.slug[0],
            purpose=place.purpose,
            channel=place.channel,
            context=tuple(normalise(one.text) for one in before)[::-1],
            text=normalise(line.text),
            label=line.label,
            subtype=line.subtype,
            own=True,
            social=place.social,
            promotion=place.promotion,
            place=f"{line.channel}/{line.thread or ''}",
            language=line.language,
        )


def _other_row(raw: dict[str, object]) -> Row:
    context = [ContextLine(str(line["author"]), str(line["text"])) for line in raw["context"]]  # type: ignore[attr-defined]
    channel = ChannelCharter("", str(raw.get("channel_purpose") or ""))
    question = Question(
        str(raw["text"]), Charter("", str(raw["charter"])), channel, tuple(context[-CONTEXT:])
    )
    return Row(
        id=str(raw["id"]),
        community=str(raw["community"]),
        source=str(raw.get("source") or ""),
        **_as_read(question),
        text=normalise(question.text),
        label=str(raw["label"]),
        subtype=str(raw.get("subtype") or ""),
        own=False,
        train_ok=bool(raw.get("train_ok")),
    )


def question_of(row: Row) -> Question:
    """The question that is read as this row; charter and channel are plain text."""
    context = tuple(ContextLine("", text) for text in reversed(row.context))
    return Question(row.text, Charter("", row.purpose), ChannelCharter("", row.channel), context)


class _Read(TypedDict):
    purpose: str
    channel: str
    context: tuple[str, ...]


def _as_read(question: Question) -> _Read:
    lines = tuple(normalise(line.text) for line in question.context)[::-1]
    return {"purpose": purpose_text(question), "channel": channel_text(question), "context": lines}


# Groups of sources that are held out together, so that each test part has all three labels and neither its
# communities nor the sources of its chatter and pitches were seen in training.
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "forums": (
        ("accounting", "freelance", "marketing", "personalfinance", "realestate", "seo"),
        ("Topical-Chat", "Switchboard", "r/shamelessplug"),
    ),
    "gitter": (("dl4j", "docker", "typescript"), ("SMS",)),
    "slack": (("clojurians", "elm", "racket", "banking"), ("CLINC", "reddit-top-2.5M (umbrae)", "YouTube")),
}


def tested(row: Row, group: str) -> bool:
    """Whether a row belongs to the test part of a group."""
    communities, sources = GROUPS[group]
    inside = row.community.startswith(communities)
    return inside and (row.label == "on_topic" or row.source.startswith(sources) or _named(row, sources))


def trainable(row: Row, group: str) -> bool:
    """Whether a row may be trained on when `group` is held out."""
    communities, sources = GROUPS[group]
    if row.own:
        return True
    if row.subtype == ONCE:
        return False
    seen = row.community.startswith(communities) or (row.label != "on_topic" and _named(row, sources))
    return row.train_ok and not seen


def _named(row: Row, sources: Sequence[str]) -> bool:
    return any(source in row.source for source in sources)
