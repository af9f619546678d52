"""Turns the two sample scripts into the exports that ship: one in Slack's form, one in DiscordChatExporter's.

    python -m training.samples

The samples and their charters were frozen before the classifier was tuned; a test holds their digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from training.scripts import Line, Script, read

SCRIPTS = Path(__file__).parent.parent / "corpus" / "samples"
SAMPLES = Path(__file__).parent.parent / "bot" / "samples"
_MARK = re.compile(r"\s*\[(file|sticker|image|poll): ([^\]]+)\]")
_BOTS = frozenset({"Calendar Bot", "FairBot"})


def main() -> None:
    """Write both samples anew."""
    for slug, write in (("tidewater-books", slack), ("wick-and-wax", discord)):
        script = in_order(read(SCRIPTS / f"{slug}.script"))
        folder = SAMPLES / slug / "export"
        for path, content in write(script).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        gold = [
            {
                "message_id": message_id(script, line),
                "channel": line.channel,
                "label": line.label,
                "subtype": line.subtype,
            }
            for line in script.lines
        ]
        rows = "".join(json.dumps(row) + "\n" for row in gold)
        (SCRIPTS / f"{slug}.gold.jsonl").write_text(rows, encoding="utf-8")


def in_order(script: Script) -> Script:
    """The script with seconds that never run back within a minute."""
    lines: list[Line] = []
    last: datetime | None = None
    for line in script.lines:
        at = line.at.replace(second=0)
        if last is not None and at <= last:
            at = last + timedelta(seconds=4 + line.number * 7 % 11)
        last = at
        lines.append(Line(line.number, at, *_rest(line)))
    return Script(
        script.slug, script.name, script.purpose, script.language, script.tone, script.channels, tuple(lines)
    )


def _rest(line: Line) -> tuple[str, str, str | None, bool, str, str, str, str]:
    return (
        line.channel,
        line.author,
        line.thread,
        line.root,
        line.label,
        line.subtype,
        line.language,
        line.text,
    )


def message_id(script: Script, line: Line) -> str:
    """The message's id in its export: a Slack time stamp, or a Discord snowflake."""
    if script.slug == "tidewater-books":
        return f"{int(line.at.timestamp())}.{line.number:06d}"
    return str(snowflake(line.at, line.number))


def snowflake(at: datetime, number: int) -> int:
    """A Discord id: milliseconds since 2015 shifted by 22 bits (Discord's reference, "Snowflakes")."""
    return (int(at.timestamp() * 1000) - 1_420_070_400_000 << 22) + number


def code(prefix: str, name: str) -> str:
    """A Slack-like id that is always the same for a name."""
    return prefix + hashlib.sha256(name.encode()).hexdigest()[:9].upper()


def slack(script: Script) -> dict[str, object]:
    """The files of a Slack export: users.json, channels.json and a file per channel and day."""
    people = list(dict.fromkeys(line.author for line in script.lines))
    created = int(script.lines[0].at.timestamp()) - 86_400 * 200
    files: dict[str, object] = {"users.json": [_slack_user(person) for person in people]}
    files["channels.json"] = [
        {
            "id": code("C", channel.name),
            "name": channel.name,
            "created": created,
            "creator": code("U", people[0]),
            "is_archived": False,
            "is_general": index == 0,
            "members": [code("U", person) for person in people],
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": channel.purpose, "creator": code("U", people[0]), "last_set": created},
        }
        for index, channel in enumerate(script.channels)
    ]
    days: dict[str, list[object]] = defaultdict(list)
    roots = {(line.channel, line.thread): message_id(script, line) for line in script.lines if line.root}
    joined: set[str] = set()
    for line in script.lines:
        path = f"{line.channel}/{line.at:%Y-%m-%d}.json"
        if line.author not in joined and line.at.date() != script.lines[0].at.date():
            days[path].append(_slack_join(line))
        joined.add(line.author)
        days[path].append(_slack_message(script, line, roots, people))
    return files | dict(days)


def _slack_user(person: str) -> dict[str, object]:
    name = re.sub(r"\W+", ".", person.lower()).strip(".")
    profile = {"real_name": person, "display_name": person}
    return {
        "id": code("U", person),
        "team_id": "T0TIDEWATER",
        "name": name,
        "deleted": False,
        "real_name": person,
        "is_bot": person in _BOTS,
        "profile": profile,
    }


