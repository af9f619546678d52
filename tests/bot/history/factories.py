"""Small exports as their makers write them, from rows that a test can read at a glance."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.history import open_export
from moderation.messages import Message

JsonRow = dict[str, object]
Files = dict[str, object]

START = datetime(2024, 5, 1, 9, 0, tzinfo=UTC)
SLACK_START = 1_714_554_000  # the same moment in seconds


def slack_user(identity: str, name: str, **more: object) -> JsonRow:
    """A row of users.json."""
    profile = {"display_name": name, "real_name": f"{name.title()} Real"}
    return {"id": identity, "team_id": "T1", "name": name, "profile": profile, "is_bot": False, **more}


def slack_channel(identity: str, name: str, purpose: str = "", topic: str = "") -> JsonRow:
    """A row of channels.json."""
    return {"id": identity, "name": name, "purpose": {"value": purpose}, "topic": {"value": topic}}


def slack_message(seconds: float = 0, text: str = "hello", user: str = "U1", **more: object) -> JsonRow:
    """A row of a day file, posted so many seconds after the start."""
    return {"type": "message", "user": user, "text": text, "ts": f"{SLACK_START + seconds:.6f}", **more}


def slack_files(days: Mapping[str, Sequence[object]] | None = None, **more: object) -> Files:
    """A whole Slack export: `days` are lists of rows by file, the lists at the top can be given by name."""
    users = [slack_user("U1", "mara"), slack_user("U2", "joe"), slack_user("B9", "helper", is_bot=True)]
    channels = [
        slack_channel("C1", "general", "all about <https://ledger.example|ledgers>"),
        slack_channel("C2", "tools"),
    ]
    days = days if days is not None else {"general/2024-05-01.json": [slack_message()]}
    return {
        "users.json": users,
        "channels.json": channels,
        **{f"{k}.json": v for k, v in more.items()},
        **days,
    }


def discord_user(identity: str = "11", name: str = "mara", **more: object) -> JsonRow:
    """An author or a mentioned person."""
    roles = [{"id": "91", "name": "Regular", "color": None, "position": 1}]
    return {"id": identity, "name": name, "nickname": name.title(), "isBot": False, "roles": roles, **more}


def discord_message(number: int, text: str = "hello", seconds: float = 0, **more: object) -> JsonRow:
    """A row of `messages`, posted so many seconds after the start."""
    return {
        "id": str(number),
        "type": "Default",
        "timestamp": (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds"),
        "timestampEdited": None,
        "isPinned": False,
        "content": text,
        "author": discord_user(),
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        "inlineEmojis": [],
        **more,
    }


def discord_channel(identity: str = "500", name: str = "general", **more: object) -> JsonRow:
    """The header's channel."""
    return {
        "id": identity,
        "type": "GuildTextChat",
        "categoryId": "400",
        "category": "Community",
        "name": name,
        "topic": "about ledgers",
        **more,
    }


def discord_file(
    messages: Sequence[object] = (), channel: object = None, guild: object = None, **more: object
) -> JsonRow:
    """One file as DiscordChatExporter writes it."""
    return {
        "guild": guild or {"id": "77", "name": "Ledger Lane", "iconUrl": ""},
        "channel": channel or discord_channel(),
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2024-06-01T00:00:00+00:00",
        "messages": list(messages),
        "messageCount": len(messages),
        **more,
    }


def slack_of(channels: int) -> Files:
    """A Slack export with so many channels: each is spoken in twice, the second time when all were the first."""
    days = {
        f"c{n}/2024-05-01.json": one_line([slack_message(n), slack_message(n + channels)])
        for n in range(channels)
    }
    return slack_files(days, channels=[slack_channel(f"C{n}", f"c{n}") for n in range(channels)])


def discord_of(channels: int) -> Files:
    """As slack_of, a file for each channel."""
    return {
        f"{n}.json": one_line(
            discord_file(
                [
                    discord_message(n + 1, seconds=n),
                    discord_message(n + channels + 1, seconds=n + channels),
                ],
                discord_channel(f"{500 + n}", f"c{n}"),
            )
        )
        for n in range(channels)
    }


def one_line(content: object) -> bytes:
    """JSON without indents, which is written ten times as fast."""
    return json.dumps(content).encode()


def packed(content: object) -> bytes:
    """Bytes as they are, everything else as indented JSON."""
    return content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()


def write_zip(path: Path, files: Mapping[str, object]) -> Path:
    """A zip at `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, packed(content))
    return path


def write_folder(path: Path, files: Mapping[str, object]) -> Path:
    """A folder at `path`."""
    for name, content in files.items():
        place = path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(packed(content))
    return path


def read_all(path: Path) -> list[Message]:
    """Every message of the export at `path`."""
    with open_export(path) as export:
        return list(export.messages())


def read_slack(path: Path, *rows: object, **more: object) -> list[Message]:
    """What comes out of one day in #general; `path` is a folder for temporary files."""
    return read_all(
        write_zip(path / "export.zip", slack_files({"general/2024-05-01.json": list(rows)}, **more))
    )


def read_discord(path: Path, *rows: object, channel: object = None) -> list[Message]:
    """What comes out of one DiscordChatExporter file; `path` is a folder for temporary files."""
    file = path / "export.json"
    file.write_bytes(packed(discord_file(rows, channel)))
    return read_all(file)
