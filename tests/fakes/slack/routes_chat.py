"""chat.*: docs.slack.dev/reference/methods/chat.postMessage and its neighbours."""

from __future__ import annotations

from tests.fakes.slack import messages, payloads
from tests.fakes.slack.blocks import check_message_blocks
from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.entities import Channel, File, Kind, Message, User
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.world import World

LONGEST_POST, LONGEST_UPDATE, MOST_ATTACHMENTS = 40_000, 4_000, 100
LARGEST_METADATA = 16_000  # characters as JSON


def permalink(message: Message) -> str:
    """As a member sees it: https://DOMAIN.slack.com/archives/C.../p..."""
    base = f"https://{message.channel.workspace.domain}.slack.com/archives/{message.channel.id}"
    link = f"{base}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={message.channel.id}" if message.is_reply else link


def _place(call: Call) -> Channel:
    """Where to post. A person's id is the direct messages with them. Raises SlackError."""
    name = call.required("channel")
    if person := call.world.users.get(name):
        check_may_write(call, person)
        return call.world.direct_channel(call.user, person)
    channel = call.channel()
    if channel.archived:
        raise SlackError("is_archived")
    if call.user.id not in channel.members and not call.has("chat:write.public"):
        raise SlackError("not_in_channel")
    if channel.posting_restricted and not (call.user.is_admin or call.user.is_owner):
        raise SlackError("restricted_action")
    if channel.kind is Kind.DIRECT:
        check_may_write(call, *_others(call.world, channel, call.user))
    return channel


def _others(world: World, channel: Channel, user: User) -> list[User]:
    return [world.users[each] for each in channel.members if each != user.id]


def check_may_write(call: Call, *people: User) -> None:
    """Raises SlackError where one of them takes no direct messages from an app."""
    for person in people:
        if person.workspace is not call.workspace:
            raise SlackError("user_not_visible")
        if person.deactivated:
            raise SlackError("user_disabled")
        if person.is_bot:
            raise SlackError("cannot_dm_bot")
        if call.is_bot and not call.world.app.messages_tab:
            raise SlackError("messages_tab_disabled")
        if not person.takes_direct_messages:
            raise SlackError("restricted_action")


def read_body(call: Call, longest: int) -> Json:
    """Text, blocks, attachments and metadata as far as they are given. Raises SlackError."""
    found: Json = {}
    if call.given("text") or call.given("markdown_text"):
        found["text"] = call.text("text") or call.text("markdown_text")
        if len(found["text"]) > longest:
            raise SlackError("msg_too_long")
    if (blocks := call.structure("blocks", "invalid_blocks_format")) is not None:
        found["blocks"] = check_message_blocks(blocks)
    if (attachments := call.structure("attachments", "invalid_attachments")) is not None:
        if not isinstance(attachments, list):
            raise SlackError("invalid_attachments")
        if len(attachments) > MOST_ATTACHMENTS:
            raise SlackError("too_many_attachments")
        found["attachments"] = attachments
    if (metadata := call.structure("metadata", "invalid_metadata_format")) is not None:
        found["metadata"] = _metadata(metadata)
    return found


def _metadata(metadata: object) -> Json:
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    if metadata and not (
        isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    ):
        raise SlackError("invalid_metadata_schema")
    if len(str(metadata)) > LARGEST_METADATA:
        raise SlackError("metadata_too_large")
    return metadata


def _says_something(body: Json) -> None:
    if not any(body.get(key) for key in ("text", "blocks", "attachments")):
        raise SlackError("no_text")


def customise(call: Call, message: Message) -> None:
    """Puts another name and picture on it. Raises SlackError missing_scope."""
    wanted = {key: call.text(key) for key in ("username", "icon_url", "icon_emoji") if call.text(key)}
    if not wanted:
        return
    call.needs("chat:write.customize")
    message.username = wanted.get("username", message.user.name)
    if emoji := wanted.get("icon_emoji"):
        message.icons = {"emoji": emoji}
    elif picture := wanted.get("icon_url"):
        message.icons = {"image_36": picture, "image_48": picture, "image_72": picture}


