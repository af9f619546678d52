"""The composition root of the running bot: what lives as long as the process does is built and joined here."""

from __future__ import annotations

import asyncio
import hmac
import signal
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from bot.app import load_classifier, with_last_tier
from bot.digest_post import digest_shown, put_due
from bot.discord.commands.surface import surfaces
from bot.discord.running import connected
from bot.living import LiveClock, Living
from bot.office.office import Office
from bot.platforms import Platforms
from bot.settings import Settings
from bot.workers import Workers
from moderation.actions import PostDigest
from moderation.errors import SettingsError
from moderation.messages import Platform
from moderation.notices import DigestShown
from moderation.pipeline import Pipeline
from moderation.ports import Community, Store
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store


def run(settings: Settings) -> None:
    """Live with the communities of every platform that the settings name, until told to stop.

    Raises SettingsError where they name none, StoreError, ModelError, or PlatformError where a platform refuses us.
    """
    if settings.discord_token is None:
        raise SettingsError(
            "STEWARD_DISCORD_TOKEN is not set: there is no platform to run on (docs/install-discord.md)"
        )
    asyncio.run(_run(settings, settings.discord_token.get_secret_value()))


async def _run(settings: Settings, token: str) -> None:
    secret = settings.needed_secret_key()
    await schema.upgrade(settings.database_url)
    store = await open_store(settings.database_url, Vault(secret))
    try:
        await _live(settings, token, store, _lots(secret))
    finally:
        await store.close()


async def _live(settings: Settings, token: str, store: Store, lots: str) -> None:
    shipped = await asyncio.to_thread(load_classifier, settings.model_dir)
    async with with_last_tier(shipped, settings) as classifier:
        clock = LiveClock()

        async def make_digest(community: Community, action: PostDigest) -> DigestShown:
            return await digest_shown(store, community, action, classifier.version, clock.now())

        pipeline = Pipeline(store, classifier, clock, lots=lots)
        client = connected(settings.discord_api_url, settings.discord_gateway_url, store, clock.now)
        platforms = Platforms({Platform.DISCORD: client.platform}, make_digest)
        workers = Workers(pipeline, store, platforms, clock.now, [partial(put_due, store)])
        client.line = Living(pipeline, store, workers)
        surface = surfaces(client.platform.places)
        client.open_office(Office(store, pipeline, classifier, surface, workers.deliver_soon))
        await _until_stopped(workers.run(), client.run_until_stopped(token))


async def _until_stopped(*works: Coroutine[Any, Any, None]) -> None:
    """Work until one of them ends, or the process is told to stop (Ctrl-C, SIGTERM); raise what one raised."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C then raises KeyboardInterrupt
            loop.add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(work) for work in (*works, _returns_when(stopped))]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()


async def _returns_when(happened: asyncio.Event) -> None:
    await happened.wait()


def _lots(secret: str) -> str:
    """The seed of draws: secret, and the same after every start."""
    return hmac.new(secret.encode(), b"draws for rulings", "sha256").hexdigest()
