"""conversations.* and users.conversations: docs.slack.dev/reference/methods/conversations.history and its neighbours."""

from __future__ import annotations

import base64

from tests.fakes.slack import payloads, places
from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.entities import Channel, Kind, Message
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.routes_chat import check_may_write

TYPES = {"public_channel": Kind.PUBLIC, "private_channel": Kind.PRIVATE, "im": Kind.DIRECT}
TYPES["mpim"] = Kind.GROUP_DIRECT
FEW = 15  # objects a call, for apps to which the limits of May 2025 apply


def _wanted(call: Call) -> list[Kind]:
    """Raises SlackError invalid_types, missing_scope."""
    names = [each.strip() for each in call.text("types", "public_channel").split(",") if each.strip()]
    if any(each not in TYPES for each in names):
        raise SlackError("invalid_types")
    for name in names:
        call.needs(f"{TYPES[name].scope}:read")
    return [TYPES[name] for name in names]


def _listed(call: Call, *, only_own: bool) -> Json:
    kinds, user = _wanted(call), call.user
    if only_own and call.text("user"):
        user = call.world.users.get(call.text("user"), user)
    found = [
        each
        for each in call.world.channels.values()
        if each.kind in kinds
        and call.workspace in each.workspaces
        and (user.id in each.members or (each.kind is Kind.PUBLIC and not only_own))
        and not (call.flag("exclude_archived") and each.archived)
    ]
    page, after = call.page(found, 100, 999)
    return {"channels": [payloads.channel(each, seen_by=call.user) for each in page], **after}


def _list(call: Call) -> Json:
    return _listed(call, only_own=False)


def _own(call: Call) -> Json:
    return _listed(call, only_own=True)


def _info(call: Call) -> Json:
    channel = call.channel(right="read")
    found = payloads.channel(channel, seen_by=call.user)
    if not call.flag("include_num_members"):
        found.pop("num_members", None)
    return {"channel": found}


def _readable(call: Call) -> Channel:
    channel = call.channel(right="history")
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _between(call: Call, found: list[Message]) -> list[Message]:
    """Those between `oldest` and `latest`; the bounds themselves only if `inclusive`."""
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    for name, value in (("invalid_ts_oldest", oldest), ("invalid_ts_latest", latest or "0")):
        if not value.replace(".", "", 1).isdigit():
            raise SlackError(name)
    low, high = float(oldest), float(latest) if latest else float("inf")
    if call.flag("inclusive"):
        return [each for each in found if low <= float(each.ts) <= high]
    return [each for each in found if low < float(each.ts) < high]


def _paged(call: Call, found: list[Message], *, newest_first: bool) -> Json:
    """A page by the ts of its end, so that what comes meanwhile moves nothing."""
    few = call.world.app.history_is_limited
    limit = min(call.number("limit", FEW if few else 100), FEW if few else 999)
    if limit < 1:
        raise SlackError("invalid_limit")
    if cursor := call.text("cursor"):
        end = _end(cursor)
        found = [each for each in found if (each.ts < end if newest_first else each.ts > end)]
    page = found[:limit]
    answer: Json = {
        "messages": [
            payloads.in_history(call.world, each, metadata=call.flag("include_all_metadata")) for each in page
        ],
        "has_more": len(found) > limit,
    }
    if answer["has_more"]:
        cursor = base64.b64encode(f"next_ts:{page[-1].ts}".encode()).decode()
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _end(cursor: str) -> str:
    """Raises SlackError invalid_cursor."""
    try:
        found = base64.b64decode(cursor, validate=True).decode()
    except ValueError:
        raise SlackError("invalid_cursor") from None
    if not found.startswith("next_ts:"):
        raise SlackError("invalid_cursor")
    return found.removeprefix("next_ts:")


def _history(call: Call) -> Json:
    """Newest first, without replies."""
    channel = _readable(call)
    found = _between(call, channel.top_level())
    return _paged(call, found[::-1], newest_first=True) | {"pin_count": len(channel.pins)}


def _replies(call: Call) -> Json:
    """The parent and then its replies, oldest first; any message of the thread may be named."""
    channel = _readable(call)
    named = call.world.message(channel, call.required("ts"), "thread_not_found")
    parent = channel.messages.get(named.thread_ts or named.ts, named)
    found = [parent, *_between(call, channel.replies(parent))]
    return _paged(call, found, newest_first=False)


def _members(call: Call) -> Json:
    channel = call.channel(right="read")
    page, after = call.page(list(channel.members), 100, 1000)
    return {"members": page, **after}


def _join(call: Call) -> Json:
    channel = call.channel()
    call.needs("channels:join", "channels:write")
    if channel.kind is not Kind.PUBLIC:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    was_in = call.user.id in channel.members
    places.enter(call.world, channel, call.user)
    found: Json = {"channel": payloads.channel(channel, seen_by=call.user)}
    return found | {"warning": "already_in_channel"} if was_in else found


def _leave(call: Call) -> Json:
    channel = call.channel()
    call.needs("channels:manage", "channels:write", "groups:write")
    if call.user.id not in channel.members:
        return {"not_in_channel": True}
    places.leave(call.world, channel, call.user)
    return {}


def _open(call: Call) -> Json:
    """The direct messages with one person, or with several together."""
    if call.text("channel"):
        channel = call.channel()
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    named = [each for each in call.text("users").split(",") if each]
    if not named:
        raise SlackError("users_list_not_supplied")
    call.needs("im:write" if len(named) == 1 else "mpim:write")
    people = [call.world.users.get(each) for each in named]
    known = [each for each in people if each is not None]
    if len(known) < len(people):
        raise SlackError("user_not_found")
    check_may_write(call, *known)
    if len(known) == 1:
        channel = call.world.direct_channel(call.user, known[0])
    else:
        everyone = [call.user, *known]
        channel = call.world.new_channel(call.workspace, Kind.GROUP_DIRECT, "mpdm", call.user, everyone)
    wanted = payloads.channel(channel, seen_by=call.user) if call.flag("return_im") else {"id": channel.id}
    return {"channel": wanted}


PAGES = "cursor limit"
TIMES = f"channel latest oldest inclusive include_all_metadata {PAGES}"
ENDPOINTS = (
    Endpoint("conversations.list", _list, f"types exclude_archived team_id {PAGES}", tier=2),
    Endpoint("users.conversations", _own, f"types exclude_archived team_id user {PAGES}"),
    Endpoint("conversations.info", _info, "channel include_locale include_num_members"),
    Endpoint("conversations.history", _history, TIMES),
    Endpoint("conversations.replies", _replies, f"{TIMES} ts"),
    Endpoint("conversations.members", _members, f"channel {PAGES}", tier=4),
    Endpoint("conversations.join", _join, "channel"),
    Endpoint("conversations.leave", _leave, "channel"),
    Endpoint("conversations.open", _open, "channel users return_im"),
)
