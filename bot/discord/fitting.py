"""A text in a message: as content or, where it is too long for that, in embeds, which together hold three times as much.

Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

import discord

from bot.discord.splitting import parts

LONGEST = 2_000
LONGEST_EMBED = 4_096
ALL_EMBEDS = 6_000
"""Characters that the embeds of one message may have together."""


def fitted(text: str) -> tuple[str | None, list[discord.Embed]]:
    """Content and embeds; what even these cannot hold is cut."""
    if len(text) <= LONGEST:
        return text, []
    cut = text if len(text) <= ALL_EMBEDS else text[: ALL_EMBEDS - 1] + "…"
    return None, [discord.Embed(description=part) for part in parts(cut, LONGEST_EMBED)]
