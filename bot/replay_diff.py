"""Compares two charters on the messages that a replay keeps, before one of them is published.

Nothing is stored. What the replay's own judging answers already is not judged a second time, and neither is what a
classifier would read alike under both charters: a verdict depends on its own question alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.replay import Progress
from bot.replay_folder import READABLE, ReplayFolder, begun
from bot.report.flips import Compared
from bot.report.words import count_of
from moderation.charter import Charter
from moderation.conversation import CONTEXT_LINES, context_of
from moderation.decisions import Ruling, Verdict
from moderation.diff import Comparison
from moderation.errors import BadInput
from moderation.messages import Kind, Message, MessageKey
from moderation.pipeline import BATCH
from moderation.policy import Policy, skip_reason
from moderation.ports import Classifier, Question, Store, Stored


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: rules, what they are called for people (a file's name), and who judges by them."""

    name: str
    charter: Charter
    policy: Policy
    classifier: Classifier


async def compare(
    folder: ReplayFolder, store: Store, before: Side, after: Side, progress: Progress
) -> Compared:
    """Run both sides over what is kept. Raises BadInput where there is nothing that they could be compared on."""
    kept = await _read(folder, store)
    _refuse_foreign(before, after, kept)
    _refuse_foreign(after, before, kept)
    replayed = _Judged(kept.charter, kept.verdicts)
    first = await _judged(store, before, kept, (replayed,), progress)
    second = await _judged(store, after, kept, (first, replayed), progress)
    comparison = Comparison((before.charter, before.policy), (after.charter, after.policy))
    for number, message in enumerate(kept.messages):
        comparison.add(message, first.verdicts.get(message.key), second.verdicts.get(message.key))
        if number % BATCH == 0:
            await asyncio.sleep(0)  # here Ctrl-C is heard
    return Compared(
        diff=comparison.diff(kept.rulings),
        charter=after.charter,
        policy=after.policy,
        messages={message.key: message for message in kept.messages},
        judged=first.new + second.new,
        notes=tuple(_notes(folder.path, kept, before, after)),
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a replay left: its charter, messages with their texts and verdicts, rulings, channel names by id.

    `unstored` are posts that its charter did not watch, so that their texts were never stored; `forgotten` counts
    judged messages whose text is gone.
    """

    charter: Charter
    messages: Sequence[Message]
    verdicts: Mapping[MessageKey, Verdict]
    rulings: Sequence[Ruling]
    channels: Mapping[str, str]
    unstored: Sequence[Message]
    forgotten: int


async def _read(folder: ReplayFolder, store: Store) -> _Kept:
    async with store.work() as work:
        community, charter, policy = await begun(work, folder)
        stored = [each async for each in work.decisions.all(community)]
        rulings = [ruling async for ruling in work.rulings.all(community)]
    kept = _sorted_out(stored, charter, rulings)
    if not kept.messages and kept.forgotten:
        days = count_of(policy.retention_days, "day")
        again = "replay the export again with --overwrite"
        raise BadInput(
            f"the texts in {folder.path} are forgotten, as promised, {days} after the replay: {again}"
        )
    if not kept.messages:
        raise BadInput(f"the replay in {folder.path} judged no message: there is nothing to compare")
    return kept


def _sorted_out(stored: Sequence[Stored], charter: Charter, rulings: Sequence[Ruling]) -> _Kept:
    newest = [each for each in stored if each.decision.revision == each.message.revision]
    judged = [each for each in newest if each.decision.verdict is not None]
    told = [each.message for each in judged if each.message.text.strip() or each.message.attachments]
    return _Kept(
        charter=charter,
        messages=told,
        verdicts={each.message.key: each.decision.verdict for each in judged if each.decision.verdict},
        rulings=rulings,
        channels=_channel_names(each.message for each in newest),
        unstored=[
            each.message
            for each in newest
            if each.decision.verdict is None
            and not charter.is_watched(each.message.key.channel, each.message.channel_name)
        ],
        forgotten=len(judged) - len(told),
    )


def _channel_names(messages: Iterable[Message]) -> dict[str, str]:
    """The name of each channel by id; empty where none of its messages knows it any more."""
    names: dict[str, str] = {}
    for message in messages:
        names[message.key.channel] = message.channel_name or names.get(message.key.channel, "")
    return names


def _refuse_foreign(side: Side, other: Side, kept: _Kept) -> None:
    """A charter of another community would read nothing, or read all of it in a wrong light. Raises BadInput."""
    charter = side.charter
    if not charter.channels and charter.name not in {kept.charter.name, other.charter.name}:
        raise BadInput(
            f'{side.name} is the charter of "{charter.name}", but the replay is one of "{kept.charter.name}"'
        )
    if charter.channels and not any(charter.channel(*channel) for channel in kept.channels.items()):
        raise BadInput(
            f'{side.name} names no channel of the replay of "{kept.charter.name}": is it another community\'s charter?'
        )


@dataclass(frozen=True, slots=True)
class _Judged:
    """Verdicts under a charter; `new` of them were made for this comparison."""

    charter: Charter
    verdicts: Mapping[MessageKey, Verdict]
    new: int = 0


async def _judged(
    store: Store, side: Side, kept: _Kept, earlier: Sequence[_Judged], progress: Progress
) -> _Judged:
    """The verdicts on all that a side reads: those of `earlier` that hold for it, the first first, and new ones."""
    read = [message for message in kept.messages if skip_reason(message, side.charter) is None]
    verdicts: dict[MessageKey, Verdict] = {}
    for judged in reversed(earlier):
        alike = {
            channel
            for channel, name in kept.channels.items()
            if _about(judged.charter, channel, name) == _about(side.charter, channel, name)
        }
        both = [message.key for message in read if message.key.channel in alike]
        verdicts |= _still_right(judged, side, both)
    missing = [message for message in read if message.key not in verdicts]
    progress.total += len(missing)
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        found = await side.classifier.judge(await _questions(store, batch, side.charter))
        verdicts |= {message.key: verdict for message, verdict in zip(batch, found, strict=True)}
        progress.add(len(batch))
    return _Judged(side.charter, verdicts, len(missing))


def _still_right(judged: _Judged, side: Side, read_alike: Sequence[MessageKey]) -> dict[MessageKey, Verdict]:
    """Of messages that are read alike, the verdicts that the side's own model gave."""
    found = {key: judged.verdicts.get(key) for key in read_alike}
    return {key: one for key, one in found.items() if one and one.model == side.classifier.version}


def _about(charter: Charter, channel: str, name: str) -> tuple[object, ...]:
    """All that a classifier goes by: the community's purpose, the channel's, and the examples that speak about it."""
    entry = charter.channel(channel, name)
    examples = [each for each in charter.examples if each.channel in (None, entry.name if entry else None)]
    # Whether a channel is watched, and by which id it is found, is not read; neither is the tone.
    about = replace(entry, id=None, watched=True) if entry else None
    return charter.name, charter.purpose, charter.languages, about, examples


async def _questions(store: Store, messages: Sequence[Message], charter: Charter) -> list[Question]:
    """What the pipeline would ask about these messages under `charter`."""
    async with store.work() as work:
        earlier = await work.messages.before_many(messages, 2 * CONTEXT_LINES)
    return [
        Question(
            message.text,
            charter,
            charter.channel(message.key.channel, message.channel_name),
            context_of(message, lines),
            message.author.name,
            message.attachments,
        )
        for message, lines in zip(messages, earlier, strict=True)
    ]


def _notes(folder: Path, kept: _Kept, before: Side, after: Side) -> Iterator[str]:
    """What people should know about what was not compared."""
    if not all((folder / name).exists() for name in READABLE):
        yield "The replay is not finished, so only its beginning is compared: run steward replay again."
    if (before.charter.tone, before.charter.languages) != (after.charter.tone, after.charter.languages):
        yield "Tone or languages change, so members would read other words even where nothing flips."
    if kept.forgotten:
        yield f"{count_of(kept.forgotten, 'message')} could not be compared: the text is forgotten."
    unstored = [
        message
        for message in kept.unstored
        if message.kind is Kind.POST
        and not message.author.is_bot
        and any(
            side.charter.is_watched(message.key.channel, message.channel_name) for side in (before, after)
        )
    ]
    if unstored:
        yield (
            f"{count_of(len(unstored), 'message')} could not be compared, since the replay did not read their channels: "
            "replay with a charter that watches them."
        )
