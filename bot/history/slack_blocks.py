"""Text of Slack messages that have it in `blocks` or `attachments` alone, as mrkdwn for the one decoder.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.history.clean import Row, id_in, row_in, rows_in, text_in
from bot.history.mrkdwn import escape

# Lists within quotes within sections nest three deep; what nests deeper was not written by Slack.
_DEEPEST = 6


def blocks_text(row: Row) -> str:
    """The text of all blocks of a message, a line for each."""
    return _lines(_block(block) for block in rows_in(row, "blocks"))


def attachments_text(row: Row) -> str:
    """What the old kind of attachments says, a line for each: text of bots and of shared messages."""
    return _lines(_attachment(attachment) for attachment in rows_in(row, "attachments"))


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text)


def _attachment(attachment: Row) -> str:
    said = (
        text_in(attachment, "pretext"),
        text_in(attachment, "title"),
        text_in(attachment, "text"),
        blocks_text(attachment),
        *(_lines((text_in(part, "title"), text_in(part, "value"))) for part in rows_in(attachment, "fields")),
    )
    return _lines(said) or text_in(attachment, "fallback")


def _block(block: Row) -> str:
    kind = block.get("type")
    if kind == "rich_text":
        return _rich(block, 0)
    if kind == "image":
        return _said(block, "title") or text_in(block, "alt_text")
    return _lines(
        (
            escape(text_in(block, "text")) or _said(block, "text"),
            *(_text_object(part) for part in rows_in(block, "fields")),
            *(_text_object(part) for part in rows_in(block, "elements")),
        )
    )


def _said(row: Row, key: str) -> str:
    return _text_object(row_in(row, key))


def _text_object(row: Row) -> str:
    """`{"type": "mrkdwn" or "plain_text", "text": ...}`; a button holds one more of them inside."""
    said = text_in(row, "text") or text_in(row_in(row, "text"), "text")
    return escape(said) if row.get("type") != "mrkdwn" else said


def _rich(element: Row, depth: int) -> str:
    """A rich text element with all it holds: list items on lines of their own, the rest in a row."""
    if depth > _DEEPEST:
        return ""
    parts = rows_in(element, "elements")
    if not parts:
        return _leaf(element)
    texts = [_rich(part, depth + 1) for part in parts]
    return _lines(texts) if element.get("type") in {"rich_text", "rich_text_list"} else "".join(texts)


def _leaf(element: Row) -> str:
    kind = element.get("type")
    if kind == "user":
        return f"<@{escape(id_in(element, 'user_id'))}>"
    if kind == "channel":
        return f"<#{escape(id_in(element, 'channel_id'))}>"
    if kind == "usergroup":
        return f"<!subteam^{escape(id_in(element, 'usergroup_id'))}>"
    if kind == "broadcast":
        return f"@{escape(text_in(element, 'range'))}"
    if kind == "emoji":
        return f":{escape(text_in(element, 'name'))}:"
    if kind == "link":
        return _link(escape(text_in(element, "url")), escape(text_in(element, "text")))
    return escape(text_in(element, "text", "fallback", "value"))


def _link(url: str, label: str) -> str:
    return f"<{url}|{label}>" if label else f"<{url}>"
