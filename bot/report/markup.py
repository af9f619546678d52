"""HTML that cannot be broken by what strangers wrote: whatever is not `Html` already is escaped on its way in."""

from __future__ import annotations

import html
from collections.abc import Iterable

VOID = frozenset({"meta", "link", "br", "hr", "rect", "line", "circle", "path"})
LONGEST = 700
"""Characters of one message that are shown; the full length is told."""
MOST_LINES = 14
LONGEST_NAME = 48
LONGEST_PREVIEW = 90

_C0 = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"}
_LOST = dict.fromkeys(
    (*range(0x80, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\N{REPLACEMENT CHARACTER}"
)
_SYMBOLS = {**_C0, 0x7F: "\N{SYMBOL FOR DELETE}", **_LOST}
_TURNS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_JOINERS = "\u200d\ufe0e\ufe0f"


class Html(str):
    """Markup of our own making; only `element`, `join` and literals of this package may make one."""

    __slots__ = ()


def safe(value: object) -> Html:
    """`value` as markup: control characters as symbols, marks that turn the line dropped, the rest escaped."""
    if isinstance(value, Html):
        return value
    return Html(html.escape(visible(str(value)).translate(_TURNS), quote=True))


def visible(text: str) -> str:
    """`text` without anything that a page could not hold: control characters and lone surrogates become symbols."""
    return text.replace("\r\n", "\n").translate(_SYMBOLS)


def join(parts: Iterable[object], between: str = "") -> Html:
    """All parts one after another."""
    return Html(between.join(safe(part) for part in parts))


def element(tag: str, *children: object, **attributes: object) -> Html:
    """One element. `class_` stands for class and `aria_label` for aria-label; None and False leave one out."""
    written = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in VOID:
        return Html(f"<{tag}{written}>" if tag in {"meta", "link", "br", "hr"} else f"<{tag}{written}/>")
    return Html(f"<{tag}{written}>{join(children)}</{tag}>")


def said(text: str, *, longest: int = LONGEST) -> Html:
    """What a member wrote: isolated, so that its direction turns nothing else, and cut where it is very long."""
    shown, cut = _cut(visible(text).strip(), longest)
    lines = [Html(html.escape(line)) for line in shown.split("\n")]
    note = element("span", f" … ({len(text):,} characters in all)", class_="cut") if cut else ""
    return join([element("bdi", join(lines, "<br>")), note])


def preview(text: str) -> Html:
    """The beginning of what a member wrote, on one line."""
    shown, cut = _cut(" ".join(visible(text).split()), LONGEST_PREVIEW)
    return element("bdi", Html(html.escape(shown + ("…" if cut else ""))))


def named(name: str) -> Html:
    """A name that a stranger chose: of a member, a channel or a community."""
    shown, cut = _cut(" ".join(visible(name).split()), LONGEST_NAME)
    return element("bdi", Html(html.escape(shown + ("…" if cut else ""))))


def _cut(text: str, longest: int) -> tuple[str, bool]:
    lines = text.split("\n")
    if len(lines) <= MOST_LINES and len(text) <= longest:
        return text, False
    return "\n".join(lines[:MOST_LINES])[:longest].rstrip(_JOINERS + " \n"), True


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    written = name.rstrip("_").replace("_", "-")
    return f" {written}" if value is True else f' {written}="{safe(value)}"'
