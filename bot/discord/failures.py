"""What Discord answers when it does not do what was asked, as our own errors.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp
import discord

from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, Unavailable

NOT_THERE = frozenset({10003, 10004, 10007, 10008, 10013})
"""The channel, server, member, message or user is not there. Any other 404 may be Discord's own fault, or the network's."""
NO_WEBHOOK = 10015
CANNOT_MESSAGE = frozenset({50007, 50278, 40003})
"""Closed to direct messages, no server in common, opened too many too fast."""
MISSING: Mapping[int, str] = {
    30007: "room for one more webhook (Discord allows 15 in a channel)",
    50083: "a thread that is not archived",
    160005: "a thread that is not locked",
    200000: "an exception for Steward's role in the server's AutoMod rules",
    200001: "an exception for Steward's role in the server's AutoMod rules",
}
"""What is missing where Discord refuses for another reason than a permission, and refuses again until somebody changes that."""
CONSENT = "Discord's consent"
"""The same of every other refusal: to ask again would be in vain, and people should hear of it."""
FORBIDDEN = (401, 403)
UNKNOWN = 404
BUSY = 429
FIRST_SERVER_ERROR = 500
LONGEST_WAIT = 60.0
"""Seconds that a request waits where Discord limits us; what would take longer is done later."""
TURNED_AWAY = 600.0
"""Seconds for which we ask nothing after a limit that is not the API's own: Cloudflare turns away whoever goes on."""


@contextmanager
def plain_failures(permission: str = "") -> Iterator[None]:
    """Raise PlatformError's kinds for what discord.py raises. `permission` is what is missing where Discord refuses.

    Unavailable is only raised where Discord surely did nothing; where that is not known, Unanswered.
    """
    try:
        yield
    except discord.HTTPException as error:
        raise _refusal(error, permission) from error
    except discord.RateLimited as error:
        raise Unavailable("Discord limits how often this may be asked.", error.retry_after) from error
    except discord.InvalidData as error:
        raise Gone("Discord answered with something that is not a channel or message any more.") from error
    except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError) as error:
        raise Unanswered("Discord cannot be reached.") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unanswered("Discord did not answer.") from error


class Unanswered(Unavailable):
    """A request ended without an answer: perhaps it was done."""


class NoWebhook(Unavailable):
    """The webhook is not there any more: nothing was posted, and another can be made."""


def _refusal(error: discord.HTTPException, permission: str) -> PlatformError:
    sentence = _sentence(error)
    if error.code in CANNOT_MESSAGE:
        return NotReachable(sentence)
    if error.code in NOT_THERE:
        return Gone(sentence)
    if error.code == NO_WEBHOOK:
        return NoWebhook(sentence)
    if error.code in MISSING:
        return NotAllowed(sentence, MISSING[error.code])
    if error.status in FORBIDDEN:
        return NotAllowed(sentence, permission)
    if error.status == BUSY:
        return Unavailable(sentence, _retry_after(error))
    if error.status == UNKNOWN:
        return Unavailable(sentence)
    if error.status >= FIRST_SERVER_ERROR:
        return Unanswered(sentence)
    return NotAllowed(sentence, CONSENT)


def _retry_after(error: discord.HTTPException) -> float:
    """Seconds. A limit without `Via` is not the API's own (so discord.py tells them apart)."""
    headers = error.response.headers
    told = headers.get("Retry-After", "")
    seconds = float(told) if told.replace(".", "", 1).isdecimal() else LONGEST_WAIT
    return seconds if headers.get("Via") else max(seconds, TURNED_AWAY)


def _sentence(error: discord.HTTPException) -> str:
    """What Discord said, without what was sent."""
    words = error.text.splitlines()[0][:200] if error.text else "no reason given"
    return f"Discord refused with {error.status} ({error.code}): {words}"
