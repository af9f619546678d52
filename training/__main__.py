"""Trains the shipped model again.

python -m training                      from our own corpus alone
python -m training --data FOLDER        with labelled rows of other sources, and the careful readings of them
python -m training --fold gitter        only measure: hold a group of sources out, write figures, ship nothing
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from moderation.classifier.folder import SHIPPED
from training.card import card
from training.export import export
from training.fit import Plan, fit, predict
from training.measure import Array, best_temperature, figures, figures_of_each, flipped, softmax
from training.rows import (
    GROUPS,
    Row,
    foreign_rows,
    log_rows,
    other_rows,
    own_rows,
    pair_rows,
    single_rows,
    tested,
    trainable,
    with_readings,
)
from training.translations import charters_in_other_languages, translated_rows

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
READINGS = CORPUS / "readings" / "readings.csv"
LOG, LOG_COMMUNITY = "stream_docker_gitter.slack.zip", "docker_gitter"
HELD_OUT = 6
"""Own communities that calibrate and are not trained on."""
RUNNING = ("held-out own communities", "samples", "locked communities")
"""Parts that are whole conversations."""
LEAST_SURE = 0.5
RELUCTANCE = (0.0, 0.8, 0.4)
"""Taken from the logits of each label: to flag somebody wrongly is worse than to miss something."""
NAME = "steward-e5"


def main() -> None:
    """Parse the command line, train, measure, and write."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of labelled .jsonl files of other sources")
    parser.add_argument("--fold", choices=sorted(GROUPS), help="hold this group out and only measure")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "out" / "training", help="checkpoints and figures"
    )
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the model folder goes")
    parser.add_argument("--version", default="0.3.0")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run(arguments)


def run(arguments: argparse.Namespace) -> None:
    """Train on everything but what is held out, calibrate on held-out communities, measure on what was never seen."""
    own = own_rows(_scripts())
    others = _others(arguments.data) if arguments.data else []
    calibration, kept = _held_out(own)
    fold = arguments.fold
    candidates = kept + _more(kept) + others
    rows = [row for row in candidates if (trainable(row, fold) if fold else row.train_ok)]
    rows = _with_all_labels(rows)
    print(f"{len(rows)} rows: {dict(Counter(row.label for row in rows))}; calibration on {len(calibration)}")
    name = fold or "shipped"
    translations = charters_in_other_languages(_scripts(), CORPUS / "translations" / "charters.jsonl")
    plan = Plan(epochs=arguments.epochs)
    network = fit(rows, plan, arguments.work / f"{name}.pt", translations=translations)
    temperature = best_temperature(predict(network, calibration), calibration)
    network.head.lean([-share * temperature for share in RELUCTANCE])
    measured: dict[str, dict[str, float | None]] = {}
    running: list[tuple[Row, Array]] = []
    for title, part in _parts(fold, calibration, others).items():
        logits = predict(network, part)
        np.save(arguments.work / f"{name}.{title.replace(' ', '-').replace(':', '')}.npy", logits)
        shares = softmax(logits, temperature)
        measured[title] = figures(shares, part) | flipped(logits, part)
        print(title, json.dumps(measured[title]), flush=True)
        if title in RUNNING:
            running += zip(part, shares, strict=True)
    each = figures_of_each(np.array([shares for _, shares in running]), [row for row, _ in running])
    report = {
        "rows": len(rows),
        "temperature": temperature,
        "epochs": arguments.epochs,
        "measured": measured,
        "each": each,
    }
    (arguments.work / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    version = f"{NAME}-{arguments.version}"
    export(
        network,
        arguments.work / name if fold else arguments.out,
        version=version + (f"-without-{fold}" if fold else ""),
        temperature=temperature,
        least_sure=LEAST_SURE,
        card=card(version, rows, measured, each, temperature),
    )


def _scripts() -> list[Path]:
    return sorted((CORPUS / "communities").glob("*.script"))


def _more(kept: Sequence[Row]) -> list[Row]:
    """What we wrote besides whole communities; `kept` are the rows of those that are trained on."""
    at_home = {row.community for row in kept}
    scripts = [path for path in _scripts() if path.stem in at_home]
    return [
        *pair_rows((CORPUS / "pairs").glob("*.jsonl")),
        *single_rows((CORPUS / "singles").glob("*.jsonl")),
        *translated_rows(kept, CORPUS / "translations" / "messages.jsonl"),
        *foreign_rows(kept, scripts, CORPUS / "readings" / "foreign.csv"),
    ]


def _others(folder: Path) -> list[Row]:
    """Labelled rows of other sources and the chronological log, with what careful readers said of them."""
    rows = with_readings(other_rows(folder), READINGS)
    charter = next((row.purpose for row in rows if row.community == LOG_COMMUNITY), "")
    if (folder / LOG).exists():
        rows += log_rows(folder / LOG, LOG_COMMUNITY, charter, READINGS)
    return rows


def _with_all_labels(rows: Sequence[Row]) -> list[Row]:
    """Without communities whose own posts may not be trained on: there only chatter and pitches would be left."""
    at_home = {row.community for row in rows if row.label == "on_topic"}
    return [row for row in rows if row.own or row.community in at_home]


def _held_out(own: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Rows of a few communities for calibration, and the rest."""
    held = set(sorted({row.community for row in own})[2::12][:HELD_OUT])
    return [row for row in own if row.community in held], [row for row in own if row.community not in held]


def _parts(fold: str | None, calibration: list[Row], others: list[Row]) -> dict[str, list[Row]]:
    """What is measured: none of it was trained on."""
    parts = {
        "held-out own communities": calibration,
        "samples": own_rows((CORPUS / "samples").glob("*.script")),
        "locked communities": own_rows((CORPUS / "locked").glob("*.script")),
        "locked pairs": pair_rows((CORPUS / "locked").glob("pairs_*.jsonl")),
        "hard negatives": [row for row in other_rows(CORPUS) if row.label == "on_topic"],
    }
    if fold:
        parts[f"held-out sources: {fold}"] = [row for row in others if tested(row, fold)]
    return parts


if __name__ == "__main__":
    main()
