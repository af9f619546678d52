"""Connecting to Slack: by its socket, by HTTP, or by both; what a refusal at the door means; and coming to an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.office.office import Office
from bot.slack import mine
from bot.slack.commands.desk import Desk
from bot.slack.commands.registration import add_commands
from bot.slack.door import opened
from bot.slack.failures import plain_failures
from bot.slack.gaps import Gaps
from bot.slack.listeners import Events, Line
from bot.slack.platform import SlackPlatform
from bot.slack.presses import Presses
from bot.slack.workspaces import TIMEOUT, Workspaces, base_url, sign_in, speaking
from moderation.errors import Gone, NotAllowed, PlatformError, SettingsError
from moderation.ports import Community, Store

log = logging.getLogger(__name__)

UNKNOWN_APP = "Slack does not know STEWARD_SLACK_APP_TOKEN: make one under Basic Information, App-Level Tokens, with connections:write"
LOOK_AGAIN = 60.0
"""Seconds after which a gap that could not be filled is tried again."""
PING = 10.0
"""Seconds between two pings of the socket; after four without an answer slack_sdk connects anew."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What Steward connects with. With `app_token` it opens a socket; with `signing_secret` it listens at `host` and `port`.

    `api_url` is another address than Slack's own.
    """

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    admin_token: str = ""
    api_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 3000


class SlackSteward:
    """One process's Slack. `line` is set before it starts; `caught_up` is set when gaps are filled."""

    def __init__(self, keys: Keys, store: Store, now: Callable[[], datetime]) -> None:
        self._keys, self._store, self._now = keys, store, now
        self.workspaces = Workspaces()
        self.platform = SlackPlatform(self.workspaces, store)
        self.gaps = Gaps(store, self.platform)
        self.line: Line
        self.caught_up = asyncio.Event()
        self.app = self._bolt()
        self._events = Events(store, self.platform, self.gaps)
        self.app.use(self._events.take)
        self._missed = asyncio.Event()
        self._greeted = False

    def _bolt(self) -> AsyncApp:
        """Bolt, which reads no environment and tries nothing twice."""
        keys = self._keys
        client = AsyncWebClient(base_url=base_url(keys.api_url), retry_handlers=[])
        return AsyncApp(
            name="steward",
            signing_secret=keys.signing_secret,
            client=client,
            authorize=_authorizing(self.workspaces),
            request_verification_enabled=True,
            ignoring_self_events_enabled=False,
        )

    def open_office(self, office: Office) -> None:
        """Answer commands, from the start on; `line` is set before."""
        desk = Desk(office, self.platform, self.line.receive, self._now)
        mine.listen(self.app, desk)
        add_commands(self.app, desk)

    async def run_until_stopped(self) -> None:
        """Stay connected. Raises SettingsError where Slack refuses us for good, PlatformError where it is not there."""
        self._events.line = self.line
        presses = Presses(self.platform, self._store, self.line.pressed, self._now)
        presses.listen(self.app)
        async with AsyncExitStack() as open_until_then:
            session = await open_until_then.enter_async_context(aiohttp.ClientSession(timeout=TIMEOUT))
            await self._sign_in(session)
            await self.gaps.note_all()
            if self._keys.signing_secret:
                door = opened(self.app, self._keys.host, self._keys.port)
                await open_until_then.enter_async_context(door)
            if self._keys.app_token:
                await open_until_then.enter_async_context(self._socket())
            open_until_then.push_async_callback(presses.finished)
            await self._keep_up()

    async def _sign_in(self, session: aiohttp.ClientSession) -> None:
        keys = self._keys
        self.app.client.session = session
        bot = speaking(keys.bot_token, session, keys.api_url)
        admin = speaking(keys.admin_token, session, keys.api_url) if keys.admin_token else None
        self.workspaces.add(await sign_in(bot, admin))

    async def _keep_up(self) -> None:
        """Join what is watched and fill gaps: now, after each new connection, and from time to time what is still open."""
        while True:
            self._missed.clear()
            for workspace in self.workspaces:
                await self._join(workspace.community)
            await self.gaps.fill_all(self.line.receive)
            if not self.caught_up.is_set():
                log.info("ready", extra={"platform": "slack", "count": len(list(self.workspaces))})
            self.caught_up.set()
            try:
                await asyncio.wait_for(self._missed.wait(), LOOK_AGAIN)
            except TimeoutError:
                continue

    async def _join(self, community: Community) -> None:
        try:
            missing = await self.platform.join_watched(community)
        except Gone:
            return  # it is not set up yet
        except PlatformError as error:
            log.warning("channels could not be joined", extra={"community": community.id}, exc_info=error)
            return
        for channel in missing:
            log.warning("Steward must be invited here", extra={"community": community.id, "channel": channel})

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[None]:
        handler = AsyncSocketModeHandler(
            self.app, self._keys.app_token, web_client=self.app.client, ping_interval=PING
        )
        client = handler.client
        client.message_listeners.append(self._greet)
        try:
            client.wss_uri = await self._address()
            await client.connect()  # type: ignore[no-untyped-call]
            yield
        finally:
            await client.close()  # type: ignore[no-untyped-call]

    async def _address(self) -> str:
        """Where to connect; asked here once, for slack_sdk would ask for ever."""
        try:
            with plain_failures():
                answer = await self.app.client.apps_connections_open(app_token=self._keys.app_token)
        except NotAllowed:
            raise SettingsError(UNKNOWN_APP) from None
        return str(answer["url"])

    async def _greet(self, _: AsyncBaseSocketModeClient, message: dict[str, object], __: str | None) -> None:
        """A new connection stands. What comes over it waits until it is noted how far everything was heard before."""
        if message.get("type") != "hello":
            return
        again, self._greeted = self._greeted, True
        if not again:
            return
        self._events.listening.clear()
        try:
            await self.gaps.note_all()
        finally:
            self._events.listening.set()
        self._missed.set()


def _authorizing(workspaces: Workspaces) -> Callable[..., Awaitable[AuthorizeResult]]:
    """What Bolt asks for each request: whose it is. It takes None for a workspace that is not connected."""

    async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult | None:
        found = workspaces.find(team_id, enterprise_id)
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=found.enterprise or None,
            team_id=found.community.id,
            bot_user_id=found.bot_user,
            bot_id=found.bot,
            bot_token=found.client.token,
        )

    return cast("Callable[..., Awaitable[AuthorizeResult]]", authorize)
