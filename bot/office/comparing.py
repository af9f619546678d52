"""What a change of the rules would change for the messages of the last days, before it is published. Nothing is stored.

A verdict depends on its own question alone, so what a classifier would read alike under both charters is not judged a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.office.office import Office, Rules
from bot.office.said import Request
from bot.office.verdicts import LOOKED_BACK, recent
from bot.report.flips import Compared
from moderation.charter import Charter
from moderation.conversation import CONTEXT_LINES, context_of
from moderation.decisions import Verdict
from moderation.diff import Comparison
from moderation.messages import Message, MessageKey
from moderation.pipeline import BATCH
from moderation.policy import Policy, skip_reason
from moderation.ports import Question, Stored

NEWEST = 2_000
"""Messages that are compared: of more the newest, so that it takes no longer than a minute or so."""


async def compare(office: Office, asked: Request, before: Rules, after: Rules) -> Compared:
    """Both rules on the newest messages of the last days whose texts are still there."""
    every = await recent(office.store, asked.community, LOOKED_BACK, asked)
    stored = every[-NEWEST:]
    messages = [each.message for each in stored]
    known = _known(office, stored, before[0])
    first = await _verdicts(office, before[0], messages, known)
    second = await _verdicts(office, after[0], messages, _read_alike(messages, first, before[0], after[0]))
    async with office.store.work() as work:
        past = await work.decisions.past(asked.community, messages[0].posted_at if messages else asked.now)
        rulings = [ruling async for ruling in work.rulings.all(asked.community, asked.now - LOOKED_BACK)]
    comparison = Comparison(_at_work(before), _at_work(after), past)
    for number, message in enumerate(messages):
        comparison.add(message, first.get(message.key), second.get(message.key))
        if number % BATCH == 0:
            await asyncio.sleep(0)  # the event loop has other things to do, too
    return Compared(
        diff=comparison.diff(rulings),
        charter=after[0],
        policy=after[1],
        messages={message.key: message for message in messages},
        judged=len(first.keys() - known.keys()) + _differing(first, second),
        notes=tuple(_notes(before, after, len(every))),
    )


def _at_work(rules: Rules) -> Rules:
    """The rules without a pause, which would hide every difference."""
    return rules[0], replace(rules[1], paused_until=None)


def _known(office: Office, stored: Sequence[Stored], charter: Charter) -> dict[MessageKey, Verdict]:
    """What was judged under this very charter by this classifier; a verdict may name but a part of it."""
    found: dict[MessageKey, Verdict] = {}
    for each in stored:
        verdict = each.decision.verdict
        same = each.decision.charter_version == charter.version
        if verdict is not None and same and verdict.model in office.classifier.version:
            found[each.message.key] = verdict
    return found


def _read_alike(
    messages: Sequence[Message], verdicts: Mapping[MessageKey, Verdict], before: Charter, after: Charter
) -> dict[MessageKey, Verdict]:
    """The verdicts on messages of which both charters say the same."""
    places = {(each.key.channel, each.channel_name) for each in messages}
    alike = {place for place in places if _about(before, *place) == _about(after, *place)}
    return {
        each.key: verdicts[each.key]
        for each in messages
        if each.key in verdicts and (each.key.channel, each.channel_name) in alike
    }


def _about(charter: Charter, channel: str, name: str) -> tuple[object, ...]:
    """All that a classifier goes by: the community's purpose, the channel's, and the examples that speak about it."""
    entry = charter.channel(channel, name)
    examples = [each for each in charter.examples if each.channel in (None, entry.name if entry else None)]
    # Whether a channel is read, and by which id it is found, is no part of a question; neither is the tone.
    about = replace(entry, id=None, watched=True) if entry else None
    return charter.name, charter.purpose, charter.languages, about, examples


async def _verdicts(
    office: Office, charter: Charter, messages: Sequence[Message], known: Mapping[MessageKey, Verdict]
) -> dict[MessageKey, Verdict]:
    """The verdicts on all that a charter lets be read: the known ones, and new ones for the rest."""
    read = [message for message in messages if skip_reason(message, charter) is None]
    found = {message.key: known[message.key] for message in read if message.key in known}
    missing = [message for message in read if message.key not in found]
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        judged = await office.classifier.judge(await _questions(office, batch, charter))
        found |= {message.key: verdict for message, verdict in zip(batch, judged, strict=True)}
    return found


async def _questions(office: Office, messages: Sequence[Message], charter: Charter) -> list[Question]:
    async with office.store.work() as work:
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


def _differing(first: Mapping[MessageKey, Verdict], second: Mapping[MessageKey, Verdict]) -> int:
    """How many verdicts of the second are new ones."""
    return sum(second[key] is not first.get(key) for key in second)


def _notes(before: Rules, after: Rules, found: int) -> Iterator[str]:
    """What people should know about what was compared, and what the change means besides."""
    charter, policy = after
    if found > NEWEST:
        yield f"Compared are the newest {NEWEST:,} of {found:,} messages."
    if (before[0].tone, before[0].languages) != (charter.tone, charter.languages):
        yield "Tone or languages change, so members would read other words even where nothing flips."
    if _widened(before[0], charter):
        yield "Messages of channels that are not read now are not stored, so they could not be compared."
    if policy.hold_pitches and not before[1].hold_pitches:
        yield "Pitches will be held only once your rulings show that the promise is kept for them; that is not compared."
    yield from _promise_notes(before, charter, policy)


def _widened(before: Charter, after: Charter) -> bool:
    read = {entry.id or entry.name for entry in before.channels if entry.watched}
    return bool(before.channels) and any(
        entry.watched and (entry.id or entry.name) not in read for entry in after.channels
    )


def _promise_notes(before: Rules, charter: Charter, policy: Policy) -> Iterator[str]:
    if policy.promise == "off":
        if before[1].promise != "off":
            yield "Without a promise the mode goes by your word alone, from the moment you publish."
        return
    yield "What is compared is as if the promise were kept: until your rulings show that, nothing is said to members."
    if before[1].promise == policy.promise and before[0].version != charter.version:
        yield "Evidence for the promise counts for one charter: with this one it begins anew."
