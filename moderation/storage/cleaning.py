"""What no database can keep: half a character (a lone surrogate) and, in an id, the character NUL."""

from __future__ import annotations

import re

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_LONE = re.compile("[\ud800-\udfff]")
_NOT_IN_IDS = re.compile("[\0\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` with each lone surrogate replaced by U+FFFD, the same every time; everything else stays, NUL too."""
    return text if text.isascii() else _LONE.sub(UNKNOWN, text)


def clean_id(name: str) -> str:
    """`name` as the database keeps it: PostgreSQL takes no NUL, and none takes a lone surrogate."""
    return name if name.isascii() and "\0" not in name else _NOT_IN_IDS.sub(UNKNOWN, name)
