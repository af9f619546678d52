"""What happens to messages, whoever does it: each with its event and its journal line.

Sources: docs.slack.dev/reference/events/message and the pages of its subtypes, reference/methods/chat.update.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.slack import payloads
from tests.fakes.slack.entities import Channel, File, Message, User, View
from tests.fakes.slack.errors import Json
from tests.fakes.slack.typed import texts_in
from tests.fakes.slack.world import Event, World


def _tell(world: World, channel: Channel, by: User, data: Json) -> None:
    found = {"channel": channel.id, "channel_type": channel.kind.value, **data}
    found.setdefault("event_ts", found["ts"])
    world.tell(Event(found, by.workspace, channel, f"{channel.kind.scope}:history"))


def _sent(world: World, message: Message) -> Json:
    found = payloads.message(world, message)
    if message.channel.shared_with:
        team = message.user.workspace.id
        found |= {"user_team": team, "source_team": team}
        installed = [each for each in message.channel.workspaces if each.bot]
        if message.files and installed:
            found["files"] = [payloads.file(world, each, seen_from=installed[0]) for each in message.files]
    return found


def publish(world: World, message: Message) -> Message:
    """Puts it into its channel and tells of it."""
    channel = message.channel
    channel.messages[message.ts] = message
    kind = {"customised": message.is_customised, "thread_ts": message.thread_ts}
    world.note("message created", message.user, message.ts, channel=channel, text=message.text, **kind)
    for file in message.files:
        if channel.id not in file.channels:
            file.channels.append(channel.id)
    found = _sent(world, message)
    if message.broadcast:
        parent = channel.messages[message.thread_ts or ""]
        found["root"] = payloads.in_history(world, parent, metadata=True)
    elif message.files and not message.subtype and not message.is_customised:
        found["subtype"] = "file_share"
    _tell(world, channel, message.user, found)
    return message


def edit(
    world: World,
    message: Message,
    by: User,
    *,
    text: str | None = None,
    blocks: list[Json] | None = None,
    attachments: list[Json] | None = None,
    metadata: Json | None = None,
    files: Sequence[File] | None = None,
) -> None:
    """Changes what is given. A text alone takes the blocks away; blocks leave no mark of an edit."""
    before = _sent(world, message)
    if text is not None:
        message.text = text
    if blocks is not None:
        message.blocks = blocks
    elif text is not None:
        message.blocks = []
    if attachments is not None:
        message.attachments = attachments
    if metadata is not None:
        message.metadata = metadata or None
    if files is not None:
        message.files = list(files)
    ts = world.new_ts()
    if not (blocks and message.user.is_bot):
        message.edited = (by.id, ts)
    world.note("message edited", by, message.ts, channel=message.channel, text=message.text)
    changed(world, message, before, ts)


def changed(world: World, message: Message, before: Json, ts: str | None = None) -> None:
    """Tells that it is another now; also where nobody edited it, as when a link's preview arrives."""
    data: Json = {"type": "message", "subtype": "message_changed", "hidden": True}
    data |= {"message": _sent(world, message), "previous_message": before, "ts": ts or world.new_ts()}
    _tell(world, message.channel, message.user, data)


def preview_arrives(world: World, message: Message, attachment: Json) -> None:
    before = _sent(world, message)
    message.attachments = [*message.attachments, attachment]
    changed(world, message, before)


def delete(world: World, message: Message, by: User) -> None:
    """Takes it away. What has replies leaves a stone in its place, which goes with the last reply."""
    channel, before = message.channel, _sent(world, message)
    message.deleted = True
    channel.pins.pop(message.ts, None)
    world.note("message deleted", by, message.ts, channel=channel, text=message.text)
    if channel.replies(message):
        stone = Message(message.ts, channel, message.user, "This message was deleted.", "tombstone")
        stone.thread_ts = message.ts
        channel.messages[message.ts] = stone
        changed(world, stone, before)
        return
    del channel.messages[message.ts]
    data: Json = {"type": "message", "subtype": "message_deleted", "hidden": True}
    data |= {"deleted_ts": message.ts, "previous_message": before, "ts": world.new_ts()}
    _tell(world, channel, message.user, data)
    parent = channel.messages.get(message.thread_ts or "") if message.is_reply else None
    if parent and parent.subtype == "tombstone" and not channel.replies(parent):
        del channel.messages[parent.ts]


def system(world: World, channel: Channel, by: User, subtype: str, text: str, **more: object) -> Message:
    """A line that Slack writes: who joined, what it is called now."""
    line = Message(world.new_ts(), channel, by, text, subtype)
    channel.messages[line.ts] = line
    _tell(world, channel, by, payloads.message(world, line) | more)
    return line


def whisper(world: World, channel: Channel, by: User, to: User, body: Json) -> Message:
    """An ephemeral message. It is lost where the reader is away or their thread has no reply yet; nobody is told."""
    message = Message(world.new_ts(), channel, by, body.get("text") or "", only_for=to.id)
    message.blocks, message.attachments = body.get("blocks") or [], body.get("attachments") or []
    message.thread_ts = body.get("thread_ts")
    message.username = body.get("username")
    parent = channel.messages.get(message.thread_ts or "")
    message.shown = to.active and (message.thread_ts is None or bool(parent and channel.replies(parent)))
    world.ephemerals.append(message)
    detail = {"to": to.id, "shown": message.shown, "text": message.text, "thread_ts": message.thread_ts}
    world.note("ephemeral created", by, message.ts, channel=channel, **detail)
    return message


def words(of: Message | View) -> str:
    """All that it says, as it is shown: the text, or the blocks in its place; of a modal its title too."""
    if isinstance(of, View):
        return texts_in([of.content.get("title") or {}, *of.blocks])
    shown = [each for each in of.blocks if each["type"] != "rich_text"]
    return texts_in(shown) if shown else of.plain
