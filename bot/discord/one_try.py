"""Posting by a webhook, without the second try that discord.py makes by itself after a failure of Discord's.

A failure may come after the post was made, and Discord has no nonce for webhooks: whoever tries again looks first whether it is there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import discord

from bot.discord.failures import BUSY, FIRST_SERVER_ERROR, LONGEST_WAIT


class OneTry:
    """In the place of the session of a webhook, which asks nothing of it but `request`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def request(self, method: str, url: str, **more: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """As ClientSession.request.

        Raises what discord.py does not take for an occasion to try again: DiscordServerError, aiohttp.ServerDisconnectedError; and, other
        than discord.py does for webhooks, RateLimited where it would have to wait long.
        """
        try:
            async with self._session.request(method, url, **more) as response:
                if response.status >= FIRST_SERVER_ERROR:
                    raise discord.DiscordServerError(response, await response.text())
                if response.status == BUSY and response.headers.get("Via"):
                    retry_after = float((await response.json())["retry_after"])
                    if retry_after > LONGEST_WAIT:
                        raise discord.RateLimited(retry_after)
                yield response
        except aiohttp.ClientOSError as error:
            raise aiohttp.ServerDisconnectedError(str(error)) from error


def with_one_try(webhook: discord.Webhook) -> discord.Webhook:
    """The webhook, which from now on tries once. It still waits where Discord asks it to (429), but not long."""
    webhook.session = cast("aiohttp.ClientSession", OneTry(webhook.session))
    return webhook
