"""Whether the interval of a digest's relevance rate covers the rate that such weeks have, how wide it is, and what a digest costs."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import numpy as np

from benchmarks.load import BEGIN, CHARTER, SCRIPT
from benchmarks.measures import STEWARD, Row
from bot.charters import read_charter
from bot.replay_folder import Identity, prepare
from moderation.actions import PitchCard
from moderation.decisions import Decision, Outcome, Probabilities, Verdict
from moderation.labels import Label
from moderation.messages import Author, Message, MessageKey, Platform
from moderation.ports import Community
from moderation.stats.interval import change, share_over_days
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from training.scripts import read

RUNS = 2_000
SETTINGS = ((50, 0.8), (50, 0.95), (500, 0.8), (500, 0.95), (500, 0.99), (5_000, 0.8), (5_000, 0.95))
"""Messages a week, and about which share of them serves the purpose."""
TALK = 6
"""Posts of a conversation, on average; drift goes through the rest of the conversation in which it begins."""
UNLIKE = 0.5
"""By how much the days differ, as the standard deviation of the logarithms of their odds and numbers."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Shares of runs in which the intervals of the rate and of its change cover the truth, and the rate's mean width."""

    messages: int
    rate: float
    covered: float
    width: float
    change_covered: float


def coverage(messages: int, rate: float, runs: int, seed: int) -> Covered:
    """Weeks of conversations that drift, on days that differ: how often their intervals cover the rate of such weeks."""
    random = np.random.default_rng(seed)
    many = [_week(messages, rate, random) for _ in range(4 * runs)]
    truth = sum(hits for days, _ in many for hits, _ in days) / sum(n for days, _ in many for _, n in days)
    shares = [share for week in many[: 2 * runs] if (share := share_over_days(*week)) is not None]
    pairs = [change(one, other) for one, other in zip(shares[:runs], shares[runs:], strict=False)]
    return Covered(
        messages,
        rate,
        float(np.mean([share.low <= truth <= share.high for share in shares[:runs]])),
        float(np.mean([share.high - share.low for share in shares[:runs]])),
        float(np.mean([one.low <= 0 <= one.high for one in pairs])),
    )


def _week(messages: int, rate: float, random: np.random.Generator) -> tuple[list[tuple[int, int]], int]:
    """(hits, posts) of seven days, and how many conversations they had."""
    talks = 0
    days = []
    for _ in range(7):
        size = messages / 7 * np.exp(random.normal(-(UNLIKE**2) / 2, UNLIKE))
        odds = np.exp(np.log(rate / (1 - rate)) + random.normal(0, UNLIKE))
        lengths = 1 + random.geometric(1 / TALK, random.poisson(size / (TALK + 1)))
        drifted = random.random(len(lengths)) > odds / (1 + odds)
        # Half of the drifted conversations are lost from their first post on, the others from somewhere in the middle.
        kept = np.where(
            drifted, lengths * random.random(len(lengths)) * random.integers(0, 2, len(lengths)), lengths
        )
        talks += len(lengths)
        days.append((int(kept.astype(int).sum()), int(lengths.sum())))
    return days, talks


def digests(runs: int = RUNS) -> list[Row]:
    """The intervals of the relevance rate, a row for each setting."""
    return [_row(coverage(messages, rate, runs, seed)) for seed, (messages, rate) in enumerate(SETTINGS)]


def _row(found: Covered) -> Row:
    about = f"relevance rate's interval, {found.messages:,} messages a week, {found.rate:.0%} on purpose"
    return (
        about,
        (
            f"{found.covered:.1%} of weeks covered, {100 * found.width:.1f} points wide; "
            f"change between two weeks {found.change_covered:.1%}"
        ),
        f"{RUNS:,} simulated weeks; talks drift as a whole, days differ",
    )


STORED = 100_000
"""Judged messages of which a digest is told."""
TIMES = 3
AT_A_TIME = 5_000
PEOPLE = 200
GAP = timedelta(seconds=15)
COMMUNITY = Community(Platform.SLACK, "T0BENCH")
MODEL = "as the script says"
OUTCOMES = {
    Label.ON_TOPIC: Outcome.LEFT_ALONE,
    Label.CHATTER: Outcome.STRETCH,
    Label.PITCH: Outcome.PITCH,
}


