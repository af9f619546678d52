"""A small replay to rule on, made by the real replay with a classifier that goes by words, and a look into what it keeps."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from bot import app, cli
from bot.replay_folder import kept_folder
from moderation.charter import ChannelCharter, Charter
from moderation.charter_file import render
from moderation.decisions import Ruling
from moderation.draws import Draw
from moderation.policy import Policy
from moderation.ports import Community, Store
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store
from tests.bot.history.factories import slack_channel, slack_files, slack_message, slack_user, write_folder
from tests.fakes.keyword_classifier import KeywordClassifier

Found = TypeVar("Found")
CASUAL, PITCHES = 82, 6
"""Flagged messages of the replay."""
CHARTER = Charter(
    "Ledger Lane",
    "Bookkeepers talk about accounts",
    channels=(
        ChannelCharter("general"),
        ChannelCharter("kitchen", social=True),
        ChannelCharter("for-sale", promotion_welcome=True),
    ),
)
_USERS = [slack_user("U1", "mara"), slack_user("U2", "joe"), slack_user("B9", "helper", is_bot=True)]
_CHANNELS = [slack_channel("C1", "general"), slack_channel("C2", "kitchen"), slack_channel("C3", "for-sale")]


def replayed(place: Path, policy: Policy | None = None, *texts: str) -> Path:
    """The folder of a replay, below `place`: of `texts` in #general, or of a community in which much is flagged."""
    days = {"general/2024-05-01.json": [slack_message(n, text) for n, text in enumerate(texts)]}
    files = slack_files(days if texts else _busy(), users=_USERS, channels=_CHANNELS)
    export = write_folder(place / "export", files)
    (place / "charter.toml").write_text(render(CHARTER, policy or Policy()), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "load_classifier", lambda _model=None: KeywordClassifier())
        app.replay(export=export, charter_path=place / "charter.toml", out=place / "out", quiet=True)
    return place / "out"


def _busy() -> dict[str, list[object]]:
    general = [
        slack_message(600 * n, f"the cat did it again, part {n}", ("U1", "U2")[n % 2]) for n in range(CASUAL)
    ]
    general += [
        slack_message(600 * n + 60, f"dm me for a discount, number {n}", "U2") for n in range(PITCHES)
    ]
    general += [slack_message(600 * n + 120, f"how do you book invoice {n}?", "U1") for n in range(20)]
    return {
        "general/2024-05-01.json": [
            *general,
            slack_message(60_000, "hm lol"),
            slack_message(60_060, "lol", "B9"),
        ],
        "kitchen/2024-05-01.json": [slack_message(30 + n, "coffee, haha") for n in range(3)],
        "for-sale/2024-05-01.json": [slack_message(40 + n, "an offer: a discount") for n in range(2)],
    }


def steward(*words: str, keys: str = "") -> int:
    """Run a command whose stdin holds `keys`, one on each line; return its exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
        return cli.run(words)


def with_store(folder: Path, work: Callable[[Store, Community], Awaitable[Found]]) -> Found:
    """What `work` finds, or does, in the database of a replay."""

    async def done() -> Found:
        kept = kept_folder(folder)
        store = await open_store(kept.database_url, Vault(kept.secret))
        try:
            async with store.work() as each:
                (community,) = await each.communities.all()
            return await work(store, community)
        finally:
            await store.close()

    return asyncio.run(done())


def kept_draws(folder: Path) -> list[Draw]:
    """What was drawn, in order of drawing."""

    async def found(store: Store, community: Community) -> list[Draw]:
        async with store.work() as work:
            return [draw async for draw in work.draws.all(community)]

    return with_store(folder, found)


def kept_rulings(folder: Path) -> list[Ruling]:
    """What was ruled, in order of time."""

    async def found(store: Store, community: Community) -> list[Ruling]:
        async with store.work() as work:
            return [ruling async for ruling in work.rulings.all(community)]

    return with_store(folder, found)


def publish(folder: Path, policy: Policy) -> None:
    """Give the replay another policy."""

    async def done(store: Store, community: Community) -> None:
        async with store.work() as work:
            current = await work.communities.current(community)
            assert current is not None
            await work.communities.publish(community, current[0], policy, datetime.now(UTC))
            await work.commit()

    with_store(folder, done)
