"""The websocket: HELLO, IDENTIFY, RESUME, heartbeats, dispatches, and ends of every kind.

Sources: developers/events/gateway (Connection Lifecycle, Rate Limiting, Encoding and Compression),
developers/topics/opcodes-and-status-codes (Gateway Close Event Codes).
"""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass
from time import monotonic

from aiohttp import WSMsgType, web

from tests.fakes.discord import payloads
from tests.fakes.discord.errors import Json
from tests.fakes.discord.intents import KNOWN, MEMBERS, PRIVILEGED, application_flags
from tests.fakes.discord.sessions import Session
from tests.fakes.discord.world import Event, World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS_ASKED = 0, 1, 2, 3, 4, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
MOST_BYTES_SENT, MOST_SENDS_A_MINUTE, MEMBERS_IN_A_CHUNK = 4096, 120, 1000


@dataclass(frozen=True, slots=True)
class Arrival:
    """One payload that a client sent."""

    op: int
    session_id: str | None
    at: float  # monotonic seconds


class _Closed(Exception):
    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {reason}")


class Connection:
    """One socket: what goes out is queued, so that telling never waits for a slow reader."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, *, compressed: bool) -> None:
        self.socket = socket
        self._request = request
        self.session: Session | None = None
        self.last_heartbeat = monotonic()
        self.ended_here = False  # not by the client
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        # One stream for the whole connection: every message ends with a flush.
        self._compressor = zlib.compressobj() if compressed else None

    def send(self, text: str) -> None:
        self._queue.put_nowait(text)

    async def end(self, code: int, reason: str = "") -> None:
        self.ended_here = True
        await self.socket.close(code=code, message=reason.encode())

    def cut(self) -> None:
        """Ends the TCP connection without a close frame."""
        self.ended_here = True
        if self._request.transport:
            self._request.transport.abort()

    def send_op(self, op: int, data: object) -> None:
        self.send(json.dumps({"op": op, "t": None, "s": None, "d": data}))

    async def write(self) -> None:
        """Runs until the socket is gone."""
        while not self.socket.closed:
            text = await self._queue.get()
            if self._compressor is None:
                await self.socket.send_str(text)
            else:
                squeezed = self._compressor.compress(text.encode())
                await self.socket.send_bytes(squeezed + self._compressor.flush(zlib.Z_SYNC_FLUSH))


class Gateway:
    """All sessions of the one bot."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token
        self.heartbeat_seconds = 41.25
        self.sessions: dict[str, Session] = {}
        self.arrivals: list[Arrival] = []
        self.missed_heartbeats: list[str] = []  # the session's id, once for each
        self.identified = 0
        self.resumed = 0
        self._connections: list[Connection] = []
        world.listeners.append(self._tell)

    @property
    def connected(self) -> int:
        """How many sockets have a session."""
        return sum(each.session is not None for each in self._connections)

    def _tell(self, event: Event) -> None:
        for session in list(self.sessions.values()):
            session.tell(event)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Handles one websocket from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        # A client that asks for zstd gets plain text, which discord.py reads as well.
        connection = Connection(request, socket, compressed=request.query.get("compress") == "zlib-stream")
        self._connections.append(connection)
        connection.send_op(HELLO, {"heartbeat_interval": int(self.heartbeat_seconds * 1000)})
        helpers = [asyncio.create_task(connection.write()), asyncio.create_task(self._watch(connection))]
        try:
            await self._read(connection)
        except _Closed as end:
            await connection.end(end.code, end.reason)
        finally:
            self._connections.remove(connection)
            self._forget(connection)
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
        return socket

    async def _read(self, connection: Connection) -> None:
        sent: list[float] = []
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                raise _Closed(4002, "Decode error")
            if len(message.data.encode()) > MOST_BYTES_SENT:
                raise _Closed(4002, "Decode error")
            now = monotonic()
            sent = [each for each in sent if each > now - 60] + [now]
            if len(sent) > MOST_SENDS_A_MINUTE:
                raise _Closed(4008, "Rate limited")
            try:
                payload = json.loads(message.data)
                op = int(payload["op"])
            except (ValueError, KeyError, TypeError):
                raise _Closed(4002, "Decode error") from None
            session = connection.session
            self.arrivals.append(Arrival(op, session.id if session else None, now))
            self._handle(connection, op, payload.get("d"))

    def _handle(self, connection: Connection, op: int, data: Json) -> None:
        if op == HEARTBEAT:
            connection.last_heartbeat = monotonic()
            connection.send_op(HEARTBEAT_ACK, None)
        elif op == IDENTIFY:
            if connection.session:
                raise _Closed(4005, "Already authenticated")
            self._identify(connection, data)
        elif op == RESUME:
            self._resume(connection, data)
        elif connection.session is None:
            raise _Closed(4003, "Not authenticated")
        elif op == MEMBERS_ASKED:
            self._send_members(connection.session, data)
        elif op not in (PRESENCE, VOICE):
            raise _Closed(4001, "Unknown opcode")

    def _identify(self, connection: Connection, data: Json) -> None:
        self._check_token(data)
        intents = int(data.get("intents", 0))
        if intents & ~KNOWN:
            raise _Closed(4013, "Invalid intent(s)")
        if intents & PRIVILEGED & ~self.world.privileged_intents:
            raise _Closed(4014, "Disallowed intent(s)")
        shard = tuple(data.get("shard") or (0, 1))
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            raise _Closed(4010, "Invalid shard")
        self.identified += 1
        session = Session(self.world, intents, (int(shard[0]), int(shard[1])))
        self.sessions[session.id] = session
        self._join(connection, session)
        guilds = [each for each in self.world.bot_guilds() if (int(each.id) >> 22) % shard[1] == shard[0]]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": payloads.user(self.world.bot) | {"verified": True, "mfa_enabled": True},
                "guilds": [{"id": each.id, "unavailable": True} for each in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.world.gateway_url,
                "shard": list(shard),
                "application": {"id": self.world.application_id, "flags": application_flags(self.world)},
            },
        )
        for guild in guilds:
            if guild.available:
                data = session.with_members(payloads.guild_create(self.world, guild), guild)
                session.dispatch("GUILD_CREATE", data)

    def _resume(self, connection: Connection, data: Json) -> None:
        self._check_token(data)
        session = self.sessions.get(data.get("session_id", ""))
        if session is None:
            connection.send_op(INVALID_SESSION, data=False)
            return
        sequence = int(data.get("seq") or 0)
        if sequence > session.sequence:
            raise _Closed(4007, "Invalid seq")
        self.resumed += 1
        for text in session.missed_since(sequence):
            connection.send(text)
        self._join(connection, session)
        session.dispatch("RESUMED", {"_trace": []})

    def _check_token(self, data: Json) -> None:
        if str(data.get("token", "")).removeprefix("Bot ") != self.token:
            raise _Closed(4004, "Authentication failed")

    def _join(self, connection: Connection, session: Session) -> None:
        connection.session = session
        session.send = connection.send

    def _forget(self, connection: Connection) -> None:
        """The client's own 1000 or 1001 ends the session; after any other end it can be resumed."""
        session = connection.session
        if session is None or session.send != connection.send:
            return
        session.send = None
        if connection.socket.close_code in (1000, 1001) and not connection.ended_here:
            self.sessions.pop(session.id, None)

    def _send_members(self, session: Session, data: Json) -> None:
        """GUILD_MEMBERS_CHUNK, developers/events/gateway-events (Request Guild Members)."""
        guild = self.world.guilds.get(str(data.get("guild_id")))
        if guild is None:
            return
        wanted = [str(each) for each in data.get("user_ids") or []]
        query = str(data.get("query") or "").lower()
        found = [
            each
            for each in guild.members.values()
            if (each.id in wanted if wanted else each.user.name.lower().startswith(query))
        ]
        if data.get("limit"):
            found = found[: data["limit"]]
        if not wanted and not query and not session.intents & MEMBERS:
            raise _Closed(4001, "Unknown opcode")
        pages = [found[at : at + MEMBERS_IN_A_CHUNK] for at in range(0, len(found), MEMBERS_IN_A_CHUNK)] or [
            []
        ]
        for number, page in enumerate(pages):
            session.dispatch(
                "GUILD_MEMBERS_CHUNK",
                {
                    "guild_id": guild.id,
                    "members": [payloads.member(each) for each in page],
                    "chunk_index": number,
                    "chunk_count": len(pages),
                    "not_found": [each for each in wanted if each not in guild.members],
                    "nonce": data.get("nonce"),
                },
            )

    async def _watch(self, connection: Connection) -> None:
        """Notes each heartbeat that did not come in time, with a tenth of the interval as tolerance; closes."""
        while True:
            interval = self.heartbeat_seconds
            due = connection.last_heartbeat + max(1.1 * interval, interval + 0.25)
            if (left := due - monotonic()) > 0:
                await asyncio.sleep(left)
                continue
            self.missed_heartbeats.append(connection.session.id if connection.session else "")
            await connection.end(4009, "Session timed out")
            return

    # What a test may do to it.

    def ask_to_reconnect(self) -> None:
        """Op 7 to everyone: the client closes and resumes."""
        for connection in self._connections:
            connection.send_op(RECONNECT, None)

    def ask_for_heartbeat(self) -> None:
        for connection in self._connections:
            connection.send_op(HEARTBEAT, None)

    def drop(self) -> None:
        """Cuts every socket without a close frame. What happens meanwhile waits for RESUME."""
        for connection in list(self._connections):
            if connection.session:
                connection.session.send = None
            connection.cut()

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9 to everyone; unless `resumable`, what a session was told is gone."""
        for connection in self._connections:
            connection.send_op(INVALID_SESSION, resumable)
        if not resumable:
            self.forget_sessions()

    def forget_sessions(self) -> None:
        """The next RESUME is refused with op 9."""
        for connection in self._connections:
            connection.session = None
        self.sessions.clear()

    async def close(self, code: int) -> None:
        """Ends every socket with a code, e.g. 4000, or 1001 as at the server's own end."""
        for connection in list(self._connections):
            await connection.end(code)
