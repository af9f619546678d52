"""Validates the corpus and prints what is in it.

    python -m training.corpus

Exits with 1 and a line for each fault: a label, subtype, channel, time or language that the form does not have, a text
that stands twice in a community, or one of the locked part that also stands (nearly) elsewhere.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from moderation.normalise import normalise
from training.rooms import read_rooms
from training.rows import LABELS
from training.scripts import Script, read

CORPUS = Path(__file__).parent.parent / "corpus"
SUBTYPES = {
    "on_topic": "question answer discussion news introduction social_channel promotion_welcome ack_in_thread promo_lookalike "
    "programme_announcement own_product_news business_talk_in_thread hard_negative",
    "chatter": "greeting small_talk drift banter meme",
    "pitch": "blatant flattery fake_question story free_guide hiring dm_me referral poaching follow_swap engagement_pod "
    "link_drop services",
}
LANGUAGES = frozenset("en de es fr it nl pt cy pl ru".split())
KINDS = frozenset({"watched", "social", "promotion"})
LONG = 12
"""Characters from which on a text that stands twice in one community is a fault: "thanks!" may."""
WORDS = 5
"""Words in a row that two texts must share to be compared ..."""
ALIKE = 0.6
"""... and the share of one's runs found in the other that makes them near-duplicates."""
FEWEST = 3
"""Runs that a text must have to be called a duplicate: "pics or it didn't happen" is everybody's."""


def faults() -> Iterator[str]:
    """What is wrong with the corpus, a sentence each."""
    parts = {name: [read(path) for path in sorted((CORPUS / name).glob("*.script"))] for name in PARTS}
    for name, scripts in parts.items():
        for script in scripts:
            # Pitches that are posted in several channels are part of what the samples show.
            twice = name == "samples"
            yield from (f"{script.slug}: {fault}" for fault in _of_script(script, twice=twice))
    for path in sorted(CORPUS.glob("*/pairs_*.jsonl")):
        yield from (f"{path.name}: {fault}" for fault in _of_pairs(path))
    for path in sorted(CORPUS.glob("singles/*.jsonl")):
        yield from (f"{path.name}: {fault}" for fault in _of_singles(path))
    yield from (f"rooms: {fault}" for fault in _of_rooms())
    yield from (f"translations: {fault}" for fault in _of_translations(parts["communities"]))
    yield from (f"foreign.csv: {fault}" for fault in _of_foreign(parts["communities"]))
    yield from (f"once: {fault}" for fault in _of_once(parts["communities"]))
    elsewhere = [
        line.text for name in ("communities", "samples") for one in parts[name] for line in one.lines
    ]
    elsewhere += list(_texts((CORPUS / "pairs").glob("*.jsonl")))
    elsewhere += list(_texts((CORPUS / "singles").glob("*.jsonl")))
    elsewhere += [line.text for room in read_rooms((CORPUS / "rooms").glob("*.txt")) for line in room.lines]
    locked = [line.text for one in parts["locked"] for line in one.lines]
    locked += list(_texts((CORPUS / "locked").glob("pairs_*.jsonl")))
    yield from (
        f"locked text is nearly in another part: {text!r}" for text in near_duplicates(locked, elsewhere)
    )


WHOLE = 100
OTHERS = "D-"
"""How identifiers of other sources begin."""
PARTS = ("communities", "locked", "samples")


def _of_script(script: Script, *, twice: bool) -> Iterator[str]:
    channels = {channel.name for channel in script.channels}
    texts: Counter[str] = Counter()
    before = None
    for channel in script.channels:
        if channel.kind not in KINDS:
            yield f"channel {channel.name} is {channel.kind!r}, not one of {sorted(KINDS)}"
    for line in script.lines:
        if line.label not in SUBTYPES or line.subtype not in SUBTYPES[line.label].split():
            yield f"message {line.number}: no label {line.label}/{line.subtype}"
        if line.channel not in channels:
            yield f"message {line.number}: no channel {line.channel}"
        if line.language not in LANGUAGES:
            yield f"message {line.number}: no language {line.language}"
        if before is not None and line.at.replace(second=0) < before.at.replace(second=0):
            yield f"message {line.number} goes back in time"
        before = line
        texts[line.text.lower()] += 1
    for text, times in texts.items():
        if times > 1 and len(text) > LONG and not twice:
            yield f"{text[:60]!r} stands {times} times"


def _of_pairs(path: Path) -> Iterator[str]:
    seen: set[str] = set()
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        item = json.loads(row)
        readings = item.get("readings") or [item["first"], item["second"]]
        if item["id"] in seen:
            yield f"line {number}: {item['id']} stands twice"
        seen.add(item["id"])
        if any(reading["label"] not in LABELS or not reading["charter"] for reading in readings):
            yield f"line {number}: a reading lacks its label or charter"


def _of_singles(path: Path) -> Iterator[str]:
    seen: set[str] = set()
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        item = json.loads(row)
        if item["id"] in seen:
            yield f"line {number}: {item['id']} stands twice"
        seen.add(item["id"])
        if item["label"] not in SUBTYPES or item["subtype"] not in SUBTYPES[item["label"]].split():
            yield f"line {number}: no label {item['label']}/{item['subtype']}"
        if not item["charter"] or not item["text"] or item["language"] not in LANGUAGES:
            yield f"line {number}: no charter, text or known language"


