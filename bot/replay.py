"""Runs the pipeline over exported history, in time order, with the messages' own clock.

The folder that it writes can be interrupted and gone on with: what is stored and judged stays in replay.db, and the
readable files are only put in place when everything is there.
"""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from bot.history import Export
from bot.replay_folder import READABLE, UNFINISHED, Selection
from bot.report.page import render
from bot.report.rows import Facts, decision_row, summary
from moderation.charter import Charter
from moderation.decisions import Verdict
from moderation.messages import Message, MessageKey
from moderation.pipeline import BATCH, Pipeline
from moderation.policy import Policy
from moderation.ports import Classifier, Community, Store
from moderation.rehearsal import Rehearsal
from moderation.stats import Report, Statistics

AHEAD = 2
"""Batches that are read and stored ahead of the one being judged."""
SETTLED = 2_000
"""Messages after which what has lived so far is taken to live on."""


@dataclass(slots=True)
class Progress:
    """How far a replay is; `show` is called after each batch."""

    total: int
    show: Callable[[int, int], None] | None = None
    done: int = 0

    def add(self, messages: int) -> None:
        """So many more are judged."""
        self.done += messages
        if self.show is not None:
            self.show(self.done, self.total)


class HistoryClock:
    """Each message is decided at its own time; the present is the latest time seen."""

    def __init__(self, start: datetime) -> None:
        self._latest = start

    def now(self) -> datetime:
        """The time of the latest message."""
        return self._latest

    def time_of(self, message: Message) -> datetime:
        """The message's own time."""
        self._latest = max(self._latest, message.posted_at)
        return message.posted_at


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay: what is read, by which rules, into which store. Texts are kept from `started` on."""

    started: datetime
    export: Export
    charter: Charter
    policy: Policy
    classifier: Classifier
    store: Store
    selection: Selection = field(default=Selection())

    @property
    def community(self) -> Community:
        """The community of the export."""
        return Community(self.export.platform, self.export.community)

    async def run(self, progress: Progress) -> None:
        """Judge everything that is not judged yet. May be cancelled and run again."""
        clock = HistoryClock(self.export.first)
        pipeline = self._pipeline(clock)
        await pipeline.publish(self.community, self.charter, self.policy, self.export.first)
        while await pipeline.sweep():
            pass
        stored = await self._stored()
        progress.add(stored)
        settled = progress.done
        _settle()
        try:
            async with aclosing(self._stored_ahead(pipeline, stored)) as batches:
                async for batch in batches:
                    await pipeline.judge(batch.judged)
                    progress.add(batch.size)
                    if progress.done - settled >= SETTLED:
                        settled = progress.done
                        _settle()
        finally:
            gc.unfreeze()
        await pipeline.reconsider(self.community, clock.now() + timedelta(days=1))

    async def in_full(self, messages: Sequence[Message], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts of messages that are about to be shown, with all that can be said for them."""
        return await self._pipeline(HistoryClock(self.export.first)).in_full(messages, verdicts)

    def _pipeline(self, clock: HistoryClock) -> Pipeline:
        return Pipeline(
            self.store,
            self.classifier,
            clock,
            text_kept_from=self.started,
            keep_skipped=True,
            explained=False,
            rehearse=True,
        )

    async def _stored(self) -> int:
        async with self.store.work() as work:
            return await work.decisions.count(self.community)

    def _read(self) -> Iterator[Message]:
        chosen = self.selection
        return self.export.messages(chosen.since, chosen.until, chosen.channels)

    async def _stored_ahead(self, pipeline: Pipeline, skip: int) -> AsyncGenerator[_Batch, None]:
        """Batches that are stored, a few ahead of the judge, so that reading and judging overlap."""
        queue: asyncio.Queue[_Batch | None] = asyncio.Queue(AHEAD)
        stop = asyncio.Event()
        messages = islice(self._read(), skip, None)
        reader = asyncio.create_task(self._receive(pipeline, messages, queue, stop))
        try:
            while (batch := await queue.get()) is not None:
                yield batch
            await reader
        finally:
            # Not cancelled but let finish its batch: a connection that is cut off while it opens would be lost.
            stop.set()
            while not reader.done():
                while not queue.empty():
                    queue.get_nowait()
                await asyncio.wait({reader}, timeout=0.05)

    async def _receive(
        self,
        pipeline: Pipeline,
        messages: Iterator[Message],
        queue: asyncio.Queue[_Batch | None],
        stop: asyncio.Event,
    ) -> None:
        try:
            while not stop.is_set() and (
                chunk := await asyncio.to_thread(lambda: list(islice(messages, BATCH)))
            ):
                await queue.put(_Batch(len(chunk), await pipeline.receive(chunk)))
        finally:
            await queue.put(None)


