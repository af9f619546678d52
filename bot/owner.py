"""What an owner does beside the running bot, put together: the link to invite it, the papers about it, a charter for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from moderation.errors import BadInput, SettingsError

if TYPE_CHECKING:  # libraries are loaded when they are used
    from collections.abc import AsyncIterator

    from bot.review_pack import Facts
    from bot.settings import Settings
    from moderation.charter import Charter
    from moderation.policy import Policy
    from moderation.ports import Community, Store

    Rules = tuple[Charter, Policy]


def invite(settings: Settings) -> str:
    """The link that invites the bot of the settings. Raises SettingsError."""
    from bot.discord.invitation import invitation
    from bot.settings import WHERE_TO_COPY_IT

    if settings.discord_token is None:
        raise SettingsError(f"STEWARD_DISCORD_TOKEN is not set; {WHERE_TO_COPY_IT}")
    return invitation(settings.discord_token.get_secret_value())


# --- a charter -----------------------------------------------------------------------------------------------------


def apply_charter(settings: Settings, path: Path, community: Community, typed: str) -> Rules:
    """Publish a charter file for a community, and return what is in force then; a running bot takes it up within a minute.

    What no charter file says stays as it was: a pause, and where the file names none, the moderators' channel and the log channel.
    `typed` confirms mode move. Raises BadInput, SettingsError or StoreError.
    """
    from bot.charters import read_charter

    charter, policy = read_charter(path)
    settings.needed_secret_key()
    return asyncio.run(_apply(settings, community, charter, policy, typed))


async def _apply(
    settings: Settings, community: Community, charter: Charter, policy: Policy, typed: str
) -> Rules:
    from bot.office.rules import refuse_unconfirmed_move
    from moderation.storage import schema

    await schema.upgrade(settings.database_url)
    async with opened(settings) as store, store.work() as work:
        before = await work.communities.current(community)
        if before is not None:
            policy = _with_what_stays(policy, before[1])
        refuse_unconfirmed_move(before[1] if before else None, policy, typed)
        await work.communities.publish(community, charter, policy, datetime.now(UTC))
        await work.commit()
    return charter, policy


def _with_what_stays(policy: Policy, before: Policy) -> Policy:
    return replace(
        policy,
        paused_until=before.paused_until,
        moderators_channel=policy.moderators_channel or before.moderators_channel,
        log_channel=policy.log_channel or before.log_channel,
    )


# --- the papers ----------------------------------------------------------------------------------------------------


def review_pack(settings: Settings, out: Path, *, overwrite: bool) -> list[Path]:
    """Write the intent review and the privacy page of this configuration into a folder, and return the files.

    Raises BadInput where a file is there already and may not be replaced, SettingsError or StoreError.
    """
    from bot.review_pack import intent_review, privacy_page
    from bot.whole_file import written_whole

    facts = asyncio.run(_facts(settings))
    pages = {"intent-review.md": intent_review(facts), "privacy.md": privacy_page(facts)}
    there = [out / name for name in pages if (out / name).exists()]
    if there and not overwrite:
        names = " and ".join(str(path) for path in there)
        raise BadInput(
            f"{names} {'is' if len(there) == 1 else 'are'} there already; --overwrite replaces what is there"
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{out} cannot be made: {error.strerror}") from None
    for name, text in pages.items():
        with written_whole(out / name) as file:
            file.write(text.encode())
    return [out / name for name in pages]


async def _facts(settings: Settings) -> Facts:
    from bot.discord.client import intents
    from bot.review_pack import Facts, Held
    from moderation.policy import Mode
    from moderation.storage.engine import parse_url

    rules = await published(settings)
    judge = urlsplit(settings.judge_url) if settings.judge_url else None
    database = parse_url(settings.database_url)
    return Facts(
        on=datetime.now(UTC).date(),
        intents=tuple(sorted(name for name, wanted in intents() if wanted)),
        communities=tuple(
            Held(charter.name, policy.retention_days, policy.mode is Mode.MOVE)
            for charter, policy in rules.values()
        ),
        database_server=None if database.get_backend_name() == "sqlite" else database.host or "this machine",
        judge_server=judge.hostname if judge else None,
        judge_model=settings.judge_model if judge else None,
        own_model=settings.model_dir is not None,
    )


# --- the database --------------------------------------------------------------------------------------------------


async def published(settings: Settings) -> Mapping[Community, Rules]:
    """The rules in force of each community; none where there is no database yet. Raises SettingsError or StoreError."""
    if await asyncio.to_thread(_is_missing, settings.database_url):
        return {}
    async with opened(settings) as store, store.work() as work:
        found = {each: await work.communities.current(each) for each in await work.communities.all()}
    return {community: rules for community, rules in found.items() if rules is not None}


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The database of the settings. Raises SettingsError without a secret key, and StoreError."""
    from moderation.storage.crypto import Vault
    from moderation.storage.database import open_store

    store = await open_store(settings.database_url, Vault(settings.needed_secret_key()))
    try:
        yield store
    finally:
        await store.close()


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for a server."""
    from moderation.storage.engine import parse_url

    parsed = parse_url(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def _is_missing(url: str) -> bool:
    path = sqlite_file(url)
    return path is not None and not path.exists()
