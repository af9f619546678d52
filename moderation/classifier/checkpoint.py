"""A second backend: any transformers sequence-classification checkpoint that an owner names (the extra `torch`).

The checkpoint reads charter, channel and context as the first text and the message as the second. Its labels are
matched by name; it needs one each for on topic, chatter and pitch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from moderation.classifier.reasons import Carried, why
from moderation.decisions import Probabilities, Verdict
from moderation.errors import ModelError
from moderation.labels import Label
from moderation.normalise import normalise
from moderation.ports import Question

LONGEST = 256
LEAST_SURE = 0.5
_NAMES = {
    Label.ON_TOPIC: ("on_topic", "ontopic", "relevant", "ham"),
    Label.CHATTER: ("chatter", "casual", "off_topic", "offtopic", "small_talk"),
    Label.PITCH: ("pitch", "spam", "promotion", "advert"),
}


class CheckpointClassifier:
    """Judges one message at a time with torch, in a thread of its own; see `moderation.ports.Classifier`."""

    def __init__(self, model: Any, tokenizer: Any, columns: Mapping[Label, int], version: str) -> None:
        self._model, self._tokenizer, self._columns = model, tokenizer, columns
        self._version = version
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="judge")

    @classmethod
    def load(cls, folder: Path) -> CheckpointClassifier:
        """Load a checkpoint folder. Raises ModelError with what is missing."""
        try:
            import torch  # noqa: F401 - asked for by name, so that the sentence below is the right one
            from transformers import AutoModelForSequenceClassification, AutoTokenizer, logging
        except ImportError:
            raise ModelError(
                f"{folder} is a transformers checkpoint, which needs torch: pip install 'community-steward[torch]'"
            ) from None
        logging.set_verbosity_error()  # its advice is for programmers
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            )
        except Exception as error:  # noqa: BLE001 - the library raises bare exceptions of many kinds
            raise ModelError(f"{folder} cannot be loaded: {str(error).splitlines()[0]}") from None
        return cls(
            model.eval(), tokenizer, columns_of(model.config.id2label, folder), f"checkpoint:{folder.name}"
        )

    @property
    def version(self) -> str:
        """The folder's name."""
        return self._version

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """One verdict a question, in order."""
        loop = asyncio.get_running_loop()
        return [await loop.run_in_executor(self._worker, self.judge_now, question) for question in questions]

    async def explain(self, _questions: Sequence[Question], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts as they are: no further reason is known."""
        return list(verdicts)

    def judge_now(self, question: Question) -> Verdict:
        """The same for one question, in the calling thread."""
        import torch

        text = normalise(question.text)
        pair = self._tokenizer(
            _before(question), text, truncation="only_first", max_length=LONGEST, return_tensors="pt"
        )
        with torch.no_grad():
            shares = self._model(**pair).logits[0].softmax(0).tolist()
        found = {label.value: shares[column] for label, column in self._columns.items()}
        total = sum(found.values()) or 1.0
        probabilities = Probabilities(**{name: share / total for name, share in found.items()})
        unsure = "the labels are too close" if probabilities.of(probabilities.label) < LEAST_SURE else ""
        reason = why(text, probabilities, Carried(0.0, 0.0), unsure)
        return Verdict(probabilities, reason, self._version, bool(unsure))


def columns_of(labels: Mapping[int, str], folder: Path) -> dict[Label, int]:
    """Which column of the logits is which label. Raises ModelError where one is missing."""
    by_name = {
        name.casefold().replace("-", "_").replace(" ", "_"): int(column) for column, name in labels.items()
    }
    found = {
        label: next((by_name[name] for name in names if name in by_name), None)
        for label, names in _NAMES.items()
    }
    missing = [label.value for label, column in found.items() if column is None]
    if missing:
        known = ", ".join(labels.values())
        raise ModelError(f"{folder} has no label for {' and '.join(missing)}; its labels are: {known}")
    return {label: column for label, column in found.items() if column is not None}


def _before(question: Question) -> str:
    channel = question.channel
    parts = [question.charter.name, question.charter.purpose]
    parts += [channel.name, channel.purpose] if channel else []
    parts += [f"{line.author}: {line.text}" for line in question.context]
    return normalise(" \n".join(part for part in parts if part))
