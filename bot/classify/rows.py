"""A line of JSON as a question for the classifier, and its verdict as a line of JSON.

::

    in   {"id", "text", "charter"?, "channel_purpose"?, "context"?: [{"author", "text"}], "author"?}
    out  {"id", "label", "probabilities": {"on_topic", "chatter", "pitch"}, "abstained", "why"}

Other keys are ignored, so that a labelled file can be piped in. A key that may be missing may also be null.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from moderation.charter import ChannelCharter, Charter
from moderation.decisions import Verdict
from moderation.messages import ContextLine
from moderation.ports import Question

NO_CHARTER = Charter(name="", purpose="")
_KINDS = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}
_SURROGATE = re.compile("[\ud800-\udfff]")
# Some readers of lines also cut at these.
_LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


class BadRow(ValueError):
    """A line that cannot be judged; its text says why and never quotes the message."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line that can be judged. `own_charter` tells whether the line brought its charter along."""

    id: str | int | float
    question: Question
    own_charter: bool


def read_row(line: bytes, usual: Charter) -> Row | None:
    """The row that a line holds, None for a blank one; `usual` is for rows without a charter. Raises BadRow."""
    text = _decoded(line)
    if not text.strip():
        return None
    values = _object(text)
    identity = _identity(values)
    if values.get("text") is None:
        raise BadRow('"text" is missing')
    charter = _text(values, "charter").strip()
    question = Question(
        text=_text(values, "text"),
        charter=plain_charter(charter) if charter else usual,
        channel=plain_channel(_text(values, "channel_purpose").strip()),
        context=_context(values),
        author=_text(values, "author"),
    )
    return Row(identity, question, bool(charter))


def write_row(row: Row, verdict: Verdict) -> bytes:
    """The line that answers `row`, with its end."""
    likely = verdict.probabilities
    answer = {
        "id": row.id,
        "label": verdict.label.value,
        "probabilities": {"on_topic": likely.on_topic, "chatter": likely.chatter, "pitch": likely.pitch},
        "abstained": verdict.abstained,
        "why": verdict.why,
    }
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # an id with half a character in it goes back as it came
        return json.dumps(answer, allow_nan=False).encode() + b"\n"


@lru_cache(maxsize=64)
def plain_charter(purpose: str) -> Charter:
    """The charter that a plain text is: the same object for the same text, so that it is read only once."""
    return Charter(name="", purpose=purpose)


@lru_cache(maxsize=64)
def plain_channel(purpose: str) -> ChannelCharter | None:
    """The channel of which only the purpose is known."""
    return ChannelCharter(name="", purpose=purpose) if purpose else None


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRow(f"byte {error.start + 1} is not UTF-8") from None


def _object(text: str) -> Mapping[str, object]:
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise BadRow(f"this is not JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise BadRow("this is nested too deep") from None
    except ValueError as error:
        if isinstance(error, BadRow):
            raise
        raise BadRow("a number is too long") from None
    if not isinstance(values, dict):
        raise BadRow(f"this must be an object, not {_kind(values)}")
    return values


def _refuse_constant(name: str) -> NoReturn:
    raise BadRow(f"this is not JSON ({name} is no JSON value)")


def _identity(values: Mapping[str, object]) -> str | int | float:
    identity = values.get("id")
    if identity is None:
        raise BadRow('"id" is missing')
    if isinstance(identity, bool) or not isinstance(identity, str | int | float):
        raise BadRow(f'"id" must be text or a number, not {_kind(identity)}')
    if isinstance(identity, float) and not math.isfinite(identity):
        raise BadRow('"id" is too large a number')
    return identity


def _text(values: Mapping[str, object], key: str, place: str = "") -> str:
    """Text with every half of a character replaced: no tokenizer could encode it."""
    value = values.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadRow(f'{place}"{key}" must be text, not {_kind(value)}')
    return _SURROGATE.sub("\ufffd", value)


def _context(values: Mapping[str, object]) -> tuple[ContextLine, ...]:
    lines = values.get("context")
    if lines is None:
        return ()
    if not isinstance(lines, list):
        raise BadRow(f'"context" must be a list, not {_kind(lines)}')
    return tuple(_context_line(line, f'"context", entry {number}: ') for number, line in enumerate(lines, 1))


def _context_line(line: object, place: str) -> ContextLine:
    if not isinstance(line, dict):
        raise BadRow(f"{place}it must be an object, not {_kind(line)}")
    if line.get("text") is None:
        raise BadRow(f'{place}"text" is missing')
    return ContextLine(_text(line, "author", place), _text(line, "text", place))


def _kind(value: object) -> str:
    return "null" if value is None else _KINDS.get(type(value), "something else")
