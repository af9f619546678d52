"""`steward doctor`: whether everything that `steward run` needs is right. Nothing is changed, and no secret is shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.findings import Finding, fine, problem, unknown
from bot.owner import published, sqlite_file
from bot.settings import load_settings_to_run
from moderation.errors import DatabaseTooOld, ModelError, SettingsError, StewardError, WrongKey

if TYPE_CHECKING:  # libraries are loaded when they are asked
    from pydantic import SecretStr

    from bot.settings import Settings
    from bot.slack.running import Keys
    from moderation.charter import Charter
    from moderation.policy import Policy
    from moderation.ports import Community

    Rules = Mapping[Community, tuple[Charter, Policy]]


def examine() -> list[Finding]:
    """Everything that can be looked at, in the order in which it is to be mended."""
    try:
        settings = load_settings_to_run()
    except SettingsError as error:
        wrong = [problem("settings", sentence) for sentence in str(error).splitlines()]
        return [*wrong, unknown("all else", "it is looked at when the settings are right.")]
    return asyncio.run(_examine(settings, lambda: datetime.now(UTC)))


async def _examine(settings: Settings, now: Callable[[], datetime]) -> list[Finding]:
    findings = [fine("settings", "all that is needed is set."), await asyncio.to_thread(_model, settings)]
    stored, rules = await _database(settings)
    findings += stored
    if settings.discord_token is not None:
        from bot.discord import doctor as discord_doctor

        token = settings.discord_token.get_secret_value()
        findings += await discord_doctor.examine(token, settings.discord_api_url, rules, now)
    if settings.slack_bot_token is not None:
        from bot.slack import doctor as slack_doctor

        findings += await slack_doctor.examine(_slack_keys(settings), rules, now)
    return findings


def _slack_keys(settings: Settings) -> Keys:
    from bot.slack.running import Keys

    host, _, port = settings.http_bind.rpartition(":")
    return Keys(
        _said(settings.slack_bot_token),
        app_token=_said(settings.slack_app_token),
        signing_secret=_said(settings.slack_signing_secret),
        admin_token=_said(settings.slack_admin_token),
        api_url=settings.slack_api_url,
        host=host.strip("[]"),
        port=int(port),
    )


def _said(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


def _model(settings: Settings) -> Finding:
    """Whether every file of the model is as it was made; whether it judges says `steward model check`."""
    from moderation.classifier.folder import MANIFEST, SHIPPED, open_folder

    folder = settings.model_dir or SHIPPED
    if (folder / "config.json").exists() and not (folder / MANIFEST).exists():
        return unknown(
            "model", f"{folder} is a checkpoint without checksums; steward model check lets it judge."
        )
    try:
        return fine("model", f"{open_folder(folder).version} is whole.")
    except ModelError as error:
        return problem("model", f"{error}.")


async def _database(settings: Settings) -> tuple[list[Finding], Rules]:
    """Whether it can be used, whether the key opens it, and the rules of each community in it."""
    from moderation.storage import schema

    try:
        await schema.check(settings.database_url)
    except DatabaseTooOld:
        return [await asyncio.to_thread(_to_be_made, settings.database_url)], {}
    except StewardError as error:
        return [problem("database", str(error))], {}
    except OSError as error:
        return [
            problem("database", f"its server cannot be reached ({error.strerror or 'no such host'}).")
        ], {}
    reachable = fine("database", "it can be reached, and is of this version.")
    try:
        rules = await published(settings)
    except WrongKey as error:
        return [reachable, problem("secret key", str(error))], {}
    except StewardError as error:
        return [problem("database", str(error))], {}
    return [reachable, fine("secret key", "it opens what is stored.")], rules


def _to_be_made(url: str) -> Finding:
    """A database that is not there yet, or of an older version: `steward run` sees to both."""
    path = sqlite_file(url)
    if path is not None and not path.exists():
        folder = path.absolute().parent
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            return problem("database", f"{folder} must be a folder in which Steward may write.")
        return fine("database", f"{path} is not there yet; steward run makes it.")
    return fine("database", "it can be reached; steward run brings it up to this version.")
