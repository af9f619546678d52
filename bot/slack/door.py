"""Where Slack comes in over HTTP: signed requests to one address, each acknowledged when its work is done.

Bolt checks signature and age (five minutes). What was acknowledged once is refused when it comes again word by word: Slack signs each
new try anew.
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from moderation.errors import SettingsError

PATH = "/slack/events"
LARGEST = 1024 * 1024
"""Bytes of a body. A message has at most 40,000 characters."""
REMEMBERED = 600.0
"""Seconds: longer than a signature is good for."""
WELL = 200
REFUSED = 401
SIGNATURE = "x-slack-signature"


class Door:
    """An aiohttp application around a Bolt app. `seconds` is a clock that only rises."""

    def __init__(self, app: AsyncApp, seconds: Callable[[], float] = monotonic) -> None:
        self._app, self._seconds = app, seconds
        self._seen: OrderedDict[str, float] = OrderedDict()
        self.web = web.Application(client_max_size=LARGEST)
        self.web.add_routes([web.post(PATH, self._post)])

    async def _post(self, request: web.Request) -> web.Response:
        signature = request.headers.get(SIGNATURE, "")
        if self._was_seen(signature):
            return web.Response(status=REFUSED)
        answer = await self._app.async_dispatch(await to_bolt_request(request))
        if answer.status == WELL and signature:
            self._seen[signature] = self._seconds()
        return await to_aiohttp_response(answer)

    def _was_seen(self, signature: str) -> bool:
        while self._seen and self._seconds() - next(iter(self._seen.values())) > REMEMBERED:
            self._seen.popitem(last=False)
        return signature in self._seen


@asynccontextmanager
async def opened(app: AsyncApp, host: str, port: int) -> AsyncIterator[web.AppRunner]:
    """Take requests in until the context is left. Raises SettingsError where the address is taken."""
    runner = web.AppRunner(Door(app).web, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SettingsError(
                f"STEWARD_HTTP_BIND: {host}:{port} cannot be opened ({error.strerror})"
            ) from error
        yield runner
    finally:
        await runner.cleanup()
