"""files.*: docs.slack.dev/messaging/working-with-files, reference/methods/files.getUploadURLExternal and neighbours."""

from __future__ import annotations

from tests.fakes.slack import messages, payloads
from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.entities import Channel, File, Message
from tests.fakes.slack.errors import Json, SlackError, invalid
from tests.fakes.slack.routes_chat import customise, thread_of


def _start(call: Call) -> Json:
    length = call.number("length", 0)
    if length <= 0:
        raise invalid("invalid_arguments", "must be greater than 0 [json-pointer:/length]")
    file = call.world.keep_file(call.required("filename"), b"", call.user)
    file.uploaded, file.expected = False, length
    return {"upload_url": f"{call.world.url}/upload/v1/{file.id}", "file_id": file.id}


def _complete(call: Call) -> Json:
    """Shares them in one message, if a channel is named. The answer does not say which message that is."""
    given = call.structure("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise invalid("invalid_arguments", "missing required field: files")
    files = [_own(call, str(each.get("id"))) for each in given]
    for file, each in zip(files, given, strict=True):
        file.title = each.get("title") or file.name
    named = [call.text("channel_id"), *call.text("channels").split(",")]
    channels = [_place(call, each) for each in dict.fromkeys(named) if each]
    for channel in channels:
        message = Message(call.world.new_ts(), channel, call.user, call.text("initial_comment"))
        message.files = files
        message.thread_ts = thread_of(call, channel)
        customise(call, message)
        messages.publish(call.world, message)
    return {"files": [payloads.file(call.world, each) for each in files]}


def _own(call: Call, file_id: str) -> File:
    file = call.world.files.get(file_id)
    if file is None or file.owner is not call.user or not file.uploaded:
        raise SlackError("file_not_found")
    return file


def _place(call: Call, channel_id: str) -> Channel:
    channel = call.world.channels.get(channel_id)
    if channel is None or call.workspace not in channel.workspaces:
        raise SlackError("channel_not_found")
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    return channel


def may_read(call: Call, file: File) -> bool:
    """The owner, and whoever is in a channel where it is shared."""
    channels = [call.world.channels[each] for each in file.channels]
    return file.owner is call.user or any(call.user.id in each.members for each in channels)


def _info(call: Call) -> Json:
    file = call.world.files.get(call.required("file"))
    if file is None or not may_read(call, file):
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    return {"file": payloads.file(call.world, file), "comments": []}


def _delete(call: Call) -> Json:
    file = call.world.files.get(call.required("file"))
    if file is None:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    if file.owner is not call.user:
        raise SlackError("cant_delete_file")
    file.deleted = True
    call.world.note("file deleted", call.user, file.id)
    return {}


WRITE = ("files:write",)
ENDPOINTS = (
    Endpoint("files.getUploadURLExternal", _start, "filename length alt_txt snippet_type", WRITE, tier=4),
    Endpoint(
        "files.completeUploadExternal",
        _complete,
        "files channel_id channels initial_comment thread_ts blocks username icon_url icon_emoji",
        WRITE,
        tier=4,
    ),
    Endpoint("files.info", _info, "file count page limit cursor", ("files:read",), tier=4),
    Endpoint("files.delete", _delete, "file", WRITE),
)
