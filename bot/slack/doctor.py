"""What Slack knows of us: tokens, scopes, the clock, the workspace and its channels. Asked over HTTP; nothing is connected or changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.findings import Finding, fine, problem, unknown
from bot.slack.failures import plain_failures
from bot.slack.manifest import ADMIN_SCOPES, SCOPES, Scope
from bot.slack.people import People
from bot.slack.places import Places, Room
from bot.slack.running import UNKNOWN_APP, Keys
from bot.slack.workspaces import TIMEOUT, UNKNOWN_ADMIN, Workspace, base_url, sign_in, speaking
from moderation.charter import ChannelCharter, Charter
from moderation.errors import BadInput, NotAllowed, PlatformError
from moderation.policy import Policy
from moderation.ports import Community

Rules = Mapping[Community, tuple[Charter, Policy]]
PATIENCE = 30
"""Seconds in which Slack has to answer all that is asked in one go."""
MOST_OFF = timedelta(seconds=60)
"""Slack refuses what is signed five minutes ago; times of messages are Slack's, everything else goes by our clock."""
HOW_TO_ALLOW = (
    "Bring your app up to the manifest of steward slack manifest (App Manifest), then install it again"
)


async def examine(keys: Keys, rules: Rules, now: Callable[[], datetime]) -> list[Finding]:
    """All that can be asked. `rules` are those of each community that is set up; `now` is this machine's clock."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        client = speaking(keys.bot_token, session, keys.api_url)
        try:
            async with asyncio.timeout(PATIENCE):
                workspace = await sign_in(client)
                answer = await _asked(client)
                findings = [*_bot(workspace, answer), _clock(answer, now())]
                findings += await _app(keys, session)
                findings += await _admin(keys, session, workspace)
                return [*findings, *await _workspace(workspace, rules)]
        except BadInput as error:
            return [problem("Slack token", f"{error}.")]
        except (PlatformError, TimeoutError) as error:
            said = str(error) or "Slack did not answer in time."
            return [unknown("Slack", f"{said} Look at https://slack-status.com and try again.")]


async def _asked(client: AsyncWebClient) -> AsyncSlackResponse:
    with plain_failures():
        return await client.auth_test()


# --- tokens ----------------------------------------------------------------------------------------------------------


def _bot(workspace: Workspace, answer: AsyncSlackResponse) -> list[Finding]:
    """The bot's token, and what it is allowed."""
    known = fine("Slack token", f"Slack knows this bot in {workspace.name}.")
    lacking = missing(answer, SCOPES)
    if lacking is None:
        return [known, unknown("scopes", "Slack did not say which this bot has.")]
    if not lacking:
        return [known, fine("scopes", "it has all that it needs.")]
    return [
        known,
        *(
            problem("scopes", f"{scope.name} is missing ({scope.reason}). {HOW_TO_ALLOW}.")
            for scope in lacking
        ),
    ]


def missing(answer: AsyncSlackResponse, wanted: Sequence[Scope]) -> list[Scope] | None:
    """Which of the wanted scopes the token of an answer lacks; None where Slack does not say."""
    told = answer.headers.get("X-OAuth-Scopes") or answer.headers.get("x-oauth-scopes")
    if told is None:
        return None
    have = {each.strip() for each in str(told).split(",")}
    return [scope for scope in wanted if scope.name not in have]


def _clock(answer: AsyncSlackResponse, now: datetime) -> Finding:
    """How far this machine's clock is from Slack's, by the date of its answer."""
    try:
        off = now - parsedate_to_datetime(str(answer.headers.get("Date") or answer.headers.get("date")))
    except (TypeError, ValueError):  # no date at all, or one without a zone
        return unknown("clock", "it could not be compared with Slack's.")
    if abs(off) <= MOST_OFF:
        return fine("clock", "it agrees with Slack's.")
    way = "ahead of" if off > timedelta() else "behind"
    seconds = abs(off).total_seconds()
    return problem(
        "clock",
        f"it is {seconds:,.0f} seconds {way} Slack's: switch on the machine's time synchronisation.",
    )


async def _app(keys: Keys, session: aiohttp.ClientSession) -> list[Finding]:
    """The app-level token: Slack gives the address of a connection, which is not opened."""
    if not keys.app_token:
        return [fine("Slack's requests", f"they are waited for on {keys.host}:{keys.port}.")]
    client = AsyncWebClient(base_url=base_url(keys.api_url), session=session, retry_handlers=[])
    try:
        with plain_failures():
            await client.apps_connections_open(app_token=keys.app_token)
    except NotAllowed:
        return [problem("app token", f"{UNKNOWN_APP}.")]
    return [fine("app token", "Slack lets it connect.")]


