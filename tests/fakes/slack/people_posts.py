"""What members say, change and take back, and what each of them sees."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from tests.fakes.slack import marks, messages
from tests.fakes.slack.entities import Channel, Kind, Message, User, View
from tests.fakes.slack.errors import Json
from tests.fakes.slack.typed import as_stored, rich_text
from tests.fakes.slack.world import World

Files = Mapping[str, bytes]


class NotPossible(Exception):
    """A person tried what Slack's own client would not let them do."""


class Posts:
    world: World

    def post(
        self,
        user: User,
        channel: Channel,
        text: str = "",
        *,
        files: Files | None = None,
        at: datetime | None = None,
    ) -> Message:
        """Says something as typed, `at` a moment of the past if given. Mentions are written <@U...>."""
        return self._say(user, channel, text, files=files, at=at)

    def reply(
        self, user: User, to: Message, text: str, *, broadcast: bool = False, files: Files | None = None
    ) -> Message:
        """In the thread of `to`; with `broadcast` sent to the channel as well."""
        parent = to.thread_ts or to.ts
        if parent not in to.channel.messages:
            raise NotPossible("that thread is gone")
        return self._say(user, to.channel, text, files=files, thread_ts=parent, broadcast=broadcast)

    def _say(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        files: Files | None,
        at: datetime | None = None,
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Message:
        self._require(user, channel)
        message = Message(self.world.new_ts(at), channel, user, as_stored(text))
        message.blocks = rich_text(message.text)
        message.files = [self.world.keep_file(name, each, user) for name, each in (files or {}).items()]
        message.client_msg_id = str(uuid.uuid4())
        message.thread_ts, message.broadcast = thread_ts, broadcast
        return messages.publish(self.world, message)

    def post_as_app(self, user: User, channel: Channel, text: str, *, name: str | None = None) -> Message:
        """By another app, whose bot is `user`; with `name` under a name of its own, as integrations do."""
        message = Message(self.world.new_ts(), channel, user, text, "bot_message" if name else "")
        message.username = name
        return messages.publish(self.world, message)

    def edit(self, message: Message, text: str) -> None:
        """The author's own edit."""
        self._require(message.user, message.channel)
        stored = as_stored(text)
        messages.edit(self.world, message, message.user, text=stored, blocks=rich_text(stored))

    def preview_arrives(self, message: Message, attachment: Json) -> None:
        """Slack looked a link up: message_changed without an edit."""
        messages.preview_arrives(self.world, message, attachment)

    def delete(self, message: Message, *, by: User | None = None) -> None:
        """By the author, or by an admin."""
        if by and by is not message.user and not (by.is_admin or by.is_owner):
            raise NotPossible(f"{by.name} is no admin")
        messages.delete(self.world, message, by or message.user)

    def pin(self, user: User, message: Message, *, on: bool = True) -> None:
        self._require(user, message.channel)
        marks.pin(self.world, message, user, on=on)

    def react(self, user: User, message: Message, name: str, *, on: bool = True) -> None:
        self._require(user, message.channel)
        marks.react(self.world, message, name, user, on=on)

    def write_to_bot(self, user: User, text: str, *, files: Files | None = None) -> Message:
        """A direct message to the app."""
        if not self.world.app.messages_tab:
            raise NotPossible("this app takes no messages")
        return self._say(user, self._with_bot(user), text, files=files)

    def set_presence(self, user: User, *, active: bool) -> None:
        user.active = active

    def reload(self, user: User) -> None:
        """Starts Slack anew, or takes another device: what was ephemeral is gone."""
        self.world.ephemerals = [each for each in self.world.ephemerals if each.only_for != user.id]

    # What they see.

    def seen(self, channel: Channel, user: User) -> list[Message]:
        """What the channel shows a member, their own ephemeral messages among the others, oldest first."""
        if not self._may_see(user, channel):
            return []
        own = [each for each in self.ephemerals(user) if each.channel is channel and not each.thread_ts]
        return sorted([*channel.top_level(), *own], key=lambda message: message.ts)

    def thread(self, parent: Message, user: User) -> list[Message]:
        """The parent, its replies, and what is ephemeral there."""
        if not self._may_see(user, parent.channel):
            return []
        own = [
            each
            for each in self.ephemerals(user)
            if each.channel is parent.channel and each.thread_ts == parent.ts
        ]
        first = parent.channel.messages.get(parent.ts)
        replies = sorted([*parent.channel.replies(parent), *own], key=lambda message: message.ts)
        return [first, *replies] if first else replies

    def ephemerals(self, user: User) -> list[Message]:
        """What only this person sees, in all channels, oldest first."""
        return [
            each
            for each in self.world.ephemerals
            if each.only_for == user.id and each.shown and user.id in each.channel.members
        ]

    def direct_messages(self, user: User) -> list[Message]:
        """The conversation with the app, both sides, oldest first."""
        return self._with_bot(user).in_order() if user.workspace.bot else []

    def home(self, user: User) -> View | None:
        """What the app last published for this person's Home tab."""
        return self.world.homes.get(user.id)

    def modal(self, user: User) -> View | None:
        """The uppermost modal that is open before this person."""
        return next((each for each in reversed(self.world.modals.get(user.id, []))), None)

    def sees(self, user: User, message: Message) -> bool:
        if message.only_for is not None:
            return message in self.ephemerals(user)
        is_there = message.channel.messages.get(message.ts) is message
        return is_there and self._may_see(user, message.channel)

    def read(self, where: Message | View) -> str:
        """All that it says, blocks included, as it is shown."""
        return messages.words(where)

    def _may_see(self, user: User, channel: Channel) -> bool:
        if user.deactivated:
            return False
        open_to = channel.kind is Kind.PUBLIC and user.workspace in channel.workspaces and not user.is_guest
        return user.id in channel.members or open_to

    def _with_bot(self, user: User) -> Channel:
        if user.workspace.bot is None:
            raise NotPossible("the app is not installed")
        return self.world.direct_channel(user, user.workspace.bot)

    def _require(self, user: User, channel: Channel) -> None:
        if user.deactivated or user.id not in channel.members:
            raise NotPossible(f"{user.name} is not in {channel.name}")
        if channel.archived:
            raise NotPossible(f"{channel.name} is archived")
