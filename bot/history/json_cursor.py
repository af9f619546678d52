"""JSON read value by value from a stream of bytes, holding little more than one value in memory.

The standard library's decoder does the work. ijson 3.6 was tried and left: it names no line and column, makes
of a lone surrogate a question mark or a UnicodeDecodeError, and keeps the path of every level of nesting, so
that 100 kB of brackets take all memory there is.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator

from bot.history.clean import shown
from moderation.errors import ExportError

# One message, user or channel. A text of a megabyte is fine; Slack allows 40,000 characters, Discord 4,000.
MAX_VALUE = 8 * 1024**2
# A token cut off at the end of what was read so far fails this close to it; a string fails at its start.
_TOKEN = 16
_SPACE = re.compile(r"[ \t\n\r]*")


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON")


# Numbers with a fraction stay text: Slack's `ts` is an id, not to be rounded where a tool wrote a number.
_decode = json.JSONDecoder(parse_float=str, parse_constant=_refuse).raw_decode


class JsonCursor:
    """A place in the JSON text of the file `name`. Every fault is an ExportError with line and column."""

    def __init__(self, name: str, chunks: Iterable[bytes]) -> None:
        self.name = name
        self._chunks = iter(chunks)
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._fed = 0  # bytes given to the decoder
        self._text = ""
        self._at = 0
        self._value_at = 0
        self._line, self._column = 1, 1  # where self._text begins
        self._ended = False
        if self._more() and self._text.startswith("\ufeff"):
            self._at, self._column = 1, 0  # a byte order mark is no column

    def peek(self) -> str:
        """The next character that is no space, without taking it; empty at the end of the text."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> None:
        """Step over the character `wanted`."""
        found = self.peek()
        self._value_at = self._at
        if found != wanted:
            raise self.fault(
                f"broken JSON ({wanted} expected, {'the end' if not found else shown(found)} found)"
            )
        self._at += 1

    def value(self) -> object:
        """The whole value at the cursor."""
        self.peek()
        self._value_at = self._at
        while True:
            found = self._attempt()
            if found is not None:
                return found[0]

    def elements(self) -> Iterator[object]:
        """The elements of the array at the cursor, one at a time."""
        self.take("[")
        if self.peek() != "]":
            yield self.value()
        while self.peek() != "]":
            self.take(",")
            yield self.value()
        self.take("]")

    def members(self) -> Iterator[str]:
        """The keys of the object at the cursor; after each one the caller reads its value before going on."""
        self.take("{")
        if self.peek() != "}":
            yield self._key()
        while self.peek() != "}":
            self.take(",")
            yield self._key()
        self.take("}")

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.peek():
            self._value_at = self._at
            raise self.fault("broken JSON (more text after its end)")

    def fault(self, what: str) -> ExportError:
        """The sentence for something wrong with the value read last."""
        before = self._text[: self._value_at]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else self._column + len(before)
        return ExportError(
            f"{shown(self.name)}, line {self._line + lines}, column {column}: {what}; "
            "export again or mend that file."
        )

    def _key(self) -> str:
        if self.peek() != '"':
            self.take('"')
        key = self.value()
        self.take(":")
        return str(key)

    def _attempt(self) -> tuple[object] | None:
        """The value in a tuple, or None after more text was read; raises ExportError for a broken one."""
        try:
            value, end = _decode(self._text, self._at)
        except json.JSONDecodeError as error:
            ahead = error.pos - self._at
            if self._cut_off(error) and self._more():
                return None
            self._value_at = self._at + ahead  # reading more has moved the text, also where nothing came
            raise self.fault(f"broken JSON ({error.msg})") from error
        except RecursionError as error:
            raise self.fault("JSON nested too deep to be an export") from error
        except ValueError as error:  # NaN, Infinity, or a number of more than 4,300 digits
            raise self.fault(f"broken JSON ({shown(str(error))})") from error
        if end == len(self._text) and self._text[end - 1] not in '"]}' and self._more():
            return None  # a number may go on in the next chunk
        self._at = end
        return (value,)

    def _cut_off(self, error: json.JSONDecodeError) -> bool:
        return error.pos >= len(self._text) - _TOKEN or error.msg.startswith("Unterminated string")

    def _more(self) -> bool:
        """Drop what was read, then read at least as much as is pending: a long value costs linear time."""
        if self._ended:
            return False
        self._forget()
        wanted = 2 * len(self._text) + 1
        if wanted > 2 * MAX_VALUE:
            raise self.fault(f"one value is longer than {MAX_VALUE:,} characters")
        parts, size = [self._text], len(self._text)
        while size < wanted and not self._ended:
            part = self._decoded(next(self._chunks, b""))
            parts.append(part)
            size += len(part)
        grown = size > len(self._text)
        self._text = "".join(parts)
        return grown

    def _decoded(self, chunk: bytes) -> str:
        self._ended = not chunk
        pending = len(self._utf8.getstate()[0])
        try:
            text = self._utf8.decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            offset = self._fed - pending + error.start
            raise ExportError(
                f"{shown(self.name)} is not UTF-8 at byte {offset:,}: "
                "export again or save that file as UTF-8."
            ) from error
        self._fed += len(chunk)
        return text

    def _forget(self) -> None:
        before = self._text[: self._at]
        lines = before.count("\n")
        self._line += lines
        self._column = len(before) - before.rfind("\n") if lines else self._column + len(before)
        self._text = self._text[self._at :]
        self._value_at = max(0, self._value_at - self._at)
        self._at = 0
