"""Rules that somebody gives piece by piece: channels by name or id, words that must be right, and what needs a typed word."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from moderation.charter import ChannelCharter, Charter
from moderation.charter_file import parse, render
from moderation.errors import BadInput, CharterError
from moderation.languages import code_of
from moderation.messages import Channel
from moderation.policy import Mode, Policy
from moderation.promise import promise_of

MOVE_WORDS = "move whole talks"
"""What an owner types to let whole talks be moved without a promise that is shown to be kept."""
_SOURCE = "here"


def channel_among(channels: Sequence[Channel], wanted: str) -> Channel:
    """The channel of an id or a name, with or without a hash. Raises BadInput, with the nearest name."""
    name = wanted.strip().lstrip("#").strip()
    for channel in channels:
        if channel.id == name:
            return channel
    # The same channel may be told twice, by the platform and by the charter.
    named = {
        each.id: each for each in reversed(channels) if each.name.lstrip("#").casefold() == name.casefold()
    }
    same = list(named.values())
    if len(same) > 1:
        raise BadInput(
            f"There are {len(same)} channels called #{name}: choose one from the list, or give its id."
        )
    if same:
        return same[0]
    near = get_close_matches(name.casefold(), [channel.name.casefold() for channel in channels], 1)
    hint = f" Did you mean #{near[0]}?" if near else ""
    raise BadInput(f"There is no channel #{name} that I can see.{hint}")


def entry_among(charter: Charter, wanted: str) -> ChannelCharter:
    """The charter's entry of a channel by id or name. Raises BadInput."""
    name = wanted.strip().lstrip("#").strip()
    for entry in charter.channels:
        if name == entry.id or name.casefold() == entry.name.lstrip("#").casefold():
            return entry
    raise BadInput(f"#{name} is not in the charter yet: begin with /relevance channel watch.")


def mode_of(word: str) -> Mode:
    """The mode that a word says. Raises BadInput."""
    try:
        return Mode(word.strip().casefold())
    except ValueError:
        raise BadInput(f'"{word}" is no mode: write {", ".join(Mode)}.') from None


def promise_in(words: str) -> str:
    """The words of a promise, which are understood. Raises BadInput with what to write instead."""
    try:
        promise = promise_of(words)
    except ValueError as error:
        raise BadInput(f"{error}.") from None
    return str(promise) if promise else "off"


def language_in(written: str) -> str:
    """The two-letter code of a language. Raises BadInput."""
    code = code_of(written)
    if code is None:
        raise BadInput(f'"{written}" is no language that I know: write for instance "en" or "de".')
    return code


def refuse_wrong(charter: Charter, policy: Policy) -> None:
    """Raises BadInput with everything about these rules that no charter file could say."""
    try:
        parse(render(charter, policy), _SOURCE)
    except CharterError as error:
        lines = [line.removeprefix(f"{_SOURCE}: ") for line in str(error).splitlines()]
        raise BadInput("\n".join(lines)) from None


def refuse_unconfirmed_move(before: Policy | None, after: Policy, typed: str) -> None:
    """Raises BadInput where whole talks would be moved on nobody's word: neither a promise nor a typed one."""
    was = before is not None and (before.mode, before.promise) == (after.mode, after.promise)
    if after.mode is not Mode.MOVE or after.promise != "off" or was:
        return
    if typed.strip().casefold() != MOVE_WORDS:
        raise BadInput(
            "In mode move whole talks are moved without asking their authors first. Make a promise first (then I move nothing until "
            f'your rulings show that it is kept), or confirm by typing "{MOVE_WORDS}".'
        )
