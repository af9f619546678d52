"""An export of any length takes little memory: what is held is one message a file and one day a channel."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.history import open_export
from tests.bot.history.factories import (
    discord_channel,
    discord_file,
    discord_message,
    one_line,
    packed,
    slack_files,
    slack_message,
    write_folder,
)

MESSAGES = 30_000
CHANNELS = 1_000
A_DAY = 500
LIMIT = 60_000_000
TEXT = "what do you charge for a first year's accounts, and do you bill it monthly? " * 3


def slack_export(path: Path) -> Path:
    lists = slack_files({})
    with zipfile.ZipFile(path / "slack.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in lists.items():
            archive.writestr(name, packed(rows))
        for day in range(MESSAGES // A_DAY):
            rows = [slack_message(day * 86_400 + second, f"{second} {TEXT}") for second in range(A_DAY)]
            archive.writestr(
                f"general/{2024 + day // 28 // 12}-{day // 28 % 12 + 1:02}-{day % 28 + 1:02}.json",
                packed(rows),
            )
    return path / "slack.zip"


def discord_rows(numbers: range) -> Iterator[str]:
    for number in numbers:
        yield json.dumps(discord_message(number + 1, f"{number} {TEXT}", number))


def discord_export(path: Path, numbers: range = range(MESSAGES)) -> Path:
    head = json.dumps({"guild": {"id": "77", "name": "Lane"}, "channel": discord_channel()})[:-1]
    with (
        zipfile.ZipFile(path / "discord.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.json", "w") as file,
    ):
        file.write(f'{head}, "messages": [\n'.encode())
        for number, row in enumerate(discord_rows(numbers)):
            file.write(f"{',' if number else ''}{row}\n".encode())
        file.write(b"]}")
    return path / "discord.zip"


def many_channels(path: Path) -> Path:
    """A folder with a file for each of 1,000 channels, and people talk in all of them all the time."""
    for channel in range(CHANNELS):
        messages = [
            discord_message(second + 1, f"{second} {TEXT}", second)
            for second in range(channel, MESSAGES, CHANNELS)
        ]
        file = discord_file(messages, discord_channel(f"{500 + channel}", f"c{channel}"))
        write_folder(path / "many", {f"{channel}.json": one_line(file)})
    return path / "many"


def newest_first(path: Path) -> Path:
    return discord_export(path, range(MESSAGES - 1, -1, -1))


@pytest.mark.slow
@pytest.mark.parametrize("export", [slack_export, discord_export, newest_first, many_channels])
def test_thirty_thousand_messages_take_little_memory(tmp_path: Path, export: Callable[[Path], Path]) -> None:
    path = export(tmp_path)
    tracemalloc.start()
    try:
        with open_export(path) as opened:
            count = sum(1 for _ in opened.messages())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == MESSAGES
    assert peak < LIMIT, f"{peak:,} bytes"
