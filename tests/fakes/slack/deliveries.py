"""How events and what people do reach the app: attempts, repetitions, and what is never sent.

Sources: docs.slack.dev/apis/events-api (Responding to events, Retries, Event payloads), reference/events/app_rate_limited.
Events that came while no socket was open are repeated as well: vercel/chat#666.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import timedelta
from typing import Protocol

from tests.fakes.slack import payloads
from tests.fakes.slack.entities import Kind, Workspace
from tests.fakes.slack.errors import Json
from tests.fakes.slack.moments import Attempt, Delivery
from tests.fakes.slack.world import Event, World

PAUSES = (timedelta(), timedelta(), timedelta(minutes=1), timedelta(minutes=5))  # before each attempt
MOST_AN_HOUR = 30_000
SUBSCRIPTIONS = {
    Kind.PUBLIC: "message.channels",
    Kind.PRIVATE: "message.groups",
    Kind.DIRECT: "message.im",
    Kind.GROUP_DIRECT: "message.mpim",
}


class Way(Protocol):
    """Socket Mode, or HTTP."""

    async def send(self, delivery: Delivery, attempt: Attempt, patience: float) -> None:
        """Tries once and fills in how it went; waits at most `patience` seconds for the acknowledgement."""


class Deliveries:
    """Everything that was sent to the app, oldest first in `all`."""

    def __init__(self, world: World, way: Way) -> None:
        self.world = world
        self.way = way
        self.all: list[Delivery] = []
        self.lost: list[Json] = []  # payloads that were never sent
        self.patience = 3.0  # seconds until an attempt counts as failed
        self.most_an_hour = MOST_AN_HOUR
        self._to_lose = 0
        self._limited: set[str] = set()  # ids of workspaces
        self._hours: dict[tuple[str, int], int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        world.listeners.append(self._tell)

    # What tests order and ask.

    def events(self, kind: str = "") -> list[Delivery]:
        """Those of the Events API; `kind` is the inner type, with a dot and the subtype if it has one."""
        found = [each for each in self.all if each.kind == "events_api"]
        return [each for each in found if not kind or _kind(each.payload) == kind]

    def unacknowledged(self) -> list[Delivery]:
        return [each for each in self.all if not each.acknowledged]

    def lose_next(self, times: int = 1) -> None:
        """So many events are never sent: what only the history tells then."""
        self._to_lose = times

    def limit(self, workspace: Workspace) -> None:
        """Tells the app that it gets too many events, and sends it no more of that workspace until `resume`."""
        self._limited.add(workspace.id)
        minute = payloads.stamp(self.world.now()) // 60 * 60
        payload: Json = {"type": "app_rate_limited", "token": self.world.app.verification_token}
        payload |= {"team_id": workspace.id, "minute_rate_limited": minute, "api_app_id": self.world.app.id}
        self._start(Delivery(f"limited-{minute}", "events_api", payload))

    def resume(self, workspace: Workspace) -> None:
        self._limited.discard(workspace.id)

    async def repeat(self, delivery: Delivery, times: int = 1) -> None:
        """Sends the same once more, or often, as if its acknowledgement had been lost. Waits for the answers."""
        first = len(delivery.attempts)
        numbers = range(first, first + times)
        await asyncio.gather(*(self._try(delivery, number, "timeout") for number in numbers))

    async def quiet(self) -> None:
        """Returns when no attempt is under way and none is due before its time."""
        while any(not each.attempts or _is_open(each.attempts[-1]) for each in self.all):  # noqa: ASYNC110 - state tells nobody
            await asyncio.sleep(0.002)

    async def ask(self, kind: str, payload: Json, *, accepts_response: bool = False) -> Delivery:
        """Brings what a person did; once, for nobody repeats that."""
        delivery = Delivery(str(uuid.uuid4()), kind, payload, accepts_response)
        self.all.append(delivery)
        await self._try(delivery, 0, "")
        return delivery

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # How events are sent.

    def _tell(self, event: Event) -> None:
        workspace = self._receiver(event)
        if workspace is None:
            return
        payload = self._wrapped(event, workspace)
        hour = (workspace.id, payloads.stamp(self.world.now()) // 3600)
        self._hours[hour] = self._hours.get(hour, 0) + 1
        if self._hours[hour] == self.most_an_hour + 1:
            self.limit(workspace)
        is_lost = self._to_lose > 0
        self._to_lose -= is_lost
        if is_lost or workspace.id in self._limited or self._hours[hour] > self.most_an_hour:
            self.lost.append(payload)
            return
        self._start(Delivery(payload["event_id"], "events_api", payload))

    def _receiver(self, event: Event) -> Workspace | None:
        """The workspace for whose installation the app is told; None where it may not know."""
        wanted, subscribed = event.data["type"], self.world.app.bot_events
        if wanted == "message" and event.channel:
            wanted = SUBSCRIPTIONS[event.channel.kind]
        if subscribed is not None and wanted not in subscribed:
            return None
        for workspace in event.channel.workspaces if event.channel else [event.workspace]:
            token, bot = self.world.installation(workspace), workspace.bot
            if bot is None or (event.scope and (token is None or event.scope not in token.scopes)):
                continue
            if event.channel is None or event.everyone or bot.id in event.channel.members:
                return workspace
        return None

    def _wrapped(self, event: Event, workspace: Workspace) -> Json:
        bot = workspace.bot
        shared = bool(event.channel and event.channel.shared_with)
        own = {"enterprise_id": workspace.enterprise_id, "team_id": workspace.id, "is_bot": True}
        own |= {"user_id": bot.id if bot else "", "is_enterprise_install": False}
        payload: Json = {
            "token": self.world.app.verification_token,
            "team_id": workspace.id,
            "context_team_id": workspace.id,
            "context_enterprise_id": workspace.enterprise_id,
            "api_app_id": self.world.app.id,
            "event": event.data,
            "type": "event_callback",
            "event_id": self.world.new_id("Ev"),
            "event_time": payloads.stamp(self.world.now()),
            "authorizations": [own],
            "is_ext_shared_channel": shared,
            "event_context": f"4-{uuid.uuid4().hex}",
        }
        return payload | {"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else payload

    def _start(self, delivery: Delivery) -> None:
        self.all.append(delivery)
        task = asyncio.get_running_loop().create_task(self._bring(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bring(self, delivery: Delivery) -> None:
        """The first attempt and its repetitions, each after the failure of the one before."""
        reason = ""
        for number, pause in enumerate(PAUSES):
            await self.world.reached(self.world.now() + pause)
            attempt = await self._try(delivery, number, reason)
            if not attempt.failure or attempt.no_retry:
                return
            reason = attempt.failure

    async def _try(self, delivery: Delivery, number: int, reason: str) -> Attempt:
        attempt = Attempt(number, reason, time.monotonic())
        delivery.attempts.append(attempt)
        await self.way.send(delivery, attempt, self.patience)
        return attempt


def _kind(payload: Json) -> str:
    inner = payload.get("event", {})
    return ".".join(each for each in (inner.get("type"), inner.get("subtype")) if each)


def _is_open(attempt: Attempt) -> bool:
    return attempt.acknowledged_at is None and not attempt.failure
