"""What members say, change and take back, and what each of them sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tests.fakes.discord import marks, messages, places, routes_webhooks
from tests.fakes.discord.entities import THREADS, Channel, Kind, Member, Message, Webhook
from tests.fakes.discord.errors import Json
from tests.fakes.discord.messages import Upload
from tests.fakes.discord.permissions import Permission, in_channel, names
from tests.fakes.discord.world import World

Files = Mapping[str, bytes]
READ = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY


class NotPossible(Exception):
    """A person tried what Discord's own client would not let them do."""


class Posts:
    world: World

    def post(
        self,
        member: Member,
        channel: Channel,
        content: str = "",
        *,
        reply_to: Message | None = None,
        files: Files | None = None,
        stickers: Sequence[str] = (),
        poll: Sequence[str] = (),
        at: datetime | None = None,
        nonce: str | None = None,
    ) -> Message:
        """Says something, `at` a moment of the past if given. `poll` is a question and its answers."""
        speaks = Permission.SEND_MESSAGES_IN_THREADS if channel.kind in THREADS else Permission.SEND_MESSAGES
        self._require(member, channel, speaks)
        body: Json = {"content": content, "sticker_ids": list(stickers), "nonce": nonce}
        if reply_to:
            body["message_reference"] = {"message_id": reply_to.id, "channel_id": reply_to.channel.id}
        if poll:
            question, *answers = poll
            asked = [{"poll_media": {"text": each}} for each in answers]
            body["poll"] = {"question": {"text": question}, "answers": asked}
        return self._publish(member, channel, body, files, at)

    def _publish(
        self, member: Member, channel: Channel, body: Json, files: Files | None, at: datetime | None = None
    ) -> Message:
        uploads = [
            Upload(str(number), name, content) for number, (name, content) in enumerate((files or {}).items())
        ]
        message = messages.compose(
            self.world,
            channel,
            member.user,
            body,
            uploads,
            at=self.world.new_id(at) if at else None,
            pings_everyone=bool(self._may(member, channel) & Permission.MENTION_EVERYONE),
        )
        return messages.publish(self.world, message)

    def forward(self, member: Member, message: Message, channel: Channel) -> Message:
        self._require(member, message.channel, READ)
        self._require(member, channel, Permission.SEND_MESSAGES)
        reference = {"type": 1, "message_id": message.id, "channel_id": message.channel.id}
        return self._publish(member, channel, {"message_reference": reference}, None)

    def open_post(
        self, member: Member, forum: Channel, title: str, content: str, *, files: Files | None = None
    ) -> Channel:
        """A forum's post: a thread whose first message has the thread's id."""
        self._require(member, forum, Permission.SEND_MESSAGES)
        thread = places.start_thread(self.world, forum, title, member.user)
        uploads = [
            Upload(str(number), name, each) for number, (name, each) in enumerate((files or {}).items())
        ]
        first = messages.compose(self.world, thread, member.user, {"content": content}, uploads, at=thread.id)
        messages.publish(self.world, first)
        return thread

    def start_thread(
        self,
        member: Member,
        channel: Channel,
        name: str,
        *,
        on: Message | None = None,
        private: bool = False,
    ) -> Channel:
        kind = Kind.PRIVATE_THREAD if private else Kind.PUBLIC_THREAD
        return places.start_thread(self.world, channel, name, member.user, kind=kind, message=on)

    def add_to_thread(self, thread: Channel, member: Member) -> None:
        places.change_thread_members(self.world, thread, member.user, on=True)

    def edit(self, message: Message, content: str, *, keep: Sequence[str] | None = None) -> Message:
        """The author's own edit. `keep` names the attachments that stay; None keeps all."""
        body: Json = {"content": content}
        if keep is not None:
            body["attachments"] = [{"id": each.id} for each in message.attachments if each.name in keep]
        return messages.edit(self.world, message, body, by=message.author)

    def embed_arrives(self, message: Message, embed: Json) -> None:
        """Discord looked a link up: MESSAGE_UPDATE without an edit."""
        message.embeds = [*message.embeds, embed]
        messages.changed(self.world, message)

    def delete(self, message: Message, *, by: Member | None = None) -> None:
        if by:
            self._require(by, message.channel, Permission.MANAGE_MESSAGES)
        messages.delete(self.world, message, by=by.user if by else message.author)

    def bulk_delete(self, found: Iterable[Message], *, by: Member) -> None:
        """By a moderator or another bot; all of one channel."""
        chosen = list(found)
        self._require(by, chosen[0].channel, Permission.MANAGE_MESSAGES)
        messages.bulk_delete(self.world, chosen[0].channel, [each.id for each in chosen], by=by.user)

    def pin(self, member: Member, message: Message, *, on: bool = True) -> None:
        self._require(member, message.channel, Permission.PIN_MESSAGES)
        marks.pin(self.world, message, by=member.user, on=on)

    def react(self, member: Member, message: Message, emoji: str, *, on: bool = True) -> None:
        self._require(member, message.channel, READ)
        marks.react(self.world, message, emoji, member.user, on=on)

    def clear_reactions(self, moderator: Member, message: Message, emoji: str | None = None) -> None:
        self._require(moderator, message.channel, Permission.MANAGE_MESSAGES)
        marks.clear_reactions(self.world, message, moderator.user, emoji)

    def create_webhook(self, channel: Channel, name: str, *, by: Member) -> Webhook:
        """By a person; with `by` a bot, by that application, as PluralKit has one in each channel."""
        application = by.id if by.user.bot else None
        return routes_webhooks.make_webhook(self.world, channel, name, by.user, application)

    def post_by_webhook(self, webhook: Webhook, content: str, *, name: str | None = None) -> Message:
        return routes_webhooks.post(self.world, webhook, {"content": content, "username": name})

    def write_to_bot(self, member: Member, content: str, *, files: Files | None = None) -> Message:
        """A direct message to the bot."""
        return self._publish(member, self.world.direct_channel(member.user), {"content": content}, files)

    # What they see.

    def seen(self, channel: Channel, member: Member) -> list[Message]:
        """What the channel shows a member, ephemeral messages of their own among the others, oldest first."""
        if self._may(member, channel) & READ != READ:
            return []
        own = [each for each in self.ephemerals(member) if each.channel is channel]
        return sorted([*channel.messages.values(), *own], key=lambda message: int(message.id))

    def ephemerals(self, member: Member) -> list[Message]:
        """What only this member sees, in all channels, oldest first."""
        return [each for each in self.world.private.values() if each.only_for == member.id]

    def direct_messages(self, member: Member) -> list[Message]:
        """The conversation with the bot, both sides, oldest first."""
        for channel in self.world.channels.values():
            if channel.recipient is member.user:
                return channel.in_order()
        return []

    def sees(self, member: Member, message: Message) -> bool:
        return any(each is message for each in self.seen(message.channel, member))

    def _may(self, member: Member, channel: Channel) -> int:
        if channel.guild is None:
            return -1 if channel.recipient is member.user else 0
        return in_channel(member, channel, self.world.now())

    def _require(self, member: Member, channel: Channel, needs: int) -> None:
        lacks = int(needs) & ~self._may(member, channel)
        if lacks:
            raise NotPossible(f"{member.name} lacks {', '.join(names(lacks))} in {channel.name}")