def thread_of(call: Call, channel: Channel) -> str | None:
    """The parent's ts, also where a reply is named. Raises SlackError thread_not_found, cannot_reply_to_message."""
    if not (ts := call.text("thread_ts")):
        return None
    parent = call.world.message(channel, ts, "thread_not_found")
    if parent.subtype in ("channel_join", "channel_name", "channel_archive"):
        raise SlackError("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


def _post(call: Call) -> Json:
    channel, body = _place(call), read_body(call, LONGEST_POST)
    _says_something(body)
    message = Message(call.world.new_ts(), channel, call.user, body.get("text", ""))
    message.blocks, message.attachments = body.get("blocks", []), body.get("attachments", [])
    message.metadata = body.get("metadata") or None
    message.thread_ts = thread_of(call, channel)
    message.broadcast = bool(message.thread_ts) and call.flag("reply_broadcast")
    message.unfurl = (
        call.flag("unfurl_links") if call.given("unfurl_links") else None,
        call.flag("unfurl_media") if call.given("unfurl_media") else None,
    )
    customise(call, message)
    messages.publish(call.world, message)
    return {"channel": channel.id, "ts": message.ts, "message": payloads.message(call.world, message)}


def _post_ephemeral(call: Call) -> Json:
    """Answers with a `message_ts` whether or not the person was shown anything."""
    channel = call.channel()
    if channel.archived:
        raise SlackError("is_archived")
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    person = call.world.users.get(call.required("user"))
    if person is None or person.id not in channel.members:
        raise SlackError("user_not_in_channel")
    body = read_body(call, LONGEST_POST)
    _says_something(body)
    body["thread_ts"] = thread_of(call, channel)
    if call.text("username") or call.text("icon_url"):
        call.needs("chat:write.customize")
        body["username"] = call.text("username") or None
    message = messages.whisper(call.world, channel, call.user, person, body)
    return {"message_ts": message.ts}


def _own(call: Call, error: str) -> Message:
    channel = call.channel()
    message = call.world.message(channel, call.required("ts"))
    if message.user is not call.user or message.subtype not in ("", "bot_message"):
        raise SlackError(error)
    return message


def _update(call: Call) -> Json:
    message = _own(call, "cant_update_message")
    if message.channel.archived:
        raise SlackError("is_archived")
    body = read_body(call, LONGEST_UPDATE)
    if not body and not call.given("file_ids"):
        raise SlackError("no_text")
    files = _files(call) if call.given("file_ids") else None
    messages.edit(call.world, message, call.user, files=files, **body)
    shown = payloads.message(call.world, message)
    return {"channel": message.channel.id, "ts": message.ts, "text": message.text, "message": shown}


def _files(call: Call) -> list[File]:
    named = [each for each in call.text("file_ids").strip("[]").replace('"', "").split(",") if each]
    if any(each not in call.world.files for each in named):
        raise SlackError("file_not_found")
    return [call.world.files[each] for each in named]


def _delete(call: Call) -> Json:
    channel = call.channel()
    message = call.world.message(channel, call.required("ts"))
    if message.subtype == "tombstone":
        raise SlackError("message_not_found")
    if not _may_delete(call, message):
        raise SlackError("cant_delete_message")
    messages.delete(call.world, message, call.user)
    return {"channel": channel.id, "ts": message.ts}


def _may_delete(call: Call, message: Message) -> bool:
    """A bot its own; a person their own; an admin those of their own organisation."""
    if message.is_customised and call.world.customised_posts_stay:
        return False
    if message.user is call.user:
        return True
    is_admin = not call.is_bot and (call.user.is_admin or call.user.is_owner)
    return is_admin and message.user.workspace is call.workspace and not message.channel.is_direct


def _get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.world.message(channel, call.required("message_ts"))
    return {"channel": channel.id, "permalink": permalink(message)}


ENDPOINTS = (
    Endpoint(
        "chat.postMessage",
        _post,
        "channel text blocks attachments thread_ts reply_broadcast unfurl_links unfurl_media metadata username "
        "icon_url icon_emoji link_names mrkdwn parse markdown_text as_user",
        ("chat:write",),
        tier=0,
    ),
    Endpoint(
        "chat.postEphemeral",
        _post_ephemeral,
        "channel user text blocks attachments thread_ts username icon_url icon_emoji link_names parse "
        "markdown_text as_user",
        ("chat:write",),
        tier=4,
    ),
    Endpoint(
        "chat.update",
        _update,
        "channel ts text blocks attachments metadata file_ids link_names parse reply_broadcast markdown_text "
        "as_user",
        ("chat:write",),
    ),
    Endpoint("chat.delete", _delete, "channel ts as_user", ("chat:write",)),
    Endpoint("chat.getPermalink", _get_permalink, "channel message_ts", tier=0),
)
