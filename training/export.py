"""From a trained network to the model folder that ships."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import onnx
import torch
from torch import nn
from torch.nn import functional

from moderation.classifier.folder import FORMAT, MANIFEST, digest_of
from moderation.classifier.packing import HIDDEN
from training.network import CHARTER_TOKENS, MESSAGE_TOKENS, OTHER_TOKENS, SLOTS, Layer, Network
from training.quantise import quantised
from training.rows import CONTEXT, LABELS

OPSET = 17
LARGEST = 60.0
"""How far from 0 a weight may be before its exponential, so that sums stay finite and above 0; trained ones are far smaller."""
Axes = dict[str, tuple[str, ...]]
"""The names of the open lengths of each input or output; an empty name stands for a fixed one."""
_READ: Axes = {"places": ("texts", "longest"), "hidden": ("texts", "longest"), "at": ("tokens",)}
TEXT_INPUTS: Axes = {"ids": ("tokens",), "positions": ("tokens",), **_READ}
TEXT_OUTPUTS: Axes = {"states": ("tokens", ""), "kept": ("", "tokens", ""), "vectors": ("texts", "")}
JUDGE_INPUTS: Axes = {
    "states": ("tokens", ""),
    **_READ,
    "vectors": ("texts", ""),
    "shared": ("", "shared", ""),
    "shared_slots": ("shared",),
    "shared_hidden": ("shared",),
    "kept": ("", "others", ""),
    "slots": ("others",),
    "look": ("texts", "most"),
    "unseen": ("texts", "most"),
    "fixed": ("texts", "", ""),
    "there": ("texts", ""),
}
JUDGE_OUTPUTS: Axes = {"logits": ("texts", "")}


def _summed(
    query: torch.Tensor, both: torch.Tensor, rows: torch.Tensor | None, hidden: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Values (..., heads, tokens, each) weighed by how much each token attends to them, and the sums of those weights (..., 1).

    For queries (..., heads, tokens, each), keys and values (others, 2 * width), which of those each text looks at (texts, most)
    unless all look at all, and `hidden` (..., others). Values and sums are divided in the end, when all that a token looks at is
    added up.
    """
    keys, values = (
        (half if rows is None else half[rows]).unflatten(-1, (-1, query.shape[-1]))
        for half in both.chunk(2, -1)
    )
    weights = torch.matmul(query, keys.transpose(-3, -2).transpose(-2, -1))
    weights = torch.exp(torch.clamp(weights, -LARGEST, LARGEST) + hidden)
    values = values.transpose(-3, -2)
    # Sums as products, which add up in order: what fills a text up then changes not even the last digit. Two columns, since a
    # product with one goes another way; and computed, for the exporter would write ones of this example's length.
    sums = torch.matmul(weights, values[..., :2] * 0 + 1)
    return torch.matmul(weights, values), sums[..., :1]


def _attention(
    layer: Layer,
    found: torch.Tensor,
    texts: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    more: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = None,
    shared: tuple[torch.Tensor, torch.Tensor] | None = None,
) -> torch.Tensor:
    """What the tokens of several texts attend to (tokens, width) in one layer.

    From their queries, keys and values `found` (tokens, 3 * width); `texts` has places, hidden and at (see `_Text`), `more` keys and
    values (others, 2 * width), look and unseen, `shared` keys and values (shared, 2 * width) and shared_hidden (see `_Judge`).
    """
    places, hidden, at = texts
    width = found.shape[-1] // 3
    each = width // layer.heads
    flat = found[:, :width] * each**-0.5
    query = flat[places].unflatten(-1, (-1, each)).transpose(1, 2)
    values, weights = _summed(query, found[:, width:], places, hidden[:, None, None])
    if more is not None:
        both, look, unseen = more
        also = _summed(query, both, look, unseen[:, None, None])
        values, weights = values + also[0], weights + also[1]
    values, weights = (one.transpose(1, 2).flatten(0, 1)[at] for one in (values, weights))
    if shared is not None:
        both, away = shared
        also = _summed(flat.unflatten(-1, (-1, each)).transpose(0, 1), both, None, away)
        values, weights = values + also[0].transpose(0, 1), weights + also[1].transpose(0, 1)
    return (values / weights).flatten(1)


