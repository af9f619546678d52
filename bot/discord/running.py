"""Connecting: where Discord is, what a refusal at the door means, and coming to an end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import aiohttp
import discord
import yarl

from bot.discord.client import Client
from moderation.errors import SettingsError, Unavailable
from moderation.ports import Store

UNKNOWN_BOT = (
    "Discord does not know STEWARD_DISCORD_TOKEN: copy it again from the Bot page of your application"
)
NO_CONTENT = "Discord refuses the message content intent: switch on Message Content Intent on the Bot page of your application"

AUTHENTICATION_FAILED = 4004
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes"""


class Steward(Client):
    """The client, with sentences for what goes wrong at the door."""

    async def run_until_stopped(self, token: str) -> None:
        """Stay connected. Raises SettingsError where Discord refuses us for good, Unavailable where it is not there."""
        try:
            async with self:
                await self.start(token)
        except discord.LoginFailure:
            raise SettingsError(UNKNOWN_BOT) from None
        except discord.PrivilegedIntentsRequired:
            raise SettingsError(NO_CONTENT) from None
        except discord.ConnectionClosed as error:
            if error.code == AUTHENTICATION_FAILED:
                raise SettingsError(UNKNOWN_BOT) from None
            raise Unavailable(f"Discord closed the connection for good (code {error.code})") from error
        except discord.RateLimited as error:
            raise Unavailable(
                f"Discord limits how often Steward may begin: try again in {error.retry_after:.0f} seconds",
                error.retry_after,
            ) from error
        except (discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
            raise Unavailable(f"Discord cannot be reached: {type(error).__name__}") from error


def connected(
    api_url: str | None, gateway_url: str | None, store: Store, now: Callable[[], datetime]
) -> Steward:
    """A client that is about to connect. Other addresses than Discord's own are set for the whole process."""
    if api_url is not None:
        discord.http.Route.BASE = api_url.rstrip("/")
    if gateway_url is not None:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # Steward never speaks
    return Steward(store, now)
