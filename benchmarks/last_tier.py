"""What an owner's own model brings as the last tier, with a stand-in that answers from careful readings.

The stand-in is an endpoint on this machine, and everything else is the bot's own code. It knows each question by its whole
prompt and answers with the likeliest label of the second, blind reading. Those readings are nearly always right: the figures
are the most that a last tier can bring, not what a real model does, and the time is what asking costs without a model.

Where STEWARD_LABELLED_ROWS names a folder with labelled rows (*.jsonl), the same is measured on those that were read carefully.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from aiohttp import web

from benchmarks.labelled import labelled_rows, questions_of
from benchmarks.measures import Row as Line
from benchmarks.scores import CORPUS, asked, shares_of
from bot.app import load_classifier, with_last_tier
from bot.settings import Settings
from moderation.classifier.last_tier import prompt_of
from moderation.decisions import Verdict
from moderation.ports import Classifier, Question
from training.measure import figures
from training.rows import LABELS, Row, own_rows, with_readings
from training.scripts import read

SAMPLE = 1_500
BATCH = 64
"""Questions that wait for their answers together."""
PATIENCE = 120
"""Seconds that a batch waits at most: what a busy machine is late with would change the scores."""
BELOW = (0.7, 0.85, 0.95)
"""Probabilities of the likeliest label under which the model is asked: the default and two wider ones."""
SHOWN = (
    ("macro-F1", "macro_f1"),
    ("chatter found at 2 % wrong flags", "chatter_recall"),
    ("pitches found at 2 % wrong flags", "pitch_recall"),
    ("hard negatives flagged by label", "hard_negatives_flagged"),
    ("calibration error", "calibration_error"),
)
Part = tuple[str, Sequence[Question], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A classifier that has judged already: what it says of the same questions is not worked out once for each rule."""

    version: str
    verdicts: Mapping[Question, Verdict]

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        """What was said."""
        return [self.verdicts[question] for question in questions]

    async def explain(self, _questions: Sequence[Question], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The same."""
        return list(verdicts)


@dataclass(slots=True)
class StandIn:
    """The endpoint. `readings` are probabilities by prompt; `asked` counts calls."""

    readings: Mapping[str, tuple[float, float, float]]
    asked: int = 0
    url: str = field(default="", init=False)

    async def answer(self, request: web.Request) -> web.Response:
        """A chat completion."""
        self.asked += 1
        sent = await request.json()
        shares = self.readings.get(sent["messages"][-1]["content"])
        if shares is None:
            return web.json_response({"error": {"message": "nobody has read this"}}, status=404)
        said = {
            "reason": "read with care",
            "label": LABELS[shares.index(max(shares))],
            "confidence": max(shares),
        }
        message = {"role": "assistant", "content": json.dumps(said)}
        return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


@dataclass(frozen=True, slots=True)
class Found:
    """The verdicts under one rule; `asked`, `answered` and `changed` count questions, `seconds` is what asking took."""

    verdicts: Sequence[Verdict]
    asked: int = 0
    answered: int = 0
    changed: int = 0
    seconds: float = 0.0


def last_tier(messages: int | None = None) -> list[Line]:
    """The scores without it and with it, under each rule, and how much is asked. `messages` are drawn, else all are taken."""
    lines: list[Line] = []
    for part in _parts(messages):
        lines += asyncio.run(_measured(*part))
    return lines


def _parts(messages: int | None) -> list[Part]:
    paths = sorted((CORPUS / "locked").glob("*.script"))
    questions = [question for path in paths for question in asked(read(path))]
    rows = with_readings(own_rows(paths), CORPUS / "locked" / "second_reading.csv")
    places = list(range(len(rows)))
    if messages is not None:
        places = random.Random(0).sample(places, min(messages, len(places)))
    parts: list[Part] = [
        ("locked communities", [questions[place] for place in places], [rows[place] for place in places])
    ]
    if rows_of_others := labelled_rows():
        known = with_readings(rows_of_others, CORPUS / "readings" / "readings.csv")
        known = [row for row in known if row.target is not None]
        known = random.Random(0).sample(known, min(messages or SAMPLE, len(known)))
        parts.append(("other people's sources", questions_of(known), known))
    return parts


async def _measured(name: str, questions: Sequence[Question], rows: Sequence[Row]) -> list[Line]:
    classifier = load_classifier()
    alone = await classifier.judge(questions)
    judged = Judged(classifier.version, dict(zip(questions, alone, strict=True)))
    readings = {
        prompt_of(question): row.target for question, row in zip(questions, rows, strict=True) if row.target
    }
    found = [Found(alone)]
    async with _serving(StandIn(readings)) as stand_in:
        found += [await _asking(judged, questions, stand_in, below) for below in BELOW]
    title = f"{name} ({len(rows)})"
    rules = ", ".join(["alone", *(f"asked below {below}" for below in BELOW)])
    return [(f"{title}: in this order", rules, "-"), *_lines(name, found, rows)]


async def _asking(first: Classifier, questions: Sequence[Question], stand_in: StandIn, below: float) -> Found:
    """The verdicts of both, through what the running bot is given; only the day's budget and the patience are larger."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic's own
        judge_url=stand_in.url,
        judge_model="careful-reading",
        judge_key=None,
        judge_calls_a_day=len(questions),
        judge_timeout=PATIENCE,
        judge_below=below,
    )
    before, verdicts = stand_in.asked, list[Verdict]()
    begun = time.perf_counter()
    async with with_last_tier(first, settings) as both:
        for start in range(0, len(questions), BATCH):
            verdicts += await both.judge(questions[start : start + BATCH])
    seconds = time.perf_counter() - begun
    alone = await first.judge(questions)
    answered = sum(verdict.model != first.version for verdict in verdicts)
    changed = sum(one.label is not other.label for one, other in zip(verdicts, alone, strict=True))
    return Found(verdicts, stand_in.asked - before, answered, changed, seconds)


@asynccontextmanager
async def _serving(stand_in: StandIn) -> AsyncIterator[StandIn]:
    application = web.Application()
    application.router.add_post("/v1/chat/completions", stand_in.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        stand_in.url = f"http://{host}:{port}/v1/chat/completions"
        yield stand_in
    finally:
        await runner.cleanup()


def _lines(name: str, found: Sequence[Found], rows: Sequence[Row]) -> list[Line]:
    """One line a figure, with its values under each rule."""
    scores = [figures(np.array([shares_of(verdict) for verdict in one.verdicts]), rows) for one in found]
    shown: list[tuple[str, list[str]]] = [
        (what, [_number(score[key]) for score in scores]) for what, key in SHOWN
    ]
    unsure = [sum(verdict.abstained for verdict in one.verdicts) / len(rows) for one in found]
    asking = found[1:]
    shown += [
        ("not sure", [_number(share) for share in unsure]),
        ("asked about", ["-", *(_number(one.asked / len(rows)) for one in asking)]),
        ("labels changed", ["-", *(_number(one.changed / len(rows)) for one in asking)]),
        ("answers refused, late or unusable", ["-", *(str(one.asked - one.answered) for one in asking)]),
        ("time a question without a model", ["-", *(_milliseconds(one) for one in asking)]),
    ]
    return [(f"{name}: {what}", ", ".join(values), "-") for what, values in shown]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _milliseconds(found: Found) -> str:
    return f"{1000 * found.seconds / found.asked:.1f} ms" if found.asked else "none asked"
