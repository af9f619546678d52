"""Trains the shipped model again.

python -m training                      from the corpus alone
python -m training --data FOLDER        with labelled rows of other sources
python -m training --fold gitter        only measure: hold a group of sources out, write figures, ship nothing
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import torch

from moderation.classifier.folder import SHIPPED
from training.card import card
from training.export import export
from training.fit import Plan, fit, predict
from training.measure import best_temperature, figures, softmax
from training.rows import GROUPS, Row, other_rows, own_rows, tested, trainable

ROOT = Path(__file__).parent.parent
COMMUNITIES = ROOT / "corpus" / "communities"
SAMPLES = ROOT / "corpus" / "samples"
HARD_NEGATIVES = ROOT / "corpus" / "hard_negatives.jsonl"
HELD_OUT = 4
"""Own communities that calibrate and are not trained on."""
LEAST_SURE = 0.5


def main() -> None:
    """Parse the command line, train, measure, and write."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of labelled .jsonl files of other sources")
    parser.add_argument("--fold", choices=sorted(GROUPS), help="hold this group out and only measure")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "out" / "training", help="checkpoints and figures"
    )
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the model folder goes")
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run(arguments)


def run(arguments: argparse.Namespace) -> None:
    """Train on everything but what is held out, calibrate on held-out communities, measure on what was never seen."""
    own = own_rows(COMMUNITIES.glob("*.script"))
    others = other_rows(arguments.data) if arguments.data else []
    calibration, kept = _held_out(own)
    fold = arguments.fold
    rows = [row for row in kept + others if (trainable(row, fold) if fold else row.train_ok)]
    print(f"{len(rows)} rows: {dict(Counter(row.label for row in rows))}; calibration on {len(calibration)}")
    name = arguments.fold or "shipped"
    network = fit(rows, Plan(epochs=arguments.epochs), arguments.work / f"{name}.pt")
    temperature = best_temperature(predict(network, calibration), calibration)
    measured: dict[str, dict[str, float | None]] = {}
    for title, part in _parts(fold, calibration, others).items():
        measured[title] = figures(softmax(predict(network, part), temperature), part)
        print(title, json.dumps(measured[title]))
    report = {"rows": len(rows), "temperature": temperature, "epochs": arguments.epochs, "measured": measured}
    (arguments.work / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    version = f"steward-minilm-{arguments.version}"
    export(
        network,
        arguments.work / name if fold else arguments.out,
        version=version + (f"-without-{fold}" if fold else ""),
        temperature=temperature,
        least_sure=LEAST_SURE,
        card=card(version, rows, measured, temperature),
    )


def _held_out(own: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Rows of a few communities for calibration, and the rest."""
    communities = sorted({row.community for row in own})
    held = set(random.Random(7).sample(communities, min(HELD_OUT, len(communities) // 4)))
    return [row for row in own if row.community in held], [row for row in own if row.community not in held]


def _parts(fold: str | None, calibration: list[Row], others: list[Row]) -> dict[str, list[Row]]:
    """What is measured: none of it was trained on."""
    parts = {"held-out own communities": calibration, "samples": own_rows(SAMPLES.glob("*.script"))}
    if HARD_NEGATIVES.exists():
        parts["hard negatives"] = [
            row for row in other_rows(HARD_NEGATIVES.parent) if row.label == "on_topic"
        ]
    if fold:
        parts[f"held-out sources: {fold}"] = [row for row in others if tested(row, fold)]
    return parts


if __name__ == "__main__":
    main()
