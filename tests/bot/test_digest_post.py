"""bot.digest_post and bot.platforms: each week's digest comes once, on Monday morning, to the platform of its community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bot.digest_post import digest_shown, put_due
from bot.platforms import Platforms
from bot.playground.memory import MemoryPlatform
from moderation.delivery import deliver
from moderation.errors import Unavailable
from moderation.messages import Platform
from moderation.notices import DigestShown, Notice
from moderation.policy import Policy
from moderation.ports import Button, Community, DeliveryState, Store
from moderation.report_actions import PostDigest
from tests.factories import a_charter
from tests.fakes.memory_store import MemoryStore

WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
MONDAY_AT_NINE = datetime(2026, 3, 9, 8, tzinfo=UTC)  # nine o'clock in Berlin
POLICY = Policy(moderators_channel="C9", time_zone="Europe/Berlin")


class Board(MemoryPlatform):
    """Keeps the digests that it is shown."""

    def __init__(self, now: datetime) -> None:
        super().__init__(lambda: now)
        self.add_channel("C9", name="moderators", for_moderators=True)
        self.digests: list[DigestShown] = []

    async def show_card(
        self, community: Community, card: Notice, *, buttons: Sequence[Button], marker: str, known: str = ""
    ) -> str:
        if isinstance(card, DigestShown):
            self.digests.append(card)
        return await super().show_card(community, card, buttons=buttons, marker=marker, known=known)


async def a_store(policy: Policy = POLICY) -> tuple[Store, Board]:
    store, board = MemoryStore(), Board(WEDNESDAY)
    async with store.work() as work:
        await work.communities.publish(board.community, a_charter(), policy, WEDNESDAY)
        await work.commit()
    return store, board


async def put(store: Store, *moments: datetime) -> list[int]:
    return [await put_due(store, moment) for moment in moments]


async def test_the_first_comes_after_the_first_week_and_each_once() -> None:
    store, _ = await a_store()
    early, late = MONDAY_AT_NINE - timedelta(minutes=1), MONDAY_AT_NINE + timedelta(hours=5)
    assert await put(store, WEDNESDAY, early, MONDAY_AT_NINE, late) == [0, 0, 1, 0]
    next_week = MONDAY_AT_NINE + timedelta(days=7)
    assert await put(store, next_week, next_week) == [1, 0]


async def test_after_a_long_pause_only_the_latest_week_comes() -> None:
    store, board = await a_store()
    assert await put(store, WEDNESDAY, MONDAY_AT_NINE + timedelta(days=21)) == [0, 1]
    async with store.work() as work:
        every = await work.outbox.beginning(board.community, "digest:")
    assert [each.marker for each in every if each.state is DeliveryState.WAITING] == ["digest:2026-03-23"]


async def test_without_a_place_for_it_none_comes() -> None:
    store, _ = await a_store(replace(POLICY, moderators_channel=""))
    assert await put(store, WEDNESDAY, MONDAY_AT_NINE) == [0, 0]


async def test_it_is_posted_with_its_chart_in_the_moderators_channel() -> None:
    store, board = await a_store()
    await put(store, WEDNESDAY, MONDAY_AT_NINE)

    async def make(community: Community, action: PostDigest) -> DigestShown:
        return await digest_shown(store, community, action, "keyword-1", MONDAY_AT_NINE)

    platforms = Platforms({Platform.PLAYGROUND: board}, make)
    done = partial(deliver, store, platforms, lambda: MONDAY_AT_NINE)
    assert (await done()).done == 1
    (digest,) = board.digests
    assert digest.chart.startswith(b"\x89PNG")
    assert digest.alt
    assert list(board.world.standing("C9"))
    assert (await done()).claimed == 0


async def test_what_belongs_to_another_platform_waits_for_it() -> None:
    _, board = await a_store()

    async def never(community: Community, action: PostDigest) -> DigestShown:
        raise AssertionError(community, action)

    with pytest.raises(Unavailable, match="discord"):
        Platforms({Platform.PLAYGROUND: board}, never).abilities(Community(Platform.DISCORD, "1"))
