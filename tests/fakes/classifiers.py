"""Classifiers with one peculiarity each: broken, slow, interrupted, or telling what they read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from moderation.decisions import Verdict
from moderation.ports import Question
from tests.fakes.keyword_classifier import KeywordClassifier


class BrokenClassifier(KeywordClassifier):
    """Raises `error` as often as `times` says, or gives a verdict too few."""

    def __init__(self, error: Exception | None = None, times: int = 1) -> None:
        super().__init__()
        self._error, self.times = error, times

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        verdicts = await super().judge(questions)
        if self.times == 0:
            return verdicts
        self.times -= 1
        if self._error is None:
            return verdicts[:-1]
        raise self._error


class SlowClassifier(KeywordClassifier):
    """Takes its time in a thread."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        await asyncio.to_thread(time.sleep, self._seconds)
        return await super().judge(questions)


class InterruptedClassifier(KeywordClassifier):
    """While it works, something else happens, once: `meanwhile`."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        return await super().judge(questions)


class ContextClassifier(KeywordClassifier):
    """Says in its reasons what context it was given."""

    async def judge(self, questions: Sequence[Question]) -> list[Verdict]:
        verdicts = await super().judge(questions)
        return [
            replace(
                verdict, why=f"{verdict.why} after {[(line.author, line.text) for line in question.context]}"
            )
            for question, verdict in zip(questions, verdicts, strict=True)
        ]
