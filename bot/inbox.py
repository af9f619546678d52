"""What a platform tells, in the order in which it tells it, stored before the platform is told that it was received.

Whatever waits at the same moment shares one transaction: a burst of two thousand messages is a few dozen commits, not two
thousand. A deletion waits its turn behind the message that it is about. While the database cannot be used all of it waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from moderation.errors import StoreError
from moderation.messages import Message, MessageKey

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Messages that are stored in one transaction."""
PATIENCE = (0.2, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds between two tries while the database cannot be used; after the last, whoever told it hears of it."""

Told = tuple[Message | MessageKey, "asyncio.Future[None]"]


class Inbox:
    """Takes messages and deletions in, one after the other. `store` and `withdraw` are the pipeline's.

    `stored` is called after each transaction: there is something to judge.
    """

    def __init__(
        self,
        store: Callable[[Sequence[Message]], Awaitable[object]],
        withdraw: Callable[[Sequence[MessageKey]], Awaitable[object]],
        stored: Callable[[], object],
    ) -> None:
        self._store, self._withdraw, self._stored = store, withdraw, stored
        self._waiting: deque[Told] = deque()
        self._working: asyncio.Task[None] | None = None

    async def receive(self, message: Message) -> None:
        """Return when it is stored. Raises what storing raised."""
        await self._put(message)

    async def deleted(self, key: MessageKey) -> None:
        """Return when its text is forgotten. Raises what that raised."""
        await self._put(key)

    @property
    def waiting(self) -> int:
        """How many are not stored yet."""
        return len(self._waiting)

    async def _put(self, what: Message | MessageKey) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((what, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft()]
            kind = type(group[0][0])
            while self._waiting and len(group) < AT_ONCE and type(self._waiting[0][0]) is kind:
                group.append(self._waiting.popleft())
            await self._take_in(group)

    async def _take_in(self, group: Sequence[Told]) -> None:
        """Keep a group; where that fails over one of them, each by itself."""
        try:
            await self._keep_patiently([what for what, _ in group])
        except Exception as error:  # noqa: BLE001 - whoever told it hears it
            if len(group) > 1 and not isinstance(error, StoreError):
                for one in group:
                    await self._take_in([one])
                return
            _end(group, error)
        except BaseException as error:
            _end(group, error)
            raise
        else:
            _end(group, None)
            self._stored()

    async def _keep_patiently(self, group: Sequence[Message | MessageKey]) -> None:
        for seconds in PATIENCE:
            try:
                await self._keep(group)
            except StoreError as error:
                log.warning("the database cannot be used; what was told waits", exc_info=error)
                await asyncio.sleep(seconds)
            else:
                return
        await self._keep(group)

    async def _keep(self, group: Sequence[Message | MessageKey]) -> None:
        messages = [what for what in group if isinstance(what, Message)]
        if messages:
            await self._store(messages)
        else:
            await self._withdraw([what for what in group if isinstance(what, MessageKey)])


def _end(group: Sequence[Told], error: BaseException | None) -> None:
    """Tell whoever waits; one who was cancelled meanwhile waits no more."""
    for _, done in group:
        with suppress(asyncio.InvalidStateError):
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
