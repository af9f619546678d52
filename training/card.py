"""The model card, rendered from the figures that the training wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from training.rows import ONCE, PAIR, ROOMS, Row

_COLUMNS = (
    ("rows", "rows", "{:.0f}"),
    ("macro-F1", "macro_f1", "{:.3f}"),
    ("chatter found at 2 % wrong flags", "chatter_recall", "{:.3f}"),
    ("pitches found at 2 % wrong flags", "pitch_recall", "{:.3f}"),
    ("hard negatives", "hard_negatives", "{:.0f}"),
    ("of them flagged by label", "hard_negatives_flagged", "{:.3f}"),
    ("pairs told apart", "pairs_flipped", "{:.3f}"),
    ("calibration error", "calibration_error", "{:.3f}"),
)

_OF_EACH = ("rows", "macro_f1", "hard_negatives", "hard_negatives_flagged", "calibration_error")
Figures = Mapping[str, Mapping[str, float | None]]


def card(
    version: str,
    rows: Sequence[Row],
    measured: Figures,
    each: Figures,
    temperature: float,
    first: Mapping[str, float],
    *,
    further: bool = False,
) -> str:
    """Markdown. `measured` has the figures of parts that were not trained on, `each` of their communities and languages.

    `first` has those of the first tier (see `first_tier.add_first_tier`). `further` says that the training went on from another.
    """
    pairs = [row for row in rows if row.subtype == PAIR]
    more = (
        "; then all rooms and a part of everything once more, and the weights mixed with those before"
        if further
        else ""
    )
    once = [row for row in rows if row.subtype == ONCE]
    rooms = [row for row in rows if row.source == ROOMS]
    own = [row for row in rows if row.own and row.source != ROOMS and row.subtype not in (PAIR, ONCE)]
    others = [row for row in rows if not row.own and row.subtype != ONCE]
    labels = ", ".join(
        f"{label} {number}" for label, number in Counter(row.label for row in rows).most_common()
    )
    sources = ", ".join(sorted({row.source for row in rows if not row.own})) or "none"
    return f"""---
license: apache-2.0
language: [en, de, es, fr, it, nl, pt]
base_model: intfloat/multilingual-e5-small
---

# {version}

Reads one message with a community's charter, its channel's purpose and three earlier lines: on topic, chatter or pitch.
multilingual-e5-small (MIT; Wang et al., 2024), its vocabulary cut to languages in Latin script,
all but its word vectors fine-tuned. Every text is read alone; in the upper six of twelve layers each token of the message
also attends to what the other texts left there. `text.onnx` reads a text, `judge.onnx` judges a message; both have 8-bit
weights. `first.onnx` settles by the vectors of whole texts that a message belongs, and nothing else: on the held-out communities
{first["settled"]:.0%} of the messages, of which the last tier would call {first["called_otherwise"]:.1%} otherwise. `config.json` and the tokenizer are transformers' own forms.

## Data

{len(rows)} rows ({labels}): {len(own)} of {len({row.community for row in own})} communities of our own,
{len(rooms)} of {len({row.community for row in rooms})} rooms under charters of one sentence, {len(pairs)} readings of minimal pairs, {len(once)} readings under {len({row.community for row in once})} charters that stand nowhere
else (all CC-BY-4.0, but for the texts of {sum(not row.own for row in once)} of the last), and {len(others)} of other sources whose licences allow commercial use
({sources}), which are read in the second half of the training only{more}. No message that a running or
replaying Steward reads is ever used. Temperature {temperature:.2f}, chosen on held-out communities of our own.

## Figures on what was not trained on

{_table("part", measured, _COLUMNS)}

## Communities and languages

Of the same parts; the calibration error is that of the probability that a message does not belong.

{_table("of", each, [column for column in _COLUMNS if column[1] in _OF_EACH])}

## Limits

Tried in English, German, Spanish, French, Italian, Dutch and Portuguese; it abstains from other scripts than Latin, from texts
without words, from one or two words with nothing before them, and where no label reaches one half. Irony and posts that only
an insider can place are often wrong. docs/benchmarks.md has more figures, bad ones too.
"""


def _table(first: str, measured: Figures, columns: Sequence[tuple[str, str, str]]) -> str:
    head = f"| {first} | {' | '.join(name for name, _, _ in columns)} |"
    lines = (_line(name, found, columns) for name, found in measured.items())
    return "\n".join([head, "| --- " * (len(columns) + 1) + "|", *lines])


def _line(name: str, found: Mapping[str, float | None], columns: Sequence[tuple[str, str, str]]) -> str:
    cells = ["-" if (value := found.get(key)) is None else form.format(value) for _, key, form in columns]
    return f"| {name} | {' | '.join(cells)} |"
