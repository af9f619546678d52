"""The server: one aiohttp application with the REST routes, the gateway and the files, on a free port of 127.0.0.1.

Sources: developers/reference (Authentication, Uploading Files, API Versioning), developers/topics/rate-limits.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Self
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.discord import (
    follow_ups,
    message_payloads,
    routes_accounts,
    routes_guilds,
    routes_messages,
    routes_webhooks,
)
from tests.fakes.discord.calls import Call, Endpoint
from tests.fakes.discord.errors import ApiError, Json
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.messages import MOST_IN_A_REQUEST, Upload
from tests.fakes.discord.people import People
from tests.fakes.discord.rate_limits import RateLimits, Verdict
from tests.fakes.discord.requests import Request, Requests
from tests.fakes.discord.troubles import Trouble, Troubles
from tests.fakes.discord.world import World

TOKEN = "bot.token.of-tests"
API = "/api/v10"
ENDPOINTS = (
    *routes_accounts.ENDPOINTS,
    *routes_guilds.ENDPOINTS,
    *routes_messages.ENDPOINTS,
    *routes_webhooks.ENDPOINTS,
    *follow_ups.ENDPOINTS,
)
# The smallest PNG there is: what every avatar looks like.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


class _Cut(Exception):
    """The connection is to end without an answer."""


class DiscordServer:
    """Discord on this machine. `async with DiscordServer() as server:` starts and stops it."""

    def __init__(self, clock: Callable[[], datetime] | None = None, *, token: str = TOKEN) -> None:
        self.token = token
        self.world = World(clock)
        self.people = People(self.world)
        self.troubles = Troubles()
        self.rate_limits = RateLimits()
        self.requests = Requests()
        self.gateway = Gateway(self.world, token)
        self.api_url = ""  # for discord.http.Route.BASE
        self.gateway_url = ""  # for discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
        self.cdn_url = ""  # for discord.asset.Asset.BASE
        self.failures: list[Exception] = []  # of the server itself: a handler met what it does not know
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=2 * MOST_IN_A_REQUEST)
        for endpoint in ENDPOINTS:
            app.router.add_route(endpoint.method, API + endpoint.template, self._serve(endpoint))
        app.router.add_get("/", self.gateway.serve)
        app.router.add_get("/attachments/{channel_id}/{attachment_id}/{name}", self._file)
        app.router.add_get("/avatars/{user_id}/{name}", _avatar)
        app.router.add_get("/embed/avatars/{name}", _avatar)
        app.router.add_route("*", API + "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.cdn_url = self.world.cdn = f"http://127.0.0.1:{port}"
        self.api_url = self.cdn_url + API
        self.gateway_url = self.world.gateway_url = f"ws://127.0.0.1:{port}/"

    async def stop(self) -> None:
        self.troubles.clear()
        await self.gateway.close(1001)
        if self._runner:
            await self._runner.cleanup()
        self.requests.keep()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: object, *failure: object) -> None:
        """Raises the server's own first failure, unless the test has one already."""
        await self.stop()
        if self.failures and kind is None:
            raise self.failures[0]

    async def until(self, is_so: Callable[[], object], seconds: float = 5.0) -> None:
        """Returns once `is_so()` holds. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not is_so():  # noqa: ASYNC110 - it looks at state that tells nobody of its changes
                await asyncio.sleep(0.002)

    def _serve(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, endpoint)

        return serve

    async def _answer(self, request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
        body, uploads = await _read(request)
        path = request.path.removeprefix(API)
        record = self._record(request, endpoint.template, path, body, uploads)
        arguments = dict(request.match_info)
        is_interaction = "interaction" in endpoint.template or "webhook_token" in arguments
        verdict = self.rate_limits.count(endpoint.route, arguments, is_interaction=is_interaction)
        trouble = self.troubles.take(request.method, endpoint.template, path)
        call = Call(
            self.world,
            arguments,
            record.query,
            body if isinstance(body, dict) else {},
            body if isinstance(body, list) else [],
            uploads,
            record.reason,
        )
        try:
            self._check(request, endpoint, verdict)
            if trouble and not trouble.after:
                await _suffer(trouble)
            found = endpoint.handler(call)
            if trouble and trouble.after:
                await _suffer(trouble)
        except _Cut:
            if request.transport:
                request.transport.abort()
            return web.Response(status=500)
        except ApiError as refusal:
            record.status, record.code = refusal.status, refusal.code
            return _refuse(refusal, verdict)
        except Exception as failure:
            self.failures.append(failure)
            raise
        record.status = 204 if found is None else endpoint.status
        if found is None:
            return web.Response(status=204, headers=verdict.headers)
        return _json(found, record.status, verdict.headers)

    def _record(
        self,
        request: web.Request,
        template: str,
        path: str,
        body: Json | list[Json] | None,
        uploads: tuple[Upload, ...],
    ) -> Request:
        reason = request.headers.get("X-Audit-Log-Reason")
        record = Request(
            len(self.requests.all) + 1,
            request.method,
            template,
            path,
            dict(request.query),
            body,
            [each.name for each in uploads],
            unquote(reason) if reason else None,
        )
        self.requests.add(record)
        return record

    def _check(self, request: web.Request, endpoint: Endpoint, verdict: Verdict) -> None:
        """Raises ApiError 401 and 429."""
        if endpoint.needs_token and request.headers.get("Authorization") != f"Bot {self.token}":
            raise ApiError(401, 0)
        if verdict.retry_after is not None:
            raise _limited(verdict.retry_after, is_global=verdict.is_global)

    async def _unknown(self, request: web.Request) -> web.Response:
        """A route that this server does not have: the log shows it, with no template."""
        body, uploads = await _read(request)
        record = self._record(request, "", request.path.removeprefix(API), body, uploads)
        record.status = 404
        return _json({"message": "404: Not Found", "code": 0}, 404, {})

    async def _file(self, request: web.Request) -> web.Response:
        """An attachment; 404 when the link was changed or has ended."""
        attachment = self.world.files.get(request.match_info["attachment_id"])
        expires = request.query.get("ex", "0")
        signed = message_payloads.signature(self.world, request.rel_url.raw_path, expires)
        is_alive = int(expires, 16) > self.world.now().timestamp()
        if attachment is None or request.query.get("hm") != signed or not is_alive:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=attachment.content, content_type=attachment.content_type)


def _json(found: object, status: int, headers: dict[str, str]) -> web.Response:
    """Without a charset: discord.py takes anything but a bare application/json for text."""
    body = json.dumps(found).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


async def _avatar(request: web.Request) -> web.Response:
    del request
    return web.Response(body=PIXEL, content_type="image/png")


async def _read(request: web.Request) -> tuple[Json | list[Json] | None, tuple[Upload, ...]]:
    """JSON, or the payload_json and files[n] of a form."""
    if not request.can_read_body:
        return None, ()
    if not request.content_type.startswith("multipart/"):
        return json.loads(await request.read() or b"null"), ()
    form = await request.post()
    body: Json | None = None
    uploads = []
    for name, value in form.items():
        if name == "payload_json":
            body = json.loads(value.file.read() if isinstance(value, web.FileField) else value)
        elif isinstance(value, web.FileField) and (number := re.fullmatch(r"files\[(\d+)\]", name)):
            uploads.append(Upload(number[1], value.filename, value.file.read()))
    return body, tuple(uploads)


async def _suffer(trouble: Trouble) -> None:
    """Raises what was ordered, or waits."""
    if trouble.hold:
        await trouble.hold.stop_here()
    if trouble.seconds:
        await asyncio.sleep(trouble.seconds)
    if trouble.drop:
        raise _Cut
    if trouble.retry_after is not None:
        raise _limited(trouble.retry_after, is_global=trouble.is_global)
    if trouble.status:
        raise ApiError(trouble.status, trouble.code, trouble.message)


def _limited(retry_after: float, *, is_global: bool) -> ApiError:
    refusal = ApiError(429, 0, "You are being rate limited.")
    refusal.retry_after, refusal.is_global = retry_after, is_global
    return refusal


def _refuse(refusal: ApiError, verdict: Verdict) -> web.Response:
    found = refusal.json()
    headers = dict(verdict.headers)
    if refusal.retry_after is not None:
        found = {"message": refusal.message, "retry_after": refusal.retry_after, "global": refusal.is_global}
        headers |= {
            "Retry-After": f"{refusal.retry_after:.3f}",
            "X-RateLimit-Scope": "global" if refusal.is_global else "user",
            "Via": "1.1 google",  # without it discord.py takes a 429 for a ban by Cloudflare
        }
        if refusal.is_global:
            headers["X-RateLimit-Global"] = "true"
    return _json(found, refusal.status, headers)