def _settle() -> None:
    """Spare the garbage collector what lives on: to search all of a long replay's memory stops the loop for 60 ms."""
    gc.collect(1)
    gc.freeze()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Messages that were read together; `judged` are those among them that are to be judged."""

    size: int
    judged: list[Message]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the readable files are made of."""

    report: Report
    rehearsal: Rehearsal
    texts: dict[MessageKey, Message]


async def write(replay: Replay, folder: Path, facts: Facts) -> Report:
    """Write decisions.jsonl, summary.json and report.html, all or none. Raises OSError."""
    rows = folder / f"{READABLE[0]}{UNFINISHED}"
    findings = await _collect(replay, rows)
    await asyncio.to_thread(_write_readable, replay, folder, findings, facts)
    return findings.report


async def _collect(replay: Replay, rows: Path) -> Findings:
    """One pass over the stored decisions: rows to a file, figures, and the rehearsal of other settings."""
    statistics = Statistics(replay.charter, replay.policy)
    rehearsal = Rehearsal(replay.charter, replay.policy)
    with await asyncio.to_thread(rows.open, "w", encoding="utf-8") as stream:
        async with replay.store.work() as work:
            batch: list[str] = []
            async for stored in work.decisions.all(replay.community):
                message, decision = stored.message, stored.decision
                batch.append(json.dumps(decision_row(message, decision), ensure_ascii=False) + "\n")
                statistics.add(message, decision)
                if decision.verdict is not None:
                    rehearsal.add(message, decision.verdict)
                if len(batch) >= 16 * BATCH:
                    await asyncio.to_thread(stream.writelines, batch)
                    batch = []
            await asyncio.to_thread(stream.writelines, batch)
            report = statistics.report()
            if report.last_at is not None:
                rehearsal.settle(report.last_at + timedelta(days=1))
            keys = report.example_keys()
            shown = await work.messages.get(keys)
        await asyncio.to_thread(stream.flush)
    texts = {message.key: message for message in shown if message is not None}
    return Findings(await _explained(replay, report, texts), rehearsal, texts)


async def _explained(replay: Replay, report: Report, texts: Mapping[MessageKey, Message]) -> Report:
    """The report with the reasons of the pitches that it shows in full: the first of each is the classifier's."""
    pitches = [pitch for pitch in report.shown_pitches if pitch.key in texts]
    model = replay.classifier.version
    short = [Verdict(pitch.probabilities, pitch.reasons[0], model) for pitch in pitches]
    full = await replay.in_full([texts[pitch.key] for pitch in pitches], short)
    said = {pitch.key: verdict.why for pitch, verdict in zip(pitches, full, strict=True)}
    shown = tuple(
        replace(pitch, reasons=(said.get(pitch.key, pitch.reasons[0]), *pitch.reasons[1:]))
        for pitch in report.shown_pitches
    )
    return replace(report, shown_pitches=shown)


def _write_readable(replay: Replay, folder: Path, findings: Findings, facts: Facts) -> None:
    report, rehearsal = findings.report, findings.rehearsal
    counted = summary(report, rehearsal.counts(), replay.charter, replay.policy, facts)
    page = render(report, rehearsal, replay.charter, replay.policy, findings.texts, facts)
    content = {READABLE[1]: json.dumps(counted, ensure_ascii=False, indent=1) + "\n", READABLE[2]: page}
    for name, text in content.items():
        (folder / f"{name}{UNFINISHED}").write_text(text, encoding="utf-8")
    for name in READABLE:
        (folder / f"{name}{UNFINISHED}").replace(folder / name)
