"""Answers of the office as Slack shows them: messages, pages and forms. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks in a message, 100 in a view; 3000 characters in a section) and
https://docs.slack.dev/reference/views/modal-views (24 characters in a title).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.office.said import Choice, Said
from bot.slack.commands.phrases import phrase
from bot.slack.fitting import Block, button, parts, rows, section

CHOSEN = "="
"""How the action id of a choice begins; its value is the token. No button of a post of ours begins so."""
MARK = "+"
"""How the action ids of our pages and the callback ids of our forms begin."""
SECTIONS = 4
"""Sections of one message: how long a message with blocks may be in all Slack does not say, so it is kept to 12,000 characters."""
VIEW_BLOCKS = 100
SHOWN_CHOICES = 25
TITLE = "Steward"

View = dict[str, object]


@dataclass(frozen=True, slots=True)
class Post:
    """One message: its text for notifications, and its blocks."""

    text: str
    blocks: tuple[Block, ...]


def posts(said: Said) -> list[Post]:
    """An answer as messages; buttons come with the last."""
    pieces = parts(said.text) or ["…"]
    chunks = [pieces[at : at + SECTIONS] for at in range(0, len(pieces), SECTIONS)]
    last = len(chunks) - 1
    return [
        Post(
            chunk[0],
            (*map(section, chunk), *(choices(said.choices) if number == last else [])),
        )
        for number, chunk in enumerate(chunks)
    ]


def choices(given: Sequence[Choice]) -> list[Block]:
    """The buttons under an answer, as many as are sensibly shown."""
    shown = given[:SHOWN_CHOICES]
    return rows(
        [button(choice.label, f"{CHOSEN}{number}", choice.token) for number, choice in enumerate(shown)]
    )


def answered(said: Said, language: str) -> View:
    """A form that shows an answer; what does not fit is cut."""
    buttons = choices(said.choices)
    pieces = parts(said.text)[: VIEW_BLOCKS - len(buttons)]
    return _modal([*map(section, pieces or ["…"]), *buttons], language)


def waiting(language: str) -> View:
    """A form that shows that we are at it: Slack wants to see one within three seconds."""
    return _modal([section(phrase("moment", language))], language)


def _modal(blocks: Sequence[Block], language: str) -> View:
    return {
        "type": "modal",
        "title": plain(TITLE),
        "close": plain(phrase("close", language)),
        "blocks": list(blocks),
    }


def plain(text: str) -> Block:
    """A text without any markup."""
    return {"type": "plain_text", "text": text, "emoji": True}
