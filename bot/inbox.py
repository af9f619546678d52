"""What a platform tells, in the order in which it tells it, stored before the platform is told that it was received.

Whatever waits at the same moment shares one transaction: a burst of two thousand messages is a few dozen commits, not two
thousand. A deletion waits its turn behind the message that it is about.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from moderation.messages import Message, MessageKey

AT_ONCE = 200
"""Messages that are stored in one transaction."""


class Inbox:
    """Takes messages and deletions in, one after the other. `store` and `withdraw` are the pipeline's.

    `stored` is called after each transaction: there is something to judge.
    """

    def __init__(
        self,
        store: Callable[[Sequence[Message]], Awaitable[object]],
        withdraw: Callable[[MessageKey], Awaitable[object]],
        stored: Callable[[], object],
    ) -> None:
        self._store, self._withdraw, self._stored = store, withdraw, stored
        self._waiting: deque[tuple[Message | MessageKey, asyncio.Future[None]]] = deque()
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
            if isinstance(group[0][0], Message):
                while self._waiting and len(group) < AT_ONCE and isinstance(self._waiting[0][0], Message):
                    group.append(self._waiting.popleft())
            await self._take_in(group)

    async def _take_in(self, group: Sequence[tuple[Message | MessageKey, asyncio.Future[None]]]) -> None:
        messages = [what for what, _ in group if isinstance(what, Message)]
        try:
            if messages:
                await self._store(messages)
            for what, _ in group:
                if isinstance(what, MessageKey):
                    await self._withdraw(what)
        except BaseException as error:
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for _, done in group:
            # Who waited for it may have been cancelled meanwhile.
            with suppress(asyncio.InvalidStateError):
                done.set_result(None)
        self._stored()