def digest_pace(folder: Path) -> list[Row]:
    """`steward digest --out` over a replay's folder that holds so many judged messages, in a process of its own each time."""
    replayed = folder / "digested"
    days = asyncio.run(_fill(replayed, STORED))
    spent = [_spent(replayed, *days, folder / "digest") for _ in range(TIMES)]
    seconds, worked, megabytes = zip(*spent, strict=True)
    return [
        (
            f"digest of {STORED:,} stored messages with its files and charts, median of {TIMES}",
            f"{statistics.median(seconds):.2f} s",
            "under 3 s",
        ),
        ("its processor time, median", f"{statistics.median(worked):.2f} s", "-"),
        ("resident memory at its highest", f"{max(megabytes):.0f} MB", "under 300 MB"),
    ]


async def _fill(folder: Path, messages: int) -> tuple[date, date]:
    """A replay's folder as if a classifier had judged so many posts as the script does; the days of their later half."""
    charter, policy = read_charter(CHARTER)
    identity = Identity("load", charter.version, repr(policy), MODEL, "all")
    kept = prepare(folder, identity, datetime.now(UTC), overwrite=True)
    await schema.upgrade(kept.database_url)
    store = await open_store(kept.database_url, Vault(kept.secret))
    begin = BEGIN.replace(hour=0)
    made = _judged(begin, messages)
    try:
        async with store.work() as work:
            await work.communities.publish(COMMUNITY, charter, policy, begin)
            await work.commit()
        while some := list(islice(made, AT_A_TIME)):
            async with store.work() as work:
                await work.messages.add([message for message, _ in some], kept.started + timedelta(days=7))
                await work.decisions.add([decision for _, decision in some], [])
                for message, decision in some:
                    for action in decision.actions:
                        await work.outbox.add(COMMUNITY, message.key.channel, action, decision.decided_at)
                await work.commit()
    finally:
        await store.close()
    channels = [{"id": f"C{n}", "name": channel.name} for n, channel in enumerate(read(SCRIPT).channels)]
    (folder / "summary.json").write_text(json.dumps({"channels": channels}), encoding="utf-8")
    last = (begin + GAP * (messages - 1)).date()
    half = -(-((last - begin.date()).days + 1) // 2)
    return last - timedelta(days=half - 1), last


def _judged(begin: datetime, messages: int) -> Iterator[tuple[Message, Decision]]:
    """The script over and over, as benchmarks.load writes it, with the verdicts that the script names."""
    script = read(SCRIPT)
    channels = {channel.name: f"C{n}" for n, channel in enumerate(script.channels)}
    people = {name: n for n, name in enumerate(dict.fromkeys(line.author for line in script.lines))}
    lines = ((turn, line) for turn in count() for line in script.lines)
    roots: dict[str, str] = {}
    for number, (turn, line) in enumerate(islice(lines, messages)):
        name, author = f"{number:06d}", f"U{(people[line.author] + 16 * turn) % PEOPLE:04d}"
        if line.root and line.thread:
            roots[line.thread] = name
        message = Message(
            key=MessageKey(COMMUNITY.platform, COMMUNITY.id, channels[line.channel], name),
            author=Author(author, f"member {author}"),
            text=f"{line.text} ({turn})",
            posted_at=begin + GAP * number,
            channel_name=line.channel,
            thread=roots[line.thread] if line.thread and not line.root else None,
        )
        yield message, _decision(message, Label(line.label))


def _decision(message: Message, label: Label) -> Decision:
    rest = {other.value: 0.02 for other in Label if other is not label}
    verdict = Verdict(Probabilities(**{label.value: 0.96}, **rest), "as the script says", MODEL)
    name = f"{message.key.channel}/{message.key.message}"
    card = PitchCard(name, name, message.author.id, drive_by=True, exchanges=0)
    return Decision(
        key=message.key,
        revision=0,
        author=message.author.id,
        posted_at=message.posted_at,
        thread=message.thread,
        outcome=OUTCOMES[label],
        verdict=verdict,
        reasons=("as the script says",),
        actions=(card,) if label is Label.PITCH else (),
        charter_version="load",
        decided_at=message.posted_at,
    )


def _spent(replayed: Path, first: date, last: date, out: Path) -> tuple[float, float, float]:
    """Seconds, seconds of the processor, and highest resident megabytes of one digest."""
    days = ("--from", first.isoformat(), "--to", last.isoformat())
    line = [*STEWARD, "digest", "--replay", str(replayed), *days, "--out", str(out)]
    begun = time.perf_counter()
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, line)
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
