"""What discord.py tells becomes our own types: ids to text, times to UTC, mentions to names. Pure.

A Discord thread is a channel of its own with an id of its own: that of the message that it hangs on, in a forum that of its first
post. So our `channel` is always the thread's parent, and our `thread` is the thread's id: None on the message with that very id
(it is the root, wherever it stands), and in a thread that hangs on no message the id of a root that does not exist.

Kinds, names and what hangs on a message are chosen as in exported history (bot/history/discord_messages.py). Other than there,
roles are named by id and by name, a poll has its answers, and an edit has a revision.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.discord.markup import Named, NameOf, decode, mentioned
from moderation.messages import Attachment, Author, Channel, Kind, Message, MessageKey, Platform

Room = discord.TextChannel | discord.ForumChannel | discord.VoiceChannel | discord.StageChannel
"""Channels of a server in which people write; media channels are forums, announcement channels are text channels."""

HIGHEST_REVISION = 2**31 - 1
_POSTED = (discord.MessageType.default, discord.MessageType.reply)
_BY_APPS = (discord.MessageType.chat_input_command, discord.MessageType.context_menu_command)
_LONGEST_ID = 20
_TITLE = 200


@dataclass(frozen=True, slots=True)
class PostedIn:
    """Where messages stand: `channel` is never a thread, `thread` is the thread's id where they stand in one."""

    community: str
    channel: str
    channel_name: str
    thread: str | None = None

    def key(self, message: int) -> MessageKey:
        """The key of a message here, of which an event (a deletion) may tell the id alone."""
        return MessageKey(Platform.DISCORD, self.community, self.channel, str(message))


def posted_in(channel: object) -> PostedIn | None:
    """Where the messages of a discord.py channel stand.

    None for private channels and private threads, which are not read, and for a PartialMessageable: discord.py does not know whether
    that is a thread, so it must be fetched.
    """
    if isinstance(channel, discord.Thread):
        if channel.is_private():
            return None
        parent, parent_id = channel.parent, str(channel.parent_id)
        name = parent.name if parent is not None else parent_id
        return PostedIn(str(channel.guild.id), parent_id, name, str(channel.id))
    if isinstance(channel, Room):
        return PostedIn(str(channel.guild.id), str(channel.id), channel.name)
    return None


def rooms_of(guild: discord.Guild) -> list[Room]:
    """The channels in which people write, whether or not the bot can see them; no categories."""
    return [channel for channel in guild.channels if isinstance(channel, Room)]


def channels_of(guild: discord.Guild) -> list[Channel]:
    """The channels in which people write and that the bot can see, in the order of their positions."""
    seen = [room for room in rooms_of(guild) if _can_read(room)]
    return [
        Channel(str(room.id), room.name, decode(_topic(room), _names_in(guild, ())))
        for room in sorted(seen, key=lambda room: (room.position, room.id))
    ]


def message_from(message: discord.Message, where: PostedIn) -> Message:
    """The message at its present revision, with `where` by posted_in.

    Of a RawMessageUpdateEvent give `message`: it is whole, whether or not the message was cached.
    """
    return Message(
        where.key(message.id),
        author_from(message.author),
        text_of(message),
        message.created_at,
        where.channel_name,
        revision=revision_of(message),
        kind=_kind(message),
        thread=where.thread if where.thread != str(message.id) else None,
        reply_to=_reply_to(message),
        mentions=_mentions(message),
        attachments=_attachments(message),
    )


def text_of(message: discord.Message) -> str:
    """What people see, from wherever it is: the text, else a forwarded message's, else a preview's."""
    forwarded = next((snapshot.content for snapshot in message.message_snapshots), "")
    said = message.content or forwarded or _previews(message.embeds)
    return decode(said, _names_in(message.guild, message.mentions))


def author_from(author: discord.User | discord.Member) -> Author:
    """The author by the name that this server shows. A User (who left, or from history) has no roles that we could know."""
    roles = (
        author.roles[:0:-1] if isinstance(author, discord.Member) else []
    )  # all but @everyone, highest first
    named = (each for role in roles for each in (str(role.id), role.name))
    return Author(str(author.id), author.display_name, author.bot, tuple(named))


def revision_of(message: discord.Message) -> int:
    """The revision of a message as it is now."""
    return revision_at(message.created_at, message.edited_at)