async def _admin(keys: Keys, session: aiohttp.ClientSession, workspace: Workspace) -> list[Finding]:
    """The admin's token, if there is one: whose it is, and whether it may delete."""
    if not keys.admin_token:
        return [fine("admin token", "none: what others posted stays, next to its copy, when it is moved.")]
    client = speaking(keys.admin_token, session, keys.api_url)
    try:
        both = await sign_in(workspace.client, client)
        lacking = missing(await _asked(client), ADMIN_SCOPES)
        person = await People().now(workspace, both.admin_user)
    except NotAllowed:
        return [problem("admin token", f"{UNKNOWN_ADMIN}.")]
    except BadInput as error:
        return [problem("admin token", f"{error}.")]
    if lacking:
        return [problem("admin token", f"{lacking[0].name} is missing. {HOW_TO_ALLOW}.")]
    if not person.admin:
        return [
            problem("admin token", f"{person.author.name} is no admin: it could delete nothing of others.")
        ]
    return [fine("admin token", f"it is {person.author.name}'s, who is an admin.")]


# --- the workspace ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """One workspace as it is now, and what is wanted there."""

    name: str
    rooms: Sequence[Room]
    charter: Charter
    policy: Policy

    def found(self, channel: str) -> Room | None:
        """A channel by id or name."""
        wanted = channel.lstrip("#").casefold()
        by_id = next((room for room in self.rooms if room.id == channel), None)
        return by_id or next((room for room in self.rooms if room.name.casefold() == wanted), None)


async def _workspace(workspace: Workspace, rules: Rules) -> list[Finding]:
    """Where the bot is, and where it has to be."""
    known = rules.get(workspace.community)
    if known is None:
        sentence = "it is not set up, so channels cannot be looked at: type /relevance setup there."
        return [unknown(f"workspace {workspace.name}", sentence)]
    look = Look(workspace.name, await Places().rooms(workspace), *known)
    return [
        fine(
            f"workspace {workspace.name}", f"{look.charter.name} is set up, in mode {look.policy.mode.value}."
        ),
        *_moderators(look),
        *_read(look),
    ]


def _moderators(look: Look) -> Iterator[Finding]:
    """Where cards are shown: it is there, we are in it, and not everybody reads it."""
    if not look.policy.moderators_channel:
        yield problem(
            f"{look.name}, cards", "no moderators' channel is set: /relevance setup moderators:#channel."
        )
        return
    room = look.found(look.policy.moderators_channel)
    if room is None:
        yield problem(
            f"{look.name}, cards",
            "Steward does not see the moderators' channel: type /invite @Steward there, or /relevance setup names another.",
        )
        return
    if not room.member:
        yield problem(
            f"{look.name}, #{room.name}", "Steward is not in the moderators' channel: /invite @Steward there."
        )
    elif not room.private:
        yield problem(
            f"{look.name}, #{room.name}",
            "everybody in the workspace can read the moderators' channel: cards quote members, so make it private.",
        )
    else:
        yield fine(f"{look.name}, #{room.name}", "cards are shown here.")


def _read(look: Look) -> Iterator[Finding]:
    """Channels that are read: they are there, and we are in them."""
    entries = [entry for entry in look.charter.channels if entry.watched]
    wrong = [finding for entry in entries if (finding := _entry(look, entry))]
    yield from wrong
    if entries and not wrong:
        yield fine(f"{look.name}, channels", f"Steward is in all {len(entries)} that it reads.")
    if look.charter.channels and look.charter.social_channel is None:
        yield unknown(f"{look.name}, casual talk", "no channel is for it: /relevance setup social:#channel.")


def _entry(look: Look, entry: ChannelCharter) -> Finding | None:
    room = look.found(entry.id or entry.name)
    if room is None:
        return problem(
            f"{look.name}, #{entry.name}",
            "Steward does not see it: if it is private, type /invite @Steward there; if it is gone, /relevance channel unwatch.",
        )
    if room.member:
        return None
    how = "/invite @Steward there" if room.private else "steward run joins it by itself, within a minute"
    return problem(f"{look.name}, #{room.name}", f"Steward is not in it: {how}.")