def _of_rooms() -> Iterator[str]:
    """Whether rooms differ in name and charter, and have known languages, subtypes and all three labels."""
    met: Counter[str] = Counter()
    for room in read_rooms((CORPUS / "rooms").glob("*.txt")):
        met.update((room.slug, room.charter))
        if room.language not in LANGUAGES or {line.label for line in room.lines} != set(LABELS):
            yield f"{room.slug}: no known language, or not all three labels"
        for line in room.lines:
            if line.subtype and line.subtype not in SUBTYPES[line.label].split():
                yield f"{room.slug}: no label {line.label}/{line.subtype}"
    yield from (f"{name!r} stands {times} times" for name, times in met.items() if times > 1)


def _of_translations(scripts: Iterable[Script]) -> Iterator[str]:
    homes = {script.slug: {channel.name for channel in script.channels} for script in scripts}
    for number, item in _rows("charters/translated.jsonl"):
        if set(item["channels"]) != homes.get(item["community"]):
            yield f"translated.jsonl, line {number}: not the channels of {item['community']}"
    for number, item in _rows("charters/reworded.jsonl"):
        if item["community"] not in homes or not item["purpose"]:
            yield f"reworded.jsonl, line {number}: no purpose or no community {item['community']}"
    for number, item in _rows("translations/messages.jsonl"):
        if item["id"].rpartition("-")[0] not in homes or item["language"] not in LANGUAGES:
            yield f"messages.jsonl, line {number}: no message {item['id']} or no known language"


def _of_once(scripts: Iterable[Script]) -> Iterator[str]:
    """Charters that come once, and the readings under them: every charter has some, and each its message and probabilities."""
    ours = {f"{script.slug}-{line.number:04d}" for script in scripts for line in script.lines}
    seen: set[tuple[str, str]] = set()
    unread: dict[str, str] = {}
    for number, item in _rows("charters/once.jsonl"):
        if item["id"] in unread or item["charter"] in unread.values():
            yield f"once.jsonl, line {number}: {item['id']} or its charter stands twice"
        if item["kind"] not in KINDS or not item["charter"]:
            yield f"once.jsonl, line {number}: no charter, or a channel that is {item['kind']!r}"
        unread[item["id"]] = item["charter"]
    known = set(unread)
    with (CORPUS / "readings" / "once.csv").open(encoding="utf-8", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), 2):
            unread.pop(line["charter"], None)
            if line["id"] not in ours and not line["id"].startswith(OTHERS):
                yield f"once.csv, line {number}: no message {line['id']}"
            if (line["id"], line["charter"]) in seen or line["context"] not in ("0", "1"):
                yield f"once.csv, line {number}: stands twice, or has no 0 or 1 for its context"
            seen.add((line["id"], line["charter"]))
            if line["charter"] not in known or sum(int(line[label]) for label in LABELS) != WHOLE:
                yield f"once.csv, line {number}: no charter {line['charter']}, or percents that do not sum to {WHOLE}"
    yield from (f"once.jsonl: nothing is read under {name}" for name in unread)


def _rows(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The numbered objects of a file of JSON lines."""
    for number, row in enumerate((CORPUS / name).read_text(encoding="utf-8").splitlines(), 1):
        yield number, json.loads(row)


def _of_foreign(scripts: Iterable[Script]) -> Iterator[str]:
    homes = {script.slug: {channel.name for channel in script.channels} for script in scripts}
    with (CORPUS / "readings" / "foreign.csv").open(encoding="utf-8", newline="") as lines:
        for number, line in enumerate(csv.DictReader(lines), 2):
            if line["channel"] not in homes.get(line["community"], ()):
                yield f"line {number}: no channel {line['channel']} in {line['community']}"
            if sum(int(line[label]) for label in LABELS) != WHOLE:
                yield f"line {number}: the percents do not sum to {WHOLE}"


def _texts(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        yield from (json.loads(row)["text"] for row in path.read_text(encoding="utf-8").splitlines())


def near_duplicates(texts: Iterable[str], others: Iterable[str]) -> list[str]:
    """Those of `texts` most of whose runs of five words also stand in one of `others`."""
    index: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, other in enumerate(others):
        for run in _runs(other):
            index[run].add(number)
    found = []
    for text in texts:
        runs = _runs(text)
        shared = Counter(number for run in runs for number in index.get(run, ()))
        if len(runs) >= FEWEST and shared and max(shared.values()) / len(runs) >= ALIKE:
            found.append(text)
    return found


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", normalise(text).lower())
    return {tuple(words[start : start + WORDS]) for start in range(len(words) - WORDS + 1)}


def _contents() -> Iterator[str]:
    for name in PARTS:
        scripts = [read(path) for path in sorted((CORPUS / name).glob("*.script"))]
        lines = [line for script in scripts for line in script.lines]
        labels = Counter(line.label for line in lines)
        languages = Counter(line.language for line in lines)
        yield f"{name}: {len(scripts)} communities, {len(lines)} messages, {dict(labels)}, {dict(languages)}"
    for path in sorted(CORPUS.glob("*/pairs_*.jsonl")):
        yield f"{path.parent.name}/{path.name}: {len(path.read_text(encoding='utf-8').splitlines())} texts"
    for path in sorted(CORPUS.glob("singles/*.jsonl")):
        labels = Counter(json.loads(row)["label"] for row in path.read_text(encoding="utf-8").splitlines())
        yield f"singles/{path.name}: {sum(labels.values())} messages, {dict(labels)}"
    rooms = list(read_rooms((CORPUS / "rooms").glob("*.txt")))
    labels = Counter(line.label for room in rooms for line in room.lines)
    yield f"rooms: {len(rooms)} rooms, {sum(labels.values())} messages, {dict(labels)}"


def main() -> None:
    """Print contents and faults."""
    print("\n".join(_contents()))
    found = list(faults())
    print("\n".join(found) or "no faults")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
