"""The folder of a replay: what is in it, whose replay it is, and the key of its database.

The key is made for this one replay and lies beside the database, readable by its owner alone; texts are dropped from
the database seven days after the replay began, by whatever command opens it next.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from moderation.charter import Charter
from moderation.errors import BadInput
from moderation.policy import Policy
from moderation.ports import Community, Work

if TYPE_CHECKING:  # reading exports is nothing that a replay needs once it is there
    from bot.history import Export

READABLE = ("decisions.jsonl", "summary.json", "report.html")
UNFINISHED = ".part"
DATABASE, KEY, STATE = "replay.db", "replay.key", "replay.json"
OURS = (
    *READABLE,
    *(f"{name}{UNFINISHED}" for name in READABLE),
    KEY,
    STATE,
    DATABASE,
    "replay.db-wal",
    "replay.db-shm",
)
_WHAT = {
    "export": "another export",
    "charter": "another charter",
    "policy": "another policy",
    "model": "another model",
    "selection": "other limits (--since, --until or --channel)",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of the history is replayed."""

    since: datetime | None = None
    until: datetime | None = None
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a replay this one: going on with another export, charter or model would mix two stories."""

    export: str
    charter: str
    policy: str
    model: str
    selection: str

    @classmethod
    def of(
        cls, export: Export, charter: Charter, policy: Policy, model: str, selection: Selection
    ) -> Identity:
        """The identity of a replay that is about to run."""
        return cls(export.fingerprint(), charter.version, repr(policy), model, repr(selection))


@dataclass(frozen=True, slots=True)
class ReplayFolder:
    """A folder that is ready for a replay. `started` is when the replay began first."""

    path: Path
    started: datetime
    secret: str

    @property
    def database_url(self) -> str:
        """Where the replay's database is."""
        return f"sqlite+aiosqlite:///{self.path / DATABASE}"

    def channel_names(self) -> dict[str, str]:
        """Names by id, from the replay's summary: a message whose text is forgotten no longer knows its channel's."""
        try:
            summary = json.loads((self.path / "summary.json").read_text(encoding="utf-8"))
            return {str(channel["id"]): str(channel["name"]) for channel in summary["channels"]}
        except (OSError, ValueError, KeyError, TypeError):
            return {}  # an interrupted replay has none, and people may have changed it

    def drop_database(self) -> None:
        """Keep the readable files alone."""
        for name in (STATE, KEY, DATABASE, "replay.db-wal", "replay.db-shm"):
            (self.path / name).unlink(missing_ok=True)


def prepare(path: Path, identity: Identity, now: datetime, *, overwrite: bool) -> ReplayFolder:
    """Make the folder ready, or go on with what an interrupted replay left there.

    Raises BadInput where the folder holds something else, OSError where it cannot be written.
    """
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path} is a file: --out wants a folder")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"the folder {path} cannot be made: {error.strerror}") from None
    if overwrite:
        for name in OURS:
            (path / name).unlink(missing_ok=True)
    state = _read_state(path)
    if state is None:
        return _begin(path, identity, now)
    other = [_WHAT[f.name] for f in fields(identity) if state.get(f.name) != getattr(identity, f.name)]
    if other:
        raise BadInput(
            f"{path} holds a replay of {' and '.join(other)}: choose another folder, or replace it with --overwrite"
        )
    return ReplayFolder(
        path, datetime.fromisoformat(str(state["started"])), (path / KEY).read_text(encoding="ascii")
    )


def kept_folder(path: Path) -> ReplayFolder:
    """The folder of a replay that kept its database. Raises BadInput where there is none."""
    if not path.is_dir():
        raise BadInput(f"{path} is no folder: give the one that steward replay EXPORT --out DIR wrote")
    if not (path / DATABASE).exists():
        if any((path / name).exists() for name in READABLE):
            raise BadInput(
                f"{path} has no {DATABASE}, since it was replayed with --no-keep: replay again without"
            )
        raise BadInput(f"{path} has no {DATABASE}: it is not the folder of a replay")
    try:
        state = json.loads((path / STATE).read_text(encoding="utf-8"))
        started = datetime.fromisoformat(state["started"])
        return ReplayFolder(path, started, (path / KEY).read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise BadInput(f"{error.filename} is missing: replay again with --overwrite") from None
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{path} is damaged: replay again with --overwrite") from None


def finished_folder(path: Path) -> ReplayFolder:
    """The folder of a replay that came to its end and kept its database. Raises BadInput for any other."""
    folder = kept_folder(path)
    if not all((path / name).exists() for name in READABLE):
        # Of half a history a sample would say nothing about the other half.
        raise BadInput(f"the replay in {path} is not finished: run the same steward replay again")
    return folder


async def begun(work: Work, folder: ReplayFolder) -> tuple[Community, Charter, Policy]:
    """Whose replay it is, and by which rules. Raises BadInput where it never began."""
    communities = await work.communities.all()
    rules = await work.communities.current(communities[0]) if communities else None
    if rules is None:
        raise BadInput(f"the replay in {folder.path} never began: run steward replay again")
    return communities[0], *rules


def _read_state(path: Path) -> dict[str, object] | None:
    if not (path / STATE).exists():
        found = [name for name in OURS if (path / name).exists()]
        if found:
            raise BadInput(
                f"{path} already has a {found[0]}: choose another folder, or replace it with --overwrite"
            )
        return None
    try:
        state = json.loads((path / STATE).read_text(encoding="utf-8"))
        datetime.fromisoformat(state["started"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(f"{path / STATE} is damaged: replace the replay with --overwrite") from None
    if not (path / KEY).exists():
        raise BadInput(
            f"{path / KEY} is missing, so its database cannot be read: replace it with --overwrite"
        )
    return dict(state)


def _begin(path: Path, identity: Identity, now: datetime) -> ReplayFolder:
    secret = secrets.token_urlsafe(32)
    with os.fdopen(os.open(path / KEY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(secret)
    state = asdict(identity) | {"started": now.isoformat()}
    (path / STATE).write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    return ReplayFolder(path, now, secret)
