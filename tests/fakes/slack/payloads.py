"""How things look in JSON.

Sources: docs.slack.dev/reference/objects (user, conversation, file), reference/events/message; the captured payloads
in slackapi/java-slack-sdk (json-logs/samples).
"""

from __future__ import annotations

from datetime import datetime

from tests.fakes.slack.entities import Channel, File, Kind, Message, User, View, Workspace
from tests.fakes.slack.errors import Json
from tests.fakes.slack.world import World


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def message(world: World, of: Message, *, metadata: bool = True) -> Json:
    """As it stands in events and in history; without `metadata` only the type of its metadata."""
    found: Json = {"type": "message", "ts": of.ts, "text": of.text, **_author(world, of)}
    for key in ("client_msg_id", "thread_ts", "blocks", "attachments"):
        if value := getattr(of, key):
            found[key] = value
    if of.is_reply and (parent := of.channel.messages.get(of.thread_ts or "")):
        found["parent_user_id"] = parent.user.id
    if of.files:
        found |= {"files": [file(world, each) for each in of.files], "upload": False}
    if of.edited:
        found["edited"] = {"user": of.edited[0], "ts": of.edited[1]}
    if of.metadata:
        found["metadata"] = of.metadata if metadata else {"event_type": of.metadata["event_type"]}
    return found


def _author(world: World, of: Message) -> Json:
    """Who wrote it, and what it is. A customised post of an app names no user."""
    subtype = of.subtype or ("thread_broadcast" if of.broadcast else "")
    found: Json = {"team": of.user.workspace.id}
    if of.user.is_bot:
        found |= {"bot_id": of.user.bot_id, "app_id": of.user.app_id}
    if of.is_customised:
        icons = {"icons": of.icons} if of.icons else {}
        return found | {"subtype": subtype or "bot_message", "username": of.name, **icons}
    if subtype:
        found["subtype"] = subtype
    if of.user.is_bot:
        found["bot_profile"] = _bot_profile(world, of.user)
    return found | {"user": of.user.id}


def in_history(world: World, of: Message, *, metadata: bool) -> Json:
    """With what only conversations.history and .replies tell."""
    found = message(world, of, metadata=metadata)
    replies = of.channel.replies(of)
    if replies:
        found |= {
            "thread_ts": of.ts,
            "reply_count": len(replies),
            "reply_users_count": len({each.user.id for each in replies}),
            "latest_reply": replies[-1].ts,
            "reply_users": list(dict.fromkeys(each.user.id for each in replies))[:5],
        }
    if of.reactions:
        found["reactions"] = reactions(of)
    if of.ts in of.channel.pins:
        found["pinned_to"] = [of.channel.id]
    return found


def reactions(of: Message) -> list[Json]:
    return [{"name": name, "users": who, "count": len(who)} for name, who in of.reactions.items()]


def _bot_profile(world: World, user: User) -> Json:
    return {
        "id": user.bot_id,
        "deleted": False,
        "name": world.app.name if user.app_id == world.app.id else user.name,
        "updated": stamp(world.now()),
        "app_id": user.app_id,
        "icons": {"image_36": user.picture, "image_48": user.picture, "image_72": user.picture},
        "team_id": user.workspace.id,
    }


def user(of: User, *, seen_from: Workspace) -> Json:
    """A person of another organisation, met through Slack Connect, is told in part."""
    profile: Json = {
        "real_name": of.real_name,
        "display_name": of.name,
        "image_72": of.picture,
        "team": of.workspace.id,
    }
    found: Json = {
        "id": of.id,
        "team_id": of.workspace.id,
        "name": of.name,
        "real_name": of.real_name,
        "deleted": of.deactivated,
        "is_bot": of.is_bot,
        "is_app_user": False,
        "updated": 0,
        "profile": profile,
    }
    if of.workspace is not seen_from:
        return found | {"is_stranger": True}
    if of.is_bot:
        profile |= {"api_app_id": of.app_id, "bot_id": of.bot_id}
    return found | {
        "is_admin": of.is_admin or of.is_owner,
        "is_owner": of.is_owner,
        "is_primary_owner": False,
        "is_restricted": of.is_guest,
        "is_ultra_restricted": False,
        "tz": "Europe/Paris",
        "tz_offset": 3600,
    }


def channel(of: Channel, *, seen_by: User | None) -> Json:
    """As conversations.info tells it to that person or bot."""
    found: Json = {"id": of.id, "created": stamp(of.created_at), "is_archived": of.archived}
    found |= {"is_im": of.kind is Kind.DIRECT, "is_mpim": of.kind is Kind.GROUP_DIRECT}
    found |= {"is_org_shared": False, "context_team_id": of.workspace.id}
    if of.kind is Kind.DIRECT:
        others = [each for each in of.members if seen_by is None or each != seen_by.id]
        return found | {"user": others[0] if others else "", "is_user_deleted": False}
    return found | {
        "name": of.name,
        "name_normalized": of.name,
        "is_channel": of.kind is Kind.PUBLIC,
        "is_group": of.kind is Kind.PRIVATE,
        "is_private": of.kind is not Kind.PUBLIC,
        "is_member": seen_by is not None and seen_by.id in of.members,
        "is_general": False,
        "is_shared": bool(of.shared_with),
        "is_ext_shared": bool(of.shared_with),
        "shared_team_ids": [each.id for each in of.workspaces],
        "creator": of.creator_id,
        "num_members": len(of.members),
        "previous_names": of.previous_names,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def file(world: World, of: File, *, seen_from: Workspace | None = None) -> Json:
    """One of another organisation, in a shared channel, is told by its id alone until files.info is asked."""
    if of.deleted:
        return {"id": of.id, "mode": "tombstone"}
    if seen_from is not None and of.owner.workspace is not seen_from:
        return {"id": of.id, "mode": "file_access", "file_access": "check_file_info"}
    private = f"{world.url}/files-pri/{of.owner.workspace.id}-{of.id}"
    return {
        "id": of.id,
        "created": stamp(of.created_at),
        "timestamp": stamp(of.created_at),
        "name": of.name,
        "title": of.title,
        "mimetype": of.mimetype,
        "filetype": of.name.rpartition(".")[2] or "binary",
        "user": of.owner.id,
        "user_team": of.owner.workspace.id,
        "mode": "hosted",
        "size": len(of.content),
        "is_external": False,
        "is_public": any(world.channels[each].kind is Kind.PUBLIC for each in of.channels),
        "file_access": "visible",
        "url_private": f"{private}/{of.name}",
        "url_private_download": f"{private}/download/{of.name}",
        "channels": of.channels,
    }


def view(world: World, of: View, *, state: Json | None = None) -> Json:
    bot = of.workspace.bot
    empty = {"callback_id": "", "private_metadata": "", "external_id": "", "title": None, "submit": None}
    return {
        **empty,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **of.content,
        "id": of.id,
        "team_id": of.workspace.id,
        "state": {"values": state or {}},
        "hash": of.hash,
        "root_view_id": of.root_id,
        "previous_view_id": of.previous_id,
        "app_id": world.app.id,
        "app_installed_team_id": of.workspace.id,
        "bot_id": bot.bot_id if bot else "",
    }
