"""Slack's mrkdwn as people see it: `<@U1>` is a name, `<http://a.example|here>` a link, `&amp;` an ampersand.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_ENTITY = re.compile("&(amp|lt|gt);")
_LETTER = {"amp": "&", "lt": "<", "gt": ">"}
_TOKEN = re.compile(r"<([^<>]+)>")
_PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>", re.ASCII)
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|mailto:|tel:|sip:|skype:)", re.ASCII | re.IGNORECASE)
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """Display names by id."""

    people: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


def decode(text: str, names: Names) -> str:
    """`text` as people see it. A link with a label reads `label (url)`, as when it is copied out of Slack.

    Never raises; text without `<` and `&` comes back as it is, and what is no token of Slack's stays.
    """
    if "<" not in text and "&" not in text:
        return text
    # split gives plain text and tokens by turns; entities come after it, so that `&lt;@U1&gt;` stays text.
    pieces = _TOKEN.split(text)
    pieces[1::2] = [_token(token, names) for token in pieces[1::2]]
    pieces[::2] = [_unescape(plain) for plain in pieces[::2]]
    return "".join(pieces)


def escape(text: str) -> str:
    """Plain text as mrkdwn: the three letters that Slack gives a meaning become entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mentioned(text: str) -> tuple[str, ...]:
    """Ids of the people that the encoded `text` mentions, each once, in order."""
    return tuple(dict.fromkeys(_PERSON.findall(text))) if "<@" in text else ()


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda match: _LETTER[match[1]], text) if "&" in text else text


def _token(token: str, names: Names) -> str:
    target, _, label = token.partition("|")
    target, label = _unescape(target), _unescape(label)
    kind, rest = target[:1], target[1:]
    if kind == "@":
        return "@" + (names.people.get(rest) or label or rest)
    if kind == "#":
        return "#" + (names.channels.get(rest) or label or rest)
    if kind == "!":
        return _special(rest, label)
    if _LINK.match(target):
        return _link(target, label)
    return f"<{_unescape(token)}>"


def _special(command: str, label: str) -> str:
    """`<!here>`, `<!subteam^S1|@sales>`, `<!date^1392734382^{date}|Feb 18>`."""
    name, _, rest = command.partition("^")
    if name == "date":
        return label or rest.partition("^")[0]
    if name == "subteam":
        return "@" + (label or rest).removeprefix("@")
    if name in {"here", "channel", "everyone"}:
        return f"@{name}"
    return label or f"@{name}"


def _link(target: str, label: str) -> str:
    bare = _SCHEME.sub("", target)
    if not label or label == target:
        return target if "://" in target else bare
    if label.rstrip("/") == bare.rstrip("/"):
        return label
    return f"{label} ({bare if '://' not in target else target})"
