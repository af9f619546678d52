"""Who may import what. The table below is the rule; the sources are read with `ast`, nothing is imported.

A row speaks for a module and for everything below it. A new file of ours needs a row: deciding where it belongs is
the point. benchmarks/ and training/ stand outside and may import anything; nothing of these folders imports them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("moderation", "bot", "migrations", "benchmarks", "training", "tests")
WALKED = ("moderation", "bot", "migrations")


def _in(package: str, names: str) -> tuple[str, ...]:
    return tuple(f"{package}.{name}" for name in names.split())


TYPES = _in(
    "moderation",
    "messages charter labels actions move_actions report_actions pitch_actions pitch_states decisions errors notices",
)
PLAIN = _in("moderation", "normalise disguises greetings")
RULES = _in(
    "moderation",
    "policy record conversation exchanges lone_posts copies pitches reports promise draws agreement audit audit_plan digest "
    "periods deeds ruling_counts "
    "experiment effect diff stats ledger cards_shown rehearsal charter_file charter_writing charter_draft toml_table wording_keys languages",
)
PURE = (*TYPES, *PLAIN, *RULES)
PORTS = _in("moderation", "ports")
LINE = _in(
    "moderation",
    "pipeline reading renewing deed_log recall rulings retention moving moving_steps copied delivery doing finishing ends lines notes removing claiming pitch_rulings holding promoting waiting cards reporting drawing evidence review missed trial",
)
WORDS = _in(
    "bot",
    "wording letters voice moderator_words pitch_words phrases findings review_pack figures charter_text promise_text audit_text effect_text digest_text digest_phrases digest_chart digest_rows charts",
)

# Exports and events of Slack have one form: what reads the one reads the other, so that a replay and the living bot judge alike.
SLACK_FORM = _in(
    "bot", "history.clean history.mrkdwn history.slack_blocks history.slack_messages history.times"
)

DOOR = "commands classify charters whole_file terminal"
REPLAY = _in("bot", "replay replay_folder replay_diff replay_digest ruling_desk calibration replay_audit")

# Names, not modules: what makes the same input give another output.
SETTINGS = ("os.environ", "os.getenv")
CLOCK = (
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
)
CHANCE = ("uuid.uuid1", "uuid.uuid4", "os.urandom", "secrets", "random", "numpy.random")
SEEDABLE = ("random", "numpy.random")  # may be imported, for:
SEEDED = ("random.Random", "numpy.random.default_rng", "numpy.random.Generator")  # fine where a seed is given
BUILTINS = ("open", "input", "print")
OUTSIDE = (*BUILTINS, "time", "io", "socket", "sqlite3", "subprocess", "shutil", "tempfile", "asyncio")
IMPURE = (*SETTINGS, *CLOCK, *CHANCE, *OUTSIDE, "threading", "logging", "urllib.request", "http")


@dataclass(frozen=True)
class Row:
    """What some modules may use: of ours, of other people's libraries; and names that they must not touch."""

    who: tuple[str, ...]
    ours: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


TABLE = (
    Row(("moderation", "bot")),  # an __init__ imports nothing, so that importing one module loads no other
    Row(TYPES, TYPES, never=IMPURE),
    Row(PLAIN, PLAIN, ("confusable_homoglyphs",), IMPURE),
    Row(RULES, PURE, ("numpy",), IMPURE),
    Row(PORTS, (*PURE, *PORTS), never=IMPURE),
    Row(LINE, (*PURE, *PORTS, *LINE), ("numpy",), (*SETTINGS, *CLOCK, *CHANCE)),
    # The ports' data classes (Question, Stored, Press ...) are what passes through a port: both sides need them.
    Row(
        _in("moderation", "classifier"),
        (*TYPES, *PLAIN, *PORTS, "moderation.classifier"),
        ("aiohttp", "numpy", "onnxruntime", "tokenizers", "transformers", "safetensors", "torch"),
        SETTINGS,
    ),
    Row(
        _in("moderation", "storage"),
        (*PURE, *PORTS, "moderation.storage"),
        ("sqlalchemy", "alembic", "aiosqlite", "asyncpg", "cryptography"),
        SETTINGS,
    ),
    *(
        Row(
            _in("bot", platform),
            (*PURE, *PORTS, "moderation.rulings", *WORDS, "bot.office", f"bot.{platform}", *more),
            library,
            SETTINGS,
        )
        for platform, library, more in (
            ("discord", ("discord", "aiohttp", "yarl"), ()),
            ("slack", ("slack_bolt", "slack_sdk", "aiohttp"), SLACK_FORM),
            ("playground", ("aiohttp",), ()),
            ("history", ("ijson",), ()),
        )
    ),
    Row(
        _in("bot", "office"),
        (*PURE, *PORTS, *LINE, *WORDS, *_in("bot", "office digest_source report")),
        never=(*SETTINGS, *CLOCK, *CHANCE),
    ),
    Row(_in("bot", "feed"), (*TYPES, *PORTS, "bot.feed"), ("nats",), SETTINGS),
    Row(_in("bot", "settings"), _in("moderation", "errors"), libraries=("pydantic", "pydantic_settings")),
    Row(WORDS, (*PURE, *PORTS, *WORDS), ("PIL",)),
    Row(_in("bot", "digest_source"), (*PURE, *PORTS, "moderation.evidence")),
    Row(_in("bot", "logs"), _in("bot", "settings"), ("rich",)),
    Row(
        _in("bot", f"cli {DOOR} inbox living platforms digest_post workers schedule report health"),
        (
            *PURE,
            *PORTS,
            *LINE,
            *WORDS,
            *_in("bot", f"app cli replay replay_folder ruling_desk calibration replay_audit {DOOR}"),
            *_in(
                "bot",
                "digest_source host inbox living workers schedule report health logs settings owner doctor slack.manifest",
            ),
        ),
        ("aiohttp", "click", "numpy", "rich"),
    ),
    # Beside the running bot: what needs a database, the model's checksums, Discord or Slack, each of them alone.
    Row(
        _in("bot", "owner doctor"),
        (
            *(*PURE, *PORTS, *WORDS, "moderation.storage", "moderation.classifier.folder"),
            *_in("bot", "owner settings charters whole_file office.rules discord slack"),
        ),
        ("pydantic",),
    ),
    Row(REPLAY, (*PURE, *PORTS, *LINE, *REPLAY, *_in("bot", "history report digest_source figures"))),
    Row(_in("bot", "__main__"), _in("bot", "cli")),
    Row(_in("bot", "app host"), WALKED, ("*",)),  # the composition root
    Row(("migrations",), _in("moderation", "storage"), ("alembic", "sqlalchemy")),
)


