"""What happens to messages: made, changed, deleted; each with its event and its journal line.

Sources: developers/resources/message (Create, Edit, Delete, Bulk Delete Message, Allowed Mentions),
developers/events/gateway-events (Messages), developers/topics/threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tests.fakes.discord import message_payloads, payloads
from tests.fakes.discord.entities import Attachment, Channel, Flag, Message, Type, User
from tests.fakes.discord.errors import ApiError, Json, invalid
from tests.fakes.discord.world import Event, World, time_of

# Gateway intents, developers/events/gateway (List of Intents).
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12
MEBIBYTE = 1024 * 1024
MOST_IN_A_FILE, MOST_IN_A_REQUEST = 10 * MEBIBYTE, 25 * MEBIBYTE
EDITABLE_FLAGS = Flag.SUPPRESS_EMBEDS | Flag.COMPONENTS_V2
SENDABLE_FLAGS = EDITABLE_FLAGS | Flag.SUPPRESS_NOTIFICATIONS


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart body; `field` is its number in files[0]."""

    field: str
    name: str
    content: bytes


def compose(
    world: World,
    channel: Channel,
    author: User,
    body: Json,
    uploads: Sequence[Upload] = (),
    *,
    type: Type = Type.DEFAULT,  # noqa: A002 - Discord's own name for it
    at: str | None = None,
    pings_everyone: bool = True,
) -> Message:
    """A message that is nowhere yet. `at` is its id, for one of the past. Raises ApiError 40005, 50006, 50035."""
    message = Message(at or world.new_id(), channel, author, type=type)
    message.content = body.get("content") or ""
    message.embeds = [{"type": "rich"} | embed for embed in body.get("embeds") or []]
    message.components = body.get("components") or []
    message.flags = (body.get("flags") or 0) & SENDABLE_FLAGS
    message.nonce = None if body.get("nonce") is None else str(body["nonce"])
    message.stickers = [
        {"id": str(each), "name": f"sticker {each}", "format_type": 1}
        for each in body.get("sticker_ids") or []
    ]
    message.attachments = _attached(world, body.get("attachments"), uploads)
    if body.get("poll"):
        message.poll = _poll(message.id, body["poll"])
    replied = _refer(world, message, body.get("message_reference"))
    mention(world, message, body.get("allowed_mentions"), replied, pings_everyone=pings_everyone)
    if is_empty(message):
        raise ApiError(400, 50006)
    return message


def is_empty(message: Message) -> bool:
    return not (
        message.content.strip()
        or message.embeds
        or message.components
        or message.attachments
        or message.stickers
        or message.poll
        or message.snapshots
    )


def _attached(
    world: World, said: list[Json] | None, uploads: Sequence[Upload], had: Sequence[Attachment] = ()
) -> list[Attachment]:
    """What stays of before (its id is said again), then what is new."""
    if sum(len(each.content) for each in uploads) > MOST_IN_A_REQUEST or any(
        len(each.content) > MOST_IN_A_FILE for each in uploads
    ):
        raise ApiError(413, 40005)
    named = {str(each["id"]): each for each in said or []}
    kept = [each for each in had if said is None or each.id in named]
    made = []
    for upload in uploads:
        given = named.get(upload.field, {})
        name = given.get("filename") or upload.name
        made.append(world.keep_file(name, upload.content, given.get("description")))
    unknown = named.keys() - {each.id for each in had} - {each.field for each in uploads}
    if unknown:
        raise invalid("attachments", "ATTACHMENT_NOT_FOUND", f"Attachment data {sorted(unknown)} not found.")
    return kept + made


def _poll(message_id: str, asked: Json) -> Json:
    hours = asked.get("duration") or 24
    return {
        "question": asked["question"],
        "answers": [
            {"answer_id": number, "poll_media": each["poll_media"]}
            for number, each in enumerate(asked["answers"], 1)
        ],
        "expiry": payloads.stamp(time_of(message_id).replace(microsecond=0) + timedelta(hours=hours)),
        "allow_multiselect": bool(asked.get("allow_multiselect")),
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }


def _refer(world: World, message: Message, asked: Json | None) -> Message | None:
    """Sets what it replies to or forwards; gives the message replied to. Raises ApiError 50035, 50001."""
    if not asked:
        return None
    channel = world.channels.get(str(asked.get("channel_id") or message.channel.id))
    found = channel.messages.get(str(asked["message_id"])) if channel else None
    if found is None or channel is None:
        if asked.get("fail_if_not_exists", True):
            raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None
    message.reference = {"type": asked.get("type") or 0, "message_id": found.id, "channel_id": channel.id}
    if channel.guild:
        message.reference["guild_id"] = channel.guild.id
    if not asked.get("type"):
        message.type = Type.REPLY
        return found
    if found.poll:
        raise invalid("message_reference", "MESSAGE_REFERENCE_INVALID", "This message cannot be forwarded")
    message.flags |= Flag.HAS_SNAPSHOT
    message.snapshots = [{"message": _snapshot(world, found)}]
    return None


def _snapshot(world: World, of: Message) -> Json:
    """What a forward shows: no author, developers/resources/message (Message Snapshot Object)."""
    keys = "type content embeds attachments timestamp edited_timestamp flags mentions mention_roles sticker_items components"
    whole = message_payloads.message(world, of, with_reference=False)
    return {key: whole[key] for key in keys.split() if key in whole}


