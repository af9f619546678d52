"""Whether register and language change a verdict: the same pitch and the same good question in eleven variants."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence

from benchmarks.measures import Row
from benchmarks.scores import CORPUS
from bot.app import load_classifier
from moderation.charter import ChannelCharter, Charter
from moderation.labels import Label
from moderation.messages import ContextLine
from moderation.ports import Question

PLAIN = "plain"
DRAWS = 2_000


def fairness() -> list[Row]:
    """Share of right labels of each variant against the plain one, with a 95 % interval by drawing items again."""
    items = [
        json.loads(line)
        for line in (CORPUS / "fairness" / "variants.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    names = list(items[0]["variants"])
    right = {name: _right(items, name) for name in names}
    rows: list[Row] = []
    for label in ("pitch", "on_topic"):
        places = [place for place, item in enumerate(items) if item["label"] == label]
        plain = [right[PLAIN][place] for place in places]
        rows.append((f"{label}, plain: right ({len(places)})", f"{sum(plain) / len(plain):.3f}", "-"))
        for name in names:
            if name != PLAIN:
                gaps = [right[name][place] - right[PLAIN][place] for place in places]
                rows.append((f"{label}, {name}: against plain", _with_interval(gaps), "0 inside"))
    return rows


def _right(items: Sequence[dict[str, object]], name: str) -> list[int]:
    questions = [_question(item, name) for item in items]
    verdicts = asyncio.run(load_classifier().judge(questions))
    return [
        int(verdict.label is Label(str(item["label"]))) for verdict, item in zip(verdicts, items, strict=True)
    ]


def _question(item: dict[str, object], name: str) -> Question:
    variants, context = item["variants"], item["context"]
    assert isinstance(variants, dict)  # noqa: S101 - a file of ours
    assert isinstance(context, list)  # noqa: S101 - as above
    return Question(
        variants[name],
        Charter("", str(item["charter"])),
        ChannelCharter("", str(item["channel_purpose"])),
        tuple(ContextLine(line["author"], line["text"]) for line in context),
    )


def _with_interval(gaps: Sequence[int]) -> str:
    chance = random.Random(0)
    means = sorted(sum(chance.choices(gaps, k=len(gaps))) / len(gaps) for _ in range(DRAWS))
    low, high = means[int(0.025 * DRAWS)], means[int(0.975 * DRAWS)]
    return f"{sum(gaps) / len(gaps):+.3f} ({low:+.3f} to {high:+.3f})"
