"""Reading a TOML table that a person wrote: typed values out, and every problem noted as a sentence.

Nothing here raises for what the person wrote: a wrong value is noted and the default stands in, so that one reading
finds all that is wrong.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

_KINDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a decimal number",
    list: "a list",
}
_LONGEST_KEY = 60
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""A day outside is a slip of the pen, and some are outside of what a clock can tell."""


def quote(value: str) -> str:
    """`value` in quotes on one line, shortened, with invisible characters made visible."""
    short = value if len(value) <= _LONGEST_KEY else value[:_LONGEST_KEY] + "…"
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short) + '"'


def meant(written: str, right: Iterable[str]) -> str:
    """`; did you mean "..."?` with the nearest of `right`, or nothing where none is near."""
    names = {name.casefold(): name for name in right}
    near = get_close_matches(written[:_LONGEST_KEY].casefold(), names, n=1)
    return f"; did you mean {quote(names[near[0]])}?" if near else ""


def listed(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


class TomlTable:
    """One table with its `place` in the file ("" at the top, "[policy]" ...).

    `problems` is shared by all tables of a file.
    """

    def __init__(self, values: Mapping[str, object], place: str, problems: list[str]) -> None:
        self.values, self.place, self._problems = values, place, problems

    def note(self, sentence: str) -> None:
        """Write down what is wrong in this table."""
        self._problems.append(f"in {self.place}, {sentence}" if self.place else sentence)

    def refuse_unknown(self, keys: Sequence[str], elsewhere: Mapping[str, str]) -> None:
        """Note every key that is none of `keys`; `elsewhere` tells in which table a key would be right."""
        for key in self.values:
            if key not in keys:
                hint = f"; it belongs {elsewhere[key]}" if key in elsewhere else meant(key, keys)
                hint = hint or f"; its keys are {listed(keys, 'and')}"
                self._problems.append(f"{self.place or 'the file'} has no key {quote(key)}{hint}")

    def text(self, key: str, *, longest: int, required: bool = False, lines: bool = False) -> str:
        """Text without the space around it; "" where it is missing. `lines` allows more than one line."""
        if key not in self.values:
            if required:
                self.note(f'"{key}" is missing')
            return ""
        value = self.values[key]
        if not isinstance(value, str):
            self._wrong(key, "text" if isinstance(value, list | dict) else "text in quotes", value)
            return ""
        problem = _text_problem(value.strip(), longest=longest, required=required, lines=lines)
        if problem:
            self.note(f'"{key}" {problem}')
        return "" if problem else value.strip()

    def texts(self, key: str, *, longest: int, most: int) -> tuple[str, ...]:
        """A list of texts, none of them empty, each once."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self._wrong(key, "a list of texts", value)
            return ()
        if len(value) > most:
            self.note(f'"{key}" has {len(value):,} entries; at most {most:,} are allowed')
            return ()
        found = TomlTable({f"{key}[{i}]": v for i, v in enumerate(value, 1)}, self.place, self._problems)
        texts = [found.text(name, longest=longest, required=True) for name in found.values]
        return tuple(dict.fromkeys(text for text in texts if text))

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong(key, f"a whole number from {least} to {most:,}", value)
            return default
        if not least <= value <= most:
            self.note(f'"{key}" must be from {least} to {most:,}')
            return default
        return value

    def number(self, key: str, default: float) -> float:
        """A number, whole or decimal."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, f"a number such as {default:g}", value)
            return default
        try:
            return float(value)
        except OverflowError:  # a whole number of hundreds of digits
            return math.inf if value > 0 else -math.inf

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A day, which TOML writes without quotes; None where it is missing or wrong."""
        if key not in self.values:
            if required:
                self.note(f'"{key}" is missing')
            return None
        value = self.values[key]
        if type(value) is not date or not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.note(
                f'"{key}" must be a day from {FIRST_YEAR} to {LAST_YEAR} without quotes, such as 2030-01-31'
            )
            return None
        return value

    def truth(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self._wrong(key, "true or false (without quotes)", value)
            return default
        return value

    def choice(self, key: str, options: Sequence[str], default: str) -> str:
        """One of `options`."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            self._wrong(key, f"{listed(options)}, in quotes", value)
            return default
        if value not in options:
            self.note(f'"{key}" must be {listed(options)}, not {quote(value)}{meant(value, options)}')
            return default
        return value

    def table(self, key: str, place: str) -> TomlTable:
        """The table under `key`; an empty one where it is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.note(f'"{key}" must be a table, written as {place}')
            value = {}
        return TomlTable(value, place, self._problems)

    def tables(self, key: str, most: int) -> list[TomlTable]:
        """The tables written as [[key]], each with its number as its place."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.note(f'"{key}" must be a list of tables, each written as [[{key}]]')
            return []
        if len(value) > most:
            self.note(f"there are {len(value):,} {key}; at most {most:,} are allowed")
            return []
        return [TomlTable(each, f"[[{key}]] number {i}", self._problems) for i, each in enumerate(value, 1)]

    def _wrong(self, key: str, expected: str, value: object) -> None:
        kind = next((name for kind, name in _KINDS.items() if type(value) is kind), "a table or a date")
        given = quote(value) if isinstance(value, str) else kind
        self.note(f'"{key}" must be {expected}, not {given}')


def _text_problem(value: str, *, longest: int, required: bool, lines: bool) -> str | None:
    if required and not value:
        return "is empty"
    if len(value) > longest:
        return f"has {len(value):,} characters; at most {longest:,} are allowed"
    if not lines and len(value.splitlines()) > 1:
        return "must be on one line"
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in value):
        return "has control characters in it"
    return None
