"""From texts to logits, on CPU, with onnxruntime and tokenizers alone.

Each text is encoded by itself: the encoder's dynamic 8-bit quantisation takes its scale from the whole batch, so a
message encoded among others would get another vector than alone (measured: cosine 0.974 at worst).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from moderation.classifier.folder import Manifest
from moderation.errors import ModelError

Vector = npt.NDArray[np.float32]
KEPT_VECTORS = 4_096
"""Vectors kept for texts that come again: context lines, charters, examples. 1.5 KB each."""


class Encoder:
    """Unit vectors of texts, shape (dimension,), and the fusion of vectors into logits.

    `threads` texts are encoded at a time, each on one core. Safe to call from several threads.
    """

    def __init__(self, manifest: Manifest, threads: int = 2) -> None:
        """Raise ModelError for files that onnxruntime or tokenizers cannot read."""
        self.manifest = manifest
        try:
            self._tokenizer = Tokenizer.from_file(str(manifest.folder / "tokenizer.json"))
            self._session = _session(manifest, "encoder.onnx")
            self._fusion = _session(manifest, "fusion.onnx")
        except Exception as error:  # noqa: BLE001 - both libraries raise bare exceptions of their own
            raise ModelError(f"{manifest.folder} cannot be loaded: {error}") from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="encoder")
        self._kept: OrderedDict[tuple[str, int], Vector] = OrderedDict()
        self._lock = threading.Lock()

    def vectors(self, texts: Sequence[str], longest: int) -> list[Vector]:
        """The vector of each text, read up to `longest` tokens. Equal texts are encoded once."""
        wanted = [text for text in dict.fromkeys(texts) if (text, longest) not in self._kept]
        fresh = dict(
            zip(wanted, self._pool.map(lambda text: self._encode(text, longest), wanted), strict=True)
        )
        with self._lock:
            found = {
                text: fresh[text] if text in fresh else self._kept.get((text, longest)) for text in set(texts)
            }
            for text, vector in fresh.items():
                self._kept[text, longest] = vector
            while len(self._kept) > KEPT_VECTORS:
                self._kept.popitem(last=False)
        # A text that another thread's call pushed out in between is encoded again.
        return [self._encode(text, longest) if (kept := found[text]) is None else kept for text in texts]

    def fuse(self, vectors: Vector, absent: npt.NDArray[np.bool_]) -> Vector:
        """Logits of shape (rows, 3) from vectors of shape (rows, slots, dimension) and absent slots (rows, slots)."""
        (logits,) = self._fusion.run(["logits"], {"vectors": vectors, "absent": absent})
        return np.asarray(logits, dtype=np.float32)

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown()

    def _encode(self, text: str, longest: int) -> Vector:
        ids = self._tokenizer.encode(text).ids
        if len(ids) > longest:
            ids = [*ids[: longest - 1], ids[-1]]
        feed = {
            "input_ids": np.array([ids], dtype=np.int64),
            "attention_mask": np.ones((1, len(ids)), dtype=np.int64),
        }
        (vector,) = self._session.run(["vector"], feed)
        return np.asarray(vector[0], dtype=np.float32)


def _session(manifest: Manifest, name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(manifest.folder / name), sess_options=options, providers=["CPUExecutionProvider"]
    )
