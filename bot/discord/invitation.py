"""The link by which a server's owner invites the bot, made without asking Discord."""

from __future__ import annotations

import base64
import binascii

import discord

from bot.discord.permissions import invited
from moderation.errors import SettingsError

SCOPES = ("bot", "applications.commands")


def invitation(token: str) -> str:
    """The link with the least permissions. Raises SettingsError for a token that does not begin with a bot's id."""
    return discord.utils.oauth_url(bot_of(token), permissions=invited(), scopes=SCOPES)


def bot_of(token: str) -> int:
    """The bot's id, which a token begins with, in base64; it is also the application's, except for some of before 2017.

    Raises SettingsError.
    """
    first = token.partition(".")[0]
    try:
        number = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        number = ""
    if not (number.isdecimal() and number.isascii()):
        raise SettingsError(
            "STEWARD_DISCORD_TOKEN does not begin with a bot's id: copy it again from the Bot page of your application"
        )
    return int(number)
