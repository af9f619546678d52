"""Being told to stop: what was begun is finished, as long as that does not take too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def finished(work: Coroutine[Any, Any, T], stop: Callable[[], object], grace: float) -> T:
    """What `work` returns or raises.

    Where the task that waits for it is cancelled, `stop` is called, so that `work` comes to an end soon. The cancellation goes on once
    it has, or `grace` seconds later, when it is cancelled too.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop()
        try:
            await asyncio.wait([task], timeout=grace)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        raise
