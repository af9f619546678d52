"""From texts to logits, on CPU, with onnxruntime and tokenizers alone.

A text is read alone, once, and what it leaves in each upper layer is kept; a message is then judged by looking at what its
charter, channel and context left. Each text and each message is computed by itself: the dynamic 8-bit quantisation takes
its scale from the whole input, so neighbours in a batch would change a verdict (measured: cosine 0.974 at worst).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from moderation.classifier.folder import Manifest
from moderation.classifier.spelling import respell
from moderation.errors import ModelError

Vector = npt.NDArray[np.float32]
WHOLE = 0
"""Stands for the longest length under which a text that needs no cutting is kept."""
KEPT_BYTES = 48 * 1024 * 1024
"""Of what texts left, for those that come again: charters, channels, context lines, examples. 20 KB a token."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text left.

    States (tokens, width) to judge it from, keys and values (layers, tokens, 2 * width) to look at, and a unit vector (width) of
    the whole, around the centre of all texts.
    """

    states: Vector
    kept: Vector
    vector: Vector

    @property
    def size(self) -> int:
        """In bytes."""
        return self.states.nbytes + self.kept.nbytes

    def closeness(self, other: Reading) -> float:
        """How alike two texts are by themselves: the cosine of their vectors, 1 for the same text."""
        return float(self.vector @ other.vector)


class Encoder:
    """Reads texts and judges messages. Safe to call from several threads; each call uses one core."""

    def __init__(self, manifest: Manifest) -> None:
        """Raise ModelError for files that onnxruntime or tokenizers cannot read."""
        try:
            self._tokenizer = Tokenizer.from_file(str(manifest.folder / "tokenizer.json"))
            self._text = _session(manifest, "text.onnx")
            self._judge = _session(manifest, "judge.onnx")
        except Exception as error:  # noqa: BLE001 - both libraries raise bare exceptions of their own
            raise ModelError(f"{manifest.folder} cannot be loaded: {error}") from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._fixed = 2 + manifest.context_lines
        self._readings: OrderedDict[tuple[str, int], Reading] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def read(self, text: str, longest: int, *, keep: bool = True) -> Reading:
        """What `text` leaves, read up to `longest` tokens; kept for the next time, unless it will not come again."""
        if (found := self._known(text, longest)) is not None:
            return found
        ids = self._tokenizer.encode(respell(text, self._tokenizer) or " ").ids
        # Most texts are short: read as a message, they need not be read again as a context line.
        key = (text, WHOLE)
        if len(ids) > longest:
            ids, key = [*ids[: longest - 1], ids[-1]], (text, longest)
        reading = self._read(ids)
        if keep:
            self._keep(key, reading)
        return reading

    def _known(self, text: str, longest: int) -> Reading | None:
        with self._lock:
            for key in ((text, WHOLE), (text, longest)):
                found = self._readings.get(key)
                if found is not None and len(found.states) <= longest:
                    self._readings.move_to_end(key)
                    return found
        return None

    def _keep(self, key: tuple[str, int], reading: Reading) -> None:
        with self._lock:
            if key not in self._readings:
                self._readings[key] = reading
                self._bytes += reading.size
            while self._bytes > KEPT_BYTES:
                self._bytes -= self._readings.popitem(last=False)[1].size

    def _read(self, ids: list[int]) -> Reading:
        return Reading(*self._text.run(["states", "kept", "vector"], {"ids": np.array(ids, dtype=np.int64)}))

    def judge(self, message: Reading, others: Sequence[tuple[int, Reading]]) -> Vector:
        """Logits (3) of a message read beside other texts, each in its slot."""
        kept = [reading.kept for _, reading in others] or [message.kept[:, :0]]
        slots = [np.full(reading.kept.shape[1], slot, dtype=np.int64) for slot, reading in others]
        fixed = np.zeros((self._fixed, len(message.vector)), dtype=np.float32)
        there = np.zeros(self._fixed, dtype=np.float32)
        for slot, reading in others:
            if slot < self._fixed:
                fixed[slot], there[slot] = reading.vector, 1.0
        feed = {
            "states": message.states,
            "vector": message.vector,
            "kept": np.concatenate(kept, axis=1),
            "slots": np.concatenate(slots or [np.zeros(0, dtype=np.int64)]),
            "fixed": fixed,
            "there": there,
        }
        (logits,) = self._judge.run(["logits"], feed)
        return np.asarray(logits, dtype=np.float32)


def _session(manifest: Manifest, name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(manifest.folder / name), sess_options=options, providers=["CPUExecutionProvider"]
    )
