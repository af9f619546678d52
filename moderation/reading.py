"""Asking the classifier, so that one message that it cannot read does not keep all others from being judged."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from moderation.decisions import Verdict
from moderation.ports import Classifier, Question

log = logging.getLogger(__name__)


async def read(
    classifier: Classifier, questions: Sequence[Question], *, explained: bool
) -> list[Verdict | None]:
    """A verdict for each question, in order, with reasons in full if `explained`; None for what the classifier fails over.

    Raises what it raises where it can read none of them: then it is to blame, not the message.
    """
    try:
        return await _all(classifier, questions, explained=explained)
    except Exception as error:
        found = await _in_parts(classifier, questions, explained=explained) if len(questions) > 1 else []
        if not any(found):
            raise
        count = found.count(None)
        log.error("some messages could not be judged", exc_info=error, extra={"count": count})  # noqa: TRY400
        return found


async def _in_parts(
    classifier: Classifier, questions: Sequence[Question], *, explained: bool
) -> list[Verdict | None]:
    middle = len(questions) // 2
    found: list[Verdict | None] = []
    for part in (questions[:middle], questions[middle:]):
        try:
            found += await _all(classifier, part, explained=explained)
        except Exception:  # noqa: BLE001 - whatever is wrong with one, the others wait
            found += [None] if len(part) == 1 else await _in_parts(classifier, part, explained=explained)
    return found


async def _all(
    classifier: Classifier, questions: Sequence[Question], *, explained: bool
) -> list[Verdict | None]:
    verdicts = await classifier.judge(questions)
    found = await classifier.explain(questions, verdicts) if explained else verdicts
    if len(found) != len(questions):
        raise ValueError(f"{len(found)} verdicts for {len(questions)} questions")
    return list(found)
