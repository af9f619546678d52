"""The platform's state, its clock, and the two streams that come out of it: events for the app, a journal for tests."""

from __future__ import annotations

import asyncio
import mimetypes
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.fakes.slack.app import App
from tests.fakes.slack.entities import Channel, File, Kind, Message, Token, User, View, Workspace
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.moments import Interaction, ResponseUrl, Trigger


@dataclass(frozen=True, slots=True)
class Event:
    """Something the app is told of if it may know it.

    `data` is the inner event. `channel` limits it to an app that is in it, unless `everyone`; `scope` is one that
    the installation must have, empty for none.
    """

    data: Json
    workspace: Workspace
    channel: Channel | None = None
    scope: str = ""
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the journal: what really happened, once each, in order, whoever was told of it."""

    number: int
    what: str  # e.g. message created
    by: str  # a user's id
    id: str  # of what it happened to: the ts of a message, else an id
    channel_id: str = ""
    detail: Json = field(default_factory=dict)


class World:
    """Workspaces, channels, people, messages, files, views and tokens of one platform with one app of ours."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._ahead = timedelta()
        self._moved = asyncio.Event()
        self._last_ts = (0, 0)
        self._count = 0
        self.url = ""  # set when the server knows its port
        self.trigger_seconds = 3.0  # how long a trigger_id lives
        self.customised_posts_stay = False  # True: chat.delete refuses posts with a name of their own
        self.app = App(self.new_id("A"))
        self.workspaces: dict[str, Workspace] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, Json] = {}  # of OAuth, with what was allowed
        self.ephemerals: list[Message] = []
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[View]] = {}  # by user: those open, the uppermost last
        self.homes: dict[str, View] = {}  # by user
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.interactions: list[Interaction] = []
        self.journal: list[Change] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.app.token = self.new_token("app", frozenset({"connections:write"})).value

    def now(self) -> datetime:
        return self._clock() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Lets time pass: retries come due, links and triggers expire."""
        self._ahead += by
        self._moved.set()
        self._moved = asyncio.Event()

    async def reached(self, moment: datetime) -> None:
        """Returns once it is that late, by the clock of this world."""
        while (left := (moment - self.now()).total_seconds()) > 0:
            moved = self._moved
            try:
                async with asyncio.timeout(left):
                    await moved.wait()
            except TimeoutError:
                continue

    def new_id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}0{self._count:08X}"

    def new_ts(self, at: datetime | None = None) -> str:
        """Unique and rising; for a moment of the past, the first free one from then on."""
        moment = at or self.now()
        number = int(moment.timestamp()), moment.microsecond
        if at is None:
            number = self._last_ts = max(number, _next(self._last_ts))
            return _written(number)
        taken = {ts for channel in self.channels.values() for ts in channel.messages}
        while _written(number) in taken:
            number = _next(number)
        self._last_ts = max(self._last_ts, number)
        return _written(number)

    def new_token(
        self, kind: str, scopes: frozenset[str], user: User | None = None, workspace: Workspace | None = None
    ) -> Token:
        prefix = {"bot": "xoxb", "user": "xoxp", "app": "xapp-1"}[kind]
        token = Token(f"{prefix}-{secrets.token_hex(16)}", kind, scopes, user, workspace)
        self.tokens[token.value] = token
        return token

    def new_user(self, workspace: Workspace, name: str, *, bot: bool = False) -> User:
        user = User(self.new_id("U"), name, workspace, name.title())
        if bot:
            user.bot_id = self.new_id("B")
        self.users[user.id] = workspace.members[user.id] = user
        return user

    def new_channel(
        self, workspace: Workspace, kind: Kind, name: str, creator: User, members: list[User]
    ) -> Channel:
        prefix = "D" if kind is Kind.DIRECT else "C"
        channel = Channel(self.new_id(prefix), kind, name, workspace, creator.id, self.now())
        channel.members = {each.id: self.now() for each in members}
        self.channels[channel.id] = channel
        return channel

    def keep_file(self, name: str, content: bytes, owner: User) -> File:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = File(self.new_id("F"), name, content, owner, self.now(), name, kind)
        self.files[file.id] = file
        return file

    def tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    def note(
        self, what: str, by: User | None, subject: str, *, channel: Channel | None = None, **detail: object
    ) -> None:
        number = len(self.journal) + 1
        place = channel.id if channel else ""
        self.journal.append(Change(number, what, by.id if by else "", subject, place, detail))

    def direct_channel(self, one: User, other: User) -> Channel:
        """The conversation of two, made where there is none."""
        for channel in self.channels.values():
            if channel.kind is Kind.DIRECT and set(channel.members) == {one.id, other.id}:
                return channel
        return self.new_channel(one.workspace, Kind.DIRECT, "", one, [one, other])

    def message(self, channel: Channel, ts: str, error: str = "message_not_found") -> Message:
        """Raises SlackError where it is not there (any more)."""
        try:
            return channel.messages[ts]
        except KeyError:
            raise SlackError(error) from None

    def installation(self, workspace: Workspace) -> Token | None:
        """The app's bot token there that still works."""
        token = self.tokens.get(workspace.bot_token)
        return token if token and not token.revoked else None


def _next(number: tuple[int, int]) -> tuple[int, int]:
    seconds, micro = number
    return (seconds + 1, 0) if micro == 999_999 else (seconds, micro + 1)


def _written(number: tuple[int, int]) -> str:
    return f"{number[0]}.{number[1]:06d}"
