"""Reading what Slack asks us to read more slowly: a refusal for haste (429) is waited out, for a while.

Only for what changes nothing there. Who posts is told at once, for the outbox waits better than a request does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.failures import BUSY, BUSY_STATUS, code_of, retry_after, status_of

LONGEST = 150.0
"""Seconds that are waited for one answer at most: apps that are sold outside the Marketplace may read once a minute."""


async def patiently(ask: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
    """The answer to `ask`, which is asked again where Slack says when. Raises what it raised at last."""
    waited = 0.0
    while True:
        try:
            return await ask()
        except SlackApiError as error:
            seconds = retry_after(error)
            busy = status_of(error) == BUSY_STATUS or code_of(error) in BUSY
            if not busy or waited + seconds > LONGEST:
                raise
            waited += max(seconds, 0.1)
            await asyncio.sleep(seconds)
