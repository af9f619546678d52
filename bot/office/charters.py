"""The charter and the policy: shown, and changed piece by piece. Every change is first run over the last days, then published by a press."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.charter_text import description
from bot.office.comparing import compare
from bot.office.drafts import Change
from bot.office.office import Office, Rules, for_moderators
from bot.office.own_words import own_lines
from bot.office.rules import (
    entry_among,
    language_in,
    mode_of,
    promise_in,
    refuse_unconfirmed_move,
    refuse_wrong,
)
from bot.office.said import Choice, File, Request, Said
from bot.report.flips import lines
from moderation.charter import ChannelCharter, Charter, Example
from moderation.charter_file import TONES, parse_bytes, render
from moderation.errors import BadInput
from moderation.labels import Label
from moderation.messages import Channel
from moderation.policy import Policy

SHOWN = 5
"""Flips that an answer shows; the file has more."""
IN_FILE = 200
ALL_READ = "Your charter lists no channels, so all of them are read. List them first with /relevance setup, then change one."


@dataclass(frozen=True, slots=True)
class Edit:
    """What a moderator changes of the charter's head; None leaves a thing as it is."""

    name: str | None = None
    purpose: str | None = None
    language: str | None = None
    tone: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelEdit:
    """What a moderator changes of a channel's entry; None leaves a thing as it is."""

    purpose: str | None = None
    social: bool | None = None
    promotion_welcome: bool | None = None
    watched: bool | None = None


@for_moderators
async def charter_show(office: Office, asked: Request) -> Said:
    """The charter in plain words, and as a file."""
    charter, policy = await office.rules(asked.community)
    text = office.surface(asked.community).quote("\n".join(description(charter, policy)))
    own = own_lines(office, asked, (charter, policy))
    return Said("\n".join([text, *own]), files=(_file(charter, policy),))


@for_moderators
async def charter_edit(office: Office, asked: Request, edit: Edit) -> Said:
    """Another name, purpose, language or tone."""
    charter, policy = await office.rules(asked.community)
    if edit.name is not None:
        charter = replace(charter, name=edit.name.strip())
    if edit.purpose is not None:
        charter = replace(charter, purpose=edit.purpose.strip(), draft=False)
    if edit.language is not None:
        charter = replace(charter, languages=(language_in(edit.language),))
    if edit.tone is not None:
        charter = replace(charter, tone=_tone(edit.tone))
    return await _propose(office, asked, (charter, policy))


@for_moderators
async def charter_text(office: Office, asked: Request, toml: bytes, typed: str = "") -> Said:
    """A whole charter file in place of what is in force; `typed` is a confirmation of mode move."""
    _, policy = await office.rules(asked.community)
    return await _propose(office, asked, _read(toml, policy), typed)


@for_moderators
async def diff(office: Office, asked: Request, toml: bytes) -> Said:
    """What a charter file would change; it is only shown."""
    before = await office.rules(asked.community)
    after = _read(toml, before[1])
    if after == before:
        return Said("That is what is in force already.")
    return await _compared(office, asked, before, after)


@for_moderators
async def charter_channel(office: Office, asked: Request, channel: Channel, edit: ChannelEdit) -> Said:
    """Another purpose for a channel; whether casual talk is at home there, whether offers are welcome, whether it is read."""
    charter, policy = await office.rules(asked.community)
    if not charter.channels:
        raise BadInput(ALL_READ)
    known = charter.channel(channel.id, channel.name)
    new = ChannelCharter(channel.name.lstrip("#"), channel.purpose, channel.id, watched=False)
    entry = _edited(known or new, edit)
    if entry.id == policy.moderators_channel and (entry.watched or entry.social):
        raise BadInput("The moderators' own channel is not read, and it is no place for the talk of all.")
    if known is None:
        channels = (*charter.channels, entry)
    else:
        channels = tuple(entry if each == known else each for each in charter.channels)
    return await _propose(office, asked, (replace(charter, channels=channels), policy))


async def watch(office: Office, asked: Request, channel: Channel) -> Said:
    """Read a channel from now on."""
    return await charter_channel(office, asked, channel, ChannelEdit(watched=True))


async def unwatch(office: Office, asked: Request, channel: Channel) -> Said:
    """Read a channel no more."""
    return await charter_channel(office, asked, channel, ChannelEdit(watched=False))


