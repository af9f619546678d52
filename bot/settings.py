"""What comes from the environment or from a .env file; the documentation is docs/settings.md.

Only this module reads settings; everything else receives values. Importing it costs a tenth of a second (pydantic):
commands import it when they run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from moderation.errors import SettingsError

PREFIX = "STEWARD_"
SHORTEST_SECRET = 32
AN_ENDPOINT = "http://127.0.0.1:11434/v1/chat/completions"
HOW_TO_MAKE_ONE = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'
WHERE_TO_COPY_IT = "copy it from the Bot page of your application (docs/install-discord.md)"
HIGHEST_PORT = 65_535
SLACK_TOKENS = {
    "slack_bot_token": ("xoxb-", "OAuth & Permissions"),
    "slack_app_token": ("xapp-", "Basic Information, App-Level Tokens,"),
    "slack_admin_token": ("xoxp-", "OAuth & Permissions"),
}
WHERE_SLACK_S_ARE = "copy it from your Slack app's pages (docs/install-slack.md)"
WRONG = object()
"""Stands for a setting that is there and wrong."""
READ_ELSEWHERE = frozenset({"STEWARD_DEBUG"})  # bot.cli: it must work when the settings do not

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["plain", "json"]


class ModelSettings(BaseSettings):
    """What a command needs that only judges."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    model_dir: Path | None = None


class Settings(ModelSettings):
    """All settings. What may hold a password or key is left out of `repr`."""

    database_url: str = Field(default="sqlite+aiosqlite:///steward.db", repr=False)
    secret_key: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_admin_token: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    discord_token: SecretStr | None = None
    discord_api_url: str | None = None
    discord_gateway_url: str | None = None
    slack_api_url: str | None = None
    http_bind: str = "127.0.0.1:3000"
    log_level: LogLevel = "info"
    log_format: LogFormat = "plain"
    judge_url: str | None = Field(default=None, repr=False)
    judge_model: str | None = Field(default=None, validate_default=True)
    judge_key: SecretStr | None = None
    judge_calls_a_day: int = Field(default=200, ge=1)
    judge_timeout: int = Field(default=10, ge=1, le=120)
    judge_below: float = Field(default=0.7, gt=0, le=1, allow_inf_nan=False)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        """Only the drivers that Steward has. The sentence never shows the URL: there may be a password in it."""
        if not url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("must begin with sqlite+aiosqlite:// or postgresql+asyncpg://")
        return url

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(
                f"must have at least {SHORTEST_SECRET} characters; make one with: {HOW_TO_MAKE_ONE}"
            )
        return key

    @field_validator("discord_token")
    @classmethod
    def _looks_like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        """Three parts with dots between; the sentence never shows it."""
        if token is not None and not re.fullmatch(
            r"[\w-]+\.[\w-]+\.[\w-]+", token.get_secret_value(), re.ASCII
        ):
            raise ValueError(
                "is no bot token: copy it from the Bot page of your application, without quotes and without 'Bot '"
            )
        return token

    @field_validator("slack_bot_token", "slack_app_token", "slack_admin_token")
    @classmethod
    def _looks_like_slack_s(cls, token: SecretStr | None, about: ValidationInfo) -> SecretStr | None:
        """By what Slack begins it with; the sentence never shows it."""
        kind, page = SLACK_TOKENS[about.field_name or ""]
        if token is not None and not re.fullmatch(rf"{kind}[\w.-]+", token.get_secret_value(), re.ASCII):
            raise ValueError(
                f"is no such token: it begins with {kind}; copy it from {page} of your Slack app"
            )
        return token

    @field_validator("slack_signing_secret")
    @classmethod
    def _looks_like_a_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not re.fullmatch(r"[0-9a-f]{16,}", secret.get_secret_value(), re.ASCII):
            raise ValueError(
                "is no signing secret: copy it from Basic Information, App Credentials, of your Slack app"
            )
        return secret

    @field_validator("http_bind")
    @classmethod
    def _host_and_port(cls, bind: str) -> str:
        host, _, port = bind.rpartition(":")
        if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
            raise ValueError("must be a host and a port, such as 127.0.0.1:3000 or 0.0.0.0:8080")
        return bind

    @field_validator("discord_api_url", "discord_gateway_url", "slack_api_url")
    @classmethod
    def _address(cls, url: str | None, about: ValidationInfo) -> str | None:
        schemes = {"ws", "wss"} if about.field_name == "discord_gateway_url" else {"http", "https"}
        if url is not None and (urlsplit(url).scheme not in schemes or not urlsplit(url).hostname):
            raise ValueError(
                f"must be a whole address that begins with {' or '.join(f'{each}://' for each in sorted(schemes))}"
            )
        return url

    @field_validator("judge_url")
    @classmethod
    def _whole_address(cls, url: str | None) -> str | None:
        """The sentence never shows the URL: there may be a key in it. A password in it would collide with the key."""
        if url is not None and not _is_endpoint(url):
            raise ValueError(f"must be a whole address, such as {AN_ENDPOINT}, without a user or password")
        return url

    @field_validator("judge_model")
    @classmethod
    def _named(cls, model: str | None, others: ValidationInfo) -> str | None:
        if model is None and others.data.get("judge_url") is not None:
            raise ValueError("is not set; STEWARD_JUDGE_URL needs the name of a model")
        return model

    @field_validator("judge_key")
    @classmethod
    def _fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not all("!" <= character <= "~" for character in key.get_secret_value()):
            raise ValueError("must have plain letters, digits and signs only, and no spaces")
        return key

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    def needed_secret_key(self) -> str:
        """The secret key, where nothing works without. Raises SettingsError."""
        if self.secret_key is None:
            raise SettingsError(f"STEWARD_SECRET_KEY is not set; make one with: {HOW_TO_MAKE_ONE}")
        return self.secret_key.get_secret_value()


