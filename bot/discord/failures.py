"""What Discord answers when it does not do what was asked, as our own errors.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, Unavailable

CANNOT_MESSAGE = frozenset({50007, 50278, 40003})
"""Closed to direct messages, no server in common, opened too many too fast."""
BUSY = 429
FIRST_SERVER_ERROR = 500


@contextmanager
def plain_failures(permission: str = "") -> Iterator[None]:
    """Raise PlatformError's kinds for what discord.py raises. `permission` is what is missing where Discord refuses.

    Unavailable is only raised where Discord surely did nothing; where that is not known, Unknown.
    """
    try:
        yield
    except discord.NotFound as error:
        raise Gone(_sentence(error)) from error
    except discord.HTTPException as error:
        raise _refusal(error, permission) from error
    except discord.InvalidData as error:
        raise Gone("Discord answered with something that is not a channel or message any more.") from error
    except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError) as error:
        raise Unanswered("Discord cannot be reached.") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unanswered("Discord did not answer.") from error


class Unanswered(Unavailable):
    """A request ended without an answer: perhaps it was done."""


def _refusal(error: discord.HTTPException, permission: str) -> PlatformError:
    if error.code in CANNOT_MESSAGE:
        return NotReachable(_sentence(error))
    if error.status in (401, 403):
        return NotAllowed(_sentence(error), permission)
    if error.status == BUSY:
        return Unavailable(_sentence(error), float(getattr(error, "retry_after", 1.0)))
    if error.status >= FIRST_SERVER_ERROR:
        return Unanswered(_sentence(error))
    return PlatformError(_sentence(error))


def _sentence(error: discord.HTTPException) -> str:
    """What Discord said, without what was sent."""
    words = error.text.splitlines()[0][:200] if error.text else "no reason given"
    return f"Discord refused with {error.status} ({error.code}): {words}"
