"""`make conformance`: run the tests of the Discord bot, and hold every request of it against Discord's description.

The exit code is 1 where a request deviates and tests/conformance/known.py does not say why, or where those tests fail. Without the
description nothing is checked, and that is no failure.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.description import Asked, Description, Deviation
from tests.conformance.known import KNOWN
from tests.fakes.discord.requests import FILE

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "STEWARD_DISCORD_OPENAPI"
DEFAULT = ROOT.parent / "shared" / "specs" / "discord_openapi.json"
SOURCE = "https://github.com/discord/discord-api-spec (specs/openapi.json)"
TESTS = ("tests/bot/discord", "tests/bot/test_doctor.py")
"""Where the bot itself talks to the test server; the tests of that server ask wrong things on purpose."""
LONGEST_EXAMPLE = 500
_ID = re.compile(r"\d{15,20}")


def main() -> int:
    """Run the tests, check, print, and return the exit code."""
    file = Path(os.environ.get(VARIABLE) or DEFAULT)
    if not file.is_file():
        print(
            f"Skipped: Discord's API description is not there. Get it from {SOURCE} and name it in {VARIABLE}."
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "requests"
        environment = os.environ | {FILE: str(kept)}
        environment.pop(VARIABLE, None)  # no setting of Steward's
        command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow and not bench", *TESTS]
        tests = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        lines = kept.read_text("utf-8").splitlines() if kept.exists() else []
    description = Description(json.loads(file.read_text("utf-8")))
    asked = [_asked(json.loads(line)) for line in lines]
    deviates = report(description, asked)
    if tests.returncode:
        print("The tests failed, so this may not be all.")
    return 1 if deviates or tests.returncode else 0


def report(description: Description, asked: Sequence[Asked]) -> bool:
    """Print each distinct deviation once. Whether one is there that is not known."""
    different = {_without_ids(each): each for each in asked}
    found = dict.fromkeys(each for one in different.values() for each in description.deviations(one))
    explained = {each: known for each in found for known in KNOWN if known.covers(each)}
    for deviation in found:
        if deviation not in explained:
            print(f"\n{_sentence(deviation)}\n  for instance {_shown(deviation.value)}")
    print(f"\n{len(asked)} requests, {len(found) - len(explained)} deviations that nobody explained.")
    for deviation, known in explained.items():
        print(f"  known: {_sentence(deviation)}: {known.why} ({known.source})")
    return len(explained) < len(found)


def _asked(request: dict[str, object]) -> Asked:
    query = request["query"]
    assert isinstance(query, dict)
    return Asked(str(request["method"]), str(request["path"]), query, request["body"])


def _sentence(found: Deviation) -> str:
    return " ".join(part for part in (found.method, found.route, found.place) if part) + f": {found.says}"


def _without_ids(asked: Asked) -> str:
    """The same for requests that differ in ids alone: there are thousands."""
    return _ID.sub("1", json.dumps([asked.method, asked.path, asked.query, asked.body]))


def _shown(value: object) -> str:
    whole = json.dumps(value, ensure_ascii=False)
    return whole if len(whole) <= LONGEST_EXAMPLE else f"{whole[:LONGEST_EXAMPLE]}…"


if __name__ == "__main__":
    sys.exit(main())
