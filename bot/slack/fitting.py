"""A text in blocks: cut where it hurts least, with the buttons below. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks a message, 3000 characters a section, 25 elements in a row) and
https://docs.slack.dev/reference/block-kit/block-elements/button-element (75 characters a label, 2000 a value).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LONGEST_SECTION = 3_000
LONGEST_LABEL = 75
LONGEST_VALUE = 2_000
LONGEST_TEXT = 4_000
"""Characters of the text beside the blocks, which notifications and other programs read: what Slack recommends."""
LONGEST_MESSAGE = 4 * LONGEST_SECTION
"""Characters of all sections of a message together: Slack refuses longer ones (msg_blocks_too_long) and does not say from where on."""
IN_A_ROW = 25

Block = dict[str, object]

_PIECE = re.compile(r"<[^<>\n]*>|&(?:amp|lt|gt);|[^\S\n]+|[^\s<&]+|.")
_QUOTE = "> "


def sections(text: str) -> list[Block]:
    """`text` (mrkdwn) as sections; what is beyond four of them is cut."""
    cut = text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"
    return [section(part) for part in parts(cut)]


def section(text: str) -> Block:
    """Slack changes nothing in it: `verbatim` keeps names of people and channels in it from becoming mentions."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def small(text: str) -> Block:
    """A line in small print."""
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": text[:LONGEST_SECTION], "verbatim": True}],
    }


def button(label: str, action: str, value: str, style: str = "") -> Block:
    """ValueError for a value that no button holds."""
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"No value of a button: {len(value)} characters.")
    shown = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
    found: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": shown, "emoji": True},
        "action_id": action,
        "value": value,
    }
    return {**found, "style": style} if style else found


def rows(buttons: Sequence[Block]) -> list[Block]:
    """Buttons as they stand, in as many rows as it takes."""
    return [
        {"type": "actions", "elements": list(buttons[at : at + IN_A_ROW])}
        for at in range(0, len(buttons), IN_A_ROW)
    ]


def parts(text: str, limit: int = LONGEST_SECTION) -> list[str]:
    """`text` in pieces of at most `limit` characters, none of them blank.

    It is cut between lines, else between words; links, mentions and entities stay whole where one piece can hold them, and a line
    that is a quotation stays one when it is cut.
    """
    found: list[str] = []
    for line in (part for whole in text.split("\n") for part in _line_parts(whole, limit)):
        if found and len(found[-1]) + 1 + len(line) <= limit:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return [part for part in found if part.strip()]


def _line_parts(line: str, limit: int) -> Iterator[str]:
    if len(line) <= limit:
        yield line
        return
    sign = _QUOTE if line.startswith(_QUOTE) else ""
    held = sign
    for piece in _pieces(line.removeprefix(sign), limit - len(sign)):
        if len(held) + len(piece) > limit:
            yield held
            held = sign
        held += piece
    yield held


def _pieces(line: str, limit: int) -> Iterator[str]:
    for match in _PIECE.finditer(line):
        piece = match[0]
        yield from (piece[at : at + limit] for at in range(0, len(piece), limit))