def _mean(states: torch.Tensor, places: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """The mean state (texts, width) of each text."""
    there = (
        (hidden == 0).to(states.dtype)[:, None].expand(-1, 2, -1)
    )  # two rows, for the same reason as above
    return (torch.matmul(there, states[places]) / there.sum(-1, keepdim=True))[:, 0]


class _Text(nn.Module):
    """Texts read each alone.

    Takes the tokens of all of them one after the other (tokens), the position of each in its text (tokens); which token stands
    where (texts, longest), 0 beyond a text's end; what hides those (texts, longest), 0 or a number far below it; and where in
    texts times longest each token stands (tokens). Gives the states that the upper layers begin with (tokens, width), those
    layers' keys and values (upper layers, tokens, 2 * width), and the unit vector of each whole text (texts, width).
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        ids: torch.Tensor,
        positions: torch.Tensor,
        places: torch.Tensor,
        hidden: torch.Tensor,
        at: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        network = self.network
        states = network.norm(network.words(ids) + network.positions[positions])
        kept, begun = [], states
        for number, layer in enumerate(network.layers):
            if number == network.split:
                begun = states
            found = layer.qkv(states)
            if number >= network.split:
                kept.append(found[:, network.width :])
            states = layer.after(states, _attention(layer, found, (places, hidden, at)))
        vectors = functional.normalize(_mean(states, places, hidden) - network.centre, dim=1)
        return begun, torch.stack(kept), vectors


class _Judge(nn.Module):
    """Logits (messages, 3) of messages, each beside other texts.

    Takes the messages' states (tokens, width), places, what hides them and where they stand as above, and their unit vectors
    (messages, width). Of texts that all the messages look at, keys and values (upper layers, shared, 2 * width), the slot of each
    of their tokens (shared), and what hides them (shared); of the others keys and values (upper layers, others, 2 * width), the
    slots (others), which of these tokens each message looks at (messages, most), and what hides those that it does not (messages,
    most). And unit vectors of charter, channel and context (messages, 5, width), with 1 where there is one and 0 where not
    (messages, 5).
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        states: torch.Tensor,
        places: torch.Tensor,
        hidden: torch.Tensor,
        at: torch.Tensor,
        vectors: torch.Tensor,
        shared: torch.Tensor,
        shared_slots: torch.Tensor,
        shared_hidden: torch.Tensor,
        kept: torch.Tensor,
        slots: torch.Tensor,
        look: torch.Tensor,
        unseen: torch.Tensor,
        fixed: torch.Tensor,
        there: torch.Tensor,
    ) -> torch.Tensor:
        network = self.network
        for number, layer in enumerate(network.layers[network.split :]):
            slot = network.slots[number]
            more = (kept[number] + slot[slots], look, unseen)
            beside = (shared[number] + slot[shared_slots], shared_hidden)
            states = layer.after(
                states, _attention(layer, layer.qkv(states), (places, hidden, at), more, beside)
            )
        pooled = torch.cat([states[places[:, 0]], _mean(states, places, hidden)], 1)
        result: torch.Tensor = network.head(pooled, vectors, fixed, there)
        return result


def export(network: Network, folder: Path, *, version: str, temperature: float, least_sure: float) -> None:
    """Write configuration, tokenizer, both graphs and manifest; a folder that is there is replaced."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    network.eval()
    _configuration(network, folder)
    text, judge = _Text(network), _Judge(network)
    # Two texts of two and three tokens: every length is left open in the graphs.
    places, at = torch.tensor([[0, 1, 0], [2, 3, 4]]), torch.tensor([0, 1, 3, 4, 5])
    hidden = torch.tensor([[0, 0, HIDDEN], [0, 0, 0]], dtype=torch.float32)
    example: tuple[torch.Tensor, ...] = (torch.arange(4, 9), at % 3, places, hidden, at)
    _graph(text, example, folder / "text.onnx", TEXT_INPUTS, TEXT_OUTPUTS)
    with torch.no_grad():
        states, kept, vectors = text(*example)
    look, unseen = torch.tensor([[0, 1], [2, 0]]), torch.tensor([[0, 0], [0, HIDDEN]], dtype=torch.float32)
    fixed, there = torch.zeros(2, SLOTS, network.width), torch.ones(2, SLOTS)
    slots = torch.zeros(len(at), dtype=torch.long)
    shared = (kept, slots, torch.zeros(len(at)))
    example = (states, places, hidden, at, vectors, *shared, kept, slots, look, unseen, fixed, there)
    _graph(judge, example, folder / "judge.onnx", JUDGE_INPUTS, JUDGE_OUTPUTS)
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


def put(folder: Path, name: str, content: bytes, **told: float) -> None:
    """Put one more file into a model folder, and what the manifest tells of it."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | told
    manifest["files"][name] = digest_of(folder / name)
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
    module: nn.Module, example: tuple[torch.Tensor, ...], path: Path, inputs: Axes, outputs: Axes
) -> None:
    """One graph with 8-bit weights: a quarter of the size, twice as fast."""
    # The older exporter: onnxruntime reads its graphs, and it loses 2e-7.
    torch.onnx.export(
        module.eval(),
        example,
        str(path),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={
            name: {axis: title for axis, title in enumerate(axes) if title}
            for name, axes in {**inputs, **outputs}.items()
        },
        dynamo=False,
        opset_version=OPSET,
    )
    onnx.save(quantised(onnx.load(path)), path)
