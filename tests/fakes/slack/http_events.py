"""Requests to the app's Request URL, signed: events, what people do, and what a stranger might try.

Sources: docs.slack.dev/authentication/verifying-requests-from-slack, apis/events-api (Retries, URL verification),
interactivity/handling-user-interaction.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack.errors import Json
from tests.fakes.slack.moments import Attempt, Delivery
from tests.fakes.slack.world import World

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """v0 of the documents: HMAC-SHA256 of version, timestamp and body."""
    base = f"v0:{timestamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it goes out; it can be sent again as it is."""

    body: bytes
    headers: dict[str, str]


class HttpEvents:
    """The other way to the app. `url` takes everything, as Bolt's /slack/events does."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.sent: list[Signed] = []
        self._session: aiohttp.ClientSession | None = None

    async def stop(self) -> None:
        if self._session:
            await self._session.close()

    def sign(
        self,
        body: bytes,
        *,
        content_type: str = JSON,
        timestamp: int | None = None,
        secret: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Signed:
        """As Slack would; a test may give another time, in seconds since 1970, or another secret."""
        moment = str(int(time.time()) if timestamp is None else timestamp)
        key = self.world.app.signing_secret if secret is None else secret
        return Signed(
            body,
            {
                "Content-Type": content_type,
                "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                "X-Slack-Request-Timestamp": moment,
                "X-Slack-Signature": signature(key, moment, body),
                **(headers or {}),
            },
        )

    async def post(self, request: Signed) -> tuple[int, str]:
        """HTTP status and body of the app's answer. Raises aiohttp.ClientError, TimeoutError."""
        return (await self._post(request, 10.0))[:2]

    async def verify(self) -> bool:
        """url_verification: whether the app gives the challenge back."""
        challenge = secrets.token_hex(16)
        payload = {"token": self.world.app.verification_token, "challenge": challenge}
        body = json.dumps(payload | {"type": "url_verification"}).encode()
        status, answer = await self.post(self.sign(body))
        return status == 200 and challenge in answer

    async def send(self, delivery: Delivery, attempt: Attempt, patience: float) -> None:
        """Fills in how the attempt went."""
        request = self._request(delivery, attempt)
        self.sent.append(request)
        try:
            status, answer, headers = await self._post(request, patience)
        except TimeoutError:
            attempt.failure = "http_timeout"
            return
        except aiohttp.TooManyRedirects:
            attempt.failure = "too_many_redirects"
            return
        except aiohttp.ClientError:
            attempt.failure = "connection_failed"
            return
        attempt.status = status
        if not 200 <= status < 300:
            attempt.failure = "http_error"
            attempt.no_retry = headers.get("X-Slack-No-Retry") == "1"
            return
        attempt.acknowledged_at = time.monotonic()
        attempt.response = _read(answer, headers.get("Content-Type", ""))

    def _request(self, delivery: Delivery, attempt: Attempt) -> Signed:
        if delivery.kind == "events_api":
            retry = {"X-Slack-Retry-Num": str(attempt.number), "X-Slack-Retry-Reason": attempt.reason}
            body = json.dumps(delivery.payload).encode()
            return self.sign(body, headers=retry if attempt.number else None)
        if delivery.kind == "slash_commands":
            return self.sign(urlencode(delivery.payload).encode(), content_type=FORM)
        form = urlencode({"payload": json.dumps(delivery.payload)})
        return self.sign(form.encode(), content_type=FORM)

    async def _post(self, request: Signed, patience: float) -> tuple[int, str, dict[str, str]]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=patience)
        async with self._session.post(
            self.url, data=request.body, headers=request.headers, timeout=limit, max_redirects=2
        ) as answer:
            return answer.status, await answer.text(), dict(answer.headers)


def _read(answer: str, content_type: str) -> Json | None:
    """The answer to a command or a form; plain text is a message."""
    if not answer:
        return None
    if content_type.startswith(JSON) or answer.startswith("{"):
        found = json.loads(answer)
        return found if isinstance(found, dict) else None
    return {"text": answer}