def mention(
    world: World,
    message: Message,
    allowed: Json | None,
    replied: Message | None = None,
    *,
    pings_everyone: bool = True,
) -> None:
    """Whom it pings: those whom its text names and whom `allowed_mentions` lets through."""
    everything: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}
    rules = everything if allowed is None else allowed
    parse = rules.get("parse") or []
    users = [str(each) for each in rules.get("users") or []]
    roles = [str(each) for each in rules.get("roles") or []]
    message.mentions = [
        world.users[each]
        for each in dict.fromkeys(re.findall(r"<@!?(\d+)>", message.content))
        if each in world.users and ("users" in parse or each in users)
    ]
    if replied and rules.get("replied_user") and replied.author.id in world.users:
        message.mentions += [replied.author] if replied.author not in message.mentions else []
    known = message.channel.guild.roles if message.channel.guild else {}
    message.mention_roles = [
        each
        for each in dict.fromkeys(re.findall(r"<@&(\d+)>", message.content))
        if each in known
        and ("roles" in parse or each in roles)
        and (pings_everyone or known[each].mentionable)
    ]
    message.mention_everyone = (
        pings_everyone and "everyone" in parse and bool(re.search(r"@(everyone|here)", message.content))
    )


def publish(world: World, message: Message, *, reason: str | None = None) -> Message:
    """Puts it into its channel, or before the one who may read it, and tells everybody who may know."""
    channel = message.channel
    if message.only_for:
        world.private[message.id] = message
        world.note("ephemeral created", message.author.id, message.id, channel=channel, to=message.only_for)
        return message
    if channel.thread:
        wake(world, channel)
        channel.thread.total_sent += 1
        channel.thread.members.setdefault(message.author.id, world.now())
    channel.messages[message.id] = message
    channel.last_message_id = message.id
    detail = {"webhook": message.webhook_id, "text": message.content}
    world.note("message created", message.author.id, message.id, channel=channel, reason=reason, **detail)
    _tell(world, "MESSAGE_CREATE", message)
    return message


def wake(world: World, thread: Channel) -> None:
    """A message in an archived thread brings it back."""
    if thread.thread and thread.thread.archived:
        thread.thread.archived = False
        thread.thread.archived_at = world.now()
        tell_thread(world, "THREAD_UPDATE", thread)


def tell_thread(world: World, name: str, thread: Channel, **more: object) -> None:
    world.tell(Event(name, payloads.thread(world, thread) | more, thread.guild, thread, GUILDS))


def _tell(world: World, name: str, message: Message) -> None:
    channel = message.channel
    intent = GUILD_MESSAGES if channel.guild else DIRECT_MESSAGES
    world.tell(
        Event(
            name,
            message_payloads.message_event(world, message),
            channel.guild,
            channel,
            intent,
            message=message,
        )
    )


def edit(world: World, message: Message, body: Json, uploads: Sequence[Upload] = (), *, by: User) -> Message:
    """Changes what `body` names and leaves the rest. Raises ApiError 50006."""
    if "content" in body:
        message.content = body["content"] or ""
        mention(world, message, body.get("allowed_mentions"))
    if "embeds" in body:
        message.embeds = [{"type": "rich"} | embed for embed in body["embeds"] or []]
    if "components" in body:
        message.components = body["components"] or []
    if "attachments" in body or uploads:
        message.attachments = _attached(world, body.get("attachments"), uploads, message.attachments)
    if body.get("flags") is not None:
        message.flags = message.flags & ~EDITABLE_FLAGS | body["flags"] & EDITABLE_FLAGS
    if is_empty(message):
        raise ApiError(400, 50006)
    message.flags &= ~Flag.LOADING
    message.edited_at = world.now()
    world.note(
        "message edited" if not message.only_for else "ephemeral edited",
        by.id,
        message.id,
        channel=message.channel,
        text=message.content,
    )
    changed(world, message)
    return message


def changed(world: World, message: Message) -> None:
    """Tells of it as it is now; nobody hears of an ephemeral message."""
    if not message.only_for:
        _tell(world, "MESSAGE_UPDATE", message)


def delete(world: World, message: Message, *, by: User, reason: str | None = None) -> None:
    _take_out(world, message, by, reason)
    if message.only_for:
        return
    channel = message.channel
    data: Json = {"id": message.id, "channel_id": channel.id}
    if channel.guild:
        data["guild_id"] = channel.guild.id
    intent = GUILD_MESSAGES if channel.guild else DIRECT_MESSAGES
    world.tell(Event("MESSAGE_DELETE", data, channel.guild, channel, intent))


def _take_out(world: World, message: Message, by: User, reason: str | None) -> None:
    message.deleted = True
    what = "ephemeral deleted" if message.only_for else "message deleted"
    (world.private if message.only_for else message.channel.messages).pop(message.id, None)
    message.channel.pins.pop(message.id, None)
    detail = {"author": message.author.id, "text": message.content}
    world.note(what, by.id, message.id, channel=message.channel, reason=reason, **detail)


def bulk_delete(
    world: World, channel: Channel, ids: Iterable[str], *, by: User, reason: str | None = None
) -> None:
    """Takes those away that are there; says one event for all."""
    found = [channel.messages[each] for each in dict.fromkeys(ids) if each in channel.messages]
    for message in found:
        _take_out(world, message, by, reason)
    if found and channel.guild:
        data = {
            "ids": [each.id for each in found],
            "channel_id": channel.id,
            "guild_id": channel.guild.id,
        }
        world.tell(Event("MESSAGE_DELETE_BULK", data, channel.guild, channel, GUILD_MESSAGES))
