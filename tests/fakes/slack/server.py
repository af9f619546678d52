"""The server: one aiohttp application with the Web API, Socket Mode, uploads and files, on a free port of 127.0.0.1.

Sources: docs.slack.dev/apis/web-api, apis/web-api/rate-limits, messaging/working-with-files.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Self

from aiohttp import web

from tests.fakes.slack import (
    response_urls,
    routes_accounts,
    routes_chat,
    routes_conversations,
    routes_files,
    routes_marks,
    routes_views,
)
from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.deliveries import Deliveries
from tests.fakes.slack.entities import Token
from tests.fakes.slack.errors import Json, SlackError, limited
from tests.fakes.slack.http_events import HttpEvents
from tests.fakes.slack.people import People
from tests.fakes.slack.rate_limits import RateLimits
from tests.fakes.slack.requests import Request, Requests
from tests.fakes.slack.socket_mode import SocketMode
from tests.fakes.slack.troubles import Trouble, Troubles
from tests.fakes.slack.world import World

ENDPOINTS = (
    *routes_accounts.ENDPOINTS,
    *routes_chat.ENDPOINTS,
    *routes_conversations.ENDPOINTS,
    *routes_files.ENDPOINTS,
    *routes_marks.ENDPOINTS,
    *routes_views.ENDPOINTS,
)
LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in</body></html>"
Work = Callable[[], web.Response]


class _Cut(Exception):
    """The connection is to end without an answer."""


class _Broken(Exception):
    """An answer without JSON, as from a proxy."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(str(status))


class SlackServer:
    """Slack on this machine. `async with SlackServer() as server:` starts and stops it."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.world = World(clock)
        self.app = self.world.app
        self.socket_mode = SocketMode(self.world)
        self.http_events = HttpEvents(self.world)
        self.deliveries = Deliveries(self.world, self.socket_mode)
        self.people = People(self.world, self.deliveries)
        self.troubles = Troubles()
        self.rate_limits = RateLimits(self.world)
        self.requests = Requests()
        self.api_url = ""  # base_url of slack_sdk's clients, with the last slash
        self.failures: list[Exception] = []  # of the server itself: a handler met what it does not know
        self.endpoints = {each.method: each for each in (*ENDPOINTS, self.socket_mode.endpoint())}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link/", self.socket_mode.serve)
        app.router.add_post("/actions/{team}/{name}", self._response_url)
        app.router.add_post("/upload/v1/{file}", self._upload)
        app.router.add_get("/files-pri/{file}/{name}", self._download)
        app.router.add_get("/files-pri/{file}/download/{name}", self._download)
        app.router.add_get("/signin", _sign_in)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.world.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.api_url = f"{self.world.url}/api/"

    async def stop(self) -> None:
        self.troubles.clear()
        await self.deliveries.stop()
        await self.socket_mode.close()
        await self.http_events.stop()
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

    async def use_http(self, url: str) -> bool:
        """From now on everything goes to that Request URL. Whether it gave the challenge back; else nothing changes."""
        self.http_events.url = url
        if not await self.http_events.verify():
            return False
        self.deliveries.way = self.http_events
        return True

    async def _api(self, request: web.Request) -> web.StreamResponse:
        try:
            arguments = await _read(request)
        except SlackError as refusal:
            self._record(request, request.match_info["method"], {}, None).error = refusal.error
            return _refuse(refusal)
        method, token = request.match_info["method"], self._token(request, arguments)
        endpoint = self.endpoints.get(method)
        record = self._record(request, method, arguments, token)
        record.known = endpoint is not None
        if endpoint:
            record.unknown_arguments = sorted(set(arguments) - endpoint.names)

        def work() -> web.Response:
            if endpoint is None:
                raise SlackError("unknown_method", req_method=method)
            return self._call(request, endpoint, token, arguments)

        return await self._serve(request, record, work)

    def _call(
        self, request: web.Request, endpoint: Endpoint, token: Token | None, arguments: Json
    ) -> web.Response:
        if "" in endpoint.kinds:
            token = Token("", "", frozenset())
        else:
            token = _checked(request, token, arguments, endpoint)
        call = Call(self.world, token, arguments, _basic(request))
        wait = self.rate_limits.count(
            endpoint, token.workspace.id if token.workspace else "", call.text("channel")
        )
        if wait is not None:
            raise limited(wait)
        if endpoint.scopes:
            call.needs(*endpoint.scopes)
        headers = {"X-OAuth-Scopes": ",".join(sorted(token.scopes))}
        headers["X-Accepted-OAuth-Scopes"] = ",".join(endpoint.scopes)
        return web.json_response({"ok": True, **endpoint.handler(call)}, headers=headers)

    async def _response_url(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await _read(request)
        except SlackError as refusal:
            return _refuse(refusal)
        record = self._record(request, "response_url", body, None)

        def work() -> web.Response:
            response_urls.use(self.world, request.match_info["name"], body)
            return web.json_response({"ok": True})

        return await self._serve(request, record, work)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await _content(request)
        record = self._record(request, "upload", {"length": len(content)}, None)

        def work() -> web.Response:
            file = self.world.files.get(request.match_info["file"])
            if file is None or file.uploaded or len(content) != file.expected:
                record.error = "bad upload"
                return web.Response(status=400, text="Bad upload")
            file.content, file.uploaded = content, True
            return web.Response(text=f"OK - {len(content)}")

        return await self._serve(request, record, work)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file for a token that may read it; anybody else is sent to the page where people sign in."""
        token = self._token(request, {})
        record = self._record(request, "download", {"name": request.match_info["name"]}, token)

        def work() -> web.Response:
            file = self.world.files.get(request.match_info["file"].rpartition("-")[2])
            if file is None or file.deleted:
                return web.Response(status=404)
            call = Call(self.world, token or Token("", "", frozenset()), {})
            allowed = token and not token.revoked and call.has("files:read")
            if not allowed or not routes_files.may_read(call, file):
                record.error = "sent to sign in"
                return web.Response(status=302, headers={"Location": "/signin"})
            return web.Response(body=file.content, content_type=file.mimetype)

        return await self._serve(request, record, work)

    async def _serve(self, request: web.Request, record: Request, work: Work) -> web.StreamResponse:
        """Does it, with whatever trouble a test has ordered."""
        trouble = self.troubles.take(record.method)
        try:
            if trouble and not trouble.after:
                await _suffer(trouble)
            answer = work()
            if trouble and trouble.after:
                await _suffer(trouble)
        except _Cut:
            if request.transport:
                request.transport.abort()
            return web.Response(status=500)
        except _Broken as broken:
            record.status, record.error = broken.status, "no answer"
            return web.Response(
                status=broken.status, text="<html>Bad Gateway</html>", content_type="text/html"
            )
        except SlackError as refusal:
            record.status, record.error = refusal.status, refusal.error
            return _refuse(refusal)
        except Exception as failure:
            self.failures.append(failure)
            raise
        record.status = answer.status
        return answer

    def _record(self, request: web.Request, method: str, arguments: Json, token: Token | None) -> Request:
        shown = {key: value for key, value in arguments.items() if key not in ("token", "client_secret")}
        record = Request(len(self.requests.all) + 1, request.method, method, shown)
        record.content_type = request.content_type
        if token:
            record.token = token.kind
            record.workspace_id = token.workspace.id if token.workspace else ""
        self.requests.add(record)
        return record

    def _token(self, request: web.Request, arguments: Json) -> Token | None:
        """The one in the header, else among the arguments."""
        header = request.headers.get("Authorization", "")
        value = header.removeprefix("Bearer ") if header.startswith("Bearer ") else arguments.get("token")
        return self.world.tokens.get(value or "")


