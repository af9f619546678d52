"""Records as the JSON that Discord sends for them.

Sources: developers/resources (user, guild, channel, message, webhook), developers/topics/threads; which fields
are needed: discord.py's types/ and `_from_data` methods.
"""

from __future__ import annotations

from datetime import datetime

from tests.fakes.discord.entities import (
    FORUMS,
    Channel,
    Guild,
    Kind,
    Member,
    Role,
    User,
    Webhook,
)
from tests.fakes.discord.errors import Json
from tests.fakes.discord.world import World, time_of


def stamp(at: datetime) -> str:
    return at.isoformat()


def user(of: User) -> Json:
    return {
        "id": of.id,
        "username": of.name,
        "discriminator": "0000" if of.bot else "0",
        "global_name": of.display,
        "avatar": of.avatar,
        "bot": of.bot,
        "public_flags": 0,
        "flags": 0,
    }


def member(of: Member, *, with_user: bool = True) -> Json:
    found: Json = {
        "roles": list(of.roles),
        "nick": of.nick,
        "avatar": None,
        "joined_at": stamp(of.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": stamp(of.timed_out_until) if of.timed_out_until else None,
    }
    return found | {"user": user(of.user)} if with_user else found


def role(of: Role) -> Json:
    found: Json = {
        "id": of.id,
        "name": of.name,
        "permissions": str(int(of.permissions)),
        "position": of.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": of.bot_id is not None,
        "mentionable": of.mentionable,
        "flags": 0,
    }
    return found | {"tags": {"bot_id": of.bot_id}} if of.bot_id else found


def channel(world: World, of: Channel) -> Json:
    """A channel, a thread or a direct message."""
    if of.thread:
        return thread(world, of)
    found: Json = {"id": of.id, "type": int(of.kind), "last_message_id": of.last_message_id, "flags": 0}
    if of.guild is None:
        return found | {"recipients": [user(of.recipient)] if of.recipient else []}
    found |= {
        "guild_id": of.guild.id,
        "name": of.name,
        "position": of.position,
        "parent_id": of.parent_id,
        "topic": of.topic,
        "nsfw": of.nsfw,
        "rate_limit_per_user": of.slow_mode,
        "permission_overwrites": [
            {
                "id": each.id,
                "type": 0 if each.for_role else 1,
                "allow": str(each.allow),
                "deny": str(each.deny),
            }
            for each in of.overwrites.values()
        ],
    }
    if of.kind is Kind.VOICE:
        found |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if of.kind in FORUMS:
        found |= {
            "available_tags": of.tags,
            "default_reaction_emoji": None,
            "default_sort_order": None,
            "default_forum_layout": 0,
        }
    return found


def thread(world: World, of: Channel) -> Json:
    state = of.thread
    if state is None or of.guild is None:
        raise ValueError(f"{of.name} is no thread")
    found: Json = {
        "id": of.id,
        "type": int(of.kind),
        "guild_id": of.guild.id,
        "parent_id": of.parent_id,
        "owner_id": state.owner_id,
        "name": of.name,
        "last_message_id": of.last_message_id,
        "message_count": max(0, len(of.messages) - (of.id in of.messages)),
        "member_count": min(50, len(state.members)),
        "total_message_sent": state.total_sent,
        "rate_limit_per_user": of.slow_mode,
        "flags": 0,
        "applied_tags": list(state.tags),
        "thread_metadata": {
            "archived": state.archived,
            "auto_archive_duration": state.auto_archive_minutes,
            "archive_timestamp": stamp(state.archived_at),
            "locked": state.locked,
            "invitable": state.invitable,
            "create_timestamp": stamp(state.created_at),
        },
    }
    if world.bot.id in state.members:
        found["member"] = thread_member(of, world.bot.id)
    return found


def thread_member(of: Channel, user_id: str) -> Json:
    since = of.thread.members[user_id] if of.thread else time_of(of.id)
    return {"id": of.id, "user_id": user_id, "join_timestamp": stamp(since), "flags": 0}


def guild(of: Guild) -> Json:
    """What REST answers; `guild_create` has more."""
    return {
        "id": of.id,
        "name": of.name,
        "icon": None,
        "owner_id": of.owner_id,
        "roles": [role(each) for each in of.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "description": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "afk_timeout": 300,
        "afk_channel_id": None,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": of.locale,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
    }


def guild_create(world: World, of: Guild) -> Json:
    """GUILD_CREATE, with the bot as its one member."""
    seen = [each for each in of.channels.values() if world.may(each)]
    return guild(of) | {
        "joined_at": stamp(of.members[world.bot.id].joined_at),
        "large": len(of.members) > 250,
        "unavailable": False,
        "member_count": len(of.members),
        "members": [member(of.members[world.bot.id])],
        # All channels are told, seen or not: developers/events/gateway-events (Guild Create).
        "channels": [channel(world, each) for each in of.channels.values() if not each.thread],
        "threads": [thread(world, each) for each in seen if each.thread and not each.thread.archived],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def webhook(of: Webhook, *, with_token: bool, with_user: bool = True) -> Json:
    found: Json = {
        "id": of.id,
        "type": 1,
        "name": of.name,
        "avatar": of.avatar,
        "channel_id": of.channel.id,
        "guild_id": of.channel.guild.id if of.channel.guild else None,
        "application_id": of.application_id,
    }
    if with_user:
        found["user"] = user(of.creator)
    return found | {"token": of.token} if with_token else found


def application(world: World, flags: int) -> Json:
    return {
        "id": world.application_id,
        "name": "Steward",
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "owner": user(world.owner),
        "team": None,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": len(world.bot_guilds()),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "integration_types_config": {"0": {}},
        "eligible_oauth2_scopes": [],
    }