def _slack_join(line: Line) -> dict[str, object]:
    user = code("U", line.author)
    stamp = f"{int(line.at.timestamp()) - 95}.{line.number:06d}"
    return {
        "type": "message",
        "subtype": "channel_join",
        "user": user,
        "ts": stamp,
        "text": f"<@{user}> has joined the channel",
    }


def _slack_message(
    script: Script, line: Line, roots: dict[tuple[str, str | None], str], people: list[str]
) -> dict[str, object]:
    text = line.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for person in people:
        text = text.replace(f"@{person}", f"<@{code('U', person)}>")
    text = re.sub(r"(?<![\w/@])([\w-]+\.(?:example|test)(?:/[\w./?=&-]*)?)", r"<https://\1|\1>", text)
    row: dict[str, object] = {
        "type": "message",
        "user": code("U", line.author),
        "text": text,
        "ts": message_id(script, line),
        "team": "T0TIDEWATER",
    }
    if line.author in _BOTS:
        row |= {"subtype": "bot_message", "bot_id": code("B", line.author), "username": line.author}
    if line.thread:
        row["thread_ts"] = roots[line.channel, line.thread]
    files = [
        {"id": code("F", name), "name": name, "mimetype": _type_of(name)}
        for _, name in _MARK.findall(line.text)
    ]
    if files:
        row |= {"text": _MARK.sub("", text), "files": files, "upload": True}
    return row


def _type_of(name: str) -> str:
    return "image/jpeg" if name.endswith((".jpg", ".png")) or "." not in name else "application/pdf"


def discord(script: Script) -> dict[str, object]:
    """A folder of DiscordChatExporter files, one per channel."""
    files: dict[str, object] = {}
    ids = {line.number: message_id(script, line) for line in script.lines}
    roots = {(line.channel, line.thread): ids[line.number] for line in script.lines if line.root}
    guild = {
        "id": str(snowflake(script.lines[0].at - timedelta(days=200), 1)),
        "name": script.name,
        "iconUrl": "",
    }
    for index, channel in enumerate(script.channels):
        number = str(snowflake(script.lines[0].at - timedelta(days=200), 10 + index))
        rows = [
            _discord_message(line, ids, roots, number)
            for line in script.lines
            if line.channel == channel.name
        ]
        about = {
            "id": number,
            "type": "GuildTextChat",
            "categoryId": "0",
            "category": "Makers",
            "name": channel.name,
            "topic": channel.purpose,
        }
        end = script.lines[-1].at + timedelta(hours=2)
        files[f"{script.name} - {channel.name} [{number}].json"] = {
            "guild": guild,
            "channel": about,
            "dateRange": {"after": None, "before": None},
            "exportedAt": end.isoformat(),
            "messages": rows,
            "messageCount": len(rows),
        }
    return files


def _discord_message(
    line: Line, ids: dict[int, str], roots: dict[tuple[str, str | None], str], channel: str
) -> dict[str, object]:
    marks = _MARK.findall(line.text)
    row: dict[str, object] = {
        "id": ids[line.number],
        "type": "Reply" if line.thread and not line.root else "Default",
        "timestamp": line.at.isoformat(),
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": _MARK.sub("", line.text),
        "author": _discord_author(line.author),
        "attachments": [
            {
                "id": code("", name),
                "url": f"https://files.example/{name}",
                "fileName": name,
                "fileSizeBytes": 48_213,
            }
            for kind, name in marks
            if kind != "sticker"
        ],
        "embeds": [],
        "stickers": [
            {"id": code("", name), "name": name, "format": "Png", "sourceUrl": ""}
            for kind, name in marks
            if kind == "sticker"
        ],
        "reactions": [],
        "mentions": [],
    }
    if line.thread and not line.root:
        row["reference"] = {
            "messageId": roots[line.channel, line.thread],
            "channelId": channel,
            "guildId": "0",
        }
    return row


def _discord_author(person: str) -> dict[str, object]:
    number = str(1_000_000_000_000_000_000 + int(hashlib.sha256(person.encode()).hexdigest()[:12], 16))
    return {
        "id": number,
        "name": person,
        "discriminator": "0000",
        "nickname": person,
        "color": None,
        "isBot": person in _BOTS,
        "roles": [],
        "avatarUrl": "",
    }


if __name__ == "__main__":
    main()
