"""Text from strangers, made fit to be stored and shown; and their JSON, read without trusting its shape."""

from __future__ import annotations

import re
from collections.abc import Mapping

Row = Mapping[str, object]

# A lone surrogate cannot be written as UTF-8, PostgreSQL cannot store a NUL; all else people may post.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_LONGEST_SHOWN = 120


def clean(text: str) -> str:
    """`text` without NUL and with U+FFFD for each lone surrogate; everything else is kept as it is."""
    return _UNFIT.sub(lambda match: "" if match[0] == "\x00" else "\ufffd", text)


def shown(name: str) -> str:
    """`name` for a sentence on a terminal: one line of 120 characters, U+FFFD for what does not print."""
    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in name[: _LONGEST_SHOWN + 1])
    return printable if len(printable) <= _LONGEST_SHOWN else printable[: _LONGEST_SHOWN - 1] + "…"


def listed(names: list[str], most: int = 3) -> str:
    """The first names and how many more there are: `a, b, c and 4 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + more


def text_in(row: Row, *keys: str) -> str:
    """The first of `keys` that holds a text that is not empty, cleaned; else an empty text."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, str) and value:
            return clean(value)
    return ""


def id_in(row: Row, key: str) -> str:
    """An id as text: some tools write ids as numbers. Empty where there is none."""
    value = row.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return clean(value) if isinstance(value, str) else ""


def row_in(row: Row, key: str) -> Row:
    """The object under `key`; an empty one where there is none."""
    value = row.get(key)
    return value if isinstance(value, dict) else {}


def rows_in(row: Row, key: str) -> list[Row]:
    """The objects in the list under `key`; what is no object is left out."""
    value = row.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def without_query(url: str) -> str:
    """`url` up to its question mark: exports put access tokens and signatures of a day behind it."""
    return url.partition("?")[0]
