"""What we post on Discord: texts of people made harmless, copies in words, and buttons that know what they are about. Pure.

A button's custom id is a letter for what it does, where need be the server (in private a press does not tell it), and the marker of
the post that it is on: `u:move:5/6:7:pointer`, `a77:returned:5/6`. What has no button carries its marker on one that cannot be pressed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import discord

from bot.discord.inbound import revision_of, text_of
from bot.discord.phrases import PHRASES
from bot.letters import BUTTONS, LETTERS
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

EXCERPT = 100
"""Characters of the answered message that a copied reply shows."""
LONGEST_ID = 100
"""Characters of a custom id: https://discord.com/developers/docs/components/reference#custom-id"""
IN_A_ROW, ROWS = 5, 5
_SPOILER = re.compile(r"\|\|.+?\|\|", re.DOTALL)
_MARK = "-"
_ANSWERS = "-# ↪ "
_STYLES = {
    Button.MOVE_MINE: discord.ButtonStyle.primary,
    Button.REMOVE: discord.ButtonStyle.danger,
}
_CUSTOM_ID = re.compile(r"(?P<letter>[a-z-])(?P<guild>[0-9]{0,20}):(?P<subject>.+)", re.ASCII | re.DOTALL)
_LINK = r"https?://[^\s<>]*[^\s<>.,:;\"'\])*_~|`]"
_MARKUP = re.compile(rf"(?P<link>{_LINK})|[\\*_~|`\[\]<@]|^(?P<before>[^\S\n]*)(?P<sign>[#>-])", re.MULTILINE)
"""What Discord reads as more than a letter: https://support.discord.com/hc/articles/210298617"""


def defused(text: str) -> str:
    """`text` that shows as it is: a backslash before whatever would be markup or a mention. Links stay links."""
    return _MARKUP.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    if match["link"]:
        return match[0]
    return f"{match['before']}\\{match['sign']}" if match["sign"] else f"\\{match[0]}"


