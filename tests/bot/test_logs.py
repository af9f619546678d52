"""Logs: for people or machines, with ids and figures, and never what somebody wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from bot.logs import configure

WRITTEN = "what a member wrote"
log = logging.getLogger("bot.workers")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("bot", "moderation"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def json_lines(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_plain_line_is_for_people() -> None:
    stream = StringIO()
    configure(stream=stream)
    log.info("judged", extra={"community": "slack:T1", "count": 64})
    at, rest = stream.getvalue().split(" ", 1)
    assert at.endswith("Z")
    assert rest == "INFO bot.workers: judged (community=slack:T1, count=64)\n"


def test_a_json_line_is_for_machines() -> None:
    stream = StringIO()
    configure(form="json", stream=stream)
    log.warning("delivered", extra={"about": "M1", "tries": 2})
    (line,) = json_lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "bot.workers",
        "event": "delivered",
        "message": "M1",
        "tries": 2,
    }


@pytest.mark.parametrize("form", ["plain", "json"])
def test_what_somebody_wrote_is_never_logged(form: str) -> None:
    stream = StringIO()
    configure("debug", form, stream)
    log.debug("judged %s", WRITTEN, extra={"text": WRITTEN, "body": WRITTEN})
    logging.getLogger("slack_bolt").warning("Unhandled request (%s)", WRITTEN)
    logging.getLogger("slack_bolt").warning(f"Unhandled request ({{'text': '{WRITTEN}'}})")  # noqa: G004 - as Bolt does
    logging.getLogger("discord.gateway").info("payload %s", WRITTEN)
    try:
        int(WRITTEN)  # its error quotes what it could not read
    except ValueError:
        log.exception("a bug")
    assert WRITTEN not in stream.getvalue()
    assert "Unhandled request" in stream.getvalue()
    assert "ValueError at " in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()


def test_the_level_is_ours_and_libraries_only_warn() -> None:
    stream = StringIO()
    configure("info", "json", stream)
    log.debug("unheard")
    logging.getLogger("moderation.pipeline").info("heard")
    logging.getLogger("aiosqlite").info("unheard")
    assert [line["event"] for line in json_lines(stream)] == ["heard"]


def test_one_record_is_one_line() -> None:
    stream = StringIO()
    configure(stream=stream)
    log.error("judged", extra={"channel": "a\nb\x1b[31m"})
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_configuring_again_replaces() -> None:
    first, second = StringIO(), StringIO()
    configure(stream=first)
    configure(stream=second)
    log.info("once")
    assert not first.getvalue()
    assert second.getvalue().count("once") == 1
