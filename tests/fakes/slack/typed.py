"""What a person types and what Slack makes of it, escaped text with rich_text blocks beside it; and what a person reads.

Source: docs.slack.dev/messaging/formatting-message-text (Escaping text, Links), reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

import html
import re

from tests.fakes.slack.errors import Json

# What people cannot type but choose from a menu: a mention of a person, a channel, a group or all of the channel.
_SPECIAL = re.compile(r"<(?:@[UW]\w+|#C\w+\|?[^>]*|!\w[^>]*)>")
_LINK = re.compile(r"https?://[^\s<>]+")


def as_stored(typed: str) -> str:
    """With & < > escaped and links in angle brackets; `<@U...>`, `<#C...>` and `<!here>` stay mentions."""
    found, at = [], 0
    for special in _SPECIAL.finditer(typed):
        found += [_plain(typed[at : special.start()]), special[0]]
        at = special.end()
    return "".join([*found, _plain(typed[at:])])


def _plain(typed: str) -> str:
    escaped = html.escape(typed, quote=False)
    return _LINK.sub(lambda link: f"<{link[0]}>", escaped)


def rich_text(stored: str) -> list[Json]:
    """The block that comes with every message which a person wrote."""
    inside: list[Json] = []
    for part in re.split(r"(<[^>]+>)", stored):
        if part.startswith("<@"):
            inside.append({"type": "user", "user_id": part[2:-1].split("|")[0]})
        elif part.startswith("<#"):
            inside.append({"type": "channel", "channel_id": part[2:-1].split("|")[0]})
        elif part.startswith("<!"):
            inside.append({"type": "broadcast", "range": part[2:-1]})
        elif part.startswith("<"):
            inside.append({"type": "link", "url": html.unescape(part[1:-1])})
        elif part:
            inside.append({"type": "text", "text": html.unescape(part)})
    section = {"type": "rich_text_section", "elements": inside}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}] if inside else []


def texts_in(blocks: list[Json]) -> str:
    """Every text in blocks, in order of reading, a line each, with & < > as they are shown."""
    texts: list[str] = []
    waiting: list[object] = list(blocks)
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, list):
            waiting[:0] = part
        elif isinstance(part, dict):
            if isinstance(part.get("text"), str):
                texts.append(part["text"])
            waiting[:0] = [value for value in part.values() if isinstance(value, dict | list)]
    return html.unescape("\n".join(texts))
