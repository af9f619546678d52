"""The model card, rendered from the figures that the training wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from training.rows import Row

_COLUMNS = (
    ("rows", "rows", "{:.0f}"),
    ("macro-F1", "macro_f1", "{:.3f}"),
    ("chatter found at 2 % wrong flags", "chatter_recall", "{:.3f}"),
    ("pitches found at 2 % wrong flags", "pitch_recall", "{:.3f}"),
    ("hard negatives", "hard_negatives", "{:.0f}"),
    ("of them flagged by label", "hard_negatives_flagged", "{:.3f}"),
    ("calibration error", "calibration_error", "{:.3f}"),
)


def card(
    version: str, rows: Sequence[Row], measured: Mapping[str, Mapping[str, float | None]], temperature: float
) -> str:
    """Markdown. `measured` has the figures of parts that were not trained on, by name."""
    own = [row for row in rows if row.own]
    labels = ", ".join(
        f"{label} {number}" for label, number in Counter(row.label for row in rows).most_common()
    )
    sources = ", ".join(sorted({row.source for row in rows if not row.own})) or "none"
    head = "| part | " + " | ".join(name for name, _, _ in _COLUMNS) + " |"
    table = [
        head,
        "| --- " * (len(_COLUMNS) + 1) + "|",
        *(_line(name, found) for name, found in measured.items()),
    ]
    return f"""---
license: apache-2.0
language: [en, de, es, fr, it, nl, pt]
base_model: sentence-transformers/all-MiniLM-L6-v2
---

# {version}

Reads one message with a community's charter, its channel's purpose and three earlier lines: on topic, chatter or pitch.
all-MiniLM-L6-v2 (Apache-2.0), all but its word vectors fine-tuned together with a small transformer that fuses six vectors.
`encoder.onnx` has 8-bit weights, `fusion.onnx` full precision; `config.json` and the tokenizer are transformers' own forms.

## Data

{len(rows)} rows ({labels}): {len(own)} of {len({row.community for row in own})} communities of our own (CC-BY-4.0), and
{len(rows) - len(own)} of other sources whose licences allow commercial use ({sources}). No message that a running or replaying
Steward reads is ever used. Temperature {temperature:.2f}, chosen on held-out communities of our own.

## Figures on what was not trained on

{chr(10).join(table)}

## Limits

Best in English business chat; docs/benchmarks.md has the figures on other sources. Very short posts, irony and posts that only an insider can place are often wrong; it abstains from texts without words,
from one or two words with nothing before them, and where no label reaches one half.
"""


def _line(name: str, found: Mapping[str, float | None]) -> str:
    cells = ["-" if (value := found.get(key)) is None else form.format(value) for _, key, form in _COLUMNS]
    return f"| {name} | {' | '.join(cells)} |"
