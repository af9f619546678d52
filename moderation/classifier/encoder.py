"""From texts to logits, on CPU, with onnxruntime and tokenizers alone.

A text is read alone, once, and what it leaves in each upper layer is kept; a message is then judged by looking at what its
charter, channel and context left. Several are computed at once, and neighbours change nothing: each token of the 8-bit products
has a scale of its own (training/quantise.py), and each text attends to its own tokens and those that it looks at.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from moderation.classifier.folder import FIRST, NEVER, Manifest
from moderation.classifier.packing import Beside, Packed, Reading, Vector, looked_at, parts
from moderation.classifier.spelling import respell
from moderation.errors import ModelError

LABELS = 3
WHOLE = 0
"""Stands for the longest length under which a text that needs no cutting is kept."""
AT_ONCE = 16
"""Texts whose readings are held at once where only their vectors are wanted."""
KEPT_BYTES = 48 * 1024 * 1024
"""Of what texts left, for those that come again: charters, channels, context lines. 20 KB a token."""
KEPT_VECTORS = 4_096
"""Of texts that are only compared: sentences of charters, and examples. 1.5 KB each."""


class Encoder:
    """Reads texts and judges messages. Safe to call from several threads; each call uses one core."""

    def __init__(self, manifest: Manifest) -> None:
        """Raise ModelError for files that onnxruntime or tokenizers cannot read."""
        try:
            self._tokenizer = Tokenizer.from_file(str(manifest.folder / "tokenizer.json"))
            self._text = _session(manifest, "text.onnx")
            self._judge = _session(manifest, "judge.onnx")
            self._first = _session(manifest, FIRST) if manifest.settles_from < NEVER else None
        except Exception as error:  # noqa: BLE001 - both libraries raise bare exceptions of their own
            raise ModelError(f"{manifest.folder} cannot be loaded: {error}") from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._fixed = 2 + manifest.context_lines
        self._readings: OrderedDict[tuple[str, int], Reading] = OrderedDict()
        self._bytes = 0
        self._vectors: OrderedDict[tuple[str, int], Vector] = OrderedDict()
        self._lock = threading.Lock()

    def vectors(self, texts: Sequence[tuple[str, int]]) -> list[Vector]:
        """The unit vectors (width) of texts that are only compared as wholes, each read up to so many tokens."""
        found: dict[tuple[str, int], Vector] = {}
        with self._lock:
            for text in texts:
                if text in self._vectors:
                    self._vectors.move_to_end(text)
                    found[text] = self._vectors[text]
        new = [text for text in dict.fromkeys(texts) if text not in found]
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            found |= zip(part, (one.vector for one in self.read_all(part, keep=False)), strict=True)
        with self._lock:
            self._vectors |= {text: found[text] for text in new}
            while len(self._vectors) > KEPT_VECTORS:
                self._vectors.popitem(last=False)
        return [found[text] for text in texts]

    def words_read(self, text: str, longest: int) -> str:
        """So much of a text as is read of it with so many tokens."""
        offsets = self._tokenizer.encode(text).offsets
        return text if len(offsets) <= longest else text[: offsets[longest - 2][1]]

    def read_all(self, texts: Sequence[tuple[str, int]], *, keep: bool = True) -> list[Reading]:
        """What each text leaves, read up to so many tokens; kept for the next time, unless they will not come again."""
        found: dict[tuple[str, int], Reading] = {}
        new: dict[tuple[str, int], list[int]] = {}
        for text, longest in dict.fromkeys(texts):
            if (known := self._known(text, longest)) is not None:
                found[text, longest] = known
            else:
                new[text, longest] = self._cut(text, longest)
        order = sorted(new, key=lambda one: len(new[one]))
        for part in parts(order, [len(new[one]) for one in order]):
            for one, reading in zip(part, self._read([new[one] for one in part]), strict=True):
                found[one] = reading
                if keep:
                    # Most texts are short: read as a message, they need not be read again as a context line.
                    self._keep((one[0], WHOLE if len(reading.states) < one[1] else one[1]), reading)
        return [found[one] for one in texts]

    def _cut(self, text: str, longest: int) -> list[int]:
        ids = self._tokenizer.encode(respell(text, self._tokenizer) or " ").ids
        return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]

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

    def _read(self, texts: Sequence[list[int]]) -> list[Reading]:
        packed = Packed.of([len(ids) for ids in texts])
        feed = {"ids": np.concatenate([np.array(ids, dtype=np.int64) for ids in texts]), **packed.feed}
        feed["positions"] = feed["at"] % feed["places"].shape[1]
        states, kept, vectors = self._text.run(["states", "kept", "vectors"], feed)
        # Copies, so that a reading that is kept does not hold on to its neighbours.
        return [
            Reading(states[start:end].copy(), kept[:, start:end].copy(), vector.copy())
            for (start, end), vector in zip(packed.spans, vectors, strict=True)
        ]

    def judge(self, asked: Sequence[tuple[Reading, Beside]]) -> Vector:
        """Logits (messages, 3) of messages, each read beside other texts. Those with the same first text are judged together."""
        logits = np.zeros((len(asked), LABELS), dtype=np.float32)
        groups: dict[tuple[int, int], list[int]] = {}
        for place, (_, beside) in enumerate(asked):
            # Slot and text: a charter that reads like somebody's channel is still another thing to look at.
            first = (beside[0][0], id(beside[0][1])) if beside else (-1, 0)
            groups.setdefault(first, []).append(place)
        for group in groups.values():
            order = sorted(group, key=lambda place: len(asked[place][0].states))
            for part in parts(order, [len(asked[place][0].states) for place in order]):
                logits[part] = self._judged([asked[place] for place in part])
        return logits

    def _judged(self, asked: Sequence[tuple[Reading, Beside]]) -> Vector:
        feed = {
            "states": np.concatenate([message.states for message, _ in asked]),
            **Packed.of([len(message.states) for message, _ in asked]).feed,
            **looked_at([beside for _, beside in asked], asked[0][0].kept),
            **self._as_wholes(asked),
        }
        (logits,) = self._judge.run(["logits"], feed)
        return np.asarray(logits, dtype=np.float32)

    def settle(self, asked: Sequence[tuple[Reading, Beside]]) -> Vector | None:
        """Logits (messages, 3) by whole texts alone, which cost next to nothing; None for a model without a first tier."""
        if self._first is None or not asked:
            return None
        (logits,) = self._first.run(["logits"], self._as_wholes(asked))
        return np.asarray(logits, dtype=np.float32)

    def _as_wholes(self, asked: Sequence[tuple[Reading, Beside]]) -> dict[str, Vector]:
        """Of each message its vector, those of what stands beside it by slot, and which slots are taken."""
        fixed = np.zeros((len(asked), self._fixed, len(asked[0][0].vector)), dtype=np.float32)
        there = np.zeros((len(asked), self._fixed), dtype=np.float32)
        for row, (_, beside) in enumerate(asked):
            for slot, reading in beside:
                fixed[row, slot], there[row, slot] = reading.vector, 1.0
        return {"vectors": np.stack([message.vector for message, _ in asked]), "fixed": fixed, "there": there}


def _session(manifest: Manifest, name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(manifest.folder / name), sess_options=options, providers=["CPUExecutionProvider"]
    )
