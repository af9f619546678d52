"""Trains the shipped model again.

python -m training                      from our own corpus alone
python -m training --data FOLDER        with labelled rows of other sources, and the careful readings of them
python -m training --fold gitter        only measure: hold a group of sources out, write figures, ship nothing
python -m training --start FILE         go on from a trained checkpoint for one epoch: when rows were added
python -m training --rows 1000 --out DIR    the whole way with few rows, in some minutes: to see that it works here
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from moderation.classifier.folder import SHIPPED
from training.card import card
from training.export import export, put
from training.first_tier import add_first_tier, shares_by
from training.fit import Plan, fit, of_own_rows, predict, stored
from training.forms import charters_in_other_forms, translated_rows
from training.measure import Array, Figures, best_temperature, figures, figures_of_each, flipped, softmax
from training.rows import (
    GROUPS,
    ONCE,
    Row,
    foreign_rows,
    log_rows,
    once_rows,
    other_rows,
    own_rows,
    pair_rows,
    room_rows,
    single_rows,
    tested,
    trainable,
    with_readings,
)

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
READINGS = CORPUS / "readings" / "readings.csv"
LOG, LOG_COMMUNITY = "stream_docker_gitter.slack.zip", "docker_gitter"
FORMS = ("translated", "reworded")
HELD_OUT = 6
"""Own communities that calibrate and are not trained on."""
RUNNING = ("held-out own communities", "samples", "locked communities")
"""Parts that are whole conversations."""
LEAST_SURE = 0.5
FURTHER = Plan(
    epochs=1,
    own_epochs=0,
    rate=4e-5,
    head_rate=3e-4,
    share_of_others=0.15,
    share_of_once=0.25,
    share_of_foreign=0.08,
    share_of_rest=0.35,
    decay=0.99,
)
"""One epoch more on top of a training, with all rooms and a part of everything else: nothing old is forgotten."""
RELUCTANCE = (0.0, 0.8, 0.4)
"""Taken from the logits of each label: to flag somebody wrongly is worse than to miss something."""
NAME = "steward-e5"
CARD = "README.md"


def main() -> None:
    """Parse the command line, train, measure, and write."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder of labelled .jsonl files of other sources")
    parser.add_argument("--fold", choices=sorted(GROUPS), help="hold this group out and only measure")
    parser.add_argument(
        "--work", type=Path, default=ROOT / "out" / "training", help="checkpoints and figures"
    )
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the model folder goes")
    parser.add_argument("--version", default="0.5.0")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument(
        "--start", type=Path, help="go on from this checkpoint, for one epoch: when rows were added"
    )
    parser.add_argument("--rows", type=int, help="about so many rows, evenly taken: only to try it out")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.rows and arguments.out == SHIPPED:
        parser.error("--rows trains no model to ship: give it a folder of its own with --out")
    torch.set_num_threads(arguments.threads)
    run(arguments)


