"""What we post on Slack: texts of people made harmless, copies in words, and buttons that know what they are about. Pure.

A button's action_id is a letter for what it does, and its value is the marker of the post that it is on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.history.clean import Row, rows_in, text_in
from bot.history.mrkdwn import Names, decode, escape
from bot.letters import BUTTONS, LETTERS
from bot.slack.fitting import LONGEST_TEXT, Block, button, rows, section, sections, small
from bot.slack.inbound import revision_of
from bot.slack.phrases import phrase
from bot.wording import Voice, label
from moderation.messages import Attachment, ContextLine, Message
from moderation.notices import (
    Answer,
    AppealShown,
    DrawnShown,
    Notice,
    PassedShown,
    PitchShown,
    ReportShown,
    TextReturned,
)
from moderation.ports import Button

ACTIONS = re.compile(r"^[a-z]$")
"""The action ids of our buttons; those of commands are longer."""
HEAD, FILES = "head", "files"
"""The block ids of a copy's first and last lines, by which they stay when its words change."""
_STYLES = {Button.MOVE_MINE: "primary", Button.REMOVE: "danger"}
_TOKEN = re.compile(r"(<[^<>]+>)")
_LINK_TOKEN = re.compile(r"<https?://[^<>]+>", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>|]*[^\s<>|.,:;\"'\])*_~`!?]", re.IGNORECASE)


class Pressed(NamedTuple):
    """What an action says."""

    button: Button
    subject: str


def pressed(action: Row) -> Pressed | None:
    """What was pressed; None where it is none of our buttons."""
    found, subject = BUTTONS.get(text_in(action, "action_id")), text_in(action, "value")
    return Pressed(found, subject) if found and subject else None


def pressed_in(body: Row) -> Pressed | None:
    """What somebody pressed, by what Slack tells of it."""
    actions = rows_in(body, "actions")
    return pressed(actions[0]) if actions else None


def shown(text: str, buttons: Sequence[Button], marker: str, voice: Voice) -> list[Block]:
    """The blocks of a post: the text, and its buttons. ValueError where the marker is too long."""
    return [*sections(text), *rows([_button(each, marker, voice) for each in buttons])]


def plain(text: str) -> str:
    """The text beside the blocks."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _button(each: Button, marker: str, voice: Voice) -> Block:
    return button(label(each, voice), LETTERS[each], marker, _STYLES.get(each, ""))


# --- people's words --------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """`text` as a quotation, so that nobody takes it for our own words; an empty one stays empty."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def defused(text: str) -> str:
    """`text` that mentions and links nothing: what people wrote is not read as Slack's own signs."""
    return escape(text)


def harmless(notice: Notice) -> Notice:
    """A notice to be worded: what people wrote is quoted and mentions nobody."""
    match notice:
        case PitchShown():
            return replace(
                notice,
                author_name=_line(notice.author_name),
                text=quoted(defused(notice.text)),
                reasons=tuple(_line(reason) for reason in notice.reasons),
            )
        case AppealShown():
            return replace(notice, author_name=_line(notice.author_name), text=quoted(defused(notice.text)))
        case ReportShown():
            return replace(notice, sender=_line(notice.sender), text=quoted(defused(notice.text)))
        case DrawnShown() | PassedShown():
            before = tuple(ContextLine(_line(each.author), _line(each.text)) for each in notice.before)
            return replace(notice, text=quoted(defused(notice.text)), before=before)
        case TextReturned():
            return replace(notice, text=quoted(defused(notice.text)))
        case Answer():
            return replace(notice, reasons=tuple(_line(reason) for reason in notice.reasons))
        case _:
            return notice


def _line(text: str) -> str:
    """`text` harmless and in one line."""
    return defused(" ".join(text.split()))


# --- copies ----------------------------------------------------------------------------------------------------


def copied(message: Message, source: Row | None, names: Names, voice: Voice) -> str:
    """The words of a copy, and in words what was forwarded in it. `source` is what Slack has of the post by now."""
    forwards = [
        f"_{phrase('forward', voice.language, name=_line(each.name))}_"
        for each in message.attachments
        if _is_forward(each)
    ]
    return "\n".join(each for each in [*forwards, as_written(message, source, names)] if each)


def copy_blocks(
    head: str, text: str, files: Sequence[str], buttons: Sequence[Button], marker: str, voice: Voice
) -> list[Block]:
    """A copy: the line over it in small print, its words, a line for each file, its buttons."""
    below = [{**section("\n".join(files)), "block_id": FILES}] if files else []
    return [
        {**small(head), "block_id": HEAD},
        *sections(text),
        *below,
        *rows([_button(each, marker, voice) for each in buttons]),
    ]


def changed_blocks(row: Row, text: str) -> list[Block]:
    """The blocks of a copy, which `row` shows as it stands, with other words."""
    there = [dict(block) for block in rows_in(row, "blocks")]
    head = [block for block in there if block.get("block_id") == HEAD]
    below = [block for block in there if block.get("block_id") == FILES or block.get("type") == "actions"]
    return [*head, *sections(text), *below]


def _is_forward(attachment: Attachment) -> bool:
    return attachment.kind == "forward"


def as_written(message: Message, source: Row | None, names: Names) -> str:
    """The text with its links and emoji, where Slack still has that revision of it; else as people saw it. It mentions nobody."""
    text = text_in(source, "text") if source is not None else ""
    if source is None or not text or revision_of(source) != message.revision:
        return linked(message.text)
    pieces = _TOKEN.split(text)
    pieces[1::2] = [
        token if _LINK_TOKEN.fullmatch(token) else escape(decode(token, names)) for token in pieces[1::2]
    ]
    return "".join(pieces)


def linked(text: str) -> str:
    """Plain text as mrkdwn, its addresses as links: in our blocks Slack finds none by itself."""
    found, at = [], 0
    for match in _LINK.finditer(text):
        found += [escape(text[at : match.start()]), f"<{escape(match[0])}>"]
        at = match.end()
    return "".join([*found, escape(text[at:])])


def lost(name: str, size: int, voice: Voice) -> str:
    """Says of a file of `size` bytes that it could not be brought along."""
    megabytes = size / 1024 / 1024
    told = f"{megabytes:.0f} MB" if megabytes >= 1 else f"{max(size / 1024, 1):.0f} kB"
    return f"_{phrase('lost', voice.language, name=_line(name), size=told)}_"