def _below(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def row_of(module: str) -> Row | None:
    """The row for a module; that of `moderation` and `bot` is for their __init__ alone."""
    if module in TABLE[0].who:
        return TABLE[0]
    return next((row for row in TABLE[1:] if _below(module, row.who)), None)


@dataclass(frozen=True)
class Import:
    """One import: where, of what, and which name then stands for what in the file."""

    line: int
    target: str
    name: str = ""
    meaning: str = ""


def _imports(module: str, tree: ast.AST, *, is_package: bool = False) -> Iterator[Import]:
    """Every import, wherever in the file it stands: a late one and one for types alone count too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield Import(
                    node.lineno, alias.name, alias.asname or top, alias.name if alias.asname else top
                )
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")
            above = parts[: len(parts) - node.level + is_package] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                target = f"{base}.{alias.name}"
                yield Import(node.lineno, target, alias.asname or alias.name, target)
        elif isinstance(node, ast.Call) and _dotted(node.func) in {"__import__", "importlib.import_module"}:
            for constant in node.args[:1]:
                if isinstance(constant, ast.Constant):
                    yield Import(node.lineno, str(constant.value))


def _dotted(node: ast.AST) -> str | None:
    """`a.b.c` as text; None for anything that is not only names and dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := _dotted(node.value)):
        return f"{base}.{node.attr}"
    return None


def _uses(tree: ast.AST, meanings: dict[str, str]) -> Iterator[tuple[int, str, bool]]:
    """Line, full name, and whether a seed could be in it, of each use of an imported name or a builtin."""
    bare_calls = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and not (node.args or node.keywords)
    }
    for node in ast.walk(tree):
        dotted = _dotted(node)
        if (
            dotted is None
            or not isinstance(node, ast.Name | ast.Attribute)
            or not isinstance(node.ctx, ast.Load)
        ):
            continue
        head, dot, rest = dotted.partition(".")
        if head in meanings:
            yield node.lineno, meanings[head] + dot + rest, id(node) not in bare_calls
        elif head in BUILTINS:
            yield node.lineno, dotted, True


