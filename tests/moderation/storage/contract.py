"""What the tests of every store share: how to do something and keep it, and values to store.

Each test with the fixture `store` runs on the fake and on SQLite: what both do is what the ports promise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

from moderation.actions import Action, NudgeStretch
from moderation.decisions import Decision, Outcome, Verdict
from moderation.exchanges import Exchange
from moderation.messages import Message, MessageKey, Platform
from moderation.ports import Community, Store, Work
from tests.factories import MONDAY, ON_TOPIC

TEAM = Community(Platform.PLAYGROUND, "T1")
OTHERS = Community(Platform.SLACK, "T1")
LATER = MONDAY + timedelta(days=7)


class ClosableStore(Store, Protocol):
    """A store that a test opens and closes."""

    async def close(self) -> None: ...


@asynccontextmanager
async def keeping(store: Store) -> AsyncIterator[Work]:
    """A work that is committed at the end."""
    async with store.work() as work:
        yield work
        await work.commit()


async def keep(store: Store, *messages: Message, until: datetime = LATER) -> int:
    """Store messages; how many were new."""
    async with keeping(store) as work:
        return await work.messages.add(messages, until)


async def decide(store: Store, *decisions: Decision, exchanges: Sequence[Exchange] = ()) -> None:
    """Store decisions."""
    async with keeping(store) as work:
        await work.decisions.add(decisions, exchanges)


def a_key(number: int, channel: str = "C1", community: str = "T1") -> MessageKey:
    """The key of tests.factories.a_message(number)."""
    return MessageKey(Platform.PLAYGROUND, community, channel, f"{number:05d}")


def a_decision(
    message: Message,
    *actions: Action,
    verdict: Verdict | None = ON_TOPIC,
    outcome: Outcome = Outcome.LEFT_ALONE,
    reasons: tuple[str, ...] = ("it says so",),
    skipped: str | None = None,
) -> Decision:
    """A decision on `message`, a minute after it was posted."""
    return Decision(
        key=message.key,
        revision=message.revision,
        author=message.author.id,
        posted_at=message.posted_at,
        thread=message.thread,
        outcome=outcome,
        verdict=verdict,
        reasons=reasons,
        actions=actions,
        charter_version="abc",
        decided_at=message.posted_at + timedelta(minutes=1),
        skipped=skipped,
    )


def a_nudge(number: int = 1, *members: str, channel: str = "C1") -> NudgeStretch:
    """A nudge for the stretch that message `number` began."""
    return NudgeStretch(
        f"{channel}/{number:05d}", "C3", members or ("ann", "bob"), (f"{number:05d}",), offer=True
    )


def numbers(messages: Sequence[Message]) -> list[int]:
    """What identifies made-up messages, for short assertions."""
    return [int(message.key.message) for message in messages]
