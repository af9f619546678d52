"""The line of `steward classify`: take what lines are there, judge them together, answer in their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.classify.lines import Line, LineFeed
from bot.classify.rows import NO_CHARTER, BadRow, Row, read_row, write_row
from moderation.charter import Charter
from moderation.ports import Classifier

BATCH = 64
WITHOUT_CHARTER = (
    "no charter was given, neither with --charter nor in the line: judged as if the community had no purpose"
)


@dataclass(slots=True)
class Tally:
    """How many lines were judged, and how many were bad."""

    judged: int = 0
    bad: int = 0


async def classify_lines(
    lines: LineFeed,
    classifier: Classifier,
    charter: Charter | None,
    write: Callable[[bytes], Awaitable[None]],
    complain: Callable[[str], None],
) -> Tally:
    """Judge every line and write its answer, in order; at most 64 at once, and none waits for others to come.

    `complain` gets a sentence for each bad line. Raises what reading, judging or writing raises, never for a line.
    """
    tally = Tally()
    warned = charter is not None
    while batch := await lines.take(BATCH):
        rows = _read(batch, charter or NO_CHARTER, tally, complain)
        if not warned and not all(row.own_charter for row in rows):
            complain(WITHOUT_CHARTER)
            warned = True
        if rows:
            questions = [row.question for row in rows]
            verdicts = await classifier.explain(questions, await classifier.judge(questions))
            await write(b"".join(write_row(*each) for each in zip(rows, verdicts, strict=True)))
            tally.judged += len(rows)
    return tally


def _read(batch: Sequence[Line], usual: Charter, tally: Tally, complain: Callable[[str], None]) -> list[Row]:
    rows: list[Row] = []
    for line in batch:
        try:
            row = _row(line, usual)
        except BadRow as bad:
            tally.bad += 1
            complain(f"line {line.number}: {bad}: skipped")
        else:
            rows += [row] if row else []
    return rows


def _row(line: Line, usual: Charter) -> Row | None:
    if line.content is None:
        raise BadRow("longer than 4 MiB")
    return read_row(line.content, usual)