def revision_at(posted_at: datetime, edited_at: datetime | None) -> int:
    """0 if never edited, else the tenths of a second from posting to the edit that have begun, at least 1.

    Edits a tenth of a second apart differ, up to 6.8 years after posting: from there on it stays the highest number of 32 bits.
    """
    if edited_at is None:
        return 0
    return min(max((edited_at - posted_at) // timedelta(milliseconds=100), 0) + 1, HIGHEST_REVISION)


# --- who and what ----------------------------------------------------------------------------------------------


def _kind(message: discord.Message) -> Kind:
    """A proxy (PluralKit), a crosspost and our own copies are webhooks; our own posts are a bot's."""
    if message.type is discord.MessageType.new_member:
        return Kind.JOIN
    if message.type in _BY_APPS:
        return Kind.BOT
    if message.type not in _POSTED:
        return Kind.SYSTEM
    by_machine = message.author.bot or message.webhook_id is not None or message.application_id is not None
    return Kind.BOT if by_machine else Kind.POST


def _reply_to(message: discord.Message) -> str | None:
    """The message answered. A forward, a pin and a crosspost carry a reference too but answer nothing."""
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None or reference.message_id is None:
        return None
    return str(reference.message_id)


def _mentions(message: discord.Message) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(str(each.id) for each in message.mentions), *mentioned(message.content)]))


def _names_in(guild: discord.Guild | None, people: Sequence[discord.User | discord.Member]) -> NameOf:
    """Names by what is known of the server and of `people`, who were told with the message."""
    told = {str(each.id): each.display_name for each in people}

    def name_of(named: Named, identity: str) -> str | None:
        if guild is None or len(identity) > _LONGEST_ID:
            return told.get(identity)
        if named is Named.CHANNEL:
            channel = guild.get_channel_or_thread(int(identity))
            return channel.name if channel is not None else None
        if named is Named.ROLE:
            role = guild.get_role(int(identity))
            return role.name if role is not None else None
        member = guild.get_member(int(identity))
        return member.display_name if member is not None else told.get(identity)

    return name_of


# --- what is said and what hangs on it -------------------------------------------------------------------------


def _previews(embeds: Sequence[discord.Embed]) -> str:
    return "\n".join(text for embed in embeds for text in (embed.title, embed.description) if text)


def _attachments(message: discord.Message) -> tuple[Attachment, ...]:
    found = _hanging(message)
    name_of = _names_in(message.guild, message.mentions)
    for snapshot in message.message_snapshots:
        said = decode(snapshot.content, name_of)[:_TITLE]
        found += [Attachment(said or "forward", "forward"), *_hanging(snapshot)]
    if message.poll is not None:
        found.append(Attachment(_poll(message.poll), "poll"))
    return tuple(found)


def _hanging(post: discord.Message | discord.MessageSnapshot) -> list[Attachment]:
    """Files, stickers and previews of a message or of one forwarded."""
    stickers = [Attachment(each.name or "sticker", "sticker", each.url) for each in post.stickers]
    return [_file(each) for each in post.attachments] + stickers + [_embed(each) for each in post.embeds]


def _file(file: discord.Attachment) -> Attachment:
    """A file without the signature of its address, which is good for a day."""
    family = (mimetypes.guess_type(f"x.{file.filename.rpartition('.')[2]}")[0] or "").partition("/")[0]
    kind = family if family in {"image", "video", "audio"} else "file"
    return Attachment(file.filename or str(file.id), kind, file.url.partition("?")[0])


def _embed(embed: discord.Embed) -> Attachment:
    title, url = embed.title or embed.description or embed.author.name or "", embed.url or ""
    return Attachment(title[:_TITLE] or url or "embed", "embed", url)


def _poll(poll: discord.Poll) -> str:
    """A poll in one line: `Lunch? (Soup / Salad)`."""
    answers = " / ".join(answer.text for answer in poll.answers if answer.text)
    return f"{poll.question or 'poll'} ({answers})" if answers else poll.question or "poll"


# --- channels --------------------------------------------------------------------------------------------------


def _topic(room: Room) -> str:
    return "" if isinstance(room, discord.VoiceChannel) else room.topic or ""


def _can_read(room: Room) -> bool:
    """Whether the bot sees what is written there; the text of a voice channel only who may join it."""
    may = room.permissions_for(room.guild.me)
    is_voice = isinstance(room, discord.VoiceChannel | discord.StageChannel)
    return may.read_messages and (may.connect or not is_voice)
