"""Let a step on a connection come to its end, also where the task that waits for it is cancelled.

A driver that is cancelled in the middle of a statement gives the connection up as it is, and on SQLite its
transaction stays open, and everybody else locked out, until the garbage collector comes by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def undisturbed(step: Coroutine[Any, Any, T]) -> T:
    """What `step` returns or raises. A cancellation is raised once it has ended, and then its result is lost."""
    task = asyncio.ensure_future(step)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    task.exception()  # looked at, so that nobody complains that it never was
    raise cancelled
