"""One fixed split of what we wrote: three folds of whole communities, and six communities that calibrate."""

from __future__ import annotations

import hashlib
from collections import Counter

import numpy as np

from training.__main__ import held_out, more, scripts
from training.rows import FOREIGN, PAIR, Row, own_rows
from training.scripts import read

FOLDS = 3
READ, PAIRS = "communities", "pairs"
EVERY = 2
"""Of the messages of communities that are held out only each second one is measured: half the time."""


class Split:
    """Our own rows in three folds; six communities calibrate and are in none."""

    def __init__(self) -> None:
        own = own_rows(scripts())
        self.calibration, _ = held_out(own)
        self.rows = [*own, *more(own)]
        self.fold = {row.community: FOLDS for row in self.calibration}
        self.fold |= folds(set(self.fold))
        for row in self.rows:
            if row.subtype != FOREIGN:
                self.fold.setdefault(row.community, int(_hash(row.community), 16) % FOLDS)
        said = [f"{row.id}{row.label}{row.text}{row.purpose}{row.channel}{row.context}" for row in self.rows]
        self.digest = _hash(*sorted(said), *map(str, sorted(self.fold.items())))[:8]

    def training(self, fold: int, limit: int = 0) -> list[Row]:
        """Rows none of whose communities is held out; with `limit` of whole communities until there are so many."""
        mine = {name for name, number in self.fold.items() if number not in (fold, FOLDS)}
        if limit:
            sizes = Counter(row.community for row in self.rows)
            names = sorted(mine, key=_hash)
            ends = np.cumsum([sizes[name] for name in names])
            mine = set(names[: int(np.searchsorted(ends, limit)) + 1])
        return [row for row in self.rows if homes(row) <= mine]

    def parts(self, fold: int) -> dict[str, list[Row]]:
        """What is measured: rows all of whose communities are held out, and those that calibrate."""
        held = {name for name, number in self.fold.items() if number == fold}
        found: dict[str, list[Row]] = {"calibration": self.calibration}
        found |= {READ: [], PAIRS: []}
        for row in self.rows:
            if homes(row) <= held and row.subtype == PAIR:
                found[PAIRS].append(row)
            elif row.place and row.community in held:
                found[READ].append(row)
        found[READ] = found[READ][::EVERY]
        return found


def folds(without: set[str]) -> dict[str, int]:
    """The fold of each other community that has a script: every language is dealt out in turn."""
    languages = {path.stem: read(path).language for path in scripts() if path.stem not in without}
    ordered = sorted(languages, key=lambda name: (languages[name], _hash(name)))
    return {name: place % FOLDS for place, name in enumerate(ordered)}


def homes(row: Row) -> set[str]:
    """The communities that the row's message and charter are from; of a pair or a single message its own name."""
    if row.subtype != FOREIGN:
        return {row.community}
    message, _, charter = row.id.rpartition("@")
    return {message.rpartition("-")[0], charter}


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
