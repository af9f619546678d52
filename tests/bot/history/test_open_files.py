"""A folder with thousands of channels opens few files at a time: macOS lets a process have 256, Linux 1,024."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bot.history.factories import Files, discord_of, slack_of, write_folder

ROOT = Path(__file__).resolve().parents[3]
CHANNELS = 2_000
READ_WITH_FEW_FILES = """
import resource, sys
from pathlib import Path

resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
from bot.history import archive, open_export

archive.CHUNK = 100  # a file is read in several pieces
with open_export(Path(sys.argv[1])) as export:
    times = [message.posted_at for message in export.messages()]
print(len(times), len(set(times)), times == sorted(times))
"""


@pytest.mark.parametrize("files", [slack_of, discord_of])
def test_two_thousand_channels_are_read_with_256_files(tmp_path: Path, files: Callable[[int], Files]) -> None:
    export = write_folder(tmp_path / "export", files(CHANNELS))
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", READ_WITH_FEW_FILES, str(export)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.stdout, done.stderr) == (f"{2 * CHANNELS} {2 * CHANNELS} True\n", "")
