"""What happens to channels and who is in them: each with its events and its journal line.

Sources: docs.slack.dev/reference/events/member_joined_channel, channel_rename, channel_archive and their neighbours;
reference/events/message (channel_join, channel_name, channel_archive).
"""

from __future__ import annotations

from tests.fakes.slack import messages, payloads
from tests.fakes.slack.entities import Channel, Kind, User
from tests.fakes.slack.errors import Json
from tests.fakes.slack.world import Event, World


def _prefix(channel: Channel) -> str:
    return "channel" if channel.kind is Kind.PUBLIC else "group"


def enter(world: World, channel: Channel, user: User, inviter: User | None = None) -> None:
    if user.id in channel.members:
        return
    channel.members[user.id] = world.now()
    world.note("member joined", user, user.id, channel=channel)
    data: Json = {"type": "member_joined_channel", "user": user.id, "channel": channel.id}
    data |= {"channel_type": "C" if channel.kind is Kind.PUBLIC else "G", "team": user.workspace.id}
    data |= {"inviter": inviter.id} if inviter else {}
    data["event_ts"] = world.new_ts()
    world.tell(Event(data, user.workspace, channel, f"{channel.kind.scope}:read"))
    who = {"inviter": inviter.id} if inviter else {}
    text = f"<@{user.id}> has joined the {_prefix(channel)}"
    messages.system(world, channel, user, f"{_prefix(channel)}_join", text, **who)


def leave(world: World, channel: Channel, user: User) -> None:
    """An app that left, or was put out, gets `channel_left`; those who are in get `member_left_channel`."""
    channel.members.pop(user.id, None)
    world.note("member left", user, user.id, channel=channel)
    data: Json = {"channel": channel.id, "event_ts": world.new_ts()}
    if user.is_bot:
        left = "channel_left" if channel.kind is Kind.PUBLIC else "group_left"
        found = {"type": left, "actor_id": user.id}
        world.tell(Event(data | found, user.workspace, channel, f"{channel.kind.scope}:read", everyone=True))
    gone = {"type": "member_left_channel", "user": user.id, "team": user.workspace.id}
    gone["channel_type"] = "C" if channel.kind is Kind.PUBLIC else "G"
    world.tell(Event(data | gone, user.workspace, channel, f"{channel.kind.scope}:read"))


def rename(world: World, channel: Channel, name: str, by: User) -> None:
    old = channel.name
    channel.previous_names.append(old)
    channel.name = name
    world.note("channel renamed", by, channel.id, channel=channel, name=name)
    about: Json = {"id": channel.id, "name": name, "name_normalized": name}
    about |= {"created": payloads.stamp(channel.created_at), "is_channel": channel.kind is Kind.PUBLIC}
    _tell(world, channel, by, f"{_prefix(channel)}_rename", {"channel": about})
    text = f'<@{by.id}> has renamed the channel from "{old}" to "{name}"'
    messages.system(world, channel, by, f"{_prefix(channel)}_name", text, old_name=old, name=name)


def archive(world: World, channel: Channel, by: User, *, on: bool = True) -> None:
    channel.archived = on
    what = "archive" if on else "unarchive"
    world.note(f"channel {what}d", by, channel.id, channel=channel)
    messages.system(world, channel, by, f"{_prefix(channel)}_{what}", f"<@{by.id}> {what}d the channel")
    _tell(world, channel, by, f"{_prefix(channel)}_{what}", {"channel": channel.id, "user": by.id})


def _tell(world: World, channel: Channel, by: User, what: str, data: Json) -> None:
    """To every app that may read of such channels; of private ones, to those that are in."""
    found = {"type": what, **data, "event_ts": world.new_ts()}
    public = channel.kind is Kind.PUBLIC
    world.tell(Event(found, by.workspace, channel, f"{channel.kind.scope}:read", everyone=public))
