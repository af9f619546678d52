"""How the model is built: these run where the extra `train` is installed, since the product needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from training.rows import ONCE, Row

pytest.importorskip("torch", reason="needs the extra train")
pytest.importorskip("onnx", reason="needs the extra train")

import onnx
import onnxruntime
import torch

from training.first_tier import LEAST, _threshold
from training.fit import Plan, _read_in, batches
from training.quantise import quantised


def a_row(number: int, *, own: bool = True, subtype: str = "question", community: str = "") -> Row:
    return Row(
        id=f"r{number}",
        community=community or f"c{number % 7}",
        source="",
        purpose=f"purpose {number % 7}",
        channel="",
        context=(),
        text=f"text {number}",
        label="on_topic",
        subtype=subtype,
        own=own,
    )


ROWS = [
    *(a_row(number) for number in range(60)),
    *(a_row(number, own=False, community="elsewhere") for number in range(100, 140)),
    *(a_row(number, subtype=ONCE, community=f"once-{number // 10}") for number in range(200, 300)),
]


def _read(rows: Sequence[Row], plan: Plan, epoch: int) -> list[Row]:
    return [row for batch in batches(rows, plan, epoch) for group in batch for row in group]


def test_in_the_first_half_only_our_own_rows_are_read() -> None:
    plan = Plan(epochs=4, own_epochs=2)
    for epoch in (0, 1):
        assert {row.id for row in _read(ROWS, plan, epoch)} == {f"r{number}" for number in range(60)}
        assert all(row.own and row.subtype != ONCE for row in _read_in(ROWS, plan, epoch))
    later = _read(ROWS, plan, 2)
    assert sum(not row.own for row in later) == 10
    assert sum(row.subtype == ONCE for row in later) == pytest.approx(45, abs=3)


def test_no_threshold_settles_what_is_called_otherwise() -> None:
    shares = np.array([0.99, 0.95, 0.9, 0.4])
    assert _threshold(shares, np.array([False, False, False, True])) == 0.9
    assert _threshold(shares, np.array([False, False, False, False])) == LEAST
    assert _threshold(shares, np.array([True, True, True, True])) > 1


class Small(torch.nn.Module):
    """A table and two products."""

    def __init__(self) -> None:
        super().__init__()
        self.table = torch.nn.Embedding(200, 160)
        self.first, self.second = torch.nn.Linear(160, 256), torch.nn.Linear(256, 128, bias=False)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.second(torch.relu(self.first(self.table(ids))))
        return result


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the older exporter
def test_8_bits_are_close_and_no_row_knows_another(tmp_path: Path) -> None:
    torch.manual_seed(0)
    small, path = Small().eval(), tmp_path / "small.onnx"
    ids = torch.arange(40)
    torch.onnx.export(
        small,
        (ids,),
        str(path),
        input_names=["ids"],
        output_names=["out"],
        dynamic_axes={"ids": {0: "n"}, "out": {0: "n"}},
        dynamo=False,
        opset_version=17,
    )
    onnx.save(quantised(onnx.load(path)), path)
    assert path.stat().st_size < 120_000
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (together,) = session.run(None, {"ids": ids.numpy()})
    with torch.no_grad():
        exact = small(ids).numpy()
    cosine = (together * exact).sum() / np.linalg.norm(together) / np.linalg.norm(exact)
    assert cosine > 0.999
    for number in range(40):
        (alone,) = session.run(None, {"ids": ids.numpy()[number : number + 1]})
        assert np.array_equal(alone[0], together[number])
