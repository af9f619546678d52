"""What Discord knows of us: the token, the intent, the clock, the servers. Asked over HTTP; nothing is connected, nothing changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp
import discord

from bot.discord.failures import plain_failures
from bot.discord.running import NO_CONTENT, UNKNOWN_BOT
from bot.discord.server_checks import check_server
from bot.findings import Finding, fine, problem, unknown
from moderation.charter import Charter
from moderation.errors import PlatformError
from moderation.messages import Platform
from moderation.policy import Policy
from moderation.ports import Community

Rules = Mapping[Community, tuple[Charter, Policy]]
PATIENCE = 30
"""Seconds in which Discord has to answer all that is asked in one go."""
MOST_OFF = timedelta(seconds=60)
"""Times of messages are Discord's, everything else goes by our clock."""


async def examine(
    token: str, api_url: str | None, rules: Rules, now: Callable[[], datetime]
) -> list[Finding]:
    """All that can be asked. `rules` are those of each community that is set up; `now` is this machine's clock."""
    if api_url is not None:
        discord.http.Route.BASE = api_url.rstrip("/")
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # Steward never speaks
    clock = Clock(now)
    findings: list[Finding] = []
    async with discord.Client(intents=discord.Intents.none(), http_trace=clock.trace()) as client:
        try:
            with plain_failures():
                async with asyncio.timeout(PATIENCE):
                    await client.login(token)
        except discord.LoginFailure:
            findings.append(problem("token", f"{UNKNOWN_BOT}."))
        except PlatformError as error:
            findings.append(unknown("Discord", f"{error} Look at https://discordstatus.com and try again."))
        else:
            findings += [*_application(client), *await _servers(client, rules)]
    return [*clock.findings(), *findings]


class Clock:
    """How far this machine's clock is from Discord's, by the date of its first answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._ahead: timedelta | None = None

    def trace(self) -> aiohttp.TraceConfig:
        """To be given to the client."""
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._answered)
        return config

    async def _answered(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, answer: aiohttp.TraceRequestEndParams
    ) -> None:
        del session, context
        said = answer.response.headers.get("Date")
        if said is None or self._ahead is not None:
            return
        try:
            self._ahead = self._now() - parsedate_to_datetime(said)
        except (TypeError, ValueError):  # a date without a zone, or none at all
            return

    def findings(self) -> list[Finding]:
        """One, or none where Discord did not answer at all."""
        if self._ahead is None:
            return [unknown("clock", "it could not be compared with Discord's.")]
        off = abs(self._ahead)
        if off <= MOST_OFF:
            return [fine("clock", "it agrees with Discord's.")]
        way = "ahead of" if self._ahead > timedelta() else "behind"
        return [
            problem(
                "clock",
                f"it is {off.total_seconds():,.0f} seconds {way} Discord's: switch on the machine's time synchronisation.",
            )
        ]


def _application(client: discord.Client) -> list[Finding]:
    """The token, the intent, and where presses of buttons go."""
    findings = [fine("token", f"Discord knows this bot as {client.user}.")]
    about = client.application
    if about is None:
        return findings
    if about.flags.gateway_message_content or about.flags.gateway_message_content_limited:
        findings.append(fine("message content intent", "it is switched on."))
    else:
        findings.append(problem("message content intent", f"{NO_CONTENT}."))
    if about.interactions_endpoint_url:
        findings.append(
            problem(
                "interactions",
                "Discord sends what people press to an address of its own: empty Interactions Endpoint URL on the page "
                "General Information of your application.",
            )
        )
    return findings


async def _servers(client: discord.Client, rules: Rules) -> list[Finding]:
    """Where the bot is, and what it may do there."""
    try:
        with plain_failures():
            async with asyncio.timeout(PATIENCE):
                there = {guild.id async for guild in client.fetch_guilds(limit=None, with_counts=False)}
    except PlatformError as error:
        return [unknown("servers", str(error))]
    ours = {int(each.id): both for each, both in rules.items() if each.platform is Platform.DISCORD}
    findings = [_where(len(there), len(there & ours.keys()))]
    for guild, (charter, policy) in sorted(ours.items()):
        if guild in there:
            findings += await _server(client, guild, charter, policy)
        else:
            findings.append(
                problem(
                    f"server {guild}",
                    f"{charter.name} is set up, but Steward is not in the server: invite it again (steward invite).",
                )
            )
    return findings


def _where(servers: int, set_up: int) -> Finding:
    if not servers:
        return unknown(
            "servers",
            "Steward is in none yet, so permissions cannot be looked at: open the link of steward invite.",
        )
    if not set_up:
        return unknown(
            "servers",
            f"Steward is in {servers}, and none is set up, so permissions cannot be looked at: type /relevance setup there.",
        )
    return fine("servers", f"Steward is in {servers}; set up of them: {set_up}.")


async def _server(client: discord.Client, guild: int, charter: Charter, policy: Policy) -> list[Finding]:
    try:
        with plain_failures():
            async with asyncio.timeout(PATIENCE):
                return await check_server(client, guild, charter, policy)
    except PlatformError as error:
        return [unknown(f"server {guild}", f"{charter.name} could not be looked at: {error}")]
