"""A model folder: a transformers checkpoint folder (configuration, tokenizer) with ONNX files and a manifest.

`steward.json` names every file with its SHA-256, so that a damaged or foreign folder is refused before it judges.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from moderation.errors import ModelError

FORMAT = 3
NEVER = 2.0
MANIFEST = "steward.json"
FIRST = "first.onnx"
"""The first tier, in a folder that has one."""
SHIPPED = Path(__file__).parent / "model"
"""The model that comes with Steward."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says of itself.

    `message_tokens`, `charter_tokens` and `other_tokens` are the longest inputs read of a message, of a charter, and of a
    channel's purpose or a context line.
    `temperature` divides the logits; `least_sure` is the probability of the likeliest label under which it abstains;
    `settles_from` is the probability, more than one half, from which on the first tier settles that a message belongs: above 1
    where there is none.
    """

    folder: Path
    version: str
    message_tokens: int
    charter_tokens: int
    other_tokens: int
    context_lines: int
    temperature: float
    least_sure: float
    settles_from: float
    files: tuple[tuple[str, str], ...]


def open_folder(folder: Path) -> Manifest:
    """Read and verify a model folder. Raises ModelError with what is wrong and what to do."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{folder} is no Steward model: it has no {MANIFEST}") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ModelError(f"{path} cannot be read ({error}): install the model again") from None
    manifest = _manifest(folder, raw)
    for name, digest in manifest.files:
        _verify(folder / name, digest)
    return manifest


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _manifest(folder: Path, raw: object) -> Manifest:
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ModelError(
            f"{folder / MANIFEST} is of another format than {FORMAT}: update Steward or the model"
        )
    try:
        files = tuple(sorted((str(name), str(digest)) for name, digest in raw["files"].items()))
        manifest = Manifest(
            folder=folder,
            version=str(raw["version"]),
            message_tokens=int(raw["message_tokens"]),
            charter_tokens=int(raw["charter_tokens"]),
            other_tokens=int(raw["other_tokens"]),
            context_lines=int(raw["context_lines"]),
            temperature=float(raw["temperature"]),
            least_sure=float(raw["least_sure"]),
            settles_from=float(raw["settles_from"]) if FIRST in raw["files"] else NEVER,
            files=files,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / MANIFEST} lacks or garbles {error}: install the model again") from None
    if manifest.context_lines < 1:
        raise ModelError(f"{folder / MANIFEST} says that it reads no earlier line: it is not a model of ours")
    if manifest.settles_from <= 1 / 2:
        raise ModelError(
            f"{folder / MANIFEST} lets its first tier settle what is not likely: it is not a model of ours"
        )
    if any("/" in name or "\\" in name for name, _ in files):
        raise ModelError(f"{folder / MANIFEST} names files outside its folder: it is not a model of ours")
    return manifest


def _verify(path: Path, digest: str) -> None:
    try:
        found = digest_of(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): install the model again") from None
    if found != digest:
        raise ModelError(f"{path} is damaged or was changed: its checksum is not the one in {MANIFEST}")
