"""The lists at the top of a Slack export: users.json for people, channels.json and groups.json for channels.

Private channels (groups.json) are read, since only an owner's export holds them. Direct messages (dms.json,
mpims.json) are never opened.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.history.archive import Archive
from bot.history.clean import Row, id_in, listed, row_in, shown, text_in
from bot.history.json_cursor import JsonCursor
from bot.history.mrkdwn import Names, decode
from bot.history.slack_messages import author_from
from moderation.errors import ExportError
from moderation.messages import Author, Channel

_PEOPLE = ("users.json", "org_users.json")  # the latter comes with an Enterprise organisation's export
_CHANNELS = ("channels.json", "groups.json")
_LISTS = {*_PEOPLE, *_CHANNELS, "dms.json", "mpims.json"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.json")


@dataclass(frozen=True, slots=True)
class Lists:
    """`root` is the lists' folder (empty, or one name and `/`); `team` is empty if no user names one."""

    root: str
    files: tuple[str, ...]
    team: str = ""
    authors: Mapping[str, Author] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()


def is_list(path: PurePosixPath) -> bool:
    """Whether this is one of the lists, at the top or in the one folder that holds the whole export."""
    return path.name in _LISTS and len(path.parts) <= 2


def is_day(path: PurePosixPath) -> bool:
    """Whether this is a channel's file of one day."""
    return bool(_DAY.fullmatch(path.name)) and len(path.parts) in {2, 3}


def read_lists(archive: Archive) -> Lists:
    """Both lists. Raises ExportError where one is missing or broken."""
    root = _root([PurePosixPath(name) for name in archive.names])
    people = [root + name for name in _PEOPLE if root + name in archive.names]
    channels = [root + name for name in _CHANNELS if root + name in archive.names]
    if not people:
        raise _missing(archive, "users.json", "who the members are")
    if not channels:
        raise _missing(archive, "channels.json", "which channels there are")
    teams: Counter[str] = Counter()
    authors: dict[str, Author] = {}
    for user in (row for name in people for row in _rows(archive, name)):
        authors.setdefault(id_in(user, "id"), author_from(user))
        teams[text_in(user, "team_id")] += 1
    authors.pop("", None)
    del teams[""]
    team = min(teams, key=lambda each: (-teams[each], each)) if teams else ""
    return Lists(root, (*people, *channels), team, authors, _channels(archive, channels, authors))


def _missing(archive: Archive, name: str, what: str) -> ExportError:
    return ExportError(
        f"{shown(archive.path.name)} looks like a Slack export but has no {name}, which says {what}: "
        "give the whole export as Slack made it."
    )


def _root(paths: Sequence[PurePosixPath]) -> str:
    """Empty, or the one folder at the top that holds the export."""
    tops = sorted({"/".join(path.parts[:-1]) for path in paths if is_list(path)})
    if "" in tops or not tops:
        return ""
    if len(tops) > 1:
        raise ExportError(f"There are several Slack exports here ({listed(tops)}): give one at a time.")
    return f"{tops[0]}/"


def _channels(archive: Archive, lists: Sequence[str], authors: Mapping[str, Author]) -> tuple[Channel, ...]:
    rows: dict[str, Row] = {}
    for name in lists:
        for row in _rows(archive, name):
            if row.get("is_im") is not True and row.get("is_mpim") is not True:
                rows.setdefault(id_in(row, "id") or text_in(row, "name"), row)
    rows.pop("", None)
    names = Names(
        {author.id: author.name for author in authors.values()},
        {identity: text_in(row, "name") or identity for identity, row in rows.items()},
    )
    return tuple(Channel(each, names.channels[each], _purpose(row, names)) for each, row in rows.items())


def _purpose(channel: Row, names: Names) -> str:
    """The purpose, which Slack now calls the description; where there is none, the topic."""
    said = text_in(row_in(channel, "purpose"), "value") or text_in(row_in(channel, "topic"), "value")
    return decode(said, names)


def _rows(archive: Archive, name: str) -> Iterator[Row]:
    cursor = JsonCursor(name, archive.chunks(name))
    for row in cursor.elements():
        if not isinstance(row, dict):
            raise cursor.fault("an object was expected in this list")
        yield row
    cursor.end()
