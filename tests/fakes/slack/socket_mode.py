"""Socket Mode: tickets, hello, envelopes, acknowledgements, and ends of every kind.

Source: docs.slack.dev/apis/events-api/using-socket-mode; what retries say: slackapi/python-slack-events-api#93.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.errors import Json
from tests.fakes.slack.moments import Attempt, Delivery
from tests.fakes.slack.world import World

MOST_SOCKETS = 10


@dataclass(slots=True, eq=False)
class Socket:
    """One connection. `waiting` holds the attempts that it has not acknowledged yet, by envelope."""

    number: int
    request: web.Request
    socket: web.WebSocketResponse
    waiting: dict[str, asyncio.Future[Json | None]] = field(default_factory=dict)
    asked_to_go: bool = False

    async def send(self, frame: Json) -> None:
        await self.socket.send_str(json.dumps(frame))


class SocketMode:
    """All sockets of the app. An event goes to one of them, in turn."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.opened = 0  # sockets, ever
        self.unknown: list[Json] = []  # frames of the app that acknowledge nothing that is awaited
        self._tickets: set[str] = set()
        self._sockets: list[Socket] = []
        self._turn = 0

    @property
    def connected(self) -> int:
        return len(self._sockets)

    def endpoint(self) -> Endpoint:
        return Endpoint(
            "apps.connections.open",
            self._open,
            scopes=("connections:write",),
            kinds=("app",),
            header_only=True,
        )

    def _open(self, call: Call) -> Json:
        del call
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        address = self.world.url.replace("http://", "ws://")
        return {"url": f"{address}/link/?ticket={ticket}&app_id={self.world.app.id}"}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One websocket from hello to its end. A ticket opens one."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self.opened += 1
        link = Socket(self.opened, request, socket)
        if len(self._sockets) >= MOST_SOCKETS:
            await link.send({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return socket
        self._sockets.append(link)
        try:
            await link.send(self._hello())
            await self._read(link)
        finally:
            if link in self._sockets:
                self._sockets.remove(link)
            for future in link.waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError())
        return socket

    def _hello(self) -> Json:
        about = {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060}
        found: Json = {"type": "hello", "num_connections": len(self._sockets), "debug_info": about}
        return found | {"connection_info": {"app_id": self.world.app.id}}

    async def _read(self, link: Socket) -> None:
        async for message in link.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            future = link.waiting.get(frame.get("envelope_id", ""))
            if future is None or future.done():
                self.unknown.append(frame)
            else:
                future.set_result(frame.get("payload"))

    async def send(self, delivery: Delivery, attempt: Attempt, patience: float) -> None:
        """Fills in how the attempt went. `failure` is timeout also where no socket is open or it went away."""
        link = self._next()
        if link is None:
            attempt.failure = "timeout"
            return
        attempt.socket = link.number
        key = f"{delivery.id}.{attempt.number}"
        future = link.waiting[key] = asyncio.get_running_loop().create_future()
        envelope: Json = {"envelope_id": key, "type": delivery.kind, "payload": delivery.payload}
        envelope["accepts_response_payload"] = delivery.accepts_response
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": attempt.number, "retry_reason": attempt.reason}
        try:
            async with asyncio.timeout(patience):
                await link.send(envelope)
                attempt.response = await future
            attempt.acknowledged_at = time.monotonic()
        except (TimeoutError, ConnectionError):
            attempt.failure = "timeout"
        finally:
            link.waiting.pop(key, None)

    def _next(self) -> Socket | None:
        """Those that were asked to go get nothing more while there is another."""
        staying = [each for each in self._sockets if not each.asked_to_go] or self._sockets
        self._turn += 1
        return staying[self._turn % len(staying)] if staying else None

    # What tests order.

    async def ask_to_reconnect(self, reason: str = "refresh_requested", *, grace: float = 10.0) -> None:
        """Sends a disconnect frame to every socket: warning, refresh_requested or link_disabled.

        What the app has not closed after `grace` seconds is closed from here.
        """
        asked = list(self._sockets)
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}
        for link in asked:
            link.asked_to_go = True
            await link.send(frame)
        try:
            async with asyncio.timeout(grace):
                while any(each in self._sockets for each in asked):  # noqa: ASYNC110 - sockets tell nobody
                    await asyncio.sleep(0.002)
        except TimeoutError:
            for link in asked:
                await link.socket.close()

    def drop(self) -> None:
        """Cuts every connection without a frame."""
        for link in list(self._sockets):
            if link.request.transport:
                link.request.transport.abort()

    async def close(self) -> None:
        """Closes every socket as websockets do."""
        for link in list(self._sockets):
            await link.socket.close(code=1001)
