"""The steward command as a process of its own, with a classifier that goes by words: `python -m` this module.

The stand-in takes the place of the composition root, so that no model is loaded and every verdict is known.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from tests.fakes.keyword_classifier import KeywordClassifier


def app(**functions: Callable[..., object]) -> ModuleType:
    """A composition root of `functions` and a classifier that goes by words."""

    def load_classifier(_model: Path | None) -> KeywordClassifier:
        return KeywordClassifier()

    stand_in = ModuleType("bot.app")
    stand_in.__dict__.update({"load_classifier": load_classifier} | functions)
    return stand_in


if __name__ == "__main__":
    # A shell that starts its work in the background has it ignore Ctrl-C, and a child inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.modules["bot.app"] = app()
    from bot.cli import main

    main()
