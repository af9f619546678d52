"""`steward run` as a process of its own, in a hurry: `python -m` this module.

It reads by words, looks around often, and its clock is ahead by as many seconds as the file named by TOWN_CLOCK says.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bot.host
import bot.living
import bot.workers
from bot.cli import run
from tests.fakes.keyword_classifier import KeywordClassifier


def _classifier(model: Path | None = None) -> KeywordClassifier:
    del model
    return KeywordClassifier()


def _now(self: bot.living.LiveClock) -> datetime:
    del self
    return datetime.now(UTC) + timedelta(seconds=float(Path(os.environ["TOWN_CLOCK"]).read_text() or 0))


if __name__ == "__main__":
    vars(bot.host)["load_classifier"] = _classifier
    setattr(bot.living.LiveClock, "now", _now)  # noqa: B010 - for a type checker it is not to be replaced
    bot.workers.LOOK_AGAIN = bot.workers.SETTLE = 0.05
    raise SystemExit(run(["run"]))
