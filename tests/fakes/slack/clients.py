"""The real slack_sdk and slack-bolt, pointed at the server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.entities import Channel, User, Workspace
from tests.fakes.slack.server import SlackServer


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace with one channel, in which are two members and the app."""

    server: SlackServer
    workspace: Workspace
    channel: Channel
    ada: User
    bob: User

    @property
    def client(self) -> AsyncWebClient:
        """With the bot's token."""
        return web_client(self.server, self.workspace.bot_token)


@asynccontextmanager
async def a_place() -> AsyncIterator[Place]:
    """Nothing of how it was made is still on its way to the app."""
    async with SlackServer() as server:
        workspace = server.people.create_workspace()
        ada, bob = (server.people.join(workspace, name) for name in ("ada", "bob"))
        channel = server.people.create_channel(workspace, "general", ada, bob)
        yield Place(server, workspace, channel, ada, bob)


QUIET = logging.getLogger("tests.slack.quiet")
QUIET.setLevel(logging.CRITICAL)


def web_client(server: SlackServer, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(token, base_url=server.api_url)


def bolt_app(server: SlackServer, workspace: Workspace) -> AsyncApp:
    """With the bot token of one workspace."""
    client = web_client(server, workspace.bot_token)
    secret = server.app.signing_secret
    return AsyncApp(client=client, token=workspace.bot_token, signing_secret=secret, logger=QUIET)


@asynccontextmanager
async def by_socket(server: SlackServer, app: AsyncApp) -> AsyncIterator[SocketModeClient]:
    """Connects the app by Socket Mode; gone at the end."""
    before = server.socket_mode.opened
    handler = AsyncSocketModeHandler(
        app, server.app.token, logger=QUIET, web_client=web_client(server), ping_interval=0.2
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt annotates nothing there
    try:
        await server.until(lambda: server.socket_mode.opened > before)
        yield handler.client
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # as above


@asynccontextmanager
async def by_http(server: SlackServer, app: AsyncApp) -> AsyncIterator[str]:
    """Serves the app's Request URL on this machine and makes Slack use it."""

    async def events(request: web.Request) -> web.Response:
        asked = AsyncBoltRequest(body=await request.text(), headers=dict(request.headers))
        answer = await app.async_dispatch(asked)
        kind = answer.first_headers_without_set_cookie().get("content-type", "text/plain").partition(";")[0]
        return web.Response(status=answer.status, text=answer.body, content_type=kind)

    site = web.Application()
    site.router.add_post("/slack/events", events)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        assert await server.use_http(url)
        yield url
    finally:
        await runner.cleanup()
