"""Whom a notice notifies, of all whom it mentions: only those to whom it speaks."""

from __future__ import annotations

import discord

from moderation.actions import FloodHint, NudgeAuthor, OfferNote, Welcome
from moderation.move_actions import TellOfReply
from moderation.notices import MovePointer, Notice

TO_ONE = (NudgeAuthor, FloodHint, Welcome, OfferNote, TellOfReply)
"""Notices to one member."""


def pinged(notice: Notice) -> discord.AllowedMentions:
    """Nobody but the member to whom it speaks, or the authors whose posts were moved unasked."""
    members: tuple[str, ...] = (notice.member,) if isinstance(notice, TO_ONE) else ()
    if isinstance(notice, MovePointer):
        members = notice.pinged
    users: list[discord.abc.Snowflake] = [discord.Object(int(member)) for member in members]
    return discord.AllowedMentions(everyone=False, roles=False, replied_user=False, users=users)