class SettingsToRun(Settings):
    """Settings with which Steward can live on a platform: what has no sensible value of its own is set."""

    secret_key: SecretStr | None = Field(default=None, validate_default=True)
    slack_bot_token: SecretStr | None = Field(default=None, validate_default=True)
    discord_token: SecretStr | None = Field(default=None, validate_default=True)

    @field_validator("secret_key")
    @classmethod
    def _is_set(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None:
            raise ValueError(f"is not set; make one with: {HOW_TO_MAKE_ONE}")
        return key

    @field_validator("slack_bot_token")
    @classmethod
    def _whole_slack(cls, token: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        """A bot token, and a way to hear what happens; or nothing of Slack's at all. What is wrong was said already."""
        ways = [others.data.get(name, WRONG) for name in ("slack_app_token", "slack_signing_secret")]
        if token is not None and ways == [None, None]:
            raise ValueError(
                f"needs STEWARD_SLACK_APP_TOKEN or STEWARD_SLACK_SIGNING_SECRET; {WHERE_SLACK_S_ARE}"
            )
        if token is None and any(each is not None for each in (*ways, others.data.get("slack_admin_token"))):
            raise ValueError(f"is not set; {WHERE_SLACK_S_ARE}")
        return token

    @field_validator("discord_token")
    @classmethod
    def _somewhere(cls, token: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        """There is a platform to run on."""
        if token is None and others.data.get("slack_bot_token", WRONG) is None:
            raise ValueError(
                f"is not set; {WHERE_TO_COPY_IT}, or to run on Slack alone set STEWARD_SLACK_BOT_TOKEN (docs/install-slack.md)"
            )
        return token


Kind = TypeVar("Kind", bound=ModelSettings)


def load_settings() -> Settings:
    """Read all settings. Raises SettingsError with everything that is wrong, one sentence on each line."""
    return _load(Settings)


def load_settings_to_run() -> SettingsToRun:
    """As `load_settings`, and what is missing for a running bot is wrong, too."""
    return _load(SettingsToRun)


def chosen_model() -> Path | None:
    """The model folder that the settings name. Nothing else in them can go wrong here."""
    return _load(ModelSettings).model_dir


def checked_database_url(url: str) -> str:
    """`url`, if Steward can use such a database. Raises SettingsError."""
    return _load(Settings, database_url=url).database_url


def _load(kind: type[Kind], **given: str) -> Kind:
    problems = _misspelt(os.environ)
    try:
        settings = kind(**given)  # type: ignore[arg-type]  # values are checked by pydantic
    except ValidationError as error:
        problems += [_sentence(each["loc"], each["type"], each["msg"]) for each in error.errors()]
    except UnicodeDecodeError:
        problems.append(".env is not UTF-8 text")
    except OSError as error:
        problems.append(f".env cannot be read: {error.strerror}")
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _is_endpoint(url: str) -> bool:
    """Whether it is the address of a chat completions endpoint, whole and without credentials."""
    try:
        parts = urlsplit(url)
        right_place = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or half an IPv6 address
        return False
    whole = parts.scheme in {"http", "https"} and parts.path.endswith("/chat/completions")
    return right_place and whole and "@" not in parts.netloc and url.isprintable() and " " not in url


def _sentence(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = PREFIX + str(place[0]).upper()
    message = message.replace("Input should be", "must be")
    if kind == "literal_error":
        message = message.replace("'", "")
    return f"{name} {message.removeprefix('Value error, ')}"


def _misspelt(environment: Iterable[str]) -> list[str]:
    """Variables that look like one of ours. Others that begin with STEWARD_ may be somebody else's."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | READ_ELSEWHERE
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    near = ((name, get_close_matches(name, known, n=1, cutoff=0.85)) for name in unknown)
    return [f"{name} is not known; did you mean {found[0]}?" for name, found in near if found]