@for_moderators
async def charter_example(office: Office, asked: Request, label: str, text: str, channel: str = "") -> Said:
    """One more example of what is meant; of one channel, given by id or name, or of all."""
    charter, policy = await office.rules(asked.community)
    try:
        kind = Label(label.strip().casefold().replace(" ", "_"))
    except ValueError:
        raise BadInput(f'"{label}" is no label: write {", ".join(Label)}.') from None
    entry = entry_among(charter, channel) if channel else None
    example = Example(kind, text.strip(), entry.name if entry else None)
    if example in charter.examples:
        raise BadInput("That example is in the charter already.")
    charter = replace(charter, examples=(*charter.examples, example))
    return await _propose(office, asked, (charter, policy))


@for_moderators
async def mode(office: Office, asked: Request, word: str, typed: str = "") -> Said:
    """How far Steward goes; `typed` is a confirmation of mode move."""
    charter, policy = await office.rules(asked.community)
    return await _propose(office, asked, (charter, replace(policy, mode=mode_of(word))), typed)


@for_moderators
async def promise(office: Office, asked: Request, words: str, typed: str = "") -> Said:
    """The error promise, or `off`; `typed` is a confirmation of mode move without one."""
    charter, policy = await office.rules(asked.community)
    return await _propose(office, asked, (charter, replace(policy, promise=promise_in(words))), typed)


@for_moderators
async def publish(office: Office, asked: Request, name: str) -> Said:
    """Put a change in force that was shown, unless the rules became others meanwhile."""
    draft = office.drafts.take(asked.community, name, asked.now)
    if not isinstance(draft, Change):
        return Said(
            "I no longer have this change: it was asked for too long ago, or I was started anew. Ask for it again."
        )
    charter, policy = await office.rules(asked.community)
    paused = policy.paused_until
    if (charter, replace(policy, paused_until=None)) != (
        draft.before[0],
        replace(draft.before[1], paused_until=None),
    ):
        return Said(
            "Somebody changed the rules meanwhile, so what I showed you is no longer what would follow. Ask for it again."
        )
    await office.publish(asked, draft.after[0], replace(draft.after[1], paused_until=paused))
    return Said("Published. It is in force from now on.")


@for_moderators
async def drop(office: Office, asked: Request, name: str) -> Said:
    """Forget a change that was shown."""
    office.drafts.take(asked.community, name, asked.now)
    return Said("Dropped. Everything stays as it is.")


async def _propose(office: Office, asked: Request, after: Rules, typed: str = "") -> Said:
    """Show what would change, and keep it until somebody presses. Raises BadInput for rules that cannot be."""
    before = await office.rules(asked.community)
    if after == before:
        return Said("That is how it is already.")
    refuse_unconfirmed_move(before[1], after[1], typed)
    refuse_wrong(*after)
    shown = await _compared(office, asked, before, after)
    name = office.drafts.keep(asked.community, Change(before, after), asked.now)
    text = f"{shown.text}\n\nPublish it? I keep it for an hour; nothing changes before you press."
    choices = (Choice("Publish", f"publish:{name}"), Choice("Drop", f"drop:{name}"))
    return replace(shown, text=text, choices=choices)


async def _compared(office: Office, asked: Request, before: Rules, after: Rules) -> Said:
    compared = await compare(office, asked, before, after)
    text = "\n".join(lines(compared, SHOWN)).strip()
    whole = "\n".join(lines(compared, IN_FILE)).strip() + "\n"
    files = [_file(*after)]
    if len(compared.diff.flips) > SHOWN:
        files.append(File("changes.txt", whole.encode(errors="replace")))
    own = own_lines(office, asked, after, before)
    return Said("\n".join([office.surface(asked.community).quote(text), *own]), files=tuple(files))


def _edited(entry: ChannelCharter, edit: ChannelEdit) -> ChannelCharter:
    if edit.purpose is not None:
        entry = replace(entry, purpose=edit.purpose.strip())
    if edit.social is not None:
        entry = replace(entry, social=edit.social)
    if edit.promotion_welcome is not None:
        entry = replace(entry, promotion_welcome=edit.promotion_welcome)
    return entry if edit.watched is None else replace(entry, watched=edit.watched)


def _tone(word: str) -> str:
    tone = word.strip().casefold()
    if tone not in TONES:
        raise BadInput(f'"{word}" is no tone: write {", ".join(TONES)}.')
    return tone


def _read(toml: bytes, policy: Policy) -> Rules:
    """Raises CharterError with every problem of the file."""
    charter, new = parse_bytes(toml, "charter.toml")
    return charter, replace(new, paused_until=policy.paused_until)


def _file(charter: Charter, policy: Policy) -> File:
    return File("charter.toml", render(charter, policy).encode(errors="replace"))
