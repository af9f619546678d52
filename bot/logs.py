"""Logging by the standard library: plain lines for people, JSON lines for machines, and never a message's text.

A record is a fixed sentence and named facts: `log.info("judged", extra={"community": ..., "count": 64})`. Only the
facts named in FACTS are written; values are never put into the sentence. A library's sentence is cut where its values
begin (slack_bolt warns with the whole payload). Of an exception its type and its places in the code are written, not
its words, since an error may quote what could not be read.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

FACTS = (
    "platform", "community", "channel", "message", "member", "marker", "delivery", "action", "outcome", "permission",
    "model", "charter", "count", "seconds", "tries",
)  # fmt: skip
"""What may stand beside a sentence: ids, names of ours, figures."""

OURS = ("bot", "moderation")
_RESERVED = {"message": "about"}
"""`message` is taken in a LogRecord: the id of a message is given as `about`."""

_VALUES = re.compile(r"[\n({\[<\"]|(?<!\w)'|: ")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def configure(level: str = "info", form: str = "plain", stream: TextIO | None = None) -> None:
    """Send records to `stream` (stderr); `form` is plain or json. Calling it again replaces what was."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries log payloads at DEBUG and INFO: a chat platform's carry what people wrote.
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


class PlainLines(logging.Formatter):
    """`2026-03-31T18:00:00Z INFO bot.workers: judged (count=64)`."""

    def format(self, record: logging.LogRecord) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in _facts(record).items())
        line = f"{_at(record)} {record.levelname} {record.name}: {_sentence(record)}" + (
            f" ({facts})" if facts else ""
        )
        raised = f" | {error}" if (error := _error(record.exc_info)) else ""
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in line + raised)


class JsonLines(logging.Formatter):
    """One object a line, with `at`, `level`, `logger`, `event`, the facts, and `error`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _sentence(record),
            **_facts(record),
        }
        if error := _error(record.exc_info):
            line["error"] = error
        return json.dumps(line, default=str)


def _at(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _sentence(record: logging.LogRecord) -> str:
    said = str(record.msg)
    return said if record.name.partition(".")[0] in OURS else _VALUES.split(said, maxsplit=1)[0].strip()


def _facts(record: logging.LogRecord) -> dict[str, object]:
    given = ((name, record.__dict__.get(_RESERVED.get(name, name))) for name in FACTS)
    return {name: value for name, value in given if value is not None}


def _error(info: ExcInfo | None) -> str | None:
    """Type and places of an exception: `OSError at bot/app.py:12 in load < ...`, the innermost first."""
    if info is None or info[0] is None:
        return None
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(info[2])]
    return f"{info[0].__name__} at {' < '.join(reversed(places))}"
