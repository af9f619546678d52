"""Posts of forums, which are threads: one for each talk that is moved there; and threads that sleep."""

from __future__ import annotations

from datetime import datetime

import discord

from bot.discord.failures import plain_failures
from bot.discord.inbound import Room
from bot.discord.markers import Place
from bot.discord.places import Holder, need_in

LONGEST_TITLE = 100
NOBODY = discord.AllowedMentions.none()


async def open_post(forum: discord.ForumChannel, title: str, text: str, view: discord.ui.View) -> Place:
    """Open a post that begins with `text`; raises PlatformError. A forum that wants a tag on each gets its first one."""
    need_in(forum, "send_messages")
    tags = [tag for tag in forum.available_tags if not tag.moderated][:1] if forum.flags.require_tag else []
    with plain_failures("Send Messages"):
        opened = await forum.create_thread(
            name=title[-LONGEST_TITLE:],
            content=text,
            view=view,
            applied_tags=tags,
            allowed_mentions=NOBODY,
        )
    return Place(opened.message.id, opened.thread.id)


async def close_if_empty(thread: Holder) -> None:
    """Close a post of ours in which nothing is left; where somebody went on talking it stays open. Raises PlatformError."""
    if not isinstance(thread, discord.Thread):
        return
    with plain_failures("Manage Threads"):
        if not [message async for message in thread.history(limit=1)]:
            await thread.edit(archived=True)


async def archived_since(room: Room, since: datetime, most: int) -> list[discord.Thread]:
    """The latest threads of a channel that were archived since then, at most so many; raises what discord.py raises."""
    if not isinstance(room, discord.TextChannel | discord.ForumChannel):
        return []
    # They come by the time of their archiving, the latest first.
    found = [thread async for thread in room.archived_threads(limit=most)]
    return [thread for thread in found if thread.archive_timestamp >= since]
