"""The shipped folder is a transformers checkpoint, and other checkpoints are a second backend."""

import importlib.util
import json
from pathlib import Path

import pytest

from bot.app import load_classifier
from moderation.classifier.checkpoint import columns_of
from moderation.classifier.folder import SHIPPED
from moderation.errors import ModelError
from moderation.labels import Label

HAS_TORCH = importlib.util.find_spec("torch") is not None


@pytest.mark.filterwarnings("ignore")  # what transformers warns of at its import is not ours to mend
def test_transformers_opens_the_shipped_folder() -> None:
    from tokenizers import Tokenizer
    from transformers import AutoConfig, AutoTokenizer

    config = AutoConfig.from_pretrained(SHIPPED, local_files_only=True)
    assert dict(config.id2label) == {0: "on_topic", 1: "chatter", 2: "pitch"}
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED, local_files_only=True)
    text = "which glue for oak outdoors? 🪵 d'accord"
    assert (
        tokenizer(text)["input_ids"] == Tokenizer.from_file(str(SHIPPED / "tokenizer.json")).encode(text).ids
    )


def test_labels_are_matched_by_name() -> None:
    columns = columns_of({0: "Spam", 1: "On-Topic", 2: "casual"}, Path("mine"))
    assert columns == {Label.ON_TOPIC: 1, Label.CHATTER: 2, Label.PITCH: 0}


def test_a_checkpoint_with_other_labels_is_refused() -> None:
    with pytest.raises(
        ModelError, match="no label for on_topic and chatter and pitch; its labels are: good, bad"
    ):
        columns_of({0: "good", 1: "bad"}, Path("mine"))


@pytest.mark.skipif(HAS_TORCH, reason="torch is installed")
def test_without_torch_a_checkpoint_is_refused_with_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"community-steward\[torch\]"):
        load_classifier(tmp_path)


@pytest.mark.skipif(not HAS_TORCH, reason="needs the extra torch")
@pytest.mark.filterwarnings("ignore")  # as above
def test_a_checkpoint_of_an_owner_judges(tmp_path: Path) -> None:
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from moderation.charter import Charter
    from moderation.ports import Question

    AutoTokenizer.from_pretrained(SHIPPED, local_files_only=True).save_pretrained(tmp_path)
    labels = {0: "on_topic", 1: "chatter", 2: "pitch"}
    tiny = BertConfig(
        vocab_size=30522,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label=labels,
    )
    BertForSequenceClassification(tiny).save_pretrained(tmp_path)
    classifier = load_classifier(tmp_path)
    verdict = classifier.judge_now(Question("hello", Charter("", "joiners")))  # type: ignore[attr-defined]  # its own method
    shares = verdict.probabilities
    assert shares.on_topic + shares.chatter + shares.pitch == pytest.approx(1)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no folder"):
        load_classifier(tmp_path / "nowhere")
