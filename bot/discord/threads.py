"""Where messages stand: threads that Discord did not tell of, such as those that slept when the session began, are asked for once."""

from __future__ import annotations

import asyncio

import discord

from bot.discord.failures import plain_failures
from bot.discord.inbound import PostedIn, posted_in
from moderation.errors import Gone, NotAllowed, Unavailable

MOST = 1_000
"""Threads that are remembered."""
PATIENCE = (1.0, 5.0, 15.0)
"""Seconds between two tries while Discord does not say what a channel is."""


class Threads:
    """Answers by discord.py's memory where it can, which is without a pause."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._asked: dict[int, PostedIn | None] = {}

    async def where(self, channel: int) -> PostedIn | None:
        """Where a channel's messages stand; None for what is private, or not there. Raises Unavailable."""
        found = self._client.get_channel(channel)
        if found is not None:
            return posted_in(found)
        if channel not in self._asked:
            asked = await self._ask(channel)
            if len(self._asked) >= MOST:
                self._asked.clear()
            self._asked[channel] = asked
        return self._asked[channel]

    async def _ask(self, channel: int) -> PostedIn | None:
        for seconds in PATIENCE:
            try:
                return await self._ask_once(channel)
            except Unavailable:
                await asyncio.sleep(seconds)
        return await self._ask_once(channel)

    async def _ask_once(self, channel: int) -> PostedIn | None:
        try:
            with plain_failures():
                return posted_in(await self._client.fetch_channel(channel))
        except (Gone, NotAllowed):
            return None

    def forget(self) -> None:
        """A new session: it tells of some."""
        self._asked.clear()
