"""The composition root: the only file that may import everything, and that builds what the rest is given."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from moderation.errors import ModelError

if TYPE_CHECKING:  # each command loads only what it uses
    from bot.history import Export
    from bot.replay import Progress
    from bot.replay_diff import Side
    from bot.replay_folder import ReplayFolder, Selection
    from bot.report.flips import Compared
    from bot.report.rows import Facts
    from bot.settings import Settings
    from moderation.charter import Charter
    from moderation.digest import Digest
    from moderation.policy import Policy
    from moderation.ports import Classifier, Store
    from moderation.stats import Report
    from moderation.storage.database import SqlStore

    OpenReplay = tuple[asyncio.Runner, Store, ReplayFolder, Callable[[], datetime]]

SAMPLES = ("tidewater-books", "wick-and-wax")


def load_classifier(model: Path | None = None) -> Classifier:
    """The classifier of a folder, or the one that ships. Raises ModelError."""
    from moderation.classifier.folder import MANIFEST, SHIPPED, open_folder

    folder = model or SHIPPED
    if (folder / MANIFEST).exists() or not (folder / "config.json").exists():
        from moderation.classifier.local import LocalClassifier

        if not folder.is_dir():
            raise ModelError(f"{folder} is no folder: --model wants a model folder")
        return LocalClassifier(open_folder(folder))
    from moderation.classifier.checkpoint import CheckpointClassifier

    return CheckpointClassifier.load(folder)


@asynccontextmanager
async def with_last_tier(classifier: Classifier, settings: Settings) -> AsyncIterator[Classifier]:
    """`classifier`, with the owner's own model behind it where the settings name one, until the context is left.

    For the running bot alone: what replays and classifies stays on this machine.
    """
    if settings.judge_url is None:
        yield classifier
        return
    from moderation.classifier.last_tier import OwnersModel, last_tier

    owners = OwnersModel(
        url=settings.judge_url,
        model=settings.judge_model or "",
        key=settings.judge_key.get_secret_value() if settings.judge_key else "",
        calls_a_day=settings.judge_calls_a_day,
        seconds=settings.judge_timeout,
        below=settings.judge_below,
    )
    async with last_tier(classifier, owners, lambda: datetime.now(UTC)) as both:
        yield both


def check_model(model: Path | None = None) -> str:
    """Verify and load a model folder, let it judge, and say so in a sentence. Raises ModelError."""
    from moderation.charter import Charter
    from moderation.ports import Question

    folder = _model_folder(model)
    classifier = load_classifier(folder)
    asyncio.run(
        classifier.judge([Question("has anyone had this invoice error before?", Charter("", "Bookkeepers"))])
    )
    sizes = [path.stat().st_size for path in folder.iterdir()]
    return f"{classifier.version} is whole and judges: {len(sizes)} files, {sum(sizes) / 1e6:.0f} MB in {folder}."


def model_card(model: Path | None = None) -> str:
    """The card that lies in a model folder. Raises ModelError."""
    path = _model_folder(model) / "README.md"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ModelError(f"{path.parent} has no card: a model folder keeps it as README.md") from None


def _model_folder(model: Path | None) -> Path:
    from moderation.classifier.folder import SHIPPED

    return model or SHIPPED


def migrate(url: str) -> None:
    """Bring a database up to this version."""
    from moderation.storage import schema

    asyncio.run(schema.upgrade(url))


def demo(out: Path) -> None:
    """Replay both sample communities and say what was found and where the reports are."""
    for name in SAMPLES:
        with as_file(files("bot") / "samples" / name) as sample:
            replay(
                export=sample / "export", charter_path=sample / "charter.toml", out=out / name, overwrite=True
            )


def replay(
    *,
    export: Path,
    out: Path,
    charter_path: Path | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    channels: tuple[str, ...] = (),
    max_bytes: int | None = None,
    keep: bool = True,
    overwrite: bool = False,
    model: Path | None = None,
    quiet: bool = False,
) -> None:
    """Replay an export into a folder. Raises BadInput, StoreError or OSError; may be interrupted and run again."""
    from bot.history import DEFAULT_MAX_BYTES, open_export
    from bot.replay_folder import Selection

    selection = Selection(since, until, channels)
    with open_export(export, max_bytes=max_bytes or DEFAULT_MAX_BYTES) as history:
        charter, policy = _rules(history, charter_path)
        history.estimate(since, until, channels)  # refuses an unknown channel before anything is written
        classifier = load_classifier(model)
        started = time.monotonic()
        rules = (charter, policy)
        report = asyncio.run(
            _replay(history, rules, classifier, selection, out, keep=keep, overwrite=overwrite, quiet=quiet)
        )
    from bot.terminal import say_findings

    say_findings(charter, report, out, time.monotonic() - started)


async def _replay(
    history: Export,
    rules: tuple[Charter, Policy],
    classifier: Classifier,
    selection: Selection,
    out: Path,
    *,
    keep: bool,
    overwrite: bool,
    quiet: bool,
) -> Report:
    from bot.replay import Replay, write
    from bot.replay_folder import Identity, prepare
    from moderation.retention import forget_texts
    from moderation.storage import schema
    from moderation.storage.crypto import Vault
    from moderation.storage.database import open_store

    now = datetime.now(UTC)
    charter, policy = rules
    identity = Identity.of(history, charter, policy, classifier.version, selection)
    folder = await asyncio.to_thread(lambda: prepare(out, identity, now, overwrite=overwrite))
    await schema.upgrade(folder.database_url)
    store = await open_store(folder.database_url, Vault(folder.secret))
    begun = time.monotonic()
    try:
        await forget_texts(store, now)
        run = Replay(folder.started, history, charter, policy, classifier, store, selection)
        total = history.estimate(selection.since, selection.until, selection.channels)
        with _progress(total, quiet=quiet) as progress:
            await run.run(progress)
        facts = _facts(history, charter, classifier.version, selection, time.monotonic() - begun)
        report = await write(run, folder.path, facts)
    finally:
        await store.close()
    if not keep:
        await asyncio.to_thread(folder.drop_database)
    return report


def diff(
    *,
    before: Path,
    after: Path,
    folder: Path,
    model_before: Path | None = None,
    model_after: Path | None = None,
) -> Compared:
    """Compare two charter files on the messages that a replay keeps. Raises BadInput, StoreError or OSError."""
    from bot.charters import read_charter
    from bot.replay_diff import Side
    from bot.replay_folder import kept_folder

    rules = [read_charter(path) for path in (before, after)]
    kept = kept_folder(folder)
    first = load_classifier(model_before)
    second = first if model_after == model_before else load_classifier(model_after)
    sides = (Side(str(before), *rules[0], first), Side(str(after), *rules[1], second))
    return asyncio.run(_diff(kept, *sides))


async def _diff(folder: ReplayFolder, before: Side, after: Side) -> Compared:
    from bot.replay_diff import compare

    store = await _opened(folder)
    try:
        with _progress(0, quiet=False) as progress:
            return await compare(folder, store, before, after, progress)
    finally:
        await store.close()


def digest(*, folder: Path, first: date | None, last: date | None, channel: str) -> Digest:
    """The digest of what a replay keeps; of its latest week without days. Raises BadInput or StoreError."""
    from bot.replay_folder import kept_folder

    return asyncio.run(_digest(kept_folder(folder), first, last, channel))


async def _digest(folder: ReplayFolder, first: date | None, last: date | None, channel: str) -> Digest:
    from bot.replay_digest import replayed_digest

    store = await _opened(folder)
    try:
        return await replayed_digest(store, folder, first, last, channel, datetime.now(UTC))
    finally:
        await store.close()


@contextmanager
def opened_replay(path: Path) -> Iterator[OpenReplay]:
    """A finished replay and the present, with a loop to run what it is asked. Raises BadInput or StoreError."""
    from bot.replay_folder import finished_folder

    folder = finished_folder(path)
    with asyncio.Runner() as runner:
        store = runner.run(_opened(folder))
        try:
            yield runner, store, folder, lambda: datetime.now(UTC)
        finally:
            runner.run(store.close())


async def _opened(folder: ReplayFolder) -> SqlStore:
    """The database of a replay, without the texts whose time is over."""
    from moderation.retention import forget_texts
    from moderation.storage import schema
    from moderation.storage.crypto import Vault
    from moderation.storage.database import open_store

    await schema.upgrade(folder.database_url)
    store = await open_store(folder.database_url, Vault(folder.secret))
    try:
        await forget_texts(store, datetime.now(UTC))
    except BaseException:
        await store.close()
        raise
    return store


def _facts(history: Export, charter: Charter, model: str, selection: Selection, took: float) -> Facts:
    """What the report says about its own making; `took` is in seconds."""
    from bot.report.rows import Facts

    return Facts(
        export=history.community_name,
        model=model,
        since=selection.since,
        until=selection.until,
        channels=selection.channels,
        took=took,
        notes=_notes(history, charter),
    )


def _rules(history: Export, charter_path: Path | None) -> tuple[Charter, Policy]:
    from moderation.policy import Policy

    if charter_path is not None:
        from bot.charters import read_charter

        return read_charter(charter_path)
    from moderation.charter_draft import draft_from_channels

    return draft_from_channels(history.community_name, history.channels), Policy()


def _notes(history: Export, charter: Charter) -> tuple[str, ...]:
    draft = "No charter was given: this one is a draft made from the channels' names and purposes. "
    advice = "Write a charter (steward charter init) and replay again: the purpose is what Steward judges by."
    return (*history.notes, *((draft + advice,) if charter.draft else ()))


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Progress]:
    """A bar with rate and time left on a terminal; nothing where nobody looks."""
    from bot.replay import Progress

    if quiet or not sys.stderr.isatty():
        yield Progress(total)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """Messages a second, over the last while."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:.0f} messages/s")

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield Progress(total, lambda done, whole: bar.update(task, completed=done, total=max(whole, done)))
