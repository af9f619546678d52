"""A replay that watches itself: pace over time, pauses of the event loop, memory. Prints one JSON object."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
import threading
import time
from pathlib import Path

from benchmarks.load import CHARTER
from benchmarks.measures import peak_megabytes
from bot import app
from bot.replay import Progress as ReplayProgress
from bot.replay import Replay

TICK = 0.01


class Watch:
    """Notes when each batch was done, and how late a ticking task wakes up."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, int]] = []
        self.pause = 0.0

    def show(self, done: int, total: int) -> None:
        del total
        self.marks.append((time.perf_counter(), done))

    async def tick(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK)
            self.pause = max(self.pause, time.perf_counter() - begun - TICK)

    def rates(self) -> list[float]:
        """Messages a second, for each half second or more."""
        found, (then, count) = [], self.marks[0]
        for now, done in self.marks:
            if now - then >= 0.5:
                found.append((done - count) / (now - then))
                then, count = now, done
        return found or [0.0]


def main() -> None:
    """Replay argv[1] into argv[2]."""
    watch, run = Watch(), Replay.run

    async def watched(self: Replay, progress: ReplayProgress) -> None:
        progress.show = watch.show
        ticking = asyncio.create_task(watch.tick())
        await run(self, progress)
        ticking.cancel()

    Replay.run = watched  # type: ignore[method-assign]  # a measurement, not a product
    begun = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        app.replay(
            export=Path(sys.argv[1]), out=Path(sys.argv[2]), charter_path=CHARTER, overwrite=True, quiet=True
        )
    took = time.perf_counter() - begun
    (first, _), (last, done) = watch.marks[0], watch.marks[-1]
    json.dump(
        {
            "seconds": took,
            "judged_rate": done / (last - first),
            "rates": watch.rates(),
            "peak_mb": peak_megabytes(),
            "pause_ms": watch.pause * 1000,
            "threads": threading.active_count(),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