def violations(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """What `source` does that the table does not let `module` do, a sentence each, in order of lines."""
    row = row_of(module)
    if row is None:
        return [f"{module}: has no row in the table; say where it belongs"]
    tree = ast.parse(source)
    imports = list(_imports(module, tree, is_package=is_package))
    found: set[tuple[int, str]] = set()
    for each in imports:
        top = each.target.partition(".")[0]
        if top in OURS:
            if not _below(each.target, row.ours):
                found.add((each.line, f"{module}:{each.line} must not import {each.target}"))
        elif top not in sys.stdlib_module_names and top not in row.libraries and "*" not in row.libraries:
            found.add((each.line, f"{module}:{each.line} must not import the library {top}"))
        if _below(each.target, row.never) and not _below(each.target, SEEDABLE):
            found.add((each.line, f"{module}:{each.line} must not use {each.target}"))
    for line, name, seeded in _uses(tree, {each.name: each.meaning for each in imports if each.name}):
        if _below(name, row.never) and not (seeded and _below(name, SEEDED)) and name not in SEEDABLE:
            found.add((line, f"{module}:{line} must not use {name}"))
    return [sentence for _, sentence in sorted(found)]


def _sources() -> Iterator[tuple[str, Path]]:
    for folder in WALKED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def test_every_import_follows_the_table() -> None:
    found = [
        sentence
        for module, path in _sources()
        for sentence in violations(module, path.read_text("utf-8"), is_package=path.name == "__init__.py")
    ]
    assert not found, "\n".join(found)


def test_the_pure_types_import_each_other_in_one_direction() -> None:
    graph = {
        module: {each.target.rpartition(".")[0] for each in _imports(module, ast.parse(text))}
        for module in TYPES
        if (text := (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    }
    while leaves := {module for module, targets in graph.items() if not targets & graph.keys()}:
        for leaf in leaves:
            del graph[leaf]
    assert not graph, f"these import each other in a circle: {sorted(graph)}"


def test_the_samples_are_data_only() -> None:
    assert not list((ROOT / "bot" / "samples").rglob("*.py"))


@pytest.mark.parametrize(
    "module, source, caught",
    [
        ("moderation.policy", "import discord", "moderation.policy:1 must not import the library discord"),
        ("moderation.policy", "from moderation import ports", "must not import moderation.ports"),
        ("moderation.policy", "from . import storage", "must not import moderation.storage"),
        (
            "moderation.policy",
            "def late():\n    from bot.app import run",
            "moderation.policy:2 must not import bot.app",
        ),
        ("moderation.policy", "import bot.settings as values", "must not import bot.settings"),
        (
            "moderation.policy",
            "from datetime import datetime\ndatetime.now()",
            "must not use datetime.datetime.now",
        ),
        (
            "moderation.policy",
            "import datetime as d\nd.datetime.now(d.UTC)",
            "must not use datetime.datetime.now",
        ),
        ("moderation.audit", "import random\nrandom.shuffle([])", "must not use random.shuffle"),
        ("moderation.audit", "from random import choice\nchoice([1])", "must not use random.choice"),
        ("moderation.audit", "import random\nrandom.Random()", "must not use random.Random"),
        (
            "moderation.audit",
            "import numpy as np\nnp.random.default_rng()",
            "must not use numpy.random.default_rng",
        ),
        ("moderation.stats", "open('figures.txt')", "must not use open"),
        ("moderation.normalise", "import numpy", "must not import the library numpy"),
        ("moderation.pipeline", "import os\nos.environ['TOKEN']", "must not use os.environ"),
        (
            "moderation.pipeline",
            "from moderation.storage.store import Store",
            "must not import moderation.storage",
        ),
        ("moderation.storage.rows", "import moderation.classifier", "must not import moderation.classifier"),
        (
            "moderation.classifier.model",
            "from moderation.policy import Policy",
            "must not import moderation.policy",
        ),
        ("bot.discord.inbound", "from bot.slack import inbound", "must not import bot.slack.inbound"),
        ("bot.discord.inbound", "from ..history import slack", "must not import bot.history.slack"),
        ("bot.history.slack", "import sqlalchemy.orm", "must not import the library sqlalchemy"),
        ("bot.settings", "from moderation.policy import Policy", "must not import moderation.policy"),
        ("bot.cli", "import importlib\nimportlib.import_module('onnxruntime')", "the library onnxruntime"),
        ("bot.app", "from tests import factories", "must not import tests.factories"),
        ("migrations.env", "from moderation.policy import Policy", "must not import moderation.policy"),
        ("moderation.helpers", "", "has no row in the table"),
    ],
)
def test_a_violation_is_caught(module: str, source: str, caught: str) -> None:
    found = violations(module, source)
    assert any(caught in sentence for sentence in found), found


@pytest.mark.parametrize(
    "module, source",
    [
        ("moderation.policy", "from datetime import datetime\ndef at(now: datetime) -> datetime: return now"),
        ("moderation.audit", "import random\nrandom.Random(7).choice([1])"),
        (
            "moderation.audit",
            "import numpy as np\nfrom moderation.stats import Report\nnp.random.default_rng(7)",
        ),
        (
            "moderation.policy",
            "def open_stretches(open: int) -> int: ...\nfrom moderation.record import Record",
        ),
        ("moderation.pipeline", "from .ports import Classifier\nimport asyncio"),
        (
            "moderation.storage.store",
            "from . import tables\nfrom ..messages import Message\nimport sqlalchemy",
        ),
        ("bot.app", "import bot.discord.client, moderation.storage, onnxruntime, os\nos.environ"),
        ("bot.cli", "def run() -> None:\n    from bot.app import replay"),
        ("migrations.env", "from moderation.storage.tables import metadata\nfrom alembic import context"),
    ],
)
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_a_package_s_relative_import_starts_at_itself() -> None:
    source = "from .tables import metadata"
    assert violations("moderation.storage", source, is_package=True) == []
    assert violations("moderation.storage", source) != []
