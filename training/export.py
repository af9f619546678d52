"""From a trained network to the model folder that ships."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from torch.nn import functional

from moderation.classifier.folder import FORMAT, MANIFEST, digest_of
from training.network import CHARTER_TOKENS, MESSAGE_TOKENS, OTHER_TOKENS, SLOTS, Network
from training.rows import CONTEXT, LABELS

OPSET = 17


def _by_head(found: torch.Tensor, each: int) -> torch.Tensor:
    """(tokens, parts * width) as (parts * heads, tokens, each). Its shape is written into the graph, not computed there."""
    return found.view(-1, found.shape[-1] // each, each).transpose(0, 1)


def _attention(query: torch.Tensor, both: torch.Tensor) -> torch.Tensor:
    """(tokens, width) for queries (heads, tokens, each) and keys, then values (2 * heads, others, each) of one text.

    The same as a layer's own attention, with half the steps: in a graph that reads one text at a time they cost most.
    """
    heads, _, each = query.shape
    keys, values = both.split(heads)
    weights = torch.matmul(query, keys.transpose(1, 2)) * each**-0.5
    return torch.matmul(functional.softmax(weights, -1), values).transpose(0, 1).reshape(-1, heads * each)


class _Text(nn.Module):
    """One text read alone.

    Tokens (length) become the states that the upper layers begin with (length, width), those layers' keys and values (upper
    layers, length, 2 * width), and the unit vector of the whole (width).
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        network = self.network
        states = network.norm(network.words(ids) + network.positions[: ids.shape[0]])
        kept, begun = [], states
        for number, layer in enumerate(network.layers):
            each = network.width // layer.heads
            if number == network.split:
                begun = states
            found = layer.qkv(states)
            if number >= network.split:
                kept.append(found[:, network.width :])
            query, both = _by_head(found, each).split([layer.heads, 2 * layer.heads])
            states = layer.after(states, _attention(query, both))
        return begun, torch.stack(kept), functional.normalize(states.mean(0) - network.centre, dim=0)


class _Judge(nn.Module):
    """Logits (3) of a message beside other texts.

    Takes the message's states (length, width) and unit vector (width); keys and values of the others (upper layers, others,
    2 * width) with the slot of each of their tokens (others); and unit vectors of charter, channel and context (5, width), with
    1 where there is one and 0 where not (5).
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        states: torch.Tensor,
        vector: torch.Tensor,
        kept: torch.Tensor,
        slots: torch.Tensor,
        fixed: torch.Tensor,
        there: torch.Tensor,
    ) -> torch.Tensor:
        network = self.network
        for number, layer in enumerate(network.layers[network.split :]):
            each = network.width // layer.heads
            query, own = _by_head(layer.qkv(states), each).split([layer.heads, 2 * layer.heads])
            more = _by_head(kept[number] + network.slots[number][slots], each)
            states = layer.after(states, _attention(query, torch.cat([own, more], 1)))
        pooled = torch.cat([states[0], states.mean(0)])
        result: torch.Tensor = network.head(pooled[None], vector[None], fixed[None], there[None])[0]
        return result


def export(
    network: Network, folder: Path, *, version: str, temperature: float, least_sure: float, card: str = ""
) -> None:
    """Write configuration, tokenizer, both graphs, card and manifest; a folder that is there is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    network.eval()
    _configuration(network, folder)
    ids = torch.arange(4, 12)
    text, judge = _Text(network), _Judge(network)
    _graph(text, (ids,), folder / "text.onnx", {"ids": 0}, {"states": 0, "kept": 1, "vector": None})
    with torch.no_grad():
        states, kept, vector = text(ids)
    slots, fixed = torch.zeros(len(ids), dtype=torch.long), torch.zeros(SLOTS, network.width)
    example = (states, vector, kept, slots, fixed, torch.ones(SLOTS))
    lengths = {"states": 0, "vector": None, "kept": 1, "slots": 0, "fixed": None, "there": None}
    _graph(judge, example, folder / "judge.onnx", lengths, {"logits": None})
    (folder / "README.md").write_text(card, encoding="utf-8")
    files = {path.name: digest_of(path) for path in sorted(folder.iterdir())}
    manifest = {
        "format": FORMAT,
        "version": version,
        "message_tokens": MESSAGE_TOKENS,
        "charter_tokens": CHARTER_TOKENS,
        "other_tokens": OTHER_TOKENS,
        "context_lines": CONTEXT,
        "temperature": round(temperature, 4),
        "least_sure": least_sure,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _configuration(network: Network, folder: Path) -> None:
    """Tokenizer and configuration, so that AutoTokenizer and AutoConfig open the folder."""
    network.tokenizer.save(str(folder / "tokenizer.json"))
    about = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "model_max_length": MESSAGE_TOKENS,
    }
    layer = network.layers[0]
    configuration = {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": network.width,
        "intermediate_size": layer.inner.out_features,
        "layer_norm_eps": network.start.epsilon,
        "max_position_embeddings": len(network.positions),
        "num_attention_heads": layer.heads,
        "num_hidden_layers": len(network.layers),
        "pad_token_id": 1,
        "type_vocab_size": 1,
        "vocab_size": len(network.start.pieces),
        "id2label": dict(enumerate(LABELS)),
        "label2id": {label: number for number, label in enumerate(LABELS)},
    }
    for name, content in (("tokenizer_config.json", about), ("config.json", configuration)):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _graph(
    module: nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    inputs: dict[str, int | None],
    outputs: dict[str, int | None],
) -> None:
    """One graph with 8-bit weights, a scale for each channel: a quarter of the size, twice as fast."""
    exact = path.with_suffix(".fp32.onnx")
    axes = {
        name: {axis: f"{name}_length"} for name, axis in {**inputs, **outputs}.items() if axis is not None
    }
    # The older exporter: onnxruntime reads its graphs, and it loses 2e-7.
    torch.onnx.export(
        module.eval(),
        example,
        str(exact),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes=axes,
        dynamo=False,
        opset_version=OPSET,
    )
    quantize_dynamic(exact, path, per_channel=True, weight_type=QuantType.QInt8)
    exact.unlink()
