"""Messages and files as the JSON that Discord sends for them.

Sources: developers/resources/message, developers/reference (Signed Attachment CDN URLs).
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from urllib.parse import quote

from tests.fakes.discord.entities import THREADS, Attachment, Kind, Message, Type
from tests.fakes.discord.errors import Json
from tests.fakes.discord.payloads import member, stamp, thread, user
from tests.fakes.discord.world import World, time_of

LINK_LIFE = timedelta(hours=24)


def signature(world: World, path: str, expires: str) -> str:
    return hashlib.sha256(f"{world.secret}{path}{expires}".encode()).hexdigest()


def attachment(world: World, of: Attachment, channel_id: str, *, ephemeral: bool = False) -> Json:
    """With a link that is signed and ends, developers/reference (Signed Attachment CDN URLs)."""
    path = f"/attachments/{channel_id}/{of.id}/{quote(of.name)}"
    now = world.now()
    expires = f"{int((now + LINK_LIFE).timestamp()):x}"
    query = f"?ex={expires}&is={int(now.timestamp()):x}&hm={signature(world, path, expires)}&"
    found: Json = {
        "id": of.id,
        "filename": of.name,
        "size": len(of.content),
        "url": f"{world.cdn}{path}{query}",
        "proxy_url": f"{world.cdn}{path}{query}",
        "content_type": of.content_type,
        "flags": 0,
    }
    if of.description:
        found["description"] = of.description
    return found | {"ephemeral": True} if ephemeral else found


def message(world: World, of: Message, *, with_reference: bool = True) -> Json:
    """As REST answers it: without guild_id and member, which only the gateway adds."""
    found: Json = {
        "id": of.id,
        "channel_id": of.channel.id,
        "author": author(of),
        "type": int(of.type),
        "content": of.content,
        "timestamp": stamp(time_of(of.id)),
        "edited_timestamp": stamp(of.edited_at) if of.edited_at else None,
        "tts": False,
        "mention_everyone": of.mention_everyone,
        "mentions": [user(each) for each in of.mentions],
        "mention_roles": list(of.mention_roles),
        "attachments": [
            attachment(world, each, of.channel.id, ephemeral=of.only_for is not None)
            for each in of.attachments
        ],
        "embeds": of.embeds,
        "components": of.components,
        "pinned": of.pinned,
        "flags": int(of.flags),
    }
    for key, value in (
        ("reactions", [_reaction(world, emoji, who) for emoji, who in of.reactions.items() if who]),
        ("sticker_items", of.stickers),
        ("poll", of.poll),
        ("message_reference", of.reference),
        ("message_snapshots", of.snapshots),
        ("webhook_id", of.webhook_id),
        ("application_id", of.application_id),
        ("nonce", of.nonce),
    ):
        if value:
            found[key] = value
    if of.interaction:
        found["interaction_metadata"] = _interaction_metadata(of)
    if with_reference and of.type in (Type.REPLY, Type.THREAD_STARTER):
        found["referenced_message"] = _referenced(world, of)
    if (started := world.channels.get(of.id)) and started.kind in THREADS and started is not of.channel:
        found["thread"] = thread(world, started)
    return found


def author(of: Message) -> Json:
    shown = user(of.author)
    return shown | {"discriminator": "0000", "bot": True} if of.webhook_id else shown


def message_event(world: World, of: Message) -> Json:
    """As MESSAGE_CREATE and MESSAGE_UPDATE have it."""
    found = message(world, of)
    if of.channel.guild is None:
        return found | {"channel_type": int(Kind.DM)}
    found |= {"guild_id": of.channel.guild.id, "channel_type": int(of.channel.kind)}
    who = of.channel.guild.members.get(of.author.id)
    return found | {"member": member(who, with_user=False)} if who and not of.webhook_id else found


def _referenced(world: World, of: Message) -> Json | None:
    reference = of.reference or {}
    place = world.channels.get(reference.get("channel_id", ""))
    found = place.messages.get(reference.get("message_id", "")) if place else None
    return message(world, found, with_reference=False) if found else None


def _reaction(world: World, emoji: str, who: list[str]) -> Json:
    mine = world.bot.id in who
    return {
        "count": len(who),
        "count_details": {"burst": 0, "normal": len(who)},
        "me": mine,
        "me_burst": False,
        "burst_colors": [],
        "emoji": emoji_json(emoji),
    }


def emoji_json(emoji: str) -> Json:
    """Of a character, or of name:id."""
    name, _, number = emoji.partition(":")
    return {"id": number or None, "name": name, "animated": False}


def _interaction_metadata(of: Message) -> Json:
    asked = of.interaction
    if asked is None:
        return {}
    found: Json = {
        "id": asked.id,
        "type": asked.kind,
        "user": user(asked.user),
        "authorizing_integration_owners": {"0": asked.channel.guild.id if asked.channel.guild else "0"},
    }
    if asked.kind == 3 and asked.message:
        found["interacted_message_id"] = asked.message.id
    if asked.kind == 5:
        command = {"id": asked.id, "type": 2, "user": user(asked.user), "authorizing_integration_owners": {}}
        found["triggering_interaction_metadata"] = command
    return found
