"""Who presses a button of ours is answered, seen by them alone.

The press is acknowledged at once; whatever follows may take longer. The answer goes by the press's own address while that lives (half
an hour, five times), and then as any other line that one person alone sees.
https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.history.clean import Row, id_in, row_in, text_in
from bot.slack import rendering
from bot.slack.failures import plain_failures
from bot.slack.fitting import Block, sections
from bot.slack.moderators import is_moderator
from bot.slack.platform import SlackPlatform
from bot.slack.private import whisper
from bot.slack.workspaces import Workspace
from bot.wording import Voice, word
from moderation.errors import NotReachable, StewardError
from moderation.notices import Notice
from moderation.ports import Button, Press, Show, Store

log = logging.getLogger(__name__)

FAILED = "That did not work just now. Please try again in a minute."
WELL = 200


@dataclass(frozen=True, slots=True)
class Asker:
    """Who pressed, and by which way they can be answered. `thread` is that of the post with the button."""

    workspace: Workspace
    member: str
    channel: str
    thread: str | None
    answer_to: str

    async def answer(self, platform: SlackPlatform, text: str, blocks: Sequence[Block]) -> None:
        """Show it to them alone. Raises PlatformError."""
        if await self._by_response_url(text, blocks):
            return
        try:
            await whisper(self.workspace, self.channel, self.member, text, blocks, self.thread)
        except NotReachable:
            await platform.private.direct(self.workspace, self.member, text, blocks)

    async def _by_response_url(self, text: str, blocks: Sequence[Block]) -> bool:
        """False where it no longer lives, or was used up."""
        if not self.answer_to:
            return False
        hook = AsyncWebhookClient(
            self.answer_to,
            session=self.workspace.client.session,
            retry_handlers=[],
            trust_env_in_session=False,
        )
        more = {"thread_ts": self.thread} if self.thread else {}
        body = {"response_type": "ephemeral", "replace_original": False, "text": rendering.plain(text)}
        with plain_failures():
            answer = await hook.send_dict({**body, "blocks": list(blocks), **more})
        return answer.status_code == WELL


class Presses:
    """`take` is what follows from a press: the line's own `pressed`."""

    def __init__(
        self,
        platform: SlackPlatform,
        store: Store,
        take: Callable[[Press, Show], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._platform, self._store, self._take, self._now = platform, store, take, now
        self._at_work: set[asyncio.Task[None]] = set()

    def listen(self, app: AsyncApp) -> None:
        """From now on buttons of ours are answered."""
        app.action(rendering.ACTIONS)(self.pressed)

    async def pressed(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """Somebody pressed; what Slack says of it is in `body`."""
        await ack()
        # Not a lazy listener of Bolt's: it copies the whole request, with the connection in it.
        task = asyncio.create_task(self._answer(body), name="slack: press")
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def finished(self) -> None:
        """Return when nobody waits for an answer any more."""
        while self._at_work:
            await asyncio.gather(*self._at_work, return_exceptions=True)

    async def _answer(self, body: dict[str, object]) -> None:
        try:
            await self._follow(body)
        except StewardError as error:
            log.warning("not even an apology arrived", exc_info=error)
        except Exception:
            log.exception("a press failed")

    async def _follow(self, body: dict[str, object]) -> None:
        workspace = self._platform.workspaces.told(body)
        found = rendering.pressed_in(body)
        if workspace is None or found is None:
            return
        asker = _asker(body, workspace)
        try:
            press = Press(
                community=workspace.community,
                button=found.button,
                subject=found.subject,
                member=asker.member,
                at=self._now(),
                channel=asker.channel,
                moderator=await is_moderator(self._platform, workspace.community, asker.member),
            )
            await self._take(press, partial(self._show, asker))
        except StewardError as error:
            log.warning("a press could not be answered", exc_info=error)
            await asker.answer(self._platform, FAILED, sections(FAILED))

    async def _show(self, asker: Asker, notice: Notice, buttons: Sequence[Button], marker: str) -> None:
        async with self._store.work() as work:
            rules = await work.communities.current(asker.workspace.community)
        voice = Voice.of(*rules) if rules else Voice()
        text = word(rendering.harmless(notice), voice, self._platform.places.names(asker.workspace))
        await asker.answer(self._platform, text, rendering.shown(text, buttons, marker, voice))


def _asker(body: Row, workspace: Workspace) -> Asker:
    container, message = row_in(body, "container"), row_in(body, "message")
    channel = id_in(row_in(body, "channel"), "id") or id_in(container, "channel_id")
    thread = id_in(container, "thread_ts") or id_in(message, "thread_ts")
    return Asker(
        workspace, id_in(row_in(body, "user"), "id"), channel, thread or None, text_in(body, "response_url")
    )