def quoted(text: str) -> str:
    """`text` as a quotation, so that nobody takes it for our own words; an empty one stays empty."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def harmless(notice: Notice) -> Notice:
    """A notice to be worded: what people wrote is quoted and is no markup; an author gets their text back as they wrote it."""
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
            return replace(notice, text=quoted(notice.text))
        case Answer():
            return replace(notice, reasons=tuple(_line(reason) for reason in notice.reasons))
        case _:
            return notice


def _line(text: str) -> str:
    """`text` harmless and in one line."""
    return defused(" ".join(text.split()))


# --- copies ----------------------------------------------------------------------------------------------------


def copied(
    line: str,
    message: Message,
    source: discord.Message | None,
    left: Sequence[discord.Attachment],
    voice: Voice | None = None,
    answer: str = "",
) -> str:
    """The text of a copy, of any length: the line over it, what it answers, what was said, and in words what cannot be copied.

    `source` is what Discord has of the post by now, or of an earlier copy of it; `left` are the files that are too large. No link to
    these is given, for it dies with the original. `answer` is the line on what it answers where that is known already.
    """
    voice = voice or Voice()
    original = source if source is not None and _is_original(message, source) else None
    forwards = [hanging(each, voice) for each in message.attachments if each.kind == "forward"]
    others = [hanging(each, voice) for each in message.attachments if each.kind != "forward"]
    missing = [lost(each.filename, each.size, voice) for each in left]
    above = [copied_line(line) if line else "", answer or answered(message, original), *forwards]
    lines = [*above, _as_written(message, source), *others, *missing]
    return "\n".join(each for each in lines if each)


def copied_line(line: str) -> str:
    """The line over a copy, small. `line` has names that were made harmless."""
    return f"-# {' '.join(line.split())}"


def answered(message: Message, source: discord.Message | None) -> str:
    """What a reply answers: whose, the first words and a link to it; empty where it answers nothing."""
    if message.reply_to is None:
        return ""
    key, resolved = message.key, None
    if source is not None and source.reference is not None:
        resolved = source.reference.resolved
    link = f"https://discord.com/channels/{key.community}/{message.thread or key.channel}/{message.reply_to}"
    if not isinstance(resolved, discord.Message):
        return f"{_ANSWERS}{link}"
    words = " ".join(_SPOILER.sub("…", text_of(resolved)).split())
    excerpt = words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…"
    return f"{_ANSWERS}{_line(resolved.author.display_name)}: {defused(excerpt)} {resolved.jump_url}"


def answer_in(copy: str) -> str:
    """The line on what it answers in the text of a copy; empty where there is none."""
    return next((line for line in copy.splitlines()[:2] if line.startswith(_ANSWERS)), "")


def hanging(attachment: Attachment, voice: Voice) -> str:
    """A sticker, poll or forward in words; empty for files, which come along, and for previews, which Discord makes anew."""
    if attachment.kind in {"sticker", "poll", "forward"}:
        return f"-# {_say(attachment.kind, voice, name=_line(attachment.name))}"
    return ""


def lost(name: str, size: int, voice: Voice) -> str:
    """Says of a file of `size` bytes that it could not be brought along."""
    megabytes = size / 1024 / 1024
    shown = f"{megabytes:.0f} MB" if megabytes >= 1 else f"{max(size / 1024, 1):.0f} kB"
    return f"-# {_say('lost', voice, name=_line(name), size=shown)}"


def _say(key: str, voice: Voice, **values: str) -> str:
    return PHRASES.get(voice.language, PHRASES["en"])[key].format_map(values)


def _as_written(message: Message, source: discord.Message | None) -> str:
    """The text with its mentions and emoji, where Discord still has that revision of it; else as people saw it."""
    if source is None or not _is_original(message, source) or not source.content:
        return message.text
    return source.content if revision_of(source) == message.revision else message.text


def _is_original(message: Message, source: discord.Message) -> bool:
    return str(source.id) == message.key.message


# --- buttons ---------------------------------------------------------------------------------------------------


class Pressed(NamedTuple):
    """What a custom id says. `guild` is empty where the press itself tells the server."""

    button: Button
    subject: str
    guild: str = ""


def custom_id(button: Button, subject: str, guild: str = "") -> str:
    """The custom id of a button on the post with the marker `subject`; ValueError where it cannot be one."""
    return _custom_id(LETTERS[button], subject, guild)


def pressed(custom_id: str) -> Pressed | None:
    """What was pressed; None where it is none of our buttons."""
    match = _CUSTOM_ID.fullmatch(custom_id)
    button = BUTTONS.get(match["letter"]) if match else None
    return Pressed(button, match["subject"], match["guild"]) if match and button else None


def marker_of(message: discord.Message) -> str:
    """The marker that a post of ours carries; empty where it carries none."""
    found = (_CUSTOM_ID.fullmatch(each) for each in _custom_ids(message))
    return next((match["subject"] for match in found if match), "")


def rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    """Buttons as they stand, five a row; ValueError for more than five rows."""
    if len(buttons) > IN_A_ROW * ROWS:
        raise ValueError(f"{len(buttons)} buttons do not fit under a message.")
    return [tuple(buttons[at : at + IN_A_ROW]) for at in range(0, len(buttons), IN_A_ROW)]


def view(buttons: Sequence[Button], marker: str, voice: Voice, guild: str = "") -> discord.ui.View:
    """The buttons of a post; without any, one that only carries the marker. ValueError where the marker is too long."""
    shown = discord.ui.View(timeout=None)
    for row, line in enumerate(rows(buttons)):
        for button in line:
            shown.add_item(
                discord.ui.Button(
                    style=_STYLES.get(button, discord.ButtonStyle.secondary),
                    label=label(button, voice),
                    custom_id=custom_id(button, marker, guild),
                    row=row,
                )
            )
    if not buttons:
        shown.add_item(
            discord.ui.Button(label="·", custom_id=_custom_id(_MARK, marker, guild), disabled=True)
        )
    shown.stop()  # presses are told to the client: discord.py need not keep a view for each post for ever
    return shown


def _custom_id(letter: str, subject: str, guild: str) -> str:
    found = f"{letter}{guild}:{subject}"
    if len(found) > LONGEST_ID or not _CUSTOM_ID.fullmatch(found):
        raise ValueError(f"No custom id of 1 to {LONGEST_ID} characters: {found!r}")
    return found


def _custom_ids(message: discord.Message) -> Iterator[str]:
    for row in message.components:
        for item in row.children if isinstance(row, discord.ActionRow) else ():
            if isinstance(item, discord.Button) and item.custom_id:
                yield item.custom_id
