"""A comparison of two charters for the terminal, and its flips as data; every key is explained in docs/diff.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.report.rows import Row, shares, timestamp
from bot.report.words import clock, count_of, day, hashed, percent
from bot.wording import Voice, word
from moderation.actions import PitchCard
from moderation.charter import Charter
from moderation.diff import Diff, Flip, Said, Treated, Treatment
from moderation.labels import Label
from moderation.messages import Message, MessageKey
from moderation.move_actions import MoveStretch
from moderation.notices import MovePointer
from moderation.policy import Policy

LONGEST_TEXT = 200
"""Characters of a message that the terminal shows."""
_TREATMENTS = {
    Treatment.NOT_READ: "not read",
    Treatment.LEFT_ALONE: "left alone",
    Treatment.COUNTED: "counted as casual talk",
    Treatment.WELCOMED: "welcomed",
    Treatment.SHOWN: "shown to moderators",
    Treatment.HINTED: "told that nobody answers",
    Treatment.NUDGED: "nudged",
    Treatment.OFFERED: "offered to move",
    Treatment.MOVED: "moved",
}
_SAID = {
    Treatment.WELCOMED: ("welcome to a newcomer", "welcomes to newcomers"),
    Treatment.SHOWN: ("pitch shown to moderators", "pitches shown to moderators"),
    Treatment.HINTED: ("word about many posts that nobody answers", "words about many posts that nobody answers"),
    Treatment.NUDGED: ("nudge", "nudges"),
    Treatment.OFFERED: ("offer to move posts", "offers to move posts"),
    Treatment.MOVED: ("talk moved", "talks moved"),
}  # fmt: skip
_LABELS = {Label.ON_TOPIC: "serves the purpose", Label.CHATTER: "casual talk", Label.PITCH: "pitch"}


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison found, under which new rules, with the messages whose texts may be shown.

    `judged` counts verdicts that were made for it; `notes` are sentences about what could not be compared.
    """

    diff: Diff
    charter: Charter
    policy: Policy
    messages: Mapping[MessageKey, Message]
    judged: int
    notes: Sequence[str] = ()


def lines(compared: Compared, limit: int) -> Iterator[str]:
    """What would change, line by line, with at most `limit` messages; nothing in it can do harm to a terminal."""
    diff = compared.diff
    yield f"\n{plain(compared.charter.name)}"
    yield f"  compared  {count_of(diff.messages, 'message')}{_read(diff)}; {count_of(compared.judged, 'new verdict')}"
    share = f" ({percent(len(diff.flips) / diff.messages)})" if diff.flips else ""
    yield f"  flips     {count_of(len(diff.flips), 'message')} would be treated otherwise{share}"
    yield from (f"  note      {plain(note)}" for note in compared.notes)
    if diff.changes:
        yield "\nWhat would change"
        yield from _changes(diff)
    if any(said.newly or said.no_longer for said in diff.said):
        yield "\nWhat would be read"
        yield from _said(compared)
    if diff.flips:
        yield "\nFlips, those most likely to be wrong first"
        for number, flip in enumerate(diff.flips[:limit], start=1):
            yield from _flip(number, flip, compared)
        if len(diff.flips) > limit:
            yield f"  and {len(diff.flips) - limit:,} more"
    yield ""


def flip_row(flip: Flip) -> str:
    """One flip as a line of JSON without any text of a member."""
    row: Row = {
        "platform": flip.key.platform.value,
        "channel_id": flip.key.channel,
        "channel": flip.channel_name,
        "message_id": flip.key.message,
        "timestamp": timestamp(flip.posted_at),
        "before": _treated(flip.before),
        "after": _treated(flip.after),
        "doubt": round(flip.doubt, 4),
        "against_ruling": flip.against_ruling,
    }
    # Names come from people, and the reader may be a terminal: what cannot be printed is escaped, as JSON allows.
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in json.dumps(row, ensure_ascii=False))


def plain(text: str) -> str:
    """A text on one line, with what could do harm to a terminal spelled out."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "replace").decode()
        for c in " ".join(text.split())
    )


class _Names:
    """How the terminal writes what has a name; of members none is named, since the words are the same for all."""

    def __init__(self, charter: Charter) -> None:
        self._charter = charter

    def channel(self, channel: str) -> str:
        entry = self._charter.channel(channel, channel)
        return hashed(entry.name if entry else channel)

    def member(self, member: str) -> str:  # noqa: ARG002 - the port's own signature
        return "@member"

    def time(self, moment: datetime) -> str:
        return clock(moment)


def _treated(treated: Treated) -> Row:
    verdict = treated.verdict
    return {
        "treatment": treated.treatment.value,
        "label": verdict.label.value if verdict else None,
        "probabilities": shares(verdict.probabilities) if verdict else None,
        "abstained": verdict.abstained if verdict else None,
        "model": verdict.model if verdict else None,
        "why": "; ".join(dict.fromkeys(treated.reasons)),
    }


def _read(diff: Diff) -> str:
    if diff.read_before == diff.read_after == diff.messages:
        return ""
    return f", of which {diff.read_before:,} are read before and {diff.read_after:,} after"


def _changes(diff: Diff) -> Iterator[str]:
    width = max(len(f"{change.messages:,}") for change in diff.changes)
    for change in diff.changes:
        where = hashed(plain(change.channel_name or change.channel))
        was, now = _TREATMENTS[change.before], _TREATMENTS[change.after]
        yield f"  {change.messages:>{width},}  {where}: was {was}, now {now}"


def _said(compared: Compared) -> Iterator[str]:
    diff = compared.diff
    yield f"  {count_of(diff.people_after, 'person', 'people')} would be told something, {diff.people_before:,} before"
    for said in diff.said:
        if said.newly or said.no_longer:
            number = f"{said.before:,} before, now {count_of(said.after, *_SAID[said.treatment])}"
            yield f"  {number}: {said.newly:,} new, {said.no_longer:,} no longer"
            yield from _words(said, compared.charter, compared.policy)


def _words(said: Said, charter: Charter, policy: Policy) -> Iterator[str]:
    """What members would read, in the new charter's language and tone, and in the community's own words."""
    if said.example is None or isinstance(said.example, PitchCard):
        return
    action = said.example
    notice = MovePointer(action.to_channel, stayed=False) if isinstance(action, MoveStretch) else action
    yield f"      “{plain(word(notice, Voice.of(charter, policy), _Names(charter)))}”"


def _flip(number: int, flip: Flip, compared: Compared) -> Iterator[str]:
    at, where = (
        compared.policy.local(flip.posted_at),
        hashed(plain(flip.channel_name or flip.key.channel)),
    )
    was, now = _TREATMENTS[flip.before.treatment], _TREATMENTS[flip.after.treatment]
    yield f"\n  {number}. {where}, {day(at.date(), year=True)}, {clock(at)} (message {plain(flip.key.message)})"
    yield f"     was {was}, now {now}{_sureness(flip)}"
    message = compared.messages.get(flip.key)
    text = _shortened(message.text) if message else ""
    yield f"     “{text}”" if text else "     (no text)"
    if why := "; ".join(dict.fromkeys(flip.after.reasons)):
        yield f"     why: {plain(why)}"


def _sureness(flip: Flip) -> str:
    verdict = flip.after.verdict
    sure = (
        f"; {_LABELS[verdict.label]} by {percent(verdict.probabilities.of(verdict.label))}" if verdict else ""
    )
    return sure + ("; moderators ruled otherwise" if flip.against_ruling else "")


def _shortened(text: str) -> str:
    shown = plain(text[: 4 * LONGEST_TEXT])
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT].rstrip()}…"