def run(arguments: argparse.Namespace) -> None:
    """Train on everything but what is held out, calibrate on held-out communities, measure on what was never seen."""
    calibration, kept = held_out(own_rows(scripts()))
    others = _others(arguments.data) if arguments.data else []
    fold = arguments.fold
    rows = _trained_on(kept, others, fold)
    if arguments.rows:
        rows = rows[:: max(1, len(rows) // arguments.rows)]
    print(f"{len(rows)} rows: {dict(Counter(row.label for row in rows))}; calibration on {len(calibration)}")
    name = fold or "shipped"
    checkpoint = arguments.work / f"{name}.pt"
    forms = charters_in_other_forms(scripts(), [CORPUS / "charters" / f"{one}.jsonl" for one in FORMS])
    further = arguments.start is not None
    plan = FURTHER if further else Plan(epochs=arguments.epochs, own_epochs=arguments.epochs // 2)
    network = fit(rows, plan, checkpoint, forms=forms, start=arguments.start)
    logits = predict(network, calibration)
    temperature = best_temperature(logits, calibration)
    leaning = [-share * temperature for share in RELUCTANCE]
    network.head.lean(leaning)
    folder = arguments.work / name if fold else arguments.out
    version = f"{NAME}-{arguments.version}" + (f"-without-{fold}" if fold else "")
    export(network, folder, version=version, temperature=temperature, least_sure=LEAST_SURE)
    first = add_first_tier(folder, rows, calibration, logits + np.array(leaning, dtype=np.float32))
    measured, each = _measured(lambda part: shares_by(folder, part), _parts(fold, calibration, others))
    if others and not fold and of_own_rows(checkpoint).exists():
        measured |= _on_unseen_sources(of_own_rows(checkpoint), calibration, others)
    put(folder, CARD, card(version, rows, measured, each, temperature, first, further=further).encode())
    report = {
        "rows": len(rows),
        "temperature": temperature,
        "first_tier": first,
        "measured": measured,
        "each": each,
    }
    (arguments.work / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _trained_on(kept: list[Row], others: list[Row], fold: str | None) -> list[Row]:
    """All that may be trained on; `kept` are the rows of our own communities that are not held out."""
    held = [row for row in others if fold and tested(row, fold)]
    candidates = kept + more(kept) + others + _once(kept + others, held)
    rows = [row for row in candidates if (trainable(row, fold) if fold else row.train_ok)]
    return _with_all_labels(rows)


def _measured(
    judge: Callable[[list[Row]], Array], parts: dict[str, list[Row]]
) -> tuple[dict[str, Figures], dict[str, Figures]]:
    """The figures of each part, and of the communities and languages of those that are whole conversations."""
    measured: dict[str, Figures] = {}
    running: list[tuple[Row, Array]] = []
    for title, part in parts.items():
        shares = judge(part)
        measured[title] = figures(shares, part) | flipped(shares, part)
        print(title, json.dumps(measured[title]), flush=True)
        if title in RUNNING:
            running += zip(part, shares, strict=True)
    return measured, figures_of_each(np.array([shares for _, shares in running]), [row for row, _ in running])


def _on_unseen_sources(checkpoint: Path, calibration: list[Row], others: list[Row]) -> dict[str, Figures]:
    """How the network did on each group of other sources before anything of them was read, without 8-bit weights."""
    network = stored(checkpoint)
    temperature = best_temperature(predict(network, calibration), calibration)
    network.head.lean([-share * temperature for share in RELUCTANCE])
    parts = {
        f"{group}, before any other source was read": [row for row in others if tested(row, group)]
        for group in GROUPS
    }
    return _measured(lambda part: softmax(predict(network, part), temperature), parts)[0]


def scripts() -> list[Path]:
    return sorted((CORPUS / "communities").glob("*.script"))


def more(kept: Sequence[Row]) -> list[Row]:
    """What we wrote besides whole communities; `kept` are the rows of those that are trained on."""
    at_home = {row.community for row in kept}
    there = [path for path in scripts() if path.stem in at_home]
    return [
        *pair_rows((CORPUS / "pairs").glob("*.jsonl")),
        *single_rows((CORPUS / "singles").glob("*.jsonl")),
        *room_rows((CORPUS / "rooms").glob("*.txt")),
        *translated_rows(kept, CORPUS / "translations" / "messages.jsonl"),
        *foreign_rows(kept, there, CORPUS / "readings" / "foreign.csv"),
    ]


def _once(known: Sequence[Row], held: Sequence[Row]) -> list[Row]:
    """Messages of `known` under charters that stand nowhere else; none under a charter that was written in sight of `held` ones."""
    found = once_rows(known, CORPUS / "charters" / "once.jsonl", CORPUS / "readings" / "once.csv")
    unseen = {row.id for row in held}
    met = {row.community for row in found if row.id.rpartition("@")[0] in unseen}
    return [row for row in found if row.community not in met]


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
    return [row for row in rows if row.own or row.subtype == ONCE or row.community in at_home]


def held_out(own: Sequence[Row]) -> tuple[list[Row], list[Row]]:
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
