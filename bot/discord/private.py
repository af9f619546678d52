"""Direct messages: sent at most once, and whoever cannot have one can be spoken to elsewhere."""

from __future__ import annotations

from typing import Any

import discord

from bot.discord.failures import Unanswered, plain_failures
from moderation.errors import NotAllowed, NotReachable, PlatformError


async def send_once(client: discord.Client, member: str, content: str | None, **more: Any) -> int:
    """Send a direct message, with `more` as discord.py's `send` takes it, and return its id.

    Raises NotReachable where the member wants none or Discord refuses it, Unavailable where it surely was not sent, and PlatformError
    itself where nobody knows whether it was: it must not be sent again.
    """
    try:
        with plain_failures():
            user = client.get_user(int(member)) or await client.fetch_user(int(member))
            private = user.dm_channel or await user.create_dm()
        try:
            with plain_failures():
                return (await private.send(content, **more)).id
        except Unanswered as error:
            raise PlatformError(str(error)) from error
    except NotAllowed as error:
        raise NotReachable(str(error)) from error
