"""How fast the classifier judges, alone and in batches, what its first tier settles, and what it holds in memory.

`python -m benchmarks.pace` measures in a process of its own and prints one JSON object, so that nothing else is in its memory.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.labelled import labelled_rows, questions_of
from benchmarks.measures import Row, peak_megabytes
from benchmarks.scores import CORPUS, asked
from moderation.classifier.folder import SHIPPED, open_folder
from moderation.classifier.local import LocalClassifier
from moderation.ports import Question
from training.scripts import read

ALONE = 400
"""Messages that are judged one by one."""
FEW = 16
LOG = "docker_gitter"
_WANTED = {"messages a second": "300", "one message alone, p99": "60 ms", "settled by the first tier": "-"}


def pace() -> list[Row]:
    """Messages a second on two cores with charter, channel and three earlier lines; of a single message, how long it takes."""
    program = (sys.executable, "-m", "benchmarks.pace")
    told = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
    rows: list[Row] = []
    for name, found in told["parts"].items():
        rows += [(f"{name}: {what}", figure, _WANTED[what]) for what, figure in found.items()]
    return [*rows, ("resident memory of a judge", f"{told['peak_mb']:.0f} MB", "350 MB")]


class SettlingClassifier(LocalClassifier):
    """The shipped classifier, which counts what its first tier settles."""

    def settled(self, questions: Sequence[Question]) -> float:
        """The share of these."""
        parts = [questions[start : start + FEW] for start in range(0, len(questions), FEW)]
        return float(np.mean([one is not None for part in parts for one in self._settled(self._read(part))]))


def _measure(questions: Sequence[Question]) -> dict[str, str]:
    classifier = SettlingClassifier(open_folder(SHIPPED))
    begun = time.perf_counter()
    asyncio.run(classifier.judge(questions))
    rate = len(questions) / (time.perf_counter() - begun)
    classifier.close()
    # Another one, which has not read these texts yet; as in a running bot, context and charter come again.
    fresh = SettlingClassifier(open_folder(SHIPPED))
    took = []
    for question in questions[:ALONE]:
        begun = time.perf_counter()
        fresh.judge_now([question])
        took.append(time.perf_counter() - begun)
    settled = fresh.settled(questions[:ALONE])
    fresh.close()
    return {
        "messages a second": f"{rate:.0f}",
        "one message alone, p99": f"{1000 * float(np.quantile(took, 0.99)):.0f} ms (median {1000 * float(np.median(took)):.0f})",
        "settled by the first tier": f"{settled:.0%}",
    }


def main() -> None:
    """Print the figures of each part."""
    locked = [one for path in sorted((CORPUS / "locked").glob("*.script")) for one in asked(read(path))]
    log = [row for row in labelled_rows() if row.community == LOG and row.label == "on_topic"]
    parts = {"locked communities": _measure(locked)}
    peak = peak_megabytes()
    if log:
        parts["posts of a real room, each with lines of its own before it"] = _measure(questions_of(log))
    json.dump({"parts": parts, "peak_mb": peak}, sys.stdout)


if __name__ == "__main__":
    main()