def _checked(request: web.Request, token: Token | None, arguments: Json, endpoint: Endpoint) -> Token:
    """Raises SlackError not_authed, invalid_auth, token_revoked, account_inactive, not_allowed_token_type."""
    if token is None:
        given = request.headers.get("Authorization") or arguments.get("token")
        raise SlackError("invalid_auth" if given else "not_authed")
    if endpoint.header_only and "Authorization" not in request.headers:
        raise SlackError("invalid_auth")
    if token.revoked:
        raise SlackError("token_revoked" if token.kind == "user" else "account_inactive")
    if token.user and token.user.deactivated:
        raise SlackError("account_inactive")
    if token.kind not in endpoint.kinds:
        raise SlackError("not_allowed_token_type")
    return token


def _basic(request: web.Request) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return None
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name, secret


async def _read(request: web.Request) -> Json:
    """Arguments of the query, of a form or of JSON; the body wins. Raises SlackError invalid_json, json_not_object."""
    found: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return found | body
    form = await request.post()
    return found | {key: value for key, value in form.items() if isinstance(value, str)}


async def _content(request: web.Request) -> bytes:
    """What is uploaded: the body as it is, or the one file of a form."""
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""


async def _sign_in(request: web.Request) -> web.Response:
    del request
    return web.Response(text=LOGIN_PAGE, content_type="text/html")


async def _suffer(trouble: Trouble) -> None:
    """Raises what was ordered, or waits."""
    if trouble.hold:
        await trouble.hold.stop_here()
    if trouble.seconds:
        await asyncio.sleep(trouble.seconds)
    if trouble.drop:
        raise _Cut
    if trouble.retry_after is not None:
        raise limited(trouble.retry_after)
    if trouble.status >= 500:
        raise _Broken(trouble.status)
    if trouble.error:
        raise SlackError(trouble.error, status=trouble.status)


def _refuse(refusal: SlackError) -> web.Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return web.json_response(refusal.json(), status=refusal.status, headers=headers)
