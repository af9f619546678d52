"""The composition root of the running bot: what lives as long as the process does is built and joined here."""

from __future__ import annotations

import asyncio
import hmac
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import SecretStr

from bot.app import load_classifier, with_last_tier
from bot.digest_post import digest_shown, put_due
from bot.living import LiveClock, Living
from bot.office.office import Office
from bot.office.said import Surface
from bot.platforms import Platforms
from bot.settings import Settings
from bot.workers import Workers
from moderation.errors import Gone, SettingsError
from moderation.messages import Platform
from moderation.notices import DigestShown
from moderation.pipeline import Pipeline
from moderation.ports import ChatPlatform, Community, Store
from moderation.report_actions import PostDigest
from moderation.storage import schema
from moderation.storage.crypto import Vault
from moderation.storage.database import open_store

Surfaces = Callable[[Community], Surface]


@dataclass(frozen=True, slots=True)
class Guest:
    """One platform in the process: what works on it, how it writes, and its own work, which begins with the line and the office."""

    name: Platform
    platform: ChatPlatform
    surface: Surfaces
    open: Callable[[Living, Office], None]
    run: Callable[[], Coroutine[Any, Any, None]]


def run(settings: Settings) -> None:
    """Live with the communities of every platform that the settings name, until told to stop.

    Raises SettingsError where they name none, StoreError, ModelError, or PlatformError where a platform refuses us.
    """
    if settings.discord_token is None and settings.slack_bot_token is None:
        raise SettingsError(
            "Neither STEWARD_DISCORD_TOKEN nor STEWARD_SLACK_BOT_TOKEN is set: there is no platform to run on "
            "(docs/install-discord.md, docs/install-slack.md)"
        )
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    secret = settings.needed_secret_key()
    await schema.upgrade(settings.database_url)
    store = await open_store(settings.database_url, Vault(secret))
    try:
        await _live(settings, store, _lots(secret))
    finally:
        await store.close()


async def _live(settings: Settings, store: Store, lots: str) -> None:
    shipped = await asyncio.to_thread(load_classifier, settings.model_dir)
    async with with_last_tier(shipped, settings) as classifier:
        clock = LiveClock()

        async def make_digest(community: Community, action: PostDigest) -> DigestShown:
            return await digest_shown(store, community, action, classifier.version, clock.now())

        pipeline = Pipeline(store, classifier, clock, lots=lots)
        guests = list(_guests(settings, store, clock.now))
        platforms = Platforms({guest.name: guest.platform for guest in guests}, make_digest)
        workers = Workers(pipeline, store, platforms, clock.now, [partial(put_due, store)])
        line = Living(pipeline, store, workers)
        office = Office(store, pipeline, classifier, _surface_of(guests), workers.deliver_soon)
        for guest in guests:
            guest.open(line, office)
        await _until_stopped(workers.run(), *(guest.run() for guest in guests))


def _guests(settings: Settings, store: Store, now: Callable[[], datetime]) -> Iterator[Guest]:
    """The platforms that the settings name; the library of another is not even loaded."""
    if settings.discord_token is not None:
        yield _on_discord(settings, settings.discord_token.get_secret_value(), store, now)
    if settings.slack_bot_token is not None:
        yield _on_slack(settings, settings.slack_bot_token.get_secret_value(), store, now)


def _on_discord(settings: Settings, token: str, store: Store, now: Callable[[], datetime]) -> Guest:
    from bot.discord.commands.surface import surfaces
    from bot.discord.running import connected

    client = connected(settings.discord_api_url, settings.discord_gateway_url, store, now)

    def open_with(line: Living, office: Office) -> None:
        client.line = line
        client.open_office(office)

    surface = surfaces(client.platform.places)
    return Guest(
        Platform.DISCORD, client.platform, surface, open_with, lambda: client.run_until_stopped(token)
    )


def _on_slack(settings: Settings, token: str, store: Store, now: Callable[[], datetime]) -> Guest:
    from bot.slack.commands.surface import surfaces
    from bot.slack.running import Keys, SlackSteward

    host, _, port = settings.http_bind.rpartition(":")
    keys = Keys(
        token,
        _secret(settings.slack_app_token),
        _secret(settings.slack_signing_secret),
        _secret(settings.slack_admin_token),
        settings.slack_api_url,
        host.strip("[]"),
        int(port),
    )
    client = SlackSteward(keys, store, now)

    def open_with(line: Living, office: Office) -> None:
        client.line = line
        client.open_office(office)

    surface = surfaces(client.workspaces, client.platform.places)
    return Guest(Platform.SLACK, client.platform, surface, open_with, client.run_until_stopped)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""


def _surface_of(guests: Sequence[Guest]) -> Surfaces:
    """How each community's platform writes. Raises Gone for a platform on which we do not run."""
    known = {guest.name: guest.surface for guest in guests}

    def surface(community: Community) -> Surface:
        if community.platform not in known:
            raise Gone(f"Steward does not run on {community.platform} at present.")
        return known[community.platform](community)

    return surface


async def _until_stopped(*works: Coroutine[Any, Any, None]) -> None:
    """Work until one of them ends, or the process is told to stop (Ctrl-C, SIGTERM); raise what one raised.

    They are stopped one after the other, in the order given: what finishes its work can still use what comes behind it.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C then raises KeyboardInterrupt
            loop.add_signal_handler(number, stopped.set)
    tasks = [asyncio.create_task(work) for work in (*works, _returns_when(stopped))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    for task in done:
        task.result()


async def _returns_when(happened: asyncio.Event) -> None:
    await happened.wait()


def _lots(secret: str) -> str:
    """The seed of draws: secret, and the same after every start."""
    return hmac.new(secret.encode(), b"draws for rulings", "sha256").hexdigest()
